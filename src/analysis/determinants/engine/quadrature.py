"""Adaptive Gauss-Hermite quadrature over the innermost random intercept.

One level: the log-likelihood of each group is integrated with nodes placed at its mode and
scaled by its curvature, as lme4 does for ``nAGQ > 1``; the gradient follows the nodes.
Two and three levels: the innermost effect is integrated so, and Laplace's method is applied to
what is left, a tree whose rows are the innermost groups. There the derivatives of a group's
integrated log-likelihood are posterior moments, exact up to the quadrature's own error.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from analysis.determinants.engine.laplace import (
    MODE_STEP,
    Evaluation,
    LaplaceLikelihood,
    Problem,
    eliminate,
    laplace_scores,
    logistic,
)
from analysis.determinants.engine.tree import FloatArray, IntArray


def hermite_nodes(order: int) -> tuple[FloatArray, FloatArray]:
    """Nodes and log-weights for an integral against the standard normal density."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(order)
    return nodes, np.log(weights) - 0.5 * np.log(2 * np.pi)


@dataclass(frozen=True)
class GroupIntegrals:
    """Integrals over the innermost effect, group by group (G groups, Q nodes).

    ``score`` and ``info`` are the conditional rows' sums at each node (G by Q), ``weight`` the
    posterior weight of each node, ``at`` the nodes, ``log_integral`` the result.
    """

    at: FloatArray
    weight: FloatArray
    log_integral: FloatArray
    score: FloatArray
    info: FloatArray
    info_slope: FloatArray
    probs: FloatArray


class _Integrator:
    """Evaluates rows at the nodes of their innermost group."""

    def __init__(self, problem: Problem, order: int) -> None:
        inner = problem.tree.depth - 1
        self.problem, self.inner = problem, inner
        self.nodes, self.log_weights = hermite_nodes(order)
        self.conditional = problem.row_weights / problem.tree.down(
            inner, problem.node_weights[inner]
        )
        self.group: IntArray = np.repeat(
            np.arange(len(problem.tree.labels[inner])), problem.tree.sizes[inner]
        )

    def integrate(
        self, offset: FloatArray, sd: float, mode: FloatArray, scale: FloatArray
    ) -> GroupIntegrals:
        """Integrate each group's likelihood with nodes at ``mode + scale * x``.

        ``offset`` is the linear predictor of the rows without the innermost effect.
        """
        problem, tree = self.problem, self.problem.tree
        at = mode[:, None] + scale[:, None] * self.nodes
        eta = offset[:, None] + sd * at[self.group]
        softplus, probs = logistic(eta)
        weight = self.conditional[:, None]
        successes, trials = problem.successes[:, None], problem.trials[:, None]
        joint = tree.up(self.inner, weight * (successes * eta - trials * softplus)) - 0.5 * at**2
        terms = self.log_weights + joint + 0.5 * self.nodes**2
        peak = terms.max(axis=1, keepdims=True)
        total = np.exp(terms - peak)
        norm = total.sum(axis=1, keepdims=True)
        info = weight * trials * probs * (1 - probs)
        return GroupIntegrals(
            at=at,
            weight=total / norm,
            log_integral=np.log(scale) + (peak + np.log(norm))[:, 0],
            score=tree.up(self.inner, weight * (successes - trials * probs)),
            info=tree.up(self.inner, info),
            info_slope=tree.up(self.inner, info * (1 - 2 * probs)),
            probs=probs,
        )

    def row_average(
        self,
        integrals: GroupIntegrals,
        on_score: FloatArray,
        on_info: FloatArray,
        on_slope: FloatArray,
    ) -> FloatArray:
        """Per row: posterior average of score, information and its slope, each with a factor."""
        trials = self.problem.trials[:, None]
        probs = integrals.probs
        info = trials * probs * (1 - probs)
        rows = on_score[self.group] * (self.problem.successes[:, None] - trials * probs)
        rows += on_info[self.group] * info
        rows += on_slope[self.group] * info * (1 - 2 * probs)
        average: FloatArray = np.sum(integrals.weight[self.group] * rows, axis=1)
        return self.conditional * average


