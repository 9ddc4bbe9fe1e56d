"""Simulated truth: no bias, intervals that cover, and the planted order found."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.determinants.attributable import attributable_table
from analysis.determinants.frame import model_frame
from analysis.determinants.multilevel import fit_linear, fit_logit
from analysis.determinants.series import effects_table, fit_series

from .conftest import EDUCATION, PLANTED, SPREAD, children, simulate

pytestmark = pytest.mark.slow

BETA = np.array([-0.8, 0.5, 0.4])
DRAWS = 200


def within_chance(hits: int, n: int, nominal: float = 0.95) -> bool:
    """Whether the coverage seen is compatible with the nominal (p > 0.001)."""
    return stats.binomtest(hits, n, nominal).pvalue > 0.001


def test_fixed_effects_and_spread_over_repeated_districts():
    """200 children in each of 31 kecamatan, five villages: estimates centre, intervals cover."""
    estimates, covered, spreads = [], np.zeros(3), []
    for seed in range(DRAWS):
        data = simulate(seed, areas=31, villages=5, children=20, sd=(0.3, 0.35))
        result = fit_logit("y ~ x + b", data)
        assert result.converged
        limits = result.conf_int().to_numpy()
        covered += (limits[:, 0] <= BETA) & (limits[:, 1] >= BETA)
        estimates.append(result.params.to_numpy())
        spreads.append(result.sd.to_numpy())
    estimates = np.array(estimates)
    error = estimates.std(axis=0, ddof=1) / np.sqrt(DRAWS)
    # the outcome is conditional: Laplace's own bias is well below a tenth of an error bar
    assert np.all(np.abs(estimates.mean(axis=0) - BETA) < 4 * error + 0.01)
    assert all(within_chance(int(hits), DRAWS) for hits in covered[1:])
    assert covered[0] / DRAWS > 0.91
    centre = np.array(spreads).mean(axis=0)
    assert centre[0] == pytest.approx(0.3, abs=0.03)
    assert centre[1] == pytest.approx(0.35, abs=0.03)


def test_linear_effects_over_repeated_districts():
    covered = 0
    for seed in range(100):
        data = simulate(seed, areas=20, villages=3, children=10)
        limits = fit_linear("haz ~ x + b", data).conf_int()
        covered += int(limits.loc["x", 0] <= -0.3 <= limits.loc["x", 1])
    assert within_chance(covered, 100)


def test_series_recovers_planted_factors_and_their_order(pillars):
    """Independent factors: every model of the series has the same truth to find."""
    truth = PLANTED | {f"mother_education_{k}": v for k, v in EDUCATION.items() if v}
    hits, order, found = dict.fromkeys(truth, 0), 0, []
    draws = 60
    for seed in range(draws):
        fitted = fit_series(model_frame(children(seed, areas=20), pillars), linear=False)
        full = effects_table(fitted, 0.95).query("model == 'full'").set_index("term")
        for term, value in truth.items():
            row = full.loc[term]
            hits[term] += int(row["or_low"] <= np.exp(value) <= row["or_high"])
        by_size = full.loc[["low_birth_weight", "improved_sanitation", "animal_protein"]]
        order += int(by_size["per_100"].is_monotonic_decreasing)
        found.append(full["coefficient"])
    assert all(within_chance(n, draws) for n in hits.values()), hits
    centre = pd.concat(found, axis=1)
    for term, value in truth.items():
        error = centre.loc[term].std() / np.sqrt(draws)
        assert abs(centre.loc[term].mean() - value) < 4 * error + 0.01, term
    assert order / draws > 0.85
    assert set(SPREAD) == {"kecamatan", "desa"}


def test_attributable_number_covers_the_truth_of_the_children_surveyed(pillars):
    """Truth: the children's own planted probabilities, as they are and with the gap closed."""
    hits, draws = 0, 60
    balita = pd.Series(1000.0, index=[f"99.{k:02d}" for k in range(1, 16)])
    for seed in range(draws):
        data = children(seed, areas=15, villages=6)
        frame = model_frame(data, pillars)
        fitted = fit_series(frame, linear=False)
        table = attributable_table(fitted, pillars, balita, "99", seed=seed, level=0.95)
        row = table.query("code == 'improved_sanitation' and area == '99'").iloc[0]
        hits += int(row["low"] <= _true_number(data, balita, row["target"]) <= row["high"])
    assert within_chance(hits, draws)


def _true_number(data: pd.DataFrame, balita: pd.Series, target: float) -> float:
    """From the latent scale: HAZ is -2 - 0.6 times log-odds plus logistic noise."""
    total = 0.0
    for area, rows in data.groupby("kecamatan"):
        bad = ~rows["improved_sanitation"].astype(bool)
        weight = rows["sampling_weight"]
        coverage = 1 - np.average(bad, weights=weight)
        moved = max(target - coverage, 0) / (1 - coverage)
        chance = rows["chance"]
        odds = chance / (1 - chance) * np.exp(-PLANTED["improved_sanitation"])
        total += balita[area] * np.average(
            bad * moved * (chance - odds / (1 + odds)), weights=weight
        )
    return total
