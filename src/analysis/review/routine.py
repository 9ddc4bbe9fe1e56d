"""Routine records as review reads them: which months count, one record per child."""

from __future__ import annotations

import pandas as pd

from analysis.params import Routine

AGE_GROUPS = ("0-5", "6-11", "12-23", "24-35", "36-47", "48-59")
DAYS_A_MONTH = 30.4375
FIVE_YEARS = 60 * DAYS_A_MONTH


def month_number(month: pd.Series) -> pd.Series:
    """Months since year 0 of a `YYYY-MM` column; missing where it is not one."""
    parts = month.astype("string").str.extract(r"^(\d{4})-(\d{2})$")
    year, number = (pd.to_numeric(parts[i], errors="coerce") for i in (0, 1))
    return (year * 12 + number - 1).astype("Int64")


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
