"""Unit-level estimate beside the area-level one: multilevel logit, post-stratified.

Stunting by age and sex with random intercepts of desa within kecamatan, predicted for
the register's children by age, sex and kecamatan: sampled desa keep what was learnt of
them, the others are drawn. Intervals by simulation from the fitted model, the variance
between kecamatan being drawn from its likelihood rather than taken as known.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special

from analysis.errors import UserError
from analysis.prevalence.children import Survey
from analysis.prevalence.mixture import mix
from analysis.project import Project

if TYPE_CHECKING:
    from analysis.determinants.engine.results import MultilevelResult

Floats = npt.NDArray[np.float64]
_EDGES = [0, 6, 12, 24, 36, 48, 60]
_GROUPS = ["0-5", "6-11", "12-23", "24-35", "36-47", "48-59"]
FORMULA = "stunted ~ C(age_group) + C(sex)"


@dataclass(frozen=True)
class Cells:
    """Register cells: design row of the model, area (position) and children of each."""

    fixed: Floats  # design matrix
    area: npt.NDArray[np.integer]
    children: Floats


@dataclass(frozen=True)
class Desa:
    """Sampled desa: position of its kecamatan, its deviation (logit), and information on it."""

    area: npt.NDArray[np.integer]
    deviation: Floats
    information: Floats


def unit_level(
    survey: Survey, population: pd.DataFrame | None, project: Project, rows: pd.DataFrame
) -> tuple[pd.DataFrame | None, tuple[str, ...]]:
    """Rows `unit_level` of stunting per area, or None and a note why there are none.

    Parameters
    ----------
    population
        Artefact `population`: children by kecamatan, sex and age group.
    rows
        The area-level rows, from which `n`, `missing` and `psus` are taken.
    """
    from analysis.determinants.multilevel import fit_logit

    if population is None or population.empty:
        return None, ("unit_level_without_register",)
    data = model_data(survey)
    groups = ["kecamatan", "desa"] if data["desa"].notna().all() else ["kecamatan"]
    try:
        result = fit_logit(FORMULA, data, groups)
    except UserError:
        return None, ("unit_level_not_fitted",)
    if not result.converged:
        return None, ("unit_level_not_converged",)
    codes = project.register.codes
    villages = project.register.areas["villages"].astype("Float64").fillna(0).astype(int)
    rng = np.random.default_rng(project.params.estimation.seed)
    draws = simulate(
        result, register_cells(result, population, codes), codes, villages.tolist(),
        project.params.estimation.bootstrap, rng,
    )  # fmt: skip
    alpha = (1 - project.params.estimation.level) / 2
    base = rows[(rows["method"] == "direct") & (rows["level"] == "area")]
    base = base.set_index("area").loc[codes, ["n", "missing", "psus"]].reset_index()
    table = base.assign(
        level="area", indicator="stunted", method="unit_level", unit="share",
        estimate=draws.mean(axis=0), se=draws.std(axis=0, ddof=1),
        low=np.quantile(draws, alpha, axis=0), high=np.quantile(draws, 1 - alpha, axis=0),
    )  # fmt: skip
    return table[table["estimate"].notna()], ()


def model_data(survey: Survey) -> pd.DataFrame:
    """Children with outcome, sex, age group and place; desa are told apart by kecamatan."""
    children = survey.children
    months = (children["age_days"].astype(float) / 30.4375).to_numpy()
    group = pd.cut(months, _EDGES, right=False, labels=_GROUPS)
    desa = children["desa"] if "desa" in children else pd.Series(pd.NA, children.index)
    if desa.isna().any() and survey.design["psu"]:
        desa = children[survey.design["psu"]]
    data = pd.DataFrame(
        {
            "stunted": children["stunted"].astype("Float64"),
            "age_group": pd.Series(group, index=children.index).astype(object),
            "sex": children["sex"].astype(object),
            "kecamatan": children["kecamatan"],
            "desa": (children["kecamatan"] + "|" + desa.astype("string")).astype(object),
        }
    )
    data = data.dropna(subset=["stunted", "age_group", "sex"]).reset_index(drop=True)
    return data.assign(stunted=data["stunted"].astype(float))


def register_cells(result: MultilevelResult, population: pd.DataFrame, codes: list[str]) -> Cells:
    """Cells of the register that the model can speak of."""
    cells = population[population["kecamatan"].isin(codes) & (population["balita"] > 0)]
    matrix = result.spec.get_model_matrix(cells, na_action="ignore")
    fixed = np.asarray(matrix, dtype=float)
    area = pd.Index(codes).get_indexer(pd.Index(cells["kecamatan"]))
    return Cells(fixed, area, cells["balita"].to_numpy(dtype=float))


def simulate(
    result: MultilevelResult,
    cells: Cells,
    codes: list[str],
    villages: list[int],
    replicates: int,
    rng: np.random.Generator,
) -> Floats:
    """Draw each area's share; shape (replicates, areas), NaN without register cells."""
    params, covariance = result.params, result.cov_params()
    inner = float(result.sd.iloc[1]) if len(result.sd) > 1 else 0.0
    beta = rng.multivariate_normal(params.to_numpy(), covariance.to_numpy(), replicates)
    linear = beta @ cells.fixed.T
    desa = desa_deviations(result, codes)
    kecamatan = _draw_kecamatan(desa, inner, len(codes), replicates, rng)
    out = np.full((replicates, len(codes)), np.nan)
    for k in range(len(codes)):
        own = cells.area == k
        if not own.any():
            continue
        effects = _draw_desa(desa, k, kecamatan[:, k], inner, villages[k], rng)
        weight = cells.children[own] / cells.children[own].sum()
        p = special.expit(linear[:, own, None] + effects[:, None, :]).mean(axis=2)
        out[:, k] = p @ weight
    return out


