"""Direct estimates against R's survey, WHO's anthro, svy, and closed forms."""

import importlib.util
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import svy
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from analysis.errors import UserError
from analysis.prevalence.design import estimate
from analysis.prevalence.intervals import logit_interval, wilson_at

MOZ = {"weight": "wtfactor", "stratum": "stratum", "psu": "cluster"}
DESIGN = {"weight": "weight", "stratum": "stratum", "psu": "psu"}


def close(value, expected, tolerance=1e-6):
    assert value == pytest.approx(expected, abs=tolerance)


# --- R on real surveys --------------------------------------------------------------------


def test_mozambique_whole(mozambique, survey_numbers):
    golden = survey_numbers["mozambique"]
    row = estimate(mozambique, "stunted", **MOZ).iloc[0]
    close(row[["estimate", "se", "deff"]].tolist(), [golden["est"], golden["se"], golden["deff"]])
    close([row["low"], row["high"]], golden["logit"])
    assert (row["n"], row["missing"], row["psus"], row["df"]) == (2162, 105, 318, golden["degf"])
    beta = estimate(mozambique, "stunted", interval="beta", **MOZ).iloc[0]
    close([beta["low"], beta["high"]], golden["beta"])
    mean = estimate(mozambique, "zlen", **MOZ).iloc[0]
    close([mean["estimate"], mean["se"]], [golden["haz"]["mean"], golden["haz"]["se"]])


def test_mozambique_by_province(mozambique, survey_numbers):
    golden = survey_numbers["mozambique"]
    table = estimate(mozambique, "stunted", by="province", **MOZ).set_index("province")
    for name, expected in golden["province"].items():
        row = table.loc[name]
        close([row["estimate"], row["se"]], [expected["est"], expected["se"]])
        close(row["deff"], golden["province_deff"][name])
        # R's svyby gives every domain the degrees of freedom of the whole survey.
        low, high = logit_interval(row["estimate"], row["se"], row["n"], np.array(314.0), 0.95)
        close([low, high], [expected["low"], expected["high"]], 1e-6)


def test_mozambique_by_two_columns(mozambique, survey_numbers):
    table = estimate(mozambique, "stunted", by=["province", "strata"], **MOZ)
    for row in table.itertuples():
        expected = survey_numbers["mozambique"]["province_strata"][f"{row.province}.{row.strata}"]
        close([row.estimate, row.se], [expected["est"], expected["se"]])


def test_a_stratum_with_one_psu_is_adjusted(mozambique, survey_numbers):
    golden = survey_numbers["mozambique"]["lonely_adjust"]
    thinned = mozambique[
        (mozambique["stratum"] != "Zambezia.Rural") | (mozambique["cluster"] == 373)
    ]
    row = estimate(thinned, "stunted", **MOZ).iloc[0]
    close([row["estimate"], row["se"]], [golden["est"], golden["se"]])
    assert row["df"] == golden["degf"]


@pytest.mark.parametrize(
    ("file", "key", "design"),
    [
        ("survey/apistrat.csv", "api_strata", {"weight": "pw", "stratum": "stype"}),
        ("survey/apiclus1.csv", "api_clusters", {"weight": "pw", "psu": "dnum"}),
    ],
)
def test_api_samples(file, key, design, survey_numbers, golden_frame):
    frame, golden = golden_frame(file), survey_numbers[key]
    frame["yes"] = frame["awards"] == "Yes"
    row = estimate(frame, "yes", **design).iloc[0]
    close(
        row[["estimate", "se", "deff", "df"]].tolist(),
        [golden[name] for name in ("est", "se", "deff", "degf")],
    )
    close([row["low"], row["high"]], golden["logit"])
    beta = estimate(frame, "yes", interval="beta", **design).iloc[0]
    close([beta["low"], beta["high"]], golden["beta"])
    if "mean_api00" in golden:
        mean, expected = estimate(frame, "api00", **design).iloc[0], golden["mean_api00"]
        close([mean["estimate"], mean["se"]], [expected["est"], expected["se"]])
        close(mean["deff"], expected["deff"])


def test_who_example_survey(survey_numbers):
    """WHO's survey travels in a public package, so this holds in a fresh clone too."""
    folder = Path(importlib.util.find_spec("pygrowup").origin).parent
    frame = pd.read_csv(folder / "test_datasets" / "MySurvey_z_st.csv")
    frame = frame[frame["agemons"] < 60].copy()
    frame["haz"] = frame["zlen"].where(frame["flen"] == 0)
    frame["stunted"] = (frame["haz"] < -2).astype("boolean").mask(frame["haz"].isna())
    frame["sex"] = frame["GENDER"].map({1: "Male", 2: "Female"})
    golden = survey_numbers["who_survey"]
    seen = 0
    for by in (None, "sex", "region"):
        share = estimate(frame, "stunted", weight="SW", by=by)
        mean = estimate(frame, "haz", weight="SW", by=by)
        for i, row in share.iterrows():
            expected = golden["All" if by is None else row[by]]
            assert row["n"] == expected["n"]
            close([row["estimate"] * 100, row["se"] * 100], [expected["est"], expected["se"]])
            low, high = logit_interval(
                row["estimate"], row["se"], row["n"], np.array(len(frame) - 1.0), 0.95
            )
            close([low * 100, high * 100], [expected["low"], expected["high"]], 1e-5)
            close(mean.loc[i, ["estimate", "se"]].tolist(), [expected["mean"], expected["mean_se"]])
            seen += 1
    assert seen == 7


