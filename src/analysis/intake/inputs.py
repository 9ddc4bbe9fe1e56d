"""Which raw files a run reads; the synthetic sample where there is no survey."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from analysis import artefacts
from analysis.errors import UserError
from analysis.intake import sources
from analysis.project import Project

SAMPLE_FOLDER = "sample"
_MADE_FROM = ".made_from.json"


@dataclass
class Inputs:
    """Raw files of a run by kind."""

    folder: Path
    synthetic: bool
    survey: list[Path]
    routine: list[Path] = field(default_factory=list)
    register: list[Path] = field(default_factory=list)
    risk_families: list[Path] = field(default_factory=list)

    @property
    def all(self) -> list[Path]:
        """Every file, in order."""
        return [*self.survey, *self.routine, *self.register, *self.risk_families]

    def hashes(self) -> dict[str, str]:
        """SHA-256 of each file, by its name under the folder."""
        return {
            path.relative_to(self.folder).as_posix(): artefacts.file_hash(path) for path in self.all
        }


def find_inputs(project: Project) -> Inputs:
    """The run's files; the synthetic sample where no survey file is there and params allow it.

    Raises
    ------
    UserError
        A file or pattern of the params matches nothing.
    """
    params = project.params
    survey = sources.resolve(project.raw, params.survey.files)
    folder, synthetic = project.raw, False
    if not survey and params.sample is not None:
        folder, synthetic = sample(project), True
        survey = sources.resolve(folder, params.survey.files)
    if not survey:
        raise _nothing(project, "survey.files", params.survey.files, folder)
    inputs = Inputs(folder, synthetic, survey)
    if params.routine is not None:
        inputs.routine = sources.resolve(folder, params.routine.files)
        if not inputs.routine and not synthetic:
            raise _nothing(project, "routine.files", params.routine.files, folder)
    inputs.register = _optional(project, "population.file", params.population.file, inputs)
    inputs.risk_families = _optional(
        project, "population.risk_families_file", params.population.risk_families_file, inputs
    )
    return inputs


def _optional(project: Project, key: str, name: str | None, inputs: Inputs) -> list[Path]:
    if name is None:
        return []
    found = sources.resolve(inputs.folder, [name])
    if not found and not inputs.synthetic:
        raise _nothing(project, key, [name], inputs.folder)
    return found


def _nothing(project: Project, key: str, names: Sequence[str], folder: Path) -> UserError:
    return UserError(
        f"{project.params_file.name}: {key} names {', '.join(names)}, but {folder} has no such "
        "file; put it there, correct the name, or remove the key if there is none."
    )


def sample(project: Project) -> Path:
    """Folder of the synthetic sample, made anew unless it is the one these params and code make."""
    from analysis.intake.synthetic import write_sample

    folder = project.raw / SAMPLE_FOLDER
    marker = folder / _MADE_FROM
    made_from = hashlib.sha256((project.params_hash + artefacts.code_hash()).encode()).hexdigest()
    if _unchanged(marker, made_from):
        return folder
    marker.unlink(missing_ok=True)
    write_sample(project, folder)
    files = {
        path.relative_to(folder).as_posix(): artefacts.file_hash(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    marker.write_text(json.dumps({"made_from": made_from, "files": files}), encoding="utf-8")
    return folder


def _unchanged(marker: Path, made_from: str) -> bool:
    """Whether the sample was made from the same params and code, and nobody touched it since."""
    try:
        known = json.loads(marker.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    if not isinstance(known, dict) or known.get("made_from") != made_from:
        return False
    files = known.get("files", {})
    return bool(files) and all(
        (path := marker.parent / name).is_file() and artefacts.file_hash(path) == digest
        for name, digest in files.items()
    )
