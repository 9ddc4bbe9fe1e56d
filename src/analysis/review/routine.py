"""Routine records as review reads them: which months count, one record per child."""

from __future__ import annotations

import re

import pandas as pd

from analysis.params import PARTIAL_FILES, Routine

AGE_GROUPS = ("0-5", "6-11", "12-23", "24-35", "36-47", "48-59")
DAYS_A_MONTH = 30.4375
FIVE_YEARS = 60 * DAYS_A_MONTH
LISTED_MONTHS = 12


def month_number(month: pd.Series) -> pd.Series:
    """Months since year 0 of a `YYYY-MM` column; missing where it is not one."""
    codes, distinct = pd.factorize(month.astype("object"))
    numbers = [_number(text) for text in distinct]
    table = pd.Series([*numbers, None], dtype="Int64")  # the last answers code −1, missing
    return table.iloc[codes].set_axis(month.index)


def _number(text: object) -> int | None:
    found = re.fullmatch(r"(\d{4})-(\d{2})", str(text))
    return int(found[1]) * 12 + int(found[2]) - 1 if found else None


def month_text(number: int) -> str:
    """`YYYY-MM` of months since year 0.

    >>> month_text(2026 * 12 + 7)
    '2026-08'
    """
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


def age_group(age_days: pd.Series) -> pd.Series:
    """Age in completed months as the register's groups; missing from 60 months on."""
    months = age_days.astype("float64") / DAYS_A_MONTH
    edges = [0, 6, 12, 24, 36, 48, 60]
    return pd.cut(months, edges, right=False, labels=list(AGE_GROUPS)).astype("string")


def in_window(visits: pd.DataFrame, routine: Routine, months: int | None = None) -> pd.DataFrame:
    """Records of the last `months` months up to the compared one (its own window unless given)."""
    last = int(month_number(pd.Series([routine.month])).iloc[0])
    first = last - (months or routine.window_months) + 1
    return visits[month_number(visits["month"]).between(first, last).fillna(False)]


def last_per_child(visits: pd.DataFrame) -> pd.DataFrame:
    """Latest record of each child; within a month the oldest age, then the last row of the file."""
    keys = ["child_id", "_month", "age_days", "source_file", "source_row"]
    ordered = visits.assign(_month=month_number(visits["month"])).sort_values(
        keys, na_position="first", kind="stable"
    )
    return ordered.drop_duplicates("child_id", keep="last").drop(columns="_month")


def recorded_status(visits: pd.DataFrame) -> pd.Series:
    """Status as the export has it: its class, else its own z-score below −2; else missing."""
    by_score = (visits["recorded_haz"] < -2).astype("boolean").mask(visits["recorded_haz"].isna())
    return visits["recorded_stunted"].astype("boolean").fillna(by_score)


def listed_children(visits: pd.DataFrame, routine: Routine) -> pd.Series:
    """Children the routine files know: seen in the year up to the compared month, still under five.

    Returns
    -------
    Series
        Number of children by area.
    """
    recent = last_per_child(in_window(visits, routine, LISTED_MONTHS))
    last = int(month_number(pd.Series([routine.month])).iloc[0])
    waited = (last - month_number(recent["month"])).astype("float64") * DAYS_A_MONTH
    under_five = ~(recent["age_days"] + waited >= FIVE_YEARS)
    return recent[under_five].groupby("kecamatan").size()


def children_due(listed: pd.Series, balita: pd.Series) -> tuple[pd.Series, str]:
    """Children who ought to be weighed, and whose count that is.

    The register's, unless the routine files know fewer than half of them: such files hold
    a part of the place only, a child missing from them need not be one not weighed, and
    the children they know are taken instead (`listed`).

    Returns
    -------
    tuple
        Series by area, and `registered` or `listed`.
    """
    known = listed.reindex(balita.index).fillna(0).astype("float64")
    if balita.notna().all() and known.sum() >= PARTIAL_FILES * balita.sum():
        return balita, "registered"
    return known, "listed"
