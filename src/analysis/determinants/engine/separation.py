"""Separation: a covariate pattern that predicts the outcome perfectly has no finite odds ratio."""

from __future__ import annotations

import numpy as np
from scipy.optimize import linprog

from analysis.determinants.engine.laplace import logistic
from analysis.determinants.engine.tree import FloatArray
from analysis.errors import UserError

EXTREME_LOGIT = 12.0  # a fitted probability of 6 in a million: look closer
LP_ROWS = 5_000  # rows a linear program starts with, and gains each round
LP_ROUNDS = 20


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
    beta, extreme = _ordinary_logit(x, successes, trials, weights, beta)
    columns = _separating_columns(x, successes, trials, names) if extreme else []
    if columns:
        raise UserError(
            f"formula: {', '.join(f'`{c}`' for c in columns)} predicts the response perfectly in "
            "part of the rows (a category in which all or none have the event), so its odds "
            "ratio is not finite; merge the category with another or leave it out."
        )
    return beta


def _ordinary_logit(
    x: FloatArray, successes: FloatArray, trials: FloatArray, weights: FloatArray, beta: FloatArray
) -> tuple[FloatArray, bool]:
    """Newton's method until the likelihood stands still; whether fits are extreme there.

    Under separation the coefficients go on growing while the likelihood stands still.
    """
    best, last = -np.inf, np.inf
    step, eta = np.zeros_like(beta), np.zeros(len(x))
    for _ in range(60):
        eta = x @ beta
        softplus, prob = logistic(eta)
        loglik = float(weights @ (successes * eta - trials * softplus))
        if loglik < best - 1e-9 * abs(best):
            step = step / 2
            beta = beta - step
            continue
        if last < 1e-4 or loglik - best < 1e-9 * abs(best):
            break
        best = loglik
        score = x.T @ (weights * (successes - trials * prob))
        information = (x.T * (weights * trials * prob * (1 - prob))) @ x
        scale = 1 / np.sqrt(np.maximum(np.diag(information), 1e-300))
        scaled = information * np.outer(scale, scale) + 1e-12 * np.eye(len(beta))
        step = scale * np.linalg.solve(scaled, scale * score)
        beta = beta + step
        last = float(np.max(np.abs(step) / scale))
    return beta, bool(np.max(np.abs(eta)) > EXTREME_LOGIT)


def _separating_columns(
    x: FloatArray, successes: FloatArray, trials: FloatArray, names: list[str]
) -> list[str]:
    """Columns of a direction along which the likelihood never falls; empty when there is none.

    A linear program (Konis 2007) over some of the rows; rows that its direction violates are
    added until none is (then it separates all) or no direction is left (then nothing does).
    """
    events, others = x[successes > 0], -x[successes < trials]
    rows = np.concatenate([events, others])
    scale = np.maximum(np.abs(rows).max(axis=0), 1e-300)
    rows = rows / scale
    total = rows.sum(axis=0)
    chosen = np.zeros(len(rows), dtype=bool)
    chosen[:: max(1, len(rows) // LP_ROWS)] = True
    for _ in range(LP_ROUNDS):
        found = linprog(
            -total,
            A_ub=-rows[chosen],
            b_ub=np.zeros(int(chosen.sum())),
            bounds=[(-1, 1)] * rows.shape[1],
        )
        if found.status != 0 or -found.fun <= 1e-6:
            return []
        against = rows @ found.x
        if against.min() >= -1e-7:
            direction = np.abs(found.x) > 1e-6
            moved = [n for n, d in zip(names, direction, strict=True) if d and n != "Intercept"]
            return moved or list(names)
        worst = np.argsort(against)[:LP_ROWS]
        chosen[worst[against[worst] < -1e-7]] = True
    return []
