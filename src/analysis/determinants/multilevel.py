"""Multilevel logit with nested random intercepts, by maximum likelihood.

``fit_logit`` is the counterpart of lme4's ``glmer(..., family = binomial)`` and Stata's
``melogit``; ``fit_linear`` (in :mod:`analysis.determinants.linear`) that of ``lmer`` and
``mixed``. Results are named as statsmodels names them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import gammaln

from analysis.determinants.engine.design_matrix import Design, build_design
from analysis.determinants.engine.laplace import LaplaceLikelihood, Problem
from analysis.determinants.engine.optimise import (
    RUNAWAY,
    Likelihood,
    Optimum,
    invert_information,
    maximise,
)
from analysis.determinants.engine.quadrature import NestedQuadratureLikelihood, QuadratureLikelihood
from analysis.determinants.engine.results import (
    MultilevelResult,
    effect_tables,
    labelled,
    notes_of,
)
from analysis.determinants.engine.separation import starting_values
from analysis.determinants.engine.tree import FloatArray
from analysis.determinants.linear import fit_linear
from analysis.errors import UserError

__all__ = ["fit_linear", "fit_logit"]

FEW_GROUPS = 5
WIDE_SPREAD, WIDE_NODES = 1.5, 25
SMALL_GROUPS = 3.0  # mean rows per innermost group below which Laplace's bias shows


def fit_logit(
    formula: str,
    data: pd.DataFrame,
    groups: Sequence[str] | str = ("kecamatan", "desa"),
    *,
    weights: Any = None,
    quadrature: int = 1,
    trials: Any = None,
) -> MultilevelResult:
    """Fit a logit with nested random intercepts by maximum likelihood.

    Parameters
    ----------
    formula
        ``response ~ terms`` as formulaic reads it. The response is 0/1, boolean, two
        categories (the second in order is the event), a count or share beside ``trials``,
        or ``cbind(events, others)``.
    data
        One row per child (or per binomial count).
    groups
        One to three grouping columns, outermost first, each nested in the one before.
    weights
        A column name or array of observation weights, used as given; or a mapping with
        conditional weights by level, ``{"level1": ..., "desa": ..., "kecamatan": ...}``,
        for weighted pseudo-likelihood. Standard errors then are cluster-robust at the
        outermost level. See :func:`analysis.determinants.engine.weights.scale_weights`.
    quadrature
        Nodes of adaptive Gauss-Hermite quadrature over the innermost level; 1 is
        Laplace's method. With two or three levels 1, or 5 and more.
    trials
        Column name or array of the number of trials of each row.

    Returns
    -------
    MultilevelResult
        Check ``converged`` before using it.

    Raises
    ------
    UserError
        When the model cannot be fitted as asked (crossed groups, separation, a constant or
        duplicate column, one group only, a response that is not binary ...).

    Notes
    -----
    Cost grows with rows times coefficients plus groups. Laplace's method after Tierney and
    Kadane (1986); quadrature after Pinheiro and Chao (2006); weights after Rabe-Hesketh and
    Skrondal (2006).

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> desa = np.repeat(np.arange(20), 20)
    >>> toilet = rng.random(400) < 0.5
    >>> risk = 1 / (1 + np.exp(1 - 0.7 * ~toilet - rng.normal(0, 0.6, 20)[desa]))
    >>> children = pd.DataFrame(
    ...     {"stunted": rng.random(400) < risk, "no_toilet": (~toilet).astype(int), "desa": desa})
    >>> fit = fit_logit("stunted ~ no_toilet", children, groups="desa")
    >>> fit.converged, fit.nobs, round(float(np.exp(fit.params["no_toilet"])), 1)
    (True, 400, 2.5)
    """
    design = build_design(formula, data, groups, weights=weights, trials=trials)
    _check_quadrature(quadrature, design)
    problem = _problem(design, formula)
    beta = starting_values(
        problem.x, problem.successes, problem.trials, problem.row_weights, design.names
    )
    likelihood: Likelihood
    if quadrature == 1:
        likelihood = LaplaceLikelihood(problem)
    elif problem.tree.depth == 1:
        likelihood = QuadratureLikelihood(problem, quadrature)
    else:
        likelihood = NestedQuadratureLikelihood(problem, quadrature)
    optimum = maximise(likelihood, beta)
    return _result(formula, design, problem, likelihood, optimum, quadrature)


def _check_quadrature(quadrature: int, design: Design) -> None:
    if isinstance(quadrature, bool) or not isinstance(quadrature, (int, np.integer)):
        raise UserError(f"quadrature: {quadrature!r} given; give a whole number from 1 to 101.")
    if not 1 <= quadrature <= 101:
        raise UserError(f"quadrature: {quadrature} given; give a whole number from 1 to 101.")
    if design.tree.depth > 1 and 1 < quadrature < 5:
        raise UserError(
            f"quadrature: {quadrature} nodes are too few with {design.tree.depth} levels; give 1 "
            "(Laplace) or 5 and more."
        )


def _problem(design: Design, formula: str) -> Problem:
    """Events and trials from the response, checked, with the constants they bring."""
    successes, trials = _events(design, formula)
    if np.all(trials <= 1) and np.all(design.tree.sizes[-1] == 1):
        inner = design.tree.names[-1]
        raise UserError(
            f"groups: every `{inner}` holds one row, so its variance cannot be told from chance; "
            f"leave `{inner}` out of groups."
        )
    constant = gammaln(trials + 1) - gammaln(successes + 1) - gammaln(trials - successes + 1)
    return Problem(
        x=design.x,
        successes=successes,
        trials=trials,
        row_weights=design.weights.rows,
        node_weights=design.weights.nodes,
        tree=design.tree,
        constant=float(design.weights.rows @ constant),
    )


def _events(design: Design, formula: str) -> tuple[FloatArray, FloatArray]:
    response = design.response
    if response.shape[1] == 2 and design.trials is None:
        successes, trials = response[:, 0], response.sum(axis=1)
    elif response.shape[1] == 1:
        successes = response[:, 0]
        trials = np.ones(len(successes)) if design.trials is None else design.trials
    else:
        raise UserError(
            f"formula `{formula}`: the response has {response.shape[1]} columns; give one, or "
            "cbind(events, others) without trials."
        )
    if design.trials is not None and np.any(successes % 1) and np.all(successes <= 1):
        successes = _counts_of_shares(successes * trials)
    whole = np.all(successes == np.round(successes)) and np.all(trials == np.round(trials))
    if not whole or np.any(successes < 0) or np.any(successes > trials):
        found = successes[(successes < 0) | (successes > trials) | (successes % 1 != 0)]
        raise UserError(
            f"formula `{formula}`: the response holds {found[0] if len(found) else trials.min():g}; "
            "a logit needs 0 and 1, or whole counts of events with `trials=`."
        )
    return successes, trials


def _counts_of_shares(events: FloatArray) -> FloatArray:
    """Shares of the trials as counts, where that is what they are."""
    rounded = np.round(events)
    return rounded if np.all(np.abs(events - rounded) < 1e-6) else events


def _result(
    formula: str,
    design: Design,
    problem: Problem,
    likelihood: Likelihood,
    optimum: Optimum,
    quadrature: int,
) -> MultilevelResult:
    names, levels = design.names, list(design.tree.names)
    parameters = [*names, *(f"sd({level})" for level in levels)]
    scores = _scores(problem, likelihood, optimum)
    covariance = _covariance(optimum, scores if design.weights.given else None)
    errors = np.sqrt(np.where(np.diag(covariance) >= 0, np.diag(covariance), np.nan))
    beta, sd = problem.split(optimum.theta)
    laplace = LaplaceLikelihood(problem)
    fixed = design.x @ beta
    _, _, eta = laplace.find_mode(fixed, sd)
    assert laplace.solver is not None
    boundary = [level for level, s in zip(levels, sd, strict=True) if s == 0]
    few = [
        n for n, labels in zip(levels, design.tree.labels, strict=True) if len(labels) < FEW_GROUPS
    ]
    converged = optimum.converged and bool(np.all(np.isfinite(errors[: len(names)])))
    return MultilevelResult(
        family="logit",
        formula=formula,
        params=labelled(beta, names),
        bse=labelled(errors[: len(names)], names),
        sd=labelled(sd, levels),
        sd_bse=labelled(errors[len(names) :], levels),
        cov_full=pd.DataFrame(covariance, index=parameters, columns=parameters),
        loglik=optimum.loglik,
        converged=converged,
        gradient_se=optimum.gradient_se,
        nobs=len(design.x),
        n_groups=pd.Series({n: len(v) for n, v in zip(levels, design.tree.labels, strict=True)}),
        dropped=design.dropped,
        notes=notes_of(
            *design.notes,
            f"no variance left between {', '.join(boundary)} (estimated at 0)"
            if boundary
            else None,
            f"few groups of {', '.join(few)}: its variance is known poorly" if few else None,
            _nodes_note(problem, sd, quadrature),
            None if converged else _why_not(optimum, sd),
        ),
        method="Laplace" if quadrature == 1 else f"adaptive Gauss-Hermite, {quadrature} nodes",
        covariance_type=f"robust, clustered by {levels[0]}" if design.weights.given else "Hessian",
        random_effects=effect_tables(laplace.solver, laplace.effects),
        fitted_linear=design.column(eta),
        fixed_linear=design.column(fixed),
        exog=design.matrix(),
        endog=design.column(problem.successes / problem.trials),
        spec=design.spec,
        row_groups=design.labels(),
        score_by_group=pd.DataFrame(scores, index=design.tree.labels[0], columns=parameters),
        hessian=pd.DataFrame(optimum.hessian, index=parameters, columns=parameters),
    )


def _why_not(optimum: Optimum, sd: FloatArray) -> str:
    """Why a fit must not be used."""
    if np.any(sd >= RUNAWAY):
        return "not to be used: the groups decide the outcome, their spread grows without limit"
    return (
        "not to be used: the fit did not converge (largest gradient "
        f"{optimum.gradient_se:.1e} standard errors)"
    )


def _nodes_note(problem: Problem, sd: FloatArray, quadrature: int) -> str | None:
    """Say where the nodes asked for are too few: tiny groups, or a very wide spread."""
    inner = problem.tree.names[-1]
    mean_size = float(problem.trials.sum() / len(problem.tree.labels[-1]))
    if quadrature == 1 and mean_size < SMALL_GROUPS:
        return (
            f"groups of {inner} hold {mean_size:.1f} rows on average: Laplace's method makes "
            "their standard deviation too small; compare with quadrature=15"
        )
    if 1 < quadrature < WIDE_NODES and sd[-1] > WIDE_SPREAD:
        return (
            f"{inner} spreads over {sd[-1]:.1f} logits: {quadrature} nodes may be too few; "
            f"compare with quadrature={WIDE_NODES}"
        )
    return None


def _scores(problem: Problem, likelihood: Likelihood, optimum: Optimum) -> FloatArray:
    """Gradient of each outermost group's log-likelihood, groups by parameters."""
    tree = problem.tree
    found = likelihood.evaluate(optimum.theta)
    starts = tree.row_starts(0)
    fixed = np.add.reduceat(problem.x * found.row_scores[:, None], starts, axis=0)
    by_sd = []
    for level, scores in enumerate(found.sd_scores):
        for above in range(level - 1, -1, -1):
            scores = tree.up(above, scores)
        by_sd.append(scores)
    return np.column_stack([fixed, *by_sd])


def _covariance(optimum: Optimum, scores: FloatArray | None) -> FloatArray:
    """Inverse information of the free parameters; sandwiched between scores when given."""
    full = np.full(optimum.hessian.shape, np.nan)
    free = np.flatnonzero(optimum.free)
    try:
        bread = invert_information(-optimum.hessian[np.ix_(free, free)])
    except np.linalg.LinAlgError:
        return full
    if scores is not None:
        groups = len(scores)
        meat = scores[:, free].T @ scores[:, free] * (groups / (groups - 1))
        bread = bread @ meat @ bread
    full[np.ix_(free, free)] = bread
    return full
