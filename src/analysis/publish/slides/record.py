"""What is known of the slides that were made: of which data, and whether someone edited them.

Light on purpose: every run of the reports asks.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from analysis.artefacts import code_hash, file_hash
from analysis.errors import UserError
from analysis.project import Project
from analysis.publish import keys, manifest


def key(project: Project, areas: Sequence[str]) -> str:
    """Key of all the slides are made of: data, parameters and code."""
    from analysis.brief.metadata import fingerprint  # a tenth of a second, seldom needed

    codes = [project.whole, *areas]
    parts = {f"{place} {code}": fingerprint(project, code) for place, code in enumerate(codes)}
    return keys.combine({**parts, "code": code_hash()})


def files(project: Project) -> list[Path]:
    """Slides in the shared folder as they were made; those a person edited are not among them."""
    made = _record(project).read() or {"outputs": {}}
    return [
        project.out / name
        for name, digest in made["outputs"].items()
        if (project.out / name).is_file() and file_hash(project.out / name) == digest
    ]


def outdated(project: Project) -> list[str]:
    """Names without ending of slides that are of an earlier state of the data."""
    made = _record(project).read()
    found = files(project)
    if made is None or not found:
        return []
    try:
        now = key(project, made.get("areas", []))
    except UserError:  # an area of theirs is no longer in the register
        now = ""
    return [] if made["key"] == now else sorted({file.stem for file in found})


def check_unedited(project: Project, targets: Sequence[Path]) -> None:
    """Refuse to write over slides that a person edited.

    Raises
    ------
    UserError
        A file is there that is not as it was made.
    """
    known = set((_record(project).read() or {"outputs": {}})["outputs"].values())
    known |= set(manifest.outputs(project).values())
    for file in targets:
        if file.is_file() and file_hash(file) not in known:
            raise UserError(
                f"{file.name} in {file.parent} has been edited since it was made; give the edited "
                "file another name, then make the slides again."
            )


def write(project: Project, areas: Sequence[str], made: Sequence[Path]) -> None:
    """Record what was made, and enter it in the folder's manifest when there is one."""
    _record(project).write(key(project, areas), project.out, made, areas=list(areas))
    manifest.add(project, made)


def _record(project: Project) -> keys.Record:
    return keys.Record(project.build / "slides.json")
