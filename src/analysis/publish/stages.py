"""The four stage notebooks, run in order, each only when what it reads has changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import analysis
from analysis import artefacts
from analysis.determinants import schemas as determinants
from analysis.intake import schemas as intake
from analysis.prevalence import schemas as prevalence
from analysis.project import Project, find_root
from analysis.publish import keys
from analysis.publish.execute import execute
from analysis.review import schemas as review

#: Rooms whose code decides about the artefacts; words, pictures and formats do not.
_ROOMS = ("intake", "prevalence", "determinants", "review")


@dataclass(frozen=True)
class Stage:
    """One stage: its notebook, the artefacts it writes, and those it reads."""

    name: str
    notebook: str
    writes: tuple[str, ...]
    reads: tuple[str, ...]


STAGES = (
    Stage("intake", "1_intake.ipynb", tuple(intake.TABLES), ()),
    Stage("prevalence", "2_prevalence.ipynb", tuple(prevalence.TABLES), tuple(intake.TABLES)),
    Stage("determinants", "3_determinants.ipynb", tuple(determinants.TABLES), tuple(intake.TABLES)),
    Stage(
        "review",
        "4_review.ipynb",
        tuple(review.TABLES),
        (*intake.TABLES, *prevalence.TABLES, *determinants.TABLES),
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
    """Run one stage's notebook unless its artefacts are fresh; returns whether it ran.

    Raises
    ------
    NotebookFailed
        The notebook broke; artefacts that were there stay as they are.
    """
    record = keys.Record(project.processed / ".made" / f"{stage.name}.json")
    key = _key(project, stage)
    if record.fresh(key, project.processed):
        return False
    notebook = find_root() / "notebooks" / stage.notebook
    execute(
        notebook,
        project.build / "stages" / stage.notebook,
        {"params_file": str(project.params_file)},
        folder=project.build / "stages",
        timeout=timeout,
    )
    record.write(key, project.processed, [artefacts.path(project, name) for name in stage.writes])
    return True


def _key(project: Project, stage: Stage) -> str:
    notebook = find_root() / "notebooks" / stage.notebook
    read = [artefacts.path(project, n) for n in stage.reads if artefacts.exists(project, n)]
    return keys.combine(
        {
            "notebook": artefacts.file_hash(notebook),
            "code": _code(),
            "params": project.params_hash,
            "reads": keys.tree_hash(project.processed, read),
            "raw": _raw(project) if stage.name == "intake" else "",
        }
    )


def _code() -> str:
    root = Path(analysis.__file__).parent
    files = [*root.glob("*.py"), root / "brief" / "disclosure.py"]
    for room in _ROOMS:
        files += [
            file for file in (root / room).rglob("*") if file.suffix in (".py", ".gz", ".yaml")
        ]
    return keys.tree_hash(root, files)


def _raw(project: Project) -> str:
    """Hash of the raw files the params name (none of them: the synthetic sample is made)."""
    params = project.params
    patterns = [*params.survey.files, *(params.routine.files if params.routine else ())]
    patterns += [f for f in (params.population.file, params.population.risk_families_file) if f]
    found = {file for pattern in patterns for file in project.raw.glob(pattern) if file.is_file()}
    return keys.tree_hash(project.raw, found)
