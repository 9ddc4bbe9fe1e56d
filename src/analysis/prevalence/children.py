"""The survey's children as the estimators need them, and what had to be assumed."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from analysis.errors import UserError
from analysis.project import Project

#: Outcome of the children table → its unit.
OUTCOMES = {
    "stunted": "share",
    "severely_stunted": "share",
    "wasted": "share",
    "underweight": "share",
    "overweight": "share",
    "haz": "mean",
}
_PARTS = {"weight": "sampling_weight", "stratum": "stratum", "psu": "psu"}
_ABSENT = {
    "weight": "no_weights",  # every child counts alike
    "stratum": "no_strata",  # one stratum
    "psu": "no_psu",  # children taken as drawn one by one: intervals too short if they were not
}


@dataclass(frozen=True)
class Survey:
    """Children with the design columns that can be used.

    Attributes
    ----------
    children
        Rows that can be weighed and placed in the design.
    design
        Keyword arguments of `design.estimate`: `weight`, `stratum`, `psu`.
    indicators
        Indicator → unit, in order: outcomes, then coverages of the pillars file.
    ages
        Indicator → completed months it is defined for; absent = all.
    of_desa
        Indicators that all children of a desa share. A handful of clusters cannot tell
        how many desa have them, and no model of children can mend that: direct only.
    notes
        Codes of what was assumed or set aside, with a count after a colon.
    """

    children: pd.DataFrame
    design: dict[str, str | None]
    indicators: dict[str, str]
    ages: dict[str, tuple[int, int]]
    of_desa: frozenset[str]
    notes: tuple[str, ...]

    def eligible(self, indicator: str) -> pd.Series:
        """Whether the indicator is defined for each child, by age."""
        if indicator not in self.ages or "age_days" not in self.children:
            return pd.Series(True, index=self.children.index)
        first, last = self.ages[indicator]
        months = self.children["age_days"].astype(float) / 30.4375
        return (months >= first) & (months < last + 1)


def read_survey(project: Project, children: pd.DataFrame) -> Survey:
    """Choose what the survey's design is, from what the children table holds.

    A design column that is wholly blank is done without; rows where only some are blank
    are set aside and counted.

    Raises
    ------
    UserError
        There are no children, or none with an outcome.
    """
    if children.empty:
        raise UserError("the children table has no rows, so nothing can be estimated.")
    design: dict[str, str | None] = {}
    notes: list[str] = []
    kept = pd.Series(True, index=children.index)
    for part, column in _PARTS.items():
        blank = children[column].isna() if column in children else pd.Series(True, children.index)
        if blank.all():
            design[part] = None
            notes.append(_ABSENT[part])
            continue
        design[part] = column
        if blank.any():
            notes.append(f"blank_{column}:{int(blank.sum())}")
            kept &= ~blank
    rows = children[kept].reset_index(drop=True)
    conditions = project.pillars.conditions()
    named = {**OUTCOMES, **dict.fromkeys(conditions, "share")}
    held = {k: unit for k, unit in named.items() if k in rows and rows[k].notna().any()}
    if not set(held) & set(OUTCOMES):
        raise UserError(
            "the children table has no outcome with a value; expected one of "
            f"{', '.join(OUTCOMES)}."
        )
    for name, unit in held.items():
        rows[name] = rows[name].astype("boolean" if unit == "share" else "float64")
    ages = {k: i.ages_months for k, i in conditions.items() if i.ages_months and k in held}
    of_desa = frozenset(k for k, i in conditions.items() if i.level == "desa")
    return Survey(rows, design, held, ages, of_desa, tuple(notes))


def children_per_area(
    project: Project, population: pd.DataFrame | None, survey: Survey
) -> tuple[pd.Series, str]:
    """Children under five by area, and where the numbers are from.

    Returns
    -------
    Series, str
        Indexed by area code; `register`, `areas_file` or `sampling_weights`.
    """
    codes = project.register.codes
    if population is not None and len(population):
        counts = population.groupby("kecamatan")["balita"].sum().reindex(codes)
        if counts.notna().all() and counts.sum() > 0:
            return counts.astype(float), "register"
    listed = project.register.areas["balita"].astype("Float64").astype(float)
    if listed.notna().all() and listed.sum() > 0:
        return listed, "areas_file"
    weight = survey.design["weight"]
    frame = survey.children.assign(w=survey.children[weight] if weight else 1.0)
    return frame.groupby("kecamatan")["w"].sum().reindex(codes).fillna(0.0), "sampling_weights"
