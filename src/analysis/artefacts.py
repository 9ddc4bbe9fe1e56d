"""Artefacts: the Parquet tables by which stages hand on their results.

Each is checked against its schema, written atomically, and carries in its own
metadata what it was made from, so that a stale one is known by content.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd
import pandera.pandas as pa
import pyarrow as arrow
import pyarrow.parquet as parquet
from pandera.errors import SchemaError, SchemaErrors

from analysis import files
from analysis.errors import UserError
from analysis.project import Project

_KEY = b"analysis"


def path(project: Project, name: str) -> Path:
    """Where the artefact `name` lies."""
    return project.processed / f"{name}.parquet"


def exists(project: Project, name: str) -> bool:
    """Whether the artefact `name` has been made."""
    return path(project, name).exists()


def read(project: Project, name: str) -> pd.DataFrame:
    """Read an artefact.

    Raises
    ------
    UserError
        It has not been made yet.
    """
    file = path(project, name)
    if not file.exists():
        raise UserError(f"{file} does not exist yet: run `make data` and `make models` first.")
    return pd.read_parquet(file)


def meta(project: Project, name: str) -> dict[str, Any]:
    """Provenance of an artefact: `stage`, `inputs`, `params`, `code`, `synthetic` and more."""
    return meta_of(path(project, name))


def meta_of(file: Path) -> dict[str, Any]:
    """Provenance stored in a Parquet file."""
    schema = parquet.read_schema(file)
    return dict(json.loads((schema.metadata or {}).get(_KEY, b"{}")))


def write(
    project: Project,
    name: str,
    frame: pd.DataFrame,
    schema: pa.DataFrameSchema,
    provenance: Mapping[str, Any],
) -> Path:
    """Check `frame` against `schema` and write it, complete or not at all.

    Parameters
    ----------
    provenance
        JSON-able facts stored with the table (input hashes, `synthetic`, …).

    Raises
    ------
    pandera.errors.SchemaErrors
        The table breaks its own schema: a defect of the code, not of the input.
    """
    checked = validate(name, frame, schema)
    table = arrow.Table.from_pandas(checked, preserve_index=False)
    facts = json.dumps(dict(provenance), sort_keys=True).encode()
    table = table.replace_schema_metadata({**(table.schema.metadata or {}), _KEY: facts})
    target = path(project, name)
    target.parent.mkdir(parents=True, exist_ok=True)
    with files.replacing(target) as temporary:
        parquet.write_table(table, temporary, compression="zstd")
    return target


def validate(name: str, frame: pd.DataFrame, schema: pa.DataFrameSchema) -> pd.DataFrame:
    """Return `frame` coerced to `schema`, with the columns in the schema's order first."""
    try:
        checked = schema.validate(frame.reset_index(drop=True), lazy=True)
    except (SchemaError, SchemaErrors) as error:
        raise ValueError(f"artefact {name} breaks its schema: {error}") from error
    first = [column for column in schema.columns if column in checked.columns]
    rest = [column for column in checked.columns if column not in first]
    return checked[first + rest]


def file_hash(file: Path) -> str:
    """SHA-256 of a file's content."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def provenance(project: Project, stage: str, inputs: list[str], **facts: Any) -> dict[str, Any]:
    """Facts to store with a stage's artefacts: hashes of the artefacts it read, params, code."""
    return {
        "stage": stage,
        "inputs": {
            name: file_hash(path(project, name)) for name in inputs if exists(project, name)
        },
        "params": project.params_hash,
        "code": code_hash(),
        "synthetic": any(
            meta(project, name).get("synthetic", False) for name in inputs if exists(project, name)
        ),
        **facts,
    }


@lru_cache(maxsize=1)
def code_hash() -> str:
    """SHA-256 over the package's own source files, by relative name."""
    root = Path(__file__).parent
    digest = hashlib.sha256()
    for file in sorted(root.rglob("*.py")):
        digest.update(str(file.relative_to(root)).encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()
