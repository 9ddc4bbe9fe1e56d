"""Each side is set as airily as its page allows."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.publish.render.fitting import LEVELS, START, TIGHTEST, fit_sides
from analysis.publish.render.workspace import Fit

pytestmark = pytest.mark.slow


def sheet(limits: Sequence[int]) -> tuple[Callable[[Sequence[Fit]], list[int]], list[int]]:
    """Sides that fit one page from level ``limits[side]`` on; and a count of the trials."""
    trials: list[int] = []

    def pages(fits: Sequence[Fit]) -> list[int]:
        trials.append(1)
        at = [LEVELS.index(fit) for fit in [*fits, *[fits[-1]] * (len(limits) - len(fits))]]
        return [1 if level >= limit else 2 for level, limit in zip(at, limits, strict=True)]

    return pages, trials


@given(
    st.lists(st.integers(0, TIGHTEST + 2), min_size=2, max_size=3),
    st.integers(0, TIGHTEST),
)
def test_each_side_gets_the_airiest_level_that_fits_wherever_the_search_starts(
    limits: list[int], start: int
) -> None:
    pages, trials = sheet(limits)
    found = fit_sides(pages, len(limits), start)
    assert found == [LEVELS[min(limit, TIGHTEST)] for limit in limits]
    assert len(trials) <= 7


@given(st.lists(st.sampled_from([START, START + 1]), min_size=2, max_size=4))
def test_two_trials_do_for_sides_that_settle_where_most_do(limits: list[int]) -> None:
    pages, trials = sheet(limits)
    fit_sides(pages, len(limits))
    assert len(trials) == 2


@given(st.lists(st.integers(0, TIGHTEST), min_size=2, max_size=2), st.integers(0, TIGHTEST))
def test_with_more_pages_than_sides_all_share_one_level(limits: list[int], start: int) -> None:
    pages, _ = sheet(limits)
    # Three pages: one side may run over.
    assert fit_sides(pages, 3, start) == [LEVELS[min(limits)]] * 2


@pytest.mark.parametrize("narrower", range(1, len(LEVELS)))
def test_levels_only_get_tighter_and_pictures_never_below_92_percent(narrower: int) -> None:
    before, after = LEVELS[narrower - 1], LEVELS[narrower]
    assert (after.gap, after.zoom) < (before.gap, before.zoom)
    assert after.zoom >= 0.92
