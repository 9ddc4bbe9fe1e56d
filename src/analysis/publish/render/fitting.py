"""Find how airily each side of a brief can be set within the pages it is to have."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from analysis.publish.render.workspace import Fit

# From airy to tight: gaps give way first, then pictures, to 92 % at most (letters of 8.7 pt stay
# above 8 pt); type never does.
LEVELS = (
    *(Fit(gap) for gap in (2.0, 1.6, 1.3, 1.0, 0.7, 0.4, 0.1, -0.2, -0.5, -0.8)),
    *(Fit(-0.8, zoom) for zoom in (0.98, 0.96, 0.94, 0.92)),
)
TIGHTEST = len(LEVELS) - 1
# Briefs are written to fill their pages, so most sides settle at this level or beside it.
START = 8


def fit_sides(
    pages_of_sides: Callable[[Sequence[Fit]], list[int]], wanted: int, start: int = START
) -> list[Fit]:
    """Return for each side the airiest level at which the brief has ``wanted`` pages.

    Parameters
    ----------
    pages_of_sides
        Sets the brief at the given levels, one a side, and tells how many pages each side takes.
    wanted
        Pages of the whole brief. When it is the number of sides, each side gets one page and is
        fitted for itself, all in the same trials; otherwise all sides share one level.
    start
        Level of the first trial; it decides how many trials are needed, never what is found.

    Notes
    -----
    Pages never grow when a side gets tighter. Steps from the start double until they have the
    level between them, then halve: two trials where the start is right or one level too airy.
    A side that does not fit at all is set at the tightest level.
    """
    # One level stands for all sides: the first trial also tells how many there are.
    pages = pages_of_sides([LEVELS[start]])
    sides = len(pages)
    own = wanted == sides
    low, high, tried, step = [0] * sides, [TIGHTEST] * sides, [start] * sides, 1
    while True:
        fits = [count <= 1 for count in pages] if own else [sum(pages) <= wanted] * sides
        for side, enough in enumerate(fits):
            if enough:
                high[side] = tried[side]
            else:
                low[side] = min(tried[side] + 1, high[side])
            half = (low[side] + high[side]) // 2
            near = max(high[side] - step, half) if enough else min(low[side] + step - 1, half)
            tried[side] = near
        if low == high:
            return [LEVELS[level] for level in high]
        pages = pages_of_sides([LEVELS[level] for level in tried])
        step *= 2
