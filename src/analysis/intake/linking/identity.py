"""Keyed hashes in place of identifiers, so that children can be linked but not named.

The key lies in a local file that is never shared; without it a hash cannot be made again from a
guessed NIK. The synthetic sample uses a fixed key, so that its artefacts are the same everywhere.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterable
from pathlib import Path

import polars as pl

from analysis.errors import UserError
from analysis.project import Project

KEY_FILE = ".hash.key"
KEY_BYTES = 32
SYNTHETIC_KEY = hashlib.blake2b(b"synthetic sample", digest_size=KEY_BYTES).digest()
#: 80 bits: among ten million children two share a hash with a chance of 4 in 10^11.
HASH_BYTES = 10


def load_key(project: Project, *, synthetic: bool) -> bytes:
    """The project's key, made once and readable by its owner only.

    Raises
    ------
    UserError
        The key file is damaged, or cannot be written.
    """
    if synthetic:
        return SYNTHETIC_KEY
    path = project.raw / KEY_FILE
    try:
        if not path.exists():
            _create(path)
        key = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except (ValueError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: the key is damaged; restore it from a copy.") from error
    except OSError as error:
        raise UserError(f"{path}: the key cannot be read or made ({error.strerror}).") from error
    if len(key) != KEY_BYTES:
        raise UserError(f"{path}: the key is damaged; restore it from a copy.")
    return key


def _create(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:  # another run was first
        return
    with os.fdopen(handle, "w", encoding="ascii") as stream:
        stream.write(secrets.token_hex(KEY_BYTES) + "\n")


def hashed(key: bytes, kind: str, values: Iterable[str]) -> list[str]:
    """Keyed hash of each value; `kind` keeps hashes of different things apart."""
    person = hashlib.blake2b(kind.encode(), digest_size=16).digest()
    return [
        hashlib.blake2b(value.encode(), key=key, person=person, digest_size=HASH_BYTES).hexdigest()
        for value in values
    ]


def hash_column(key: bytes, kind: str, column: pl.Series) -> pl.Series:
    """Keyed hash of a text column, once for each distinct value; missing stays missing."""
    distinct = column.drop_nulls().unique()
    table = pl.DataFrame(
        {"raw": distinct, "hash": pl.Series(hashed(key, kind, distinct), dtype=pl.String)}
    )
    return (
        column.to_frame("raw").join(table, on="raw", how="left", maintain_order="left")["hash"]
    ).alias(column.name)
