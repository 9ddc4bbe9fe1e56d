"""From the routine percentage to the survey's, step by step, as a waterfall."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure

from analysis.brief.charts.canvas import Canvas, Scale, axis_below, ticks, top_of, wrap
from analysis.brief.charts.style import Style
from analysis.brief.formatting import Formatter

LINE = 3.15


@dataclass(frozen=True)
class Step:
    """A step: where it starts and ends; `kind` is total, computed, bounded or not_computed."""

    label: str
    kind: str
    start: float | None
    end: float | None
    low: float | None
    high: float | None
    text: str


def bridge(steps: Sequence[Step], style: Style, form: Formatter, width: float = 180) -> Figure:
    """Draw totals as full bars and steps as pieces between them; bounds as hollow bars."""
    label = 0.42 * width
    rows = [(s, wrap(s.label, label - 3)) for s in steps]
    height = sum(max(len(lines) * LINE, LINE) + 1.7 for _, lines in rows)
    canvas = Canvas(width, height + 5.0)
    values = [v for s in steps for v in (s.start, s.end, s.high) if v is not None]
    highest = top_of(values)
    scale = Scale(0, highest, label, width - 26)
    for value in ticks(highest):
        canvas.line(scale(value), 0, scale(value), height, color=style.grid, order=0)
    axis_below(canvas, scale, height + 2.6, ticks(highest), form.percent, style.muted)
    y = 0.0
    for step, lines in rows:
        deep = max(len(lines) * LINE, LINE) + 1.7
        middle = y + deep / 2
        total = step.kind == "total"
        for i, line in enumerate(lines):
            canvas.text(
                0, middle - (len(lines) - 1) * LINE / 2 + i * LINE, line,
                color=style.ink, weight=600 if total else 400,
            )  # fmt: skip
        end = _bar(canvas, scale, step, middle, style)
        canvas.text(
            end + 1.2, middle, step.text,
            color=style.muted if step.kind == "not_computed" else style.ink,
            weight=600 if total else 400,
        )  # fmt: skip
        y += deep
    return canvas.figure


def _bar(canvas: Canvas, scale: Scale, step: Step, y: float, style: Style) -> float:
    """Draw one step's bar; millimetre where its text begins."""
    if step.kind == "not_computed" or step.end is None:
        return scale(0)
    start, end = scale(step.start or 0), scale(step.end)
    left, right = min(start, end), max(start, end)
    if step.kind == "total":
        canvas.box(scale(0), y - 1.6, end - scale(0), 3.2, fill=style.blue)
        right = end
    elif step.kind == "bounded":
        low, high = scale(step.low or step.end), scale(step.high or step.end)
        canvas.box(low, y - 1.3, high - low, 2.6, fill=style.white, edge=style.muted, line=0.9)
        right = max(right, high)
    else:
        up = step.end >= (step.start or 0)
        canvas.box(
            left,
            y - 1.4,
            max(right - left, 0.4),
            2.8,
            fill=style.orange_light if up else style.blue_light,
        )
    if step.kind == "total" and step.low is not None and step.high is not None:
        canvas.line(scale(step.low), y, scale(step.high), y, color=style.ink, width=1.2, order=4)
        right = max(right, scale(step.high))
    return right
