"""Data quality: tests against nipnTK's results, limits at their edges, the table for any input."""

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import UserError
from analysis.intake.quality import COLUMNS, LIMITS, limits_with, quality, quality_table
from analysis.intake.quality import statistics as tests
from analysis.intake.quality.checks import CHECKS, records
from analysis.intake.schemas import DATA_QUALITY

ROOT = Path(__file__).parents[2]
GOLDEN = json.loads((ROOT / "tests/golden/nipn_quality.json").read_text(encoding="utf-8"))
SHARED = ROOT.parent / "shared" / "golden" / "nipn"

needs_shared = pytest.mark.skipif(
    not SHARED.exists(), reason="the example surveys of nipnTK lie outside the repository"
)


# --- nipnTK ------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", GOLDEN["digit_preference"], ids=lambda case: case["measure"])
def test_digit_preference_agrees_with_nipntk(case):
    digits = np.repeat(np.arange(10.0), case["counts"])
    result = tests.digit_preference(digits)
    assert (result.score, result.label) == (case["score"], case["label"])
    assert list(result.counts) == case["counts"]


@pytest.mark.parametrize("case", GOLDEN["age_heaping"], ids=lambda case: str(case["divisor"]))
def test_age_heaping_agrees_with_nipntk(case):
    remainders = np.repeat(np.arange(case["divisor"]), case["counts"])
    months = remainders + case["divisor"] * (np.arange(len(remainders)) % 3) + 0.9
    result = tests.age_heaping(months, case["divisor"])
    assert result.statistic == pytest.approx(case["statistic"], rel=1e-11)
    assert result.p == pytest.approx(case["p"], rel=1e-9)
    assert result.df == case["df"]


def test_ratios_agree_with_nipntk():
    case = GOLDEN["age_ratio"]
    months = np.repeat([6, 29, 30, 59, 5, 60], [5, case["younger"] - 5, 7, case["older"] - 7, 9, 9])
    result = tests.age_ratio(months.astype(float))
    assert result.ratio == pytest.approx(case["ratio"])
    assert result.proportion == pytest.approx(case["proportion"])
    assert result.statistic == pytest.approx(case["statistic"], rel=1e-9)
    assert result.p == pytest.approx(case["p"], rel=1e-9)

    case = GOLDEN["sex_ratio"]
    result = tests.sex_ratio(case["males"], case["females"])
    assert result.proportion == pytest.approx(case["proportion"])
    assert result.statistic == pytest.approx(case["statistic"], rel=1e-9)
    assert result.p == pytest.approx(case["p"], rel=1e-9)


def test_age_structure_agrees_with_nipntk():
    case = GOLDEN["age_structure"]
    months = np.repeat([6.0, 18.0, 30.0, 42.0, 54.0], case["observed"])
    result = tests.age_structure(months)
    assert list(result.observed) == case["observed"]
    np.testing.assert_allclose(result.expected, case["expected"], rtol=1e-10)
    assert result.statistic == pytest.approx(case["statistic"], rel=1e-10)
    assert result.p == pytest.approx(case["p"], rel=1e-8)


@needs_shared
def test_whole_surveys_agree_with_nipntk():
    expected = json.loads((SHARED / "expected_quality.json").read_text(encoding="utf-8"))
    first, second = (pd.read_csv(SHARED / f"dp.ex0{i}.csv") for i in (1, 2))
    for name, column, decimals in [
        ("dp.ex01.wt", first["wt"], 1),
        ("dp.ex01.ht", first["ht"], 1),
        ("dp.ex02.weight", second["weight"], 1),
        ("dp.ex02.height", second["height"], 1),
        ("dp.ex02.muac0", second["muac"], 0),
    ]:
        digits = tests.last_digits(column.to_numpy(dtype=float), decimals)
        result = tests.digit_preference(digits)
        assert (result.score, result.label) == (expected[name]["dps"], expected[name]["class"])
        assert list(result.counts) == expected[name]["tab"]
    months = second["age"].to_numpy(dtype=float)
    assert tests.age_heaping(months).p == pytest.approx(expected["ageHeaping.dp.ex02"]["p"])
    assert tests.age_ratio(months).p == pytest.approx(expected["ageRatio.dp.ex02"]["p"])
    assert tests.age_structure(months).p == pytest.approx(expected["ageChildren.dp.ex02"]["p"])


