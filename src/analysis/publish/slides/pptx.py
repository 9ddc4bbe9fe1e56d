"""The slides as PowerPoint: text, tables and two charts that can be edited, the rest pictures.

The file names Calibri, which every Office has; the layout leaves it room. The same deck
gives the same bytes: dates are those of the data, and the archive's own times are fixed.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Sequence
from typing import Any

from PIL import Image
from pptx import Presentation
from pptx.enum.shapes import MSO_SHAPE
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.util import Mm, Pt

from analysis.brief.deck.parts import (
    Bars,
    Cards,
    Deck,
    Message,
    Path,
    Picture,
    Table,
    Words,
)
from analysis.publish.render.workspace import read_palette, shared_files
from analysis.publish.slides import layout, measure
from analysis.publish.slides.charts import bar_chart, path_chart
from analysis.publish.slides.layout import Box, Page, Placed
from analysis.publish.slides.package import (
    blank,
    bullet,
    describe,
    number_field,
    rule_below,
    settled,
    unshaded,
    unstyled,
)
from analysis.publish.slides.pdf import CARD_COLORS, to_png
from analysis.publish.slides.pen import LANGUAGES, Pen, emu, plain_frame

PPI = 200
SHADES = 64
_ALIGN = {"l": PP_ALIGN.LEFT, "r": PP_ALIGN.RIGHT, "c": PP_ALIGN.CENTER}


def to_pptx(deck: Deck, pages: Sequence[Page]) -> bytes:
    """Return the deck as a PPTX of 16:9, with speaker notes and alternative texts."""
    palette = read_palette(shared_files())
    show = blank(Presentation(), palette, layout.TITLE)
    for number, page in enumerate(pages, start=1):
        slide = show.slides.add_slide(show.slide_layouts[0])
        pen = Pen(slide.shapes, palette, deck.lang)
        _edges(pen, slide, deck, page, number, len(pages))
        for placed in page.placed:
            _place(pen, placed)
        slide.notes_slide.notes_text_frame.text = "\n".join(page.slide.notes)
    _properties(show, deck)
    out = io.BytesIO()
    show.save(out)
    return settled(out.getvalue(), deck.day)


def _properties(show: Any, deck: Deck) -> None:
    day = dt.datetime.fromisoformat(deck.day)
    facts = show.core_properties
    facts.title, facts.subject, facts.author = deck.title, deck.subject, deck.author
    facts.comments = deck.subject
    facts.keywords, facts.language = deck.keywords, LANGUAGES[deck.lang]
    facts.last_modified_by, facts.revision = deck.author, 1
    facts.created = facts.modified = day


def _edges(pen: Pen, slide: Any, deck: Deck, page: Page, number: int, count: int) -> None:
    """Title, subtitle, band of synthetic data, foot and slide number."""
    title = slide.shapes.title
    title.left, title.top, title.width, title.height = emu(page.title)
    frame = plain_frame(title.text_frame, MSO_ANCHOR.MIDDLE)
    pen.write(frame.paragraphs[0], page.slide.title, page.title_size, "blue", bold=True)
    x, _, width, _ = layout.TITLE
    if page.slide.subtitle:
        box = pen.text_box(Box(*layout.COVER_SUBTITLE), "Subtitle")
        pen.write(box.text_frame.paragraphs[0], page.slide.subtitle, 20, "muted")
    height = layout.BAND[1] if deck.band else 2.5
    band = pen.panel(Box(0, 0, layout.WIDTH, height), "orange-ink" if deck.band else "blue", "Band")
    band.text_frame.vertical_anchor = MSO_ANCHOR.MIDDLE
    if deck.band:
        pen.write(
            band.text_frame.paragraphs[0], deck.band, 13, "white", bold=True, align=PP_ALIGN.CENTER
        )
    top, deep = layout.FOOT
    foot = pen.text_box(Box(x, top, width - 40, deep), "Foot")
    pen.write(foot.text_frame.paragraphs[0], deck.foot, 11, "muted")
    last = pen.text_box(Box(x + width - 38, top, 38, deep), "Slide number")
    paragraph = last.text_frame.paragraphs[0]
    pen.write(paragraph, f"{deck.page} ", 11, "muted", align=PP_ALIGN.RIGHT)
    pen.write(paragraph, f" / {count}", 11, "muted", align=PP_ALIGN.RIGHT)
    number_field(paragraph, number)


def _place(pen: Pen, placed: Placed) -> None:
    part = placed.part
    if isinstance(part, Words):
        _words(pen, part, placed)
    elif isinstance(part, Message):
        _message(pen, part, placed)
    elif isinstance(part, Cards):
        _cards(pen, part, placed)
    elif isinstance(part, Table):
        _table(pen, part, placed)
    elif isinstance(part, Bars | Path):
        _chart(pen, part, placed)
    else:
        _picture(pen, part, placed)


def _words(pen: Pen, part: Words, placed: Placed) -> None:
    frame = pen.text_box(placed.box, "Text").text_frame
    size, color = placed.size(part.size), "muted" if part.muted else "ink"
    first = frame.paragraphs[0]
    if part.heading:
        pen.write(first, part.heading, placed.size(part.size + 1), "blue", bold=True)
        first.space_after = Pt(4)
    for place, words in enumerate(part.paragraphs):
        fresh = place == 0 and not part.heading
        paragraph = first if fresh else frame.add_paragraph()
        pen.write(paragraph, words, size, color)
        if place < len(part.paragraphs) - 1:
            paragraph.space_after = Pt(0.4 * size)
        if part.bullets:
            bullet(paragraph)


def _message(pen: Pen, part: Message, placed: Placed) -> None:
    box = placed.box
    panel = pen.panel(box, "blue-tint", "Key message")
    frame = panel.text_frame
    frame.margin_left, frame.margin_right = Mm(9), Mm(7)
    frame.margin_top = frame.margin_bottom = Mm(7)
    first = frame.paragraphs[0]
    left = PP_ALIGN.LEFT
    pen.write(first, part.heading, placed.size(17), "blue", bold=True, align=left)
    first.space_after = Pt(8)
    pen.write(frame.add_paragraph(), part.text, placed.size(part.size), align=left)
    pen.panel(Box(box.x, box.y, 2.5, box.height), "blue", "Rule")


def _cards(pen: Pen, part: Cards, placed: Placed) -> None:
    boxes = layout.card_boxes(part, placed.box, placed.factor)
    for card, box in zip(part.cards, boxes, strict=True):
        panel = pen.panel(box, "blue-tint", card.label)
        frame = panel.text_frame
        frame.margin_left = frame.margin_right = Mm(measure.CARD_PAD)
        frame.margin_top = frame.margin_bottom = Mm(measure.CARD_PAD)
        for place, (kind, words) in enumerate(measure.card_lines(card)):
            paragraph = frame.paragraphs[0] if place == 0 else frame.add_paragraph()
            size, bold = placed.size(measure.CARD[kind]), kind == "value"
            pen.write(paragraph, words, size, CARD_COLORS[kind], bold=bold, align=PP_ALIGN.LEFT)
        if card.circles is not None:
            _circles(pen, card.circles, card.circles_alt, box)


def _circles(pen: Pen, filled: int, alt: str, box: Box) -> None:
    """Ten circles at the foot of a card, as one group with a sentence."""
    group = pen.shapes.add_group_shape()
    group.name = "Ten circles"
    y = box.y + box.height - measure.CARD_PAD - 4.0
    for place in range(10):
        spot = Box(box.x + measure.CARD_PAD + 4.7 * place, y, 3.8, 3.8)
        circle = group.shapes.add_shape(MSO_SHAPE.OVAL, *emu(spot))
        full = place < filled
        circle.fill.solid()
        circle.fill.fore_color.rgb = pen.color("blue" if full else "white")
        circle.line.color.rgb = pen.color("blue" if full else "other")
        circle.line.width = Pt(1.2)
        unshaded(circle)
    describe(group, alt)


def _table(pen: Pen, part: Table, placed: Placed) -> None:
    heights = measure.row_heights(part, placed.box.width, placed.factor)
    frame = pen.shapes.add_table(len(part.rows) + 1, len(part.head), *emu(placed.box))
    frame.name = "Table"
    describe(frame, part.alt)
    table = unstyled(frame.table)
    for column, width in zip(
        table.columns, measure.column_widths(part, placed.box.width), strict=True
    ):
        column.width = Mm(width)
    for place, (words, height) in enumerate(zip((part.head, *part.rows), heights, strict=True)):
        table.rows[place].height = Mm(height)
        for index, text in enumerate(words):
            cell = table.cell(place, index)
            cell.margin_left = cell.margin_right = Mm(measure.CELL_X)
            cell.margin_top = cell.margin_bottom = Mm(measure.CELL_Y)
            cell.vertical_anchor = MSO_ANCHOR.BOTTOM if place == 0 else MSO_ANCHOR.TOP
            cell.fill.solid()
            cell.fill.fore_color.rgb = pen.color("white" if place else "blue-tint")
            pen.write(
                cell.text_frame.paragraphs[0], text, placed.size(part.size),
                bold=place == 0, align=_ALIGN[part.align[index]],
            )  # fmt: skip
            rule_below(cell, pen.palette["rule" if place else "blue"])


def _chart(pen: Pen, part: Bars | Path, placed: Placed) -> None:
    box = layout.chart_box(part, placed.box, placed.factor)
    if isinstance(part, Bars):
        frame = bar_chart(pen.shapes, part, emu(box), pen.palette)
    else:
        frame = path_chart(pen.shapes, part, emu(box), pen.palette)
    frame.name = "Chart"
    describe(frame, part.picture.alt)
    _caption(pen, part.picture, placed, Box(box.x, box.y + box.height + 1, box.width, 6))


def _picture(pen: Pen, part: Picture, placed: Placed) -> None:
    box = layout.picture_box(part, placed.box, placed.factor)
    image = io.BytesIO(_small(to_png(part.svg, box.width, PPI)))
    shape = pen.shapes.add_picture(image, *emu(box))
    shape.name = "Picture"
    describe(shape, part.alt)
    _caption(pen, part, placed, layout.caption_box(part, placed.box, placed.factor))


def _caption(pen: Pen, picture: Picture, placed: Placed, box: Box) -> None:
    if picture.caption:
        frame = pen.text_box(box, "Caption").text_frame
        size = placed.size(measure.CAPTION)
        pen.write(frame.paragraphs[0], picture.caption, size, "muted", align=PP_ALIGN.CENTER)


def _small(png: bytes) -> bytes:
    """Picture with a palette of its own: charts are flat tints and letters."""
    with Image.open(io.BytesIO(png)) as image:
        flat = image.convert("RGB")
    out = io.BytesIO()
    flat.quantize(SHADES, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(
        out, "PNG", optimize=True, dpi=(PPI, PPI)
    )
    return out.getvalue()
