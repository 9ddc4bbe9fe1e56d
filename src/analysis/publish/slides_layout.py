"""Where the parts of a slide stand, in millimetres: one layout for PowerPoint and PDF.

Heights of text come from the widths of the shipped font. Calibri, which PowerPoint gets,
is narrower, so what fits here fits there.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from analysis.brief.charts.canvas import width_mm
from analysis.brief.deck.parts import (
    Card,
    Cards,
    Column,
    Message,
    Part,
    Picture,
    Row,
    Slide,
    Table,
    Words,
    drawn,
    picture_of,
)

WIDTH, HEIGHT = 338.6666, 190.5
MARGIN = 14.0
PT = 25.4 / 72
#: Baseline to baseline, in sizes of type; PowerPoint's single spacing of Calibri is 1.22.
LINE = 1.24
GAP = 5.0
BAND = (0.0, 8.5)
TITLE = (MARGIN, 12.5, WIDTH - 2 * MARGIN, 25.0)
BODY_END = 176.0
#: A title on one line leaves its room to the body.
ONE_LINE, ONE_LINE_FROM = 15.0, 25.0
FOOT = (179.5, 7.0)
COVER_TITLE = (MARGIN, 22.0, WIDTH - 2 * MARGIN, 34.0)
COVER_SUBTITLE = (MARGIN, 57.0, WIDTH - 2 * MARGIN, 11.0)
COVER_BODY = (76.0, 172.0)
TITLE_SIZES = (28.0, 26.0, 24.0, 22.0)
COVER_SIZES = (44.0, 40.0, 36.0, 32.0, 28.0)
LEAST = 11.0
CARD_PAD = 4.0
CELL_X, CELL_Y = 2.2, 1.7
CARD = {"label": 14.0, "value": 30.0, "interval": 17.0, "note": 14.0}
CIRCLES = 7.0
#: A picture may shrink to this share of the width it could have before type does.
PICTURE_LEAST = 0.6
CAPTION = 13.0
_PIECE = re.compile(r"[^ /-]*[ /-]*")
_FACTORS = (1.0, 0.94, 0.88, 0.82, 0.76)


@dataclass(frozen=True)
class Box:
    """A rectangle, mm from the top left corner."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Placed:
    """A part with its place and the factor of its type."""

    part: Part
    box: Box
    factor: float

    def size(self, points: float) -> float:
        """Size of type as set, in points; never under the least that can be read."""
        return scaled(points, self.factor)


@dataclass(frozen=True)
class Page:
    """A slide laid out; `fits` says whether everything found its room."""

    slide: Slide
    title: Box
    title_size: float
    placed: tuple[Placed, ...]
    fits: bool


def scaled(points: float, factor: float) -> float:
    """Type of a tightened slide."""
    return round(max(points * factor, LEAST), 2)


def lay_out(slide: Slide) -> Page:
    """Place the parts of a slide with the largest type that fits."""
    title, size = _title(slide)
    top, bottom = COVER_BODY if slide.subtitle else (title.y + title.height + 3.5, BODY_END)
    page = None
    for factor in _FACTORS:
        placed, fits = _rows(slide.rows, top, bottom, factor)
        page = Page(slide, title, size, placed, fits)
        if fits:
            break
    assert page is not None
    return page


def _title(slide: Slide) -> tuple[Box, float]:
    """Box and size of a title: on one line where a slightly smaller size allows it."""
    if slide.subtitle:
        return Box(*COVER_TITLE), title_size(slide.title, *COVER_TITLE[2:], COVER_SIZES)
    x, y, width, height = TITLE
    for size in TITLE_SIZES:
        if size >= ONE_LINE_FROM and line_count(slide.title, width, size, 600) == 1:
            return Box(x, y, width, ONE_LINE), size
    return Box(*TITLE), title_size(slide.title, width, height, TITLE_SIZES)


def title_size(words: str, width: float, height: float, sizes: Sequence[float]) -> float:
    """Largest size in which a title keeps within its box."""
    for size in sizes:
        if text_height(words, width, size, 600) <= height:
            return size
    return sizes[-1]


