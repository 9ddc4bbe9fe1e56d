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


def fit_sides(pages_of_sides: Callable[[Sequence[Fit]], list[int]], wanted: int) -> list[Fit]:
    """Return for each side the airiest level at which the brief has ``wanted`` pages.

    Parameters
    ----------
    pages_of_sides
        Sets the brief at the given levels, one a side, and tells how many pages each side takes.
    wanted
        Pages of the whole brief. When it is the number of sides, each side gets one page and is
        fitted for itself, all in the same trials; otherwise all sides share one level.

    Notes
    -----
    Pages never grow when a side gets tighter, so halving finds the level in four trials. A side
    that does not fit at all is set at the tightest level.
    """
    # One level stands for all sides: the first trial also tells how many there are.
    pages = pages_of_sides([LEVELS[TIGHTEST // 2]])
    sides = len(pages)
    own = wanted == sides
    low, high, middle = [0] * sides, [TIGHTEST] * sides, [TIGHTEST // 2] * sides
    while any(a < b for a, b in zip(low, high, strict=True)):
        fits = [count <= 1 for count in pages] if own else [sum(pages) <= wanted] * sides
        for side, enough in enumerate(fits):
            if enough:
                high[side] = middle[side]
            else:
                low[side] = min(middle[side] + 1, high[side])
        middle = [(a + b) // 2 for a, b in zip(low, high, strict=True)]
        if low != high:
            pages = pages_of_sides([LEVELS[level] for level in middle])
    return [LEVELS[level] for level in high]
