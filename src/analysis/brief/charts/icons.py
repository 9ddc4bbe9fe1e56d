"""A probability as ten circles, for readers who do not think in percent."""

from __future__ import annotations

from matplotlib.figure import Figure

from analysis.brief.charts.canvas import Canvas
from analysis.brief.charts.style import Style


def filled(probability: float) -> int:
    """How many of ten circles are filled; all or none only when it is as good as certain.

    >>> [filled(p) for p in (0, 0.02, 0.04, 0.26, 0.96, 0.99)]
    [0, 0, 1, 3, 9, 10]
    """
    if probability < 0.025:
        return 0
    if probability > 0.975:
        return 10
    return min(max(int(probability * 10 + 0.5), 1), 9)


def icons(probability: float, style: Style, width: float = 70) -> Figure:
    """Draw ten circles in a row, the first ones filled."""
    step = min(width / 10, 6.4)
    canvas = Canvas(10 * step, step)
    count = filled(probability)
    places = [((i + 0.5) * step, step / 2) for i in range(10)]
    canvas.marks(places[:count], size=0.72 * step, fill=style.blue, edge=style.blue, line=1.0)
    canvas.marks(places[count:], size=0.72 * step, fill=style.white, edge=style.other, line=1.0)
    return canvas.figure