def desa_deviations(result: MultilevelResult, codes: list[str]) -> Desa:
    """One Newton step from the fixed part for each desa: its deviation and information."""
    p = special.expit(result.fixed_linear.to_numpy(dtype=float))
    keys = list(result.groups)
    table = result.row_groups.reset_index(drop=True).assign(
        excess=result.endog.to_numpy(dtype=float) - p, information=p * (1 - p)
    )
    desa = table.groupby(keys, sort=False)[["excess", "information"]].sum().reset_index()
    area = pd.Index(codes).get_indexer(pd.Index(desa["kecamatan"]))
    information = desa["information"].to_numpy(dtype=float)
    return Desa(area, desa["excess"].to_numpy(dtype=float) / information, information)


def _draw_kecamatan(
    desa: Desa, inner: float, areas: int, replicates: int, rng: np.random.Generator
) -> Floats:
    """Kecamatan effects, mixed over the variance between kecamatan; (replicates, areas)."""
    weight = 1 / (inner**2 + 1 / desa.information)
    total = np.bincount(desa.area, weight, minlength=areas)
    with np.errstate(divide="ignore", invalid="ignore"):
        deviation = np.bincount(desa.area, weight * desa.deviation, minlength=areas) / total
        variance = 1 / total
    mixture = mix(deviation, variance, np.ones((areas, 1)))
    chosen = rng.choice(len(mixture.grid), replicates, p=mixture.weight)
    noise = rng.standard_normal((replicates, areas))
    return np.asarray(mixture.centre[chosen] + np.sqrt(mixture.variance[chosen]) * noise)


def _draw_desa(
    desa: Desa, k: int, effect: Floats, inner: float, villages: int, rng: np.random.Generator
) -> Floats:
    """Kecamatan plus desa effect of every desa, given the kecamatan's; (replicates, desa)."""
    own = desa.area == k
    information, deviation = desa.information[own], desa.deviation[own]
    keep = information * inner**2 / (1 + information * inner**2)
    learnt = keep * (deviation - effect[:, None])
    spread = inner * np.sqrt(1 - keep)
    known = learnt + spread * rng.standard_normal(learnt.shape)
    rest = max(villages - int(own.sum()), 0 if own.any() else 1)
    others = inner * rng.standard_normal((len(effect), rest))
    return np.asarray(effect[:, None] + np.concatenate([known, others], axis=1))
