"""Stata, SPSS and Parquet files: typed columns, with value labels where the format has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow.parquet as parquet
import pyreadstat
from pyarrow.lib import ArrowException

from analysis.errors import UserError
from analysis.intake.reading.sheets import PREVIEW_ROWS, Loaded
from analysis.intake.reading.workbook import cell_text

SUFFIXES = (".dta", ".sav", ".zsav", ".por", ".parquet")


@dataclass
class Typed:
    """A table with named, typed columns; its header is row 0 and its first record row 2."""

    file: Path
    frame: pl.DataFrame
    labels: Mapping[int, Mapping[str, str]]
    name: str | None = None
    typed: bool = True

    def preview(self) -> list[list[str]]:
        """The headings and the first rows as text."""
        rows = self.frame.head(PREVIEW_ROWS - 1).rows()
        return [list(self.frame.columns), *[[cell_text(cell) for cell in row] for row in rows]]

    def load(self, header_row: int, positions: Sequence[int]) -> Loaded:
        """Records below `header_row` (0 is the names of the columns) at `positions`."""
        body = self.frame.slice(header_row)
        columns = [_as_text(body[:, i]).alias(f"c{i}") for i in positions]
        first = header_row + 2
        frame = pl.DataFrame(
            {
                "source_row": pl.Series(range(first, first + body.height), dtype=pl.UInt32),
                "ragged": pl.repeat(False, body.height, eager=True),
            }
        ).with_columns(columns)
        filled = frame.filter(body.select(_any_cell(body)).to_series())
        return Loaded(filled, frame.height - filled.height)


def _any_cell(frame: pl.DataFrame) -> pl.Expr:
    texts = [
        pl.col(name).fill_null("").str.strip_chars() != ""
        if dtype == pl.String
        else pl.col(name).is_not_null()
        for name, dtype in frame.schema.items()
    ]
    return pl.any_horizontal(texts)


def _as_text(column: pl.Series) -> pl.Series:
    """Text of a typed column, one conversion for each distinct value."""
    if column.dtype == pl.String:
        return column
    if column.dtype in (pl.Categorical, pl.Enum):
        return column.cast(pl.String)
    distinct = column.unique()
    texts = pl.Series([_text(value) for value in distinct], dtype=pl.String)
    pairs = pl.DataFrame({"value": distinct, "text": texts})
    return column.to_frame("value").join(
        pairs, on="value", how="left", nulls_equal=True, maintain_order="left"
    )["text"]


def _text(value: object) -> str:
    if isinstance(value, float) and value != value:
        return ""
    return cell_text(value)


def open_labelled(path: Path) -> list[Typed]:
    """Read a Stata, SPSS or Parquet file.

    Raises
    ------
    UserError
        The file cannot be read as what its ending says.
    """
    try:
        if path.suffix.lower() == ".parquet":
            return [Typed(path, pl.from_arrow(parquet.read_table(path)), {})]  # type: ignore[arg-type]
        return [_with_labels(path)]
    except (
        pyreadstat.ReadstatError,
        ArrowException,
        pl.exceptions.PolarsError,
        UnicodeDecodeError,
        ValueError,
        OSError,
    ) as error:
        kind = {".dta": "Stata", ".parquet": "Parquet"}.get(path.suffix.lower(), "SPSS")
        raise UserError(
            f"{path.name}: this is not a readable {kind} file; export it again, or save it as CSV."
        ) from error


def _with_labels(path: Path) -> Typed:
    readers = {".dta": pyreadstat.read_dta, ".por": pyreadstat.read_por}
    reader: Any = readers.get(path.suffix.lower(), pyreadstat.read_sav)
    table, facts = reader(str(path), apply_value_formats=False)
    frame = pl.DataFrame({str(n): _series(table[n]) for n in table.columns})
    labels = {
        position: {cell_text(code): str(label) for code, label in known.items()}
        for position, name in enumerate(facts.column_names)
        if (known := facts.variable_value_labels.get(name))
    }
    return Typed(path, frame, labels)


def _series(column: pd.Series) -> pl.Series:
    if column.dtype == object:
        return pl.Series([_text(value) for value in column], dtype=pl.String)
    return pl.from_pandas(column)
