"""Tables written for spreadsheet programs: CSV, XLSX and Stata, with text that stays text."""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyreadstat
import xlsxwriter

from analysis.errors import UserError
from analysis.files import replacing

SUFFIXES = (".csv", ".xlsx", ".dta")
XLSX_ROWS = 1_048_576
XLSX_CELL = 32_767
#: A cell that begins so is taken for a formula by one spreadsheet program or another.
_FORMULA = r"^\s*[=+\-@\t\r＝＋－＠]"
_HARMLESS = r"^\s*[-+]?((\d+|[.,]\d)([.,]?\d+)*([eE][-+]?\d+)?\s*|)$"
#: Numbers that a spreadsheet can hold without losing digits or leading zeros.
_NUMBER = r"^-?(0|[1-9]\d{0,14})?(\.\d{1,20})?$"


@dataclass(frozen=True)
class Table:
    """Headings and columns, in order. A heading may be empty or stand twice.

    Text columns of plain numbers, written with the sign `decimal`, become numbers in XLSX and
    Stata; identity numbers, which would lose digits or leading zeros, stay text.
    """

    headings: Sequence[str]
    columns: Sequence[pl.Series]
    decimal: str = "."


def escape_formula(text: str) -> str:
    """Put an apostrophe before text that a spreadsheet would run as a formula.

    >>> escape_formula("=HYPERLINK(1)"), escape_formula("-1.5"), escape_formula("Ajung")
    ("'=HYPERLINK(1)", '-1.5', 'Ajung')
    """
    if re.match(_FORMULA, text) and not re.match(_HARMLESS, text):
        return f"'{text}"
    return text


def _escaped(column: pl.Series) -> pl.Series:
    if column.dtype != pl.String:
        return column
    risky = column.str.contains(_FORMULA) & ~column.str.contains(_HARMLESS)
    if not risky.fill_null(False).any():
        return column
    mended = column.to_frame("c").select(
        pl.when(risky).then(pl.lit("'") + pl.col("c")).otherwise(pl.col("c"))
    )
    return mended.to_series()


def write_table(
    table: Table, target: Path, *, delimiter: str = ",", source: Path | None = None
) -> None:
    """Write a table, complete or not at all; the ending of `target` says the format.

    Parameters
    ----------
    delimiter
        Of a CSV file.
    source
        The Stata file the first columns came from, if it was one: its types and labels are
        then kept in a Stata output.

    Raises
    ------
    UserError
        The ending is unknown, the folder does not exist, or the table does not fit the format.
    """
    suffix = target.suffix.lower()
    if suffix not in SUFFIXES:
        raise UserError(f"{target.name}: results are written as {', '.join(SUFFIXES)}.")
    if not target.parent.is_dir():
        raise UserError(f"{target}: the folder {target.parent} does not exist; create it first.")
    if suffix == ".csv":
        _complete(target, lambda part: _write_csv(table, part, delimiter))
    elif suffix == ".xlsx":
        _complete(target, lambda part: _write_xlsx(table, part, target.name))
    else:
        _complete(target, lambda part: _write_stata(table, part, source))


def _complete(target: Path, write: Callable[[Path], None]) -> None:
    try:
        with replacing(target) as part:
            write(part)
    except OSError as error:
        raise UserError(f"{target}: it cannot be written ({error.strerror}).") from error


def _write_csv(table: Table, target: Path, delimiter: str) -> None:
    columns = [_csv_cells(column, table.decimal) for column in table.columns]
    with target.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, delimiter=delimiter)  # CRLF: quotes lone CR too
        writer.writerow([escape_formula(heading) for heading in table.headings])
        writer.writerows(zip(*columns, strict=True))


def _csv_cells(column: pl.Series, decimal: str) -> list[Any]:
    if column.dtype.is_float():
        texts = column.fill_nan(None).cast(pl.String)
        return (texts.str.replace(".", decimal, literal=True)).to_list()
    return _escaped(column).to_list()


def _write_xlsx(table: Table, target: Path, name: str) -> None:
    rows = len(table.columns[0]) if table.columns else 0
    if rows >= XLSX_ROWS:
        raise UserError(f"{name}: {rows:,} rows do not fit an XLSX sheet; write a CSV instead.")
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(str(target), options) as book:
        book.set_properties({"created": dt.datetime(2000, 1, 1)})  # the same bytes every time
        sheet = book.add_worksheet("zscores")
        sheet.freeze_panes(1, 0)
        for place, heading in enumerate(table.headings):
            sheet.write_string(0, place, escape_formula(heading)[:XLSX_CELL])
        columns = [_typed(table, place).to_list() for place in range(len(table.columns))]
        for row, cells in enumerate(zip(*columns, strict=True), start=1):
            for place, cell in enumerate(cells):
                if isinstance(cell, str) and cell:
                    sheet.write_string(row, place, cell[:XLSX_CELL])
                elif isinstance(cell, (int, float)):
                    sheet.write_number(row, place, cell)


def _typed(table: Table, place: int) -> pl.Series:
    """A column as numbers where it is or may be so, else as text without formulas."""
    column = table.columns[place]
    if column.dtype.is_float():
        return column.fill_nan(None)
    if column.dtype != pl.String:
        return column
    cells = column.str.strip_chars().replace("", None)
    if table.decimal != ".":
        cells = cells.str.replace(".", "x", literal=True)  # a grouped number is none
        cells = cells.str.replace(table.decimal, ".", literal=True)
    if cells.is_not_null().any() and cells.str.contains(_NUMBER).fill_null(True).all():
        return cells.cast(pl.Float64, strict=False)
    return _escaped(column)


def _write_stata(table: Table, target: Path, source: Path | None) -> None:
    columns = [_typed(table, place).to_pandas() for place in range(len(table.columns))]
    names = stata_names(table.headings)
    frame = pd.concat(columns, axis=1, keys=names)
    labels: dict[str, str] = dict(zip(names, (h[:80] for h in table.headings), strict=True))
    extra: dict[str, Any] = {}
    if source is not None:
        original, facts = pyreadstat.read_dta(str(source), apply_value_formats=False)
        frame = pd.concat([original, frame.iloc[:, original.shape[1] :]], axis=1)
        labels |= {n: t for n, t in facts.column_names_to_labels.items() if t}
        extra["variable_value_labels"] = facts.variable_value_labels
        extra["variable_format"] = facts.original_variable_types
    for name in frame.columns:
        if isinstance(frame[name].dtype, pd.StringDtype):
            frame[name] = frame[name].astype(object).fillna("")
    ordered: list[str | None] = [labels.get(name, "") for name in frame.columns]
    pyreadstat.write_dta(frame, str(target), column_labels=ordered, version=14, **extra)


def stata_names(headings: Sequence[str]) -> list[str]:
    """Valid, distinct Stata names of at most 32 characters.

    >>> stata_names(["Berat (kg)", "Berat [kg]", "", "2024"])
    ['Berat_kg', 'Berat_kg_2', 'v3', 'v2024']
    """
    names: list[str] = []
    for place, heading in enumerate(headings, start=1):
        name = re.sub(r"[^0-9A-Za-z_]+", "_", heading).strip("_") or f"v{place}"
        name = name if re.match(r"[A-Za-z_]", name) else f"v{name}"
        name, again = name[:32], 2
        while name in names:
            name, again = f"{re.sub(r'_[0-9]+$', '', name)[:28]}_{again}", again + 1
        names.append(name)
    return names
