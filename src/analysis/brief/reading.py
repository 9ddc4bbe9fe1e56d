"""What the brief of one area reads of each artefact, and the hash of exactly that.

A brief is given nothing else, so a change in the rows of one area changes the briefs that show
it and no other: its own, the whole place's, and the rest only where a chart of all areas moves.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import pandas as pd

from analysis import artefacts
from analysis.determinants import schemas as determinants
from analysis.intake import schemas as intake
from analysis.prevalence import schemas as prevalence
from analysis.project import Project
from analysis.review import schemas as review

#: Without these there is no brief; the others may be absent and leave their section out.
REQUIRED = ("review", "prevalence")
OPTIONAL = (
    "new_cases",
    "two_numbers",
    "actions",
    "priorities",
    "effects",
    "attributable",
    "variance_components",
    "data_quality",
    "series",
    "target_path",
    "figures",
)
#: Tables of which a brief reads its own area's rows, by the column that names the area.
OWN = {
    "new_cases": "area",
    "two_numbers": "area",
    "actions": "area",
    "priorities": "area",
    "attributable": "area",
    "data_quality": "kecamatan",
}
#: Tables with all areas side by side: what caterpillar, map and spine show of the others.
OF_OTHERS = {
    "review": ("area", "level", "estimate", "low", "high", "n", "verdict", "against_whole"),
    "prevalence": ("area", "level", "indicator", "estimate", "verdict", "published"),
}
_SCHEMAS = {**intake.TABLES, **prevalence.TABLES, **determinants.TABLES, **review.TABLES}
_State = tuple[str, int, int]


def read_tables(project: Project, code: str) -> dict[str, pd.DataFrame]:
    """Return what the brief of area `code` reads; a table that was not made is empty.

    Rows of other areas are left out, or their cells that no chart shows are missing. The
    brief of the whole place reads everything.

    Raises
    ------
    UserError
        A needed artefact has not been made.
    """
    tables = {name: _table(project, name) for name in (*REQUIRED, *OPTIONAL)}
    return {name: _narrow(name, table, code, project.whole) for name, table in tables.items()}


def data_hash(project: Project, code: str) -> str:
    """SHA-256 over the cells that the brief of `code` reads, by table and column."""
    total = hashlib.sha256(code.encode())
    for name in (*REQUIRED, *OPTIONAL):
        if not artefacts.exists(project, name):
            continue
        state = _state(project, name)
        if code == project.whole:
            parts = [_all_cells(state)]
        else:
            own = (_own_cells(state).get(area, "") for area in _owners(name, code, project.whole))
            parts = [_shared_cells(state), *own]
        total.update(f"\n{name} {' '.join(parts)}".encode())
    return total.hexdigest()


def is_synthetic(project: Project) -> bool:
    """Whether any artefact of the briefs comes from synthetic data."""
    made = [name for name in (*REQUIRED, *OPTIONAL) if artefacts.exists(project, name)]
    return any(_synthetic(_state(project, name)) for name in made)


def _narrow(name: str, table: pd.DataFrame, code: str, whole: str) -> pd.DataFrame:
    owners = _owners(name, code, whole)
    if code == whole or table.empty or not owners:
        return table.copy(deep=False)
    own = table[OWN.get(name, "area")].isin(owners)
    if name in OWN:
        return table[own]
    hidden = [column for column in table.columns if column not in OF_OTHERS[name]]
    return table.assign(**{column: table[column].where(own) for column in hidden})


def _owners(name: str, code: str, whole: str) -> tuple[str, ...]:
    """Areas whose rows no other area's brief reads, or not with all their columns."""
    if name in OWN:
        return (code,)
    return (code, whole) if name in OF_OTHERS else ()


def _table(project: Project, name: str) -> pd.DataFrame:
    if name in REQUIRED and not artefacts.exists(project, name):
        return artefacts.read(project, name)  # says what to run
    if artefacts.exists(project, name):
        return _parquet(_state(project, name))
    return pd.DataFrame(columns=list(_SCHEMAS[name].columns))


def _state(project: Project, name: str) -> _State:
    """Path of an artefact, and what changes when it is made again."""
    file = artefacts.path(project, name)
    found = file.stat()
    return str(file), found.st_mtime_ns, found.st_ino


# By path and state: the briefs of one process read, and hash, each table once.


@lru_cache(maxsize=64)
def _parquet(state: _State) -> pd.DataFrame:
    file = Path(state[0])
    # Rows are picked out of small tables many times, which is faster in texts of Python.
    with pd.option_context("mode.string_storage", "python"):
        table = pd.read_parquet(file)
    return table[table["published"].fillna(False)] if file.stem == "prevalence" else table


@lru_cache(maxsize=64)
def _synthetic(state: _State) -> bool:
    return bool(artefacts.meta_of(Path(state[0])).get("synthetic", False))


@lru_cache(maxsize=64)
def _all_cells(state: _State) -> str:
    return _hash(_rows(_parquet(state)))


@lru_cache(maxsize=64)
def _shared_cells(state: _State) -> str:
    """Hash of what every area's brief reads of a table."""
    name = Path(state[0]).stem
    if name in OWN:
        return "-"
    if name in OF_OTHERS:
        return _hash(_rows(_parquet(state)[list(OF_OTHERS[name])]))
    return _all_cells(state)


@lru_cache(maxsize=64)
def _own_cells(state: _State) -> dict[str, str]:
    """Hash of the rows of each area."""
    table = _parquet(state)
    head, *rows = _rows(table)
    found: dict[str, list[str]] = {}
    for area, row in zip(table[OWN.get(Path(state[0]).stem, "area")], rows, strict=True):
        found.setdefault(str(area), [head]).append(row)
    return {area: _hash(own) for area, own in found.items()}


def _rows(table: pd.DataFrame) -> list[str]:
    """Names of the columns, then the cells of each row, as text; what is missing is None."""
    cells = table.astype(object)
    return [
        repr(list(table.columns)),
        *map(repr, cells.where(cells.notna(), None).to_numpy().tolist()),
    ]


def _hash(rows: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()