class QuadratureLikelihood:
    """One level of groups, integrated by adaptive Gauss-Hermite quadrature."""

    def __init__(self, problem: Problem, order: int) -> None:
        self.problem = problem
        self.laplace = LaplaceLikelihood(problem)
        self.integrator = _Integrator(problem, order)

    def evaluate(self, theta: FloatArray) -> Evaluation:
        """Log-likelihood and scores; the derivatives follow the nodes as they move."""
        problem, tree = self.problem, self.problem.tree
        beta, sds = problem.split(theta)
        fixed, sd = problem.x @ beta, float(sds[0])
        _, prob, _ = self.laplace.find_mode(fixed, sds)
        solver = self.laplace.solver
        assert solver is not None
        mode, group_weight = self.laplace.effects[0], problem.node_weights[0]
        scale = np.sqrt(group_weight / solver.pivot[0])
        found = self.integrator.integrate(fixed, sd, mode, scale)

        slope_at_nodes = sd * found.score - found.at
        on_mode = np.sum(found.weight * slope_at_nodes, axis=1)
        on_scale = 1 + scale * np.sum(found.weight * slope_at_nodes * self.integrator.nodes, axis=1)
        info = problem.row_weights * problem.trials * prob * (1 - prob)
        info_slope = info * (1 - 2 * prob)
        residual = problem.row_weights * (problem.successes - problem.trials * prob)
        slope, by_sd = solver.determinant_slopes()
        scaled_slope = 0.5 * on_scale * slope
        moved = group_weight * on_mode - sd * scaled_slope * tree.up(0, info_slope)
        adjoint = moved / solver.pivot[0]

        ones = np.repeat(group_weight[:, None], found.at.shape[1], axis=1)
        rows = self.integrator.row_average(found, ones, 0 * ones, 0 * ones)
        implicit = -tree.down(0, scaled_slope) * info_slope - sd * tree.down(0, adjoint) * info
        sd_scores = (
            group_weight * np.sum(found.weight * found.at * found.score, axis=1)
            - 0.5 * on_scale * by_sd[0]
            + mode * tree.up(0, implicit)
            + adjoint * tree.up(0, residual)
        )
        loglik = problem.constant + float(group_weight @ found.log_integral)
        return Evaluation(loglik, rows + implicit, [sd_scores])


