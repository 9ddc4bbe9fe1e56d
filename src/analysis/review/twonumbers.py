"""Why two numbers differ: the bridge from the routine percentage to the survey's.

Each step is computed from what the step before left, in a fixed order (so the sizes depend
on the order, as in every such decomposition):

1. ``recorded``: stunted as the export says, over all records of the window;
2. ``recomputed``: the same records with z-scores recomputed, implausible ones left out;
3. ``one_per_child``: one record per child, the last of the window;
4. ``composition``: weighted to the children's age, sex and area (register or survey);
5. ``not_weighed``: bounds if none or all of the children not weighed were stunted;
6. ``remainder``: what is left to the survey's figure: measurement and selection;
7. ``survey``: the published survey estimate.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import pandas as pd
from scipy import stats

from analysis.brief.disclosure import FEWEST_CHILDREN, verdict
from analysis.project import Project
from analysis.review.headline import due_children
from analysis.review.inputs import Inputs, one_row
from analysis.review.routine import (
    age_group,
    in_window,
    last_per_child,
    recorded_status,
)

STEPS = (
    "recorded",
    "recomputed",
    "one_per_child",
    "composition",
    "not_weighed",
    "remainder",
    "survey",
)


@dataclass(frozen=True)
class Step:
    """One step of the bridge; `value` is the prevalence after it."""

    step: str
    value: float = math.nan
    change: float = math.nan
    low: float = math.nan
    high: float = math.nan
    n: float = math.nan
    status: str = "computed"
    basis: str = "ok"
    extra: dict[str, float] = field(default_factory=dict)


def two_numbers_table(project: Project, inputs: Inputs) -> pd.DataFrame:
    """Build the bridge for the whole place and for each area; see `schemas.TWO_NUMBERS`."""
    survey = inputs.stunting()
    routine = project.params.routine
    due, due_basis = due_children(project, inputs)
    visits = inputs.visits if routine else inputs.visits.iloc[:0]
    window = in_window(visits, routine) if routine else visits
    window = window.assign(
        recorded=recorded_status(window), age_group=age_group(window["age_days"])
    )
    target, basis = composition_target(inputs)
    level = project.params.estimation.level
    absent = "no_routine" if visits.empty else "no_records_in_window"
    rows = []
    for area in [project.whole, *project.register.codes]:
        whole = area == project.whole
        own = window if whole else window[window["kecamatan"] == area]
        cells = target if whole else target[target["kecamatan"] == area]
        published = one_row(survey, area) if area in survey.index else None
        setting = Setting(float(due.get(area, math.nan)), due_basis, basis, level, absent)
        steps = bridge(own, cells, published, setting)
        rows += [as_row(area, order, step) for order, step in enumerate(steps)]
    return pd.DataFrame(rows)


@dataclass(frozen=True)
class Setting:
    """What a bridge needs to know beside its records.

    `due` are the children who ought to be weighed here (NaN where unknown) and `due_basis`
    whose count that is; `cells_basis` where the composition comes from; `absent` why there
    are no records, where there are none.
    """

    due: float
    due_basis: str
    cells_basis: str
    level: float
    absent: str


def bridge(
    records: pd.DataFrame, cells: pd.DataFrame, survey: pd.Series | None, setting: Setting
) -> list[Step]:
    """All steps of one place, in order.

    Parameters
    ----------
    records
        Routine records of the window here, with `recorded` and `age_group`.
    cells
        `kecamatan sex age_group weight`: the composition to weight to; may be empty.
    survey
        The published row of `prevalence`, or None.
    """
    level = setting.level
    few = "few_children" if len(records) else setting.absent
    children = records["child_id"].nunique()
    if children < FEWEST_CHILDREN:
        steps = [_not_computed(step, few, children) for step in STEPS[:6]]
        return [*steps, survey_step(survey)]
    recorded = share_step("recorded", records["recorded"], None, level, "no_recorded_status")
    recomputed = share_step("recomputed", records["stunted"], recorded, level, "no_valid_haz")
    valid = last_per_child(records[records["stunted"].notna()])
    single = share_step("one_per_child", valid["stunted"], recomputed, level, "no_valid_haz")
    weighted = composition_step(valid, cells, setting, single)
    before = next(s for s in (weighted, single) if s is single or s.status == "computed")
    end = survey_step(survey)
    bounds = not_weighed_step(before.value, children, setting, end.value)
    rest = remainder_step(before.value, end)
    return [recorded, recomputed, single, weighted, bounds, rest, end]


def share_step(
    step: str, stunted: pd.Series, previous: Step | None, level: float, reason: str
) -> Step:
    """Share of stunted among the known, with Wilson's interval."""
    known = stunted.dropna().astype(float)
    if known.empty:
        return _not_computed(step, reason, 0)
    value = float(known.mean())
    low, high = wilson(value, len(known), level)
    change = math.nan if previous is None else value - previous.value
    return Step(step, value, change, low, high, len(known))


def wilson(share: float, n: float, level: float) -> tuple[float, float]:
    """Wilson's score interval of a share of `n` records."""
    z2 = float(stats.norm.ppf((1 + level) / 2)) ** 2
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = math.sqrt(z2 * (share * (1 - share) / n + z2 / (4 * n**2))) / (1 + z2 / n)
    return max(centre - half, 0.0), min(centre + half, 1.0)


