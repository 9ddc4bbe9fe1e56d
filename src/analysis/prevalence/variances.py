"""Smoothed sampling variances: what clustering and weights cost, pooled over areas.

With a few clusters per area the variance of each direct estimate is itself a poor
estimate, and with one cluster there is none. The generalised variance function here
takes one intracluster correlation for all areas and each area's own cluster sizes and
weights:

    Var(ȳ_i) = σ² [ (1 − ρ) Σ w² + ρ Σ_c (Σ_{j in c} w)² ] / (Σ w)²  =  σ² / n_eff,i
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.prevalence.design import estimate, outcome_values, read_design

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]

#: Degrees of freedom the pooled variance is given against an area's own. Chosen by
#: simulation (benchmarks/coverage.py): with fewer, noise of the own variances enters;
#: with more, areas with unusual clusters get too short intervals.
POOLED_DF = 6.0

#: From so many degrees of freedom on, the areas' own variances correct the pooled level.
CALIBRATION_DF = 20.0

#: Beyond this a pooled correlation of children in one cluster is not believed.
LARGEST_CORRELATION = 1.0


@dataclass(frozen=True)
class AreaSample:
    """What the survey holds on each area, one entry per area; empty areas have n = 0."""

    mean: Floats
    n: Codes
    psus: Codes
    effective_n: Floats
    within_variance: float  # of children within areas, pooled
    correlation: float  # of children within clusters, given the area
    own_variance: Floats  # of the mean, from the design alone; NaN where there is none
    own_df: Floats
    is_share: bool

    @property
    def can_be_smoothed(self) -> bool:
        """Whether there is a child, and for means a variance between children."""
        return bool((self.n > 0).any()) and (self.is_share or self.within_variance > 0)


def area_sample(
    values: Floats,
    area: Codes,
    areas: int,
    weight: Floats,
    psu: Codes,
    *,
    is_share: bool,
    own: pd.DataFrame | None = None,
) -> AreaSample:
    """Pool the within-cluster correlation and find each area's effective sample size.

    Parameters
    ----------
    values
        Outcome per child, no missing values.
    area, psu
        Codes per child; `area` runs over `range(areas)`.
    weight
        Positive sampling weights.
    is_share
        Whether the outcome is true/false.
    own
        Direct estimates in the order of the areas, with `se` and `df`.
    """
    base = int(psu.max(initial=0)) + 1
    cells, cell = np.unique(area * base + psu, return_inverse=True)
    owner = np.asarray(cells // base, dtype=np.int64)
    total = _sums(area, weight, areas)
    correlation, within = pooled_correlation(values, area, areas, cell, owner)
    clusters = _sums(cell, weight, len(cells))
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = _sums(area, weight * values, areas) / total
        alone, together = _sums(area, weight**2, areas), _sums(owner, clusters**2, areas)
        effective = total**2 / ((1 - correlation) * alone + correlation * together)
    nothing = np.full(areas, np.nan)
    return AreaSample(
        mean=mean,
        n=np.bincount(area, minlength=areas),
        psus=np.bincount(owner, minlength=areas),
        effective_n=effective,
        within_variance=within,
        correlation=correlation,
        own_variance=nothing if own is None else own["se"].to_numpy(dtype=float) ** 2,
        own_df=nothing if own is None else own["df"].to_numpy(dtype=float),
        is_share=is_share,
    )


def sample_areas(
    frame: pd.DataFrame,
    outcome: str,
    *,
    area: str,
    areas: Sequence[str],
    weight: str | None = None,
    stratum: str | None = None,
    psu: str | None = None,
    direct: pd.DataFrame | None = None,
) -> AreaSample:
    """Read an outcome's sample from the children's table.

    Parameters
    ----------
    frame, outcome, weight, stratum, psu
        As for `design.estimate`.
    area, areas
        Column with the area's code, and all codes in order, sampled or not.
    direct
        Direct estimates of these areas in order, if already made.
    """
    coded = frame.assign(**{area: pd.Categorical(frame[area], categories=list(areas))})
    if direct is None:
        direct = estimate(coded, outcome, weight=weight, stratum=stratum, psu=psu, by=area)
    design = read_design(coded, weight, stratum, psu)
    values, is_share = outcome_values(coded[outcome])
    codes = np.asarray(coded[area].cat.codes, dtype=np.int64)
    used = (codes >= 0) & np.isfinite(values) & (design.weight > 0)
    return area_sample(
        values[used], codes[used], len(areas), design.weight[used], design.psu[used],
        is_share=is_share, own=direct,
    )  # fmt: skip


def _sums(codes: Codes, values: Floats, length: int) -> Floats:
    return np.asarray(np.bincount(codes, values, minlength=length), dtype=float)


def pooled_correlation(
    values: Floats, area: Codes, areas: int, cell: Codes, owner: Codes
) -> tuple[float, float]:
    """Intracluster correlation within areas, by analysis of variance, and the variance.

    Donner's estimator with unequal cluster sizes; 0 where nothing can be said, e.g.
    each child its own cluster.
    """
    rows, clusters = len(values), len(owner)
    n = np.bincount(area, minlength=areas)
    size = np.bincount(cell, minlength=clusters)
    present = int((n > 0).sum())
    if rows <= present:
        return 0.0, float("nan")
    cluster_mean = np.bincount(cell, values, minlength=clusters) / np.maximum(size, 1)
    area_mean = np.bincount(area, values, minlength=areas) / np.maximum(n, 1)
    within_ss = float(((values - cluster_mean[cell]) ** 2).sum())
    between_ss = float((size * (cluster_mean - area_mean[owner]) ** 2).sum())
    within_df, between_df = rows - clusters, clusters - present
    pooled = (within_ss + between_ss) / (rows - present)
    if within_df <= 0 or between_df <= 0:
        return 0.0, pooled
    msw, msb = within_ss / within_df, between_ss / between_df
    own = _sums(owner, np.asarray(size**2, dtype=float), areas) / np.maximum(n, 1)
    m0 = (rows - own.sum()) / between_df
    between = max(0.0, (msb - msw) / m0) if m0 > 0 else 0.0
    total = between + msw
    rho = min(between / total, LARGEST_CORRELATION) if total > 0 else 0.0
    return rho, total


def own_share(sample: AreaSample) -> tuple[Floats, Floats]:
    """How far each area's variance leaves the pooled one, and on how many degrees.

    First the level: what stratification within areas saves (or a design the formula does
    not know costs) is the average ratio of the areas' own design-based variances to the
    pooled ones. Then each area's own ratio speaks with its degrees of freedom against
    `POOLED_DF`.

    Returns
    -------
    array, array
        Factor on the pooled variance; degrees of freedom of the result.
    """
    element = np.full(len(sample.n), sample.within_variance)
    with np.errstate(divide="ignore", invalid="ignore"):
        if sample.is_share:  # unbiased in few effective children
            spared = sample.effective_n / (sample.effective_n - 1)
            element = sample.mean * (1 - sample.mean) * np.where(spared > 0, spared, np.nan)
        ratio = sample.own_variance * sample.effective_n / element
    usable = np.isfinite(ratio) & (sample.own_df >= 1) & (ratio > 0)
    df = np.where(usable, sample.own_df, 0.0)
    ratio = np.where(usable, ratio, 0.0)
    level = 1.0
    if df.sum() >= CALIBRATION_DF:
        level = float(np.clip((df * ratio).sum() / df.sum(), 0.02, 3.0))
    own = np.clip(ratio, level / 20, level * 8)
    return (POOLED_DF * level + df * own) / (POOLED_DF + df), POOLED_DF + df
