"""The result's face, weights, and the linear model."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy.special import expit
from statsmodels.regression.mixed_linear_model import MixedLM
from statsmodels.stats.sandwich_covariance import cov_cluster

from analysis.determinants.engine.weights import scale_weights
from analysis.determinants.multilevel import fit_linear, fit_logit
from analysis.errors import UserError

from .conftest import simulate


@pytest.fixture(scope="module")
def fit(district):
    return fit_logit("y ~ x + b", district)


def test_names_are_those_of_statsmodels(fit):
    assert fit.params.index.tolist() == ["Intercept", "x", "b"]
    assert fit.llf == fit.loglik
    np.testing.assert_allclose(np.sqrt(np.diag(fit.cov_params())), fit.bse)
    np.testing.assert_allclose(fit.conf_int()[1] - fit.params, 1.959964 * fit.bse, rtol=1e-5)
    assert fit.conf_int(alpha=0.1).loc["x", 0] > fit.conf_int().loc["x", 0]
    assert list(fit.sd.index) == ["kecamatan", "desa"]
    assert fit.n_groups.to_dict() == {"kecamatan": 12, "desa": 48}
    for word in ("kecamatan", "converged", "Laplace", "ICC"):
        assert word in fit.summary()


def test_predictions_keep_the_rows_of_the_table(fit, district):
    shuffled = district.sample(frac=1, random_state=1)
    again = fit_logit("y ~ x + b", shuffled)
    pd.testing.assert_series_equal(again.predict().sort_index(), fit.predict().sort_index())
    assert again.predict().index.equals(shuffled.index)
    pd.testing.assert_series_equal(fit.predict(district), fit.predict())
    by_hand = expit(fit.exog @ fit.params)
    np.testing.assert_allclose(fit.predict(district, effects="zero"), by_hand)


def test_a_new_group_gets_no_effect(fit, district):
    new = district.head(3).assign(kecamatan=999, desa=999)
    np.testing.assert_allclose(fit.predict(new), fit.predict(new, effects="zero"))


def test_marginal_prediction_averages_over_the_groups(fit, district):
    rng = np.random.default_rng(0)
    total = np.sqrt((fit.sd**2).sum())
    linear = fit.predict(district.head(1), effects="zero", linear=True).iloc[0]
    drawn = expit(linear + rng.normal(0, total, 400_000)).mean()
    assert fit.predict(district.head(1), effects="marginal").iloc[0] == pytest.approx(
        drawn, abs=1e-3
    )


def test_turning_the_outcome_turns_the_signs(fit, district):
    turned = fit_logit("y ~ x + b", district.assign(y=1 - district["y"]))
    np.testing.assert_allclose(turned.params, -fit.params, atol=1e-6)
    np.testing.assert_allclose(turned.sd, fit.sd, atol=1e-6)
    assert turned.loglik == pytest.approx(fit.loglik, abs=1e-8)


@pytest.mark.parametrize(
    ("event", "other", "dtype"),
    [
        ("ya", "tidak", "str"),
        ("stunting", "normal", pd.CategoricalDtype(["normal", "stunting"])),
        ("normal", "pendek", pd.CategoricalDtype(["pendek", "normal"])),
        (True, False, "bool"),
        (1.0, 0.0, "float"),
    ],
)
def test_responses_in_words(fit, district, event, other, dtype):
    words = np.where(district["y"] == 1, event, other)
    worded = fit_logit("w ~ x + b", district.assign(w=pd.Series(words).astype(dtype)))
    np.testing.assert_allclose(worded.params, fit.params, atol=1e-7)


def test_counts_shares_and_single_rows_agree(district):
    groups = district.assign(b=district["b"].astype(float)).groupby(["kecamatan", "desa", "b"])
    counts = groups["y"].agg(events="sum", total="count").reset_index()
    counts["share"] = counts["events"] / counts["total"]
    single = fit_logit("y ~ b", district)
    for formula, trials in (
        ("events ~ b", "total"),
        ("share ~ b", "total"),
        ("cbind(events, total - events) ~ b", None),
    ):
        found = fit_logit(formula, counts, trials=trials)
        np.testing.assert_allclose(found.params, single.params, atol=1e-6)
        np.testing.assert_allclose(found.bse, single.bse, rtol=1e-5)


def test_interval_of_the_spread(fit):
    limits = fit.sd_conf_int()
    assert (limits[0] > 0).all()
    assert ((limits[0] < fit.sd) & (fit.sd < limits[1])).all()


def test_predicting_without_a_column_is_refused(fit, district):
    with pytest.raises(UserError, match="predict"):
        fit.predict(district[["kecamatan", "desa", "x"]])


def test_shrunken_effects_and_their_errors(fit, district):
    """Modes solve the joint score equations; errors are those of the dense inverse."""
    prob = fit.predict()
    residual = (district["y"] - prob).groupby(district["kecamatan"]).sum()
    effect = fit.random_effects["kecamatan"]["effect"]
    np.testing.assert_allclose(residual * fit.sd["kecamatan"] ** 2, effect, atol=1e-6)
    indicators = [pd.get_dummies(district[g]).to_numpy(float) for g in ("kecamatan", "desa")]
    z = np.hstack(indicators)
    prior = np.repeat(1 / fit.sd.to_numpy() ** 2, [12, 48])
    weight = (prob * (1 - prob)).to_numpy()
    errors = np.sqrt(np.diag(np.linalg.inv((z.T * weight) @ z + np.diag(prior))))
    np.testing.assert_allclose(fit.random_effects["kecamatan"]["se"], errors[:12], rtol=1e-6)
    np.testing.assert_allclose(fit.random_effects["desa"]["se"], errors[12:], rtol=1e-6)


def test_icc_and_median_odds_ratio_of_known_variances(fit):
    variance = fit.sd**2
    expected = variance.cumsum() / (variance.sum() + np.pi**2 / 3)
    pd.testing.assert_series_equal(fit.icc(), expected)
    rng = np.random.default_rng(5)
    gap = np.abs(rng.normal(0, fit.sd["desa"], (200_000, 2)) @ [1, -1])
    assert fit.median_odds_ratio()["desa"] == pytest.approx(np.exp(np.median(gap)), rel=0.01)


def test_a_weight_of_two_is_the_row_twice(district):
    weight = 1.0 + (district.index % 3 == 0)
    weighted = fit_logit("y ~ x + b", district, weights=weight)
    doubled = fit_logit("y ~ x + b", district.loc[district.index.repeat(weight.astype(int))])
    np.testing.assert_allclose(weighted.params, doubled.params, atol=1e-7)
    np.testing.assert_allclose(weighted.sd, doubled.sd, atol=1e-6)
    assert weighted.loglik == pytest.approx(doubled.loglik, abs=1e-7)


@pytest.mark.parametrize("level", ["kecamatan", "desa"])
@pytest.mark.parametrize("nodes", [1, 7])
def test_a_group_weight_of_two_is_the_group_twice(district, level, nodes):
    heavy = district[level] % 2 == 0
    weighted = fit_logit(
        "y ~ x", district.assign(w=1.0 + heavy), weights={level: "w"}, quadrature=nodes
    )
    twin = district[heavy].copy()
    twin["desa"] = twin["desa"] + 1000
    if level == "kecamatan":
        twin["kecamatan"] = twin["kecamatan"] + 1000
    doubled = fit_logit("y ~ x", pd.concat([district, twin], ignore_index=True), quadrature=nodes)
    np.testing.assert_allclose(weighted.params, doubled.params, atol=1e-6)
    np.testing.assert_allclose(weighted.sd, doubled.sd, atol=1e-5)
    assert weighted.loglik == pytest.approx(doubled.loglik, abs=1e-6)


def test_robust_errors_without_variance_between_groups_are_those_of_a_clustered_logit():
    data = pd.DataFrame({"group": np.arange(600) // 20, "y": np.arange(600) % 2})
    data["x"] = np.random.default_rng(2).normal(size=600) + data["group"] / 10
    result = fit_logit("y ~ x", data, "group", weights=np.ones(600))
    plain = sm.GLM(data["y"], sm.add_constant(data["x"]), family=sm.families.Binomial()).fit()
    clustered = cov_cluster(plain, data["group"], use_correction=False) * 30 / 29
    assert result.sd.iloc[0] == 0
    np.testing.assert_allclose(result.cov_params(), clustered, rtol=1e-3)


def test_group_weights_must_not_differ_within_the_group(district):
    with pytest.raises(UserError, match="more than one weight"):
        fit_logit("y ~ x", district.assign(w=1.0 + district["b"]), weights={"desa": "w"})


def test_weights_far_from_one_are_remarked_on(district):
    raw = fit_logit("y ~ x", district, weights=np.full(len(district), 150.0))
    assert any("average 150" in note for note in raw.notes)


def test_scaled_weights_add_up_as_their_method_says():
    weight = pd.Series([10.0, 20, 30, 5, 5])
    group = pd.Series(["a", "a", "a", "b", "b"])
    size = scale_weights(weight, group, "size").groupby(group).sum()
    effective = scale_weights(weight, group, "effective").groupby(group).sum()
    assert size.to_dict() == pytest.approx({"a": 3, "b": 2})
    assert effective.to_dict() == pytest.approx({"a": 60**2 / 1400, "b": 2})
    assert scale_weights(weight, method="mean").mean() == pytest.approx(1)
    with pytest.raises(UserError, match="needs the group"):
        scale_weights(weight, method="size")


@pytest.mark.parametrize("reml", [True, False])
def test_linear_equals_mixedlm(district, reml):
    result = fit_linear("haz ~ x + b", district, reml=reml)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        oracle = MixedLM.from_formula(
            "haz ~ x + b",
            district.assign(b=district["b"].astype(float)),
            groups="kecamatan",
            re_formula="1",
            vc_formula={"desa": "0 + C(desa)"},
        ).fit(reml=reml)
    assert result.converged
    assert result.loglik == pytest.approx(oracle.llf, abs=1e-3)
    np.testing.assert_allclose(result.params, oracle.fe_params, atol=1e-3)
    np.testing.assert_allclose(result.bse, oracle.bse_fe, rtol=0.01)
    np.testing.assert_allclose(result.sd["desa"], np.sqrt(oracle.vcomp[0]), rtol=0.01)
    assert result.scale == pytest.approx(oracle.scale, rel=0.01)


def test_linear_effects_equal_the_dense_prediction(district):
    result = fit_linear("haz ~ x + b", district)
    z = pd.get_dummies(district["kecamatan"]).to_numpy(float)
    d = pd.get_dummies(district["desa"]).to_numpy(float)
    between = result.sd["kecamatan"] ** 2 * z @ z.T + result.sd["desa"] ** 2 * d @ d.T
    total = between + result.scale * np.eye(len(district))
    residual = district["haz"] - result.predict(effects="zero")
    expected = result.sd["kecamatan"] ** 2 * z.T @ np.linalg.solve(total, residual)
    np.testing.assert_allclose(result.random_effects["kecamatan"]["effect"], expected, atol=1e-6)


def test_linear_variance_at_the_boundary_is_zero():
    data = simulate(2, sd=(0.0, 0.0))
    result = fit_linear("haz ~ x + b", data)
    assert result.converged
    assert (result.sd == 0).any()
