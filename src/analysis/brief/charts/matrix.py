"""Which coverage lags in which area: areas down, indicators (by OPD) across."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure

from analysis.brief.charts.canvas import Canvas, shorten, wrap
from analysis.brief.charts.style import Style


@dataclass(frozen=True)
class Column:
    """A column's head: indicator, and the agencies under it."""

    label: str
    group: str


@dataclass(frozen=True)
class Cell:
    """`text` (whole percent, or `*`) and `state`: gap, near, met, not_compared, hidden."""

    text: str
    state: str


def matrix(
    names: Sequence[str],
    columns: Sequence[Column],
    cells: Sequence[Sequence[Cell]],
    style: Style,
    width: float = 180,
    row: float = 3.7,
    rotate: bool = True,
) -> Figure:
    """Draw the table of `cells[area][column]`; a gap is orange and bold, met is blue."""
    name = 25.0
    step = (width - name) / max(len(columns), 1)
    head = 3.4 * max([len(wrap(c.label, 34)) for c in columns] + [1]) if not rotate else 38.0
    canvas = Canvas(width, head + row * len(names) + 0.6)
    for j, column in enumerate(columns):
        x = name + step * (j + 0.5)
        lines = wrap(column.label, head - 2)[: max(1, int(step // 3.2))]
        for i, line in enumerate(lines):
            canvas.text(
                x + (i - (len(lines) - 1) / 2) * 3.1,
                head - 1.2,
                shorten(line, head - 2),
                color=style.ink,
                align="center",
                valign="bottom",
                rotation=90,
            )
    looks = {
        "gap": (style.orange_light, style.ink, 600),
        "near": (style.white, style.ink, 400),
        "met": (style.blue_light, style.ink, 400),
        "not_compared": (style.white, style.ink, 400),
        "hidden": (style.white, style.muted, 400),
    }
    for i, (label, line_cells) in enumerate(zip(names, cells, strict=True)):
        y = head + row * (i + 0.5)
        canvas.text(name - 1.5, y, label, color=style.ink, align="right")
        for j, cell in enumerate(line_cells):
            fill, ink, weight = looks[cell.state]
            x = name + step * j
            if fill != style.white:
                canvas.box(x + 0.2, y - row / 2 + 0.15, step - 0.4, row - 0.3, fill=fill)
            canvas.text(x + step / 2, y, cell.text, color=ink, weight=weight, align="center")
    canvas.lines(
        [((0, head + row * i), (width, head + row * i)) for i in range(0, len(names) + 1, 5)],
        color=style.rule,
        order=0,
    )
    return canvas.figure
