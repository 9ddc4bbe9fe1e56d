"""New cases from repeated routine measurements (*zero new stunting*).

Definitions are those of `transitions`: a new case is the first measurement below −2 after
at least one valid one that was not, per 100 child-years of children measured before and
never yet found stunted. Intervals are exact for a Poisson count. Reading errors add false
cases and a scale read too high hides true ones: the rate without them stands beside it, by
area where there are cases enough (`trajectories`). Children who have not been measured
lately, only once, or never are counted beside it, for they can hide new cases.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from scipy import stats

from analysis.brief.disclosure import verdict
from analysis.project import Project
from analysis.review.inputs import Inputs, balita_by_area
from analysis.review.noise import Offset, attendance_weight, haz_offset
from analysis.review.routine import (
    DAYS_A_MONTH,
    FIVE_YEARS,
    children_due,
    in_window,
    last_per_child,
    listed_children,
    month_text,
)
from analysis.review.trajectories import ALL, Corrected, corrected_rates
from analysis.review.transitions import YEAR_DAYS, intervals, valid_measurements

FLOWS = ("new", "recovered", "persistent", "relapsed")


def new_cases_table(project: Project, inputs: Inputs) -> pd.DataFrame:
    """Return the counts and rate by area for the whole window (`month` all) and by month.

    Empty, with its columns, when there are no routine records. See `schemas.NEW_CASES`.
    """
    measured = valid_measurements(inputs.visits)
    if measured.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    level, whole = project.params.estimation.level, project.whole
    steps = intervals(measured)
    lost = lost_children(measured, lost_after(project, measured))
    parts = [
        tally(steps, lost, measured, keys, whole, level)
        for keys in (["kecamatan", "month"], ["month"], ["kecamatan"], [])
    ]
    table = pd.concat(parts, ignore_index=True)
    table = add_never(table, project, inputs)
    table = add_corrected(table, project, inputs, measured)
    last = int(measured["month_number"].max())
    table["window_start"] = month_text(int(measured["month_number"].min()))
    table["window_end"] = month_text(last)
    table["lost_after_months"] = lost_after(project, measured)
    table["verdict"] = [
        verdict(kind="routine", n=n, events=x).verdict
        for n, x in zip(table["at_risk"], table["new"], strict=True)
    ]
    order = {area: i for i, area in enumerate([whole, *project.register.codes])}
    table["_order"] = table["area"].map(order).fillna(len(order))
    table = table.sort_values(["_order", "month"], ignore_index=True)
    return table[list(COLUMNS)]


COLUMNS = (
    "area",
    "month",
    "at_risk",
    "child_years",
    "new",
    "recovered",
    "persistent",
    "relapsed",
    "lost",
    "never_measured",
    "once",
    "measured",
    "rate",
    "low",
    "high",
    "rate_corrected",
    "corrected_low",
    "corrected_high",
    "error_z",
    "offset_cm",
    "correction",
    "verdict",
    "window_start",
    "window_end",
    "lost_after_months",
)


def tally(
    steps: pd.DataFrame,
    lost: pd.DataFrame,
    measured: pd.DataFrame,
    keys: list[str],
    whole: str,
    level: float,
) -> pd.DataFrame:
    """Count flows, people and time by `keys` (some of kecamatan and month; none for all).

    Parameters
    ----------
    steps, lost, measured
        From `intervals`, `lost_children` and `valid_measurements`.
    """
    records = measured.rename(columns={"month_number": "month"})
    frames = [_keyed(frame, keys) for frame in (steps, lost, records)]
    flows, gone, seen = (frame.groupby("_key") for frame in frames)
    at_risk = frames[0][frames[0]["at_risk"]].groupby("_key")["child_id"].nunique()
    table = seen["child_id"].nunique().rename("measured").to_frame()
    table["at_risk"] = at_risk
    table["child_years"] = flows["child_days"].sum() / YEAR_DAYS
    for flow in FLOWS:
        table[flow] = flows[flow].sum()
    if "month" not in keys:  # over the whole window, who is so at the end of it
        ends = frames[0][frames[0]["last"]].groupby("_key")
        table["persistent"] = ends["persistent"].sum()
    table["lost"] = gone["child_id"].nunique()
    counts = records["child_id"].map(records["child_id"].value_counts())
    table["once"] = _keyed(records[counts == 1], keys).groupby("_key")["child_id"].nunique()
    table = table.fillna(0)
    table = table.astype({name: "int64" for name in table.columns if name != "child_years"})
    limits = [rate_interval(n, t, level) for n, t in zip(table["new"], table["child_years"])]  # noqa: B905
    table[["rate", "low", "high"]] = np.array(limits, dtype=float).reshape(len(table), 3)
    where = pd.DataFrame(list(table.index), columns=["area", "month"], index=table.index)
    table["area"] = where["area"].where(where["area"] != "", whole)
    table["month"] = [month_text(m) if m >= 0 else "all" for m in where["month"]]
    return table.reset_index(drop=True)


def _keyed(frame: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Add `_key`: a pair (area, month number), with '' and −1 for all."""
    area = frame["kecamatan"] if "kecamatan" in keys else pd.Series("", index=frame.index)
    month = frame["month"] if "month" in keys else pd.Series(-1, index=frame.index)
    pairs = zip(area.astype(object), month.astype(int), strict=True)
    return frame.assign(_key=pd.Series(list(pairs), index=frame.index, dtype="object"))


