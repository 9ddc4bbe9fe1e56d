"""Coverage gaps, the strength of their evidence, who answers for them, and what to decide.

Three decisions for each place are chosen by a rule that is printed: gaps whose effect is
clear come first, by the number of stunted children that go with them, then the others by
the size of the gap; an agency and a pillar not yet on the list are preferred.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd

from analysis.indicators import Indicator
from analysis.project import Project
from analysis.review.inputs import Inputs, balita_by_area, one_row
from analysis.review.programmes import add_programmes
from analysis.review.routine import AGE_GROUPS
from analysis.review.schemas import ACTIONS
from analysis.review.status import survey_quality

DECISIONS = 3


@dataclass(frozen=True)
class Evidence:
    """Strength 1–3 of the evidence behind a decision, with the codes of its reasons."""

    strength: int
    reasons: tuple[str, ...]


def evidence(
    *, effect: tuple[float, float] | None, quality: str, verdict: str, target_status: str
) -> Evidence:
    """Give one point each for a clear effect, sound data, and a confirmed target; 1 at least.

    Parameters
    ----------
    effect
        Interval of the published effect per 100 children of the unfavourable state, or
        None where no model speaks for the indicator.
    quality
        Worst data-quality verdict of the survey here.
    verdict
        Disclosure verdict of the coverage.
    target_status
        confirmed, derived, unverified, assumed or none.
    """
    reasons = [effect_reason(effect)]
    if verdict != "show":
        reasons.append("coverage_uncertain")
    elif quality == "poor":
        reasons.append("quality_poor")
    else:
        reasons.append("data_sound")
    confirmed = target_status == "confirmed"
    reasons.append("target_confirmed" if confirmed else f"target_{target_status}")
    points = sum(r in ("effect_clear", "data_sound", "target_confirmed") for r in reasons)
    return Evidence(max(1, points), tuple(reasons))


def effect_reason(effect: tuple[float, float] | None) -> str:
    """Say in a code what the effect's interval says."""
    if effect is None or any(math.isnan(x) for x in effect):
        return "no_effect_estimate"
    if effect[0] > 0:
        return "effect_clear"
    return "effect_opposite" if effect[1] < 0 else "effect_unclear"


def actions_table(project: Project, inputs: Inputs) -> pd.DataFrame:
    """One row per area and indicator with a coverage; see `schemas.ACTIONS`."""
    rows = coverage_rows(project, inputs)
    if rows.empty:
        return pd.DataFrame(columns=list(ACTIONS.columns))
    rows = rows.merge(attributable_by_indicator(inputs), on=["area", "indicator"], how="left")
    rows = add_evidence(rows, effect_intervals(inputs), survey_quality(inputs.data_quality))
    return add_ranks(add_programmes(rows, project))


def coverage_rows(project: Project, inputs: Inputs) -> pd.DataFrame:
    """Coverage of the favourable state, its target and gap, and the children without it."""
    published = inputs.prevalence[
        inputs.prevalence["published"].fillna(False) & (inputs.prevalence["unit"] == "share")
    ]
    eligible = eligible_children(project, inputs)
    assumed = assumed_targets(inputs)
    rows = []
    for code, indicator in project.pillars.conditions().items():
        if indicator.pillar is None:
            continue
        own = published[published["indicator"] == code].set_index("area")
        aim = aim_of(indicator, assumed.get(code), own, project.whole)
        for area in [project.whole, *project.register.codes]:
            if area in own.index:
                row = coverage_row(code, indicator, one_row(own, area), aim)
                rows.append({"area": area, **row, "eligible": eligible(code, area)})
    table = pd.DataFrame(rows)
    if table.empty:
        return table
    shown = table["verdict"] != "suppress"
    table["children"] = ((1 - table["coverage"]) * table["eligible"]).round()
    table["children_gap"] = (table["gap"].clip(lower=0) * table["eligible"]).round()
    hidden = ["coverage", "low", "high", "gap", "gap_low", "gap_high", "children", "children_gap"]
    table.loc[~shown, hidden] = math.nan
    return table.drop(columns="eligible")


@dataclass(frozen=True)
class Aim:
    """The coverage of the favourable state a gap is measured against."""

    share: float
    status: str
    basis: str
    year: int | None = None


def aim_of(indicator: Indicator, assumed: float | None, published: pd.DataFrame, whole: str) -> Aim:
    """Return the indicator's target; else the one the models assumed; else the whole's coverage.

    Where pillars.yaml has no target, the determinants stage takes what the best quarter
    of areas has reached; the gap is then measured against the same, so that it and the
    stunted children that go with it belong together.
    """
    if indicator.target is not None:
        share = indicator.target.value / 100
        share = share if indicator.better == "higher" else 1 - share
        return Aim(share, indicator.target.status, "target", indicator.target.year)
    if assumed is not None and not math.isnan(assumed):
        return Aim(assumed, "assumed", "best_quarter")
    known = whole in published.index
    share = favourable(one_row(published, whole), indicator)[0] if known else math.nan
    return Aim(share, "none", "whole_coverage")


def assumed_targets(inputs: Inputs) -> dict[str, float]:
    """Return the coverages the determinants stage assumed for indicators without a target."""
    table = inputs.attributable
    table = table[(table["kind"] == "indicator") & (table["target_status"] == "assumed")]
    return {str(k): float(v) for k, v in table.groupby("code")["target"].first().items()}


