"""The stage: every area, indicator and method, with what was missing stated."""

import numpy as np
import pandas as pd
import pytest

from analysis import artefacts
from analysis.errors import UserError
from analysis.prevalence import stage
from analysis.prevalence.children import OUTCOMES, children_per_area, read_survey
from analysis.prevalence.covariates import area_covariates
from analysis.prevalence.design import estimate
from analysis.prevalence.simulation import make_population
from analysis.prevalence.unitlevel import FORMULA, model_data


@pytest.fixture
def made(stage_run):
    return stage_run.tables["prevalence"], stage_run.tables["benchmark"], stage_run.notes


def rows(table, **wanted):
    for column, value in wanted.items():
        table = table[table[column] == value]
    return table


def test_every_area_has_one_published_row_per_indicator(made, project):
    table = made[0]
    published = table[table["published"]]
    counts = published.groupby(["area", "indicator"]).size()
    assert (counts == 1).all()
    assert set(published["area"]) == {*project.register.codes, project.whole}
    expected = {*OUTCOMES, *project.pillars.conditions()}
    assert set(table["indicator"]) == expected
    assert len(counts) == len(expected) * (len(project.register.codes) + 1)


def test_methods_of_each_kind_of_indicator(made):
    table = made[0]
    methods = table.groupby("indicator")["method"].agg(set)
    assert methods["stunted"] == {
        "direct", "smoothed", "benchmarked", "benchmarked_official", "unit_level",
    }  # fmt: skip
    assert methods["wasted"] == {"direct", "smoothed", "benchmarked"}
    assert methods["haz"] == {"direct", "smoothed"}
    assert methods["improved_sanitation"] == {"direct", "smoothed"}
    assert methods["village_odf"] == {"direct"}  # desa-level: clusters, not children
    printed = table[table["published"]].groupby("indicator")["method"].agg(set)
    assert printed["stunted"] == {"direct", "benchmarked"}  # direct for the whole place


def test_the_whole_place_is_the_survey_estimate(made, place):
    children = place[0]
    expected = estimate(
        children, "stunted", weight="sampling_weight", stratum="stratum", psu="psu"
    ).iloc[0]
    row = rows(made[0], indicator="stunted", level="whole").iloc[0]
    for column in ("estimate", "se", "low", "high", "n", "missing", "df", "deff"):
        assert row[column] == pytest.approx(expected[column])
    assert row["missing"] == 9


@pytest.mark.parametrize(
    ("method", "against"), [("benchmarked", "survey"), ("benchmarked_official", "official")]
)
def test_benchmarked_areas_add_up(made, project, place, method, against):
    table, facts, _ = made
    population = place[2].groupby("kecamatan")["balita"].sum()
    areas = rows(table, indicator="stunted", method=method).set_index("area")["estimate"]
    total = (areas * population).sum() / population.sum()
    fact = rows(facts, indicator="stunted", against=against).iloc[0]
    assert total == pytest.approx(fact["figure"], abs=1e-9)
    raw = rows(table, indicator="stunted", method="smoothed").set_index("area")["estimate"]
    np.testing.assert_allclose(areas / raw, fact["factor"])
    if against == "official":
        assert fact["figure"] == pytest.approx(project.params.estimation.official.value / 100)


def test_an_area_never_sampled_is_named_so(made, project):
    gone = project.register.codes[-1]
    row = rows(made[0], indicator="stunted", area=gone, method="benchmarked").iloc[0]
    assert (row["n"], row["psus"]) == (0, 0)
    assert (row["verdict"], row["reason"]) == ("caution", "model_only")
    direct = rows(made[0], indicator="stunted", area=gone, method="direct").iloc[0]
    assert (direct["verdict"], direct["reason"]) == ("suppress", "not_sampled")
    assert np.isnan(direct["estimate"])


def test_a_condition_nobody_has_is_estimated_with_an_interval(made):
    table = rows(made[0], indicator="overweight")
    whole = rows(table, level="whole").iloc[0]
    assert whole["estimate"] == 0
    assert 0 < whole["high"] < 0.02
    assert (whole["verdict"], whole["reason"]) == ("caution", "at_boundary")
    assert rows(table, level="area", method="smoothed")["high"].max() < 0.2


def test_children_outside_the_ages_are_not_missing(made, place):
    row = rows(made[0], indicator="exclusive_breastfeeding", level="whole").iloc[0]
    young = place[0]["age_days"] < 6 * 30.4375
    assert row["n"] + row["missing"] == young.sum()
    assert row["missing"] == 0


