"""Proof that the same inputs give the same bytes: build twice, compare everything."""

from __future__ import annotations

import filecmp
import shutil
import tempfile
from pathlib import Path

import yaml

from analysis.params import Paths, read_yaml
from analysis.project import load_project
from analysis.publish.run import run_reports


def build_twice(params_file: str, engine: str = "auto") -> list[str]:
    """Make all reports in two fresh folders; one line for each file that differs.

    Raises
    ------
    UserError
        Params or raw files cannot be used.
    RuntimeError
        A build failed.
    """
    with tempfile.TemporaryDirectory(prefix="verify") as base:
        outs = [_build(params_file, Path(base) / name, engine) for name in ("first", "second")]
        return compare(*outs)


def compare(first: Path, second: Path) -> list[str]:
    """Name each file that is in one folder only, or whose bytes differ; logs tell the time."""
    names = [
        {str(p.relative_to(f)) for p in f.rglob("*") if p.is_file() and p.parent != f / "log"}
        for f in (first, second)
    ]
    differences = [f"{name}: in one build only" for name in sorted(names[0] ^ names[1])]
    for name in sorted(names[0] & names[1]):
        if not filecmp.cmp(first / name, second / name, shallow=False):
            differences.append(f"{name}: bytes differ")
    return differences


def _build(params_file: str, folder: Path, engine: str) -> Path:
    project = load_project(params_file)
    shutil.copytree(project.params_file.parent, folder / "params")
    # Both copies get the same standard paths: the params' own hash is printed on the briefs.
    params = folder / "params" / project.params_file.name
    content = {**read_yaml(params), "paths": Paths().model_dump()}
    params.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    raw = folder / "data" / "raw"
    raw.mkdir(parents=True)
    for file in sorted(project.raw.iterdir()) if project.raw.is_dir() else ():
        if file.name != "sample":
            (raw / file.name).symlink_to(file)
    if run_reports(str(params), engine=engine, quiet=True):  # type: ignore[arg-type]
        raise RuntimeError("a build failed; see the messages above")
    return folder / "reports" / "out"
