"""The stage: from children and population to prevalence and benchmark."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from analysis import artefacts
from analysis.prevalence.children import children_per_area, read_survey
from analysis.prevalence.covariates import area_covariates
from analysis.prevalence.rows import COLUMNS, IndicatorResult, Setting, finish, indicator_rows
from analysis.prevalence.schemas import TABLES
from analysis.prevalence.unitlevel import unit_level
from analysis.project import Project

READS = ("children", "visits", "population")


@dataclass(frozen=True)
class Run:
    """What the stage made: its tables, the fits behind them by indicator, and notes.

    `notes` are codes of what the survey lacked and what was therefore assumed.
    """

    tables: dict[str, pd.DataFrame]
    results: dict[str, IndicatorResult]
    notes: tuple[str, ...]


def build(project: Project) -> dict[str, pd.DataFrame]:
    """Run the stage; returns the tables as written (see `run`)."""
    return run(project).tables


def run(project: Project) -> Run:
    """Estimate every indicator and write the artefacts `prevalence` and `benchmark`.

    The notes stand in the artefacts' own metadata too.

    Raises
    ------
    UserError
        `children` has not been made or holds no outcome, or a covariate is unknown.
    """
    children = artefacts.read(project, "children")
    visits, population = (
        artefacts.read(project, name) if artefacts.exists(project, name) else None
        for name in ("visits", "population")
    )
    made = compute(project, children, visits, population)
    facts = artefacts.provenance(project, "prevalence", list(READS), notes=list(made.notes))
    for name, table in made.tables.items():
        artefacts.write(project, name, table, TABLES[name], facts)
    return made


def compute(
    project: Project,
    children: pd.DataFrame,
    visits: pd.DataFrame | None = None,
    population: pd.DataFrame | None = None,
) -> Run:
    """Make the stage's tables, without reading or writing artefacts."""
    survey = read_survey(project, children)
    register, source = children_per_area(project, population, survey)
    covariates, left_out = area_covariates(project, visits, register)
    setting = Setting(project.params, project.whole, project.register.codes, register, covariates)
    results = {name: indicator_rows(survey, name, setting) for name in survey.indicators}
    rows = [result.rows for result in results.values()]
    notes = [*survey.notes, f"children_from:{source}", *left_out]
    if "stunted" in results:
        beside, why = unit_level(survey, population, project, results["stunted"].rows)
        if beside is not None:
            rows.append(finish(beside, project.params))
        notes += why
    facts = [fact for result in results.values() for fact in result.benchmarks]
    tables = {
        "prevalence": pd.concat(rows, ignore_index=True)[COLUMNS],
        "benchmark": pd.DataFrame(facts, columns=list(TABLES["benchmark"].columns)),
    }
    tables = {name: artefacts.validate(name, table, TABLES[name]) for name, table in tables.items()}
    return Run(tables, results, tuple(notes))