@pytest.mark.parametrize(
    ("value", "decimals", "digit"),
    [
        (105, 1, 0),
        (8.25, 1, 2),
        (8.35, 1, 3),
        (80.7, 1, 7),
        (-1.4, 1, 4),
        (146, 0, 6),
        (None, 1, None),
    ],
)
def test_last_digit_is_the_one_printed(value, decimals, digit):
    result = tests.last_digits(np.array([value], dtype=float), decimals)[0]
    assert math.isnan(result) if digit is None else result == digit


def test_classes_of_digit_preference_change_at_8_12_and_20():
    def label(score):
        # One digit with a surplus: score = 100·√(χ²/9n).
        n = 1_000_000
        surplus = score / 100 * n * math.sqrt(9 * 0.1 * 0.9)
        counts = np.full(10, (n * 0.9 - surplus) / 9)
        counts[0] = n * 0.1 + surplus
        result = tests.digit_preference(np.repeat(np.arange(10.0), np.round(counts).astype(int)))
        assert result.score == pytest.approx(score, abs=0.011)
        return result.label

    assert [label(s) for s in (7.98, 8.02, 11.98, 12.02, 19.98, 20.02)] == [
        "Excellent", "Good", "Good", "Acceptable", "Acceptable", "Problematic",
    ]  # fmt: skip


@given(st.lists(st.floats(-10, 10), min_size=4, max_size=60))
@settings(max_examples=40, deadline=None)
def test_skewness_and_kurtosis_follow_their_definitions(z):
    z = np.array(z)
    d = z - z.mean()
    if (d**2).sum() < 1e-3:
        return
    n = len(z)
    assert tests.skewness(z)[0] == pytest.approx(math.sqrt(n) * (d**3).sum() / (d**2).sum() ** 1.5)
    assert tests.kurtosis(z)[0] == pytest.approx(n * (d**4).sum() / (d**2).sum() ** 2 - 3)


@pytest.mark.parametrize("name", ["skewness", "kurtosis", "standard_deviation"])
def test_standard_errors_are_those_of_repeated_samples(name):
    rng = np.random.default_rng(11)
    results = np.array([getattr(tests, name)(rng.normal(size=150)) for _ in range(500)])
    assert results[:, 1].mean() == pytest.approx(results[:, 0].std(), rel=0.15)


def test_tests_of_nothing_are_missing_not_errors():
    empty = np.array([np.nan])
    assert math.isnan(tests.digit_preference(empty).score)
    assert math.isnan(tests.age_heaping(empty).p)
    assert math.isnan(tests.age_ratio(empty).p)
    assert math.isnan(tests.sex_ratio(0, 0).p)
    assert math.isnan(tests.age_structure(empty).p)
    for statistic in (tests.skewness, tests.kurtosis, tests.standard_deviation):
        assert all(map(math.isnan, statistic(empty)))


def test_p_values_are_uniform_for_honest_data():
    rng = np.random.default_rng(7)
    heaping = [tests.age_heaping(rng.integers(0, 60, 400).astype(float)).p for _ in range(400)]
    sexes = [tests.sex_ratio(m := int(rng.binomial(1000, 0.5)), 1000 - m).p for _ in range(400)]
    assert 0.02 < np.mean(np.array(heaping) < 0.05) < 0.09
    assert 0.02 < np.mean(np.array(sexes) < 0.05) < 0.09


