"""Missing covariates filled in many times over (statsmodels MICE), as a check on complete cases."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.imputation.mice import MICEData

from analysis.determinants.effects import average_effect
from analysis.determinants.engine.results import MultilevelResult
from analysis.determinants.engine.tree import FloatArray
from analysis.determinants.frame import AGE, ModelFrame
from analysis.determinants.multilevel import fit_logit
from analysis.determinants.pillars import Term
from analysis.errors import UserError

IMPUTATIONS = 5
BURN_IN = 2
VILLAGE_MEAN = "village_stunted"


class ColumnMICE(MICEData):  # type: ignore[misc]
    """MICEData with every other column as predictor, read as an array and not by a formula.

    The same imputations from the same seed, several times faster: statsmodels parses and
    evaluates its formula twice for each variable and cycle.
    """

    def _predictors(self, vname: str) -> FloatArray:
        values = self.data.to_numpy(float)
        others = np.flatnonzero(self.data.columns != vname)
        return np.column_stack([np.ones(len(values)), values[:, others]])

    def get_fitting_data(
        self, vname: str
    ) -> tuple[FloatArray, FloatArray, dict[str, Any], dict[str, Any]]:
        """Observed values of a variable and the predictors beside them."""
        rows = self.ix_obs[vname]
        exog = self._predictors(vname)[rows]
        return self.data[vname].to_numpy(float)[rows], exog, {}, {"method": "qr"}

    def get_split_data(
        self, vname: str
    ) -> tuple[FloatArray, FloatArray, FloatArray, dict[str, Any], dict[str, Any]]:
        """Observed values, predictors beside them, and predictors of the missing."""
        seen, exog = self.ix_obs[vname], self._predictors(vname)
        endog = self.data[vname].to_numpy(float)[seen]
        return endog, exog[seen], exog[self.ix_miss[vname]], {}, {}


def imputed_frames(frame: ModelFrame, *, seed: int) -> Iterator[pd.DataFrame]:
    """Completed copies of the models' table, by chained equations with predictive mean matching.

    Outcome, age, sex, every covariate and the village's share of stunted children predict what
    is missing. Categories are imputed as ranks, so that a child lies in one of them.
    """
    ranks, members = _ranks(frame)
    data = frame.data.dropna(subset=list(frame.groups)).copy()
    numeric = ranks.loc[data.index].assign(stunted=data["stunted"])
    village = [name for name in frame.groups if name != "household"][-1:] or frame.groups[-1:]
    numeric[VILLAGE_MEAN] = data.groupby(list(village))["stunted"].transform("mean")
    for name in (AGE, "haz"):
        if data[name].notna().any() and data[name].nunique() > 1:
            numeric[name] = data[name]
    numeric = numeric.loc[:, numeric.nunique() > 1]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # statsmodels on its own internals
        chained = ColumnMICE(numeric.reset_index(drop=True), rng=seed)
        chained.update_all(BURN_IN)
        for _ in range(IMPUTATIONS):
            chained.update_all(1)
            completed = chained.data.set_index(numeric.index)
            yield _with_terms(data, completed, members)


def _ranks(frame: ModelFrame) -> tuple[pd.DataFrame, dict[str, list[Term]]]:
    """One column per indicator: a state, a number, or the rank of its category (1 worst)."""
    members: dict[str, list[Term]] = {}
    for term in frame.terms:
        members.setdefault(term.indicator, []).append(term)
    columns = {}
    for code, terms in members.items():
        values = frame.data[[term.name for term in terms]]
        if terms[0].kind == "category":
            order = np.arange(1, len(terms) + 1)
            rank = values.to_numpy() @ order + (len(terms) + 1) * (values.sum(axis=1) == 0)
            columns[code] = pd.Series(rank, index=values.index).where(values.notna().all(axis=1))
        else:
            columns[code] = values.iloc[:, 0]
    return pd.DataFrame(columns, index=frame.data.index), members


def _with_terms(
    data: pd.DataFrame, completed: pd.DataFrame, members: dict[str, list[Term]]
) -> pd.DataFrame:
    filled = data.copy()
    for code, terms in members.items():
        if code not in completed:
            continue
        for place, term in enumerate(terms, start=1):
            own = completed[code]
            filled[term.name] = (own == place).astype(float) if term.kind == "category" else own
    if AGE in completed:
        filled[AGE] = completed[AGE]
    return filled


def imputed_effects(
    frame: ModelFrame, models: dict[str, list[Term]], *, seed: int, level: float
) -> pd.DataFrame:
    """Effects of each model over the imputations, combined by Rubin's rules.

    Parameters
    ----------
    models
        Terms of each model, by name.

    Returns
    -------
    DataFrame
        Columns of ``EFFECTS`` that a model gives, ``model`` with the suffix ``_imputed``.
        Empty when nothing is missing or a fit failed.
    """
    if not frame.data[[t.name for t in frame.terms]].isna().any().any():
        return pd.DataFrame()
    found: dict[str, list[pd.DataFrame]] = {name: [] for name in models}
    for data in imputed_frames(frame, seed=seed):
        for name, terms in models.items():
            try:
                result = fit_logit(frame.formula("stunted", terms), data, frame.groups)
            except UserError:
                continue
            if result.converged:
                found[name].append(_one(result, terms, data["weight"]))
    tables = [
        _pool(tables, level).assign(model=f"{name}_imputed")
        for name, tables in found.items()
        if len(tables) == IMPUTATIONS
    ]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()


def _one(result: MultilevelResult, terms: list[Term], weights: pd.Series) -> pd.DataFrame:
    share = weights.loc[result.exog.index].to_numpy(float)
    rows = []
    for term in terms:
        siblings = [t.name for t in terms if t.indicator == term.indicator and t is not term]
        effect = average_effect(result, term, siblings, share)
        rows.append(
            {
                "term": term.name,
                "indicator": term.indicator,
                "category": term.category,
                "pillar": term.pillar,
                "coefficient": result.params[term.name],
                "variance": result.bse[term.name] ** 2,
                "effect": effect.estimate,
                "effect_variance": effect.se**2,
                "n": result.nobs,
            }
        )
    return pd.DataFrame(rows)


def pool(estimates: np.ndarray, variances: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rubin's rules: mean, and within plus between variance (imputations by estimates)."""
    count = len(estimates)
    between = estimates.var(axis=0, ddof=1)
    return estimates.mean(axis=0), np.sqrt(variances.mean(axis=0) + (1 + 1 / count) * between)


def _pool(tables: list[pd.DataFrame], level: float) -> pd.DataFrame:
    def stacked(column: str) -> np.ndarray:
        return np.array([table[column].to_numpy(float) for table in tables])

    coefficient, se = pool(stacked("coefficient"), stacked("variance"))
    effect, effect_se = pool(stacked("effect"), stacked("effect_variance"))
    z = float(stats.norm.ppf(0.5 + level / 2))
    table = tables[0].drop(columns=["variance", "effect", "effect_variance"])
    return table.assign(
        coefficient=coefficient,
        se=se,
        odds_ratio=np.exp(coefficient),
        or_low=np.exp(coefficient - z * se),
        or_high=np.exp(coefficient + z * se),
        per_100=100 * effect,
        per_100_low=100 * (effect - z * effect_se),
        per_100_high=100 * (effect + z * effect_se),
        p_value=2 * stats.norm.sf(np.abs(coefficient / se)),
    )
