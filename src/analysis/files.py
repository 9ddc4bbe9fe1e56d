"""Files that are there complete or not at all, whatever ends the program while it writes; YAML."""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import yaml

#: libyaml's loader is several times faster; a build of PyYAML without it has its own.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TEMPORARY = re.compile(r"\..+\.[a-z0-9_]{8}\.tmp")


@contextlib.contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """Yield a temporary path beside `target` that takes its place when the block ends well.

    The content is on the disk before the name changes, so that even a power cut leaves the old
    file or the new one. When anything goes wrong the temporary file is removed and `target`
    stays as it was. The folder must exist.
    """
    temporary = _beside(target)
    try:
        yield temporary
        _finish(temporary)
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def write_whole(target: Path, content: str | bytes) -> Path:
    """Write `content` (text as UTF-8) to `target`, complete or not at all; makes its folder."""
    return write_together({target: content})[0]


def write_together(contents: Mapping[Path, str | bytes]) -> list[Path]:
    """Write files that belong together: all are complete before the first takes its place."""
    ready: dict[Path, Path] = {}
    try:
        for target, content in contents.items():
            target.parent.mkdir(parents=True, exist_ok=True)
            temporary = ready[target] = _beside(target)
            temporary.write_bytes(content.encode() if isinstance(content, str) else content)
            _finish(temporary)
        for target, temporary in ready.items():
            temporary.replace(target)
    except BaseException:
        for temporary in ready.values():
            temporary.unlink(missing_ok=True)
        raise
    return list(contents)


def write_if_changed(target: Path, content: str | bytes) -> Path:
    """Write `content` unless the file has it already; then not even its date changes."""
    data = content.encode() if isinstance(content, str) else content
    if not target.exists() or target.read_bytes() != data:
        write_whole(target, data)
    return target


def load_yaml(file: Path | Traversable) -> Any:
    """Content of a YAML file: plain values only, never an object.

    Raises
    ------
    OSError, UnicodeDecodeError, yaml.YAMLError
        The file cannot be read, is not UTF-8, or is not YAML.
    """
    return yaml.load(file.read_text(encoding="utf-8"), Loader=_LOADER)


def sweep(folder: Path) -> list[Path]:
    """Remove the temporary files that a killed run left in `folder` and below.

    Only for folders in which nobody else is writing. Returns what was removed.
    """
    left = [p for p in folder.rglob(".*.tmp") if _TEMPORARY.fullmatch(p.name) and p.is_file()]
    for path in left:
        path.unlink(missing_ok=True)
    return left


def _beside(target: Path) -> Path:
    """Return a new, empty, private file in the folder of `target`."""
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".tmp")
    os.close(handle)
    return Path(name)


def _finish(temporary: Path) -> None:
    """Bring the content to the disk and let others read it."""
    with temporary.open("rb") as stream:
        os.fsync(stream.fileno())
    temporary.chmod(0o644)
