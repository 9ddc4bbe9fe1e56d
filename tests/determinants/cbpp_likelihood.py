"""Laplace's likelihood of the cbpp data written out directly, to judge standard errors by.

Nothing of the engine is used here: one level, dense arrays, Newton's method for the modes, the
Hessian by second differences of the log-likelihood itself.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy.special import gammaln


class Herds:
    """``incidence ~ period + (1 | herd)``; parameters: four effects, then the herds' sd."""

    def __init__(self, data: pd.DataFrame) -> None:
        period = data["period"].to_numpy()
        self.x = np.column_stack([np.ones(len(data)), *(period == k for k in (2, 3, 4))])
        self.y, self.m = data["incidence"].to_numpy(float), data["size"].to_numpy(float)
        self.herd, _ = pd.factorize(data["herd"])
        y, m = self.y, self.m
        self.constant = (gammaln(m + 1) - gammaln(y + 1) - gammaln(m - y + 1)).sum()

    def sums(self, values: np.ndarray) -> np.ndarray:
        return np.bincount(self.herd, values)

    def joint(self, eta: np.ndarray, u: np.ndarray) -> float:
        return float((self.y * eta - self.m * np.logaddexp(0, eta)).sum() - 0.5 * u @ u)

    def at_mode(self, theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Linear predictor and effects where Newton's method stands still."""
        fixed, sd = self.x @ theta[:4], theta[4]
        u = np.zeros(self.herd.max() + 1)
        for _ in range(50):
            p = 1 / (1 + np.exp(-(fixed + sd * u[self.herd])))
            slope = sd * self.sums(self.y - self.m * p) - u
            u = u + slope / (1 + sd**2 * self.sums(self.m * p * (1 - p)))
        return fixed + sd * u[self.herd], u

    def loglik(self, theta: np.ndarray) -> float:
        """Laplace's log-likelihood at the mode."""
        eta, u = self.at_mode(theta)
        p = 1 / (1 + np.exp(-eta))
        curvature = 1 + theta[4] ** 2 * self.sums(self.m * p * (1 - p))
        return self.constant + self.joint(eta, u) - 0.5 * float(np.log(curvature).sum())

    def stopped_early(self, theta: np.ndarray, start: np.ndarray, tolerance: float) -> float:
        """The same as lme4 has it: reweighted least squares from a linear predictor ``start``.

        The search for the mode ends when the penalised deviance changes by less than a share
        ``tolerance``; the determinant is that of the weights before the last step.
        """
        fixed, sd, eta, last = self.x @ theta[:4], theta[4], start, np.inf
        saturated = _saturated(self.y, self.m)
        for _ in range(100):
            p = 1 / (1 + np.exp(-eta))
            weight = self.m * p * (1 - p)
            working = eta - fixed + (self.y - self.m * p) / weight
            curvature = 1 + sd**2 * self.sums(weight)
            u = sd * self.sums(weight * working) / curvature
            eta = fixed + sd * u[self.herd]
            deviance = 2 * (saturated - self.joint(eta, u))
            if abs(last - deviance) < tolerance * deviance:
                break
            last = deviance
        return self.constant + self.joint(eta, u) - 0.5 * float(np.log(curvature).sum())


def _saturated(y: np.ndarray, m: np.ndarray) -> float:
    share = np.clip(y / m, 1e-300, 1 - 1e-16)
    return float((y * np.log(share) + (m - y) * np.log1p(-share)).sum())


def errors(loglik: Callable[[np.ndarray], float], theta: np.ndarray, step: float) -> np.ndarray:
    """Standard errors from the Hessian by second differences."""
    moves = step * np.eye(len(theta))
    hessian = [
        [
            loglik(theta + a + b)
            - loglik(theta + a - b)
            - loglik(theta - a + b)
            + loglik(theta - a - b)
            for a in moves
        ]
        for b in moves
    ]
    return np.sqrt(np.diag(np.linalg.inv(-np.array(hessian) / (4 * step**2))))