def rate_interval(events: float, years: float, level: float) -> tuple[float, float, float]:
    """Events per 100 child-years with Garwood's exact Poisson interval; NaN without time.

    >>> rate_interval(0, 50.0, 0.95)[0]
    0.0
    """
    if not years > 0:
        return math.nan, math.nan, math.nan
    alpha = 1 - level
    low = stats.chi2.ppf(alpha / 2, 2 * events) / 2 if events > 0 else 0.0
    high = stats.chi2.ppf(1 - alpha / 2, 2 * events + 2) / 2
    return 100 * events / years, 100 * float(low) / years, 100 * float(high) / years


def lost_after(project: Project, measured: pd.DataFrame) -> int:
    """Months after which a child is lost: the params', but never less than one round.

    Where children are weighed twice a year only, a child is not lost in between.
    """
    wanted = project.params.review.lost_after_months
    rounds = np.unique(measured["month_number"])
    longest = int(np.diff(rounds).max()) if len(rounds) > 1 else 1
    return max(wanted, longest)


def lost_children(measured: pd.DataFrame, months: int) -> pd.DataFrame:
    """Children not measured for `months` months though still under five then.

    Returns
    -------
    DataFrame
        `child_id kecamatan month`: where last measured, and the month in which the child
        became lost (its last measurement plus `months`), within the window.
    """
    last = measured.drop_duplicates("child_id", keep="last")
    end = measured["month_number"].max()
    due = last["month_number"] + months
    under_five = ~(last["age_days"] + months * DAYS_A_MONTH >= FIVE_YEARS)
    gone = (due <= end) & under_five
    lost = pd.DataFrame(last.loc[gone, ["child_id", "kecamatan"]])
    return lost.assign(month=due[gone])


def add_never(table: pd.DataFrame, project: Project, inputs: Inputs) -> pd.DataFrame:
    """Registered children less those the routine files know; over the whole window only.

    Missing where children under five are not known, and where the files hold a part of
    the place only (see `routine.children_due`): who is missing from them is not known.
    """
    routine = project.params.routine
    table = table.assign(never_measured=pd.array([pd.NA] * len(table), dtype="Int64"))
    if routine is None:
        return table
    balita = balita_by_area(project, inputs.population)
    listed = listed_children(inputs.visits, routine)
    due, basis = children_due(listed, balita)
    if basis != "registered":
        return table
    never = (due - listed.reindex(due.index).fillna(0)).clip(lower=0).round()
    never.loc[project.whole] = never.sum()
    values = table["area"].map(never).where(table["month"] == "all")
    return table.assign(never_measured=values.astype("Int64"))


