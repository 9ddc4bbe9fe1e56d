"""The stage: from children and population to effects, variances, attributable numbers, checks."""

from __future__ import annotations

import pandas as pd

from analysis import artefacts
from analysis.determinants.attributable import attributable_table
from analysis.determinants.checks import checks_table, residual_rows
from analysis.determinants.effects import effect_rows
from analysis.determinants.frame import model_frame
from analysis.determinants.imputation import imputed_effects
from analysis.determinants.schemas import TABLES
from analysis.determinants.series import (
    FULL,
    NULL,
    Series,
    effects_table,
    fit_series,
    variance_table,
    weighted_full,
)
from analysis.errors import UserError
from analysis.project import Project

READS = ("children", "population")


def build(project: Project, *, sensitivity: bool = True) -> dict[str, pd.DataFrame]:
    """Fit the models and write the stage's artefacts.

    Parameters
    ----------
    project
        The run; reads the artefacts ``children`` and ``population``.
    sensitivity
        Also the weighted and the imputed variants, and the linear models beside.

    Returns
    -------
    dict
        ``effects``, ``variance_components``, ``attributable`` and ``model_checks``, as written.

    Raises
    ------
    UserError
        When the artefact ``children`` is missing.
    """
    children = artefacts.read(project, "children")
    tables = compute(project, children, balita(project), sensitivity=sensitivity)
    facts = artefacts.provenance(project, "determinants", list(READS))
    for name, table in tables.items():
        artefacts.write(project, name, table, TABLES[name], facts)
    return tables


def compute(
    project: Project, children: pd.DataFrame, register: pd.Series, *, sensitivity: bool = True
) -> dict[str, pd.DataFrame]:
    """Tables of the stage from a table of children, without reading or writing artefacts.

    Children too few or too alike for any model give empty tables, with the reason among the
    checks: the other stages go on.
    """
    estimation = project.params.estimation
    try:
        frame = model_frame(children, project.pillars)
    except UserError as error:
        return _nothing(str(error))
    series = fit_series(frame, linear=sensitivity)
    effects = [effects_table(series, estimation.level)]
    if sensitivity:
        effects += _sensitivity(series, estimation.level, estimation.seed)
    attributable = attributable_table(
        series,
        project.pillars,
        register,
        project.whole,
        seed=estimation.seed,
        level=estimation.level,
    )
    tables = {
        "effects": pd.concat(effects, ignore_index=True),
        "variance_components": variance_table(series),
        "attributable": attributable,
        "model_checks": _checks(series),
    }
    return {name: _shaped(name, table) for name, table in tables.items()}


def balita(project: Project) -> pd.Series:
    """Children under five by area: from ``population``, else the register of areas."""
    if artefacts.exists(project, "population"):
        population = artefacts.read(project, "population")
        if len(population):
            return population.groupby("kecamatan")["balita"].sum()
    return project.register.areas["balita"].astype(float)


def _nothing(reason: str) -> dict[str, pd.DataFrame]:
    row = {"model": NULL, "check": "failed", "item": "children", "reason": reason}
    filled = {name: pd.DataFrame() for name in TABLES} | {"model_checks": pd.DataFrame([row])}
    return {name: _shaped(name, table) for name, table in filled.items()}


def _sensitivity(series: Series, level: float, seed: int) -> list[pd.DataFrame]:
    """The full model weighted, and every model over imputations."""
    frame = series.frame
    dropped = len(frame.data) - len(frame.complete)
    weighted = weighted_full(series)
    tables = []
    if weighted is not None:
        rows = effect_rows(weighted, series.terms[FULL], frame.data["weight"], level)
        tables.append(rows.assign(model=f"{FULL}_weighted", dropped=dropped))
    models = {name: series.terms[name] for name in series.logit if series.terms[name]}
    imputed = imputed_effects(frame, models, seed=seed, level=level)
    if len(imputed):
        tables.append(imputed.assign(dropped=0))
    return [table.assign(outcome="stunted", published=False, why=None) for table in tables]


def _checks(series: Series) -> pd.DataFrame:
    """Checks of the fullest model there is, and what could not be had with its reason."""
    left_out = [
        {"model": FULL, "check": "left_out", "item": item, "reason": reason}
        for item, reason in series.frame.left_out.items()
    ]
    failed = [
        {"model": model, "check": "failed", "item": model, "reason": reason}
        for model, reason in series.failed.items()
    ]
    tables = [pd.DataFrame([*left_out, *failed])]
    fitted = [name for name in series.logit if name != NULL and series.terms[name]]
    if fitted:
        name = fitted[-1]
        tables.append(checks_table(series.logit[name], series.terms[name], name))
        rows = residual_rows(series.logit[name], name)
        if name in series.linear:
            rows += residual_rows(series.linear[name], f"haz_{name}")
        tables.append(pd.DataFrame(rows))
    return pd.concat(tables, ignore_index=True)


def _shaped(name: str, table: pd.DataFrame) -> pd.DataFrame:
    """Every column of the schema, in its order, missing where there is nothing to say."""
    columns = list(TABLES[name].columns)
    return artefacts.validate(name, table.reindex(columns=columns), TABLES[name])
