"""Where the parts of a slide stand, in millimetres: one layout for PowerPoint and PDF."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from analysis.brief.deck.parts import Cards, Column, Part, Row, Slide, drawn
from analysis.publish.slides import measure

WIDTH, HEIGHT = 338.6666, 190.5
MARGIN = 14.0
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
#: A picture may shrink to this share of the width it could have before type does.
PICTURE_LEAST = 0.6
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
        return measure.scaled(points, self.factor)


@dataclass(frozen=True)
class Page:
    """A slide laid out; `fits` says whether everything found its room."""

    slide: Slide
    title: Box
    title_size: float
    placed: tuple[Placed, ...]
    fits: bool


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
        if size >= ONE_LINE_FROM and measure.line_count(slide.title, width, size, 600) == 1:
            return Box(x, y, width, ONE_LINE), size
    return Box(*TITLE), title_size(slide.title, width, height, TITLE_SIZES)


def title_size(words: str, width: float, height: float, sizes: Sequence[float]) -> float:
    """Largest size in which a title keeps within its box."""
    for size in sizes:
        if measure.text_height(words, width, size, 600) <= height:
            return size
    return sizes[-1]


def _rows(
    rows: Sequence[Row], top: float, bottom: float, factor: float
) -> tuple[tuple[Placed, ...], bool]:
    """Rows from top to bottom; those with a picture share what the others leave."""
    whole = WIDTH - 2 * MARGIN
    fixed = [max(_fixed(c, whole, factor) for c in row) for row in rows]
    wishes = [max(_wish(c, whole, factor) for c in row) for row in rows]
    room = bottom - top - measure.GAP * (len(rows) - 1)
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
        y += height + measure.GAP
    return tuple(placed), fits and y - measure.GAP <= bottom + 1e-6


def _column_width(column: Column, whole: float) -> float:
    """Width of a column without the gutter to its right."""
    return whole * column.width / 100 - (0 if column.width == 100 else measure.GAP)


def _fixed(column: Column, whole: float, factor: float) -> float:
    """Height the parts need that are not drawn, with the gaps."""
    wide = _column_width(column, whole)
    heights = [measure.natural(p, wide, factor) for p in column.parts if not drawn(p)]
    return sum(heights) + measure.GAP * (len(column.parts) - 1)


def _wish(column: Column, whole: float, factor: float) -> float:
    """Height the column would take with its pictures as wide as it is."""
    wide = _column_width(column, whole)
    return _fixed(column, whole, factor) + sum(
        wide * measure.shape(p) + measure.caption_height(p, wide, factor)
        for p in column.parts
        if drawn(p)
    )


def _column(column: Column, box: Box, factor: float) -> tuple[list[Placed], bool]:
    """Parts below each other; a picture takes what the others leave."""
    pictures = [p for p in column.parts if drawn(p)]
    left = box.height - sum(
        measure.natural(p, box.width, factor) for p in column.parts if not drawn(p)
    ) - measure.GAP * (len(column.parts) - 1)  # fmt: skip
    placed, y, fits = [], box.y, True
    for part in column.parts:
        height = left / len(pictures) if drawn(part) else measure.natural(part, box.width, factor)
        if drawn(part):
            most = box.width * measure.shape(part) + measure.caption_height(part, box.width, factor)
            height = min(height, most)
            fits = fits and height > 20
        placed.append(Placed(part, Box(box.x, y, box.width, height), factor))
        y += height + measure.GAP
    return placed, fits and y - measure.GAP <= box.y + box.height + 1e-6


def picture_box(part: Part, box: Box, factor: float) -> Box:
    """Where the drawing stands in its box, above its caption, in its own shape."""
    room = box.height - measure.caption_height(part, box.width, factor)
    width = min(box.width, room / measure.shape(part))
    return Box(box.x + (box.width - width) / 2, box.y, width, width * measure.shape(part))


def caption_box(part: Part, box: Box, factor: float) -> Box:
    """Where the caption of a drawing stands."""
    height = measure.caption_height(part, box.width, factor)
    picture = picture_box(part, box, factor)
    return Box(box.x, picture.y + picture.height + 1, box.width, max(height - 1, 0))


def chart_box(part: Part, box: Box, factor: float) -> Box:
    """Where a chart of PowerPoint's own stands: all but the caption."""
    return replace(box, height=box.height - measure.caption_height(part, box.width, factor))


def card_boxes(part: Cards, box: Box, factor: float) -> list[Box]:
    """Where each card of a grid stands."""
    width = measure.card_width(part, box.width)
    height = measure.card_height(part, box.width, factor)
    return [
        Box(
            box.x + (place % part.across) * (width + measure.GAP),
            box.y + (place // part.across) * (height + measure.GAP),
            width,
            height,
        )
        for place in range(len(part.cards))
    ]