def _rows(
    rows: Sequence[Row], top: float, bottom: float, factor: float
) -> tuple[tuple[Placed, ...], bool]:
    """Rows from top to bottom; those with a picture share what the others leave."""
    whole = WIDTH - 2 * MARGIN
    fixed = [max(_fixed(c, whole, factor) for c in row) for row in rows]
    wishes = [max(_wish(c, whole, factor) for c in row) for row in rows]
    room = bottom - top - GAP * (len(rows) - 1)
    spare = room - sum(f for f, w in zip(fixed, wishes, strict=True) if w <= f)
    wanted = sum(w for f, w in zip(fixed, wishes, strict=True) if w > f)
    share = min(spare / wanted, 1.0) if wanted else 1.0
    fits = spare >= -1e-6 and share >= PICTURE_LEAST
    placed: list[Placed] = []
    y = top
    for row, least, wish in zip(rows, fixed, wishes, strict=True):
        height = max(wish * share, least) if wish > least else least
        x = MARGIN
        for column in row:
            wide = _column_width(column, whole)
            parts, good = _column(column, Box(x, y, wide, height), factor)
            placed += parts
            fits = fits and good
            x += whole * column.width / 100
        y += height + GAP
    return tuple(placed), fits and y - GAP <= bottom + 1e-6


def _column_width(column: Column, whole: float) -> float:
    """Width of a column without the gutter to its right."""
    return whole * column.width / 100 - (0 if column.width == 100 else GAP)


def _fixed(column: Column, whole: float, factor: float) -> float:
    """Height the parts need that are not drawn, with the gaps."""
    wide = _column_width(column, whole)
    heights = [natural(p, wide, factor) for p in column.parts if not drawn(p)]
    return sum(heights) + GAP * (len(column.parts) - 1)


def _wish(column: Column, whole: float, factor: float) -> float:
    """Height the column would take with its pictures as wide as it is."""
    wide = _column_width(column, whole)
    return _fixed(column, whole, factor) + sum(
        wide * _shape(p) + _caption(p, wide, factor) for p in column.parts if drawn(p)
    )


def _column(column: Column, box: Box, factor: float) -> tuple[list[Placed], bool]:
    """Parts below each other; a picture takes what the others leave."""
    pictures = [p for p in column.parts if drawn(p)]
    left = box.height - sum(
        natural(p, box.width, factor) for p in column.parts if not drawn(p)
    ) - GAP * (len(column.parts) - 1)  # fmt: skip
    placed, y, fits = [], box.y, True
    for part in column.parts:
        height = left / len(pictures) if drawn(part) else natural(part, box.width, factor)
        if drawn(part):
            most = box.width * _shape(part) + _caption(part, box.width, factor)
            height = min(height, most)
            fits = fits and height > 20
        placed.append(Placed(part, Box(box.x, y, box.width, height), factor))
        y += height + GAP
    return placed, fits and y - GAP <= box.y + box.height + 1e-6


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


def picture_box(part: Part, box: Box, factor: float) -> Box:
    """Where the drawing stands in its box, above its caption, in its own shape."""
    room = box.height - _caption(part, box.width, factor)
    width = min(box.width, room / _shape(part))
    return Box(box.x + (box.width - width) / 2, box.y, width, width * _shape(part))


def caption_box(part: Part, box: Box, factor: float) -> Box:
    """Where the caption of a drawing stands."""
    height = _caption(part, box.width, factor)
    picture = picture_box(part, box, factor)
    return Box(box.x, picture.y + picture.height + 1, box.width, max(height - 1, 0))


def chart_box(part: Part, box: Box, factor: float) -> Box:
    """Where a chart of PowerPoint's own stands: all but the caption."""
    return replace(box, height=box.height - _caption(part, box.width, factor))


def _caption(part: Part, width: float, factor: float) -> float:
    words = _picture(part).caption
    return text_height(words, width, scaled(CAPTION, factor)) + 1.5 if words else 0.0


def _picture(part: Part) -> Picture:
    assert not isinstance(part, Words | Message | Cards | Table)
    return picture_of(part)


@lru_cache(maxsize=64)
def shape_of(svg: str) -> float:
    """Height of a drawing over its width."""
    found = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)
    if found is None:
        raise ValueError("the drawing has no viewBox")
    return float(found[2]) / float(found[1])


def _shape(part: Part) -> float:
    return shape_of(_picture(part).svg)


def card_boxes(part: Cards, box: Box, factor: float) -> list[Box]:
    """Where each card of a grid stands."""
    width = card_width(part, box.width)
    height = card_height(part, box.width, factor)
    return [
        Box(
            box.x + (place % part.across) * (width + GAP),
            box.y + (place // part.across) * (height + GAP),
            width,
            height,
        )
        for place in range(len(part.cards))
    ]
