"""The review stage: from the artefacts of the earlier stages to the review's tables."""

from __future__ import annotations

import pandas as pd

from analysis import artefacts
from analysis.project import Project
from analysis.review.actions import actions_table
from analysis.review.figures import figures_table
from analysis.review.inputs import NAMES, Inputs, read_inputs
from analysis.review.newcases import by_age, linkage, new_cases_table
from analysis.review.priorities import priorities_table
from analysis.review.programmes import action_matrix
from analysis.review.schemas import TABLES
from analysis.review.series import series_table
from analysis.review.status import path_table, review_table, target_table
from analysis.review.twonumbers import two_numbers_table


def build(project: Project) -> dict[str, pd.DataFrame]:
    """Read the earlier artefacts, compute the review's tables, write them, return them.

    Returns
    -------
    dict
        By name of `schemas.TABLES`. A table whose inputs are absent is empty, or has
        rows that say why.

    Raises
    ------
    UserError
        `children` or `prevalence` has not been made, or a reviewed CSV cannot be read.
    """
    tables = compute(project, read_inputs(project))
    provenance = artefacts.provenance(project, "review", list(NAMES))
    for name, schema in TABLES.items():
        artefacts.write(project, name, tables[name], schema, provenance)
    return {name: artefacts.read(project, name) for name in TABLES}


def compute(project: Project, inputs: Inputs) -> dict[str, pd.DataFrame]:
    """Compute every table of the review from its inputs."""
    review = review_table(project, inputs)
    new_cases = new_cases_table(project, inputs)
    actions = actions_table(project, inputs)
    series = series_table(project, inputs)
    tables = {
        "review": review,
        "targets": target_table(project, review),
        "target_path": path_table(project),
        "series": series,
        "figures": figures_table(project, review, series),
        "new_cases": new_cases,
        "new_cases_age": by_age(project, inputs),
        "linkage": linkage(inputs),
        "two_numbers": two_numbers_table(project, inputs),
        "priorities": priorities_table(project, inputs, review, actions, new_cases),
        "actions": actions,
        "action_matrix": action_matrix(actions, project.programmes),
    }
    return {name: complete(name, table) for name, table in tables.items()}


def complete(name: str, table: pd.DataFrame) -> pd.DataFrame:
    """Keep the schema's columns in its order; a table without rows keeps its columns."""
    columns = list(TABLES[name].columns)
    return table.reindex(columns=columns)
