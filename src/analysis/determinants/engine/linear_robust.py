"""Cluster-robust errors of the weighted linear mixed model, as WeMix computes them.

A group's score of the fixed effects is ``X'W(y - Xb - Zu) / scale`` at the modes u of its
effects. The fixed effects' covariance is ``A J A`` with A their inverse information, the
standard deviations held, and J the scores' cross-product times G / (G - 1) over the outermost
groups; that of the standard deviations is built in the same way from their own scores.
"""

from __future__ import annotations

import numpy as np

from analysis.determinants.engine.design_matrix import Design
from analysis.determinants.engine.gaussian import GaussianFit
from analysis.determinants.engine.laplace import Elimination, eliminate
from analysis.determinants.engine.optimise import invert_information
from analysis.determinants.engine.tree import FloatArray

STEP = 1e-4  # of the differences of exact scores, in residual standard deviations


def robust(design: Design, endog: FloatArray, fit: GaussianFit) -> tuple[FloatArray, FloatArray]:
    """Sandwich covariance of the fixed effects, and errors of the standard deviations.

    Parameters
    ----------
    design
        Rows in tree order, with their weights.
    endog
        Response, in tree order.
    fit
        Maximum of the pseudo-likelihood, its covariance the inverse information.
    """
    residual = endog - design.x @ fit.beta
    left, _ = _conditional(design, residual, fit.solver)
    rows = design.x * (design.weights.rows * left / fit.scale)[:, None]
    scores = np.add.reduceat(rows, design.tree.row_starts(0), axis=0)
    covariance = fit.covariance @ _meat(scores) @ fit.covariance
    return covariance, _spread_errors(design, residual, fit)


def _meat(scores: FloatArray) -> FloatArray:
    groups = len(scores)
    meat: FloatArray = scores.T @ scores * (groups / (groups - 1))
    return meat


def _spread_errors(design: Design, residual: FloatArray, fit: GaussianFit) -> FloatArray:
    """Errors of the groups' standard deviations, missing at the boundary 0."""
    at = np.append(fit.sd, np.sqrt(fit.scale))
    free = np.append(fit.sd > 0, True)
    step = STEP * at[-1]
    columns = [
        (
            _spread_scores(design, residual, at + shift)
            - _spread_scores(design, residual, at - shift)
        ).sum(axis=0)[free]
        / (2 * step)
        for shift in step * np.eye(len(at))[free]
    ]
    hessian = np.column_stack(columns)
    errors = np.full(len(at), np.nan)
    try:
        bread = invert_information(-0.5 * (hessian + hessian.T))
    except np.linalg.LinAlgError:
        return errors[:-1]
    meat = _meat(_spread_scores(design, residual, at)[:, free])
    errors[free] = np.sqrt(np.diag(bread @ meat @ bread))
    return errors[:-1]


def _spread_scores(design: Design, residual: FloatArray, at: FloatArray) -> FloatArray:
    """Scores of each outermost group in the groups' and the residual standard deviation."""
    tree, weights = design.tree, design.weights
    scale = at[-1] ** 2
    ratio = at[:-1] / at[-1]
    solver = eliminate(tree, ratio, weights.nodes, tree.up(tree.depth - 1, weights.rows))
    left, modes = _conditional(design, residual, solver)
    sums = tree.totals(tree.up(tree.depth - 1, weights.rows * left))
    _, by_ratio = solver.determinant_slopes()
    squares = np.add.reduceat(weights.rows * left**2, tree.row_starts(0))
    number = np.add.reduceat(weights.rows, tree.row_starts(0))
    by_sd = []
    for level, (mode, total) in enumerate(zip(modes, sums, strict=True)):
        own = _outermost(design, level, mode * total / scale - 0.5 * by_ratio[level])
        squares = squares + _outermost(design, level, weights.nodes[level] * mode**2)
        by_sd.append(own / at[-1])
    by_residual = (squares / scale - number) / at[-1]
    by_residual -= sum(r * own for r, own in zip(ratio, by_sd, strict=True))
    return np.column_stack([*by_sd, by_residual])


def _conditional(
    design: Design, residual: FloatArray, solver: Elimination
) -> tuple[FloatArray, list[FloatArray]]:
    """Residuals with the groups' effects taken out, and the effects over their ratio."""
    tree, ratio = design.tree, solver.sd
    sums = tree.totals(tree.up(tree.depth - 1, design.weights.rows * residual))
    modes = solver.solve([r * total for r, total in zip(ratio, sums, strict=True)])
    shift = tree.paths([r * mode for r, mode in zip(ratio, modes, strict=True)])
    return residual - tree.down(tree.depth - 1, shift), modes


def _outermost(design: Design, level: int, values: FloatArray) -> FloatArray:
    for above in range(level - 1, -1, -1):
        values = design.tree.up(above, values)
    return values
