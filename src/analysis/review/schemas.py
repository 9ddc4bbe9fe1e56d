"""Schemas of what review hands on, and what each column means."""

from __future__ import annotations

import pandera.pandas as pa

from analysis.schema import boolean, number, share, table, text, whole

_AREA = "Code of the area, or of the whole place"
_VERDICTS = ["show", "caution", "suppress"]
_STATUS = "confirmed, derived or unverified"
_WORDS = ["reached", "undetermined", "not_reached", "no_target", "no_estimate"]
_KINDS = ["point", "interpolated", "held", "none"]

#: One row per area and one for the whole place: where it stands against the target.
REVIEW = table(
    {
        "area": text(_AREA),
        "level": text("area or whole", allowed=["area", "whole"]),
        "method": text("Method of the published estimate", nullable=True),
        "estimate": share("Stunting prevalence"),
        "low": share("Lower limit"),
        "high": share("Upper limit"),
        "n": whole("Children measured"),
        "psus": whole("Sampled clusters"),
        "villages_sampled": whole("Villages with a measured child", nullable=True),
        "villages": whole("Villages of the area", nullable=True),
        "rse": number("Relative standard error, percent", 0),
        "df": number("Degrees of freedom of the estimate, where it is direct"),
        "verdict": text("show, caution or suppress", allowed=_VERDICTS),
        "reason": text("Code of the verdict's reason", nullable=True),
        "confidence": text("high, medium or low", allowed=["high", "medium", "low"]),
        "confidence_reason": text("Codes of what lowered it, space-separated"),
        "balita": number("Children under five", 0),
        "stunted": number("Stunted children; areas add up to the whole exactly", 0),
        "stunted_low": number("Lower limit, children under five taken as known", 0),
        "stunted_high": number("Upper limit", 0),
        "count_basis": text("own_estimate or sum_of_areas"),
        "target": share("Target of the review year"),
        "target_status": text(_STATUS, nullable=True),
        "target_kind": text("point, interpolated, held or none", allowed=_KINDS),
        "probability_at_target": share("Probability of being at or below the target"),
        "probability_at_final": share("Probability of being at or below the last target now"),
        "word": text("Where it stands", allowed=_WORDS),
        "probability_above_whole": share("Probability of being above the whole place's figure"),
        "against_whole": text(
            "higher, similar, lower, or not_compared",
            allowed=["higher", "similar", "lower", "not_compared"],
        ),
        "annual_reduction_needed": number("Percentage points a year to the path's last target", 0),
        "annual_rate_needed": number("The same as a yearly rate, share of the figure (AARR)", 0),
        "final_target": share("Last target of the path"),
        "final_year": whole("Its year", nullable=True),
        "children_to_prevent": number("Stunted children above the final target", 0),
        "children_to_prevent_low": number("Lower limit", 0),
        "children_to_prevent_high": number("Upper limit", 0),
        "routine_estimate": share("Routine prevalence as recorded"),
        "routine_n": whole("Children weighed", nullable=True),
        "weighed_share": number("D/S: weighed of the children due", 0),
        "weighed_basis": text(
            "registered; listed (known to routine files of a part of the place); no_routine"
        ),
    }
)

#: Each area against every target path of the params.
TARGETS = table(
    {
        "area": text(_AREA),
        "path": text("Key of the target path"),
        "selected": boolean("The path the briefs report against"),
        "year": whole("Review year"),
        "target": share("Target of that year"),
        "target_status": text(_STATUS, nullable=True),
        "target_kind": text("point, interpolated, held or none", allowed=_KINDS),
        "probability_at_target": share("Probability of being at or below it"),
        "word": text("Where it stands", allowed=_WORDS),
        "final_year": whole("Last year of the path"),
        "final_target": share("Its target"),
    }
)

#: Every target path by year.
TARGET_PATH = table(
    {
        "path": text("Key of the target path"),
        "selected": boolean("The path the briefs report against"),
        "year": whole("Year"),
        "target": share("Target"),
        "target_status": text(_STATUS, nullable=True),
        "target_kind": text("point, interpolated, held or none", allowed=_KINDS),
        "source": text("Where the points were read", nullable=True),
    }
)

#: Published survey figures over time, the run's own survey last.
SERIES = table(
    {
        "scope": text("whole, province or nation", allowed=["whole", "province", "nation"]),
        "place": text("Name of the place"),
        "year": whole("Year of measurement"),
        "survey": text("Survey"),
        "estimate": share("Stunting prevalence"),
        "low": share("Lower limit; of published figures at an assumed design effect of 1.5"),
        "high": share("Upper limit"),
        "n": number("Children", 0),
        "n_basis": text(
            "measured, published, assumed (same survey, other year) or none",
            allowed=["measured", "published", "assumed", "none"],
        ),
        "break": boolean("The figure before is of another instrument"),
        "since": whole("Year of the latest comparable survey before", nullable=True),
        "change": number("Change since then, share"),
        "change_low": number("Lower limit"),
        "change_high": number("Upper limit"),
        "probability_fall": share("Probability that it fell"),
        "word": text(
            "What may be said of the change",
            allowed=["first", "fell", "rose", "within_noise", "noise_unknown", "not_comparable"],
        ),
        "annual_rate": number("Average annual rate of reduction since then, share"),
        "note": text("Note of the source", nullable=True),
        "source": text("Where the figure was read", nullable=True),
    }
)

