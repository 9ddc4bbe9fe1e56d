"""What every reader hands on: a sheet that shows its first rows, then loads chosen columns as text.

Reading in two steps keeps large exports small: the header is found in the preview, and only
the columns a map knows are loaded. All cells are text here; what they mean is decided later.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import polars as pl

#: Rows shown to the search for a header.
PREVIEW_ROWS = 60


@dataclass(frozen=True)
class Loaded:
    """Rows below the header.

    `frame` has `source_row` (UInt32, the row as a spreadsheet program counts it), `ragged`
    (Boolean: more cells than headings) and one text column `c<position>` for each position
    asked for. Rows without any cell are left out of it and counted in `empty_rows`.
    """

    frame: pl.DataFrame
    empty_rows: int
    notes: tuple[str, ...] = ()


class Sheet(Protocol):
    """One table of a file."""

    file: Path
    name: str | None
    #: Whether numbers and dates come typed, so that their text has a decimal point and ISO dates.
    typed: bool
    #: Value labels by column position (Stata, SPSS): code as text → label.
    labels: Mapping[int, Mapping[str, str]]

    def preview(self) -> list[list[str]]:
        """The first rows as text."""
        ...

    def load(self, header_row: int, positions: Sequence[int]) -> Loaded:
        """Rows below `header_row` (counted from 0) of the columns at `positions`."""
        ...


@dataclass
class Grid:
    """A sheet held in memory as rows of text; for small files and odd ones."""

    file: Path
    name: str | None
    rows: list[list[str]]
    typed: bool = False
    labels: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    first_row: int = 1
    notes: tuple[str, ...] = ()

    def preview(self) -> list[list[str]]:
        """The first rows as text."""
        return self.rows[:PREVIEW_ROWS]

    def load(self, header_row: int, positions: Sequence[int]) -> Loaded:
        """Rows below `header_row` of the columns at `positions`."""
        width = len(self.rows[header_row])
        body = self.rows[header_row + 1 :]
        start = self.first_row + header_row + 1
        numbers = [start + i for i, row in enumerate(body) if any(cell.strip() for cell in row)]
        kept = [body[number - start] for number in numbers]
        data: dict[str, pl.Series] = {
            "source_row": pl.Series(numbers, dtype=pl.UInt32),
            "ragged": pl.Series(
                [any(cell.strip() for cell in row[width:]) for row in kept], dtype=pl.Boolean
            ),
        }
        for position in positions:
            cells = [row[position] if position < len(row) else None for row in kept]
            data[f"c{position}"] = pl.Series(cells, dtype=pl.String)
        return Loaded(pl.DataFrame(data), len(body) - len(kept), self.notes)
