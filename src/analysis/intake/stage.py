"""The stage: raw files in, clean tables, an account and a quality report out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import polars as pl

from analysis import artefacts
from analysis.errors import UserError
from analysis.intake import population, sources
from analysis.intake.children import children_table
from analysis.intake.cleaning import corrections, record_rules
from analysis.intake.cleaning import engine as cleaning
from analysis.intake.cleaning.cells import Types
from analysis.intake.cleaning.engine import Log
from analysis.intake.cleaning.records import Setting, clean
from analysis.intake.columns import ColumnMap, load_map
from analysis.intake.inputs import Inputs, find_inputs
from analysis.intake.linking import link, with_way
from analysis.intake.linking.identity import load_key
from analysis.intake.linking.review_file import REVIEW_FILE, write_review
from analysis.intake.quality import limits_with, quality_table
from analysis.intake.schemas import TABLES
from analysis.intake.visits import visits_table
from analysis.project import Project


def build(project: Project) -> dict[str, pd.DataFrame]:
    """Read, clean, link and judge the raw files; write every table of the stage.

    Returns
    -------
    dict
        `children visits population risk_families cleaning_log data_quality`, as written.

    Raises
    ------
    UserError
        A file is missing or cannot be used.
    """
    inputs = find_inputs(project)
    key = load_key(project, synthetic=inputs.synthetic)
    setting = Setting(
        register=project.register,
        types=Types.of(project.pillars),
        latest=_latest(project),
        corrections=corrections.load(_corrections_file(project)),
    )
    logs: list[Log] = []
    tables = {
        "children": _children(project, inputs, setting, key, logs),
        "visits": _visits(project, inputs, setting, key, logs),
        "population": _population(project, inputs, setting, logs),
        "risk_families": _risk_families(inputs, setting, logs),
    }
    tables["cleaning_log"] = pd.DataFrame(
        [entry for log in logs for entry in log.entries],
        columns=list(TABLES["cleaning_log"].columns),
    )
    tables["data_quality"] = _quality(project, tables)
    facts = artefacts.provenance(project, "intake", [], **_facts(project, inputs, tables))
    for name, table in tables.items():
        tables[name] = artefacts.validate(name, table, TABLES[name])
    for name, table in tables.items():
        artefacts.write(project, name, table, TABLES[name], facts)
    return tables


def _quality(project: Project, tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    thresholds = project.params.thresholds
    return quality_table(
        tables["children"],
        tables["visits"],
        tables["population"],
        limits=limits_with(thresholds.flagged_share, thresholds.haz_sd_high),
        whole=project.whole,
    )


def _latest(project: Project) -> dt.date:
    """Last day a visit can have been: the end of the survey year or the meeting, the later."""
    return max(project.params.review.date, dt.date(project.params.survey.year, 12, 31))


def _facts(project: Project, inputs: Inputs, tables: dict[str, pd.DataFrame]) -> dict[str, object]:
    weight = tables["children"]["sampling_weight"]
    return {
        "synthetic": inputs.synthetic,
        "raw": inputs.hashes(),
        "corrections": _corrections_hash(project),
        "survey_weights": bool(weight.notna().any()),
        "routine": bool(len(tables["visits"])),
    }


def _corrections_file(project: Project) -> Path:
    return project.params_file.parent / corrections.FILE_NAME


def _corrections_hash(project: Project) -> str | None:
    path = _corrections_file(project)
    return artefacts.file_hash(path) if path.exists() else None


def _maps(project: Project, names: Sequence[str]) -> list[ColumnMap]:
    return [load_map(project.beside(name)) for name in names]


def _stacked(
    project: Project, inputs: Inputs, map_names: Sequence[str], scope: str,
    setting: Setting, logs: list[Log],
) -> pl.DataFrame:  # fmt: skip
    """Clean records of all files of one kind, one below the other."""
    maps = _maps(project, map_names)
    frames = []
    for path in inputs.survey if scope == "survey" else inputs.routine:
        for source in sources.read(path, maps, map_names, inputs.folder):
            frame, log = clean(source, scope, setting)
            del source  # the text of a large file, before the next one is read
            frames.append(frame)
            logs.append(log)
    return pl.concat(frames, how="diagonal_relaxed")


def _children(
    project: Project, inputs: Inputs, setting: Setting, key: bytes, logs: list[Log]
) -> pd.DataFrame:
    names = [project.params.survey.columns]
    mine: list[Log] = []
    frame = _stacked(project, inputs, names, "survey", setting, mine)
    frame = cleaning.apply_across(frame, record_rules.survey_duplicates(), mine)
    logs.extend(mine)
    if frame.is_empty():
        files = ", ".join(path.name for path in inputs.survey)
        raise UserError(f"{files}: no row of the survey could be used; {_why(mine)}")
    return children_table(frame, project.pillars, key)


def _why(logs: Sequence[Log]) -> str:
    """The rule that set most rows aside, for the sentence of an error."""
    aside = [entry for log in logs for entry in log.entries if entry["action"] == "set_aside"]
    if not aside:
        return "there is no row below the header."
    worst = max(aside, key=lambda entry: int(str(entry["affected"])))
    return f"{worst['affected']} were set aside by '{worst['rule']}' ({worst['examples'] or ''})."


def _visits(
    project: Project, inputs: Inputs, setting: Setting, key: bytes, logs: list[Log]
) -> pd.DataFrame:
    routine = project.params.routine
    mine: list[Log] = []
    if routine is None or not inputs.routine:
        return empty("visits")
    names = list(routine.columns)
    # Handed straight on: a name for the stacked records would keep them while they are linked.
    linked = link(_stacked(project, inputs, names, "routine", setting, mine))
    write_review(linked.doubtful, project.processed / REVIEW_FILE, key)
    frame = cleaning.apply_across(linked.frame, record_rules.routine_duplicates(), mine)
    del linked
    frame = cleaning.apply_across(with_way(frame), record_rules.linkage(), mine)
    logs.extend(mine)
    return visits_table(frame, key)


def _population(
    project: Project, inputs: Inputs, setting: Setting, logs: list[Log]
) -> pd.DataFrame:
    name = project.params.population.columns
    if not inputs.register or name is None:
        return population.approximated(project.register)
    frame = _counts(inputs, inputs.register, load_map(project.beside(name)), name, setting, logs)
    return population.registered(frame, ", ".join(path.name for path in inputs.register))


def _risk_families(inputs: Inputs, setting: Setting, logs: list[Log]) -> pd.DataFrame:
    if not inputs.risk_families:
        return empty("risk_families")
    columns = population.RISK_FAMILIES_MAP
    frame = _counts(inputs, inputs.risk_families, columns, "the built-in map", setting, logs)
    return population.risk_families(frame)


def _counts(
    inputs: Inputs,
    paths: Sequence[Path],
    columns: ColumnMap,
    name: str,
    setting: Setting,
    logs: list[Log],
) -> pl.DataFrame:
    """Clean counts of all sheets of all files, one below the other."""
    frames = []
    for path in paths:
        for source in sources.read(path, [columns], [name], inputs.folder):
            frame, log = population.clean_counts(source, setting)
            frames.append(frame)
            logs.append(log)
    return pl.concat(frames, how="diagonal_relaxed")


def empty(name: str) -> pd.DataFrame:
    """A table of the stage without rows, with the types of its schema."""
    schema = TABLES[name]
    return schema.validate(pd.DataFrame({column: [] for column in schema.columns}))