# --- limits ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("indicator", "value", "verdict", "threshold", "consequence"),
    [
        ("flagged_haz", 0.010, "good", 0.010, "none"),
        ("flagged_haz", 0.0101, "caution", 0.010, "bias_up"),
        ("flagged_haz", 0.026, "poor", 0.010, "bias_up"),
        ("sd_haz", 1.30, "good", 1.3, "none"),
        ("sd_haz", 1.31, "caution", 1.3, "bias_up"),
        ("sd_haz", 1.51, "poor", 1.3, "bias_up"),
        ("sd_haz", 0.85, "caution", 0.9, "bias_down"),
        ("sd_haz", 0.79, "poor", 0.9, "bias_down"),
        ("sd_whz", 1.15, "good", 1.15, "none"),
        ("sd_whz", 1.20, "caution", 1.15, "bias_up"),
        ("sd_whz", 1.21, "poor", 1.15, "bias_up"),
        ("skewness_haz", -0.5, "caution", -0.4, "bias_up"),
        ("skewness_haz", 0.7, "poor", 0.4, "bias_down"),
        ("kurtosis_haz", 0.7, "poor", 0.4, "imprecise"),
        ("digit_preference_length", 12.0, "good", 12, "none"),
        ("digit_preference_length", 12.01, "caution", 12, "imprecise"),
        ("digit_preference_length", 20.01, "poor", 12, "imprecise"),
        ("coverage", 0.90, "good", 0.90, "none"),
        ("coverage", 0.89, "caution", 0.90, "not_representative"),
        ("coverage", 0.69, "poor", 0.90, "not_representative"),
        ("d_s", 0.79, "poor", 0.90, "not_representative"),
        ("d_s", 1.1, "caution", 1.05, "not_representative"),
        ("recorded_shift", 0.1, "caution", 0.05, "bias_down"),
        ("recorded_shift", -0.3, "poor", -0.05, "bias_up"),
        ("missing_length", 0.051, "caution", 0.05, "not_representative"),
        ("sd_haz", math.nan, "not_computed", None, "none"),
    ],
)
def test_limits_at_their_edges(indicator, value, verdict, threshold, consequence):
    limit = LIMITS[indicator]
    assert limit.verdict(value) == verdict
    if threshold is not None:
        assert limit.threshold(value) == threshold
    assert limit.consequence(value, verdict) == consequence


def test_a_limit_is_passed_when_the_whole_interval_is_beyond_it():
    limit = LIMITS["sd_haz"]
    assert limit.verdict(1.35, margin=0.06) == "good"
    assert limit.verdict(1.37, margin=0.06) == "caution"
    assert limit.verdict(1.55, margin=0.06) == "caution"
    assert limit.verdict(1.57, margin=0.06) == "poor"
    assert limit.verdict(0.85, margin=0.06) == "good"
    assert limit.verdict(0.73, margin=0.06) == "poor"
    assert limit.verdict(1.1, margin=9) == "good"
    assert LIMITS["coverage"].verdict(0.88, margin=0.03) == "good"


def test_small_groups_of_good_data_are_seldom_called_bad():
    """By chance alone the score of 30 digits is about 18; that is no finding."""
    tables = [quality(children(size=60, seed=seed)) for seed in range(20)]
    tables = pd.concat(tables)
    small = tables[tables["kecamatan"] != "all"]
    assert (small["n"] <= 30).all()
    judged = small[small["verdict"] != "not_computed"]
    for name in ("digit_preference_length", "sd_haz", "skewness_haz", "kurtosis_haz"):
        bad = judged.loc[judged["indicator"] == name, "verdict"] != "good"
        assert len(bad) == 40
        assert bad.sum() <= 5, name


def test_every_check_has_a_limit_with_its_source():
    assert set(LIMITS) == set(CHECKS) | {"d_s"}
    assert all(limit.source for limit in LIMITS.values())


def test_a_run_may_set_its_own_limits():
    limits = limits_with(flagged_percent=3.0, haz_sd_high=1.6)
    assert limits["flagged_haz"].verdict(0.03) == "good"
    assert limits["flagged_haz"].verdict(0.031) == "poor"
    assert limits["sd_haz"].verdict(1.6) == "good"
    assert limits["sd_whz"] == LIMITS["sd_whz"]


# --- the table ---------------------------------------------------------------------------------


