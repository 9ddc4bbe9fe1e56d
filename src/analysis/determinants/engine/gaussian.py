"""Exact likelihood of a linear model with nested random intercepts, up the same tree.

Holds MixedLM to account: its optimisers can stop early, or report convergence hundreds of
log-likelihood units away (lbfgs), so every fit is brought to zero gradient here.

Weights multiply the log-likelihoods of rows and of groups (Rabe-Hesketh and Skrondal 2006). The
model is Gaussian, so the weighted integrals over the groups' effects have a closed form too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.determinants.engine.laplace import Elimination, eliminate
from analysis.determinants.engine.optimise import CONVERGED, invert_information
from analysis.determinants.engine.tree import FloatArray, GroupTree, IntArray
from analysis.determinants.engine.weights import Weights

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
    the residual standard deviation. Columns are made orthonormal first: a column measured in
    millions, or a response far from 0, costs no digits.
    """

    def __init__(
        self,
        x: FloatArray,
        endog: FloatArray,
        tree: GroupTree,
        reml: bool,
        weights: Weights | None = None,
    ) -> None:
        self.tree, self.reml, self.n_fixed = tree, reml, x.shape[1]
        self.rows = np.ones(len(x)) if weights is None else weights.rows
        self.nodes = tuple(np.ones(len(labels)) for labels in tree.labels)
        if weights is not None:
            self.nodes = weights.nodes
        self.basis, self.triangle = np.linalg.qr(x)
        self.start = self.basis.T @ endog
        self.total = float(self.rows.sum())
        columns = np.column_stack([self.basis, endog - self.basis @ self.start])
        weighted = columns * self.rows[:, None]
        self.cross = weighted.T @ columns
        self.sums = tree.up(tree.depth - 1, weighted)
        self.info = tree.up(tree.depth - 1, self.rows)

    def solve(self, ratio: FloatArray) -> tuple[Elimination, FloatArray, FloatArray, float]:
        """Generalised least squares at given ratios, in the orthonormal columns.

        Returns the solver, the estimate, X'V^-1X and the residual sum of squares.
        """
        solver = eliminate(self.tree, ratio, self.nodes, self.info)
        cross = solver.absorb(self.cross, self.sums)
        p = self.n_fixed
        beta: FloatArray = np.linalg.solve(cross[:p, :p], cross[:p, p]).astype(float)
        return solver, beta, cross[:p, :p], float(cross[p, p] - cross[:p, p] @ beta)

    def loglik(self, at: FloatArray) -> float:
        """Log-likelihood at (ratios, log residual standard deviation)."""
        solver, _, inner, residual = self.solve(at[:-1])
        scale = np.exp(2 * at[-1])
        freedom = self.total - self.n_fixed if self.reml else self.total
        deviance = residual / scale + freedom * np.log(2 * np.pi * scale) + 2 * solver.half_logdet
        if self.reml:
            deviance += np.linalg.slogdet(inner)[1]
            deviance += 2 * float(np.sum(np.log(np.abs(np.diag(self.triangle)))))
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
        back = np.linalg.inv(self.triangle).astype(float)
        return GaussianFit(
            beta=back @ (self.start + beta),
            covariance=residual_sd**2 * back @ np.linalg.inv(inner).astype(float) @ back.T,
            sd=np.abs(at[:-1]) * residual_sd,
            sd_errors=errors[:-1],
            scale=residual_sd**2,
            loglik=self.loglik(at),
            gradient_se=size,
            solver=solver,
        )
