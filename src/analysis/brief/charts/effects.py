"""What goes with stunting: difference per 100 children, and how many stunted children here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure

from analysis.brief.charts.canvas import Align, Canvas, Scale, axis_below, shorten, wrap
from analysis.brief.charts.style import Style
from analysis.brief.formatting import Formatter

LINE = 3.3


@dataclass(frozen=True)
class EffectRow:
    """One factor; children per 100, and ready texts."""

    label: str
    group: str
    value: float
    low: float
    high: float
    value_text: str
    count_text: str


def effects(
    rows: Sequence[EffectRow],
    heads: Sequence[str],
    style: Style,
    form: Formatter,
    width: float = 180,
) -> Figure:
    """Draw the factors with their intervals around zero.

    Parameters
    ----------
    heads
        Headings of: factor, picture, difference per 100, stunted children here.
    """
    head, pitch = 7.2, 4.15
    canvas = Canvas(width, head + pitch * len(rows) + 0.6)
    left, right = 0.50 * width, 0.67 * width
    low = min([0.0, *(r.low for r in rows)])
    high = max([1.0, *(r.high for r in rows)])
    step = 5 if high - low > 12 else 2
    low, high = -step * -(low // step), step * -(-high // step)
    scale = Scale(low, high, left, right)
    bottom = head + pitch * len(rows)
    marks = [low + i * step for i in range(int((high - low) / step + 1e-9) + 1)]
    for value in marks:
        zero = value == 0
        canvas.line(
            scale(value), head, scale(value), bottom,
            color=style.ink if zero else style.grid, width=1.1 if zero else 0.75, order=0,
        )  # fmt: skip
    axis_below(canvas, scale, 1.8 + LINE, marks, form.number, style.muted)
    _heads(canvas, heads, left, right, style)
    strong = [r for r in rows if r.low > 0 or r.high < 0]
    for i, row in enumerate(rows):
        y = head + pitch * (i + 0.5)
        sure = row in strong
        if i and row.group != rows[i - 1].group:
            canvas.line(0, y - pitch / 2, width, y - pitch / 2, color=style.rule, order=0)
        if not i or row.group != rows[i - 1].group:
            canvas.text(0, y, row.group, color=style.blue, weight=600)
        canvas.text(22, y, shorten(row.label, left - 24), color=style.ink)
        color = style.blue if sure else style.other
        canvas.line(scale(row.low), y, scale(row.high), y, color=color, width=1.4, order=3)
        canvas.marks(
            [(scale(row.value), y)],
            size=2.0,
            fill=color if sure else style.white,
            edge=color,
            order=4,
        )
        canvas.text(right + 4, y, row.value_text, color=style.ink, weight=600 if sure else 400)
        canvas.text(width, y, row.count_text, color=style.ink, align="right")
    return canvas.figure


def _heads(canvas: Canvas, heads: Sequence[str], left: float, right: float, style: Style) -> None:
    places: tuple[tuple[float, Align, float], ...] = ((0.0, "left", 60.0), (left, "left", 44.0), (right + 4, "left", 24.0),
              (canvas.width, "right", 30.0))  # fmt: skip
    for words, (x, align, room) in zip(heads, places, strict=True):
        for i, line in enumerate(wrap(words, room, weight=600)[:2]):
            canvas.text(x, 1.8 + i * LINE, line, color=style.muted, weight=600, align=align)