def children(size=400, seed=3, **columns):
    """Good data: two areas, two teams."""
    rng = np.random.default_rng(seed)
    z = {name: np.round(rng.normal(-1, 1.05, size), 2) for name in ("haz", "waz", "whz")}
    return pd.DataFrame(
        {
            "kecamatan": np.where(np.arange(size) % 2, "35.09.01", "35.09.02"),
            "team": np.where(np.arange(size) % 4 < 2, "A", "B"),
            "sex": np.where(np.arange(size) % 4 < 2, "m", "f"),
            "age_days": rng.integers(0, 1826, size),
            "weight_kg": np.round(rng.uniform(5, 18, size), 1),
            "length_cm": np.round(rng.uniform(55, 110, size), 1),
            "position": "lying",
            **z,
            **{f"{name}_flag": False for name in z},
        }
        | columns
    )


def visits(months=("2026-07", "2026-08"), **columns):
    """Each of the children once a month."""
    tables = [
        children(seed=5).assign(child_id=[f"c{i}" for i in range(400)], month=month)
        for month in months
    ]
    table = pd.concat(tables, ignore_index=True)
    table["posyandu"] = np.where(table.index % 2, "Melati", "Mawar")
    table["desa"] = np.where(table.index % 4 < 2, "d1", "d2")
    return table.assign(recorded_haz=table["haz"]).assign(**columns)


REGISTER = pd.DataFrame(
    {
        "kecamatan": ["35.09.01", "35.09.01", "35.09.02", "35.09.03"],
        "sex": ["m", "f", "m", "m"],
        "age_group": "0-5",
        "balita": [100.0, 110.0, 400.0, 50.0],
    }
)


def cell(table, indicator, kecamatan="all", unit="", scope="survey"):
    rows = table[
        (table["indicator"] == indicator)
        & (table["kecamatan"] == kecamatan)
        & (table["unit"] == unit)
        & (table["scope"] == scope)
    ]
    assert len(rows) == 1, (indicator, kecamatan, unit, len(rows))
    return rows.iloc[0]


def test_good_data_are_called_good():
    table = quality_table(children())
    assert set(table["verdict"]) == {"good"}
    assert set(table["consequence"]) == {"none"}
    assert set(table["kecamatan"]) == {"all", "35.09.01", "35.09.02"}
    assert set(table["unit"]) == {"", "A", "B"}


def test_table_fits_its_schema():
    table = quality_table(children(), visits(), REGISTER)
    DATA_QUALITY.validate(table, lazy=True)
    assert tuple(table.columns) == COLUMNS
    key = ["scope", "kecamatan", "unit", "indicator"]
    assert not table.duplicated(key).any()


@pytest.mark.parametrize(
    ("spoiled", "indicator", "value", "verdict", "consequence"),
    [
        ({"length_cm": 80.0}, "digit_preference_length", 100.0, "poor", "imprecise"),
        ({"age_days": 731}, "age_heaping", 1.0, "poor", "imprecise"),
        ({"age_days": 731}, "age_heaping_p", 0.0, "poor", "imprecise"),
        ({"sex": "m"}, "sex_ratio", 1.0, "poor", "not_representative"),
        ({"sex": "m"}, "sex_ratio_p", 0.0, "poor", "not_representative"),
        ({"haz_flag": np.arange(400) < 8}, "flagged_haz", 0.02, "caution", "bias_up"),
        ({"haz": None}, "coverage", 0.0, "poor", "not_representative"),
        ({"weight_kg": None}, "missing_weight", 1.0, "poor", "not_representative"),
        ({"position": None}, "missing_position", 1.0, "poor", "imprecise"),
        ({"whz": 0.25}, "sd_whz", 0.0, "poor", "bias_down"),
    ],
)
def test_bad_data_are_called_bad(spoiled, indicator, value, verdict, consequence):
    row = cell(quality_table(children(**spoiled)), indicator)
    assert row["value"] == pytest.approx(value, abs=1e-6)
    assert (row["verdict"], row["consequence"]) == (verdict, consequence)