class NestedQuadratureLikelihood:
    """Two or three levels: quadrature within, Laplace's method without."""

    def __init__(self, problem: Problem, order: int) -> None:
        self.problem = problem
        self.integrator = _Integrator(problem, order)
        self.laplace = LaplaceLikelihood(problem)
        self.upper = problem.tree.without_innermost()
        self.outer: list[FloatArray] | None = None
        self.innermost: FloatArray | None = None

    def evaluate(self, theta: FloatArray) -> Evaluation:
        """Log-likelihood and scores at ``theta``."""
        problem, tree, upper = self.problem, self.problem.tree, self.upper
        inner = tree.depth - 1
        beta, sds = problem.split(theta)
        fixed = problem.x @ beta
        effects, last = self._start(fixed, sds), np.inf
        for _ in range(50):
            found, score, info, slope = self._integrals(fixed, sds, effects)
            sums = [tree.up(inner - 1, problem.node_weights[inner] * v) for v in (score, info)]
            # too few nodes far from the maximum can make an information negative
            info_above = np.maximum(sums[1], 0.0)
            solver = eliminate(upper, sds[:inner], problem.node_weights[:inner], info_above)
            if last < MODE_STEP:
                break
            pieces = zip(sds, upper.totals(sums[0]), solver.weights, effects, strict=False)
            step = solver.solve([s * t - w * u for s, t, w, u in pieces])
            effects = [u + s for u, s in zip(effects, step, strict=True)]
            last = max(float(np.max(np.abs(s))) for s in step)
        self.outer = effects
        nodes = laplace_scores(
            solver, effects, sums[0], tree.up(inner - 1, problem.node_weights[inner] * slope)
        )
        rows, sd_inner = self._through_integrals(
            found,
            tree.down(inner - 1, nodes.slope),
            tree.down(inner - 1, nodes.pull),
        )
        prior = sum(w @ u**2 for w, u in zip(solver.weights, effects, strict=True))
        integral = problem.node_weights[inner] @ found.log_integral
        loglik = problem.constant + float(integral - 0.5 * prior) - solver.half_logdet
        return Evaluation(loglik, rows, [*nodes.sd_scores, sd_inner])

    def _start(self, fixed: FloatArray, sds: FloatArray) -> list[FloatArray]:
        """Outer effects to start from: the last ones found, at first Laplace's."""
        if self.outer is None:
            self.laplace.find_mode(fixed, sds)
            self.innermost = self.laplace.effects[-1]
            self.outer = self.laplace.effects[:-1]
        return self.outer

    def _integrals(
        self, fixed: FloatArray, sds: FloatArray, effects: list[FloatArray]
    ) -> tuple[GroupIntegrals, FloatArray, FloatArray, FloatArray]:
        """Integrate at given outer effects; score, information and its slope per group."""
        tree = self.problem.tree
        inner = tree.depth - 1
        above = self.upper.paths([s * u for s, u in zip(sds, effects, strict=False)])
        offset = fixed + tree.down(inner, tree.down(inner - 1, above))
        sd = float(sds[-1])
        mode, scale = self._inner_mode(offset, sd)
        found = self.integrator.integrate(offset, sd, mode, scale)
        w, r, v, d = found.weight, found.score, found.info, found.info_slope
        score = np.sum(w * r, axis=1)
        centred = r - score[:, None]
        spread = np.sum(w * centred**2, axis=1)
        info = np.sum(w * v, axis=1) - spread
        mean_info = np.sum(w * v, axis=1, keepdims=True)
        slope = np.sum(
            w * (d + (v - mean_info) * r + 2 * centred * v - (centred**2 - spread[:, None]) * r),
            axis=1,
        )
        return found, score, info, slope

    def _inner_mode(self, offset: FloatArray, sd: float) -> tuple[FloatArray, FloatArray]:
        """Mode and scale of the innermost effects with the outer ones held."""
        problem, inner = self.problem, self.problem.tree.depth - 1
        alone = replace(
            problem,
            row_weights=self.integrator.conditional,
            node_weights=(np.ones(len(problem.tree.labels[inner])),),
            tree=problem.tree.innermost_alone(),
        )
        single = LaplaceLikelihood(alone)
        assert self.innermost is not None
        single.effects = [self.innermost]
        single.find_mode(offset, np.array([sd]))
        assert single.solver is not None
        self.innermost = single.effects[0]
        return single.effects[0], 1 / np.sqrt(single.solver.pivot[0])

    def _through_integrals(
        self, found: GroupIntegrals, slope: FloatArray, pull: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Scores of rows and of the innermost sd through each group's three derivatives.

        A group's integrated log-likelihood counts once, its information ``-slope / 2`` times
        and its score ``-pull / 2`` times.
        """
        weight = self.problem.node_weights[-1][:, None]
        w = found.weight
        score = np.sum(w * found.score, axis=1, keepdims=True)
        centred = found.score - score
        spread = np.sum(w * centred**2, axis=1, keepdims=True)
        mean_info = np.sum(w * found.info, axis=1, keepdims=True)
        on_info_, on_score_ = -0.5 * slope[:, None], -0.5 * pull[:, None]
        on_score = 1 + on_score_ * centred
        on_score = on_score + on_info_ * (found.info - mean_info - centred**2 + spread)
        on_info = -on_score_ + 2 * on_info_ * centred
        on_slope = np.broadcast_to(on_info_, w.shape)
        rows = self.integrator.row_average(
            found, weight * on_score, weight * on_info, weight * on_slope
        )
        sd_terms = found.score * on_score + found.info * on_info + found.info_slope * on_slope
        sd_scores = weight[:, 0] * np.sum(w * found.at * sd_terms, axis=1)
        return rows, sd_scores
