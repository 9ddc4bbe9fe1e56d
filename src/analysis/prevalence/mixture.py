"""Predictions that do not pretend the variance between areas is known.

With thirty areas and some thirty children each, the restricted likelihood of the area
variance A is wide and often highest near zero: a single estimate of A gives intervals
that are too short just when the areas look alike by chance. Here each A on a grid gives
its own prediction, and the predictions are mixed by A's restricted likelihood times
√A: between no adjustment and the factor A of Li and Lahiri (2010). Measured
(benchmarks/coverage.py): at 27 children per area a bootstrap pivot at a single adjusted
A covered 82 to 97 % from one population to the next, the mixture 94 to 97 %.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from analysis.prevalence.smallarea import profile

Floats = npt.NDArray[np.float64]

#: Power of A by which its restricted likelihood is multiplied.
ADJUSTMENT = 0.5


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


def area_variance_range(y: Floats, d: Floats) -> tuple[float, float]:
    """Values of A from next to nothing to far beyond what the data can hold."""
    spread = float(np.var(y)) if y.size > 1 else 0.0
    top = 8 * max(spread, float(np.median(d)))
    return top * 1e-4, top


def likelihood_weights(y: Floats, d: Floats, x: Floats, grid: Floats) -> Floats:
    """Weight of each A on a logarithmic grid, adding up to one for each data set."""
    loglik = profile(grid, y, d, x, "reml")
    # One more power of A because steps on the grid grow with it.
    weight = np.exp(loglik - loglik.max(axis=0)) * grid[:, None] ** (1 + ADJUSTMENT)
    return np.asarray(weight / weight.sum(axis=0))


def mix(
    y: Floats,
    d: Floats,
    x: Floats,
    *,
    points: int = 30,
    within: tuple[float, float] | None = None,
) -> Mixture:
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
    points
        Values of A.
    within
        Range of A; found from the data unless given.
    """
    several = y.ndim == 2
    data = y if several else y[:, None]
    seen = np.isfinite(data[:, 0])
    ys, ds, xs = data[seen], d[seen], x[seen]
    if within is None:
        # A coarse look first, so that the grid lies where the likelihood does.
        coarse = np.geomspace(*area_variance_range(ys, ds), 25)
        held = np.flatnonzero(likelihood_weights(ys, ds, xs, coarse).max(axis=1) > 1e-5)
        within = float(coarse[max(held[0] - 1, 0)]), float(coarse[min(held[-1] + 1, 24)])
    grid = np.geomspace(*within, points)
    weight = likelihood_weights(ys, ds, xs, grid)
    centre, fixed = np.empty((2, points, *data.shape))
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


def quantiles(
    mixture: Mixture, probabilities: tuple[float, float], d: Floats, df: Floats
) -> list[Floats]:
    """Quantiles of each area's value, found by bisection: no simulation noise.

    A sampling variance `d` known on `df` degrees of freedom makes the prediction's own
    variance known on df / γ² degrees, γ = A / (A + D) being how much it depends on D.
    """
    grid = mixture.grid[:, None]
    weight_of_direct = grid / (grid + np.where(np.isfinite(d), d, np.inf))
    freedom = np.minimum(df / np.maximum(weight_of_direct, 1e-3) ** 2, 1e6)
    mean, variance = mixture.moments()
    scale = np.sqrt(mixture.variance)
    result = []
    for probability in probabilities:
        low, high = mean - 12 * np.sqrt(variance), mean + 12 * np.sqrt(variance)
        for _ in range(26):
            middle = (low + high) / 2
            reached = special.stdtr(freedom, (middle - mixture.centre) / scale)
            below = mixture.average(reached) < probability
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        result.append((low + high) / 2)
    return result
