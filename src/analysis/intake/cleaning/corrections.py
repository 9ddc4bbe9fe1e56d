"""Known errors in a source, corrected from a reviewed file, each with the value it expects.

`corrections.csv` has the columns `file, row, column, expect, value, reason`. When the cell at that
row no longer holds `expect`, the source has changed and the run stops: the correction must be
looked at again. An empty `value` blanks the cell; `column` = `*` with an empty `value` sets the
whole row aside (`expect` is then looked for in the column `kecamatan`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import polars as pl

from analysis.errors import UserError
from analysis.indicators import read_csv_text
from analysis.intake.cleaning.engine import Log
from analysis.intake.cleaning.values import masked

COLUMNS = ("file", "row", "column", "expect", "value", "reason")
FILE_NAME = "corrections.csv"


@dataclass(frozen=True)
class Correction:
    """One correction; `line` is its row in corrections.csv."""

    line: int
    file: str
    row: int
    column: str
    expect: str
    value: str
    reason: str


def load(path: Path) -> list[Correction]:
    """Read corrections.csv; none where there is no such file.

    Raises
    ------
    UserError
        A column is missing, a row number is none, or a reason is empty.
    """
    if not path.exists():
        return []
    result = []
    for line, row in enumerate(read_csv_text(path, COLUMNS).to_dict("records"), start=2):
        cells = {name: str(row[name]).strip() for name in COLUMNS}
        if not cells["row"].isdigit():
            raise UserError(
                f"{path.name}, row {line}: 'row' is '{cells['row']}'; give the row number of the file."
            )
        if not cells["reason"]:
            raise UserError(f"{path.name}, row {line}: 'reason' is empty; say why it is corrected.")
        result.append(Correction(line=line, **{**cells, "row": int(cells["row"])}))  # type: ignore[arg-type]
    return result


def apply(
    frame: pl.DataFrame, corrections: Sequence[Correction], file: str, log: Log
) -> pl.DataFrame:
    """Correct the text cells of one raw file.

    Raises
    ------
    UserError
        A correction names a row or column that is not there, or finds another value than the one
        it expects.
    """
    plain = file.split(" [")[0]
    for one in corrections:
        if fnmatchcase(file, one.file) or fnmatchcase(plain, one.file):
            frame = _apply_one(frame, one, file, log)
    return frame


def _apply_one(frame: pl.DataFrame, one: Correction, file: str, log: Log) -> pl.DataFrame:
    column = "kecamatan" if one.column == "*" else one.column
    where = f"{FILE_NAME}, row {one.line}"
    if column not in frame.columns:
        raise UserError(f"{where}: {file} has no column recognised as '{column}'.")
    here = pl.col("source_row") == one.row
    cell = frame.filter(here)[column]
    if cell.is_empty():
        raise UserError(f"{where}: {file} has no record in row {one.row}.")
    found = (cell[0] or "").strip()
    if found != one.expect:
        raise UserError(
            f"{where}: {file}, row {one.row}, column '{column}' no longer holds the expected value; "
            "the source has changed. Look at it again, then mend or remove the correction."
        )
    if one.column == "*":
        changed, after = frame.filter(~here), "disisihkan"
    else:
        new = pl.lit(one.value or None, dtype=pl.String)
        changed = frame.with_columns(
            pl.when(here).then(new).otherwise(pl.col(column)).alias(column)
        )
        after = masked(one.value or None)
    example = f"baris {one.row}: {one.column} {masked(found or None)} → {after}"
    log.add(
        f"correction_{one.line}",
        "set_aside" if one.column == "*" else "mend",
        one.reason,
        (frame.height, 1, changed.height),
        [example],
    )
    return changed
