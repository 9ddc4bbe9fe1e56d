"""Exact likelihood of a linear model with nested random intercepts, up the same tree.

Holds MixedLM to account: its optimisers can stop early, or report convergence hundreds of
log-likelihood units away (lbfgs), so every fit is brought to zero gradient here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.determinants.laplace import Elimination, eliminate
from analysis.determinants.optimise import CONVERGED, invert_information
from analysis.determinants.tree import FloatArray, GroupTree, IntArray

STEP = 1e-3  # of finite differences, in logs or residual standard deviations
NEAR_ZERO = 0.02  # in residual standard deviations: compared with exactly 0


@dataclass(frozen=True)
class GaussianFit:
    """Maximum of the (restricted) likelihood.

    ``covariance`` is of the fixed effects, ``sd_errors`` of the groups' standard deviations.
    """

    beta: FloatArray
    covariance: FloatArray
    sd: FloatArray
    sd_errors: FloatArray
    scale: float
    loglik: float
    gradient_se: float
    solver: Elimination

    @property
    def converged(self) -> bool:
        """Whether the gradient is nil to the project's tolerance."""
        return self.gradient_se < CONVERGED


class GaussianLikelihood:
    """Profile (restricted) log-likelihood in the standard deviations.

    Coordinates: standard deviations of the groups over the residual one, then the log of
    the residual standard deviation.
    """

    def __init__(self, x: FloatArray, endog: FloatArray, tree: GroupTree, reml: bool) -> None:
        self.tree, self.reml, self.shape = tree, reml, x.shape
        columns = np.column_stack([x, endog])
        self.cross = columns.T @ columns
        self.sums = tree.up(tree.depth - 1, columns)
        self.sizes = tree.sizes[-1].astype(float)
        self.ones = tuple(np.ones(len(labels)) for labels in tree.labels)

    def solve(self, ratio: FloatArray) -> tuple[Elimination, FloatArray, FloatArray, float]:
        """Generalised least squares at given ratios: solver, estimate, X'V^-1X, residual sum."""
        solver = eliminate(self.tree, ratio, self.ones, self.sizes)
        cross = solver.absorb(self.cross, self.sums)
        p = self.shape[1]
        beta: FloatArray = np.linalg.solve(cross[:p, :p], cross[:p, p]).astype(float)
        return solver, beta, cross[:p, :p], float(cross[p, p] - cross[:p, p] @ beta)

    def loglik(self, at: FloatArray) -> float:
        """Log-likelihood at (ratios, log residual standard deviation)."""
        n, p = self.shape
        solver, _, inner, residual = self.solve(at[:-1])
        scale = np.exp(2 * at[-1])
        freedom = n - p if self.reml else n
        deviance = residual / scale + freedom * np.log(2 * np.pi * scale) + 2 * solver.half_logdet
        if self.reml:
            deviance += np.linalg.slogdet(inner)[1]
        return float(-0.5 * deviance)

    def maximise(self, sd: FloatArray, scale: float) -> GaussianFit:
        """Newton's method from a start, a ratio near 0 compared with exactly 0."""
        at = np.append(sd / np.sqrt(scale), np.log(scale) / 2)
        free = np.ones(len(at), dtype=bool)
        size = np.inf
        for _ in range(60):
            at, free = self._boundary(at, free)
            step, size = self._newton(at, free)
            if not np.isfinite(size) or size < 1e-7:
                break
            at = self._advance(at, step)
        return self._result(at, free, size)

    def _boundary(self, at: FloatArray, free: FloatArray) -> tuple[FloatArray, FloatArray]:
        free = free.copy()
        for k in np.flatnonzero(free[:-1]):
            if abs(at[k]) < NEAR_ZERO:
                at_zero = np.where(np.arange(len(at)) == k, 0.0, at)
                if self.loglik(at_zero) >= self.loglik(at) - 1e-6:
                    at, free[k] = at_zero, False
        return at, free

    def _advance(self, at: FloatArray, step: FloatArray) -> FloatArray:
        value = self.loglik(at)
        for _ in range(30):
            if self.loglik(at + step) >= value - 1e-9 * abs(value):
                return at + step
            step = step / 2
        return at

    def _newton(self, at: FloatArray, free: FloatArray) -> tuple[FloatArray, float]:
        gradient, hessian = self._derivatives(at, np.flatnonzero(free))
        step = np.zeros_like(at)
        try:
            covariance = invert_information(-hessian)
        except np.linalg.LinAlgError:
            step[free] = 0.1 * gradient / (1 + np.max(np.abs(gradient)))
            return step, float(np.max(np.abs(gradient)))
        step[free] = covariance @ gradient
        step = step * min(1.0, 1.0 / np.max(np.abs(step))) if np.any(step) else step
        return step, float(np.max(np.abs(covariance @ gradient) / np.sqrt(np.diag(covariance))))

    def _derivatives(self, at: FloatArray, free: IntArray) -> tuple[FloatArray, FloatArray]:
        steps = STEP * np.eye(len(at))[free]
        f = self.loglik
        gradient = np.array([(f(at + s) - f(at - s)) / (2 * STEP) for s in steps])
        hessian = [
            [f(at + a + b) - f(at + a - b) - f(at - a + b) + f(at - a - b) for a in steps]
            for b in steps
        ]
        return gradient, np.array(hessian) / (4 * STEP**2)

    def _result(self, at: FloatArray, free: FloatArray, size: float) -> GaussianFit:
        solver, beta, inner, _ = self.solve(at[:-1])
        residual_sd = float(np.exp(at[-1]))
        errors = np.full(len(at), np.nan)
        _, hessian = self._derivatives(at, np.flatnonzero(free))
        try:
            covariance = invert_information(-hessian)
            jacobian = np.column_stack([np.eye(len(at))[:, :-1] * residual_sd, at * residual_sd])
            jacobian[-1, -1] = residual_sd
            errors[free] = np.sqrt(
                np.diag(jacobian[np.ix_(free, free)] @ covariance @ jacobian[np.ix_(free, free)].T)
            )
        except np.linalg.LinAlgError:
            size = float("inf")
        return GaussianFit(
            beta=beta,
            covariance=residual_sd**2 * np.linalg.inv(inner).astype(float),
            sd=np.abs(at[:-1]) * residual_sd,
            sd_errors=errors[:-1],
            scale=residual_sd**2,
            loglik=self.loglik(at),
            gradient_se=size,
            solver=solver,
        )