def test_flagged_z_leave_the_spread():
    spoiled = children()
    spoiled.loc[:3, ["haz", "haz_flag"]] = [19.0, True]
    table = quality_table(spoiled)
    assert cell(table, "flagged_haz")["value"] == 4 / 400
    assert cell(table, "sd_haz")["n"] == 396
    assert cell(table, "sd_haz")["value"] == pytest.approx(spoiled["haz"][4:].std())


def test_tests_of_large_files_do_not_call_trifles_bad():
    """51 % boys among 200,000 is far from chance and of no account; 53 % is not."""
    size = 200_000
    for share, verdict in ((0.51, "good"), (0.53, "poor")):
        frame = pd.DataFrame({"sex": np.where(np.arange(size) < share * size, "m", "f")})
        row = cell(quality(frame), "sex_ratio")
        assert (row["value"], row["threshold"], row["verdict"]) == (share, 0.5, verdict)
        assert cell(quality(frame), "sex_ratio_p")["value"] < 1e-10


def test_effect_and_p_carry_the_same_verdict():
    frame = children(age_days=np.r_[np.full(230, 300), np.full(170, 1200)])
    table = quality_table(frame)
    effect, p = cell(table, "age_ratio"), cell(table, "age_ratio_p")
    assert effect["value"] == pytest.approx(230 / 170)
    assert effect["threshold"] == 0.85
    assert p["threshold"] == 0.05
    assert effect["verdict"] == p["verdict"] == "poor"


def test_under_thirty_records_nothing_is_said():
    table = quality_table(children(size=58))
    row = cell(table, "sd_haz", kecamatan="35.09.01")
    assert (row["n"], row["verdict"], row["consequence"]) == (29, "not_computed", "none")
    assert math.isnan(row["value"])
    assert math.isnan(row["threshold"])
    assert cell(table, "sd_haz")["verdict"] != "not_computed"


def test_absent_columns_are_not_computed():
    table = quality_table(children()[["kecamatan", "sex"]])
    assert cell(table, "sex_ratio")["verdict"] == "good"
    assert cell(table, "sd_haz")["verdict"] == "not_computed"
    assert cell(table, "sd_haz")["n"] == 0
    assert set(table["unit"]) == {""}


@pytest.mark.parametrize("column", children().columns)
def test_any_column_may_be_absent(column):
    table = quality_table(children().drop(columns=column), visits().drop(columns=column), REGISTER)
    DATA_QUALITY.validate(table, lazy=True)


@pytest.mark.parametrize("column", ["child_id", "month", "posyandu", "desa", "recorded_haz"])
def test_any_routine_column_may_be_absent(column):
    DATA_QUALITY.validate(quality_table(None, visits().drop(columns=column), REGISTER), lazy=True)


def test_nothing_gives_an_empty_table():
    for table in (quality_table(None), quality_table(children().iloc[:0], None, None)):
        assert tuple(table.columns) == COLUMNS
        assert table.empty


def test_nullable_types_give_the_same():
    plain, nullable = quality_table(children()), quality_table(children().convert_dtypes())
    pd.testing.assert_frame_equal(plain, nullable)


def test_attendance_is_children_seen_in_a_month_of_all_registered():
    seen = visits()
    seen.loc[(seen["month"] == "2026-08") & (seen.index % 4 == 1), ["weight_kg", "length_cm"]] = (
        None
    )
    seen = pd.concat([seen, seen.head(50)], ignore_index=True)  # weighed twice counts once
    table = quality_table(None, seen, REGISTER)
    first = cell(table, "d_s", kecamatan="35.09.01", scope="routine")
    assert (first["value"], first["n"]) == (pytest.approx((200 + 100) / 2 / 210), 210)
    assert first["verdict"] == "poor"
    assert cell(table, "d_s", kecamatan="35.09.02", scope="routine")["value"] == 0.5
    # Registered, and nobody came.
    assert cell(table, "d_s", kecamatan="35.09.03", scope="routine")["value"] == 0.0
    whole = cell(table, "d_s", scope="routine")
    assert (whole["value"], whole["n"]) == (pytest.approx(350 / 660), 660)


