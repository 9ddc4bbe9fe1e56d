"""The brief's own Markdown as plain data: pictures, cards, tables, sentences.

A slide that reads them cannot say anything the brief does not. Only what
`analysis.brief.tables` writes is understood here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from analysis.brief.deck.parts import Card, Picture

_PICTURE = re.compile(r'!\[([^\]]*)\]\(figures/([\w-]+)\.svg\)\{[^}]*?alt="([^"]*)"[^}]*\}')
_SPAN = re.compile(r"\[([^\[\]]*)\]\{\.([\w-]+)\}")
_CELLS = re.compile(r"(?<!\\)\|")
_CIRCLES = re.compile(r"^\d+")


def unmark(text: str) -> str:
    r"""Text without marks: spans, strong, escapes. ≈ stays with its number.

    >>> unmark(r"[▲ 34 %]{.higher} **x** a\*b")
    '▲ 34 % x a*b'
    """
    bare = _SPAN.sub(r"\1", text).replace("**", "")
    return re.sub(r"\\(.)", r"\1", bare).strip().replace("≈ ", "≈\u00a0")


def pictures(markdown: str, folder: Path) -> dict[str, Picture]:
    """Pictures by name of their file, read from `folder/figures`."""
    return {
        name: Picture(
            (folder / "figures" / f"{name}.svg").read_text(encoding="utf-8"),
            unmark(alt),
            unmark(caption),
        )
        for caption, name, alt in _PICTURE.findall(markdown)
    }


def blocks(markdown: str, kind: str) -> list[str]:
    """Contents of the fenced blocks of a class, in order."""
    fence = re.compile(rf"^(:{{3,}}) \{{?\.?{kind}\b[^\n]*\n(.*?)\n\1$", re.S | re.M)
    return [match[2] for match in fence.finditer(markdown)]


def cards(markdown: str) -> tuple[Card, ...]:
    """Number cards with their label, value, interval, note and circles."""
    return tuple(_card(content) for content in blocks(markdown, "card"))


def _card(content: str) -> Card:
    found = {name: unmark(text) for text, name in _SPAN.findall(content)}
    drawn = _PICTURE.search(content)
    circles = _CIRCLES.match(drawn[3]) if drawn else None
    return Card(
        label=found.get("label", ""),
        value=found.get("value", ""),
        interval=found.get("interval", ""),
        note=found.get("note", ""),
        circles=int(circles[0]) if circles else None,
        circles_alt=unmark(drawn[3]) if drawn else "",
    )


def pipe_table(markdown: str) -> list[tuple[str, ...]]:
    """Rows of the first pipe table, its head first; empty where there is none."""
    lines = [line for line in markdown.splitlines() if line.startswith("|")]
    return [_row(line) for place, line in enumerate(lines) if place != 1]


def _row(line: str) -> tuple[str, ...]:
    return tuple(unmark(cell.strip()) for cell in _CELLS.split(line)[1:-1])


def sentences(markdown: str, kind: str) -> str:
    """Text of the first block of a class; empty where there is none."""
    found: Sequence[str] = blocks(markdown, kind)
    return unmark(" ".join(found[0].split())) if found else ""