# --- svy ------------------------------------------------------------------------------------


@pytest.mark.parametrize("interval", ["logit", "beta"])
def test_agrees_with_svy_by_domain(interval, simulated_survey):
    frame = simulated_survey(seed=3)
    ours = estimate(frame, "stunted", by="area", interval=interval, **DESIGN)
    sample = svy_sample(frame)
    theirs = sample.estimation.prop(
        "y", by="area", deff="wor", ci_method=interval, drop_nulls=True
    ).to_polars()
    theirs = theirs.to_pandas().query("y == 1").set_index("area")
    ours = ours.set_index("area").loc[theirs.index]
    for mine, other in [("estimate", "est"), ("se", "se"), ("deff", "deff")]:
        close(ours[mine].tolist(), theirs[other].tolist(), 1e-9)
    close(ours["low"].tolist(), theirs["lci"].tolist(), 1e-9)
    close(ours["high"].tolist(), theirs["uci"].tolist(), 1e-9)


def test_agrees_with_svy_for_means(simulated_survey):
    frame = simulated_survey(seed=4)
    ours = estimate(frame, "haz", **DESIGN).iloc[0]
    theirs = svy_sample(frame).estimation.mean("haz", deff="wor", drop_nulls=True).to_polars()
    theirs = theirs.to_pandas().iloc[0]
    close(ours[["estimate", "se", "low", "high", "deff"]].tolist(),
          theirs[["est", "se", "lci", "uci", "deff"]].tolist(), 1e-9)  # fmt: skip


def svy_sample(frame):
    import polars

    data = frame.assign(y=frame["stunted"].astype("Int64"))
    data = data[["y", "haz", "area", "weight", "stratum", "psu"]]
    design = svy.Design(stratum="stratum", psu="psu", wgt="weight")
    return svy.Sample(data=polars.from_pandas(data), design=design)


# --- closed forms and edges -------------------------------------------------------------------


def test_simple_random_sample_is_the_textbook():
    frame = pd.DataFrame({"y": np.arange(40) < 12})
    row = estimate(frame, "y").iloc[0]
    close([row["estimate"], row["se"]], [0.3, np.sqrt(0.3 * 0.7 / 39)], 1e-12)
    close(row["deff"], 1.0, 1e-12)
    assert (row["psus"], row["df"]) == (40, 39)


def test_one_stratum_of_equal_clusters_is_the_variance_of_their_means(simulated_survey):
    frame = simulated_survey(seed=5, psus=8, per_psu=10)
    frame = frame[frame["area"] == frame["area"].iloc[0]].dropna(subset=["haz"])
    frame = frame.groupby("psu").head(8)
    means = frame.groupby("psu")["haz"].mean()
    row = estimate(frame, "haz", psu="psu").iloc[0]
    close(row["se"], means.std() / np.sqrt(len(means)), 1e-12)


def test_wilson_at_many_degrees_of_freedom_is_the_textbook():
    low, high = wilson_at(np.array(0.3), np.array(40.0), np.array(1e9), 0.95)
    close([low, high], proportion_confint(12, 40, method="wilson"), 1e-7)


@pytest.mark.parametrize(("value", "end"), [(False, "low"), (True, "high")])
@pytest.mark.parametrize("interval", ["logit", "beta", "wilson"])
def test_nought_and_hundred_percent_have_a_wilson_interval(value, end, interval, simulated_survey):
    frame = simulated_survey(seed=6)
    frame["edge"] = frame["stunted"].mask(frame["area"] == "a00", value)
    row = (
        estimate(frame, "edge", by="area", interval=interval, **DESIGN).set_index("area").loc["a00"]
    )
    assert row["estimate"] == float(value)
    assert row[end] == float(value)
    assert 0.001 < row["high"] - row["low"] < 0.6
    assert np.isnan(row["deff"])


