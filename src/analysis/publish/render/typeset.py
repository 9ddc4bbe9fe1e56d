"""The embedded engine's second half: Typst from its wheel, to an accessible, archivable PDF."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import typst

from analysis.errors import UserError
from analysis.publish.render.workspace import Workspace, shared_files

PDF_STANDARDS: list[Any] = ["a-3a", "ua-1"]
_PAGE_COUNT = re.compile(
    rb"/Type\s*/Pages\b[^>]*?/Count\s+(\d+)|/Count\s+(\d+)[^>]*?/Type\s*/Pages\b"
)


@cache
def shipped_fonts(folder: Path) -> typst.Fonts:
    """Fonts for the PDF, read once a process; none of the machine's own, so every office gets the same.

    The few that Typst carries stay as a fallback for signs our font lacks.
    """
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=True, font_paths=[str(folder)]
    )


def to_pdf(work: Workspace, source: Path) -> bytes:
    """Set ``source`` as PDF/A-3a and PDF/UA-1; the same source gives the same bytes.

    Raises
    ------
    UserError
        Typst refuses the document, with its own message and hint.
    """
    try:
        pdf = typst.compile(
            str(source),
            root=str(work.root),
            font_paths=shipped_fonts(shared_files() / "fonts"),
            format="pdf",
            pdf_standards=PDF_STANDARDS,
            timestamp=epoch(work.brief["generated"]),
        )
    except typst.TypstError as error:
        raise _refusal(work, error) from None
    if not isinstance(pdf, bytes):
        raise TypeError("typst.compile gave no single document")
    return pdf


def side_pages(work: Workspace, source: Path) -> list[int]:
    """Number of pages each side of the brief takes, without writing a PDF.

    The page notes where each side starts and where the last one ends (see brief-part in the
    template).
    """
    try:
        found = typst.query(
            str(source),
            "selector(<brief-part>).or(<brief-end>)",
            field="value",
            root=str(work.root),
            font_paths=shipped_fonts(shared_files() / "fonts"),
        )
    except (RuntimeError, typst.TypstError) as error:  # a query raises the former
        raise _refusal(work, error) from None
    *starts, end = (int(page) for page in json.loads(found))
    return [after - start for start, after in zip(starts, [*starts[1:], end + 1], strict=True)]


def epoch(iso_date: str) -> int:
    """Seconds since 1970 of a date at midnight UTC, the clock of a reproducible document."""
    return int(datetime.fromisoformat(str(iso_date)[:10]).replace(tzinfo=UTC).timestamp())


def page_count(pdf: bytes) -> int:
    """Number of pages, from the root of the page tree (Typst writes it uncompressed)."""
    counts = [int(a or b) for a, b in _PAGE_COUNT.findall(pdf)]
    if not counts:
        raise ValueError("the PDF names no page tree")
    return max(counts)


def _refusal(work: Workspace, error: Exception) -> UserError:
    """Typst's message and hints as a sentence about the brief, without the private folder."""
    hints = [str(hint) for hint in getattr(error, "hints", [])]
    said = " ".join([str(getattr(error, "message", error)), *hints])
    said = said.replace(f"{work.folder}/", "")
    return UserError(f"{work.stem}: the PDF could not be set: {said}")
