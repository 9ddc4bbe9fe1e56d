"""Input files: which ones a run names, and their rows as text under canonical names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from analysis.errors import UserError
from analysis.intake.columns import (
    NOT_READ,
    ColumnMap,
    Header,
    find_header,
    heading_key,
    missing_groups,
    nearest_heading,
)
from analysis.intake.reading import delimited, labelled, workbook
from analysis.intake.reading.sheets import Loaded, Sheet

TEXT_SUFFIXES = (".csv", ".tsv", ".txt", ".tab")


@dataclass(frozen=True)
class Source:
    """One table of a raw file as text.

    `frame` has `source_row`, `ragged` and a text column for each canonical column found;
    `labels` holds value labels by canonical column.
    """

    file: str
    path: Path
    columns: ColumnMap
    map_file: str
    typed: bool
    frame: pl.DataFrame
    labels: Mapping[str, Mapping[str, str]]
    rows_read: int
    empty_rows: int


def resolve(folder: Path, patterns: Sequence[str]) -> list[Path]:
    """Files under `folder` that the names or patterns name, each once, sorted by name.

    Temporary files of office programs (`~$…`, `.~lock…`) are passed over.
    """
    found: dict[Path, None] = {}
    for pattern in patterns:
        hits = [folder / pattern] if (folder / pattern).is_file() else sorted(folder.glob(pattern))
        for hit in hits:
            if hit.is_file() and not hit.name.startswith(("~$", ".")):
                found[hit] = None
    return sorted(found)


def open_sheets(path: Path) -> Sequence[Sheet]:
    """The sheets of a file; a text file gives one for each possible delimiter.

    Raises
    ------
    UserError
        The ending is unknown, or the file cannot be read as what it says it is.
    """
    suffix = path.suffix.lower()
    try:
        if path.stat().st_size == 0:
            raise UserError(f"{path.name}: the file is empty.")
        with path.open("rb") as stream:
            start = stream.read(512).lstrip(b"\xef\xbb\xbf \t\r\n")
    except OSError as error:
        raise UserError(f"{path.name}: the file cannot be opened ({error.strerror}).") from error
    if suffix in labelled.SUFFIXES:
        return labelled.open_labelled(path)
    if suffix in (*workbook.SUFFIXES, *TEXT_SUFFIXES):  # the ending may say one and be the other
        if start.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
            return workbook.open_workbook(path)
        if start[:1] == b"<":
            raise UserError(
                f"{path.name}: this is a web page (HTML) with the ending '{suffix}'; open it in a "
                "spreadsheet program and save it as XLSX."
            )
        if (
            suffix in workbook.SUFFIXES
            and b"\0" in start
            and start[:2] not in (b"\xff\xfe", b"\xfe\xff")
        ):
            raise UserError(f"{path.name}: this is not a readable workbook; save it again as XLSX.")
        return delimited.open_delimited(path)
    known = ", ".join((*TEXT_SUFFIXES, *workbook.SUFFIXES, *labelled.SUFFIXES))
    raise UserError(
        f"{path.name}: files ending in '{suffix}' are not read; save it as one of {known}."
    )


#: A sheet with at least this share of the best sheet's columns is one of the data, not a summary.
DATA_SHEET_SHARE = 0.6


@dataclass(frozen=True)
class Found:
    """A sheet whose header fits a map."""

    sheet: Sheet
    header: Header


def recognise(path: Path, maps: Sequence[ColumnMap]) -> list[Found]:
    """Sheets of a file whose header fits one of the maps; summaries beside them are passed over.

    Raises
    ------
    UserError
        No sheet has a header that any of the maps knows.
    """
    sheets = open_sheets(path)
    wanted = {heading_key(name) for columns in maps for name in columns.sheets}
    if wanted and any(sheet.name for sheet in sheets):
        sheets = [s for s in sheets if s.name and heading_key(s.name) in wanted] or sheets
    found = []
    for sheet in sheets:
        header = find_header(sheet.preview(), maps)
        if header is not None:
            found.append(Found(sheet, header))
    if not found:
        raise UserError(_no_header(path, sheets, maps))
    if isinstance(found[0].sheet, delimited.Delimited):
        return [max(found, key=lambda one: len(one.header.matching.found))]
    most = max(len(one.header.matching.found) for one in found)
    return [
        one
        for one in found
        if not _lacking(one, maps) or len(one.header.matching.found) >= DATA_SHEET_SHARE * most
    ]


def _lacking(one: Found, maps: Sequence[ColumnMap]) -> list[tuple[tuple[str, ...], ...]]:
    return missing_groups(list(one.header.matching.found), maps[one.header.map_index].kind)


def _no_header(path: Path, sheets: Sequence[Sheet], maps: Sequence[ColumnMap]) -> str:
    first = [alias for names in list(maps[0].columns.values())[:4] for alias in names[:1]]
    return (
        f"{path.name}: no row among the first {len(sheets[0].preview())} looks like a header; "
        f"expected headings such as {', '.join(first)} "
        f"(see params/columns/ and `python -m analysis check`)."
    )


def read(
    path: Path, maps: Sequence[ColumnMap], map_files: Sequence[str], folder: Path | None = None
) -> Iterator[Source]:
    """Read every recognised sheet of a file.

    Sources are named by their path under `folder`, with the sheet where several are read.

    Raises
    ------
    UserError
        A required column is missing or stands twice; the sentence names the nearest heading.
    """
    found = recognise(path, maps)
    file = path.name if folder is None else path.relative_to(folder).as_posix()
    for one in found:
        columns = maps[one.header.map_index]
        map_file = map_files[one.header.map_index]
        name = file if len(found) == 1 else f"{file} [{one.sheet.name}]"
        _insist(name, one, columns, map_file)
        yield _load(name, path, one, columns, map_file)


def _insist(name: str, one: Found, columns: ColumnMap, map_file: str) -> None:
    matching = one.header.matching
    lacking = missing_groups(list(matching.found), columns.kind)
    if lacking:
        group = lacking[0]
        wanted = " or ".join(" with ".join(names) for names in group)
        missing = next(c for c in group[0] if c not in matching.found)
        near = nearest_heading(missing, columns, matching.unused)
        hint = f" The nearest heading is '{shown(near)}': is it the same?" if near else ""
        aliases = ", ".join(columns.columns.get(missing, (missing,)))
        raise UserError(
            f"{name}, row {one.header.row + 1}: no column for {wanted} (looked for {aliases}).{hint} "
            f"Add the heading to {map_file} under {missing}; `python -m analysis check` lists all."
        )
    if matching.twice:
        raise UserError(
            f"{name}, row {one.header.row + 1}: the heading '{shown(matching.twice[0])}' stands "
            "more than once; rename or remove one of the columns."
        )


def shown(text: str, limit: int = 60) -> str:
    """Raw text fit for a message: one line, printable, short."""
    plain = "".join(c if c.isprintable() else " " for c in text)
    plain = " ".join(plain.split())
    return plain if len(plain) <= limit else plain[: limit - 1] + "…"


def _load(name: str, path: Path, one: Found, columns: ColumnMap, map_file: str) -> Source:
    matching = one.header.matching
    wanted = {c: places for c, places in matching.found.items() if c not in NOT_READ}
    positions = sorted({place for places in wanted.values() for place in places})
    loaded = one.sheet.load(one.header.row, positions)
    frame = _named(loaded, wanted)
    labels = {
        canonical: one.sheet.labels[places[0]]
        for canonical, places in matching.found.items()
        if len(places) == 1 and places[0] in one.sheet.labels
    }
    return Source(
        file=name,
        path=path,
        columns=columns,
        map_file=map_file,
        typed=one.sheet.typed,
        frame=frame,
        labels=labels,
        rows_read=loaded.frame.height + loaded.empty_rows,
        empty_rows=loaded.empty_rows,
    )


def _named(loaded: Loaded, found: Mapping[str, tuple[int, ...]]) -> pl.DataFrame:
    """Columns under canonical names; the parts of a combined column joined by a space."""
    expressions = []
    for canonical, places in found.items():
        parts = [pl.col(f"c{place}").str.strip_chars() for place in places]
        whole = parts[0] if len(parts) == 1 else pl.concat_str(parts, separator=" ")
        expressions.append(whole.alias(canonical))
    return loaded.frame.select("source_row", "ragged", *expressions)
