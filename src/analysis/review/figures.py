"""The figures of kabupaten, provinsi and pusat side by side, and which may be compared.

Words stay apart: a survey figure and an administrative one are never subtracted, and the
reason two figures may not be compared is a code.
"""

from __future__ import annotations

import math

import pandas as pd

from analysis.indicators import read_csv_text
from analysis.project import Project
from analysis.review.series import ADMINISTRATIVE_FILE, are_comparable, comparable_groups

COLUMNS = (
    "scope",
    "place",
    "kind",
    "definition",
    "name",
    "period",
    "qualifier",
    "estimate",
    "low",
    "high",
    "n",
    "method",
    "comparable",
    "comparable_reason",
    "note",
    "source",
)


def figures_table(project: Project, review: pd.DataFrame, series: pd.DataFrame) -> pd.DataFrame:
    """Every figure in use, beside this run's survey estimate.

    Returns
    -------
    DataFrame
        `kind` is survey or administrative; `definition` the code of what was counted;
        `comparable` whether it may be compared with the run's survey figure for the whole
        place, and `comparable_reason` why (not).
    """
    rows = [own_row(project, review), *survey_rows(project, series)]
    rows += [*routine_row(project, review), *administrative_rows(project)]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def own_row(project: Project, review: pd.DataFrame) -> dict[str, object]:
    """Return the run's own published estimate."""
    whole = review[review["level"] == "whole"].iloc[0]
    params = project.params
    return {
        "scope": "whole",
        "place": params.place.name,
        "kind": "survey",
        "definition": "haz_below_minus2_who2006_sample",
        "name": params.survey.name[params.language],
        "period": params.survey.period[params.language],
        "qualifier": "",
        "estimate": whole["estimate"],
        "low": whole["low"],
        "high": whole["high"],
        "n": whole["n"],
        "method": whole["method"],
        "comparable": True,
        "comparable_reason": "itself",
        "note": "",
        "source": "",
    }


def survey_rows(project: Project, series: pd.DataFrame) -> list[dict[str, object]]:
    """Return the latest published survey figure of each place."""
    params, groups = project.params, comparable_groups(project)
    own = params.survey.name[params.language]
    published = series[series["n_basis"] != "measured"]
    rows = []
    order = {"whole": 0, "province": 1, "nation": 2}
    latest = published.sort_values("year").drop_duplicates("place", keep="last")
    for _, row in latest.sort_values("scope", key=lambda s: s.map(order)).iterrows():
        reason = comparison_reason(
            scope=row["scope"],
            same_instrument=are_comparable(row["survey"], own, groups),
            same_year=row["year"] == params.survey.year,
        )
        rows.append(
            {
                "scope": row["scope"],
                "place": row["place"],
                "kind": "survey",
                "definition": "haz_below_minus2_who2006_sample",
                "name": row["survey"],
                "period": str(row["year"]),
                "qualifier": "",
                "estimate": row["estimate"],
                "low": row["low"],
                "high": row["high"],
                "n": row["n"] if row["n_basis"] == "published" else math.nan,
                "method": "published",
                "comparable": reason == "same_instrument",
                "comparable_reason": reason,
                "note": row["note"],
                "source": row["source"],
            }
        )
    return rows


def comparison_reason(*, scope: str, same_instrument: bool, same_year: bool) -> str:
    """Why a published survey figure may be compared with the run's own, or may not."""
    if not same_instrument:
        return "other_instrument"
    if scope != "whole" and not same_year:
        return "other_place_and_year"
    return "same_instrument"


def routine_row(project: Project, review: pd.DataFrame) -> list[dict[str, object]]:
    """Return the run's own routine figure for the whole place."""
    whole = review[review["level"] == "whole"].iloc[0]
    params = project.params
    if params.routine is None or pd.isna(whole["routine_estimate"]):
        return []
    return [
        {
            "scope": "whole",
            "place": params.place.name,
            "kind": "administrative",
            "definition": "recorded_status_of_weighed_children",
            "name": params.routine.name[params.language],
            "period": params.routine.month,
            "qualifier": "",
            "estimate": whole["routine_estimate"],
            "low": math.nan,
            "high": math.nan,
            "n": whole["routine_n"],
            "method": "count",
            "comparable": False,
            "comparable_reason": "weighed_children_not_a_sample",
            "note": "",
            "source": "",
        }
    ]


def administrative_rows(project: Project) -> list[dict[str, object]]:
    """Return the published routine figures; a bound such as `<10` keeps its sign apart."""
    file = project.params.review.administrative_file
    if file is None:
        return []
    table = read_csv_text(project.beside(file), ADMINISTRATIVE_FILE)
    rows = []
    for row in table.to_dict("records"):
        qualifier, share = split_bound(row["prevalence_pct"])
        rows.append(
            {
                "scope": "whole",
                "place": project.params.place.name,
                "kind": "administrative",
                "definition": "recorded_status_of_weighed_children",
                "name": "published_routine",
                "period": row["period"],
                "qualifier": qualifier,
                "estimate": share,
                "low": math.nan,
                "high": math.nan,
                "n": math.nan,
                "method": "published",
                "comparable": False,
                "comparable_reason": "weighed_children_not_a_sample",
                "note": row["note"],
                "source": row["source"],
            }
        )
    return rows


def split_bound(text: str) -> tuple[str, float]:
    """Split a percentage with an optional bound into its sign and share.

    >>> split_bound("<10")
    ('<', 0.1)
    """
    text = text.strip()
    qualifier = text[0] if text[:1] in "<>≤≥" and text else ""
    try:
        return qualifier, float(text.removeprefix(qualifier)) / 100
    except ValueError:
        return qualifier, math.nan
