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
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TextIO

import polars as pl

from analysis.errors import UserError
from analysis.intake.reading.sheets import PREVIEW_ROWS, Loaded, grid_block

DELIMITERS = (",", ";", "\t", "|")
_BLOCK = 1 << 24
_PROBE = 1 << 18
_BLOCK_ROWS = 50_000
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
            marked = head.startswith(codecs.BOM_UTF8)
            return TextFile(path, "utf-8-sig" if marked else "cp1252", 0, clean=False)
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


@contextmanager
def _opened(file: TextFile) -> Iterator[TextIO]:
    with file.path.open(encoding=file.encoding, errors="replace", newline="") as stream:
        yield stream


class _Swallowed(Exception):
    """A cell holds whole rows: an opening quote that was never closed."""


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
    def _preview(self) -> list[list[str]]:
        with _opened(self.info) as stream:
            head = stream.read(_PROBE)
        lines = io.StringIO(head, newline="")
        return list(itertools.islice(self._rows(lines, csv.QUOTE_MINIMAL), PREVIEW_ROWS))

    def preview(self) -> list[list[str]]:
        """The first rows as text."""
        return self._preview

    def load(self, header_row: int, positions: Sequence[int]) -> Loaded:
        """Rows below `header_row` of the columns at `positions`."""
        loaded = self._fast(header_row, positions) if self.info.clean else None
        if loaded is not None:
            return loaded
        try:
            return self._careful(header_row, positions, csv.QUOTE_MINIMAL)
        except _Swallowed:
            return self._careful(header_row, positions, csv.QUOTE_NONE)

    def _fast(self, header_row: int, positions: Sequence[int]) -> Loaded | None:
        """Read by polars; None where a row has too many cells or rows are not the file's lines."""
        names = [f"c{i}" for i in range(len(self._preview[header_row]))]
        try:
            frame = (
                pl.scan_csv(
                    self.file,
                    has_header=False,
                    separator=self.delimiter,
                    schema=dict.fromkeys(names, pl.String),
                    skip_lines=header_row + 1,
                    row_index_name="source_row",
                    row_index_offset=header_row + 2,
                )
                .select(
                    pl.col("source_row").cast(pl.UInt32),
                    pl.lit(False).alias("ragged"),
                    _any_cell(names).alias("_filled"),
                    *[f"c{i}" for i in positions],
                )
                .collect(engine="streaming")
            )
        except pl.exceptions.PolarsError:
            return None
        if frame.height != self.info.lines - header_row - 1:
            return None
        filled = frame.filter("_filled").drop("_filled")
        return Loaded(filled, frame.height - filled.height)

    def _careful(self, header_row: int, positions: Sequence[int], quoting: int) -> Loaded:
        """Read cell by cell, a block of rows at a time."""
        blocks, count = [], 0
        width = len(self._preview[header_row])
        with _opened(self.info) as stream:
            rows = self._rows(stream, quoting)
            for _ in range(header_row + 1):
                next(rows, None)
            while block := list(itertools.islice(rows, _BLOCK_ROWS)):
                if quoting != csv.QUOTE_NONE:
                    self._refuse_swallowed(block, width)
                first = header_row + 2 + count
                blocks.append(grid_block(block, positions, width, first))
                count += len(block)
        if not blocks:
            blocks.append(grid_block([], positions, width, header_row + 2))
        frame = pl.concat(blocks)
        return Loaded(frame, count - frame.height)

    def _rows(self, stream: TextIO, quoting: int) -> Iterator[list[str]]:
        lines = (line.replace("\0", "").lstrip("\ufeff") for line in stream)
        return csv.reader(lines, delimiter=self.delimiter, quoting=quoting)  # type: ignore[arg-type]

    def _refuse_swallowed(self, rows: Sequence[Sequence[str]], width: int) -> None:
        many = max(width - 1, 1)
        for row in rows:
            for cell in row:
                if "\n" in cell and cell.count(self.delimiter) >= many:
                    raise _Swallowed


def _any_cell(names: Sequence[str]) -> pl.Expr:
    return pl.any_horizontal([pl.col(name).fill_null("").str.strip_chars() != "" for name in names])


def open_delimited(path: Path) -> list[Delimited]:
    """The file as read with each delimiter; the caller keeps the one whose header fits."""
    info = inspect(path)
    return [Delimited(info, delimiter) for delimiter in DELIMITERS]