def coverage_row(code: str, indicator: Indicator, row: pd.Series, aim: Aim) -> dict[str, object]:
    """Coverage of one place against what it should reach."""
    coverage, low, high = favourable(row, indicator)
    return {
        "indicator": code,
        "pillar": indicator.pillar,
        "coverage": coverage,
        "low": low,
        "high": high,
        "n": row["n"],
        "target": aim.share,
        "target_status": aim.status,
        "target_basis": aim.basis,
        "target_year": aim.year,
        "gap": aim.share - coverage,
        "gap_low": aim.share - high,
        "gap_high": aim.share - low,
        "verdict": row["verdict"],
    }


def favourable(row: pd.Series, indicator: Indicator) -> tuple[float, float, float]:
    """Share in the favourable state with its limits, whichever way the indicator is worded."""
    estimate, low, high = (float(row[c]) for c in ("estimate", "low", "high"))
    if indicator.better == "higher":
        return estimate, low, high
    return 1 - estimate, 1 - high, 1 - low


def eligible_children(project: Project, inputs: Inputs) -> Callable[[str, str], float]:
    """Return a function (indicator, area) → children the indicator is defined for.

    Ages come from the population table; without one, an even spread over 60 months.
    """
    balita = balita_by_area(project, inputs.population)
    balita.loc[project.whole] = balita.sum(min_count=len(balita))
    by_age = inputs.population.groupby(["kecamatan", "age_group"])["balita"].sum().unstack()
    by_age.loc[project.whole] = by_age.sum()
    by_age = by_age.reindex(columns=list(AGE_GROUPS)).fillna(0.0)
    share = by_age.div(by_age.sum(axis=1), axis=0)

    def count(code: str, area: str) -> float:
        ages = project.pillars.indicators[code].ages_months
        total = float(balita.get(area, math.nan))
        if ages is None:
            return total
        if area not in share.index or share.loc[area].isna().any():
            return total * (ages[1] - ages[0] + 1) / 60
        own = one_row(share, area)
        return total * sum(float(own[group]) * _overlap(group, ages) for group in AGE_GROUPS)

    return count


def _overlap(group: str, ages: tuple[int, int]) -> float:
    """Share of an age group's months that lie within `ages` (completed months)."""
    first, last = (int(x) for x in group.split("-"))
    months = min(last, ages[1]) - max(first, ages[0]) + 1
    return max(months, 0) / (last - first + 1)


def attributable_by_indicator(inputs: Inputs) -> pd.DataFrame:
    """Return the stunted children that go with each indicator's gap."""
    table = inputs.attributable[inputs.attributable["kind"] == "indicator"]
    columns = {"code": "indicator", "low": "stunted_low", "high": "stunted_high"}
    table = table.rename(columns=columns)
    return table[["area", "indicator", "stunted_children", "stunted_low", "stunted_high"]]


def effect_intervals(inputs: Inputs) -> dict[str, tuple[float, float]]:
    """Return the published effect per 100 children of each indicator, as its interval."""
    table = inputs.effects
    table = table[table["published"].fillna(False) & (table["outcome"] == "stunted")]
    table = table[table["category"].isna()]
    return {
        str(code): (float(low), float(high))
        for code, low, high in zip(
            table["indicator"], table["per_100_low"], table["per_100_high"], strict=True
        )
    }


def add_evidence(
    rows: pd.DataFrame, effects: dict[str, tuple[float, float]], quality: dict[str, str]
) -> pd.DataFrame:
    """Add strength, reasons, and whether the effect is clear."""
    found = [
        evidence(
            effect=effects.get(row["indicator"]),
            quality=quality.get(row["area"], "not_computed"),
            verdict=row["verdict"],
            target_status=row["target_status"],
        )
        for _, row in rows.iterrows()
    ]
    rows = rows.copy()
    rows["evidence"] = [e.strength for e in found]
    rows["evidence_reason"] = [" ".join(e.reasons) for e in found]
    return rows


def add_ranks(rows: pd.DataFrame) -> pd.DataFrame:
    """Rank 1–3 for the decisions of each area, 0 for further gaps."""
    rows = rows.reset_index(drop=True)
    rows["rank"] = 0
    opd = rows["opd"].fillna("")
    clear = rows["evidence_reason"].str.contains("effect_clear")
    rows["_children"] = rows["stunted_children"].where(clear, 0.0).fillna(0.0).clip(lower=0)
    for _, group in rows[(rows["gap"] > 0)].groupby("area"):
        ordered = group.sort_values(
            ["_children", "gap", "indicator"], ascending=[False, False, True]
        )
        places = [int(i) for i in ordered.index]
        candidates = [(i, str(opd[i]), rows.at[i, "pillar"]) for i in places]
        for rank, index in enumerate(choose(candidates), start=1):
            rows.loc[index, "rank"] = rank
    return rows.drop(columns="_children")


def choose(candidates: Sequence[tuple[int, str, object]]) -> list[int]:
    """Choose three of the ordered candidates (index, lead agency, pillar).

    In turn the first candidate whose agency and pillar are both new, else the first whose
    agency is new, else the first whose pillar is new, else simply the first.
    """
    left = list(candidates)
    chosen: list[tuple[int, str, object]] = []
    while left and len(chosen) < DECISIONS:
        agencies = {agency for _, agency, _ in chosen}
        pillars = {pillar for _, _, pillar in chosen}
        best = min(
            left,
            key=lambda c: (2 * (c[1] in agencies) + (c[2] in pillars), left.index(c)),
        )
        chosen.append(best)
        left.remove(best)
    return [index for index, _, _ in chosen]
