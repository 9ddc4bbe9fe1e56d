"""Probabilities read off an estimate and its interval, for comparison with a target or the whole.

An interval is taken as a normal curve on the logit scale (Student's t where the interval
was made with few degrees of freedom), its two halves each with their own width, so that
the limits of the interval keep exactly the probabilities they were made for: an interval
at 95 % puts 2.5 % below its lower limit and 2.5 % above its upper one. At estimates of
exactly 0 or 1 the curve is the score test behind Wilson's interval.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy import special

_EDGE = 1e-9


@dataclass(frozen=True)
class Estimate:
    """A share with its interval.

    `df` are the degrees of freedom the interval was made with; None or NaN for a
    normal one.
    """

    value: float
    low: float
    high: float
    level: float = 0.95
    df: float | None = None

    @property
    def known(self) -> bool:
        """Whether value and both limits are there and in order."""
        numbers = (self.value, self.low, self.high)
        return all(math.isfinite(x) for x in numbers) and self.low <= self.value <= self.high

    @property
    def quantile(self) -> float:
        """Half-width of the interval in standard errors."""
        return _ppf((1 + self.level) / 2, self.df)

    def logit_se(self, *, upper: bool | None = None) -> float:
        """Standard error on the logit scale, of one side or (None) the mean of both."""
        centre = _logit(self.value)
        below = (centre - _logit(self.low)) / self.quantile if self.low > 0 else math.nan
        above = (_logit(self.high) - centre) / self.quantile if self.high < 1 else math.nan
        below = above if math.isnan(below) else below
        above = below if math.isnan(above) else above
        return {None: (below + above) / 2, True: above, False: below}[upper]

    def probability_at_or_below(self, threshold: float) -> float:
        """Probability that the true share is at or below `threshold`; NaN when unknown."""
        if not self.known or not math.isfinite(threshold):
            return math.nan
        if not 0 < self.value < 1:
            return self._at_the_edge(threshold)
        if threshold <= 0 or threshold >= 1:
            return 0.0 if threshold <= 0 else 1.0
        distance = _logit(threshold) - _logit(self.value)
        se = self.logit_se(upper=distance > 0)
        if not se > 0:
            return 0.5 if distance == 0 else float(distance > 0)
        return _cdf(distance / se, self.df)

    def _at_the_edge(self, threshold: float) -> float:
        if threshold <= 0 or threshold >= 1:
            return float(self.value <= threshold)
        limit = self.high if self.value <= 0 else 1 - self.low
        effective = self.quantile**2 * (1 - limit) / limit if limit > 0 else math.inf
        z = (threshold - self.value) / math.sqrt(threshold * (1 - threshold) / effective)
        return _cdf(z, self.df)


def probability_above_whole(area: Estimate, whole: Estimate, weight: float) -> float:
    """Probability that an area lies above the whole place it is part of.

    The area makes up the share `weight` of the whole W, so the two errors are not
    independent. With R the rest of the place, W = weight·A + (1 − weight)·R: the area is
    above the whole exactly when it is above the rest, and area and rest share no child.
    The rest follows as R = (W − weight·A)/(1 − weight), with variance
    (V(W) − weight²·V(A))/(1 − weight)², which is the same as giving A and W the covariance
    weight·V(A). That holds for direct estimates from separate clusters; for a composite of a
    direct and a synthetic part it holds to first order (its error is γ times the direct one,
    its mean squared error γ times the direct variance). A factor common to all
    areas (benchmarking) cancels in the comparison.

    Parameters
    ----------
    area, whole
        Their estimates.
    weight
        Share of the area in the whole's children, 0 to 1.

    Returns
    -------
    float
        Between 0 and 1; NaN where a part is unknown, the area is the whole, or the rest
        that follows is not a share (the two estimates do not belong together).
    """
    if not (area.known and whole.known) or not 0 <= weight < 1 or not 0 < area.value < 1:
        return math.nan
    rest = (whole.value - weight * area.value) / (1 - weight)
    if not 0 < rest < 1:
        return math.nan
    variance_area = (area.logit_se() * area.value * (1 - area.value)) ** 2
    variance_whole = (whole.logit_se() * whole.value * (1 - whole.value)) ** 2
    variance_rest = max(variance_whole - weight**2 * variance_area, 0.0) / (1 - weight) ** 2
    difference = _logit(area.value) - _logit(rest)
    upper = difference < 0  # the side of the area's interval that faces the rest
    own = area.logit_se(upper=upper)
    se = math.hypot(own, math.sqrt(variance_rest) / (rest * (1 - rest)))
    if not se > 0:
        return math.nan
    # Welch and Satterthwaite, the rest having many clusters.
    df = None if area.df is None or not own > 0 else area.df * (se / own) ** 4
    return _cdf(difference / se, df)


def _cdf(z: float, df: float | None) -> float:
    return float(special.stdtr(df, z) if _student(df) else special.ndtr(z))


def _ppf(p: float, df: float | None) -> float:
    return float(special.stdtrit(df, p) if _student(df) else special.ndtri(p))


def _student(df: float | None) -> bool:
    return df is not None and math.isfinite(df) and df >= 1


def _logit(share: float) -> float:
    return float(special.logit(min(max(share, _EDGE), 1 - _EDGE)))
