"""New cases and recoveries by month, against the line of zero new stunting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure

from analysis.brief.charts.canvas import Canvas, width_mm
from analysis.brief.charts.style import Style
from analysis.brief.formatting import Formatter


@dataclass(frozen=True)
class Period:
    """A month (or quarter): tallies, None where too small to be shown.

    `at` is its place from the first on, 0; places without a period had no weighing.
    """

    label: str
    new: int | None
    recovered: int | None
    at: int


def newcases(
    periods: Sequence[Period],
    words: tuple[str, str, str],
    style: Style,
    form: Formatter,
    width: float = 87,
    height: float = 40,
) -> Figure:
    """Draw new cases upwards and recoveries downwards from the zero line.

    Parameters
    ----------
    words
        Legend: new cases, recoveries, the zero line.
    """
    canvas = Canvas(width, height)
    ups = [p.new or 0 for p in periods]
    downs = [p.recovered or 0 for p in periods]
    highest, deepest = max([*ups, 1]), max([*downs, 1])
    left = max(6.0, width_mm(form.number(max(highest, deepest))) + 2)
    top, bottom = 9.8, height - 5.2
    zero = top + (bottom - top) * highest / (highest + deepest)
    unit = (zero - top) / highest
    step = (width - left) / (max((p.at for p in periods), default=0) + 1)
    for period in periods:
        x = left + step * period.at + step * 0.15
        for value, side, fill in (
            (period.new, -1, style.orange),
            (period.recovered, 1, style.blue_light),
        ):
            if value is None:
                canvas.text(
                    x + step * 0.35, zero + side * 2.0, "*", color=style.muted, align="center"
                )
            elif value:
                deep = value * unit
                canvas.box(
                    x, zero - deep if side < 0 else zero, step * 0.7, deep, fill=fill, order=2
                )
    canvas.line(left, zero, width, zero, color=style.ink, width=1.2, order=4)
    canvas.text(left - 1, zero, "0", color=style.ink, align="right", weight=600)
    if any(ups):
        canvas.text(left - 1, top, form.number(highest), color=style.muted, align="right")
    if any(downs):
        canvas.text(left - 1, bottom, form.number(deepest), color=style.muted, align="right")
    _labels(canvas, periods, left, step, height - 2.2, style)
    _legend(canvas, words, style)
    return canvas.figure


def _labels(
    canvas: Canvas, periods: Sequence[Period], left: float, step: float, y: float, style: Style
) -> None:
    """Name as many periods as fit."""
    room = max((width_mm(p.label) for p in periods), default=1.0) + 1.5
    every = max(1, int(-(-room // step)))
    free = 0
    for period in periods:
        if period.at < free:
            continue
        half = width_mm(period.label) / 2
        x = min(left + step * (period.at + 0.5), canvas.width - half)
        canvas.text(x, y, period.label, color=style.muted, align="center")
        free = period.at + every


def _legend(canvas: Canvas, words: tuple[str, str, str], style: Style) -> None:
    x = 0.0
    for text, fill in zip(words[:2], (style.orange, style.blue_light), strict=True):
        canvas.box(x, 0.6, 2.6, 2.6, fill=fill)
        canvas.text(x + 3.6, 2.0, text, color=style.ink)
        x += 3.6 + width_mm(text) + 4
    canvas.line(0, 5.6, 2.6, 5.6, color=style.ink, width=1.2)
    canvas.text(3.6, 5.7, words[2], color=style.ink)
