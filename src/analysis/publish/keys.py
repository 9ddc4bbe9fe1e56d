"""Content keys: whether something must be made again is decided by hashes, never by dates."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis.artefacts import file_hash
from analysis.files import write_whole


def combine(parts: Mapping[str, str]) -> str:
    """One key over named parts."""
    return hashlib.sha256(json.dumps(dict(parts), sort_keys=True).encode()).hexdigest()


def tree_hash(root: Path, files: Iterable[Path]) -> str:
    """Hash of files by their name relative to `root` and their content."""
    digest = hashlib.sha256()
    for file in sorted(files):
        digest.update(str(file.relative_to(root)).encode() + b"\0" + file_hash(file).encode())
    return digest.hexdigest()


@dataclass(frozen=True)
class Record:
    """What was made last time: its key, and the hash of each file that came out."""

    file: Path

    def fresh(self, key: str, folder: Path) -> bool:
        """Whether `key` is the recorded one and every output is there unchanged."""
        made = self.read()
        if made is None or made["key"] != key:
            return False
        return all(
            (folder / name).is_file() and file_hash(folder / name) == digest
            for name, digest in made["outputs"].items()
        )

    def read(self) -> dict[str, Any] | None:
        """Return the record, or None when there is none that can be read."""
        try:
            made = json.loads(self.file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return made if isinstance(made, dict) and {"key", "outputs"} <= set(made) else None

    def write(self, key: str, folder: Path, outputs: Iterable[Path], **facts: Any) -> None:
        """Record that `key` gave `outputs` (named from `folder`), and what is to be known of it."""
        hashes = {os.path.relpath(path, folder): file_hash(path) for path in sorted(outputs)}
        content = {**facts, "key": key, "outputs": hashes}
        text = json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False)
        write_whole(self.file, text + "\n")
