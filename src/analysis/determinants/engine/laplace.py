"""Laplace approximation of a nested random-intercept logit, eliminated up the tree of groups.

With spherical effects ``u ~ N(0, 1)`` the linear predictor of row ``i`` is
``x_i'b + sum_l sd_l * u_l``. The Hessian of the joint log-likelihood in ``u`` couples a node
with its ancestors only, and there only through the information of the rows it holds. Taking
out the innermost nodes leaves a matrix of the same form in which a node's information
``V`` has become ``V * w / (w + sd^2 V)``: its determinant and its solution cost one pass up
and one down the tree, and no matrix of all random effects is ever formed.

Weights follow Rabe-Hesketh and Skrondal (2006): the log-likelihood of a group, integrated over
its effect, is multiplied by the group's weight. ``w`` above is the product of the weights from
the outermost level down to the node, 1 where there are none.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.determinants.engine.tree import FloatArray, GroupTree

MODE_STEP = 1e-6  # quadratic convergence: one more step from here is at rounding error
SAFE_STEP = 0.5  # a Newton step in logits this short cannot overshoot


@dataclass(frozen=True)
class Problem:
    """Rows of a binomial regression in tree order.

    Attributes
    ----------
    x
        Fixed-effects matrix, n by p.
    successes, trials
        Events and trials of each row (trials 1 for a yes/no response).
    row_weights
        Product of the weights of a row and of the groups that hold it.
    node_weights
        The same product for each node, level by level.
    tree
        The nested groups.
    constant
        Part of the log-likelihood that no parameter changes (binomial coefficients).
    """

    x: FloatArray
    successes: FloatArray
    trials: FloatArray
    row_weights: FloatArray
    node_weights: tuple[FloatArray, ...]
    tree: GroupTree
    constant: float

    @property
    def n_fixed(self) -> int:
        """Number of fixed effects."""
        return int(self.x.shape[1])

    def split(self, theta: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Fixed effects and standard deviations in a vector of all parameters."""
        return theta[: self.n_fixed], theta[self.n_fixed :]


@dataclass(frozen=True)
class Evaluation:
    """The log-likelihood and what its gradient is made of.

    ``row_scores`` times ``x`` sums to the gradient of the fixed effects;
    ``sd_scores`` (one array of nodes per level) sum to that of the standard deviations.
    """

    loglik: float
    row_scores: FloatArray
    sd_scores: list[FloatArray]


@dataclass(frozen=True)
class Elimination:
    """Information of every node once its descendants are integrated out.

    ``info`` is V, ``pivot`` is ``w + sd^2 V``, level by level, outermost first.
    """

    tree: GroupTree
    sd: FloatArray
    weights: tuple[FloatArray, ...]
    info: list[FloatArray]
    pivot: list[FloatArray]

    @property
    def half_logdet(self) -> float:
        """Half the (weighted) log-determinant."""
        terms = [w @ np.log(pivot / w) for w, pivot in zip(self.weights, self.pivot, strict=True)]
        return 0.5 * float(sum(terms))

    def solve(self, rhs: list[FloatArray]) -> list[FloatArray]:
        """Solve the Hessian of the random effects for ``rhs``, given level by level."""
        depth, sd = self.tree.depth, self.sd
        carried: list[FloatArray] = [np.empty(0)] * depth
        load = np.zeros_like(rhs[-1])
        for level in range(depth - 1, -1, -1):
            carried[level] = rhs[level] - sd[level] * load
            load = load + sd[level] * self.info[level] / self.pivot[level] * carried[level]
            if level:
                load = self.tree.up(level - 1, load)
        solution = [carried[0] / self.pivot[0]]
        above = sd[0] * solution[0]
        for level in range(1, depth):
            above = self.tree.down(level - 1, above)
            pull = sd[level] * self.info[level] * above
            solution.append((carried[level] - pull) / self.pivot[level])
            above = above + sd[level] * solution[level]
        return solution

    def absorb(self, cross: FloatArray, sums: FloatArray) -> FloatArray:
        """Cross-product of columns with the effects integrated out (generalised least squares).

        ``cross`` is ``A'WA`` over rows and ``sums`` the sums of ``WA`` per innermost node;
        the result is ``A'(W^-1 + Z S Z')^-1 A`` for the effects' variance S.
        """
        for level in range(self.tree.depth - 1, -1, -1):
            share = self.sd[level] ** 2 / self.pivot[level]
            cross = cross - (sums.T * share) @ sums
            if level:
                left = self.weights[level] / self.pivot[level]
                sums = self.tree.up(level - 1, sums * left[:, None])
        return cross

    def determinant_slopes(self) -> tuple[FloatArray, list[FloatArray]]:
        """Slopes of the log-determinant: in each innermost V, and in each sd node by node."""
        slope = np.zeros_like(self.info[0])
        by_sd = []
        for level in range(self.tree.depth):
            if level:
                slope = self.tree.down(level - 1, slope)
            sd, w = self.sd[level], self.weights[level]
            info, pivot = self.info[level], self.pivot[level]
            by_sd.append(2 * sd * info * w / pivot - slope * 2 * sd * w * (info / pivot) ** 2)
            slope = sd**2 * w / pivot + slope * (w / pivot) ** 2
        return slope, by_sd


