"""Words, boxes and panels on a slide of PowerPoint, in the deck's colours and language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pptx.enum.shapes import MSO_SHAPE
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.util import Length, Mm, Pt

from analysis.publish.slides.layout import Box
from analysis.publish.slides.package import rgb, unshaded

LANGUAGES = {"id": "id-ID", "en": "en-GB"}


@dataclass(frozen=True)
class Pen:
    """Writes on one slide in the deck's colours and language."""

    shapes: Any
    palette: dict[str, str]
    lang: str

    def color(self, name: str) -> Any:
        """Colour of the palette."""
        return rgb(self.palette[name])

    def text_box(self, box: Box, name: str) -> Any:
        """Empty box without insets; its words wrap and keep their size."""
        shape = self.shapes.add_textbox(*emu(box))
        shape.name = name
        plain_frame(shape.text_frame)
        return shape

    def write(
        self,
        paragraph: Any,
        words: str,
        size: float,
        color: str = "ink",
        *,
        bold: bool = False,
        align: PP_ALIGN | None = None,
    ) -> None:
        """Put one run of words into a paragraph."""
        paragraph.alignment = align
        paragraph.line_spacing = 1.0
        run = paragraph.add_run()
        run.text = words
        run.font.size, run.font.bold = Pt(size), bold
        run.font.color.rgb = self.color(color)
        run._r.get_or_add_rPr().set("lang", LANGUAGES[self.lang])

    def panel(self, box: Box, fill: str, name: str) -> Any:
        """Filled rectangle without an outline or shadow."""
        shape = self.shapes.add_shape(MSO_SHAPE.RECTANGLE, *emu(box))
        shape.name = name
        shape.fill.solid()
        shape.fill.fore_color.rgb = self.color(fill)
        shape.line.fill.background()
        unshaded(shape)
        plain_frame(shape.text_frame)
        return shape


def plain_frame(frame: Any, anchor: MSO_ANCHOR = MSO_ANCHOR.TOP) -> Any:
    """Frame without insets whose words wrap and keep their size."""
    frame.word_wrap = True
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
    frame.vertical_anchor = anchor
    return frame


def emu(box: Box) -> tuple[Length, Length, Length, Length]:
    """Left, top, width and height of a box as python-pptx wants them."""
    return Mm(box.x), Mm(box.y), Mm(box.width), Mm(box.height)
