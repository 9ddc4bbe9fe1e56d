"""Maximise a marginal log-likelihood with an exact gradient, and measure how well it was done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.linalg import solve_triangular
from scipy.optimize import minimize

from analysis.determinants.engine.laplace import Evaluation, LaplaceLikelihood, Problem
from analysis.determinants.engine.tree import BoolArray, FloatArray

CONVERGED = 1e-3  # largest gradient, in standard errors, of a model that may be published
DIFFERENCE = 1e-3  # step of the Hessian's differences, in standard errors
START_SD = 0.5
NEAR_ZERO = 0.02  # below this a standard deviation is compared with exactly 0
RUNAWAY = 25.0  # a standard deviation of 25 logits is a likelihood without a maximum


class Likelihood(Protocol):
    """Anything that gives a log-likelihood and the pieces of its gradient."""

    problem: Problem

    def evaluate(self, theta: FloatArray) -> Evaluation:
        """Log-likelihood and scores at all parameters."""


@dataclass(frozen=True)
class Optimum:
    """Where the likelihood is largest.

    Attributes
    ----------
    theta
        Fixed effects, then standard deviations.
    hessian
        Of the log-likelihood in ``theta``.
    gradient_se
        Largest gradient component times its parameter's standard error, and largest
        remaining Newton step in standard errors, whichever is larger.
    free
        Parameters not at their boundary.
    """

    theta: FloatArray
    loglik: float
    gradient: FloatArray
    hessian: FloatArray
    gradient_se: float
    free: BoolArray
    converged: bool
    evaluations: int


class _Whitened:
    """The likelihood in coordinates where the starting guess of its Hessian is the identity."""

    def __init__(self, likelihood: Likelihood, start: FloatArray, root: FloatArray) -> None:
        self.likelihood, self.start, self.root = likelihood, start, root
        self.evaluations = 0

    def theta(self, z: FloatArray) -> FloatArray:
        shift: FloatArray = solve_triangular(self.root, z, lower=True, trans="T")
        return self.start + shift

    def coordinates(self, theta: FloatArray) -> FloatArray:
        shifted: FloatArray = self.root.T @ (theta - self.start)
        return shifted

    def value_gradient(self, theta: FloatArray) -> tuple[float, FloatArray]:
        self.evaluations += 1
        found = self.likelihood.evaluate(theta)
        return found.loglik, total_gradient(self.likelihood.problem, found)

    def objective(self, z: FloatArray) -> tuple[float, FloatArray]:
        value, gradient = self.value_gradient(self.theta(z))
        return -value, -solve_triangular(self.root, gradient, lower=True)

    def hessian(self, theta: FloatArray) -> FloatArray:
        """Central differences of the exact gradient along the whitened axes."""
        steps = DIFFERENCE * solve_triangular(self.root, np.eye(len(theta)), lower=True, trans="T")
        columns = [
            self.value_gradient(theta + step)[1] - self.value_gradient(theta - step)[1]
            for step in steps.T
        ]
        across = np.column_stack(columns) / (2 * DIFFERENCE)
        hessian = across @ self.root.T
        return 0.5 * (hessian + hessian.T)


def total_gradient(problem: Problem, found: Evaluation) -> FloatArray:
    """Gradient in fixed effects and standard deviations."""
    fixed = problem.x.T @ found.row_scores
    return np.concatenate([fixed, [float(s.sum()) for s in found.sd_scores]])


def maximise(likelihood: Likelihood, beta: FloatArray) -> Optimum:
    """Quasi-Newton from an ordinary logit, then Newton steps with the full joint Hessian.

    A standard deviation that came to rest at 0 where the likelihood curves upwards is on a
    saddle between its two signs; the search then starts once more away from 0.
    """
    problem = likelihood.problem
    start = np.concatenate([beta, np.full(problem.tree.depth, START_SD)])
    information = _starting_information(problem, start)
    search = _Whitened(likelihood, start, np.linalg.cholesky(information).astype(float))
    found = _search(search, np.zeros_like(start))
    saddle = ~found.free & (np.diag(found.hessian) > 0)
    if saddle.any():
        away = np.where(saddle, START_SD, found.theta)
        again = _search(search, search.coordinates(away))
        found = again if again.loglik > found.loglik else found
    return found


def _search(search: _Whitened, start: FloatArray) -> Optimum:
    options = {"gtol": 1e-3, "maxiter": 300}
    found = minimize(search.objective, start, jac=True, method="BFGS", options=options)
    return _polish(search, _at_boundary(search, search.theta(found.x)))


def _polish(search: _Whitened, theta: FloatArray) -> Optimum:
    """Newton steps while they raise the likelihood or at least halve what is left."""
    n_fixed = search.likelihood.problem.n_fixed
    free = np.ones(len(theta), dtype=bool)
    free[n_fixed:] = theta[n_fixed:] != 0
    value, gradient = search.value_gradient(theta)
    hessian = search.hessian(theta)
    step, size = _newton_step(gradient, hessian, free)
    moved = 0.0
    for _ in range(15):
        if not np.isfinite(size) or size < 1e-6:
            break
        trial, trial_gradient = search.value_gradient(theta + step)
        trial_step, trial_size = _newton_step(trial_gradient, hessian, free)
        if trial < value - 1e-9 * abs(value) and trial_size > 0.5 * size:
            break
        theta, value, gradient = theta + step, trial, trial_gradient
        moved += size
        step, size = trial_step, trial_size
        if moved > 0.02:
            hessian, moved = search.hessian(theta), 0.0
            step, size = _newton_step(gradient, hessian, free)
    if moved > 1e-3:
        hessian = search.hessian(theta)
    _, size = _newton_step(gradient, hessian, free)
    theta = np.concatenate([theta[:n_fixed], np.abs(theta[n_fixed:])])
    sane = bool(np.all(theta[n_fixed:] < RUNAWAY))
    return Optimum(
        theta=theta,
        loglik=value,
        gradient=gradient,
        hessian=hessian,
        gradient_se=float(size),
        free=free,
        converged=bool(size < CONVERGED) and sane,
        evaluations=search.evaluations,
    )


def _newton_step(
    gradient: FloatArray, hessian: FloatArray, free: BoolArray
) -> tuple[FloatArray, float]:
    """Newton step over the free parameters and its size in standard errors."""
    step = np.zeros_like(gradient)
    try:
        covariance = invert_information(-hessian[np.ix_(free, free)])
    except np.linalg.LinAlgError:
        return step, float("inf")
    errors = np.sqrt(np.diag(covariance))
    step[free] = covariance @ gradient[free]
    in_errors = np.abs(step[free]) / errors
    return step, float(max(np.max(in_errors), np.max(np.abs(gradient[free]) * errors)))


def invert_information(information: FloatArray) -> FloatArray:
    """Inverse of a positive-definite matrix, scaled first; LinAlgError when it is not one."""
    diagonal = np.diag(information)
    if np.any(diagonal <= 0) or not np.all(np.isfinite(information)):
        raise np.linalg.LinAlgError("information is not positive")
    scale = 1 / np.sqrt(diagonal)
    root = np.linalg.cholesky(information * np.outer(scale, scale))
    inverse_root: FloatArray = solve_triangular(root, np.eye(len(scale)), lower=True)
    return (inverse_root.T @ inverse_root) * np.outer(scale, scale)


def _at_boundary(search: _Whitened, theta: FloatArray) -> FloatArray:
    """Set a standard deviation to exactly 0 where 0 is as likely as the value found."""
    n_fixed = search.likelihood.problem.n_fixed
    for k in range(n_fixed, len(theta)):
        if abs(theta[k]) >= NEAR_ZERO:
            continue
        at_zero = theta.copy()
        at_zero[k] = 0.0
        value, _ = search.value_gradient(theta)
        if search.value_gradient(at_zero)[0] >= value - 1e-4:
            theta = at_zero
    return theta


def _starting_information(problem: Problem, start: FloatArray) -> FloatArray:
    """Information of all parameters at the start, of the logit linearised there."""
    tree, weights = problem.tree, problem.node_weights
    laplace = LaplaceLikelihood(problem)
    beta, sd = problem.split(start)
    _, prob, _ = laplace.find_mode(problem.x @ beta, sd)
    solver = laplace.solver
    assert solver is not None
    info = problem.row_weights * problem.trials * prob * (1 - prob)
    weighted = problem.x * info[:, None]
    fixed = solver.absorb(weighted.T @ problem.x, tree.up(tree.depth - 1, weighted))
    by_sd = [
        2 * float(weights[k] @ (sd[k] * solver.info[k] / solver.pivot[k]) ** 2)
        for k in range(tree.depth)
    ]
    full = np.zeros((len(start), len(start)))
    full[: len(beta), : len(beta)] = fixed
    full[range(len(beta), len(start)), range(len(beta), len(start))] = np.maximum(by_sd, 1e-2)
    return full + np.diag(1e-10 * np.diag(full))
