"""Published figures over the years; a line only between surveys of one instrument."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from matplotlib.figure import Figure

from analysis.brief.charts.canvas import Canvas, Scale, axis_below, ticks, top_of, width_mm
from analysis.brief.charts.style import Style
from analysis.brief.formatting import Formatter


@dataclass(frozen=True)
class Point:
    """A year's figure of one instrument; limits where they were published."""

    year: int
    instrument: str
    value: float
    low: float | None = None
    high: float | None = None
    text: str = ""


def trend(
    points: Sequence[Point], style: Style, form: Formatter, width: float = 87, height: float = 40
) -> Figure:
    """Draw one column a year; instruments differ in mark and are named under the year."""
    canvas = Canvas(width, height)
    top, bottom = 3.5, height - 9
    highest = top_of([p.high or p.value for p in points])
    up = Scale(0, highest, bottom, top)
    years = sorted({p.year for p in points})
    across = Scale(min(years), max(years) + 1e-9, 16, width - 10)
    for value in ticks(highest, 4):
        canvas.line(9, up(value), width, up(value), color=style.grid, order=0)
        canvas.text(8, up(value), form.percent(value), color=style.muted, align="right")
    names = list(dict.fromkeys(p.instrument for p in points))
    shapes = dict(zip(names, "osD^v" * len(names), strict=False))
    for name in names:
        own = [p for p in points if p.instrument == name]
        path = [(across(p.year), up(p.value)) for p in own]
        canvas.lines(list(pairwise(path)), color=style.blue_mid, width=1.1, dash=(3, 2))
        last = own[-1] is points[-1]
        for p in own:
            if p.low is not None and p.high is not None:
                x = across(p.year)
                canvas.line(x, up(p.low), x, up(p.high), color=style.blue, width=1.6)
        canvas.marks(
            path, shape=shapes[name], size=2.4, fill=style.blue if last else style.white,
            edge=style.blue,
        )  # fmt: skip
    for i, p in enumerate(points):
        x = across(p.year)
        lift = up(p.high if p.high is not None else p.value) - 2.6
        beside = [*points[max(i - 1, 0) : i], *points[i + 1 : i + 2]]
        if len(beside) == 2 and all(q.value > p.value for q in beside):
            # In a dip the line of the neighbours passes above.
            lift = up(p.low if p.low is not None else p.value) + 3.2
        wide = width_mm(p.text, weight=600) + 0.8
        canvas.box(x - wide / 2, lift - 1.7, wide, 3.2, fill=style.white, order=2.5)
        canvas.text(x, lift, p.text, color=style.ink, weight=600, align="center")
        canvas.text(x, bottom + 2.6, str(p.year), color=style.ink, align="center")
        canvas.text(x, bottom + 6.2, p.instrument, color=style.muted, align="center")
    return canvas.figure


@dataclass(frozen=True)
class Target:
    """A year of the target path."""

    year: int
    value: float
    text: str


def target_path(
    path: Sequence[Target],
    now: Point,
    style: Style,
    form: Formatter,
    words: tuple[str, str],
    width: float = 87,
    height: float = 40,
) -> Figure:
    """Draw the target path and this year's figure with its interval.

    Parameters
    ----------
    words
        Names of the path and of the figure.
    """
    canvas = Canvas(width, height)
    top, bottom = 8.2, height - 5
    highest = top_of([now.high or now.value, *(t.value for t in path)])
    up = Scale(0, highest, bottom, top)
    years = [*(t.year for t in path), now.year]
    across = Scale(min(years), max(years) + 1e-9, 15, width - 8)
    for value in ticks(highest, 4):
        canvas.line(9, up(value), width, up(value), color=style.grid, order=0)
        canvas.text(8, up(value), form.percent(value), color=style.muted, align="right")
    line = [(across(t.year), up(t.value)) for t in path]
    canvas.lines(list(pairwise(line)), color=style.orange_ink, width=1.2, dash=(1, 1.5))
    canvas.marks(line, shape="D", size=2.0, fill=style.white, edge=style.orange_ink)
    for t, (x, y) in zip(path, line, strict=True):
        canvas.text(x, y + 3.0, t.text, color=style.orange_ink, align="center")
    x = across(now.year)
    if now.low is not None and now.high is not None:
        canvas.line(x, up(now.low), x, up(now.high), color=style.blue, width=2.4)
    canvas.marks([(x, up(now.value))], size=2.8, fill=style.blue)
    canvas.text(x + 2.4, up(now.value), now.text, color=style.blue, weight=600)
    axis_below(canvas, across, bottom + 2.6, sorted(set(years)), lambda v: str(int(v)), style.muted)
    canvas.marks([(10.5, 2.2)], size=2.4, fill=style.blue)
    canvas.text(13, 2.2, words[1], color=style.ink)
    canvas.marks([(10.5, 5.6)], shape="D", size=2.0, fill=style.white, edge=style.orange_ink)
    canvas.text(13, 5.6, words[0], color=style.ink)
    return canvas.figure
