"""Small-area estimates of shares and means: from the survey's children to intervals.

The Fay-Herriot model on the logit scale (shares) or as it is (means), with smoothed
sampling variances, mixed over the variance between areas; standard errors by parametric
bootstrap; shares are transformed back by expectation, so without bias.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special

from analysis.errors import UserError
from analysis.prevalence.mixture import Mixture, mix, quantiles
from analysis.prevalence.smallarea import (
    FayHerriot,
    design_matrix,
    fay_herriot,
    independent_columns,
)
from analysis.prevalence.variances import AreaSample, own_share

Floats = npt.NDArray[np.float64]

#: Nodes and weights of the expectation under a normal distribution.
_NODES, _WEIGHTS = special.roots_hermitenorm(9)
_WEIGHTS = _WEIGHTS / _WEIGHTS.sum()


@dataclass(frozen=True)
class Smoothed:
    """Small-area estimates in the order of the areas, and what they were made from.

    `model` is the Fay-Herriot model fitted by REML to the same direct estimates, on the
    scale of the model, for its coefficients and diagnostics; `direct` and `variance` are
    on that scale too. `area_variance` is the mean of A over its likelihood,
    `correlation` that of children in one cluster.
    """

    estimate: Floats
    se: Floats
    low: Floats
    high: Floats
    model: FayHerriot
    direct: Floats
    variance: Floats
    area_variance: float
    correlation: float


def smooth(
    sample: AreaSample,
    covariates: pd.DataFrame | None = None,
    *,
    level: float = 0.95,
    bootstrap: int = 500,
    seed: int = 0,
) -> Smoothed:
    """Smooth the areas of a survey.

    Parameters
    ----------
    sample
        From `area_sample`; areas with `n == 0` get a synthetic estimate.
    covariates
        One row per area, no missing values; redundant columns are left out.
    level
        Level of the intervals.
    bootstrap
        Parametric bootstrap replicates of the standard errors.
    seed
        Seed of the bootstrap.

    Raises
    ------
    UserError
        No child was sampled, or all children of each area have the same value of a mean.
    """
    if not sample.can_be_smoothed:
        raise UserError("there are too few children with different values to smooth this outcome.")
    share = sample.is_share
    x, _ = design_matrix(covariates, len(sample.n))
    x = x[:, independent_columns(x[sample.n > 0])]
    direct = model_scale(sample, share)
    expected = np.full(len(x), pooled_mean(sample))
    ratio, df = own_share(sample)
    for _ in range(3 if share else 1):
        variance = element_variance(expected, sample, share) / sample.effective_n * ratio
        mixture = mix(direct, variance, x)
        expected = special.expit(mixture.moments()[0])
    tails = (1 - level) / 2, (1 + level) / 2
    low, high = quantiles(mixture, tails, variance, df)
    se = bootstrap_se(mixture, direct, variance, x, share, bootstrap, np.random.default_rng(seed))
    estimate = back_transform(*mixture.moments()) if share else mixture.moments()[0]
    if share:
        low, high = special.expit(low), special.expit(high)
    model = fay_herriot(direct, variance, covariates, method="reml")
    return Smoothed(
        estimate=estimate,
        se=se,
        low=low,
        high=high,
        model=model,
        direct=direct,
        variance=variance,
        area_variance=mixture.area_variance,
        correlation=sample.correlation,
    )


def pooled_mean(sample: AreaSample) -> float:
    """Mean over all sampled areas, by effective sample size."""
    seen = sample.n > 0
    return float(np.average(sample.mean[seen], weights=sample.effective_n[seen]))


def model_scale(sample: AreaSample, share: bool) -> Floats:
    """Direct estimates on the scale of the model.

    Shares become empirical logits, log((y + ½)/(n − y + ½)) of the effective counts,
    which stay finite at 0 and 1 and are nearly unbiased.
    """
    if not share:
        return sample.mean
    count = sample.mean * sample.effective_n
    return np.asarray(np.log((count + 0.5) / (sample.effective_n - count + 0.5)))


def element_variance(expected: Floats, sample: AreaSample, share: bool) -> Floats:
    """Variance of one independent child's outcome on the scale of the model."""
    if not share:
        return np.full(len(expected), sample.within_variance)
    least = 0.5 / np.nansum(sample.effective_n)
    p = np.clip(expected, least, 1 - least)
    return np.asarray(1 / (p * (1 - p)))


def back_transform(centre: Floats, variance: Floats) -> Floats:
    """Mean of expit(θ) for θ normal: what the curve of the logit would bend away."""
    spread = np.sqrt(variance)
    total = np.zeros_like(centre)
    for node, weight in zip(_NODES, _WEIGHTS, strict=True):
        total += weight * special.expit(centre + spread * node)
    return total


def bootstrap_se(
    mixture: Mixture,
    direct: Floats,
    variance: Floats,
    x: Floats,
    share: bool,
    replicates: int,
    rng: np.random.Generator,
) -> Floats:
    """Root mean squared error of each estimate by parametric bootstrap.

    Each replicate draws A from its likelihood, true values and direct estimates from the
    model, and estimates them anew in the same way.
    """
    areas, seen = len(direct), np.isfinite(direct)
    a = rng.choice(mixture.grid, replicates, p=mixture.weight)
    fixed = mixture.average(mixture.synthetic)[:, None]
    truth = fixed + np.sqrt(a) * rng.standard_normal((areas, replicates))
    noise = np.sqrt(np.where(seen, variance, np.nan))[:, None]
    drawn = truth + noise * rng.standard_normal((areas, replicates))
    within = float(mixture.grid[0]) / 4, float(mixture.grid[-1]) * 4
    again = mix(drawn, variance, x, points=14, within=within)
    centre, spread = again.moments()
    if share:
        truth, centre = special.expit(truth), back_transform(centre, spread)
    return np.asarray(np.sqrt(((centre - truth) ** 2).mean(axis=1)))