#: Figures of the whole place, province and nation side by side.
FIGURES = table(
    {
        "scope": text("whole, province or nation", allowed=["whole", "province", "nation"]),
        "place": text("Name of the place"),
        "kind": text("survey or administrative", allowed=["survey", "administrative"]),
        "definition": text("Code of what was counted"),
        "name": text("Survey or system"),
        "period": text("When"),
        "qualifier": text("Bound of the published figure, e.g. <", nullable=True),
        "estimate": share("The figure"),
        "low": share("Lower limit"),
        "high": share("Upper limit"),
        "n": number("Children behind it", 0),
        "method": text("How it was made", nullable=True),
        "comparable": boolean("May be compared with the run's survey figure"),
        "comparable_reason": text("Code of why, or why not"),
        "note": text("Note of the source", nullable=True),
        "source": text("Where it was read", nullable=True),
    }
)

#: Zero new stunting, from repeated measurements of the same child.
NEW_CASES = table(
    {
        "area": text(_AREA),
        "month": text("YYYY-MM of the measurement that closes an interval, or 'all'"),
        "at_risk": whole("Children measured before and never yet found stunted, followed"),
        "child_years": number("Child-years at risk, to the middle of a new case's interval", 0),
        "new": whole("Newly stunted: first stunted measurement after one that was not"),
        "recovered": whole("Found not stunted for the first time after having been"),
        "persistent": whole(
            "Stunted then and at the measurement before; for 'all' at the last measurement"
        ),
        "relapsed": whole("Stunted again for the first time after recovering: no new case"),
        "lost": whole("Not measured again though due and under five"),
        "never_measured": whole("Registered less known to the routine files", nullable=True),
        "once": whole("Measured once only: cannot be a new case"),
        "measured": whole("Children with a valid measurement"),
        "rate": number("New cases per 100 child-years, as measured", 0),
        "low": number("Lower limit, exact Poisson", 0),
        "high": number("Upper limit", 0),
        "rate_corrected": number(
            "The same with measurement error taken out; over the whole window, where there are 5 cases or more",
            0,
        ),
        "corrected_low": number("Lower limit", 0),
        "corrected_high": number("Upper limit", 0),
        "error_z": number("SD of one routine reading, z", 0),
        "offset_cm": number("Excess of routine readings of length over the survey's, cm"),
        "correction": text("What was taken out, or why nothing"),
        "verdict": text("show, caution or suppress", allowed=_VERDICTS),
        "window_start": text("First month of the records"),
        "window_end": text("Last month of the records"),
        "lost_after_months": whole("Months without a measurement after which a child is lost"),
    }
)

#: New cases by age, whole place.
NEW_CASES_AGE = table(
    {
        "age_group": text("Completed months at the measurement that closes the interval"),
        "at_risk": whole("Children at risk"),
        "child_years": number("Child-years at risk", 0),
        "new": whole("Newly stunted"),
        "rate": number("New cases per 100 child-years", 0),
        "low": number("Lower limit", 0),
        "high": number("Upper limit", 0),
        "verdict": text("show, caution or suppress", allowed=_VERDICTS),
    }
)

#: How routine records were linked to children.
LINKAGE = table(
    {
        "linked_by": text("nik, name or single"),
        "records": whole("Routine records"),
        "children": whole("Children"),
        "share": share("Share of the records"),
    }
)

#: The bridge from the routine percentage to the survey's, step by step.
TWO_NUMBERS = table(
    {
        "area": text(_AREA),
        "order": whole("Order of the step; 0 is the routine figure, the last the survey's"),
        "step": text("Code of the step"),
        "value": share("Prevalence after the step"),
        "change": number("Change by the step, share; missing where it is only bounded"),
        "low": number("Lower limit of the value (bounds, where the step only bounds it)"),
        "high": number("Upper limit"),
        "n": whole("Records or children it rests on", nullable=True),
        "status": text(
            "computed, bounded or not_computed", allowed=["computed", "bounded", "not_computed"]
        ),
        "basis": text("Code of what it rests on, or why it was not computed", nullable=True),
        "coverage": number("Weighed of the children due (step not_weighed)", 0),
        "needed": number("Prevalence among the unweighed that would give the survey's figure"),
        "borrowed": share("Share of children in cells without a weighed child (composition)"),
        "verdict": text("show, caution or suppress", allowed=_VERDICTS),
    }
)