def composition_target(inputs: Inputs) -> tuple[pd.DataFrame, str]:
    """Children by area, sex and age group to weight to, and where they come from.

    The register's counts when they are registered ones; the survey's weighted children
    when the register only shares out a total; nothing when neither is there.
    """
    columns = ["kecamatan", "sex", "age_group", "weight"]
    population = inputs.population
    if len(population) and (population["status"] == "registered").all():
        counted = population.groupby(columns[:3])["balita"].sum()
        return counted.rename("weight").reset_index(), "register_registered"
    children = inputs.children[inputs.children["stunted"].notna()]
    cells = children.assign(
        age_group=age_group(children["age_days"]),
        weight=children["sampling_weight"].fillna(0.0),
    )
    cells = cells.dropna(subset=["sex", "age_group"])
    weighted = cells.groupby(columns[:3])["weight"].sum().reset_index()
    return weighted[weighted["weight"] > 0], "survey_composition"


def composition_step(
    valid: pd.DataFrame, cells: pd.DataFrame, setting: Setting, single: Step
) -> Step:
    """Post-stratify the weighed children to area, sex and age.

    A cell without weighed children takes the share of its area and age, then of its area,
    then of its age anywhere, then the crude one; the share of children in such cells is
    kept as `borrowed`.
    """
    if cells.empty or single.status != "computed":
        return _not_computed("composition", "no_composition", len(valid))
    keys = ["kecamatan", "sex", "age_group"]
    known = valid.assign(stunted=valid["stunted"].astype(float))
    shares = cells.copy()
    nearest = pd.Series(math.nan, index=shares.index)
    for by in (keys, ["kecamatan", "age_group"], ["kecamatan"], ["age_group"]):
        means = known.groupby(by)["stunted"].mean().rename("mean")
        nearest = nearest.fillna(shares[by].join(means, on=by)["mean"])
        if by is keys:
            shares["own"] = nearest
    filled = nearest.fillna(single.value)
    weight = shares["weight"] / shares["weight"].sum()
    value = float((weight * filled).sum())
    counts = known.groupby(keys)["stunted"].transform("size")
    factor = known.merge(shares.assign(weight=weight)[[*keys, "weight"]], on=keys, how="left")
    per_child = (factor["weight"].to_numpy() / counts.to_numpy()).astype(float)
    effective = _effective(per_child[per_child == per_child])
    low, high = wilson(value, effective, setting.level) if effective > 0 else (math.nan, math.nan)
    borrowed = float(weight[shares["own"].isna()].sum())
    return Step(
        "composition",
        value,
        value - single.value,
        low,
        high,
        len(known),
        basis=setting.cells_basis,
        extra={"borrowed": borrowed},
    )


def not_weighed_step(value: float, weighed: int, setting: Setting, survey: float) -> Step:
    """Bounds of the prevalence if none, or all, of the children not weighed were stunted.

    `needed` is the share of them who would have to be stunted for the survey's figure to
    come out: above 1, absence alone cannot explain the difference.
    """
    registered = setting.due
    if not registered > 0:
        return _not_computed("not_weighed", "no_register", weighed)
    coverage = weighed / registered
    if coverage > 1:
        return _not_computed("not_weighed", "more_weighed_than_registered", weighed)
    needed = (survey - value * coverage) / (1 - coverage) if coverage < 1 else math.nan
    return Step(
        "not_weighed",
        value,
        math.nan,
        value * coverage,
        value * coverage + 1 - coverage,
        registered - weighed,
        status="bounded",
        basis=f"of_{setting.due_basis}",
        extra={"coverage": coverage, "needed": needed},
    )


def remainder_step(value: float, survey: Step) -> Step:
    """What is left to the survey's figure; its limits are those of that figure."""
    if survey.status != "computed" or math.isnan(value):
        return _not_computed("remainder", "no_survey_estimate", 0)
    return Step(
        "remainder",
        survey.value,
        survey.value - value,
        survey.low,
        survey.high,
        survey.n,
        basis="measurement_and_selection",
    )


def survey_step(survey: pd.Series | None) -> Step:
    """The published survey estimate; not computed where it may not be shown."""
    if survey is None or pd.isna(survey["estimate"]):
        return _not_computed("survey", "no_survey_estimate", 0)
    if survey["verdict"] == "suppress":
        return _not_computed("survey", "survey_suppressed", float(survey["n"]))
    return Step(
        "survey",
        float(survey["estimate"]),
        math.nan,
        float(survey["low"]),
        float(survey["high"]),
        float(survey["n"]),
        basis=f"survey_{survey['method']}",
    )


def as_row(area: str, order: int, step: Step) -> dict[str, object]:
    """Turn a step into a row of the table."""
    events = step.value * step.n if step.step in STEPS[:3] else None
    shown = verdict(kind="routine", n=step.n if step.n == step.n else 0, events=_count(events))
    routine = step.status == "computed" and step.step in STEPS[:4]
    return {
        "area": area,
        "order": order,
        "step": step.step,
        "value": step.value,
        "change": step.change,
        "low": step.low,
        "high": step.high,
        "n": round(step.n) if step.n == step.n else None,
        "status": step.status,
        "basis": step.basis,
        "coverage": step.extra.get("coverage", math.nan),
        "needed": step.extra.get("needed", math.nan),
        "borrowed": step.extra.get("borrowed", math.nan),
        "verdict": shown.verdict if routine else "show",
    }


def _effective(weights: pd.Series) -> float:
    """Kish's effective number of children of unequal weights."""
    return float(weights.sum() ** 2 / (weights**2).sum()) if len(weights) else 0.0


def _count(events: float | None) -> float | None:
    return None if events is None or math.isnan(events) else float(round(events))


def _not_computed(step: str, reason: str, n: float) -> Step:
    return Step(step, n=n, status="not_computed", basis=reason)
