"""Confidence intervals of proportions and means from a complex survey.

All functions are vectorised over domains: they take arrays of equal length and
return `(low, high)`. Where an interval cannot be had (no degrees of freedom, no
estimate) both ends are NaN.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import special, stats

Floats = npt.NDArray[np.float64]
Bounds = tuple[Floats, Floats]
Interval = Literal["logit", "beta", "wilson"]


def t_quantile(level: float, df: Floats) -> Floats:
    """Two-sided Student quantile; NaN where `df` is below one."""
    usable = np.where(df >= 1, df, np.nan)
    return np.asarray(stats.t.ppf((1 + level) / 2, usable), dtype=float)


def mean_interval(estimate: Floats, se: Floats, df: Floats, level: float) -> Bounds:
    """Symmetric interval on Student's t with the domain's degrees of freedom."""
    half = t_quantile(level, df) * se
    return estimate - half, estimate + half


def logit_interval(p: Floats, se: Floats, n: Floats, df: Floats, level: float) -> Bounds:
    """Interval on the logit scale, as R's `svyciprop(method="logit")`."""
    half = t_quantile(level, df) * se / (p * (1 - p))
    centre = special.logit(p)
    return special.expit(centre - half), special.expit(centre + half)


def beta_interval(p: Floats, se: Floats, n: Floats, df: Floats, level: float) -> Bounds:
    """Korn-Graubard interval, as R's `svyciprop(method="beta")`.

    Clopper-Pearson limits at the effective sample size, which is reduced for few
    degrees of freedom (Korn and Graubard 1998). `n` counts rows of the domain.
    """
    alpha = (1 - level) / 2
    effective = p * (1 - p) / se**2
    effective = effective * (t_quantile(level, n - 1) / t_quantile(level, df)) ** 2
    x = effective * p
    low = stats.beta.ppf(alpha, x, effective - x + 1)
    high = stats.beta.ppf(1 - alpha, x + 1, effective - x)
    return np.asarray(low), np.asarray(high)


def wilson_interval(p: Floats, se: Floats, n: Floats, df: Floats, level: float) -> Bounds:
    """Wilson's score interval at the effective sample size, on Student's t.

    Few degrees of freedom enter once, through the quantile.
    """
    return wilson_at(p, p * (1 - p) / se**2, df, level)


def wilson_at(p: Floats, effective_n: Floats, df: Floats, level: float) -> Bounds:
    """Wilson's score interval for a given effective sample size."""
    t2 = t_quantile(level, df) ** 2
    centre = (p + t2 / (2 * effective_n)) / (1 + t2 / effective_n)
    root = np.sqrt(p * (1 - p) / effective_n + t2 / (4 * effective_n**2))
    half = np.sqrt(t2) * root / (1 + t2 / effective_n)
    return np.maximum(centre - half, 0.0), np.minimum(centre + half, 1.0)


METHODS: dict[str, Callable[[Floats, Floats, Floats, Floats, float], Bounds]] = {
    "logit": logit_interval,
    "beta": beta_interval,
    "wilson": wilson_interval,
}


def proportion_interval(
    p: Floats,
    se: Floats,
    n: Floats,
    df: Floats,
    *,
    method: str,
    level: float,
    reference_deff: float = 1.0,
) -> Bounds:
    """Interval of a proportion by `method`; Wilson's at exactly 0 and 1.

    At 0 % and 100 % the design gives no variance, so no method above applies:
    Wilson's interval is taken at `n` divided by `reference_deff`, the design
    effect of the whole frame (never below 1).

    Parameters
    ----------
    p, se, n, df
        Proportion, standard error, rows and degrees of freedom of each domain.
    method
        ``logit``, ``beta`` or ``wilson``.
    level
        Confidence level.
    reference_deff
        Design effect assumed where the domain has none of its own.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        low, high = METHODS[method](p, se, n, df, level)
        edge = (p <= 0) | (p >= 1) | (se <= 0)
        effective = n / (reference_deff if reference_deff > 1 else 1.0)
        edge_low, edge_high = wilson_at(p, effective, df, level)
    return np.where(edge, edge_low, low), np.where(edge, edge_high, high)
