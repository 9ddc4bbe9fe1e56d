"""The table of section 7 of the methods: what is shown, shown with caution, suppressed."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.brief.disclosure import REASONS, suppress_counts, verdict

NAN = math.nan
#  kind, n, estimate, low, high, effective n, rse, psus, df → verdict, reason
SPECIFICATION = [
    # direct proportions: number of children
    ("survey", 0, NAN, NAN, NAN, None, None, 0, 0, "suppress", "not_sampled"),
    ("survey", 24, 0.30, 0.20, 0.40, 24, None, 4, 20, "suppress", "few_children"),
    ("survey", 25, 0.30, 0.20, 0.40, 25, None, 4, 20, "suppress", "low_effective_n"),
    ("survey", 49, 0.30, 0.20, 0.40, 49, None, 4, 20, "caution", "low_children"),
    ("survey", 50, 0.30, 0.20, 0.40, 50, None, 9, 20, "show", "ok"),
    # effective sample size; more effective than real children does not help
    ("survey", 100, 0.30, 0.20, 0.40, 29.9, None, 9, 20, "suppress", "low_effective_n"),
    ("survey", 100, 0.30, 0.20, 0.40, 30.0, None, 9, 20, "show", "ok"),
    ("survey", 26, 0.30, 0.20, 0.40, 80.0, None, 9, 20, "suppress", "low_effective_n"),
    ("survey", 100, 0.30, 0.20, 0.40, None, None, 9, 20, "show", "ok"),
    # width of the interval: at most 5 points, at least 30, relative in between
    ("survey", 900, 0.03, 0.01, 0.06, 600, None, 90, 80, "show", "ok"),
    ("survey", 900, 0.03, 0.01, 0.0601, 600, None, 90, 80, "suppress", "wide_relative"),
    ("survey", 100, 0.50, 0.35, 0.65, 60, None, 9, 20, "suppress", "wide_interval"),
    ("survey", 100, 0.50, 0.351, 0.65, 60, None, 9, 20, "show", "ok"),
    ("survey", 200, 0.10, 0.05, 0.18, 90, None, 9, 20, "show", "ok"),
    ("survey", 200, 0.10, 0.05, 0.1801, 90, None, 9, 20, "suppress", "wide_relative"),
    # few degrees of freedom, 0 % and 100 %, no interval
    ("survey", 160, 0.30, 0.20, 0.40, 90, None, 8, 7, "caution", "few_df"),
    ("survey", 160, 0.30, 0.20, 0.40, 90, None, 9, 8, "show", "ok"),
    ("survey", 160, 0.00, 0.00, 0.04, 90, None, 9, 20, "caution", "at_boundary"),
    ("survey", 160, 0.00, 0.00, 0.08, 90, None, 9, 20, "caution", "at_boundary"),
    ("survey", 160, 1.00, 0.96, 1.00, 90, None, 9, 20, "caution", "at_boundary"),
    ("survey", 160, 0.30, NAN, NAN, 90, None, 1, 0, "suppress", "no_interval"),
    # the trap of one percent: an ordinary figure
    ("survey", 1500, 0.01, 0.0048, 0.0207, 1200, None, 90, 80, "show", "ok"),
    # direct means
    ("mean", 24, -1.4, -1.8, -1.0, None, None, 4, 20, "suppress", "few_children"),
    ("mean", 25, -1.4, -1.8, -1.0, None, None, 4, 20, "caution", "low_children"),
    ("mean", 60, -1.4, -1.8, -1.0, None, None, 4, 3, "caution", "few_df"),
    ("mean", 60, -1.4, NAN, NAN, None, None, 1, 0, "suppress", "no_interval"),
    ("mean", 60, -1.4, -1.8, -1.0, None, None, 9, 20, "show", "ok"),
    # modelled figures
    ("model", 27, 0.28, 0.20, 0.37, None, 25.0, 3, None, "show", "ok"),
    ("model", 27, 0.28, 0.15, 0.45, None, 25.1, 3, None, "caution", "high_rse"),
    ("model", 27, 0.28, 0.05, 0.80, None, 50.1, 3, None, "suppress", "high_rse"),
    ("model", 0, 0.28, 0.20, 0.37, None, 20.0, 0, None, "caution", "model_only"),
    ("model", 0, 0.28, 0.05, 0.80, None, 60.0, 0, None, "suppress", "high_rse"),
    ("model", 0, 0.28, NAN, NAN, None, None, 0, None, "suppress", "no_interval"),
    ("model", 0, NAN, NAN, NAN, None, None, 0, None, "suppress", "not_sampled"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "n", "estimate", "low", "high", "effective", "rse", "psus", "df", "decision", "why"),
    SPECIFICATION,
)
def test_the_specification(kind, n, estimate, low, high, effective, rse, psus, df, decision, why):
    given_verdict = verdict(
        kind=kind, n=n, estimate=estimate, low=low, high=high, effective_n=effective,
        rse=rse, psus=psus, df=df,
    )  # fmt: skip
    assert (given_verdict.verdict, given_verdict.reason) == (decision, why)


@pytest.mark.parametrize(
    ("n", "events", "decision", "why"),
    [
        (0, 0, "suppress", "not_sampled"),
        (60, 0, "show", "ok"),
        (60, 1, "suppress", "small_count"),
        (60, 4, "suppress", "small_count"),
        (60, 5, "show", "ok"),
        (60, 56, "suppress", "small_count"),
        (60, 60, "show", "ok"),
        (24, 10, "suppress", "few_children"),
        (49, 10, "caution", "low_children"),
    ],
)
def test_shares_of_routine_records(n, events, decision, why):
    result = verdict(kind="routine", n=n, events=events)
    assert (result.verdict, result.reason) == (decision, why)


def test_every_reason_is_described():
    assert {row[-1] for row in SPECIFICATION} <= set(REASONS)


@pytest.mark.parametrize(
    ("counts", "hidden"),
    [
        ([10, 20, 30], [0, 0, 0]),
        ([0, 20, 30], [0, 0, 0]),
        ([3, 20, 30], [1, 1, 0]),  # alone it would follow from the total
        ([3, 2, 30], [1, 1, 0]),  # two hidden, five children between them
        ([1, 1, 30, 9], [1, 1, 0, 1]),  # a sum of two says one and one
        ([4, 4, 30, 9], [1, 1, 0, 1]),  # a sum of eight says four and four
        ([3, 0, 0], [1, 1, 1]),  # nothing but zeros to hide behind
        ([2], [1]),
        ([], []),
    ],
)
def test_counts_that_cannot_be_derived(counts, hidden):
    assert suppress_counts(counts) == tuple(map(bool, hidden))


def test_a_small_complement_hides_the_count():
    assert suppress_counts([28, 40, 50], [30, 90, 90]) == (True, True, False)


@given(st.lists(st.integers(0, 40), min_size=2, max_size=12))
def test_no_hidden_count_follows_from_the_total(counts):
    hidden = suppress_counts(counts)
    cells = [c for c, flag in zip(counts, hidden, strict=True) if flag]
    assert all(flag for c, flag in zip(counts, hidden, strict=True) if 1 <= c <= 4)
    assert len(cells) != 1
    assert not any(hidden) or any(1 <= c <= 4 for c in counts)
