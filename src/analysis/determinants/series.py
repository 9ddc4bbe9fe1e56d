"""The series of models along the conceptual framework, and which of them speaks for what.

Null; confounders; then basic, underlying and immediate factors one block at a time. A factor is
read from the model that adjusts for what comes before it and not for what it works through
(Victora et al. 1997): adjusting sanitation for diarrhoea would hide what sanitation does.
All models of the series are fitted to the same children, so that their variances compare.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import pandas as pd

from analysis.determinants.effects import effect_rows
from analysis.determinants.engine.results import MultilevelResult
from analysis.determinants.engine.weights import scale_weights
from analysis.determinants.frame import ModelFrame
from analysis.determinants.multilevel import fit_linear, fit_logit
from analysis.determinants.pillars import (
    BLOCKS,
    MODEL_OF_BLOCK,
    WHY_OF_BLOCK,
    Term,
    blocks_up_to,
)
from analysis.errors import UserError

NULL, FULL = "null", "full"
OUTCOMES_PER_TERM = 5  # stunted (or not stunted, whichever are fewer) for each coefficient
MODELS = (NULL, *MODEL_OF_BLOCK.values())


@dataclass(frozen=True)
class Series:
    """Fitted models by name, their terms, and the models that could not be had."""

    frame: ModelFrame
    logit: dict[str, MultilevelResult]
    linear: dict[str, MultilevelResult]
    terms: dict[str, list[Term]]
    failed: dict[str, str] = field(default_factory=dict)

    @property
    def full(self) -> MultilevelResult | None:
        """The full logit, when it converged."""
        return self.logit.get(FULL)

    def speaking_for(self, term: Term) -> MultilevelResult | None:
        """The converged logit that speaks for a term."""
        return self.logit.get(MODEL_OF_BLOCK[term.block])


def fit_series(frame: ModelFrame, *, linear: bool = True) -> Series:
    """Fit the series on complete children, logit and (beside it) linear in HAZ.

    A model that cannot be fitted or did not converge is left out, with its reason in
    ``failed``; it is never published.
    """
    data = frame.complete
    terms: dict[str, list[Term] | None] = {NULL: None}
    terms |= {MODEL_OF_BLOCK[block]: blocks_up_to(frame.terms, block) for block in BLOCKS}
    logit: dict[str, MultilevelResult] = {}
    by_haz: dict[str, MultilevelResult] = {}
    failed: dict[str, str] = {}
    fewer = int(min(data["stunted"].sum(), (1 - data["stunted"]).sum()))
    for name in MODELS:
        chosen = terms[name]
        size = len(chosen or [])
        if size * OUTCOMES_PER_TERM > fewer:
            failed[name] = (
                f"{size} terms for {fewer} children with the rarer outcome: "
                f"{OUTCOMES_PER_TERM} for each term are needed"
            )
            continue
        _keep(logit, failed, name, fit_logit, frame.formula("stunted", chosen), frame)
        if linear and data["haz"].notna().any():
            _keep(
                by_haz,
                failed,
                f"haz_{name}",
                partial(fit_linear, reml=False),
                frame.formula("haz", chosen),
                frame,
            )
    linear_models = {name.removeprefix("haz_"): fit for name, fit in by_haz.items()}
    known = {name: found or [] for name, found in terms.items()}
    return Series(frame, logit, linear_models, known, failed)


def _keep(
    kept: dict[str, MultilevelResult],
    failed: dict[str, str],
    name: str,
    fit: Callable[..., MultilevelResult],
    formula: str,
    frame: ModelFrame,
) -> None:
    """Fit and keep what converged; note why not otherwise."""
    try:
        result = fit(formula, frame.complete, frame.groups)
    except UserError as error:
        failed[name] = str(error)
        return
    if result.converged:
        kept[name] = result
    else:
        failed[name] = result.notes[-1]


def weighted_full(series: Series) -> MultilevelResult | None:
    """The full logit with sampling weights at two levels.

    A child's weight is scaled so that a village's weights add up to its children; the village
    carries the mean weight of its children, over all villages 1. (Weights that are alike within
    villages, as in most cluster surveys, speak through the villages alone.) Errors are
    clustered at the outermost level. Set beside the unweighted model, it shows whether the
    sampling design changes the answer.
    """
    frame, data = series.frame, series.frame.complete
    if not frame.weighted or FULL not in series.logit:
        return None
    inner = frame.groups[-1]
    scaled = scale_weights(data["weight"], data[inner], "size")
    mean = data.groupby(inner)["weight"].mean()
    try:
        result = fit_logit(
            frame.formula("stunted", series.terms[FULL]),
            data.assign(scaled=scaled, of_group=data[inner].map(mean / mean.mean())),
            frame.groups,
            weights={"level1": "scaled", inner: "of_group"},
        )
    except UserError as error:
        series.failed["full_weighted"] = str(error)
        return None
    return result if result.converged else None


def effects_table(series: Series, level: float) -> pd.DataFrame:
    """Rows of ``EFFECTS`` for every converged model of the series, logit and linear."""
    weights = series.frame.data["weight"]
    dropped = len(series.frame.data) - len(series.frame.complete)
    tables = []
    for outcome, models in (("stunted", series.logit), ("haz", series.linear)):
        for name, result in models.items():
            terms = series.terms[name]
            if not terms:
                continue
            rows = effect_rows(result, terms, weights, level)
            speaks = [MODEL_OF_BLOCK[term.block] == name for term in terms]
            rows["outcome"], rows["model"] = outcome, name
            rows["dropped"] = dropped + len(series.frame.complete) - result.nobs
            rows["published"] = speaks
            rows["why"] = [
                WHY_OF_BLOCK[term.block] if mine else None
                for term, mine in zip(terms, speaks, strict=True)
            ]
            tables.append(rows)
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()


def variance_table(series: Series) -> pd.DataFrame:
    """Rows of ``VARIANCE_COMPONENTS``: every model and level, the null model first.

    ``change`` is the proportional change in variance, (null - model) / null: the part of the
    difference between groups that goes with what the model holds.
    """
    rows = []
    for outcome, models in (("stunted", series.logit), ("haz", series.linear)):
        for name, result in models.items():
            ratios, icc = result.median_odds_ratio(), result.icc()
            for group in result.groups:
                rows.append(
                    {
                        "outcome": outcome,
                        "model": name,
                        "group": group,
                        "groups": int(result.n_groups[group]),
                        "sd": float(result.sd[group]),
                        "icc": float(icc[group]),
                        "median_odds_ratio": float(ratios[group])
                        if outcome == "stunted"
                        else np.nan,
                        "change": _change(models.get(NULL), result, group),
                        "loglik": result.loglik,
                        "n": result.nobs,
                        "converged": result.converged,
                        "gradient_se": result.gradient_se,
                    }
                )
    return pd.DataFrame(rows)


def _change(null: MultilevelResult | None, result: MultilevelResult, group: str) -> float:
    if null is None or null.sd[group] == 0:
        return float("nan")
    return float(1 - (result.sd[group] / null.sd[group]) ** 2)