def test_exactly_one_percent_is_an_ordinary_proportion():
    frame = pd.DataFrame({"y": np.arange(500) < 5, "psu": np.arange(500) // 5 * 7 % 100})
    row = estimate(frame, "y", psu="psu").iloc[0]
    assert row["estimate"] == pytest.approx(0.01)
    assert 0 < row["low"] < 0.01 < row["high"] < 0.1


def test_an_empty_domain_is_kept_and_empty(simulated_survey):
    frame = simulated_survey(seed=7)
    frame["area"] = pd.Categorical(frame["area"], [*sorted(frame["area"].unique()), "never"])
    row = estimate(frame, "stunted", by="area", **DESIGN).iloc[-1]
    assert row["area"] == "never"
    assert (row["n"], row["psus"]) == (0, 0)
    assert row[["estimate", "se", "low", "high", "deff"]].isna().all()


def test_a_domain_in_one_psu_has_no_interval(simulated_survey):
    frame = simulated_survey(seed=8)
    first = frame.loc[frame["area"] == "a01", "psu"].iloc[0]
    frame = frame[(frame["area"] != "a01") | (frame["psu"] == first)]
    row = estimate(frame, "stunted", by="area", **DESIGN).set_index("area").loc["a01"]
    assert 0 < row["estimate"] < 1
    assert row[["se", "low", "high"]].isna().all()


def test_all_weights_nought_gives_nothing(simulated_survey):
    frame = simulated_survey(seed=9).assign(weight=0.0)
    row = estimate(frame, "stunted", **DESIGN).iloc[0]
    assert row["n"] == 0
    assert row[["estimate", "se", "low", "high"]].isna().all()


def test_an_empty_frame_gives_nothing(simulated_survey):
    row = estimate(simulated_survey(seed=9).head(0), "stunted", **DESIGN).iloc[0]
    assert row["n"] == 0
    assert np.isnan(row["estimate"])


def test_missing_outcomes_leave_the_domain_and_are_counted(simulated_survey):
    frame = simulated_survey(seed=10)
    blank = frame.index[frame["area"] == "a02"][:7]
    frame.loc[blank, "stunted"] = pd.NA
    table = estimate(frame, "stunted", by="area", **DESIGN).set_index("area")
    kept = frame["stunted"].notna() & (frame["area"] == "a02")
    assert table.loc["a02", "n"] == kept.sum()
    assert table.loc["a02", "missing"] == 7
    # A filled-in value far away would change the estimate; a dropped one does not.
    weights = frame.loc[kept, "weight"]
    expected = (weights * frame.loc[kept, "stunted"].astype(float)).sum() / weights.sum()
    close(table.loc["a02", "estimate"], expected, 1e-12)


def test_the_same_psu_number_in_two_strata_is_two_psus(simulated_survey):
    frame = simulated_survey(seed=11)
    renumbered = frame.assign(
        psu=frame.groupby("stratum")["psu"].transform(lambda s: pd.factorize(s)[0])
    )
    pd.testing.assert_frame_equal(
        estimate(frame, "stunted", **DESIGN), estimate(renumbered, "stunted", **DESIGN)
    )


def test_relative_weights_leave_estimates_alone_and_give_a_design_effect(simulated_survey):
    frame = simulated_survey(seed=12)
    relative = frame.assign(weight=frame["weight"] / frame["weight"].mean())
    a, b = (estimate(f, "stunted", **DESIGN).iloc[0] for f in (frame, relative))
    close(
        a[["estimate", "se", "low", "high"]].tolist(),
        b[["estimate", "se", "low", "high"]].tolist(),
        1e-12,
    )
    assert b["deff"] == pytest.approx(a["deff"], rel=0.05)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), scale=st.floats(0.01, 1000))
def test_row_order_and_scale_of_weights_do_not_matter(simulated_survey, seed, scale):
    frame = simulated_survey(seed=13)
    shuffled = frame.sample(frac=1, random_state=seed).assign(weight=lambda f: f["weight"] * scale)
    columns = ["estimate", "se", "low", "high"]
    a, b = (
        estimate(f, "stunted", by="area", **DESIGN).sort_values("area")[columns].to_numpy(float)
        for f in (frame, shuffled)
    )
    np.testing.assert_allclose(a, b, rtol=1e-9)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"weight": "nowhere"}, "column 'nowhere' is not in the table"),
        ({"interval": "exact"}, "interval is 'exact'"),
        ({"level": 95}, "level is 95"),
    ],
)
def test_mistakes_are_named(change, words, simulated_survey):
    with pytest.raises(UserError, match=words):
        estimate(simulated_survey(seed=1), "stunted", **{**DESIGN, **change})


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("weight", np.nan, "no usable weight"),
        ("weight", -1, "no usable weight"),
        ("psu", None, "blank"),
    ],
)
def test_unusable_designs_are_named(column, value, words, simulated_survey):
    frame = simulated_survey(seed=1)
    frame[column] = frame[column].astype(object)
    frame.loc[frame.index[0], column] = value
    with pytest.raises(UserError, match=words):
        estimate(frame, "stunted", **DESIGN)


def test_text_outcomes_are_refused(simulated_survey):
    with pytest.raises(UserError, match="'area' is str"):
        estimate(simulated_survey(seed=1), "area")
