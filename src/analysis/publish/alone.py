"""One run at a time in a project's folders, and nothing left over from a killed one."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from analysis.errors import UserError
from analysis.files import sweep
from analysis.project import Project


@contextlib.contextmanager
def alone(project: Project, say: Callable[[str], None]) -> Iterator[None]:
    """Hold the project's lock; a second run waits for its turn.

    What a killed run left is removed, and temporary files of this one lie in a folder that
    the next one would find.

    Raises
    ------
    UserError
        A folder of results cannot be written.
    """
    folders = (project.processed, project.build, project.out)
    for folder in folders:
        _prepare(folder)
    with (project.processed / ".lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another run is under way in this folder; waiting for it to end ...")
            fcntl.flock(lock, fcntl.LOCK_EX)
        for folder in folders:
            sweep(folder)
        with _scratch(project.processed):
            yield


def _prepare(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"{folder} cannot be made: {error.strerror}.") from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise UserError(
            f"{folder} cannot be written: make it writable, or name another folder under "
            "`paths` in the params."
        )


@contextlib.contextmanager
def _scratch(folder: Path) -> Iterator[None]:
    """Let temporary files of this process go to a folder of its own, removed at the end."""
    # Short: sockets lie in it, and the path of a socket is limited.
    prefix = f"st{hashlib.sha256(str(folder).encode()).hexdigest()[:6]}-"
    base = Path(tempfile.gettempdir())
    for left in base.glob(f"{prefix}*"):
        if left.lstat().st_uid == os.getuid() and left.is_dir() and not left.is_symlink():
            shutil.rmtree(left, ignore_errors=True)
    before = tempfile.tempdir
    tempfile.tempdir = tempfile.mkdtemp(prefix=prefix)
    try:
        yield
    finally:
        shutil.rmtree(tempfile.tempdir, ignore_errors=True)
        tempfile.tempdir = before
