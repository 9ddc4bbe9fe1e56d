"""Benchmarked shares give the figure; whole counts give the count."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import UserError
from analysis.prevalence import benchmark

AREAS = st.lists(st.tuples(st.floats(0.01, 0.99), st.integers(1, 9000)), min_size=1, max_size=40)


@given(AREAS, st.floats(0.01, 0.6))
def test_benchmarked_areas_add_up_to_the_figure(areas, figure):
    p, children = map(np.array, zip(*areas, strict=True))
    made = benchmark.ratio(p, children, figure)
    assert (p * made.factor) @ children / children.sum() == pytest.approx(figure)
    assert made.before * made.factor == pytest.approx(made.figure)


@given(AREAS)
def test_whole_counts_add_up_exactly_and_stay_within_one(areas):
    p, children = map(np.array, zip(*areas, strict=True))
    counts = benchmark.whole_counts(p, children)
    assert counts.sum() == int(np.floor((p * children).sum() + 0.5))
    assert (np.abs(counts - p * children) < 1).all()


def test_the_largest_remainders_get_what_is_missing():
    counts = benchmark.whole_counts([0.5, 0.5, 0.5], [3, 5, 4], total=6)
    assert counts.tolist() == [2, 2, 2]  # 1.5, 2.5, 2.0: the earlier of equal remainders


def test_a_total_that_is_not_theirs_is_refused():
    with pytest.raises(UserError, match="cannot be rounded to 90"):
        benchmark.whole_counts([0.3, 0.3], [100, 100], total=90)


def test_no_children_and_all_zero_are_named():
    with pytest.raises(UserError, match="no children"):
        benchmark.ratio([0.3], [0.0], 0.3)
    with pytest.raises(UserError, match="all areas are at zero"):
        benchmark.ratio([0.0, 0.0], [10, 10], 0.3)
    assert benchmark.ratio([0.0], [10], 0.0).factor == 1.0


def test_interval_and_error_go_with_the_estimate():
    table = pd.DataFrame(
        {"estimate": [0.3, 0.95], "se": [0.03, 0.01], "low": [0.24, 0.9], "high": [0.36, 0.99]}
    )
    scaled = benchmark.apply(table, 1.1)
    assert scaled.loc[0, ["estimate", "se", "low", "high"]].tolist() == pytest.approx(
        [0.33, 0.033, 0.264, 0.396]
    )
    assert scaled.loc[1, "high"] == 1.0
    assert table.loc[0, "estimate"] == 0.3