#: Scores that order areas and villages for attention.
PRIORITIES = table(
    {
        "kind": text("area or village", allowed=["area", "village"]),
        "area": text("Code of the area"),
        "village": text("Code or name of the village; empty for an area", nullable=True),
        "n": whole("Children it rests on"),
        "stunted": number("Stunted children: estimated (area), counted (village)", 0),
        "rate": share("Prevalence: survey (area), routine (village)"),
        "by_number": whole("Place when ordered by number", nullable=True),
        "by_rate": whole("Place when ordered by rate", nullable=True),
        "by_score": whole("Place when ordered by score", nullable=True),
        "score": number("Weighted score, 0–1", 0, 1),
        "score_low": number("Lowest over the tried weights", 0, 1),
        "score_high": number("Highest over the tried weights", 0, 1),
        "place_low": whole("Best place over the tried weights", nullable=True),
        "place_high": whole("Worst place over the tried weights", nullable=True),
        "criteria": text("Criteria used and their weights"),
        "routine_rate": share("Routine prevalence as recorded"),
        "new_case_rate": number("New cases per 100 child-years", 0),
        "coverage_gap": share("Mean gap of the indicators, share"),
        "families": number("Keluarga berisiko stunting", 0),
        "locus": boolean("Chosen as lokus: more families at risk than the params' limit"),
        "lokus_villages": whole("Villages chosen as lokus (areas)", nullable=True),
        "verdict": text("show, caution or suppress", allowed=_VERDICTS),
    }
)

_PROGRAMME = {
    "opd": text("Code of the agency", nullable=True),
    "opd_name": text("Name of the agency", nullable=True),
    "programme": text("Programme", nullable=True),
    "target_group": text("For whom", nullable=True),
    "budget_source": text("Source of funds", nullable=True),
    "timing": text("When", nullable=True),
    "programme_status": text("confirmed or unverified", nullable=True),
}

#: Coverage gaps with who answers for them.
ACTIONS = table(
    {
        "area": text(_AREA),
        "indicator": text("Code of the indicator"),
        "pillar": whole("Pillar", nullable=True),
        "rank": whole("1–3: one of the three decisions; 0: further gap"),
        "coverage": share("Share in the favourable state"),
        "low": share("Lower limit"),
        "high": share("Upper limit"),
        "n": whole("Children it rests on"),
        "target": share("Target of the favourable state"),
        "target_status": text("confirmed, derived, unverified, assumed or none", nullable=True),
        "target_basis": text(
            "target; best_quarter of areas, as in the models; or whole_coverage",
            allowed=["target", "best_quarter", "whole_coverage"],
        ),
        "target_year": whole("Year of the target", nullable=True),
        "gap": number(
            "Target minus coverage; `target_basis` says what stands in where none is set"
        ),
        "gap_low": number("Lower limit"),
        "gap_high": number("Upper limit"),
        "children": number("Children without it, of the register", 0),
        "children_gap": number("Children by whom the target is missed", 0),
        "stunted_children": number("Stunted children that go with the gap"),
        "stunted_low": number("Lower limit"),
        "stunted_high": number("Upper limit"),
        "evidence": whole("1–3: strength of the evidence"),
        "evidence_reason": text(
            "Codes of what raised or lowered it, space-separated", nullable=True
        ),
        **_PROGRAMME,
        "opd_others": text("Codes of further agencies, space-separated", nullable=True),
        "verdict": text("show, caution or suppress", allowed=_VERDICTS),
    }
)

#: OPD × area: every programme beside the gap it answers to.
ACTION_MATRIX = table(
    {
        "opd": text("Code of the agency"),
        "opd_name": text("Name of the agency"),
        "area": text(_AREA),
        "indicator": text("Code of the indicator"),
        "pillar": whole("Pillar", nullable=True),
        "programme": text("Programme"),
        "target_group": text("For whom"),
        "budget_source": text("Source of funds"),
        "timing": text("When"),
        "programme_status": text("confirmed or unverified"),
        "gap": number("Target minus coverage", 0),
        "children_gap": number("Children by whom the target is missed", 0),
        "stunted_children": number("Stunted children that go with the gap"),
        "rank": whole("1–3: one of the area's three decisions; 0: further gap"),
        "evidence": whole("1–3: strength of the evidence"),
        "verdict": text("show, caution or suppress", allowed=_VERDICTS),
    }
)

TABLES: dict[str, pa.DataFrameSchema] = {
    "review": REVIEW,
    "targets": TARGETS,
    "target_path": TARGET_PATH,
    "series": SERIES,
    "figures": FIGURES,
    "new_cases": NEW_CASES,
    "new_cases_age": NEW_CASES_AGE,
    "linkage": LINKAGE,
    "two_numbers": TWO_NUMBERS,
    "priorities": PRIORITIES,
    "actions": ACTIONS,
    "action_matrix": ACTION_MATRIX,
}
