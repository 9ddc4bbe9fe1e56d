"""Delimited text: any delimiter, UTF-8, UTF-16 or Windows-1252, with or without a mark.

A well-formed UTF-8 file goes through polars. Anything odd (other encodings aside, lines that do
not add up, stray quotes) is read again, cell by cell, by the standard library.
"""

from __future__ import annotations

import codecs
import csv
import io
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import polars as pl

from analysis.errors import UserError
from analysis.intake.sheets import PREVIEW_ROWS, Grid, Loaded

DELIMITERS = (",", ";", "\t", "|")
_BLOCK = 1 << 24
_PROBE = 1 << 18
#: Longer cells are legal in a spreadsheet only up to 32,767 characters; this is ten times that.
csv.field_size_limit(1 << 24)


@dataclass(frozen=True)
class TextFile:
    """What a first pass over the bytes tells."""

    path: Path
    encoding: str
    lines: int
    clean: bool


def inspect(path: Path) -> TextFile:
    """Find out encoding and number of lines without holding the file in memory.

    Raises
    ------
    UserError
        The file is empty.
    """
    with path.open("rb") as stream:
        head = stream.read(4096)
        if not head.strip():
            raise UserError(f"{path.name}: the file is empty.")
        encoding = _encoding_of(head)
        stream.seek(0)
        if encoding:
            return TextFile(path, encoding, 0, clean=False)
        decoder = codecs.getincrementaldecoder("utf-8")()
        lines, returns, nul, last = 0, 0, False, b""
        try:
            while block := stream.read(_BLOCK):
                decoder.decode(block)
                lines += block.count(b"\n")
                returns += block.count(b"\r")
                nul = nul or b"\0" in block
                last = block[-1:]
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return TextFile(path, "cp1252", 0, clean=False)
    lines += last != b"\n"
    clean = not nul and (returns == 0 or _only_pairs(path, returns))
    return TextFile(path, "utf-8-sig", lines, clean)


def _encoding_of(head: bytes) -> str | None:
    """UTF-16 or UTF-32, by its mark or by the zeros between its letters."""
    marks = {
        codecs.BOM_UTF32_LE: "utf-32",
        codecs.BOM_UTF32_BE: "utf-32",
        codecs.BOM_UTF16_LE: "utf-16",
        codecs.BOM_UTF16_BE: "utf-16",
    }
    for mark, encoding in marks.items():
        if head.startswith(mark):
            return encoding
    even, odd = head[::2].count(0), head[1::2].count(0)
    if max(even, odd) > 0.4 * len(head) / 2 and min(even, odd) < 0.1 * len(head) / 2:
        return "utf-16-be" if even > odd else "utf-16-le"
    return None


def _only_pairs(path: Path, returns: int) -> bool:
    """Whether each carriage return is followed by a line feed."""
    pairs, tail = 0, b""
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            pairs += (tail + block).count(b"\r\n")
            tail = block[-1:] if block.endswith(b"\r") else b""
    return pairs == returns


def _decoded(file: TextFile) -> str:
    text = file.path.read_bytes().decode(file.encoding, errors="replace")
    return text.lstrip("\ufeff").replace("\0", "")


@dataclass
class Delimited:
    """A text file read with one delimiter."""

    info: TextFile
    delimiter: str
    name: str | None = None
    typed: bool = False
    labels: Mapping[int, Mapping[str, str]] = field(default_factory=dict)

    @property
    def file(self) -> Path:
        """The file."""
        return self.info.path

    @cached_property
    def _head(self) -> str:
        if self.info.encoding.startswith("utf-8"):
            with self.file.open("rb") as stream:
                block = stream.read(_PROBE)
            return block.decode("utf-8-sig", errors="ignore").replace("\0", "")
        return _decoded(self.info)[:_PROBE]

    def preview(self) -> list[list[str]]:
        """The first rows as text."""
        return list(itertools.islice(_rows(self._head, self.delimiter), PREVIEW_ROWS))

    def load(self, header_row: int, positions: Sequence[int]) -> Loaded:
        """Rows below `header_row` of the columns at `positions`."""
        if self.info.clean:
            loaded = self._fast(header_row, positions)
            if loaded is not None:
                return loaded
        return Grid(self.file, None, self._all_rows()).load(header_row, positions)

    def _fast(self, header_row: int, positions: Sequence[int]) -> Loaded | None:
        """Read by polars; None when its rows are not the file's lines."""
        width = len(self.preview()[header_row])
        names = [f"c{i}" for i in range(width + 1)]
        wanted = [f"c{i}" for i in positions]
        try:
            frame = (
                pl.scan_csv(
                    self.file,
                    has_header=False,
                    separator=self.delimiter,
                    schema=dict.fromkeys(names, pl.String),
                    skip_lines=header_row + 1,
                    truncate_ragged_lines=True,
                    row_index_name="source_row",
                    row_index_offset=header_row + 2,
                )
                .select(
                    pl.col("source_row").cast(pl.UInt32),
                    (pl.col(names[-1]).fill_null("").str.strip_chars() != "").alias("ragged"),
                    _any_cell(names).alias("_filled"),
                    *wanted,
                )
                .collect()
            )
        except pl.exceptions.PolarsError:
            return None
        if frame.height != self.info.lines - header_row - 1:
            return None
        filled = frame.filter("_filled").drop("_filled")
        return Loaded(filled, frame.height - filled.height)

    def _all_rows(self) -> list[list[str]]:
        text = _decoded(self.info)
        rows = list(_rows(text, self.delimiter))
        width = max(len(row) for row in rows[:PREVIEW_ROWS])
        if any(_swallowed(cell, self.delimiter, width) for row in rows for cell in row):
            rows = list(_rows(text, self.delimiter, quoting=csv.QUOTE_NONE))
        return rows


def _any_cell(names: Sequence[str]) -> pl.Expr:
    return pl.any_horizontal([pl.col(name).fill_null("").str.strip_chars() != "" for name in names])


def _rows(text: str, delimiter: str, quoting: int = csv.QUOTE_MINIMAL) -> Iterator[list[str]]:
    if "\n" not in text:
        text = text.replace("\r", "\n")
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, quoting=quoting)  # type: ignore[arg-type]


def _swallowed(cell: str, delimiter: str, width: int) -> bool:
    """Whether a cell holds whole rows: an opening quote that was never closed."""
    return "\n" in cell and cell.count(delimiter) >= max(width - 1, 1)


def open_delimited(path: Path) -> list[Delimited]:
    """The file as read with each delimiter; the caller keeps the one whose header fits."""
    info = inspect(path)
    return [Delimited(info, delimiter) for delimiter in DELIMITERS]
