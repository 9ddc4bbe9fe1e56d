"""The target path, and where an estimate stands against it.

Pure functions; each word is a code, its sentence is made where sentences are made.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from analysis.params import TargetPath, Thresholds

Kind = Literal["point", "interpolated", "held", "none"]
Word = Literal["reached", "undetermined", "not_reached", "no_target", "no_estimate"]
Against = Literal["higher", "similar", "lower", "not_compared"]
Confidence = Literal["high", "medium", "low"]

#: Share of the cautionary RSE up to which a figure is called well measured: 15 % under the
#: default of 25 %, about what 200 children give at a design effect of 1.5.
WELL_MEASURED = 0.6
MANY_CHILDREN = 100


@dataclass(frozen=True)
class YearTarget:
    """The target of one year; `value` is a share, None where the path has not begun.

    `kind` says whether the year is a point of the path, interpolated between two, held
    from the last one, or before the first.
    """

    year: int
    value: float | None
    status: str | None
    source: str | None
    kind: Kind


def target_of(path: TargetPath, year: int) -> YearTarget:
    """Target of `year`: a point, a straight line between points, or the last one held.

    A year between points is `derived`; it stays `unverified` when either end is, so that
    no unconfirmed number gains in standing by interpolation. Before the first point there
    is no target. After the last, its value is held and counts as `derived`: nobody has
    set one for that year.
    """
    points = path.points
    for point in points:
        if point.year == year:
            return YearTarget(year, point.value / 100, point.status, point.source, "point")
    if year < points[0].year:
        return YearTarget(year, None, None, None, "none")
    if year > points[-1].year:
        last = points[-1]
        status = _weaker(last.status, last.status)
        return YearTarget(year, last.value / 100, status, last.source, "held")
    after = next(i for i, point in enumerate(points) if point.year > year)
    start, end = points[after - 1], points[after]
    value = float(np.interp(year, (start.year, end.year), (start.value, end.value))) / 100
    source = "; ".join(dict.fromkeys((start.source, end.source)))
    return YearTarget(year, value, _weaker(start.status, end.status), source, "interpolated")


def _weaker(first: str, second: str) -> str:
    return "unverified" if "unverified" in (first, second) else "derived"


def state_word(
    probability: float, thresholds: Thresholds, *, estimate: bool = True, target: bool = True
) -> Word:
    """Where a place stands, from the probability of being at or below the target.

    Parameters
    ----------
    probability
        Of being at or below the target.
    thresholds
        `probability_high` and above: reached; `probability_low` and below: not reached.
    estimate, target
        Whether there is one that may be spoken about.
    """
    if not estimate or (target and math.isnan(probability)):
        return "no_estimate"
    if not target:
        return "no_target"
    if probability >= thresholds.probability_high:
        return "reached"
    return "not_reached" if probability <= thresholds.probability_low else "undetermined"


def against_word(probability_above: float, thresholds: Thresholds) -> Against:
    """Compare with the whole place by the probability of being above it."""
    if math.isnan(probability_above):
        return "not_compared"
    if probability_above >= thresholds.probability_high:
        return "higher"
    return "lower" if probability_above <= thresholds.probability_low else "similar"


def annual_reduction(estimate: float, final: float, years: int) -> float:
    """Yearly reduction, in percentage points, that leads from one share to `final` in `years`.

    0 where it has been reached; NaN where no year is left or a number is missing.
    """
    if not (math.isfinite(estimate) and math.isfinite(final)):
        return math.nan
    if estimate <= final:
        return 0.0
    return 100 * (estimate - final) / years if years > 0 else math.nan


def annual_rate(start: float, end: float, years: int) -> float:
    """Average annual rate of reduction, 1 − (end/start)^(1/years); negative for a rise.

    UNICEF's AARR for two points. NaN without years, or where a share is not positive.
    """
    if not (years > 0 and start > 0 and end > 0):
        return math.nan
    return float(1 - (end / start) ** (1 / years))


def children_to_prevent(stunted: float, children: float, final: float) -> float:
    """Stunted children above what the final target allows, of today's children under five."""
    above = stunted - final * children
    return above if math.isnan(above) else max(0.0, above)


def round_to_total(values: Sequence[float]) -> list[float]:
    """Round so that the parts add up to the rounded total (largest remainder).

    NaN stays NaN and counts as nothing.

    >>> round_to_total([1.4, 1.4, 1.4])
    [2.0, 1.0, 1.0]
    """
    numbers = np.asarray(values, dtype=float)
    whole = np.floor(np.nan_to_num(numbers))
    missing = round(float(np.nansum(numbers)) - float(whole.sum()))
    order = np.argsort(-(np.nan_to_num(numbers) - whole), kind="stable")
    whole[order[:missing]] += 1
    return [
        float(w) if not math.isnan(v) else math.nan for w, v in zip(whole, numbers, strict=True)
    ]


def confidence_word(
    *, verdict: str, rse: float, n: float, quality: str, thresholds: Thresholds
) -> tuple[Confidence, str]:
    """How much weight a figure bears, and the codes of what lowered it.

    High: shown without caution, RSE at most 60 % of the cautionary limit, at least 100
    children, and no poor data quality. Low: not shown or with caution, RSE above the limit,
    or poor quality. Medium: the rest.

    Parameters
    ----------
    verdict
        show, caution or suppress.
    rse
        Relative standard error, percent.
    n
        Children measured.
    quality
        Worst verdict of the survey's data quality here: good, caution, poor, not_computed.
    """
    reasons = [] if verdict == "show" else [f"verdict_{verdict}"]
    if not rse <= thresholds.rse_caution:
        reasons.append("rse_high")
    if quality == "poor":
        reasons.append("quality_poor")
    if reasons:
        return "low", " ".join(reasons)
    if rse > WELL_MEASURED * thresholds.rse_caution:
        reasons.append("rse_middling")
    if n < MANY_CHILDREN:
        reasons.append("few_children")
    return ("medium", " ".join(reasons)) if reasons else ("high", "well_measured")
