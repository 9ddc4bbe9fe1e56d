"""Tables as others may have them: published rows, hidden figures blank, names beside codes.

Every rule of hiding is applied here once more, whatever a later reader does with the
columns: a row that may not be shown keeps its place and its reason, not its numbers, and a
count of 1 to 4 goes together with what would give it away.
"""

from __future__ import annotations

import math

import pandas as pd

from analysis import artefacts
from analysis.brief.disclosure import suppress_counts, verdict
from analysis.project import Project

#: Figures that a row with the verdict `suppress` loses, by table.
FIGURES: dict[str, tuple[str, ...]] = {
    "prevalence": ("estimate", "se", "low", "high", "deff", "rse"),
    "review": (
        "estimate", "low", "high", "rse", "stunted", "stunted_low", "stunted_high",
        "probability_at_target", "probability_at_final", "probability_above_whole",
        "annual_reduction_needed", "annual_rate_needed", "children_to_prevent",
        "children_to_prevent_low", "children_to_prevent_high",
    ),
    "priorities": ("stunted", "rate", "score", "score_low", "score_high"),
    "actions": ("coverage", "low", "high", "gap", "gap_low", "gap_high", "children",
                "children_gap"),
    "action_matrix": ("gap", "children_gap"),
    "new_cases_age": ("new", "rate", "low", "high"),
}  # fmt: skip
FLOWS = ("new", "recovered", "persistent", "relapsed", "lost", "once")
ROUTINE_STEPS = (
    "recorded",
    "recomputed",
    "one_per_child",
    "composition",
    "not_weighed",
    "remainder",
)
#: Rates that would give a hidden count away.
RATES = ["rate", "low", "high", "rate_corrected", "corrected_low", "corrected_high"]
HOTSPOT_SHARE = 0.25


def public_tables(project: Project) -> dict[str, pd.DataFrame]:
    """Every table that leaves the office, in the order of the workbook.

    Returns
    -------
    dict
        By name; a table whose artefact is absent or empty is left out.
    """
    read = {name: _read(project, name) for name in NAMES}
    review = read["review"]
    tables = {"aksi1_annex": aksi1_annex(review), **{name: read[name] for name in NAMES}}
    tables["programmes"] = project.programmes.rename(columns={"status": "programme_status"})
    tables["review"] = hide_routine(review)
    tables["prevalence"] = read["prevalence"].query("published == True")
    tables["new_cases"] = public_new_cases(read["new_cases"], project.whole)
    tables["two_numbers"] = hide_bridges(read["two_numbers"])
    tables["priorities"] = hide_routine_rate(read["priorities"], review)
    tables["attributable"] = hide_areas(read["attributable"], review)
    quality = read["data_quality"]
    tables["data_quality"] = quality[quality["unit"].fillna("") == ""].drop(columns="unit")
    return {
        name: with_names(project, hide(name, table)) for name, table in tables.items() if len(table)
    }


NAMES = (
    "review",
    "targets",
    "target_path",
    "prevalence",
    "benchmark",
    "new_cases",
    "new_cases_age",
    "linkage",
    "two_numbers",
    "figures",
    "series",
    "priorities",
    "actions",
    "action_matrix",
    "effects",
    "attributable",
    "data_quality",
)


def _read(project: Project, name: str) -> pd.DataFrame:
    from analysis.review.inputs import SCHEMAS
    from analysis.review.schemas import TABLES

    if artefacts.exists(project, name):
        return artefacts.read(project, name)
    return pd.DataFrame(columns=list({**SCHEMAS, **TABLES}[name].columns))


def hide(name: str, table: pd.DataFrame) -> pd.DataFrame:
    """Blank the figures of rows that may not be shown."""
    columns = list(FIGURES.get(name, ()))
    if not columns or "verdict" not in table:
        return table.reset_index(drop=True)
    table = table.copy()
    hidden = table["verdict"] == "suppress"
    for column in columns:
        table[column] = table[column].mask(hidden)
    return table.reset_index(drop=True)


