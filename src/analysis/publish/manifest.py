"""What a shared folder was made from, and whether it is still what was made.

`manifest.json` lies in the folder with the briefs: hashes of raw inputs, params
and code, versions of the packages, and the hash of every file. Anyone who has
the folder can check it, without data and without this project's environment.
"""

from __future__ import annotations

import json
import platform
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from analysis import artefacts
from analysis.errors import UserError
from analysis.files import write_if_changed
from analysis.project import Project

NAME = "manifest.json"
_PACKAGES = (
    "numpy", "scipy", "pandas", "pyarrow", "statsmodels", "matplotlib", "seaborn", "papermill",
    "babel", "pypandoc-binary", "typst",
)  # fmt: skip


def write(
    project: Project, outputs: Iterable[Path], engine: str, outdated: Iterable[str] = ()
) -> Path:
    """Write the manifest of `outputs` and remove files of the previous one that are no longer made.

    Parameters
    ----------
    outputs
        All files of the folder that belong to this state of it.
    engine
        Name and version of the renderer.
    outdated
        Briefs that are of an earlier state of the data.
    """
    target = project.out / NAME
    files = {str(f.relative_to(project.out)): artefacts.file_hash(f) for f in sorted(set(outputs))}
    previous = _outputs(target)
    for name in set(previous) - set(files):
        _remove(project.out / name, previous[name])
    facts = artefacts.meta(project, "children") if artefacts.exists(project, "children") else {}
    content = {
        "place": project.params.place.full_name[project.params.language],
        "review": {"year": project.params.review.year, "date": str(project.params.review.date)},
        "synthetic": bool(facts.get("synthetic", False)),
        "inputs": facts.get("raw", {}),
        "params": project.params_hash,
        "code": {"version": _version("stunting-evidence"), "hash": artefacts.code_hash()},
        "engine": engine,
        "python": platform.python_version(),
        "packages": {name: _version(name) for name in _PACKAGES},
        "outdated": sorted(outdated),
        "outputs": files,
    }
    return write_if_changed(target, _text(content))


def add(project: Project, files: Iterable[Path]) -> None:
    """Enter further files in the folder's manifest; does nothing where there is none."""
    target = project.out / NAME
    if not target.exists():
        return
    content = _read(target)
    content["outputs"] |= {
        str(file.relative_to(project.out)): artefacts.file_hash(file) for file in files
    }
    write_if_changed(target, _text(content))


def outputs(project: Project) -> dict[str, str]:
    """Hash of each file by its name, as the folder's manifest has it; empty without one."""
    return _outputs(project.out / NAME)


def _outputs(file: Path) -> dict[str, str]:
    """Hash of each file by its name; empty where there is no manifest."""
    return dict(_read(file)["outputs"]) if file.exists() else {}


def _remove(file: Path, digest: str) -> None:
    """Remove a file that is no longer made, unless a person changed it."""
    if file.is_file() and artefacts.file_hash(file) == digest:
        file.unlink()


def _text(content: dict[str, Any]) -> str:
    return json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def check(file: Path) -> list[str]:
    """Compare a shared folder with its manifest; one line for each difference.

    Raises
    ------
    UserError
        The manifest is missing or is not one.
    """
    content = _read(file)
    folder = file.parent
    expected: dict[str, str] = content["outputs"]
    differences = []
    for name, digest in sorted(expected.items()):
        path = folder / name
        if not path.is_file():
            differences.append(f"{name}: missing")
        elif artefacts.file_hash(path) != digest:
            differences.append(f"{name}: changed since it was made")
    found = {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}
    known = {*expected, file.name}
    for name in sorted(found - known):
        if not name.startswith("log/"):
            differences.append(f"{name}: not in the manifest")
    return differences


def _read(file: Path) -> dict[str, Any]:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise UserError(f"{file}: no such file.") from error
    except ValueError as error:
        raise UserError(f"{file}: this is not a manifest (not JSON).") from error
    if not isinstance(content, dict) or not isinstance(content.get("outputs"), dict):
        raise UserError(f"{file}: this is not a manifest (no list of outputs).")
    return content


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