def add_corrected(
    table: pd.DataFrame, project: Project, inputs: Inputs, measured: pd.DataFrame
) -> pd.DataFrame:
    """Add the rate without measurement error to the rows of the whole window, by area and in all."""
    params = project.params
    found = corrected_rates(
        measured,
        routine_offset(project, inputs, measured),
        params.estimation.level,
        params.estimation.seed,
    )
    none = replace(found[ALL], rate=math.nan, low=math.nan, high=math.nan)
    if found[ALL].basis.startswith("error"):
        none = replace(none, basis="too_few_cases")
    monthly = Corrected(basis="whole_window_only")
    by_row = [
        monthly if month != "all" else found.get(ALL if area == project.whole else str(area), none)
        for area, month in zip(table["area"], table["month"], strict=True)
    ]
    for name, field in CORRECTED.items():
        table[name] = [getattr(value, field) for value in by_row]
    return table


#: Columns of the table by field of `Corrected`.
CORRECTED = {
    "rate_corrected": "rate",
    "corrected_low": "low",
    "corrected_high": "high",
    "error_z": "error_z",
    "offset_cm": "offset_cm",
    "correction": "basis",
}


def routine_offset(project: Project, inputs: Inputs, measured: pd.DataFrame) -> Offset | None:
    """Excess of routine readings in the compared window over the survey's; None if unknown."""
    routine = project.params.routine
    if routine is None or inputs.children.empty:
        return None
    records = in_window(inputs.visits, routine)
    records = last_per_child(records[records["stunted"].notna()])
    post = records["posyandu"].fillna(records["desa"]).fillna(records["child_id"])
    records = records.assign(
        cluster=records["kecamatan"].astype(str) + "/" + post.astype(str),
        weight=attendance_weight(records["haz"], measured),
    )
    return haz_offset(records, inputs.children)


def by_age(project: Project, inputs: Inputs) -> pd.DataFrame:
    """New cases per 100 child-years by age at the measurement that closes the interval.

    Returns
    -------
    DataFrame
        `age_group at_risk child_years new rate low high verdict`, for the whole place.
    """
    steps = intervals(valid_measurements(inputs.visits))
    steps = steps[steps["at_risk"]]
    groups = steps.groupby("age_group", observed=True)
    table = pd.DataFrame(
        {
            "at_risk": groups["child_id"].nunique(),
            "child_years": groups["child_days"].sum() / YEAR_DAYS,
            "new": groups["new"].sum(),
        }
    )
    level = project.params.estimation.level
    limits = [rate_interval(n, t, level) for n, t in zip(table["new"], table["child_years"])]  # noqa: B905
    table[["rate", "low", "high"]] = np.array(limits, dtype=float).reshape(len(table), 3)
    table["verdict"] = [
        verdict(kind="routine", n=n, events=x).verdict
        for n, x in zip(table["at_risk"], table["new"], strict=True)
    ]
    order = ["0-5", "6-11", "12-23", "24-35", "36-47", "48-59"]
    return (
        table.reindex([g for g in order if g in table.index]).rename_axis("age_group").reset_index()
    )


def linkage(inputs: Inputs) -> pd.DataFrame:
    """Share of records and children linked each way: by NIK, by name, or not at all."""
    visits = inputs.visits
    if visits.empty:
        return pd.DataFrame(columns=["linked_by", "records", "children", "share"])
    groups = visits.groupby("linked_by")
    table = pd.DataFrame({"records": groups.size(), "children": groups["child_id"].nunique()})
    table["share"] = table["records"] / len(visits)
    return table.reset_index()
