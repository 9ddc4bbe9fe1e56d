"""Show, show with caution, or suppress: one decision for every figure, with its reason.

Survey figures follow the DHS habit for few children and the presentation standard of
NCHS for proportions (Parker et al. 2017); modelled figures follow the relative standard
error; counts of few children are hidden together with what would give them away. The
reason is a code; its words are made where sentences are made.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["survey", "mean", "model", "routine"]
Decision = Literal["show", "caution", "suppress"]

FEWEST_CHILDREN = 25
FEW_CHILDREN = 50
FEWEST_EFFECTIVE = 30.0
NARROW, WIDE = 0.05, 0.30
WIDEST_RELATIVE = 1.30
FEW_DF = 8.0
SMALL_COUNTS = range(1, 5)

REASONS = {
    "ok": "nothing stands against showing it",
    "not_sampled": "no child of this area was measured, and there is no model",
    "few_children": "fewer than 25 children",
    "low_children": "25 to 49 children",
    "no_interval": "no interval can be computed, e.g. a single cluster",
    "low_effective_n": "fewer than 30 children after allowing for clustering and weights",
    "wide_interval": "interval of 30 points or more",
    "wide_relative": "interval wider than 130 % of the estimate",
    "few_df": "fewer than 8 degrees of freedom: too few clusters to trust the interval",
    "at_boundary": "exactly 0 % or 100 %",
    "high_rse": "relative standard error above the limit",
    "model_only": "entirely from the model: no cluster was sampled here",
    "small_count": "a count, or its complement, of 1 to 4 children",
}


@dataclass(frozen=True)
class Verdict:
    """What to do with a figure, and why (a key of `REASONS`)."""

    verdict: Decision
    reason: str


def verdict(
    *,
    kind: Kind,
    n: float,
    estimate: float | None = None,
    low: float | None = None,
    high: float | None = None,
    effective_n: float | None = None,
    rse: float | None = None,
    psus: float | None = None,
    df: float | None = None,
    events: float | None = None,
    rse_caution: float = 25.0,
    rse_suppress: float = 50.0,
) -> Verdict:
    """Decide whether a figure is shown.

    Parameters
    ----------
    kind
        ``survey``: a direct proportion; ``mean``: a direct mean; ``model``: a
        small-area or unit-level figure; ``routine``: a share of routine records.
    n
        Children behind it (unweighted).
    estimate, low, high
        Estimate and interval; proportions as 0 to 1.
    effective_n
        `n` divided by the design effect; `n` itself where not given, and never more.
    rse
        Relative standard error, percent.
    psus, df
        Clusters sampled in the area, degrees of freedom of the interval.
    events
        Children who have the condition (routine records).
    rse_caution, rse_suppress
        Limits of the relative standard error of modelled figures, percent.

    Returns
    -------
    Verdict
        The first reason that suppresses, else the first that asks for caution.

    Examples
    --------
    >>> verdict(kind="survey", n=18, estimate=0.30, low=0.12, high=0.57).reason
    'few_children'
    >>> verdict(kind="survey", n=210, estimate=0.30, low=0.24, high=0.37, df=12)
    Verdict(verdict='show', reason='ok')
    """
    if kind == "model":
        return _model(n, _real(estimate), _real(low), _real(high), _real(rse), _real(psus),
                      rse_caution, rse_suppress)  # fmt: skip
    if kind == "routine":
        return _routine(n, _real(events))
    if not n > 0 or _real(estimate) is None:
        return Verdict("suppress", "not_sampled")
    if n < FEWEST_CHILDREN:
        return Verdict("suppress", "few_children")
    bounds = _real(low), _real(high)
    if bounds[0] is None or bounds[1] is None:
        return Verdict("suppress", "no_interval")
    if kind == "survey":
        refused = _proportion(n, float(estimate or 0), bounds[1] - bounds[0], _real(effective_n))
        if refused:
            return Verdict("suppress", refused)
    if kind == "survey" and estimate in (0.0, 1.0):
        return Verdict("caution", "at_boundary")
    if n < FEW_CHILDREN:
        return Verdict("caution", "low_children")
    if (freedom := _real(df)) is not None and freedom < FEW_DF:
        return Verdict("caution", "few_df")
    return Verdict("show", "ok")


def _proportion(n: float, estimate: float, width: float, effective_n: float | None) -> str | None:
    """Reason to suppress a direct proportion after NCHS, or None."""
    effective = n if effective_n is None else min(effective_n, n)
    if effective < FEWEST_EFFECTIVE:
        return "low_effective_n"
    width = round(width, 12)  # 0.35 − 0.05 is meant to be 0.30
    if width <= NARROW:
        return None
    if width >= WIDE:
        return "wide_interval"
    if estimate > 0 and round(width / estimate, 12) <= WIDEST_RELATIVE:
        return None
    # At 0 % the relative width has no value: the absolute one has decided, review remains.
    return "wide_relative" if estimate > 0 else None


def _model(
    n: float,
    estimate: float | None,
    low: float | None,
    high: float | None,
    rse: float | None,
    psus: float | None,
    rse_caution: float,
    rse_suppress: float,
) -> Verdict:
    if estimate is None:
        return Verdict("suppress", "not_sampled")
    if low is None or high is None:
        return Verdict("suppress", "no_interval")
    if rse is not None and rse > rse_suppress:
        return Verdict("suppress", "high_rse")
    if not n > 0 or psus == 0:
        return Verdict("caution", "model_only")
    if rse is not None and rse > rse_caution:
        return Verdict("caution", "high_rse")
    return Verdict("show", "ok")


def _routine(n: float, events: float | None) -> Verdict:
    if not n > 0:
        return Verdict("suppress", "not_sampled")
    if events is not None and is_small(events, n):
        return Verdict("suppress", "small_count")
    if n < FEWEST_CHILDREN:
        return Verdict("suppress", "few_children")
    return Verdict("caution", "low_children") if n < FEW_CHILDREN else Verdict("show", "ok")


def is_small(count: float, total: float | None = None) -> bool:
    """Whether a count of children, or its complement in `total`, is 1 to 4."""
    return count in SMALL_COUNTS or (total is not None and total - count in SMALL_COUNTS)


def suppress_counts(counts: Sequence[int], totals: Sequence[int] | None = None) -> tuple[bool, ...]:
    """Which of some counts, whose sum is shown, must be hidden.

    A count of 1 to 4 is hidden, and with `totals` also one whose complement is. Where
    the hidden ones could then be worked out from the sum (a single one, all ones or all
    fours, or four children in all), the smallest other count is hidden too.

    Parameters
    ----------
    counts
        Counts of children that add up to a figure shown beside them.
    totals
        Children of which each count is a part; optional.

    Returns
    -------
    tuple of bool
        True where the count (and its complement) is hidden.
    """
    ceilings: Sequence[int | None] = [None] * len(counts) if totals is None else list(totals)
    hidden = [is_small(c, t) for c, t in zip(counts, ceilings, strict=True)]
    # Smallest first, but a zero only when nothing else is left to hide behind.
    others = sorted(
        (i for i, flag in enumerate(hidden) if not flag), key=lambda i: (counts[i] == 0, counts[i])
    )
    while _derivable([c for c, flag in zip(counts, hidden, strict=True) if flag]) and others:
        hidden[others.pop(0)] = True
    return tuple(hidden)


def _derivable(hidden: Sequence[int]) -> bool:
    """Whether hidden counts follow from their sum for a reader who knows the rule."""
    if not hidden:
        return False
    total, cells = sum(hidden), len(hidden)
    forced = all(c in SMALL_COUNTS for c in hidden) and total in (cells, 4 * cells)
    return cells == 1 or forced or total <= 4


def _real(value: float | None) -> float | None:
    """None for a missing number, whichever way it is missing."""
    return None if value is None or value != value or not math.isfinite(value) else float(value)
