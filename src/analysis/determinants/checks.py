"""What a reader should check before believing a model: overlap, fit, and single kecamatan."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from analysis.determinants.engine.results import MultilevelResult
from analysis.determinants.pillars import Term

CALIBRATION_GROUPS = 10


def variance_inflation(result: MultilevelResult, terms: list[Term]) -> pd.Series:
    """Variance inflation factor of each term, given all other columns of the model.

    The diagonal of the inverse correlation matrix; 1 is no overlap, above 5 a coefficient
    cannot be told well from its neighbours.
    """
    columns = result.exog.loc[:, result.exog.nunique() > 1]
    if columns.shape[1] < 2:
        return pd.Series(1.0, index=[term.name for term in terms])
    inverse = np.linalg.inv(np.corrcoef(columns.to_numpy(float), rowvar=False))
    factors = pd.Series(np.diag(inverse), index=columns.columns)
    return factors[[term.name for term in terms]]


def calibration(result: MultilevelResult) -> pd.DataFrame:
    """Predicted against observed share of stunted in tenths of the prediction.

    Returns
    -------
    DataFrame
        ``predicted``, ``observed``, ``n``, one row per tenth (fewer with tied predictions).
    """
    predicted = result.predict()
    tenth = pd.qcut(predicted, CALIBRATION_GROUPS, labels=False, duplicates="drop")
    table = pd.DataFrame({"predicted": predicted, "observed": result.endog}).groupby(tenth)
    return table.mean().assign(n=table.size()).reset_index(drop=True)


def discrimination(result: MultilevelResult, *, groups: bool = True) -> float:
    """Chance that a stunted child has the higher prediction (area under the ROC curve).

    ``groups`` counts the groups' effects in.
    """
    linear = result.fitted_linear if groups else result.fixed_linear
    rank = linear.rank()
    cases = result.endog == 1
    n1, n0 = int(cases.sum()), int((~cases).sum())
    return float((rank[cases].sum() - n1 * (n1 + 1) / 2) / (n1 * n0))


def influence(result: MultilevelResult) -> pd.DataFrame:
    """How far each outermost group moves each fixed effect, in standard errors.

    One Newton step from the full fit after taking the group's score out: near what a refit
    without the group gives, at no cost.

    Returns
    -------
    DataFrame
        Groups by terms: estimate without the group less that with it, over the error.
    """
    if result.score_by_group is None or result.hessian is None:
        raise ValueError("influence needs a fitted logit")
    names = list(result.params.index)
    free = result.cov_full.columns[np.isfinite(np.diag(result.cov_full))]
    bread = np.linalg.inv(-result.hessian.loc[free, free].to_numpy())
    moved = -(result.score_by_group[free].to_numpy() @ bread)
    table = pd.DataFrame(moved, index=result.score_by_group.index, columns=free)
    return table[names] / result.bse


def residuals(result: MultilevelResult) -> dict[str, float]:
    """What the children's residuals, the groups' effects taken out, are like.

    Returns
    -------
    dict
        Of a logit ``dispersion``: Pearson's chi-square over its degrees of freedom, 1 where the
        chances fit. Of a linear model ``skewness`` and ``excess kurtosis``, 0 where the
        residuals are normal.
    """
    if result.family == "linear":
        left = (result.endog - result.fitted_linear).to_numpy()
        shape = {"skewness": stats.skew(left), "excess kurtosis": stats.kurtosis(left)}
        return {name: float(value) for name, value in shape.items()}
    chance = result.predict()
    pearson = float(((result.endog - chance) ** 2 / (chance * (1 - chance))).sum())
    return {"dispersion": pearson / (result.nobs - len(result.params))}


def residual_rows(result: MultilevelResult, model: str) -> list[dict[str, object]]:
    """Rows of ``MODEL_CHECKS`` on the residuals of a model."""
    found = residuals(result)
    same = {"model": model, "check": "residual", "n": result.nobs}
    return [same | {"item": item, "value": value} for item, value in found.items()]


def checks_table(result: MultilevelResult, terms: list[Term], model: str) -> pd.DataFrame:
    """Rows of ``CHECKS`` for one converged logit."""
    rows = [
        {"check": "vif", "item": name, "value": float(value)}
        for name, value in variance_inflation(result, terms).items()
    ]
    for place, row in calibration(result).iterrows():
        rows.append(
            {
                "check": "calibration",
                "item": str(int(str(place)) + 1),
                "value": float(row["observed"]),
                "reference": float(row["predicted"]),
                "n": int(row["n"]),
            }
        )
    rows.append({"check": "auc", "item": "with groups", "value": discrimination(result)})
    fixed_only = discrimination(result, groups=False)
    rows.append({"check": "auc", "item": "covariates only", "value": fixed_only})
    moved = influence(result)[[term.name for term in terms]]
    for group, shifts in moved.iterrows():
        if len(shifts) == 0:
            continue
        worst = str(shifts.abs().idxmax())
        rows.append(
            {
                "check": "influence",
                "item": str(group),
                "value": float(shifts[worst]),
                "reason": worst,
            }
        )
    return pd.DataFrame(rows).assign(model=model)
