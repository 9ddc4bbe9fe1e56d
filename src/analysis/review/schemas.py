"""Schemas of what review hands on: review, new_cases, two_numbers, priorities, actions."""

from __future__ import annotations

import pandera.pandas as pa

from analysis.schema import boolean, number, share, table, text, whole

#: One row per area and one for the whole place: where it stands against the target.
REVIEW = table(
    {
        "area": text("Code of the area, or of the whole place"),
        "level": text("area or whole", allowed=["area", "whole"]),
        "method": text("Method of the published estimate", nullable=True),
        "estimate": share("Stunting prevalence"),
        "low": share("Lower limit"),
        "high": share("Upper limit"),
        "n": whole("Children measured"),
        "psus": whole("Sampled clusters"),
        "villages_sampled": whole("Villages with a sampled cluster", nullable=True),
        "villages": whole("Villages of the area", nullable=True),
        "rse": number("Relative standard error, percent", 0),
        "verdict": text("show, caution or suppress", allowed=["show", "caution", "suppress"]),
        "reason": text("Code of the verdict's reason", nullable=True),
        "confidence": text("high, medium or low", allowed=["high", "medium", "low"]),
        "balita": number("Children under five", 0),
        "stunted": number("Stunted children; areas add up to the whole exactly", 0),
        "stunted_low": number("Lower limit", 0),
        "stunted_high": number("Upper limit", 0),
        "target": share("Target of the review year"),
        "target_status": text("confirmed, derived or unverified", nullable=True),
        "probability_at_target": share("Probability of being at or below the target"),
        "word": text(
            "Where it stands",
            allowed=["reached", "undetermined", "not_reached", "no_target", "no_estimate"],
        ),
        "probability_above_whole": share("Probability of being above the whole place's figure"),
        "against_whole": text(
            "higher, similar, lower, or not_compared",
            allowed=["higher", "similar", "lower", "not_compared"],
        ),
        "annual_reduction_needed": number("Points a year to the path's last target"),
        "final_target": share("Last target of the path"),
        "final_year": whole("Its year", nullable=True),
        "children_to_prevent": number("Stunted children above the final target", 0),
        "routine_estimate": share("Routine prevalence as recorded"),
        "routine_n": whole("Children weighed", nullable=True),
        "weighed_share": number("D/S: weighed of registered", 0),
    }
)

#: Zero new stunting, from repeated measurements of the same child.
NEW_CASES = table(
    {
        "area": text("Code of the area, or of the whole place"),
        "month": text("YYYY-MM, or 'all' for the whole window"),
        "at_risk": whole("Children not stunted before, followed"),
        "child_years": number("Child-years at risk", 0),
        "new": whole("Newly stunted"),
        "recovered": whole("Stunted before, no longer"),
        "persistent": whole("Stunted before and still"),
        "lost": whole("Not measured again though due"),
        "never_measured": whole("Registered, never measured", nullable=True),
        "once": whole("Measured once only: cannot be a new case"),
        "rate": number("New cases per 100 child-years", 0),
        "low": number("Lower limit", 0),
        "high": number("Upper limit", 0),
    }
)

#: The bridge from the routine percentage to the survey's, step by step.
TWO_NUMBERS = table(
    {
        "area": text("Code of the area, or of the whole place"),
        "order": whole("Order of the step; 0 is the routine figure, the last the survey's"),
        "step": text("Code of the step"),
        "value": share("Prevalence after the step"),
        "change": number("Change by the step, share"),
        "low": number("Lower limit of the value (bounds, where the step only bounds it)"),
        "high": number("Upper limit"),
        "n": whole("Children it rests on", nullable=True),
        "status": text(
            "computed, bounded or not_computed", allowed=["computed", "bounded", "not_computed"]
        ),
        "basis": text("Code of what it rests on, or why it was not computed", nullable=True),
    }
)

#: Scores that order areas and villages for attention.
PRIORITIES = table(
    {
        "kind": text("area or village", allowed=["area", "village"]),
        "area": text("Code of the area"),
        "village": text("Code or name of the village; empty for an area", nullable=True),
        "n": whole("Children it rests on"),
        "stunted": number("Stunted children, estimated or counted", 0),
        "rate": share("Prevalence"),
        "by_number": whole("Place when ordered by number"),
        "by_rate": whole("Place when ordered by rate"),
        "score": number("Weighted score, 0–1"),
        "score_low": number("Lowest over the tried weights"),
        "score_high": number("Highest over the tried weights"),
        "locus": boolean("Chosen as lokus by the rule in the params"),
        "verdict": text("show, caution or suppress", allowed=["show", "caution", "suppress"]),
    }
)

#: Coverage gaps with who answers for them.
ACTIONS = table(
    {
        "area": text("Code of the area, or of the whole place"),
        "indicator": text("Code of the indicator"),
        "pillar": whole("Pillar", nullable=True),
        "rank": whole("1–3: one of the three decisions; 0: further gap"),
        "coverage": share("Share in the favourable state"),
        "low": share("Lower limit"),
        "high": share("Upper limit"),
        "target": share("Target"),
        "target_status": text("confirmed, derived, unverified or none", nullable=True),
        "gap": number("Target minus coverage (whole place's coverage where there is no target)"),
        "children": number("Children without it, of the register"),
        "stunted_children": number("Stunted children that go with the gap"),
        "evidence": whole("1–3: strength of the evidence"),
        "evidence_reason": text(
            "Codes of what raised or lowered it, space-separated", nullable=True
        ),
        "opd": text("Code of the agency", nullable=True),
        "opd_name": text("Name of the agency", nullable=True),
        "programme": text("Programme", nullable=True),
        "target_group": text("For whom", nullable=True),
        "budget_source": text("Source of funds", nullable=True),
        "timing": text("When", nullable=True),
        "programme_status": text("confirmed or unverified", nullable=True),
        "verdict": text("show, caution or suppress", allowed=["show", "caution", "suppress"]),
    }
)

TABLES: dict[str, pa.DataFrameSchema] = {
    "review": REVIEW,
    "new_cases": NEW_CASES,
    "two_numbers": TWO_NUMBERS,
    "priorities": PRIORITIES,
    "actions": ACTIONS,
}
