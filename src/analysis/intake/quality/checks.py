"""Checks of anthropometric data on a set of records: one function for each indicator."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.intake.growth import DAYS_PER_MONTH
from analysis.intake.quality import statistics as tests

Floats = npt.NDArray[np.float64]

#: Of a sex share, an age ratio (relative) and the unevenness of ages: too little to matter,
#: however small the p that a large file gives it.
NEGLIGIBLE_SEX_SHARE = 0.02
NEGLIGIBLE_AGE_RATIO = 0.10
NEGLIGIBLE_UNEVENNESS = 8.0
#: Recorded and recomputed z differing by more than this are not the same z.
SAME_Z = 0.1
#: Above this p uneven digits may be chance.
NOT_CHANCE = 0.05
MINIMUM = 30


@dataclass(frozen=True)
class Records:
    """Columns of a set of records as arrays of one length; NaN is missing."""

    size: int
    columns: Mapping[str, Floats]

    def take(self, rows: npt.NDArray[np.intp]) -> Records:
        """The records at `rows`."""
        return Records(len(rows), {name: values[rows] for name, values in self.columns.items()})

    def known(self, name: str) -> Floats:
        """The values that are not missing."""
        values = self.columns[name]
        return values[~np.isnan(values)]


@dataclass(frozen=True)
class Found:
    """A check's value and the number of records it rests on.

    `margin` is half the width of the value's 95 % interval, 0 for a plain count of the records.
    A test has its `p` and the value `expected`; `negligible` says the departure from good is of
    no account or may be chance.
    """

    value: float
    n: int
    margin: float = 0.0
    p: float | None = None
    expected: float = float("nan")
    negligible: bool = False


Compute = Callable[[Records], Found]


@dataclass(frozen=True)
class Check:
    """How an indicator is computed, the columns it needs, and where it is asked."""

    compute: Compute
    needs: tuple[str, ...]
    survey: bool = True
    routine: bool = True
    #: Whether it is also computed for each team or posyandu.
    by_unit: bool = False


def _share_missing(name: str) -> Compute:
    return lambda r: Found(float(np.isnan(r.columns[name]).mean()), r.size)


def _share(name: str) -> Compute:
    def compute(r: Records) -> Found:
        known = r.known(name)
        return Found(float(known.mean()) if known.size else float("nan"), known.size)

    return compute


def _of_z(name: str, statistic: Callable[[Floats], tuple[float, float]]) -> Compute:
    def compute(r: Records) -> Found:
        z = r.known(name)
        value, se = statistic(z)
        return Found(value, z.size, margin=1.96 * se)

    return compute


def _digits(name: str) -> Compute:
    def compute(r: Records) -> Found:
        result = tests.digit_preference(r.known(name))
        return Found(result.score, sum(result.counts), negligible=result.p > NOT_CHANCE)

    return compute


def _mean(values: Floats) -> tuple[float, float]:
    return (float(values.mean()) if values.size else float("nan")), 0.0


def _sex_ratio(r: Records) -> Found:
    male = r.known("male")
    test = tests.sex_ratio(int(male.sum()), int((1 - male).sum()))
    near = abs(test.proportion - test.expected) <= NEGLIGIBLE_SEX_SHARE
    return Found(test.proportion, test.n, 0.0, test.p, test.expected, near)


def _age_ratio(r: Records) -> Found:
    test = tests.age_ratio(r.known("months"))
    expected = tests.EXPECTED_AGE_RATIO
    near = bool(test.n) and abs(test.ratio / expected - 1) <= NEGLIGIBLE_AGE_RATIO
    return Found(test.ratio if test.n else float("nan"), test.n, 0.0, test.p, expected, near)


def _age_heaping(r: Records) -> Found:
    months = r.known("months")
    test = tests.age_heaping(months)
    share = test.observed[0] / months.size if months.size else float("nan")
    near = bool(test.unevenness <= NEGLIGIBLE_UNEVENNESS)
    return Found(share, months.size, 0.0, test.p, 1 / 12, near)


CHECKS: Mapping[str, Check] = {
    "coverage": Check(_share("measured"), ("measured",), routine=False, by_unit=True),
    "missing_sex": Check(_share_missing("male"), ("male",)),
    "missing_age": Check(_share_missing("months"), ("months",)),
    "missing_weight": Check(_share_missing("weight_digit"), ("weight_digit",)),
    "missing_length": Check(_share_missing("length_digit"), ("length_digit",), by_unit=True),
    "missing_position": Check(_share_missing("position"), ("position",)),
    "flagged_haz": Check(_share("haz_flagged"), ("haz_flagged",), by_unit=True),
    "flagged_waz": Check(_share("waz_flagged"), ("waz_flagged",)),
    "flagged_whz": Check(_share("whz_flagged"), ("whz_flagged",)),
    "sd_haz": Check(_of_z("haz", tests.standard_deviation), ("haz",), by_unit=True),
    "sd_waz": Check(_of_z("waz", tests.standard_deviation), ("waz",)),
    "sd_whz": Check(_of_z("whz", tests.standard_deviation), ("whz",)),
    "skewness_haz": Check(_of_z("haz", tests.skewness), ("haz",)),
    "skewness_whz": Check(_of_z("whz", tests.skewness), ("whz",)),
    "kurtosis_haz": Check(_of_z("haz", tests.kurtosis), ("haz",)),
    "kurtosis_whz": Check(_of_z("whz", tests.kurtosis), ("whz",)),
    "digit_preference_weight": Check(_digits("weight_digit"), ("weight_digit",), by_unit=True),
    "digit_preference_length": Check(_digits("length_digit"), ("length_digit",), by_unit=True),
    "age_heaping": Check(_age_heaping, ("months",)),
    "sex_ratio": Check(_sex_ratio, ("male",)),
    "age_ratio": Check(_age_ratio, ("months",)),
    "duplicates": Check(_share("duplicate"), ("duplicate",), survey=False),
    "complete_records": Check(_share("complete"), ("complete",), survey=False, by_unit=True),
    "recorded_differs": Check(_share("recorded_differs"), ("recorded_differs",), survey=False),
    "recorded_shift": Check(
        _of_z("recorded_shift", _mean),
        ("recorded_shift",),
        survey=False,
    ),
}


def records(frame: pd.DataFrame) -> Records:
    """The columns the checks work on, as far as `frame` has what they are made from.

    Uses `sex age_days weight_kg length_cm position haz waz whz` with their `_flag`,
    and for routine data `child_id month recorded_haz`.
    """
    columns: dict[str, Floats] = {}
    if "sex" in frame:
        columns["male"] = _coded(frame["sex"], {"m": 1.0, "f": 0.0})
    if "position" in frame:
        columns["position"] = _coded(frame["position"], {"lying": 0.0, "standing": 1.0})
    if "age_days" in frame:
        columns["months"] = np.floor(_floats(frame["age_days"]) / DAYS_PER_MONTH)
    for name, column in (("weight_digit", "weight_kg"), ("length_digit", "length_cm")):
        if column in frame:
            columns[name] = tests.last_digits(_floats(frame[column]))
    for name in ("haz", "waz", "whz"):
        if name in frame:
            columns |= _z_columns(frame, name)
    if {"weight_kg", "length_cm", "haz"} <= set(frame.columns):
        seen = frame[["weight_kg", "length_cm", "haz"]].notna().all(axis=1)
        columns["measured"] = _floats(seen)
    columns |= _routine_columns(frame)
    return Records(len(frame), columns)


def _z_columns(frame: pd.DataFrame, name: str) -> dict[str, Floats]:
    z = _floats(frame[name])
    if f"{name}_flag" not in frame:
        return {name: z}
    flag = frame[f"{name}_flag"].fillna(False).to_numpy(dtype=bool)
    flagged: Floats = np.where(np.isnan(z), np.nan, flag.astype(np.float64))
    return {name: np.where(flag, np.nan, z), f"{name}_flagged": flagged}


def _routine_columns(frame: pd.DataFrame) -> dict[str, Floats]:
    columns: dict[str, Floats] = {}
    if {"child_id", "month"} <= set(frame.columns):
        same = frame.duplicated(["child_id", "month"]) & frame["month"].notna()
        columns["duplicate"] = _floats(same)
    core = ["sex", "age_days", "weight_kg", "length_cm", "month"]
    if set(core) <= set(frame.columns):
        columns["complete"] = _floats(frame[core].notna().all(axis=1))
    if {"recorded_haz", "haz"} <= set(frame.columns):
        shift = _floats(frame["recorded_haz"]) - _z_columns(frame, "haz")["haz"]
        shift = np.where(np.abs(shift) > 10, np.nan, shift)  # a swapped column, not a z
        columns["recorded_shift"] = shift
        differs = (np.abs(shift) > SAME_Z + 1e-9).astype(np.float64)
        columns["recorded_differs"] = np.where(np.isnan(shift), np.nan, differs)
    return columns


def _floats(column: pd.Series) -> Floats:
    return np.asarray(column.to_numpy(dtype=np.float64, na_value=np.nan))


def _coded(column: pd.Series, codes: Mapping[str, float]) -> Floats:
    return _floats(column.astype(object).map(codes))
