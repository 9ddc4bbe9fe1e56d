"""What a fitted model says of each factor: odds ratio, and stunted children per 100.

The difference per 100 is an average marginal effect by standardisation: the mean over the
children of the predicted probability were every child in the unfavourable state, less that
were none, all else as it is, averaged over the groups' distribution (Stata's
``margins, dydx()`` after ``melogit``). Intervals by the delta method over fixed effects and
standard deviations together. An association: the difference between children alike in what
the model holds, not what an intervention would bring.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from analysis.determinants.engine.laplace import probability
from analysis.determinants.engine.results import MultilevelResult, normal_nodes
from analysis.determinants.engine.tree import FloatArray
from analysis.determinants.pillars import Term

NODES = 7  # the groups together spread by half a logit: seven nodes are exact to 1e-7


@dataclass(frozen=True)
class MarginalEffect:
    """Average marginal effect (a difference of probabilities) and its standard error."""

    estimate: float
    se: float


def average_effect(
    result: MultilevelResult, term: Term, siblings: list[str], weights: FloatArray
) -> MarginalEffect:
    """Average marginal effect of one term.

    Parameters
    ----------
    result
        A fitted logit.
    term
        The term; a number moves by one standard deviation.
    siblings
        Columns of the other categories of the same indicator, 0 in both states.
    weights
        Weight of each child, in the order of ``result.exog``.
    """
    x = result.exog.to_numpy(float)
    names, beta = list(result.exog.columns), result.params.to_numpy()
    column = names.index(term.name)
    set_to_0 = [names.index(name) for name in siblings]
    if term.kind != "number":
        set_to_0.append(column)
    share = weights / weights.sum()
    low = x @ beta - x[:, set_to_0] @ beta[set_to_0]
    up, up_slopes, up_by_sd = _mean_probability(result, low + beta[column], share)
    down, down_slopes, down_by_sd = _mean_probability(result, low, share)
    by_beta = x.T @ (up_slopes - down_slopes)
    by_beta[set_to_0] = 0.0
    by_beta[column] += up_slopes.sum()
    gradient = np.concatenate([by_beta, up_by_sd - down_by_sd])
    free = np.isfinite(np.diag(result.cov_full.to_numpy()))
    covariance = result.cov_full.to_numpy()[np.ix_(free, free)]
    variance = gradient[free] @ covariance @ gradient[free]
    return MarginalEffect(up - down, float(np.sqrt(max(variance, 0.0))))


def _mean_probability(
    result: MultilevelResult, eta: FloatArray, share: FloatArray
) -> tuple[float, FloatArray, FloatArray]:
    """Weighted mean of the marginal probability; its slopes in each row's predictor and the sds."""
    sd = result.sd.to_numpy()
    total = float(np.sqrt(np.sum(sd**2)))
    nodes, node_weights = normal_nodes(NODES)
    prob = probability(eta[:, None] + total * nodes)
    density = prob * (1 - prob) * node_weights
    by_eta = density.sum(axis=1)
    by_total = float(share @ (density @ nodes))
    by_sd = by_total * (sd / total if total > 0 else np.zeros_like(sd))
    mean = float(share @ (prob @ node_weights))
    return mean, share * by_eta, by_sd


def effect_rows(
    result: MultilevelResult, terms: list[Term], weights: pd.Series, level: float
) -> pd.DataFrame:
    """One row per term of a fitted model, in the columns of ``EFFECTS``.

    Parameters
    ----------
    result
        Fitted logit or linear model.
    terms
        Terms in the model.
    weights
        Sampling weight by row index, for averaging over the children.
    level
        Level of the intervals.
    """
    z = float(stats.norm.ppf(0.5 + level / 2))
    share = weights.loc[result.exog.index].to_numpy(float)
    rows = []
    for term in terms:
        coefficient, se = float(result.params[term.name]), float(result.bse[term.name])
        row = {
            "term": term.name,
            "indicator": term.indicator,
            "category": term.category,
            "pillar": term.pillar,
            "coefficient": coefficient,
            "se": se,
            "p_value": float(result.pvalues[term.name]),
            "n": result.nobs,
        }
        if result.family == "logit":
            others = [t.name for t in terms if t.indicator == term.indicator and t is not term]
            effect = average_effect(result, term, others, share)
            row |= {
                "odds_ratio": np.exp(coefficient),
                "or_low": np.exp(coefficient - z * se),
                "or_high": np.exp(coefficient + z * se),
                "per_100": 100 * effect.estimate,
                "per_100_low": 100 * (effect.estimate - z * effect.se),
                "per_100_high": 100 * (effect.estimate + z * effect.se),
            }
        rows.append(row)
    return pd.DataFrame(rows)
