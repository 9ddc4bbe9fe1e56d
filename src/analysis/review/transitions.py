"""From routine records to what happened to a child between two measurements.

An *interval* is the time between two consecutive valid measurements of the same child.
A measurement is valid when its HAZ is not missing or implausible and the child is under 60
months; of several in one month the last counts. Intervals belong to the area, month and age
of the measurement that closes them, so that months, areas and ages add up.

A child is *at risk* in an interval when it has been measured before and never yet found
stunted. A *new case* is the first stunted measurement after at least one that was not; its
time at risk ends half way through that interval. A child first met stunted is prevalent,
not new (left truncation), and a child measured once has no interval at all. *Recovered*
is, likewise once, a child first found not stunted after having been; *persistent* one
stunted at both ends of an interval.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.review.routine import DAYS_A_MONTH, FIVE_YEARS, age_group, month_number

YEAR_DAYS = 365.25
INTERVAL_COLUMNS = (
    "child_id",
    "kecamatan",
    "month",
    "age_group",
    "days",
    "at_risk",
    "new",
    "recovered",
    "persistent",
    "relapsed",
    "last",
    "child_days",
)


def valid_measurements(visits: pd.DataFrame) -> pd.DataFrame:
    """Return one valid measurement per child and month, in the order of time.

    Returns
    -------
    DataFrame
        `child_id kecamatan month_number age_days haz stunted`, sorted by child and time.
    """
    number = month_number(visits["month"])
    valid = visits["stunted"].notna() & number.notna() & ~(visits["age_days"] >= FIVE_YEARS)
    table = visits.loc[
        valid, ["child_id", "kecamatan", "age_days", "haz", "stunted", "source_file", "source_row"]
    ]
    table = table.assign(
        month_number=number[valid].astype("int64"), stunted=table["stunted"].astype(bool)
    )
    table = table.sort_values(
        ["child_id", "month_number", "age_days", "source_file", "source_row"], na_position="first"
    )
    table = table.drop_duplicates(["child_id", "month_number"], keep="last")
    columns = ["child_id", "kecamatan", "month_number", "age_days", "haz", "stunted"]
    return table[columns].reset_index(drop=True)


def intervals(measured: pd.DataFrame) -> pd.DataFrame:
    """Return the intervals between consecutive measurements, with what happened in them.

    Parameters
    ----------
    measured
        As `valid_measurements` returns it: sorted by child and time.

    Returns
    -------
    DataFrame
        One row per interval: `INTERVAL_COLUMNS`; `days` its length (by age, else by month),
        `child_days` the part of it at risk, `last` whether it is the child's last; flags as
        booleans. A child is new, recovered and relapsed once each.
    """
    child = measured["child_id"].to_numpy()
    stunted = measured["stunted"].to_numpy(dtype=bool)
    same = np.r_[False, child[1:] == child[:-1]] if len(child) else np.zeros(0, dtype=bool)
    earlier = seen_before(same, stunted)
    previous = np.r_[False, stunted[:-1]][: len(stunted)]
    turned = same & previous & ~stunted
    at_risk = same & ~earlier
    days = _gaps(measured, same)
    new = at_risk & stunted
    again = same & ~previous & stunted & earlier
    table = pd.DataFrame(
        {
            "child_id": measured["child_id"],
            "kecamatan": measured["kecamatan"],
            "month": measured["month_number"],
            "age_group": age_group(measured["age_days"]),
            "days": days,
            "at_risk": at_risk,
            "new": new,
            "recovered": turned & ~seen_before(same, turned),
            "persistent": same & previous & stunted,
            "relapsed": again & ~seen_before(same, again),
            "last": np.r_[~same[1:], True][: len(same)],
            "child_days": np.where(at_risk, np.where(new, days / 2, days), 0.0),
        }
    )
    return table[same].reset_index(drop=True)


def seen_before(same: np.ndarray, flag: np.ndarray) -> np.ndarray:
    """Whether `flag` was true at any earlier measurement of the child, in the sorted table."""
    if not len(same):
        return np.zeros(0, dtype=bool)
    starts = np.flatnonzero(~same)
    before = np.r_[0, np.cumsum(flag)[:-1]]
    base = np.repeat(before[starts], np.diff(np.r_[starts, len(same)]))
    return np.asarray(before > base)


def _gaps(measured: pd.DataFrame, same: np.ndarray) -> np.ndarray:
    """Days since the previous measurement: by age, or by month where age does not advance."""
    by_age = measured["age_days"].diff().to_numpy(dtype=float)
    by_month = measured["month_number"].diff().to_numpy(dtype=float) * DAYS_A_MONTH
    # Another birth date or a mistyped one: more than a month apart from the calendar.
    trusted = (by_age > 0) & (np.abs(by_age - by_month) <= 1.1 * DAYS_A_MONTH)
    return np.where(same, np.where(trusted, by_age, by_month), 0.0)