def eliminate(
    tree: GroupTree, sd: FloatArray, weights: tuple[FloatArray, ...], info: FloatArray
) -> Elimination:
    """Take out the random effects from the innermost level up (``info`` per innermost node)."""
    infos, pivots = [info], [weights[-1] + sd[-1] ** 2 * info]
    for level in range(tree.depth - 2, -1, -1):
        info = tree.up(level, infos[0] * weights[level + 1] / pivots[0])
        infos.insert(0, info)
        pivots.insert(0, weights[level] + sd[level] ** 2 * info)
    return Elimination(tree, sd, weights, infos, pivots)


@dataclass(frozen=True)
class NodeScores:
    """Gradient pieces at the nodes: see :func:`laplace_scores`."""

    slope: FloatArray
    pull: FloatArray
    sd_scores: list[FloatArray]


def laplace_scores(
    solver: Elimination,
    effects: list[FloatArray],
    score: FloatArray,
    info_slope: FloatArray,
) -> NodeScores:
    """Differentiate ``loglik(mode) - half logdet`` through the mode.

    Parameters
    ----------
    solver
        Elimination at the mode.
    effects
        Mode of the spherical effects, level by level.
    score, info_slope
        Per innermost node: sum of first derivatives of the rows' log-likelihood, and sum of
        the derivatives of their information, both in the linear predictor.

    Returns
    -------
    NodeScores
        A row whose score is r, information W and its slope W' has total derivative
        ``r - slope/2 * W' + pull/2 * W``; the standard deviations have ``sd_scores``.
    """
    tree, sd = solver.tree, solver.sd
    slope, by_sd = solver.determinant_slopes()
    loads = tree.totals(slope * info_slope)
    adjoint = solver.solve([s * load for s, load in zip(sd, loads, strict=True)])
    pull = tree.paths([s * a for s, a in zip(sd, adjoint, strict=True)])
    total = tree.totals(score - 0.5 * slope * info_slope + 0.5 * pull * solver.info[-1])
    scores = tree.totals(score)
    sd_scores = [
        effects[level] * total[level] - 0.5 * adjoint[level] * scores[level] - 0.5 * by_sd[level]
        for level in range(tree.depth)
    ]
    return NodeScores(slope, pull, sd_scores)


def logistic(eta: FloatArray) -> tuple[FloatArray, FloatArray]:
    """``log(1 + exp(eta))`` and the probability, without overflow."""
    small = np.exp(-np.abs(eta))
    softplus = np.maximum(eta, 0.0) + np.log1p(small)
    return softplus, np.where(eta >= 0, 1.0, small) / (1.0 + small)