def test_unit_level_stands_beside(made, project):
    table = rows(made[0], indicator="stunted")
    beside = rows(table, method="unit_level").set_index("area")["estimate"]
    smoothed = rows(table, method="smoothed").set_index("area")["estimate"]
    assert len(beside) == len(project.register.codes)
    assert np.corrcoef(beside, smoothed.loc[beside.index])[0, 1] > 0.6
    assert (beside - smoothed).abs().mean() < 0.05
    assert not rows(table, method="unit_level")["published"].any()


@pytest.mark.slow
def test_build_writes_both_with_notes(project, place):
    for name, table in zip(("children", "visits", "population"), place, strict=True):
        file = artefacts.path(project, name)
        file.parent.mkdir(parents=True, exist_ok=True)
        table.to_parquet(file)
    tables = stage.build(project)
    again = artefacts.read(project, "prevalence")
    assert len(again) == len(tables["prevalence"])
    assert artefacts.exists(project, "benchmark")
    notes = artefacts.meta(project, "prevalence")["notes"]
    assert "children_from:register" in notes


# --- what may be absent ---------------------------------------------------------------------------


def test_a_survey_without_design_is_taken_as_drawn_one_by_one(project, place):
    children = place[0].assign(psu=pd.NA, stratum=pd.NA, sampling_weight=np.nan)
    few = children[["kecamatan", "age_days", "sex", "stunted", "psu", "stratum", "sampling_weight"]]
    run = stage.compute(project, few)
    tables, notes = run.tables, run.notes
    assert {"no_weights", "no_strata", "no_psu", "children_from:areas_file"} <= set(notes)
    assert {"covariate_left_out:routine_prevalence", "unit_level_without_register"} <= set(notes)
    row = rows(tables["prevalence"], level="whole", indicator="stunted").iloc[0]
    assert row["deff"] == pytest.approx(1.0, abs=0.01)


def test_rows_with_a_blank_design_are_set_aside_and_counted(project, place):
    children = place[0].copy()
    children.loc[children.index[:5], "psu"] = pd.NA
    survey = read_survey(project, children)
    assert "blank_psu:5" in survey.notes
    assert len(survey.children) == len(children) - 5


def test_no_outcome_is_an_error_in_one_sentence(project, place):
    with pytest.raises(UserError, match="no outcome with a value"):
        read_survey(project, place[0][["kecamatan", "psu"]])
    with pytest.raises(UserError, match="no rows"):
        read_survey(project, place[0].head(0))


def test_children_per_area_fall_back_on_weights(project, place):
    bare = project.register.areas.assign(balita=pd.array([pd.NA] * 31, dtype="Int64"))
    register = type(project.register)(bare, project.register.villages)
    without = type(project)(**{**project.__dict__, "register": register})
    survey = read_survey(project, place[0])
    counts, source = children_per_area(without, None, survey)
    assert source == "sampling_weights"
    assert counts.sum() == pytest.approx(place[0]["sampling_weight"].sum())
    assert counts.iloc[-1] == 0


def test_covariates_come_from_visits_and_the_register(project, place):
    counts = place[2].groupby("kecamatan")["balita"].sum()
    table, notes = area_covariates(project, place[1], counts)
    assert list(table) == ["routine_prevalence", "weighed_share"]
    assert notes == ()
    np.testing.assert_allclose(table.mean(), 0, atol=1e-12)
    recorded = place[1].groupby("kecamatan")["recorded_stunted"].mean()
    assert np.corrcoef(table["routine_prevalence"], recorded.astype(float))[0, 1] > 0.9


def test_an_unknown_covariate_is_named(project, place):
    estimation = project.params.estimation.model_copy(update={"covariates": ("poverti",)})
    params = project.params.model_copy(update={"estimation": estimation})
    other = type(project)(**{**project.__dict__, "params": params})
    with pytest.raises(UserError, match="'poverti' is neither"):
        area_covariates(other, None, pd.Series(1.0, index=project.register.codes))


def test_the_unit_level_model_recovers_areas(project, place):
    from analysis.determinants.multilevel import fit_logit

    data = model_data(read_survey(project, place[0]))
    assert data["desa"].str.startswith("35.09").all()
    result = fit_logit(FORMULA, data, ["kecamatan", "desa"])
    assert result.converged
    assert 0.05 < result.sd["kecamatan"] < 0.8


@pytest.mark.parametrize("method", ["benchmarked", "unit_level"])
def test_intervals_hold_the_truth_of_the_made_up_place(made, project, method):
    """One survey of 31 areas; coverage proper is in test_smoothing and benchmarks/coverage.py."""
    truth = make_population(areas=31, seed=21).areas["truth"].to_numpy()
    areas = rows(made[0], indicator="stunted", method=method).set_index("area")
    areas = areas.loc[project.register.codes]
    held = (areas["low"] <= truth) & (truth <= areas["high"])
    assert held.mean() >= 0.85
    assert (areas["high"] - areas["low"]).max() < 0.45
