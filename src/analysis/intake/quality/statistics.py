"""Tests of anthropometric data: digit preference, age heaping, sex and age ratio, age structure.

Definitions: NiPN data quality toolkit (nipnTK) and SMART Manual 2.0 (2017). All are pure functions
of plain arrays; missing values are left out.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import special, stats

Floats = npt.NDArray[np.float64]
DigitClass = Literal["Excellent", "Good", "Acceptable", "Problematic"]

#: Below 8, 12, 20 (SMART).
DIGIT_CLASSES: tuple[tuple[float, DigitClass], ...] = (
    (8.0, "Excellent"),
    (12.0, "Good"),
    (20.0, "Acceptable"),
)
#: Children of 6–29 months for each child of 30–59 months (SMART).
EXPECTED_AGE_RATIO = 0.85
YEAR_CENTRED_MONTHS = (6, 18, 30, 42, 54, 60)


@dataclass(frozen=True)
class DigitPreference:
    """Score (0 none, 100 all on one digit), its SMART class, and counts of the digits 0 to 9.

    `p` is that of the chi-square test behind the score: few digits are uneven by chance.
    """

    score: float
    label: DigitClass
    counts: tuple[int, ...]
    p: float


@dataclass(frozen=True)
class ChiSquare:
    """A chi-square test against an expected distribution."""

    statistic: float
    df: int
    p: float
    observed: tuple[float, ...]
    expected: tuple[float, ...]

    @property
    def unevenness(self) -> float:
        """100 × √(χ² / (n·df)): the digit preference score's measure, free of sample size."""
        n = sum(self.observed)
        return float(100 * np.sqrt(self.statistic / (n * self.df))) if n else float("nan")


@dataclass(frozen=True)
class Ratio:
    """An observed proportion against an expected one; chi-square with continuity correction."""

    proportion: float
    expected: float
    statistic: float
    p: float
    n: int

    @property
    def ratio(self) -> float:
        """Those counted for each one not counted."""
        return self.proportion / (1 - self.proportion) if self.proportion < 1 else float("inf")


def last_digits(values: Floats, decimals: int = 1) -> Floats:
    """Last digit of each value printed with `decimals` decimals; NaN where it is missing."""
    values = np.asarray(values, dtype=np.float64)
    distinct, place = np.unique(values, return_inverse=True)
    digits = [
        float(f"{abs(value):.{decimals}f}"[-1]) if np.isfinite(value) else np.nan
        for value in distinct
    ]
    return np.asarray(digits, dtype=np.float64)[place]


def digit_preference(digits: Floats) -> DigitPreference:
    """Digit preference score of last digits (see `last_digits`).

    Source: Kuulasmaa, Hense, Tolonen (1998), WHO MONICA; classes of SMART. The score is
    100·√(χ²/(9n)) at two decimals; NaN for no values.
    """
    counts = np.bincount(_known(digits).astype(np.int64), minlength=10)
    if not counts.any():
        return DigitPreference(float("nan"), "Problematic", tuple(counts.tolist()), float("nan"))
    test = _uniform(counts)
    score = round(test.unevenness, 2)
    label: DigitClass = "Problematic"
    for limit, name in reversed(DIGIT_CLASSES):
        label = name if score < limit else label
    return DigitPreference(score, label, tuple(counts.tolist()), test.p)


def age_heaping(months: Floats, divisor: int = 12) -> ChiSquare:
    """Whether ages in whole months gather at multiples of `divisor`: test of the remainders."""
    whole = np.floor(_known(months)).astype(np.int64)
    return _uniform(np.bincount(whole % divisor, minlength=divisor))


def sex_ratio(males: int, females: int, expected: float = 0.5) -> Ratio:
    """Share of boys against the expected share."""
    return _proportion(males, males + females, expected)


def age_ratio(months: Floats, expected_ratio: float = EXPECTED_AGE_RATIO) -> Ratio:
    """Children of 6–29 against those of 30–59 completed months."""
    whole = np.floor(_known(months))
    younger = int(((whole >= 6) & (whole <= 29)).sum())
    older = int(((whole >= 30) & (whole <= 59)).sum())
    return _proportion(younger, younger + older, expected_ratio / (1 + expected_ratio))


def age_structure(months: Floats, deaths_per_10000_days: float = 1.0) -> ChiSquare:
    """Year-centred ages of 6–59 months against a population thinned by a death rate."""
    known = np.floor(_known(months))
    edges = np.array(YEAR_CENTRED_MONTHS, dtype=np.float64)
    inside = known[(known >= edges[0]) & (known <= edges[-1])]
    observed, _ = np.histogram(inside, bins=edges)
    years = np.diff(edges) / 12
    weights = years * np.exp(-deaths_per_10000_days / 10_000 * 365.25 * np.arange(len(years)))
    return _chi_square(observed, observed.sum() * weights / weights.sum())


def skewness(z: Floats) -> tuple[float, float]:
    """Skewness (population moments) and its standard error; NaN for under four or equal values."""
    known = _known(z)
    if known.size < 4 or np.ptp(known) == 0:
        return float("nan"), float("nan")
    return float(stats.skew(known)), _skewness_se(known.size)


def kurtosis(z: Floats) -> tuple[float, float]:
    """Excess kurtosis (population moments) and its standard error; NaN as for `skewness`."""
    known = _known(z)
    n = known.size
    if n < 4 or np.ptp(known) == 0:
        return float("nan"), float("nan")
    se = 2 * _skewness_se(n) * math.sqrt((n**2 - 1) / ((n - 3) * (n + 5)))
    return float(stats.kurtosis(known)), se


def standard_deviation(z: Floats) -> tuple[float, float]:
    """Sample standard deviation and its standard error; NaN for under two values."""
    known = _known(z)
    if known.size < 2:
        return float("nan"), float("nan")
    sd = float(known.std(ddof=1))
    return sd, sd / math.sqrt(2 * (known.size - 1))


def _skewness_se(n: int) -> float:
    return math.sqrt(6 * n * (n - 1) / ((n - 2) * (n + 1) * (n + 3)))


def _known(values: Floats) -> Floats:
    values = np.asarray(values, dtype=np.float64)
    return values[np.isfinite(values)]


def _uniform(counts: npt.NDArray[np.int64]) -> ChiSquare:
    return _chi_square(counts, np.full(len(counts), counts.sum() / len(counts)))


def _chi_square(observed: npt.NDArray[np.int64], expected: Floats | Sequence[float]) -> ChiSquare:
    expected = np.asarray(expected, dtype=np.float64)
    df = len(expected) - 1
    if not observed.sum():
        nan = float("nan")
        return ChiSquare(nan, df, nan, tuple(observed.tolist()), tuple(expected.tolist()))
    statistic = float(((observed - expected) ** 2 / expected).sum())
    p = float(special.chdtrc(df, statistic))
    return ChiSquare(statistic, df, p, tuple(observed.tolist()), tuple(expected.tolist()))


def _proportion(count: int, n: int, expected: float) -> Ratio:
    if n == 0:
        nan = float("nan")
        return Ratio(nan, expected, nan, nan, 0)
    distance = abs(count - n * expected)
    distance -= min(0.5, distance)
    statistic = distance**2 / (n * expected * (1 - expected))
    return Ratio(count / n, expected, statistic, float(special.chdtrc(1, statistic)), n)
