"""The other engine: Quarto, when it is on the PATH, with the same templates and filter."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from analysis.errors import UserError
from analysis.publish.render.pandoc import explain
from analysis.publish.render.typeset import epoch
from analysis.publish.render.workspace import Workspace

MINIMUM = (1, 9)  # pdf-standard, alternative texts in Typst, relative font-paths
TIME_LIMIT_S = 300
TARGETS = {"html": "html", "pdf": "typst"}


def find_quarto() -> str | None:
    """Path of the ``quarto`` program, or None when there is none."""
    return shutil.which("quarto")


def check_version(program: str) -> tuple[int, ...]:
    """Return Quarto's version.

    Raises
    ------
    UserError
        It is older than `MINIMUM`, or says something that is no version.
    """
    said = _run([program, "--version"], Path.cwd(), os.environ.copy()).strip()
    match = re.match(r"(\d+)\.(\d+)(?:\.(\d+))?", said)
    version = tuple(int(part) for part in match.groups(default="0")) if match else ()
    if version < MINIMUM:
        wanted = ".".join(str(part) for part in MINIMUM)
        raise UserError(
            f"Quarto {said or 'of unknown version'} at {program} is too old, {wanted} or newer is "
            "needed: update it, or render with --engine pandoc."
        )
    return version


def command(program: str, stem: str, fmt: str) -> list[str]:
    """Arguments for one document; Quarto takes a file name, not a path, after ``--output``."""
    return [
        program,
        "render",
        f"{stem}.ipynb",
        "--to",
        TARGETS[fmt],
        "--output",
        f"{stem}.{fmt}",
        "--no-execute",
        "--no-clean",
        "--quiet",
    ]


def render(work: Workspace, fmt: str, program: str) -> bytes:
    """Render one format of a brief in its workspace with Quarto; return the document."""
    environment = os.environ | {
        # Typst's own clock, so that the same brief gives the same bytes.
        "SOURCE_DATE_EPOCH": str(epoch(work.brief["generated"])),
        "TYPST_IGNORE_SYSTEM_FONTS": "true",
    }
    _run(command(program, work.stem, fmt), work.folder, environment)
    output = work.folder / f"{work.stem}.{fmt}"
    if not output.is_file():
        raise UserError(f"{work.stem}: Quarto ended without writing {output.name}.")
    return output.read_bytes()


def _run(arguments: Sequence[str], cwd: Path, environment: dict[str, str]) -> str:
    try:
        done = subprocess.run(
            arguments,
            cwd=cwd,
            env=environment,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            stdin=subprocess.DEVNULL,
            timeout=TIME_LIMIT_S,
        )
    except FileNotFoundError:
        raise UserError(f"Quarto is not installed ({arguments[0]} not found).") from None
    except subprocess.TimeoutExpired:
        raise UserError(f"{cwd.name}: Quarto took more than {TIME_LIMIT_S} s.") from None
    if done.returncode != 0:
        raise UserError(f"{cwd.name}: Quarto failed: {explain(done.stderr)}")
    return done.stdout
