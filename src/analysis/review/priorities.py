"""Where first: transparent scores for areas and villages, and how far they hang on weights.

A score is a weighted mean of criteria, each scaled from 0 (lowest here) to 1 (highest
here). Criteria and weights are parameters. Ordering by number and by rate are shown
beside it because they disagree, and the score is computed again under other weights.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.brief.disclosure import suppress_counts, verdict
from analysis.project import Project
from analysis.review.inputs import Inputs
from analysis.review.routine import in_window, last_per_child


def priorities_table(
    project: Project,
    inputs: Inputs,
    review: pd.DataFrame,
    actions: pd.DataFrame,
    new_cases: pd.DataFrame,
) -> pd.DataFrame:
    """Score every area and village; see `schemas.PRIORITIES`."""
    chosen = project.params.priorities
    areas = area_rows(inputs, review, actions, new_cases)
    areas = score(areas, chosen.area_weights)
    villages = village_rows(project, inputs, chosen.village_months)
    villages = score(villages, chosen.village_weights)
    villages["locus"] = locus(villages["families"], project.params.thresholds.family_risk)
    counts = villages.groupby("area")["locus"].sum() if len(villages) else pd.Series(dtype="Int64")
    known = villages.groupby("area")["locus"].count() if len(villages) else pd.Series(dtype="int64")
    areas["lokus_villages"] = areas["area"].map(counts.where(known > 0)).astype("Int64")
    areas["locus"] = pd.array([pd.NA] * len(areas), dtype="boolean")
    table = pd.concat([areas, villages], ignore_index=True)
    return table[[*ORDER, *(c for c in table.columns if c not in ORDER)]]


ORDER = ("kind", "area", "village", "n", "stunted", "rate", "by_number", "by_rate")


def area_rows(
    inputs: Inputs, review: pd.DataFrame, actions: pd.DataFrame, new_cases: pd.DataFrame
) -> pd.DataFrame:
    """Return the criteria of each area; missing where there is nothing to compute them from."""
    rows = review[review["level"] == "area"].copy()
    shown = rows["verdict"] != "suppress"
    table = pd.DataFrame(
        {
            "kind": "area",
            "area": rows["area"],
            "village": pd.array([pd.NA] * len(rows), dtype="string"),
            "n": rows["n"],
            "stunted": rows["stunted"].where(shown),
            "rate": rows["estimate"].where(shown),
            "routine_rate": rows["routine_estimate"].where(rows["routine_n"].fillna(0) >= 25),
            "verdict": rows["verdict"],
        }
    ).reset_index(drop=True)
    overall = new_cases[(new_cases["month"] == "all") & (new_cases["verdict"] != "suppress")]
    table["new_case_rate"] = table["area"].map(overall.set_index("area")["rate"])
    gaps = actions[(actions["verdict"] != "suppress") & actions["gap"].notna()]
    mean_gap = gaps.assign(gap=gaps["gap"].clip(lower=0)).groupby("area")["gap"].mean()
    table["coverage_gap"] = table["area"].map(mean_gap)
    families = inputs.risk_families.groupby("kecamatan")["families"].sum()
    table["families"] = table["area"].map(families).astype("Float64").astype("float64")
    return table


def village_rows(project: Project, inputs: Inputs, months: int) -> pd.DataFrame:
    """Return the villages from routine records, each child once, and their families at risk.

    Counts of 1 to 4 children (or all but 1 to 4) are hidden, with as many others as it
    takes that they cannot be worked out from the area's sum; hidden figures are blank in
    the table itself, so no later step can show them.
    """
    routine = project.params.routine
    visits = inputs.visits if routine else inputs.visits.iloc[:0]
    recent = in_window(visits, routine, months) if routine else visits
    known = last_per_child(recent[recent["stunted"].notna() & recent["desa"].notna()])
    groups = known.assign(stunted=known["stunted"].astype(float)).groupby(["kecamatan", "desa"])
    counted = pd.DataFrame({"n": groups.size(), "stunted": groups["stunted"].sum()})
    families = inputs.risk_families.groupby(["kecamatan", "desa"])["families"].sum()
    table = counted.join(families.astype("float64").rename("families"), how="outer")
    table = table.rename_axis(["area", "village"]).reset_index()
    table["n"] = table["n"].fillna(0).astype("Int64")
    table["rate"] = table["stunted"] / table["n"].astype("float64")
    table = hide_small(table)
    table.insert(0, "kind", "village")
    return table


def hide_small(table: pd.DataFrame) -> pd.DataFrame:
    """Blank the figures of villages that may not be shown, and say so in `verdict`."""
    table = table.copy()
    table["verdict"] = [
        verdict(kind="routine", n=n, events=None if pd.isna(x) else x).verdict
        for n, x in zip(table["n"], table["stunted"], strict=True)
    ]
    for _, group in table[table["stunted"].notna()].groupby("area"):
        counts = group["stunted"].astype(int).tolist()
        hidden = suppress_counts(counts, group["n"].astype(int).tolist())
        table.loc[group.index[list(hidden)], "verdict"] = "suppress"
    table.loc[table["verdict"] == "suppress", ["stunted", "rate"]] = np.nan
    return table


def locus(families: pd.Series, threshold: int) -> pd.Series:
    """Chosen as lokus: more families at risk than the threshold; missing where unknown."""
    return (families > threshold).astype("boolean").mask(families.isna())


def score(table: pd.DataFrame, weights: dict[str, float]) -> pd.DataFrame:
    """Add places by number and rate, the score, and its range over other weights.

    A criterion missing everywhere is left out (`criteria` names those used); a row that
    lacks one is scored on the rest. Rows that may not be shown get no place and no score.
    """
    table = table.copy()
    usable = (table["verdict"] != "suppress").to_numpy()
    table["by_number"] = place(table["stunted"].where(usable))
    table["by_rate"] = place(table["rate"].where(usable))
    used = {c: w for c, w in weights.items() if w > 0 and table.loc[usable, c].notna().any()}
    scaled = np.column_stack(
        [scale(table[c].where(usable)) for c in used] or [np.empty(len(table))]
    )
    scaled[~usable] = np.nan
    tried = variants(list(used.values()))
    scores = (
        np.array([weighted(scaled, w) for w in tried]) if used else np.full((1, len(table)), np.nan)
    )
    table["score"] = scores[0]
    table["score_low"], table["score_high"] = scores.min(axis=0), scores.max(axis=0)
    places = np.array([place(pd.Series(s)).astype("Float64") for s in scores], dtype=float)
    table["by_score"] = place(pd.Series(scores[0], index=table.index))
    for name, value in (("place_low", places.min(axis=0)), ("place_high", places.max(axis=0))):
        table[name] = pd.Series(value, index=table.index).round().astype("Int64")
    table["criteria"] = " ".join(f"{c}={w:g}" for c, w in used.items())
    return table


def scale(values: pd.Series) -> np.ndarray:
    """Scale to 0 (lowest) … 1 (highest); 0.5 for all where none differs."""
    numbers = values.astype("float64").to_numpy()
    if np.isnan(numbers).all():
        return numbers
    low, high = np.nanmin(numbers), np.nanmax(numbers)
    if high == low:
        return np.where(np.isnan(numbers), np.nan, 0.5)
    return np.asarray((numbers - low) / (high - low))


def variants(weights: list[float]) -> list[np.ndarray]:
    """The weights, equal ones, and each criterion halved, doubled, and left out in turn."""
    base = np.array(weights, dtype=float)
    tried = [base, np.ones_like(base)]
    for i in range(len(base)):
        for factor in (0.5, 2.0, 0.0):
            other = base.copy()
            other[i] *= factor
            if other.sum() > 0:
                tried.append(other)
    return tried


def weighted(scaled: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Weighted mean over the criteria a row has."""
    have = ~np.isnan(scaled) * weights
    total = have.sum(axis=1)
    with np.errstate(invalid="ignore"):
        return np.where(total > 0, np.nansum(scaled * weights, axis=1) / total, np.nan)


def place(values: pd.Series) -> pd.Series:
    """Place when ordered from highest; ties share the better one; missing stays missing."""
    return values.rank(ascending=False, method="min").astype("Int64")
