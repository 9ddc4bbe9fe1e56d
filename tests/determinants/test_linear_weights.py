"""Weighted linear models: scores, exactness, and truth under informative weights."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import integrate, stats

from analysis.determinants.multilevel import fit_linear
from analysis.errors import UserError

from .conftest import simulate

WEIGHTS = {"level1": "w1", "desa": "w2", "kecamatan": "w3"}


@pytest.fixture(scope="module")
def weighted() -> pd.DataFrame:
    rng = np.random.default_rng(2)
    data = simulate(7)
    return data.assign(
        w1=rng.uniform(0.5, 1.5, len(data)),
        w2=rng.uniform(0.5, 2, 48)[data["desa"]],
        w3=rng.uniform(0.5, 2, 12)[data["kecamatan"]],
    )


def test_weights_of_one_change_nothing_but_the_errors(district):
    plain = fit_linear("haz ~ x + b", district, reml=False)
    ones = fit_linear("haz ~ x + b", district, weights=np.ones(len(district)))
    np.testing.assert_allclose(ones.params, plain.params, rtol=1e-8)
    np.testing.assert_allclose(ones.sd, plain.sd, rtol=1e-5)
    assert ones.loglik == pytest.approx(plain.loglik, abs=1e-8)
    assert ones.covariance_type == "robust, clustered by kecamatan"
    assert np.all(np.abs(ones.bse / plain.bse - 1) < 0.6)


def test_whole_weights_are_copies_of_groups_and_rows(district):
    """A kecamatan, desa and child of weight 2 count as two of them."""
    doubled = {
        "level1": np.where(district.index % 3, 1, 2),
        "desa": np.where(district["desa"] % 4, 1, 2),
        "kecamatan": np.where(district["kecamatan"] % 5, 1, 2),
    }
    rows = district.assign(**{f"w_{k}": v for k, v in doubled.items()}, k2=0, d2=0)
    for column, weight in (("k2", "w_kecamatan"), ("d2", "w_desa"), ("c2", "w_level1")):
        rows = pd.concat([rows, rows[rows[weight] == 2].assign(**{column: 1})], ignore_index=True)
    rows["kecamatan"] = rows["kecamatan"].astype(str) + "/" + rows["k2"].astype(str)
    rows["desa"] = rows["kecamatan"] + "/" + rows["desa"].astype(str) + rows["d2"].astype(str)
    copies = fit_linear("haz ~ x + b", rows, reml=False)
    found = fit_linear("haz ~ x + b", district, weights=doubled)
    np.testing.assert_allclose(found.params, copies.params, rtol=1e-7)
    np.testing.assert_allclose(found.sd, copies.sd, rtol=1e-4)
    assert found.scale == pytest.approx(copies.scale, rel=1e-6)
    assert found.loglik == pytest.approx(copies.loglik, abs=1e-6)


def test_pseudo_likelihood_equals_numerical_integration(weighted):
    data = weighted.query("kecamatan < 3")
    found = fit_linear("haz ~ x", data, "desa", weights={"level1": "w1", "desa": "w2"})
    residual, sigma, sd = data["haz"] - found.fixed_linear, found.scale**0.5, found.sd.iloc[0]
    total = 0.0
    for _, rows in residual.groupby(data["desa"]):
        w1, w2 = data.loc[rows.index, "w1"], data.loc[rows.index, "w2"].iloc[0]

        def density(u: float, rows: pd.Series = rows, w1: pd.Series = w1) -> float:
            log = w1 @ stats.norm.logpdf(rows - u, 0, sigma) + stats.norm.logpdf(u, 0, sd)
            return float(np.exp(log + 20))

        total += w2 * (np.log(integrate.quad(density, -4, 4, epsabs=0)[0]) - 20)
    assert found.loglik == pytest.approx(total, abs=1e-6)


@pytest.mark.slow
def test_robust_errors_are_those_of_leaving_areas_out():
    """Beside the jackknife, which knows nothing of scores."""
    data = simulate(3, areas=60, villages=2, children=8)
    found = fit_linear("haz ~ x + b", data, weights=np.where(data["b"], 1.3, 0.8))
    pieces = []
    for area in range(60):
        part = data[data["kecamatan"] != area]
        fit = fit_linear("haz ~ x + b", part, weights=np.where(part["b"], 1.3, 0.8))
        pieces.append(np.concatenate([fit.params, fit.sd]))
    spread = np.array(pieces).var(axis=0) * 59
    np.testing.assert_allclose(np.append(found.bse, found.sd_bse), spread**0.5, rtol=0.12)


def test_restricted_likelihood_with_weights_is_refused(district):
    with pytest.raises(UserError, match="no weighted form"):
        fit_linear("haz ~ x", district, weights=np.ones(len(district)), reml=True)


@pytest.mark.slow
def test_informative_sampling_of_groups_biases_the_unweighted_only():
    """Areas with high z-scores are drawn more often: weights take that back."""
    unweighted, weighted, covered, draws = [], [], 0, 60
    for seed in range(draws):
        rng = np.random.default_rng(seed)
        effect = rng.normal(0, 0.6, 600)
        chance = 0.15 + 0.5 / (1 + np.exp(-3 * effect))
        drawn = np.flatnonzero(rng.random(600) < chance)
        area = np.repeat(drawn, 10)
        x = rng.normal(size=len(area))
        haz = -1.5 - 0.3 * x + effect[area] + rng.normal(0, 1, len(area))
        data = pd.DataFrame({"area": area, "x": x, "haz": haz, "w": 1 / chance[area]})
        data["w"] /= data.groupby("area")["w"].first().mean()
        plain = fit_linear("haz ~ x", data, "area")
        pseudo = fit_linear("haz ~ x", data, "area", weights={"area": "w"})
        unweighted.append([*plain.params, plain.sd.iloc[0]])
        weighted.append([*pseudo.params, pseudo.sd.iloc[0]])
        low, high = pseudo.conf_int().loc["Intercept"]
        covered += int(low <= -1.5 <= high)
    truth = np.array([-1.5, -0.3, 0.6])
    error = np.std(weighted, axis=0, ddof=1) / np.sqrt(draws)
    assert np.all(np.abs(np.mean(weighted, axis=0) - truth) < 4 * error + 0.005)
    assert np.mean(unweighted, axis=0)[0] - truth[0] > 0.15
    assert stats.binomtest(covered, draws, 0.95).pvalue > 0.001
