"""Spine chart: each indicator with its numbers and its place among all areas."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure

from analysis.brief.charts.canvas import Align, Canvas, Scale, axis_below, wrap
from analysis.brief.charts.style import Style
from analysis.brief.formatting import Formatter

LINE, PAD, TOP, GROUP = 3.15, 1.05, 8.2, 3.9
#: Left edges of the columns, mm: label, children (right edge), value, whole (right
#: edge), target (right edge), picture, word.
COLUMNS = (0.0, 66.6, 68.8, 104.4, 114.4, 117.0, 146.0)


@dataclass(frozen=True)
class SpineRow:
    """One indicator. Texts are ready to print; shares place the marks (None: not drawn)."""

    label: str
    group: str
    count_text: str
    value_text: str
    whole_text: str
    target_text: str
    state: str
    state_text: str
    favourable: bool | None
    estimate: float | None
    low: float | None
    high: float | None
    whole: float | None
    target: float | None
    spread: tuple[float, float, float, float] | None


def spine(
    rows: Sequence[SpineRow],
    heads: Sequence[str],
    style: Style,
    form: Formatter,
    width: float = 180,
) -> Figure:
    """Draw rows by group.

    Parameters
    ----------
    rows
        In the order of their groups (pillars).
    heads
        Headings of: indicator, count, value, whole place, target, picture, word.
    """
    plan, height = _plan(rows)
    canvas = Canvas(width, height)
    scale = Scale(0, 1, COLUMNS[5] + 1, COLUMNS[6] - 4)
    _heads(canvas, heads, style)
    for value in (0, 0.25, 0.5, 0.75, 1):
        canvas.line(scale(value), TOP - 0.8, scale(value), height, color=style.grid, order=0)
    axis_below(canvas, scale, 2.0 + LINE, (0, 0.5, 1), lambda v: form.number(100 * v), style.muted)
    group = ""
    for row, lines, y in plan:
        if row.group != group:
            group = row.group
            top = y - (len(lines) * LINE + PAD) / 2 - GROUP
            canvas.line(0, top + 0.1, width, top + 0.1, color=style.rule, order=0)
            canvas.text(0, top + 2.2, group, color=style.blue, weight=600)
        _texts(canvas, row, lines, y, style)
        _picture(canvas, scale, row, y, style)
    return canvas.figure


def _plan(rows: Sequence[SpineRow]) -> tuple[list[tuple[SpineRow, list[str], float]], float]:
    """Rows with their wrapped label and the height of their middle; and where they end."""
    plan = []
    y, group = TOP, ""
    for row in rows:
        if row.group != group:
            group = row.group
            y += GROUP
        lines = wrap(row.label, COLUMNS[1] - 11)
        deep = len(lines) * LINE + PAD
        plan.append((row, lines, y + deep / 2))
        y += deep
    return plan, y + 0.6


def _heads(canvas: Canvas, heads: Sequence[str], style: Style) -> None:
    places: tuple[tuple[float, Align], ...] = (
        (COLUMNS[0], "left"),
        (COLUMNS[1], "right"),
        (COLUMNS[2], "left"),
        (COLUMNS[3], "right"),
        (COLUMNS[4], "right"),
        (COLUMNS[5], "left"),
        (COLUMNS[6], "left"),
    )
    rooms = (56, 14, 18, 18, 11, 29, 33)
    for words, (x, align), room in zip(heads, places, rooms, strict=True):
        for i, line in enumerate(wrap(words, room, weight=600)[:2]):
            canvas.text(x, 2.0 + i * LINE, line, color=style.muted, weight=600, align=align)
    canvas.line(0, TOP - 0.8, canvas.width, TOP - 0.8, color=style.ink, width=0.9)


def _texts(canvas: Canvas, row: SpineRow, lines: Sequence[str], y: float, style: Style) -> None:
    top = y - (len(lines) - 1) * LINE / 2
    for i, line in enumerate(lines):
        canvas.text(1.5, top + i * LINE, line, color=style.ink)
    canvas.text(COLUMNS[1], y, row.count_text, color=style.ink, align="right")
    canvas.text(COLUMNS[2], y, row.value_text, color=style.ink, weight=600)
    canvas.text(COLUMNS[3], y, row.whole_text, color=style.ink, align="right")
    canvas.text(COLUMNS[4], y, row.target_text, color=style.ink, align="right")
    color = style.ink
    if row.favourable is not None:
        color = style.blue if row.favourable else style.orange_ink
    canvas.text(
        COLUMNS[6], y, row.state_text, color=color, weight=400 if row.favourable is None else 600
    )


def _picture(canvas: Canvas, scale: Scale, row: SpineRow, y: float, style: Style) -> None:
    """Draw range and middle half of the areas, whole place, target, and this area's interval."""
    if row.spread is not None:
        low, quarter, three, high = (scale(v) for v in row.spread)
        canvas.box(low, y - 1.15, high - low, 2.3, fill=style.grid, order=1)
        canvas.box(quarter, y - 1.15, three - quarter, 2.3, fill=style.rule, order=1)
    if row.whole is not None:
        x = scale(row.whole)
        canvas.line(x, y - 1.6, x, y + 1.6, color=style.ink, width=1.3, order=3)
    if row.target is not None:
        canvas.marks(
            [(scale(row.target), y)], shape="D", size=1.7, fill=style.white, edge=style.orange_ink
        )
    if row.estimate is None or row.low is None or row.high is None:
        return
    color = style.blue if row.favourable is not False else style.orange
    canvas.line(scale(row.low), y, scale(row.high), y, color=color, width=1.2, order=4)
    fill = style.white if row.state == "not_compared" else color
    shape = {"higher": "^", "lower": "v"}.get(row.state, "o")
    canvas.marks([(scale(row.estimate), y)], shape=shape, size=2.2, fill=fill, edge=color, order=5)
