"""Tables in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def cell(text: str) -> str:
    """Text that stays in its cell: no pipe and no line break of its own."""
    return " ".join(text.split()).replace("|", "\\|")


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Pipe table with one line per row."""
    lines = [headings, ["---"] * len(headings), *rows]
    return "".join("| " + " | ".join(cell(text) for text in line) + " |\n" for line in lines)


def code(text: object) -> str:
    """Text as code."""
    return f"`{text}`"
