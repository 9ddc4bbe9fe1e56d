"""Child growth: z-scores, flags, Permenkes 2/2020 classes and outcomes.

The rules are those of WHO's own R package anthro 1.1.0 (WHO Child Growth
Standards 2006), for a whole table at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.errors import UserError
from analysis.intake import lms
from analysis.intake.lms import Floats, Ints
from analysis.intake.status import classify_haz, classify_waz, classify_whz, outcomes

__all__ = [
    "age_in_days",
    "classify_haz",
    "classify_waz",
    "classify_whz",
    "outcomes",
    "zscores",
]

DAYS_PER_MONTH = 30.4375
REQUIRED = ("sex", "age_days", "weight_kg", "length_cm")
INDICES = ("haz", "waz", "whz", "baz")

#: From this day on the standards are of standing height; before it, of recumbent length.
FIRST_DAY_STANDING = 731
LYING_MINUS_STANDING_CM = 0.7
#: Below this age a child is not measured standing: such a position is not believed.
MONTHS_NO_STANDING = 9
MONTHS_LIMIT = 60
_FIRST_DAY_TOO_OLD = 1827
#: Without age, a length from here on is taken as standing height.
CM_TAKEN_AS_HEIGHT = 87.0
LENGTH_RANGE_CM = {"wfl": (45.0, 110.0), "wfh": (65.0, 120.0)}
#: z beyond these is not plausible (WHO flags).
FLAGS = {"haz": (-6.0, 6.0), "waz": (-6.0, 5.0), "whz": (-5.0, 5.0), "baz": (-5.0, 5.0)}
#: Rows worked on at a time, so that the working arrays stay in the processor's cache.
_BLOCK = 32_768

Bools = npt.NDArray[np.bool_]


def zscores(children: pd.DataFrame) -> pd.DataFrame:
    """WHO z-scores of a table of children.

    Parameters
    ----------
    children
        Columns `sex` (`m`, `f`), `age_days` (days, may have a fraction), `weight_kg`,
        `length_cm`; optional `position` (`lying`, `standing` or missing) and `oedema` (bool).

    Returns
    -------
    pandas.DataFrame
        `haz waz whz baz` at two decimals, `haz_flag waz_flag whz_flag baz_flag` (implausible),
        `length_corrected_cm` (as if measured in the position of the standards); same index.
        What cannot be computed (unknown sex, no or impossible measure, 60 months and older,
        oedema for weight-based indices) is missing. Without age only `whz` can be computed.

    Raises
    ------
    UserError
        A required column is absent.

    Notes
    -----
    Source: WHO Child Growth Standards (2006); anthro 1.1.0 for the rules on position, age,
    flags and rounding. Ages are rounded half up to whole days for the tables; the limits of
    9 and 60 months apply to the exact age.

    Examples
    --------
    >>> children = pd.DataFrame(
    ...     {"sex": ["f", "m"], "age_days": [730, 400], "weight_kg": [10.2, 9.0],
    ...      "length_cm": [80.0, 74.0]})
    >>> zscores(children)[["haz", "waz", "whz"]].to_dict("list")
    {'haz': [-1.98, -1.27], 'waz': [-0.97, -0.87], 'whz': [0.12, -0.39]}
    """
    missing = [name for name in REQUIRED if name not in children.columns]
    if missing:
        raise UserError(
            f"z-scores need the column{'s' if len(missing) > 1 else ''} {', '.join(missing)}; "
            f"the table has {', '.join(map(str, children.columns)) or 'no columns'}."
        )
    columns = _Columns.of(children)
    results = {name: np.full(len(children), np.nan) for name in (*INDICES, "length_corrected_cm")}
    with np.errstate(all="ignore"):
        for start in range(0, len(children), _BLOCK):
            part = slice(start, start + _BLOCK)
            for name, values in _block(columns[part]).items():
                results[name][part] = values
    frame = pd.DataFrame({name: results[name] for name in INDICES}, index=children.index)
    for name in INDICES:
        frame[f"{name}_flag"] = _beyond(results[name], *FLAGS[name])
    frame["length_corrected_cm"] = results["length_corrected_cm"]
    return frame


def age_in_days(
    birth: pd.Series | None = None,
    visit: pd.Series | None = None,
    months: pd.Series | None = None,
) -> pd.Series:
    """Age in whole days, half a day rounded up.

    Parameters
    ----------
    birth, visit
        Dates (or dates with a time); text only as ISO dates. Both or neither.
    months
        Age in months, used only where a date is missing: months × 30.4375.

    Returns
    -------
    pandas.Series
        `Int64`, missing where neither is known; negative where the visit precedes birth.

    Raises
    ------
    UserError
        Neither a pair of dates nor months are given.

    Notes
    -----
    WHO computes nothing from 60 months on. A rounded age would slip back to day 1826 at
    exactly 60 months, so such an age is at least 1827 days.

    Examples
    --------
    >>> age_in_days(months=pd.Series([6.0, 24.0])).tolist()
    [183, 731]
    >>> age_in_days(pd.Series(["2024-02-28"]), pd.Series(["2025-03-01"])).tolist()
    [367]
    """
    if (birth is None) != (visit is None) or (birth is None and months is None):
        raise UserError("Age needs a birth date and a visit date, or an age in months.")
    if birth is None or visit is None:
        assert months is not None
        days = _days_from_months(months)
    else:
        days = (_dates(visit) - _dates(birth)).dt.total_seconds() / 86_400
        if months is not None:
            days = days.fillna(_days_from_months(months))
    whole = np.floor(days.to_numpy(dtype=np.float64) + 0.5)
    known = pd.Series(np.where(np.isfinite(whole), whole, np.nan), index=days.index)
    return known.astype("Int64").rename("age_days")


def _days_from_months(months: pd.Series) -> pd.Series:
    exact = _numbers(months)
    days = np.floor(exact * DAYS_PER_MONTH + 0.5)
    days = np.where(exact >= MONTHS_LIMIT, np.maximum(days, _FIRST_DAY_TOO_OLD), days)
    return pd.Series(days, index=months.index)


def _dates(column: pd.Series) -> pd.Series:
    if not pd.api.types.is_datetime64_any_dtype(column):
        column = pd.to_datetime(column, errors="coerce", format="ISO8601")
    return pd.Series(column.dt.tz_localize(None), index=column.index)


@dataclass(frozen=True)
class _Columns:
    """The inputs as plain arrays; sex is 0, 1 or −1 (unknown)."""

    sex: npt.NDArray[np.int8]
    age: Floats
    weight: Floats
    length: Floats
    lying: Bools
    standing: Bools
    oedema: Bools

    @classmethod
    def of(cls, children: pd.DataFrame) -> _Columns:
        sex = np.full(len(children), -1, dtype=np.int8)
        for code, name in enumerate(lms.SEXES):
            sex[_equals(children, "sex", name)] = code
        return cls(
            sex=sex,
            age=_numbers(children["age_days"]),
            weight=_positive(_numbers(children["weight_kg"])),
            length=_positive(_numbers(children["length_cm"])),
            lying=_equals(children, "position", "lying"),
            standing=_equals(children, "position", "standing"),
            oedema=_equals(children, "oedema", True),
        )

    def __getitem__(self, part: slice) -> _Columns:
        return _Columns(**{name: values[part] for name, values in vars(self).items()})


def _numbers(column: pd.Series) -> Floats:
    """The column as floats; what is no number is NaN."""
    if column.dtype == bool or not pd.api.types.is_numeric_dtype(column):
        column = column.astype(object)
        try:
            column = pd.to_numeric(column, errors="coerce")
        except (OverflowError, TypeError):  # one cell that fits no number must not lose the rest
            column = column.map(_number)
    return column.to_numpy(dtype=np.float64, na_value=np.nan)


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return float("nan")


def _positive(values: Floats) -> Floats:
    return np.where((values > 0) & np.isfinite(values), values, np.nan)


def _equals(frame: pd.DataFrame, name: str, value: object) -> Bools:
    """Where the column equals `value`; nowhere if it is absent or the cell is missing."""
    if name not in frame.columns:
        return np.zeros(len(frame), dtype=bool)
    return np.asarray((frame[name] == value).fillna(False), dtype=bool)


def _block(c: _Columns) -> Mapping[str, Floats]:
    """All indices for a block of rows."""
    months = c.age / DAYS_PER_MONTH
    day = np.floor(c.age + 0.5)
    in_range = (c.age >= 0) & (months < MONTHS_LIMIT)
    length = _corrected(c, day, months)
    sex_known = c.sex >= 0
    by_age = in_range & sex_known
    bmi = c.weight / (length / 100.0) ** 2
    no_age = np.isnan(c.age)
    return {
        "haz": _for_age("haz", c, day, by_age, length),
        "waz": _for_age("waz", c, day, by_age & ~c.oedema, c.weight),
        "baz": _for_age("baz", c, day, by_age & ~c.oedema, bmi),
        "whz": _for_length(c, day, (in_range | no_age) & sex_known & ~c.oedema, length),
        "length_corrected_cm": length,
    }


def _corrected(c: _Columns, day: Floats, months: Floats) -> Floats:
    """Length in the position the standards use at that age."""
    standing_too_young = c.standing & (day < FIRST_DAY_STANDING) & ~(months < MONTHS_NO_STANDING)
    lying_too_old = c.lying & (day >= FIRST_DAY_STANDING)
    length = np.where(standing_too_young, c.length + LYING_MINUS_STANDING_CM, c.length)
    return _positive(np.where(lying_too_old, length - LYING_MINUS_STANDING_CM, length))


def _for_age(name: str, c: _Columns, day: Floats, usable: Bools, measure: Floats) -> Floats:
    rows = np.flatnonzero(usable & ~np.isnan(measure))
    formula = lms.z_score if name == "haz" else lms.z_score_extended
    values = lms.at_age(name, c.sex[rows].astype(np.intp), day[rows].astype(np.intp))
    return _placed(rows, formula(measure[rows], values), len(day))


def _for_length(c: _Columns, day: Floats, usable: Bools, length: Floats) -> Floats:
    taken_as_height = c.standing | (~c.lying & (length >= CM_TAKEN_AS_HEIGHT))
    standing = np.where(np.isnan(day), taken_as_height, day >= FIRST_DAY_STANDING)
    z = np.full(len(day), np.nan)
    for name, here in (("wfl", ~standing), ("wfh", standing)):
        low, high = LENGTH_RANGE_CM[name]
        rows = np.flatnonzero(
            usable & here & (length >= low) & (length <= high) & ~np.isnan(c.weight)
        )
        values = lms.at_length(name, c.sex[rows].astype(np.intp), length[rows])
        z[rows] = _rounded(lms.z_score_extended(c.weight[rows], values))
    return z


def _placed(rows: Ints, z: Floats, size: int) -> Floats:
    placed = np.full(size, np.nan)
    placed[rows] = _rounded(z)
    return placed


def _rounded(z: Floats) -> Floats:
    """Two decimals, before any cut is made; −0.00 becomes 0.00."""
    return np.asarray(np.where(np.isfinite(z), np.round(z, 2) + 0.0, np.nan))


def _beyond(z: Floats, low: float, high: float) -> Bools:
    return np.asarray((z < low) | (z > high))
