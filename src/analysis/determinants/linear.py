"""Linear mixed model for z-scores: statsmodels MixedLM behind the face of the logit."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from statsmodels.regression.mixed_linear_model import MixedLM, MixedLMParams, VCSpec

from analysis.determinants.engine.design_matrix import Design, build_design
from analysis.determinants.engine.gaussian import GaussianFit, GaussianLikelihood
from analysis.determinants.engine.linear_robust import robust
from analysis.determinants.engine.results import (
    MultilevelResult,
    effect_tables,
    labelled,
    notes_of,
)
from analysis.determinants.engine.tree import FloatArray, IntArray
from analysis.errors import UserError

EXACT = 1e-20  # share of the response's variance that is rounding
MIXEDLM_ROWS = 20_000  # above this MixedLM takes minutes; the exact likelihood starts on its own


def fit_linear(
    formula: str,
    data: pd.DataFrame,
    groups: Sequence[str] | str = ("kecamatan", "desa"),
    *,
    weights: Any = None,
    reml: bool | None = None,
) -> MultilevelResult:
    """Fit a linear model with nested random intercepts.

    Newton steps on the exact likelihood bring its gradient to zero, which also settles
    variances at the boundary 0; statsmodels ``MixedLM``, started from there, must find nothing
    better, else the steps go on from what it found. With weights the
    exact weighted pseudo-likelihood is maximised (no quadrature: the model is Gaussian).

    Parameters
    ----------
    formula, data, groups
        As in :func:`analysis.determinants.multilevel.fit_logit`; the response is a number.
    weights
        As in ``fit_logit``: rows' weights used as given, or a mapping with conditional
        weights by level, ``{"level1": ..., "desa": ..., "kecamatan": ...}``. Standard errors
        then are cluster-robust at the outermost level, as those of WeMix.
    reml
        Restricted maximum likelihood, as lme4's ``lmer``, when left out and nothing is
        weighted; False for maximum likelihood, the only kind there is with weights.

    Returns
    -------
    MultilevelResult
        ``sd`` holds the groups' standard deviations, ``scale`` the residual variance.

    Raises
    ------
    UserError
        As ``fit_logit``, and when the response is not a number or does not vary.

    Notes
    -----
    Weighted pseudo-likelihood after Rabe-Hesketh and Skrondal (2006).

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> desa = np.repeat(np.arange(20), 20)
    >>> short = (rng.random(400) < 0.3).astype(int)
    >>> haz = -1.5 - 0.4 * short + rng.normal(0, 0.5, 20)[desa] + rng.normal(0, 1, 400)
    >>> children = pd.DataFrame({"haz": haz, "mother_short": short, "desa": desa})
    >>> fit = fit_linear("haz ~ mother_short", children, groups="desa")
    >>> fit.converged, round(float(fit.params["mother_short"]), 1)
    (True, -0.4)
    """
    if reml and weights is not None:
        raise UserError(
            "reml: restricted likelihood has no weighted form; leave out `reml` or `weights`."
        )
    design = build_design(formula, data, groups, weights=weights)
    restricted = not design.weights.given if reml is None else reml
    endog = design.response[:, 0]
    if design.response.shape[1] != 1 or any(n.startswith("event:") for n in design.notes):
        raise UserError(f"formula `{formula}`: a linear model needs one numeric response.")
    if np.ptp(endog) == 0:
        raise UserError(f"response: {endog[0]:g} in all {len(endog)} rows; nothing to explain.")
    if np.all(design.tree.sizes[-1] == 1):
        inner = design.tree.names[-1]
        raise UserError(
            f"groups: every `{inner}` holds one row, so its variance cannot be told from the "
            f"residual; leave `{inner}` out of groups."
        )
    given = design.weights if design.weights.given else None
    likelihood = GaussianLikelihood(design.x, endog, design.tree, restricted, given)
    if likelihood.cross[-1, -1] <= EXACT * float(design.weights.rows @ (endog - endog.mean()) ** 2):
        raise UserError(
            f"formula `{formula}`: the terms give the response exactly in every row; leave out the "
            "term that is the response in another form."
        )
    fit = likelihood.maximise(np.full(design.tree.depth, 0.3 * endog.std()), 0.8 * endog.var())
    if given is None and len(endog) <= MIXEDLM_ROWS:
        again = likelihood.maximise(*_mixedlm(design, endog, restricted, fit))
        fit = again if again.loglik > fit.loglik + 1e-8 else fit
    if given is not None:
        covariance, sd_errors = robust(design, endog, fit)
        fit = replace(fit, covariance=covariance, sd_errors=sd_errors)
    return _result(formula, design, endog, fit, restricted)


def _mixedlm(
    design: Design, endog: FloatArray, reml: bool, found: GaussianFit
) -> tuple[FloatArray, float]:
    """MixedLM from the maximum found: standard deviations of the groups, residual variance."""
    tree = design.tree
    components = None
    if tree.depth > 1:
        blocks = [_indicators(design, level) for level in range(1, tree.depth)]
        components = VCSpec(list(tree.names[1:]), [b[0] for b in blocks], [b[1] for b in blocks])
    outer = np.repeat(np.arange(len(tree.labels[0])), np.diff(_bounds(design, 0)))
    ones = np.ones((len(endog), 1))
    model = MixedLM(endog, design.x, groups=outer, exog_re=ones, exog_vc=components)
    variances = found.sd**2 / found.scale
    start = MixedLMParams.from_components(
        fe_params=found.beta, cov_re=variances[:1, None], vcomp=variances[1:]
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # convergence is judged on the exact likelihood
        try:
            fit = model.fit(start_params=start, reml=reml, method=["bfgs"])
        except np.linalg.LinAlgError:
            return found.sd, found.scale
    variances = np.concatenate([np.ravel(fit.cov_re), np.ravel(fit.vcomp)])
    if not (np.all(np.isfinite(variances)) and np.isfinite(fit.scale) and fit.scale > 0):
        return found.sd, found.scale
    return np.sqrt(np.maximum(variances, 0)), float(fit.scale)


def _bounds(design: Design, level: int) -> IntArray:
    return np.append(design.tree.row_starts(level), len(design.x)).astype(np.int64)


def _indicators(design: Design, level: int) -> tuple[list[list[str]], list[FloatArray]]:
    """Per outermost group, the names of its groups of ``level`` and their 0/1 matrix."""
    outer, inner = _bounds(design, 0), _bounds(design, level)
    names, matrices = [], []
    for start, end in pairwise(outer):
        first, last = np.searchsorted(inner, [start, end])
        column = np.repeat(np.arange(last - first), np.diff(inner[first : last + 1]))
        matrices.append((column[:, None] == np.arange(last - first)).astype(float))
        names.append([str(label) for label in design.tree.labels[level][first:last]])
    return names, matrices


def _result(
    formula: str, design: Design, endog: FloatArray, fit: GaussianFit, reml: bool
) -> MultilevelResult:
    names, levels, tree = design.names, list(design.tree.names), design.tree
    weighted = design.weights.given
    fixed = design.x @ fit.beta
    sums = tree.totals(tree.up(tree.depth - 1, design.weights.rows * (endog - fixed)))
    ratio = fit.solver.sd
    modes = fit.solver.solve([r * total for r, total in zip(ratio, sums, strict=True)])
    effects = effect_tables(fit.solver, modes)
    for table in effects.values():
        table["se"] *= np.sqrt(fit.scale)
    shift = tree.down(
        tree.depth - 1, tree.paths([r * m for r, m in zip(ratio, modes, strict=True)])
    )
    boundary = [level for level, s in zip(levels, fit.sd, strict=True) if s == 0]
    return MultilevelResult(
        family="linear",
        formula=formula,
        params=labelled(fit.beta, names),
        bse=labelled(np.sqrt(np.diag(fit.covariance)), names),
        sd=labelled(fit.sd, levels),
        sd_bse=labelled(fit.sd_errors, levels),
        cov_full=pd.DataFrame(fit.covariance, index=names, columns=names),
        loglik=fit.loglik,
        converged=fit.converged,
        gradient_se=fit.gradient_se,
        nobs=len(endog),
        n_groups=pd.Series({n: len(v) for n, v in zip(levels, tree.labels, strict=True)}),
        dropped=design.dropped,
        notes=notes_of(
            *design.notes,
            f"no variance left between {', '.join(boundary)} (estimated at 0)"
            if boundary
            else None,
            None if fit.converged else "not to be used: the fit did not converge",
        ),
        method="restricted maximum likelihood"
        if reml
        else "weighted pseudo-likelihood"
        if weighted
        else "maximum likelihood",
        covariance_type=f"robust, clustered by {levels[0]}"
        if weighted
        else "generalised least squares",
        random_effects=effects,
        fitted_linear=design.column(fixed + shift),
        fixed_linear=design.column(fixed),
        exog=design.matrix(),
        endog=design.column(endog),
        spec=design.spec,
        row_groups=design.labels(),
        scale=fit.scale,
    )