def test_attendance_of_files_that_hold_a_part_of_the_place_is_of_the_children_in_them():
    """Half the registered children is the edge: below it the files' own children are due."""
    known = visits().groupby("kecamatan")["child_id"].nunique()
    register = pd.DataFrame({"kecamatan": ["35.09.01"], "balita": [2.0 * known.sum()]})
    of_all = cell(quality_table(None, visits(), register), "d_s", scope="routine")
    assert of_all["n"] == 2 * known.sum()
    table = quality_table(None, visits(), register.assign(balita=2.0 * known.sum() + 1))
    of_files = cell(table, "d_s", scope="routine")
    assert of_files["n"] == known.sum()
    assert of_files["value"] == 1.0  # each is weighed in each month
    assert "sebagian anak" in of_files["source"]
    areas = table[(table["indicator"] == "d_s") & (table["kecamatan"] != "all")]
    assert dict(zip(areas["kecamatan"], areas["n"], strict=True)) == known.to_dict()


def test_attendance_without_register_or_with_an_approximate_one():
    row = cell(quality_table(None, visits(), None), "d_s", scope="routine")
    assert (row["verdict"], row["n"]) == ("not_computed", 0)
    rough = REGISTER.assign(status="approximation")
    row = cell(quality_table(None, visits(), rough), "d_s", scope="routine")
    assert row["source"].endswith("penyebutnya perkiraan")


def test_duplicates_and_complete_records():
    seen = visits()
    seen = pd.concat([seen, seen.head(20)], ignore_index=True)
    seen.loc[:81, "length_cm"] = None
    table = quality_table(None, seen, REGISTER)
    assert cell(table, "duplicates", scope="routine")["value"] == pytest.approx(20 / 820)
    assert cell(table, "complete_records", scope="routine")["value"] == pytest.approx(738 / 820)
    assert not (table["indicator"] == "coverage").any()


def test_recorded_z_that_sit_too_high_hide_stunting():
    seen = visits()
    seen["recorded_haz"] = seen["haz"] + np.where(seen.index % 2, 0.6, 0.05)
    table = quality_table(None, seen, REGISTER)
    assert cell(table, "recorded_differs", scope="routine")["value"] == 0.5
    shift = cell(table, "recorded_shift", scope="routine")
    assert shift["value"] == pytest.approx(0.325)
    assert (shift["verdict"], shift["consequence"]) == ("poor", "bias_down")


def test_a_tenth_of_a_z_is_the_same_z():
    frame = pd.DataFrame({"haz": [-1.0] * 2, "haz_flag": False, "recorded_haz": [-0.9, -0.89]})
    assert records(frame).columns["recorded_differs"].tolist() == [0.0, 1.0]


def test_posts_of_one_name_are_told_apart_by_village():
    table = quality_table(None, visits(), REGISTER)
    units = set(table.loc[table["unit"] != "", "unit"])
    assert units == {"Melati / d1", "Melati / d2", "Mawar / d1", "Mawar / d2"}


def test_rows_of_an_area_equal_those_of_the_area_alone():
    frame = children()
    together = quality(frame)
    alone = quality(frame[frame["kecamatan"] == "35.09.01"])
    pd.testing.assert_frame_equal(
        together[together["kecamatan"] == "35.09.01"].reset_index(drop=True),
        alone[alone["kecamatan"] == "35.09.01"].reset_index(drop=True),
    )


def test_unknown_area_counts_in_the_whole_alone():
    frame = children()
    frame.loc[:9, "kecamatan"] = None
    table = quality(frame)
    sizes = table[table["indicator"] == "missing_sex"].set_index("kecamatan")["n"]
    assert sizes.to_dict() == {"all": 400, "35.09.01": 195, "35.09.02": 195}


def test_code_of_the_whole_and_scope_are_checked():
    assert "35.09" in set(quality_table(children(), whole="35.09")["kecamatan"])
    with pytest.raises(UserError, match="survey or routine"):
        quality(children(), scope="rutin")
