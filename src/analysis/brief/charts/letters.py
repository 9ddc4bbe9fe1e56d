"""Words in a chart's SVG: each letter's outline, and each text's places, worked out once.

Matplotlib's own writer lays a text out twice and loads its letters for each chart anew: half
of the time a chart takes. The briefs of one process repeat letters, names and labels.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from matplotlib import font_manager
from matplotlib.backends.backend_svg import RendererSVG
from matplotlib.colors import rgb2hex
from matplotlib.font_manager import FontProperties
from matplotlib.path import Path
from matplotlib.textpath import TextToPath, text_to_path

from analysis.brief.charts.svg import COARSER, outline, short_name

_STEPS = {Path.MOVETO: "M", Path.LINETO: "L", Path.CURVE3: "Q", Path.CURVE4: "C"}
#: A letter of a text: its short id, and how far it stands from the text's beginning.
Place = tuple[str, float, float]


class LettersRenderer(RendererSVG):
    """Matplotlib's SVG renderer with letters from here; knows plain text without links."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)  # type: ignore[no-untyped-call]
        self._defined: set[str] = set()

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
        places, outlines = laid_out(s, font_file(prop))
        color, scale = rgb2hex(gc.get_rgb()), prop.get_size_in_points() / TextToPath.FONT_SCALE
        turn = f" rotate({_short(-angle)})" if angle else ""
        move = f"translate({_short(x)} {_short(y)})"
        writer: Any = self.writer
        writer.start(
            "g",
            style=f"fill: {color}" if color != "#000000" else "",
            transform=f"{move}{turn} scale({_short(scale)} {_short(-scale)})",
        )
        new = {name: path for name, path in outlines.items() if name not in self._defined}
        if new:
            writer.start("defs")
            for name, path in new.items():
                _define(writer, name, path)
            writer.end("defs")
            self._defined.update(new)
        for name, right, up in places:
            place = {"x": f"{right:.1f}"} if right and not up else {}
            shift = f"translate({_short(right)} {_short(up)})" if up else ""
            writer.element("use", attrib={"href": f"#{name}", **place}, transform=shift)
        writer.end("g")


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
def laid_out(words: str, file: str) -> tuple[list[Place], dict[str, str]]:
    """Return the places of the letters of `words`, and the outlines of these letters."""
    font = font_manager.get_font(file)
    font.set_size(TextToPath.FONT_SCALE, TextToPath.DPI)
    found, shapes, _ = text_to_path.get_glyphs_with_font(font, words)
    places = [(short_name(name), float(x), float(y)) for name, x, y, _ in found]
    return places, {name: _outline(name, *shape) for name, shape in shapes.items()}


_outlines: dict[str, str] = {}


def _define(writer: Any, name: str, path: str) -> None:
    if path:
        scale = f"scale({COARSER / 64:g})"
        writer.element("path", id=short_name(name), d=path, transform=scale)
    else:  # a blank, which nothing draws
        writer.element("path", id=name, transform=f"scale({1 / 64:g})")


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
