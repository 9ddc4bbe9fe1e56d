"""All areas with their intervals, this one bold: who can be told apart, and from what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from matplotlib.figure import Figure

from analysis.brief.charts.canvas import Canvas, Scale, axis_below, ticks, top_of, width_mm
from analysis.brief.charts.style import Style
from analysis.brief.formatting import Formatter

ROW = 3.0
#: Room above the rows for one line of names, and for each further line.
HEAD, LINE = 3.9, 3.3


@dataclass(frozen=True)
class Area:
    """One row: shares, None where the figure is not shown; `mark` stands behind the name."""

    code: str
    name: str
    estimate: float | None
    low: float | None
    high: float | None
    mark: str = ""


@dataclass(frozen=True)
class Lines:
    """The two lines all areas are read against, with their words."""

    whole: float | None
    whole_label: str
    target: float | None
    target_label: str


def caterpillar(
    areas: Sequence[Area],
    here: str | None,
    lines: Lines,
    not_shown: str,
    style: Style,
    form: Formatter,
    width: float = 106,
    row: float = ROW,
) -> Figure:
    """Draw the areas from low to high; those not shown stand last, in words.

    Parameters
    ----------
    areas
        One row each. Order here does not matter.
    here
        Code of the area drawn bold; None draws all alike.
    not_shown
        Words in place of a suppressed figure.
    width
        Printed width, mm.
    """
    shown = sorted((a for a in areas if a.estimate is not None), key=lambda a: a.estimate or 0)
    hidden = sorted((a for a in areas if a.estimate is None), key=lambda a: a.name)
    rows = [*shown, *hidden]
    foot, name = 4.6, 26.0
    highest = top_of([a.high or 0 for a in shown] + [lines.target or 0])
    scale = Scale(0, highest, name, width - 3)
    named = _names(scale, lines, width, style)
    head = HEAD + LINE * max((n.line for n in named), default=0)
    canvas = Canvas(width, head + row * len(rows) + foot)
    bottom = head + row * len(rows)
    for value in ticks(highest):
        canvas.line(scale(value), head, scale(value), bottom, color=style.grid, order=0)
    axis_below(canvas, scale, bottom + 2.4, ticks(highest), form.percent, style.muted)
    _reference(canvas, named, head, bottom)
    for i, area in enumerate(rows):
        y = head + row * (i + 0.5)
        own = area.code == here
        if own:
            canvas.box(0, y - row / 2, width, row, fill=style.blue_tint, order=-1)
        ink = style.blue if own else style.ink
        weight = 600 if own else 400
        canvas.text(name - 1.5, y, area.name + area.mark, color=ink, weight=weight, align="right")
        if area.estimate is None:
            canvas.text(name + 1, y, not_shown, color=style.muted)
    places = {a.code: head + row * (i + 0.5) for i, a in enumerate(shown)}
    others = [a for a in shown if a.code != here]
    plain = style.blue if here is None else style.other
    _intervals(canvas, scale, others, places, plain, 1.0, 1.4)
    _intervals(canvas, scale, [a for a in shown if a.code == here], places, style.blue, 2.4, 2.3)
    return canvas.figure


def _intervals(
    canvas: Canvas,
    scale: Scale,
    areas: Sequence[Area],
    places: dict[str, float],
    color: str,
    line: float,
    mark: float,
) -> None:
    """Draw intervals and points of some areas in one look."""
    segments = [
        ((scale(a.low), places[a.code]), (scale(a.high), places[a.code]))
        for a in areas
        if a.low is not None and a.high is not None
    ]
    canvas.lines(segments, color=color, width=line, order=4)
    points = [(scale(a.estimate), places[a.code]) for a in areas if a.estimate is not None]
    canvas.marks(points, size=mark, fill=color, order=5)


@dataclass(frozen=True)
class Name:
    """A reference line: its place and look, its words, where they begin and on which line."""

    x: float
    words: str
    left: float
    line: int
    color: str
    dash: tuple[float, float]


def _names(scale: Scale, lines: Lines, width: float, style: Style) -> list[Name]:
    """Dashed for the whole place, dotted for the target; two lines where the names would touch."""
    marks = []
    if lines.whole is not None:
        marks.append((lines.whole, lines.whole_label, style.ink, (4.0, 2.0)))
    if lines.target is not None:
        marks.append((lines.target, lines.target_label, style.orange_ink, (1.0, 1.5)))
    marks.sort()
    names: list[Name] = []
    for place, (value, words, color, dash) in enumerate(marks):
        x, wide = scale(value), width_mm(words, weight=600)
        left = x - wide / 2
        if len(marks) == 2:
            left = x + 0.8 - wide if place == 0 else x - 0.8
        left = min(max(left, 0.0), width - wide)
        names.append(Name(x, words, left, 0, color, dash))
    if len(names) == 2:
        first, second = names
        if first.left + width_mm(first.words, weight=600) + 2 > second.left:
            names[0] = replace(first, line=1)
    return names


def _reference(canvas: Canvas, names: Sequence[Name], top: float, bottom: float) -> None:
    """Draw the lines the areas are read against, each named above."""
    for name in names:
        canvas.line(
            name.x, top - 0.4, name.x, bottom, color=name.color, width=1.1, dash=name.dash, order=3
        )
        height = top - 2.2 - LINE * name.line
        canvas.text(name.left, height, name.words, color=name.color, weight=600)