def aksi1_annex(review: pd.DataFrame) -> pd.DataFrame:
    """Prevalence and number per area with hotspots, as the situation analysis (Aksi 1) asks.

    A hotspot by rate lies above the whole place with the probability of the params; one
    by number is in the quarter of areas with most stunted children. In the order of the
    codes: this is no ranking of performance.
    """
    rows = review[review["level"] == "area"]
    columns = ["area", "balita", "n", "estimate", "low", "high", "stunted", "stunted_low"]
    columns += ["stunted_high", "verdict", "reason", "confidence"]
    table = rows[columns].reset_index(drop=True)
    shown = table["verdict"] != "suppress"
    figures = ["estimate", "low", "high", "stunted", "stunted_low", "stunted_high"]
    table[figures] = table[figures].where(shown)
    by_rate = (rows["against_whole"] == "higher").reset_index(drop=True) & shown
    place = table["stunted"].rank(ascending=False, method="min")
    by_number = place <= math.ceil(HOTSPOT_SHARE * len(table))
    table["hotspot_rate"] = by_rate.astype("boolean").mask(~shown)
    table["hotspot_number"] = by_number.astype("boolean").mask(~shown)
    return table


def hide_routine(review: pd.DataFrame) -> pd.DataFrame:
    """Blank routine percentages that stand for too few children."""
    hidden = pd.Series(
        [
            _hidden(r, n)
            for r, n in zip(review["routine_estimate"], review["routine_n"], strict=True)
        ],
        index=review.index,
        dtype=bool,
    )
    return review.assign(routine_estimate=review["routine_estimate"].mask(hidden))


def _hidden(rate: float, n: float) -> bool:
    if pd.isna(rate) or pd.isna(n):
        return False
    return verdict(kind="routine", n=float(n), events=round(rate * n)).verdict == "suppress"


def hide_routine_rate(priorities: pd.DataFrame, review: pd.DataFrame) -> pd.DataFrame:
    """Blank the same routine percentages among the criteria of areas."""
    shown = hide_routine(review).set_index("area")["routine_estimate"]
    kept = priorities["area"].map(shown).notna()
    return priorities.assign(routine_rate=priorities["routine_rate"].where(kept))


def hide_areas(table: pd.DataFrame, review: pd.DataFrame) -> pd.DataFrame:
    """Leave out rows of areas whose own estimate may not be shown."""
    hidden = review.loc[review["verdict"] == "suppress", "area"]
    return table[~table["area"].isin(hidden)]


def public_new_cases(table: pd.DataFrame, whole: str) -> pd.DataFrame:
    """Areas over the whole window, and the whole place by month; small counts hidden.

    Areas by month are left out: nearly all their counts are too small to show. Among the
    areas, counts that add up to the whole's are hidden so that none can be worked out.
    """
    kept = table[(table["month"] == "all") | (table["area"] == whole)].copy()
    groups = {
        "areas": (kept["area"] != whole),
        "months": (kept["area"] == whole) & (kept["month"] != "all"),
    }
    for here in groups.values():
        for flow in FLOWS:
            counts = kept.loc[here, flow].astype("int64").tolist()
            hidden = suppress_counts(counts)
            index = kept.index[here][list(hidden)]
            kept.loc[index, flow] = pd.NA
            if flow == "new":
                kept.loc[index, RATES] = math.nan
    return kept


def hide_bridges(table: pd.DataFrame) -> pd.DataFrame:
    """Blank the routine steps of a place where any may not be shown.

    A change tells the step before it, so all go together.
    """
    refused = set(table.loc[table["verdict"] == "suppress", "area"])
    hidden = table["area"].isin(refused) & table["step"].isin(ROUTINE_STEPS)
    columns = ["value", "change", "low", "high", "needed"]
    return table.assign(**{c: table[c].mask(hidden) for c in columns})


def with_names(project: Project, table: pd.DataFrame) -> pd.DataFrame:
    """Put names beside codes: of areas, villages and indicators."""
    table = table.copy()
    codes = {*project.register.codes, project.whole}
    for column in ("area", "kecamatan"):
        if column in table:
            names = [project.area_name(c) if c in codes else c for c in table[column]]
            table.insert(list(table.columns).index(column) + 1, "area_name", names)
    if "village" in table:
        villages = project.register.villages["name"]
        named = [None if pd.isna(v) else villages.get(v, v) for v in table["village"]]
        table.insert(list(table.columns).index("village") + 1, "village_name", named)
    if "indicator" in table:
        labels = {
            code: indicator.label[project.params.language]
            for code, indicator in project.pillars.indicators.items()
        }
        place = list(table.columns).index("indicator") + 1
        table.insert(place, "indicator_label", [labels.get(c) for c in table["indicator"]])
    return table
