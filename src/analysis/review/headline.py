"""The routine figure as the office knows it: percentage as recorded, children weighed, D/S."""

from __future__ import annotations

import math

import pandas as pd

from analysis.project import Project
from analysis.review.inputs import Inputs, balita_by_area
from analysis.review.routine import children_due, in_window, listed_children, recorded_status


def due_children(project: Project, inputs: Inputs) -> tuple[pd.Series, str]:
    """Children who ought to be weighed per area and in all, and whose count that is."""
    balita = balita_by_area(project, inputs.population)
    routine = project.params.routine
    if routine is None or inputs.visits.empty:
        due, basis = balita, "registered"
    else:
        due, basis = children_due(listed_children(inputs.visits, routine), balita)
    due = due.copy()
    due.loc[project.whole] = due.sum(min_count=len(due))
    return due, basis


def routine_headline(project: Project, inputs: Inputs) -> pd.DataFrame:
    """Routine prevalence as recorded, children weighed, and D/S, per area.

    Returns
    -------
    DataFrame
        `area routine_estimate routine_n weighed_share weighed_basis`; missing without
        routine data.
    """
    codes = [*project.register.codes, project.whole]
    result = pd.DataFrame(index=pd.Index(codes, name="area"))
    routine = project.params.routine
    if routine is None or inputs.visits.empty:
        result["routine_estimate"], result["weighed_share"] = math.nan, math.nan
        result["routine_n"] = pd.array([pd.NA] * len(codes), dtype="Int64")
        result["weighed_basis"] = "no_routine"
        return result.reset_index()
    window = in_window(inputs.visits, routine)
    window = window.assign(recorded=recorded_status(window).astype("Float64"))
    due, basis = due_children(project, inputs)
    by_area = window.groupby("kecamatan")
    share, weighed = by_area["recorded"].mean(), by_area["child_id"].nunique()
    share.loc[project.whole] = window["recorded"].mean()
    weighed.loc[project.whole] = window["child_id"].nunique()
    result["routine_estimate"] = share.reindex(codes).astype("float64")
    result["routine_n"] = weighed.reindex(codes).fillna(0).astype("Int64")
    count = result["routine_n"].astype("float64")
    result["weighed_share"] = count / due.reindex(codes).where(lambda d: d > 0)
    result["weighed_basis"] = basis
    return result.reset_index()
