"""Separation: a covariate pattern that predicts the outcome perfectly has no finite odds ratio."""

from __future__ import annotations

import numpy as np
from scipy.optimize import linprog

from analysis.determinants.laplace import logistic
from analysis.determinants.tree import FloatArray
from analysis.errors import UserError

EXTREME_LOGIT = 12.0  # a fitted probability of 6 in a million: look closer
LP_ROWS = 20_000


def starting_values(
    x: FloatArray, successes: FloatArray, trials: FloatArray, weights: FloatArray, names: list[str]
) -> FloatArray:
    """Ordinary logit by Newton's method: start of the multilevel fit, and test of separation.

    Raises
    ------
    UserError
        When the response does not vary, or some combination of columns predicts it perfectly
        (Albert and Anderson 1984), naming the columns.
    """
    events, total = float(weights @ successes), float(weights @ trials)
    if events <= 0 or events >= total:
        found = "no row" if events <= 0 else "every row"
        raise UserError(
            f"response: {found} has the event among {len(x)} complete rows; a model needs both."
        )
    beta = np.zeros(x.shape[1])
    if "Intercept" in names:
        beta[names.index("Intercept")] = np.log(events / (total - events))
    best = -np.inf
    step = np.zeros_like(beta)
    for _ in range(60):
        eta = x @ beta
        softplus, prob = logistic(eta)
        loglik = float(weights @ (successes * eta - trials * softplus))
        if loglik < best - 1e-9 * abs(best):
            step = step / 2
            beta = beta - step
            continue
        best = loglik
        score = x.T @ (weights * (successes - trials * prob))
        information = (x.T * (weights * trials * prob * (1 - prob))) @ x
        scale = 1 / np.sqrt(np.maximum(np.diag(information), 1e-300))
        scaled = information * np.outer(scale, scale) + 1e-12 * np.eye(len(beta))
        step = scale * np.linalg.solve(scaled, scale * score)
        beta = beta + step
        if np.max(np.abs(step) / scale) < 1e-4 and np.max(np.abs(eta)) < EXTREME_LOGIT:
            return beta
        if np.max(np.abs(eta)) > EXTREME_LOGIT:
            columns = _separating_columns(x, successes, trials, names, beta)
            if columns:
                raise UserError(
                    f"formula: {', '.join(f'`{c}`' for c in columns)} predicts the response "
                    "perfectly in part of the rows (a category in which all or none have the "
                    "event), so its odds ratio is not finite; merge the category with another "
                    "or leave it out."
                )
            if np.max(np.abs(step) / scale) < 1e-4:
                return beta
    return beta


def _separating_columns(
    x: FloatArray, successes: FloatArray, trials: FloatArray, names: list[str], beta: FloatArray
) -> list[str]:
    """Columns of a direction along which the likelihood never falls; empty when there is none.

    A linear program (Konis 2007) on the distinct rows; over many rows on those with the most
    extreme fit and a sample of the rest would prove nothing, so there the divergence decides.
    """
    sign = np.concatenate(
        [np.ones(int((successes > 0).sum())), -np.ones(int((successes < trials).sum()))]
    )
    rows = np.concatenate([x[successes > 0], x[successes < trials]]) * sign[:, None]
    rows = np.unique(np.round(rows, 12), axis=0)
    if len(rows) > LP_ROWS:
        large = np.abs(beta) * x.std(axis=0) > EXTREME_LOGIT / 2
        large |= (np.abs(beta) > EXTREME_LOGIT) & (np.ptp(x, axis=0) <= 1)
        return [name for name, is_large in zip(names, large, strict=True) if is_large]
    found = linprog(
        -rows.sum(axis=0), A_ub=-rows, b_ub=np.zeros(len(rows)), bounds=[(-1, 1)] * x.shape[1]
    )
    if found.status != 0 or -found.fun <= 1e-6:
        return []
    direction = np.abs(found.x)
    moved = [n for n, d in zip(names, direction, strict=True) if d > 1e-6 and n != "Intercept"]
    return moved or list(names)
