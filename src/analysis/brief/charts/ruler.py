"""The number on a ruler of the WHO bands: the interval, not the point, is what is seen."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure

from analysis.brief.charts.canvas import Canvas, Scale, top_of, width_mm
from analysis.brief.charts.style import Style
from analysis.brief.formatting import Formatter

#: Upper ends of the bands very low, low, medium, high (de Onis et al. 2019); above: very high.
BANDS = (0.025, 0.10, 0.20, 0.30)


def ruler(
    estimate: float | None,
    low: float | None,
    high: float | None,
    marks: Sequence[tuple[float, str]],
    names: Sequence[str],
    style: Style,
    form: Formatter,
    width: float = 106,
) -> Figure:
    """Draw the interval of `estimate` over the bands.

    Parameters
    ----------
    marks
        (share, words) of further values, at most two: whole place and target.
    names
        Names of the five bands, low to high.
    """
    canvas = Canvas(width, 21.5)
    end = max(top_of([high or 0, *(m[0] for m in marks)]), 0.40)
    scale = Scale(0, end, 1.5, width - 1.5)
    edges = [0.0, *BANDS, end]
    tints = ["#fbfcfd", "#f1f4f6", "#e3e8ec", "#d3dae0", "#bfc9d1"]
    top, depth = 8.0, 5.4
    for i, name in enumerate(names):
        x0, x1 = scale(edges[i]), scale(edges[i + 1])
        canvas.box(x0, top, x1 - x0, depth, fill=tints[i], edge=style.white, line=0.75)
        if width_mm(name) < x1 - x0 - 1:
            canvas.text((x0 + x1) / 2, top + depth + 5.6, name, color=style.muted, align="center")
        if i:
            canvas.text(
                x0, top + depth + 2.3, form.number(edges[i] * 100, 1 if i == 1 else 0),
                color=style.muted, align="center",
            )  # fmt: skip
    middle = top + depth / 2
    if estimate is not None and low is not None and high is not None:
        canvas.line(scale(low), middle, scale(high), middle, color=style.blue, width=7, order=3)
        canvas.marks(
            [(scale(estimate), middle)],
            size=3.0,
            fill=style.white,
            edge=style.blue,
            line=1.6,
            order=5,
        )
    rows = _rows([scale(m[0]) for m in marks], [m[1] for m in marks], width)
    for (value, words), row in zip(marks, rows, strict=True):
        x = scale(value)
        y = 1.9 + row * 3.4
        canvas.line(
            x, y + 1.6, x, top + depth + 0.6, color=style.ink, width=1.0, dash=(3, 1.5), order=4
        )
        room = width_mm(words, weight=600) / 2
        canvas.text(
            min(max(x, room + 0.5), width - room - 0.5), y, words,
            color=style.ink, weight=600, align="center",
        )  # fmt: skip
    return canvas.figure


def _rows(places: Sequence[float], words: Sequence[str], width: float) -> list[int]:
    """Line (0 upper, 1 lower) for each label so that none runs into another."""
    if len(places) < 2:
        return [1] * len(places)
    reach = sum(width_mm(w, weight=600) for w in words) / 2 + 2
    return [1, 1] if abs(places[0] - places[1]) > reach else [1, 0]