def probability(eta: FloatArray) -> FloatArray:
    """Inverse logit; several times faster than scipy's ``expit`` and as exact."""
    chance = np.negative(eta)
    with np.errstate(over="ignore"):  # exp(710) is infinite, and its probability 0
        np.exp(chance, out=chance)
    chance += 1.0
    return np.divide(1.0, chance, out=chance)


class LaplaceLikelihood:
    """Marginal log-likelihood of a nested random-intercept logit by Laplace's method.

    Remembers the last mode: the next evaluation starts from it.
    """

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.effects = [np.zeros(len(labels)) for labels in problem.tree.labels]
        self.solver: Elimination | None = None

    def evaluate(self, theta: FloatArray) -> Evaluation:
        """Log-likelihood and scores at ``theta`` (fixed effects, then standard deviations)."""
        problem, tree = self.problem, self.problem.tree
        beta, sd = problem.split(theta)
        softplus, prob, eta = self.find_mode(problem.x @ beta, sd)
        solver = self.solver
        assert solver is not None
        residual = problem.row_weights * (problem.successes - problem.trials * prob)
        info = problem.row_weights * problem.trials * prob * (1 - prob)
        info_slope = info * (1 - 2 * prob)
        inner = tree.depth - 1
        nodes = laplace_scores(
            solver, self.effects, tree.up(inner, residual), tree.up(inner, info_slope)
        )
        rows = residual - 0.5 * tree.down(inner, nodes.slope) * info_slope
        rows += 0.5 * tree.down(inner, nodes.pull) * info
        joint = self._joint(softplus, eta)
        loglik = problem.constant + joint - solver.half_logdet
        return Evaluation(loglik, rows, nodes.sd_scores)

    def find_mode(
        self, fixed: FloatArray, sd: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Newton's method for the mode of the effects; returns softplus, probability, eta."""
        problem, tree = self.problem, self.problem.tree
        inner, last, best = tree.depth - 1, np.inf, -np.inf
        step: list[FloatArray] = []
        for _ in range(200):
            eta = fixed + tree.down(inner, tree.paths(self._scaled(sd, self.effects)))
            softplus, prob = logistic(eta)
            if last > SAFE_STEP:
                joint = self._joint(softplus, eta)
                if joint < best - 1e-9 * abs(best):
                    step = [s / 2 for s in step]
                    self.effects = [u - s for u, s in zip(self.effects, step, strict=True)]
                    continue
                best = joint
            info = problem.row_weights * problem.trials * prob * (1 - prob)
            self.solver = eliminate(tree, sd, problem.node_weights, tree.up(inner, info))
            if last < MODE_STEP:
                return softplus, prob, eta
            residual = problem.row_weights * (problem.successes - problem.trials * prob)
            step = self.solver.solve(self._joint_gradient(sd, tree.up(inner, residual)))
            self.effects = [u + s for u, s in zip(self.effects, step, strict=True)]
            last = float(np.max(np.abs(tree.paths(self._scaled(sd, step)))))
        return softplus, prob, eta

    def _joint(self, softplus: FloatArray, eta: FloatArray) -> float:
        problem = self.problem
        rows = problem.row_weights @ (problem.successes * eta - problem.trials * softplus)
        prior = sum(w @ u**2 for w, u in zip(problem.node_weights, self.effects, strict=True))
        return float(rows - 0.5 * prior)

    def _joint_gradient(self, sd: FloatArray, residual: FloatArray) -> list[FloatArray]:
        sums = self.problem.tree.totals(residual)
        pieces = zip(sd, sums, self.problem.node_weights, self.effects, strict=True)
        return [s * total - w * u for s, total, w, u in pieces]

    @staticmethod
    def _scaled(sd: FloatArray, effects: list[FloatArray]) -> list[FloatArray]:
        return [s * u for s, u in zip(sd, effects, strict=True)]
