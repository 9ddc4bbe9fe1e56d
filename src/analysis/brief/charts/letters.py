"""Words in a chart's SVG: each letter's outline, and each text's places, worked out once.

Matplotlib's own writer lays a text out twice and loads its letters for each chart anew: half
of the time a chart takes. The briefs of one process repeat letters, names and labels.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from matplotlib import font_manager
from matplotlib.backends.backend_svg import RendererSVG
from matplotlib.colors import rgb2hex
from matplotlib.font_manager import FontProperties
from matplotlib.path import Path
from matplotlib.textpath import TextToPath, text_to_path

from analysis.brief.charts.svg import COARSER, outline, short_name

#: Stands for a text until the chart is drawn: the writer would take letters for words to escape.
_TOKEN = re.compile("\0(\\d+)\0")
_STEPS = {Path.MOVETO: "M", Path.LINETO: "L", Path.CURVE3: "Q", Path.CURVE4: "C"}


class LettersRenderer(RendererSVG):
    """Matplotlib's SVG renderer with letters from here; knows plain text without links."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)  # type: ignore[no-untyped-call]
        self._defined: set[str] = set()
        self._texts: list[str] = []

    def whole(self, drawn: str) -> str:
        """Return the SVG that was drawn with its texts in it."""
        return _TOKEN.sub(lambda match: self._texts[int(match[1])], drawn)

    def get_text_width_height_descent(
        self, s: str, prop: FontProperties, ismath: Any
    ) -> tuple[float, float, float]:
        """Size of a text in points."""
        return extent(s, prop)

    def draw_text(
        self,
        gc: Any,
        x: float,
        y: float,
        s: str,
        prop: FontProperties,
        angle: float,
        ismath: Any = False,
        mtext: Any = None,
    ) -> None:
        """Write the letters that are new in this chart, then their uses."""
        uses, outlines = laid_out(s, font_file(prop))
        new = {name: outline for name, outline in outlines.items() if name not in self._defined}
        self._defined.update(new)
        definitions = f"<defs>\n{''.join(new.values())}</defs>\n" if new else ""
        color, scale = rgb2hex(gc.get_rgb()), prop.get_size_in_points() / TextToPath.FONT_SCALE
        turn = f" rotate({_short(-angle)})" if angle else ""
        move = f"translate({_short(x)} {_short(y)})"
        writer: Any = self.writer
        writer.element(
            "g",
            f"\0{len(self._texts)}\0",
            style=f"fill: {color}" if color != "#000000" else "",
            transform=f"{move}{turn} scale({_short(scale)} {_short(-scale)})",
        )
        self._texts.append(f"\n{definitions}{uses}")


@lru_cache(maxsize=16)
def font_file(font: FontProperties) -> str:
    """Path of a font."""
    return str(font_manager.findfont(font))


@lru_cache(maxsize=8192)
def _extent(words: str, file: str, size: float) -> tuple[float, float, float]:
    found = text_to_path.get_text_width_height_descent(
        words, FontProperties(fname=file, size=size), False
    )
    return (float(found[0]), float(found[1]), float(found[2]))


def extent(words: str, font: FontProperties) -> tuple[float, float, float]:
    """Width, height and descent of words in points."""
    return _extent(words, font_file(font), font.get_size_in_points())


@lru_cache(maxsize=8192)
def laid_out(words: str, file: str) -> tuple[str, dict[str, str]]:
    """Return the uses of the letters of `words` in their places, and what defines each letter."""
    font = font_manager.get_font(file)
    font.set_size(TextToPath.FONT_SCALE, TextToPath.DPI)
    found, shapes, _ = text_to_path.get_glyphs_with_font(font, words)
    drawn = {name: path for name, shape in shapes.items() if (path := _outline(name, *shape))}
    # Blanks are nothing but the distance between others.
    uses = "".join(_use(name, float(x), float(y)) for name, x, y, _ in found if name in drawn)
    return uses, {name: _definition(name, path) for name, path in drawn.items()}


def _use(name: str, right: float, up: float) -> str:
    """A letter, so far from the beginning of its text."""
    place = f' x="{right:.1f}"' if right and not up else ""
    shift = f' transform="translate({_short(right)} {_short(up)})"' if up else ""
    return f'<use href="#{short_name(name)}"{place}{shift}/>\n'


def _definition(name: str, path: str) -> str:
    return f'<path id="{short_name(name)}" d="{path}" transform="scale({COARSER / 64:g})"/>\n'


_outlines: dict[str, str] = {}


def _outline(name: str, vertices: Any, codes: Any) -> str:
    """Outline of a letter in the units of the SVG (see `analysis.brief.charts.svg`)."""
    if name not in _outlines:
        # Matplotlib gives a letter in 64ths of its own units.
        steps = Path(vertices * 64, codes).iter_segments(simplify=False)
        parts = [
            f"{_STEPS.get(code, 'z')} {' '.join(map(_short, points))}" for points, code in steps
        ]
        _outlines[name] = outline(" ".join(parts))
    return _outlines[name]


def _short(value: float) -> str:
    """A number as Matplotlib writes it."""
    return f"{value:f}".rstrip("0").rstrip(".")
