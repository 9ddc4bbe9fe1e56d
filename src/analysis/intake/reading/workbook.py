"""XLSX, XLS, XLSB and ODS workbooks through calamine: every sheet, merged cells filled."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, load_workbook

from analysis.errors import UserError
from analysis.intake.reading.sheets import PREVIEW_ROWS, Loaded

SUFFIXES = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")
Merged = tuple[int, int, int, int]


def cell_text(value: Any) -> str:
    """A cell as text: whole numbers without a point, dates as ISO.

    >>> cell_text(3.0), cell_text(dt.date(2026, 8, 2)), cell_text(12.5)
    ('3', '2026-08-02', '12.5')
    """
    if isinstance(value, str):
        return value.replace("\0", "")
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e17 else repr(value)
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ")
    if isinstance(value, (dt.date, dt.time)):
        return value.isoformat()
    return str(value)


@dataclass
class WorkbookSheet:
    """One sheet of a workbook."""

    file: Path
    name: str | None
    cells: list[list[Any]]
    merged: Sequence[Merged]
    typed: bool = True
    labels: Mapping[int, Mapping[str, str]] = field(default_factory=dict)

    def preview(self) -> list[list[str]]:
        """The first rows as text."""
        return [[cell_text(cell) for cell in row] for row in self.cells[:PREVIEW_ROWS]]

    def load(self, header_row: int, positions: Sequence[int]) -> Loaded:
        """Rows below `header_row` of the columns at `positions`."""
        body = self.cells[header_row + 1 :]
        first = header_row + 2
        keep = [i for i, row in enumerate(body) if any(cell not in ("", None) for cell in row)]
        data: dict[str, pl.Series] = {
            "source_row": pl.Series([first + i for i in keep], dtype=pl.UInt32),
            # Notes to the right of a sheet's table are no defect of the row.
            "ragged": pl.repeat(False, len(keep), dtype=pl.Boolean, eager=True),
        }
        for position in positions:
            texts = [_text_at(body[i], position) for i in keep]
            data[f"c{position}"] = pl.Series(texts, dtype=pl.String)
        return Loaded(pl.DataFrame(data), len(body) - len(keep))


def _text_at(row: Sequence[Any], position: int) -> str:
    if position >= len(row):
        return ""
    cell = row[position]
    return cell if type(cell) is str and "\0" not in cell else cell_text(cell)


def open_workbook(path: Path) -> list[WorkbookSheet]:
    """All sheets of a workbook that hold anything.

    Raises
    ------
    UserError
        The file is no workbook, is locked with a password, or every sheet is empty.
    """
    try:
        book = load_workbook(str(path))
        sheets = [_sheet(path, book, name) for name in book.sheet_names]
    except (CalamineError, OSError, ValueError) as error:
        locked = "password" in str(error).lower() or "encrypt" in str(error).lower()
        what = "is locked with a password" if locked else "is not a readable workbook"
        raise UserError(
            f"{path.name}: the file {what}; open it in a spreadsheet program and save it as XLSX."
        ) from error
    filled = [sheet for sheet in sheets if sheet is not None]
    if not filled:
        raise UserError(f"{path.name}: every sheet of the workbook is empty.")
    return filled


def _sheet(path: Path, book: CalamineWorkbook, name: str) -> WorkbookSheet | None:
    sheet = book.get_sheet_by_name(name)
    cells = sheet.to_python(skip_empty_area=False)
    if not cells:
        return None
    merged = _merged(sheet)
    _fill(cells, merged)
    return WorkbookSheet(path, name, cells, merged)


def _merged(sheet: CalamineSheet) -> list[Merged]:
    ranges = sheet.merged_cell_ranges or []
    return [(top, left, bottom, right) for (top, left), (bottom, right) in ranges]


def _fill(cells: list[list[Any]], merged: Sequence[Merged]) -> None:
    """Give every cell of a vertical merge the value of its first; titles stay as they are."""
    for top, left, bottom, right in merged:
        if top >= len(cells) or left >= len(cells[top]) or bottom == top:
            continue
        value = cells[top][left]
        for row in range(top, min(bottom + 1, len(cells))):
            for column in range(left, min(right + 1, len(cells[row]))):
                cells[row][column] = value
