"""The four stage notebooks, run in order, each only when what it reads has changed."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from analysis import artefacts
from analysis.determinants import schemas as determinants
from analysis.intake import schemas as intake
from analysis.prevalence import schemas as prevalence
from analysis.project import Project, find_root
from analysis.publish import keys
from analysis.publish.code import notebook_code
from analysis.review import schemas as review

ROOMS = ("intake", "prevalence", "determinants", "review")
#: Reviewed corrections of raw files, beside the params (see `analysis.intake.cleaning.corrections`).
CORRECTIONS = "corrections.csv"


@dataclass(frozen=True)
class Stage:
    """One stage: its notebook, the artefacts it writes, and those it reads.

    `shares` is the folder, under the one that gets shared, that its notebook fills.
    """

    name: str
    notebook: str
    writes: tuple[str, ...]
    reads: tuple[str, ...]
    shares: str = ""


STAGES = (
    Stage("intake", "1_intake.ipynb", tuple(intake.TABLES), ()),
    Stage("prevalence", "2_prevalence.ipynb", tuple(prevalence.TABLES), tuple(intake.TABLES)),
    Stage("determinants", "3_determinants.ipynb", tuple(determinants.TABLES), tuple(intake.TABLES)),
    Stage(
        "review",
        "4_review.ipynb",
        tuple(review.TABLES),
        (*intake.TABLES, *prevalence.TABLES, *determinants.TABLES),
        shares="tables",
    ),
)


def waves(names: Sequence[str]) -> list[list[Stage]]:
    """Stages in the order they may run; those of one wave do not read each other."""
    left = [stage for stage in STAGES if stage.name in names]
    result: list[list[Stage]] = []
    while left:
        pending = {name for stage in left for name in stage.writes}
        wave = [stage for stage in left if not pending & set(stage.reads)]
        result.append(wave)
        left = [stage for stage in left if stage not in wave]
    return result


def run(project: Project, stage: Stage, *, timeout: int = 600) -> bool:
    """Run one stage's notebook unless its results are fresh; returns whether it ran.

    Raises
    ------
    NotebookFailed
        The notebook broke; artefacts that were there stay as they are.
    """
    key = _key(project, stage)
    if _record(project, stage).fresh(key, project.params_file.parent):
        return False
    # Here, since these are seconds of imports, for nothing when all is fresh.
    from analysis.publish.execute import execute
    from analysis.publish.kernels.server import SERVER, STAGE_MODULES, available

    if available():
        SERVER.start(STAGE_MODULES)
    shared = project.out / stage.shares if stage.shares else None
    before = _states(shared)
    folder = project.build / "stages"
    execute(
        find_root() / "notebooks" / stage.notebook,
        folder / stage.notebook,
        {"params_file": str(project.params_file)},
        folder=folder,
        timeout=timeout,
    )
    outputs = [artefacts.path(project, name) for name in stage.writes]
    outputs += [file for file, state in _states(shared).items() if before.get(file) != state]
    _record(project, stage).write(key, project.params_file.parent, outputs)
    return True


def shared_files(project: Project) -> list[Path]:
    """Files that the stages' notebooks put into the folder that gets shared."""
    found = []
    for stage in STAGES:
        made = _record(project, stage).read() or {"outputs": {}}
        paths = [Path(os.path.normpath(project.params_file.parent / n)) for n in made["outputs"]]
        found += [path for path in paths if path.is_relative_to(project.out) and path.is_file()]
    return found


def _record(project: Project, stage: Stage) -> keys.Record:
    return keys.Record(project.processed / ".made" / f"{stage.name}.json")


def _states(folder: Path | None) -> dict[Path, tuple[int, int]]:
    """Files of a folder, each with what changes when it is written anew."""
    found = [file for file in folder.rglob("*") if file.is_file()] if folder else []
    return {file: (file.stat().st_ino, file.stat().st_mtime_ns) for file in found}


def _key(project: Project, stage: Stage) -> str:
    notebook = find_root() / "notebooks" / stage.notebook
    read = [artefacts.path(project, n) for n in stage.reads if artefacts.exists(project, n)]
    return keys.combine(
        {
            "code": notebook_code(notebook, ROOMS),
            "params": project.params_hash,
            "reads": keys.tree_hash(project.processed, read),
            "raw": _raw(project) if stage.name == "intake" else "",
        }
    )


def _raw(project: Project) -> str:
    """Hash of the raw files the params name (none of them: the synthetic sample is made).

    The reviewed corrections lie beside the params and count as raw: they change what is read.
    """
    params = project.params
    patterns = [*params.survey.files, *(params.routine.files if params.routine else ())]
    patterns += [f for f in (params.population.file, params.population.risk_families_file) if f]
    found = {
        file
        for pattern in patterns
        for file in (project.raw / pattern, *project.raw.glob(pattern))
        if file.is_file()
    }
    corrections = project.params_file.parent / CORRECTIONS
    beside = [corrections] if corrections.is_file() else []
    return keys.tree_hash(project.raw, found) + keys.tree_hash(corrections.parent, beside)
