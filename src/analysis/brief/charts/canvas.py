"""A drawing surface in millimetres of the printed page, and scales onto it."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar, Literal

from matplotlib.artist import Artist
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from matplotlib.transforms import Affine2D

from analysis.brief.charts.letters import extent
from analysis.brief.charts.style import FONT, LABEL_PT, MM, load_style

PT = 25.4 / 72
Align = Literal["left", "center", "right"]


@dataclass(frozen=True)
class Scale:
    """A straight line from values to millimetres."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Millimetre of a value, held within the scale's ends."""
        share = (value - self.low) / (self.high - self.low)
        return self.start + min(max(share, 0.0), 1.0) * (self.end - self.start)


class Words(Text):
    """Text whose layout is worked out once a process: briefs repeat most of their words."""

    look: tuple[Any, ...] = ()
    _layouts: ClassVar[dict[tuple[Any, ...], Any]] = {}

    def _get_layout(self, renderer: Any) -> Any:
        key = (self.look, type(renderer), self.figure and self.figure.dpi)
        if key not in self._layouts:
            self._layouts[key] = super()._get_layout(renderer)  # type: ignore[misc]
        return self._layouts[key]


class Canvas:
    """A figure whose coordinates are millimetres from the top left corner.

    Artists are put on the figure itself: axes would cost more time than all the rest.
    """

    def __init__(self, width: float, height: float) -> None:
        load_style()
        self.figure = Figure(figsize=(width * MM, height * MM))
        self.figure.patch.set_visible(False)
        self.place = Affine2D().scale(MM, -MM).translate(0, height * MM) + (
            self.figure.dpi_scale_trans
        )
        self.width, self.height = width, height

    def add(self, artist: Artist) -> None:
        """Put an artist in millimetres on the figure."""
        artist.set_transform(self.place)
        self.figure.add_artist(artist)

    def text(
        self,
        x: float,
        y: float,
        words: str,
        *,
        color: str,
        size: float = LABEL_PT,
        weight: int = 400,
        align: Align = "left",
        valign: Literal["center_baseline", "bottom"] = "center_baseline",
        rotation: float = 0,
    ) -> None:
        """Put words at a point; `$` in them is a letter."""
        # The middle of capitals and figures, not of the line box, belongs on the mark's height.
        lift = 0.35 * size / LABEL_PT if valign == "center_baseline" else 0
        artist = Words(
            x,
            y - lift,
            words,
            color=color,
            fontproperties=font(size, weight),
            horizontalalignment=align,
            verticalalignment=valign,
            rotation=rotation,
            parse_math=False,
        )
        artist.look = (words, size, weight, align, valign, rotation)
        self.add(artist)

    def line(self, x0: float, y0: float, x1: float, y1: float, **look: Any) -> None:
        """Draw one straight line (`color`, `width` in pt, `dash`)."""
        self.lines([((x0, y0), (x1, y1))], **look)

    def lines(
        self,
        segments: Sequence[Sequence[tuple[float, float]]],
        *,
        color: str | Sequence[str],
        width: float = 0.75,
        dash: tuple[float, ...] | None = None,
        order: float = 2,
    ) -> None:
        """Draw straight lines of one look."""
        style: Any = (0, dash) if dash else "solid"
        self.add(
            LineCollection(
                list(segments),
                colors=color,
                linewidths=width,
                linestyles=style,
                zorder=order,
                capstyle="butt",
            )
        )

    def box(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        *,
        fill: str | None,
        edge: str | None = None,
        line: float = 0.75,
        hatch: str | None = None,
        order: float = 1,
    ) -> None:
        """Draw a rectangle from its top left corner."""
        self.add(
            Rectangle(
                (x, y),
                width,
                height,
                facecolor=fill or "none",
                edgecolor=edge or "none",
                linewidth=line if edge else 0,
                hatch=hatch,
                zorder=order,
            )
        )

    def marks(
        self,
        points: Iterable[tuple[float, float]],
        *,
        shape: str = "o",
        size: float = 1.6,
        fill: str,
        edge: str | None = None,
        line: float = 0.9,
        order: float = 3,
    ) -> None:
        """Draw marks of `size` millimetres."""
        found = list(points)
        if not found:
            return
        self.add(
            Line2D(
                [p[0] for p in found],
                [p[1] for p in found],
                linestyle="none",
                marker=shape,
                markersize=size / PT,
                markerfacecolor=fill,
                markeredgecolor=edge or fill,
                markeredgewidth=line,
                zorder=order,
            )
        )


@lru_cache(maxsize=16)
def font(size: float, weight: int) -> FontProperties:
    """Font of the page at a size and weight."""
    return FontProperties(family=FONT, size=size, weight=weight)


@lru_cache(maxsize=4096)
def width_mm(words: str, size: float = LABEL_PT, weight: int = 400) -> float:
    """Printed width of words."""
    load_style()
    return extent(words, font(size, weight))[0] * PT


def wrap(words: str, room: float, size: float = LABEL_PT, weight: int = 400) -> list[str]:
    """Break words into lines that fit into `room` millimetres."""
    if width_mm(words, size, weight) <= room:
        return [words]
    lines: list[str] = []
    for word in words.split(" "):
        trial = f"{lines[-1]} {word}" if lines else word
        if lines and width_mm(trial, size, weight) <= room:
            lines[-1] = trial
        else:
            lines.append(word)
    return lines


def shorten(words: str, room: float, size: float = LABEL_PT) -> str:
    """Words cut at a word's end, with an ellipsis, to fit into `room` millimetres."""
    if width_mm(words, size) <= room:
        return words
    for count in range(len(words), 3, -1):
        cut = textwrap.shorten(words, count, placeholder="…")
        if width_mm(cut, size) <= room:
            return cut
    return words[:3] + "…"


def ticks(high: float, most: int = 6) -> list[float]:
    """Round percent ticks from 0 to `high` (shares)."""
    for step in (0.02, 0.05, 0.10, 0.20, 0.25):
        if high / step <= most:
            break
    count = int(high / step + 1e-9)
    return [round(i * step, 4) for i in range(count + 1)]


def top_of(values: Iterable[float], step: float = 0.05, least: float = 0.1) -> float:
    """The scale's end: the next multiple of `step` above all values."""
    largest = max([*values, least - 1e-9])
    return round((int(largest / step) + 1) * step, 4)


def axis_below(
    canvas: Canvas,
    scale: Scale,
    y: float,
    marks: Sequence[float],
    label: Callable[[float], str],
    color: str,
) -> None:
    """Tick labels under a horizontal scale."""
    for value in marks:
        canvas.text(scale(value), y, label(value), color=color, align="center")
