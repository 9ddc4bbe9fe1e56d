"""How much room words, cards and tables of a slide take, in millimetres.

Heights of text come from the widths of the shipped font. Calibri, which PowerPoint gets,
is narrower, so what fits here fits there.
"""

from __future__ import annotations

import re
from functools import lru_cache

from analysis.brief.charts.canvas import width_mm
from analysis.brief.deck.parts import (
    Card,
    Cards,
    Message,
    Part,
    Picture,
    Table,
    Words,
    picture_of,
)

PT = 25.4 / 72
#: Baseline to baseline, in sizes of type; PowerPoint's single spacing of Calibri is 1.22.
LINE = 1.24
GAP = 5.0
LEAST = 11.0
CARD_PAD = 4.0
CELL_X, CELL_Y = 2.2, 1.7
CARD = {"label": 14.0, "value": 30.0, "interval": 17.0, "note": 14.0}
CIRCLES = 7.0
CAPTION = 13.0
_PIECE = re.compile(r"[^ /-]*[ /-]*")


def scaled(points: float, factor: float) -> float:
    """Type of a tightened slide."""
    return round(max(points * factor, LEAST), 2)


def natural(part: Part, width: float, factor: float) -> float:
    """Height of a part of text, mm."""
    if isinstance(part, Words):
        return words_height(part, width, factor)
    if isinstance(part, Message):
        heading = 17 * factor * PT * LINE + 3
        return heading + text_height(part.text, width - 16, part.size * factor) + 14
    if isinstance(part, Cards):
        rows = -(-len(part.cards) // part.across)
        return rows * card_height(part, width, factor) + GAP * (rows - 1)
    if isinstance(part, Table):
        return sum(row_heights(part, width, factor))
    raise TypeError(f"{type(part).__name__} takes what is left")


def text_height(words: str, width: float, size: float, weight: int = 400) -> float:
    """Height of a paragraph, mm."""
    return line_count(words, width, size, weight) * size * PT * LINE


def line_count(words: str, width: float, size: float, weight: int = 400) -> int:
    """Lines a text takes, broken after spaces, strokes and hyphens as both programs do."""
    lines, room = 1, width
    for piece in _PIECE.findall(words):
        wide = width_mm(piece.rstrip(" "), size, weight)
        if wide > room and room < width:
            lines, room = lines + 1, width
        if wide > width:  # a word longer than the line is broken anywhere
            lines += int(wide / width)
            wide %= width
        room -= wide + (width_mm("n n", size, weight) - width_mm("nn", size, weight)) * (
            len(piece) - len(piece.rstrip(" "))
        )
    return lines


def words_height(part: Words, width: float, factor: float) -> float:
    """Height of paragraphs or bullets, mm."""
    size = scaled(part.size, factor)
    indent = 5.0 if part.bullets else 0.0
    heights = [text_height(p, width - indent, size) for p in part.paragraphs]
    heading = scaled(part.size + 1, factor) * PT * LINE + 1.5 if part.heading else 0.0
    return heading + sum(heights) + paragraph_gap(size) * (len(heights) - 1)


def paragraph_gap(size: float) -> float:
    """Room between paragraphs, mm."""
    return 0.4 * size * PT


def card_height(part: Cards, width: float, factor: float) -> float:
    """Height of the tallest card, mm."""
    inside = card_width(part, width) - 2 * CARD_PAD
    return max(_card(card, inside, factor) for card in part.cards) + 2 * CARD_PAD


def card_width(part: Cards, width: float) -> float:
    """Width of each card, mm."""
    return (width - GAP * (part.across - 1)) / part.across


def card_lines(card: Card) -> list[tuple[str, str]]:
    """Lines of a card that are there: (kind, words)."""
    return [(kind, words) for kind in CARD if (words := getattr(card, kind))]


def _card(card: Card, inside: float, factor: float) -> float:
    total = sum(
        text_height(words, inside, scaled(CARD[kind], factor), 600 if kind == "value" else 400)
        for kind, words in card_lines(card)
    )
    return total + (0 if card.circles is None else CIRCLES)


def row_heights(part: Table, width: float, factor: float) -> list[float]:
    """Heights of the rows of a table, its head first, mm."""
    size = scaled(part.size, factor)
    wide = column_widths(part, width)
    heights = []
    for place, row in enumerate((part.head, *part.rows)):
        weight = 600 if place == 0 else 400
        lines = max(
            line_count(cell, w - 2 * CELL_X, size, weight)
            for cell, w in zip(row, wide, strict=True)
        )
        heights.append(lines * size * PT * LINE + 2 * CELL_Y)
    return heights


def column_widths(part: Table, width: float) -> list[float]:
    """Widths of the columns of a table, mm."""
    return [width * share / sum(part.widths) for share in part.widths]


@lru_cache(maxsize=64)
def shape_of(svg: str) -> float:
    """Height of a drawing over its width."""
    found = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)
    if found is None:
        raise ValueError("the drawing has no viewBox")
    return float(found[2]) / float(found[1])


def caption_height(part: Part, width: float, factor: float) -> float:
    """Height of the caption under a drawing, mm."""
    words = drawing_of(part).caption
    return text_height(words, width, scaled(CAPTION, factor)) + 1.5 if words else 0.0


def drawing_of(part: Part) -> Picture:
    """Return the drawing of a part that is drawn."""
    assert not isinstance(part, Words | Message | Cards | Table)
    return picture_of(part)


def shape(part: Part) -> float:
    """Height of a part's drawing over its width."""
    return shape_of(drawing_of(part).svg)
