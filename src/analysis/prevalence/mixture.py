"""Predictions that do not pretend the variance between areas is known.

With thirty areas and some thirty children each, the restricted likelihood of the area
variance A is wide and often highest near zero: a single estimate of A gives intervals
that are too short just when the areas look alike by chance. Here each A on a grid gives
its own prediction, and the predictions are mixed by A's restricted likelihood (a flat
prior on A; Morris 1983, Datta, Ghosh, Smith and Lahiri 2005).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from analysis.prevalence.smallarea import profile

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Mixture:
    """Normal predictions of every area for each A of a grid, and their weights.

    `centre`, `variance` have shape (grid, areas), or (grid, areas, data sets) where
    several data sets were fitted at once; `weight` has shape (grid,) or (grid, data sets).
    """

    grid: Floats
    weight: Floats
    centre: Floats
    variance: Floats
    synthetic: Floats

    def average(self, values: Floats) -> Floats:
        """Mean of `values` (first axis the grid) over the mixture."""
        if values.ndim == 3:
            return np.asarray(np.einsum("kb,kmb->mb", self.weight, values))
        return np.asarray(np.tensordot(self.weight, values, axes=(0, 0)))

    def moments(self) -> tuple[Floats, Floats]:
        """Mean and variance of each area's value."""
        mean = self.average(self.centre)
        spread = self.variance if self.centre.ndim == 2 else self.variance[:, :, None]
        return mean, self.average(spread + (self.centre - mean) ** 2)

    @property
    def area_variance(self) -> float:
        """Mean of A."""
        return float(self.weight @ self.grid)


def area_variance_grid(y: Floats, d: Floats, points: int) -> Floats:
    """Values of A, logarithmic, from next to nothing to far beyond what the data can hold."""
    spread = float(np.var(y)) if y.size > 1 else 0.0
    top = 8 * max(spread, float(np.median(d)))
    return np.geomspace(top * 1e-4, top, points)


def mix(y: Floats, d: Floats, x: Floats, *, points: int = 40) -> Mixture:
    """Predict every area for each A and weigh the predictions.

    Parameters
    ----------
    y
        Direct estimates, NaN where there is none; shape (areas,) or (areas, data sets),
        the data sets sharing `d` and `x`.
    d
        Sampling variances of the areas with a direct estimate; others ignored.
    x
        Design matrix of all areas, of full rank over those with a direct estimate.
    """
    several = y.ndim == 2
    data = y if several else y[:, None]
    seen = np.isfinite(data[:, 0])
    ys, ds, xs = data[seen], d[seen], x[seen]
    grid = area_variance_grid(ys, ds, points)
    loglik = profile(grid, ys, ds, xs, "reml")
    weight = np.exp(loglik - loglik.max(axis=0)) * grid[:, None]  # dA on a logarithmic grid
    weight /= weight.sum(axis=0)
    centre = np.empty((points, *data.shape))
    fixed = np.empty_like(centre)
    variance = np.empty((points, len(data)))
    for k, a in enumerate(grid):
        w = 1 / (a + ds)
        covariance = np.linalg.inv((xs.T * w) @ xs)
        fixed[k] = x @ (covariance @ ((xs.T * w) @ ys))
        b = np.ones(len(data))
        b[seen] = ds * w
        centre[k] = fixed[k]
        centre[k][seen] += (1 - b[seen])[:, None] * (ys - fixed[k][seen])
        variance[k] = a * b + b**2 * np.einsum("ij,jk,ik->i", x, covariance, x)
    if several:
        return Mixture(grid, weight, centre, variance, fixed)
    return Mixture(grid, weight[:, 0], centre[:, :, 0], variance, fixed[:, :, 0])


def quantiles(mixture: Mixture, probabilities: tuple[float, float], df: Floats) -> list[Floats]:
    """Quantiles of each area's value, Student's t with `df` around each prediction.

    Found by bisection of the mixture's distribution function: no simulation noise.
    """
    mean, variance = mixture.moments()
    scale = np.sqrt(mixture.variance)
    result = []
    for probability in probabilities:
        low, high = mean - 12 * np.sqrt(variance), mean + 12 * np.sqrt(variance)
        for _ in range(34):
            middle = (low + high) / 2
            reached = mixture.weight @ special.stdtr(df, (middle - mixture.centre) / scale)
            low = np.where(reached < probability, middle, low)
            high = np.where(reached < probability, high, middle)
        result.append((low + high) / 2)
    return result
