"""What holds for every figure: one verdict, never softer with less behind it."""

from __future__ import annotations

from hypothesis import assume, given
from hypothesis import strategies as st

from analysis.brief.disclosure import REASONS, Verdict, is_small, suppress_counts, verdict

RANK = {"show": 0, "caution": 1, "suppress": 2}
KINDS = st.sampled_from(["survey", "mean", "model", "routine"])
SHARE = st.floats(0, 1)
NUMBER = st.one_of(st.none(), st.floats(allow_nan=True, allow_infinity=True))


def rank(found: Verdict) -> int:
    return RANK[found.verdict]


@given(kind=KINDS, n=st.integers(0, 500), estimate=NUMBER, low=NUMBER, high=NUMBER, rse=NUMBER,
       psus=NUMBER, df=NUMBER, effective_n=NUMBER)  # fmt: skip
def test_any_figure_gets_a_verdict_with_a_known_reason(kind, n, **facts) -> None:
    found = verdict(kind=kind, n=n, **facts)
    assert found.reason in REASONS
    assert (found.reason == "ok") == (found.verdict == "show")


@given(n=st.integers(1, 400), more=st.integers(0, 400), p=SHARE, half=st.floats(0.001, 0.5),
       df=st.integers(1, 60))  # fmt: skip
def test_more_children_never_make_a_survey_figure_less_printable(n, more, p, half, df) -> None:
    facts = {"estimate": p, "low": max(p - half, 0), "high": min(p + half, 1), "df": df}
    fewer = verdict(kind="survey", n=n, **facts)
    assert rank(verdict(kind="survey", n=n + more, **facts)) <= rank(fewer)


@given(n=st.integers(0, 400), p=SHARE, rse=st.floats(0, 90), more=st.floats(0, 90),
       psus=st.integers(0, 9))  # fmt: skip
def test_a_larger_error_never_makes_a_model_figure_more_printable(n, p, rse, more, psus) -> None:
    facts = {"estimate": p, "low": p / 2, "high": p, "psus": psus}
    better = verdict(kind="model", n=n, rse=rse, **facts)
    assert rank(verdict(kind="model", n=n, rse=rse + more, **facts)) >= rank(better)


@given(n=st.integers(1, 300), events=st.integers(0, 300))
def test_a_routine_share_gives_away_no_few_children(n, events) -> None:
    assume(events <= n)
    found = verdict(kind="routine", n=n, events=events)
    if 1 <= events <= 4 or 1 <= n - events <= 4 or n < 25:
        assert found.verdict == "suppress"


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=10))
def test_with_totals_small_complements_are_hidden_too(pairs) -> None:
    counts, totals = [c for c, _ in pairs], [c + rest for c, rest in pairs]
    hidden = suppress_counts(counts, totals)
    assert len(hidden) == len(counts)
    for count, total, flag in zip(counts, totals, hidden, strict=True):
        assert flag or not is_small(count, total)


@given(st.lists(st.integers(0, 40), min_size=2, max_size=8), st.randoms(use_true_random=False))
def test_what_is_hidden_does_not_hang_on_the_order(counts, random) -> None:
    order = list(range(len(counts)))
    random.shuffle(order)
    shuffled = [counts[i] for i in order]
    first = sorted(c for c, f in zip(counts, suppress_counts(counts), strict=True) if f)
    again = sorted(c for c, f in zip(shuffled, suppress_counts(shuffled), strict=True) if f)
    assert first == again


def test_an_interval_meant_to_be_30_points_is_hidden_whatever_its_last_bit() -> None:
    low, high = 0.4, 0.7
    assert high - low < 0.30, "the case is about the last bit"
    found = verdict(kind="survey", n=300, estimate=0.55, low=low, high=high)
    assert found == Verdict("suppress", "wide_interval")


def test_a_model_figure_at_the_limit_of_its_error_is_still_shown_with_caution() -> None:
    facts = {"kind": "model", "n": 90, "estimate": 0.2, "low": 0.1, "high": 0.3, "psus": 4}
    assert verdict(**facts, rse=50.0) == Verdict("caution", "high_rse")
    assert verdict(**facts, rse=50.1) == Verdict("suppress", "high_rse")


def test_a_zero_is_hidden_only_when_nothing_else_is_left_to_hide_behind() -> None:
    assert suppress_counts([3, 0, 10]) == (True, False, True)
    assert suppress_counts([3, 0, 0]) == (True, True, True)
