"""Pillars as data, the series of models, and what each says."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats
from statsmodels.imputation.mice import MICEData
from statsmodels.stats.outliers_influence import variance_inflation_factor

from analysis.determinants.checks import (
    calibration,
    discrimination,
    influence,
    residuals,
    variance_inflation,
)
from analysis.determinants.effects import average_effect
from analysis.determinants.frame import model_frame
from analysis.determinants.imputation import ColumnMICE, imputed_effects, pool
from analysis.determinants.multilevel import fit_logit
from analysis.determinants.pillars import Term, blocks_up_to, terms_of, unfavourable
from analysis.determinants.series import effects_table, fit_series, variance_table, weighted_full
from analysis.errors import UserError
from analysis.indicators import Indicator

from .conftest import children, simulate

AGES = pd.Series([3.0, 12.0, 30.0, 50.0])


def indicator(**given) -> Indicator:
    text = {"id": "x", "en": "x"}
    facts = {"level": "child", "label": text, "definition": text, "unfavourable": text}
    return Indicator.model_validate({**facts, "block": "underlying", **given})


@pytest.mark.parametrize(
    ("better", "expected"), [("higher", [0, 1, np.nan]), ("lower", [1, 0, np.nan])]
)
def test_one_is_always_the_unfavourable_state(better, expected):
    values = pd.Series([True, False, None], dtype="boolean")
    table = unfavourable(values, "c", indicator(better=better), AGES[:3])
    np.testing.assert_array_equal(table["c"], expected)


def test_a_category_gives_a_column_for_each_but_the_best():
    education = indicator(kind="category", categories=["sd", "smp", "sma"], unfavourable=None)
    values = pd.Series(["sd", "sma", "other", None], dtype="str")
    table = unfavourable(values, "edu", education, AGES)
    assert table.columns.tolist() == ["edu_sd", "edu_smp"]
    np.testing.assert_array_equal(table["edu_sd"], [1, 0, np.nan, np.nan])
    assert [t.category for t in terms_of("edu", education)] == ["sd", "smp"]


def test_a_number_enters_in_standard_deviations_with_more_being_worse():
    values = pd.Series([1.0, 2.0, 3.0, 4.0])
    number = indicator(kind="number", unfavourable=None, better="higher")
    table = unfavourable(values, "k", number, AGES)
    assert table["k"].mean() == pytest.approx(0)
    assert table["k"].std() == pytest.approx(1)
    assert table["k"].is_monotonic_decreasing


def test_outside_its_ages_an_indicator_says_nothing():
    values = pd.Series([False, False, None, False], dtype="boolean")
    table = unfavourable(values, "d", indicator(ages_months=(6, 23)), AGES)
    np.testing.assert_array_equal(table["d"], [0, 1, 0, 0])


def test_a_new_determinant_is_a_row(pillars):
    data = children(5)
    data["clean_stove"] = pd.array(np.arange(len(data)) % 3 > 0, dtype="boolean")
    row = indicator(pillar=4, block="basic")
    more = pillars.model_copy(update={"indicators": {**pillars.indicators, "clean_stove": row}})
    fitted = fit_series(model_frame(data, more), linear=False)
    rows = effects_table(fitted, 0.95).query("indicator == 'clean_stove' and published")
    assert rows[["model", "pillar"]].to_numpy().tolist() == [["basic", 4]]


def test_blocks_enter_in_the_order_of_the_framework(series):
    names = {model: [t.name for t in terms] for model, terms in series.terms.items()}
    assert names["null"] == []
    assert names["confounders"] == ["male"]
    assert "improved_sanitation" not in names["basic"]
    assert "improved_sanitation" in names["underlying"]
    assert "low_birth_weight" not in names["underlying"]
    assert names["full"] == [t.name for t in blocks_up_to(series.frame.terms, "immediate")]


def test_each_indicator_is_published_once_from_the_model_without_its_mediators(series):
    table = effects_table(series, 0.95)
    published = table[table["published"] & (table["outcome"] == "stunted")]
    assert published["term"].is_unique
    assert set(published["term"]) == {t.name for t in series.frame.terms}
    model = published.set_index("term")["model"]
    assert model["early_marriage"] == "basic"
    assert model["improved_sanitation"] == "underlying"
    assert model["low_birth_weight"] == "full"
    why = published.set_index("term")["why"]
    assert why["early_marriage"] == "mediators_not_adjusted"
    assert why["low_birth_weight"] == "all_adjusted"


def test_variances_start_with_the_null_model(series):
    table = variance_table(series)
    stunted = table[table["outcome"] == "stunted"]
    assert stunted["model"].iloc[0] == "null"
    assert (stunted["change"].iloc[:2] == 0).all()
    full = stunted[(stunted["model"] == "full")].set_index("group")
    null = stunted[(stunted["model"] == "null")].set_index("group")
    expected = 1 - (full["sd"] / null["sd"]) ** 2
    np.testing.assert_allclose(full["change"], expected)
    assert stunted["n"].nunique() == 1
    assert stunted.groupby("model", sort=False)["loglik"].first().is_monotonic_increasing


def test_average_effect_without_groups_is_that_of_an_ordinary_logit():
    data = pd.DataFrame({"group": np.arange(900) // 30, "y": np.arange(900) % 2})
    rng = np.random.default_rng(1)
    data["b"] = (rng.random(900) < np.where(data["y"], 0.5, 0.35)).astype(float)
    data["x"] = rng.normal(size=900)
    result = fit_logit("y ~ x + b", data, "group")
    assert result.sd.iloc[0] == 0
    term = Term("b", "b", None, None, "basic", "condition", modifiable=True)
    found = average_effect(result, term, [], np.ones(900))
    plain = sm.Logit(data["y"], sm.add_constant(data[["x", "b"]])).fit(disp=False)
    expected = plain.get_margeff(dummy=True)
    assert found.estimate == pytest.approx(expected.margeff[1], abs=1e-7)
    assert found.se == pytest.approx(expected.margeff_se[1], rel=1e-3)


def test_average_effect_and_its_error_by_drawing(district):
    """Integral by simulation of groups, error by drawing all parameters."""
    result = fit_logit("y ~ x + b", district)
    term = Term("b", "b", None, None, "basic", "condition", modifiable=True)
    weights = np.random.default_rng(3).uniform(0.5, 2, len(district))
    found = average_effect(result, term, [], weights)
    rng = np.random.default_rng(4)
    theta = np.concatenate([result.params, result.sd])
    drawn = rng.multivariate_normal(theta, result.cov_full, 300)
    x = result.exog.to_numpy()
    shift = rng.normal(size=60)

    def effect(t):
        spread = np.sqrt((t[3:] ** 2).sum()) * shift
        low = x.copy()
        low[:, 2] = 0
        eta = (low @ t[:3])[:, None] + spread
        gap = 1 / (1 + np.exp(-eta - t[2])) - 1 / (1 + np.exp(-eta))
        return np.average(gap.mean(axis=1), weights=weights)

    assert found.estimate == pytest.approx(effect(theta), abs=0.003)
    assert found.se == pytest.approx(np.std([effect(t) for t in drawn]), rel=0.15)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "item", "reason"),
    [
        (lambda d: d.drop(columns="early_marriage"), "early_marriage", "absent"),
        (lambda d: d.assign(early_marriage=True), "early_marriage", "constant"),
        (
            lambda d: d.assign(early_marriage=pd.array(d.index == 3, "boolean")),
            "early_marriage",
            "too_few",
        ),
        (
            lambda d: d.assign(
                early_marriage=d["early_marriage"].mask(pd.Series(d.index % 3 == 0, d.index))
            ),
            "early_marriage",
            "missing",
        ),
        (lambda d: d.assign(early_marriage=~d["village_team"]), "early_marriage", "collinear"),
        (lambda d: d.assign(sex=None), "male", "missing"),
        (lambda d: d.assign(age_days=np.nan), "age", "missing"),
        (lambda d: d.assign(desa=None), "desa", "absent"),
        (lambda d: d.assign(kecamatan="99.01"), "kecamatan", "one_group"),
        (lambda d: d.assign(desa=d["kecamatan"]), "desa", "same_groups"),
        (lambda d: d.assign(desa=(d.index // 2).astype(str)), "desa", "small_groups"),
        (lambda d: d.assign(household=(d.index // 2).astype(str)), "household", "small_groups"),
    ],
)
def test_what_cannot_enter_is_left_out_with_its_reason(pillars, change, item, reason):
    frame = model_frame(change(children(5)), pillars)
    assert frame.left_out[item] == reason
    fitted = fit_series(frame, linear=False)
    assert "full" in fitted.logit, fitted.failed


def test_too_many_terms_for_the_stunted_children_are_not_fitted(pillars):
    data = children(5)
    stunted = data[data["stunted"]].groupby("kecamatan").head(2)
    few = pd.concat([stunted, data[~data["stunted"]]], ignore_index=True)
    fitted = fit_series(model_frame(few, pillars), linear=False)
    assert "rarer outcome" in fitted.failed["full"]
    assert "confounders" in fitted.logit


def test_a_rare_category_joins_the_next_better_one(pillars):
    data = children(5)
    rare = data["mother_education"].where(data["mother_education"] != "smp", "sd")
    rare.iloc[:4] = "smp"
    names = [t.name for t in model_frame(data.assign(mother_education=rare), pillars).terms]
    assert "mother_education_smp" not in names
    assert {"mother_education_sd", "mother_education_sma"} <= set(names)


def test_nothing_to_model_is_refused(pillars):
    data = children(5)
    with pytest.raises(UserError, match="no child"):
        model_frame(data.assign(stunted=pd.array([None] * len(data), dtype="boolean")), pillars)
    with pytest.raises(UserError, match="two groups"):
        model_frame(data.assign(kecamatan="a", desa="b"), pillars)


def test_households_of_several_children_are_a_third_level(pillars):
    data = children(5)
    large = data.assign(household=(data.groupby("desa").cumcount() // 4).astype(str))
    frame = model_frame(large, pillars)
    assert frame.groups == ("kecamatan", "desa", "household")
    assert "household" not in frame.left_out
    null = fit_series(frame, linear=False).logit["null"]
    assert null.n_groups["household"] == large.groupby(["desa", "household"]).ngroups


def test_weights_alike_within_villages_speak_through_the_villages(pillars):
    """As cluster surveys have them: villages with more stunting drawn more often than others."""
    data = children(5)
    share = data.groupby("desa")["stunted"].transform("mean").astype(float)
    weighed = data.assign(sampling_weight=100 / (0.1 + share))
    fitted = fit_series(model_frame(weighed, pillars), linear=False)
    found = weighted_full(fitted)
    assert found is not None
    frame = fitted.frame.complete
    by_village = frame.groupby("desa")["weight"].first()
    direct = fit_logit(
        found.formula,
        frame.assign(w=frame["desa"].map(by_village / by_village.mean())),
        ("kecamatan", "desa"),
        weights={"desa": "w"},
    )
    np.testing.assert_allclose(found.params, direct.params, rtol=1e-6)
    assert found.params["Intercept"] < fitted.full.params["Intercept"] - 0.02


def test_weighted_model_has_robust_errors(series):
    weighted = weighted_full(series)
    assert weighted is not None
    assert weighted.covariance_type.startswith("robust")
    gap = (weighted.params - series.full.params) / series.full.bse
    assert gap.abs().max() < 1.5


def test_vif_and_area_under_the_curve(series):
    full, terms = series.full, series.terms["full"]
    found = variance_inflation(full, terms)
    columns = full.exog.to_numpy()
    for term in terms[:4]:
        place = list(full.exog.columns).index(term.name)
        assert found[term.name] == pytest.approx(
            variance_inflation_factor(columns, place), rel=1e-6
        )
    linear, y = full.fitted_linear.to_numpy(), full.endog.to_numpy()
    pairs = linear[y == 1][:, None] - linear[y == 0][None, :]
    assert discrimination(full) == pytest.approx((pairs > 0).mean() + 0.5 * (pairs == 0).mean())


def test_residuals_of_models_that_hold_are_those_of_the_noise_drawn(series):
    assert residuals(series.full)["dispersion"] == pytest.approx(1, abs=0.05)
    data = children(5)
    noise = -(data["haz"] + 2) / 0.6 - np.log(data["chance"] / (1 - data["chance"]))
    shape = residuals(series.linear["full"])
    assert shape["skewness"] == pytest.approx(-stats.skew(noise), abs=0.1)
    assert shape["excess kurtosis"] == pytest.approx(stats.kurtosis(noise), abs=0.3)


def test_calibration_adds_up(series):
    table = calibration(series.full)
    assert table["n"].sum() == series.full.nobs
    assert np.average(table["observed"], weights=table["n"]) == pytest.approx(
        series.full.endog.mean()
    )
    assert (table["observed"] - table["predicted"]).abs().max() < 0.12


def test_influence_is_near_a_refit_without_the_area():
    data = simulate(9, areas=15)
    result = fit_logit("y ~ x + b", data)
    one_step = influence(result)
    for area in (0, 7, 14):
        without = fit_logit("y ~ x + b", data[data["kecamatan"] != area])
        moved = (without.params - result.params) / result.bse
        np.testing.assert_allclose(one_step.loc[area], moved, atol=0.25)
        assert np.corrcoef(one_step.loc[area], moved)[0, 1] > 0.9


def test_rubins_rules():
    mean, se = pool(np.array([[1.0], [2.0], [3.0]]), np.array([[0.5], [0.5], [0.8]]))
    assert mean[0] == 2
    assert se[0] == pytest.approx(np.sqrt(0.6 + (4 / 3) * 1.0))


@pytest.mark.slow
def test_imputation_uses_every_child_and_is_seeded(pillars, monkeypatch):
    monkeypatch.setattr("analysis.determinants.imputation.IMPUTATIONS", 3)
    frame = model_frame(children(5, missing=0.03), pillars)
    models = {"full": blocks_up_to(frame.terms, "immediate")}
    first = imputed_effects(frame, models, seed=1, level=0.95)
    again = imputed_effects(frame, models, seed=1, level=0.95)
    pd.testing.assert_frame_equal(first, again)
    assert (first["n"] == len(frame.data)).all()
    complete = fit_series(frame, linear=False).full
    gap = (first.set_index("term")["coefficient"] - complete.params) / complete.bse
    assert gap.abs().max() < 1.5


def test_imputations_equal_those_of_statsmodels_formulas():
    rng = np.random.default_rng(8)
    data = pd.DataFrame(rng.normal(size=(300, 4)), columns=list("abcd"))
    data["a"] += data["b"]
    data = data.mask(pd.DataFrame(rng.random((300, 4)) < 0.1, columns=list("abcd")))
    ours, theirs = ColumnMICE(data, rng=5), MICEData(data, rng=5)
    for chained in (ours, theirs):
        chained.update_all(3)
    pd.testing.assert_frame_equal(ours.data, theirs.data)


def test_nothing_missing_nothing_imputed(series):
    assert imputed_effects(series.frame, series.terms, seed=1, level=0.95).empty
