"""What every reader hands on: a sheet that shows its first rows, then loads chosen columns as text.

Reading in two steps keeps large exports small: the header is found in the preview, and only
the columns a map knows are loaded. All cells are text here; what they mean is decided later.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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


class Sheet(Protocol):
    """One table of a file."""

    @property
    def file(self) -> Path:
        """The file."""
        ...

    @property
    def name(self) -> str | None:
        """Name of the sheet, in files that have several."""
        ...

    @property
    def typed(self) -> bool:
        """Whether numbers and dates come typed, so that their text is unambiguous."""
        ...

    @property
    def labels(self) -> Mapping[int, Mapping[str, str]]:
        """Value labels by column position (Stata, SPSS): code as text → label."""
        ...

    def preview(self) -> list[list[str]]:
        """The first rows as text."""
        ...

    def load(self, header_row: int, positions: Sequence[int]) -> Loaded:
        """Rows below `header_row` (counted from 0) of the columns at `positions`."""
        ...


def grid_block(
    rows: Sequence[Sequence[str]], positions: Sequence[int], width: int, first_row: int
) -> pl.DataFrame:
    """The chosen columns of some rows of text, without the rows that have no cell.

    `width` is the number of headings; `first_row` the number of the first row.
    """
    kept = [i for i, row in enumerate(rows) if any(cell and not cell.isspace() for cell in row)]
    data: dict[str, pl.Series] = {
        "source_row": pl.Series([first_row + i for i in kept], dtype=pl.UInt32),
        "ragged": pl.Series(
            [any(cell and not cell.isspace() for cell in rows[i][width:]) for i in kept],
            dtype=pl.Boolean,
        ),
    }
    for position in positions:
        cells = [rows[i][position] if position < len(rows[i]) else None for i in kept]
        data[f"c{position}"] = pl.Series(cells, dtype=pl.String)
    return pl.DataFrame(data)
