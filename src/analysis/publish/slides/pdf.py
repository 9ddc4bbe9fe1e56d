"""The slides as a PDF: laid-out parts as plain data, set by Typst."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import typst

from analysis.brief.deck.parts import Cards, Deck, Message, Table, Words, picture_of
from analysis.errors import UserError
from analysis.publish.render.typeset import PDF_STANDARDS, epoch, shipped_fonts
from analysis.publish.render.workspace import read_palette, shared_files
from analysis.publish.slides import layout, measure
from analysis.publish.slides.layout import Page, Placed

#: Colours of the lines of a card; the value is set in bold.
CARD_COLORS = {"label": "muted", "value": "blue", "interval": "ink", "note": "muted"}


def to_pdf(deck: Deck, pages: Sequence[Page]) -> bytes:
    """Return the deck as PDF/A-3a and PDF/UA-1; the same deck gives the same bytes.

    Raises
    ------
    UserError
        Typst refuses the slides, with its own message.
    """
    shared = shared_files()
    standards: list[Any] = list(PDF_STANDARDS)
    try:
        made = typst.compile(
            str(shared / "templates" / "slides.typ"),
            root=str(shared),
            font_paths=shipped_fonts(shared / "fonts"),
            format="pdf",
            pdf_standards=standards,
            timestamp=epoch(deck.day),
            sys_inputs={
                "deck": json.dumps(as_data(deck, pages), ensure_ascii=False, sort_keys=True),
                "palette": json.dumps(read_palette(shared), sort_keys=True),
            },
        )
    except typst.TypstError as error:
        hints = " ".join(map(str, getattr(error, "hints", [])))
        said = f"{getattr(error, 'message', error)} {hints}".strip()
        raise UserError(f"{deck.stem}: the slides could not be set: {said}") from None
    assert isinstance(made, bytes)
    return made


def to_png(svg: str, width_mm: float, ppi: float) -> bytes:
    """Return a drawing as a PNG of `width_mm` at `ppi`, without a background."""
    source = (
        '#set page(width: auto, height: auto, margin: 0pt, fill: white)\n'
        '#image(bytes(sys.inputs.svg), format: "svg", width: '
        f"{width_mm:.3f}mm)"
    )  # fmt: skip
    made = typst.compile(
        source.encode(), format="png", ppi=ppi, sys_inputs={"svg": svg}, font_paths=[]
    )
    assert isinstance(made, bytes)
    return made


def as_data(deck: Deck, pages: Sequence[Page]) -> dict[str, Any]:
    """Return what the template is given."""
    x, _, width, _ = layout.TITLE
    return {
        "title": deck.title,
        "author": deck.author,
        "subject": deck.subject,
        "keywords": deck.keywords,
        "lang": deck.lang,
        "width": layout.WIDTH,
        "height": layout.HEIGHT,
        "line": measure.LINE,
        "band": deck.band,
        "band_height": layout.BAND[1],
        "foot": deck.foot,
        "foot_box": {"x": x, "y": layout.FOOT[0], "width": width, "height": layout.FOOT[1]},
        "page": deck.page,
        "slides": [_slide(page) for page in pages],
    }


def _slide(page: Page) -> dict[str, Any]:
    x, y, width, height = layout.COVER_SUBTITLE
    return {
        "title": page.slide.title,
        "title_box": asdict(page.title),
        "title_size": page.title_size,
        "subtitle": page.slide.subtitle,
        "subtitle_box": {"x": x, "y": y, "width": width, "height": height},
        "parts": [_part(placed) for placed in page.placed],
    }


def _part(placed: Placed) -> dict[str, Any]:
    """One part with everything the template needs to set it."""
    part, box = placed.part, asdict(placed.box)
    if isinstance(part, Words):
        return {
            **asdict(part),
            "kind": "Words",
            "box": box,
            "size": placed.size(part.size),
            "heading_size": placed.size(part.size + 1),
        }
    if isinstance(part, Message):
        sizes = {"size": placed.size(part.size), "heading_size": placed.size(17)}
        return {**asdict(part), "kind": "Message", "box": box, **sizes}
    if isinstance(part, Cards):
        return {"kind": "Cards", "cards": _cards(part, placed)}
    if isinstance(part, Table):
        return {
            **asdict(part),
            "kind": "Table",
            "box": box,
            "size": placed.size(part.size),
            "widths": measure.column_widths(part, placed.box.width),
            "heights": measure.row_heights(part, placed.box.width, placed.factor),
            "align": list(part.align),
            "cell_x": measure.CELL_X,
            "cell_y": measure.CELL_Y,
        }
    picture = picture_of(part)
    return {
        **asdict(picture),
        "kind": "Picture",
        "picture": asdict(layout.picture_box(part, placed.box, placed.factor)),
        "caption_box": asdict(layout.caption_box(part, placed.box, placed.factor)),
        "caption_size": placed.size(measure.CAPTION),
    }


def _cards(part: Cards, placed: Placed) -> list[dict[str, Any]]:
    boxes = layout.card_boxes(part, placed.box, placed.factor)
    return [
        {
            **asdict(box),
            "pad": measure.CARD_PAD,
            "lines": [
                {
                    "words": words,
                    "size": placed.size(measure.CARD[kind]),
                    "color": CARD_COLORS[kind],
                    "bold": kind == "value",
                }
                for kind, words in measure.card_lines(card)
            ],
            "circles": card.circles,
            "circles_alt": card.circles_alt,
        }
        for card, box in zip(part.cards, boxes, strict=True)
    ]
