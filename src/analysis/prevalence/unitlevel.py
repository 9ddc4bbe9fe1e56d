"""Unit-level estimate beside the area-level one: multilevel logit, post-stratified.

Stunting by age and sex with random intercepts of desa within kecamatan, predicted for
the register's children by age, sex and kecamatan: sampled desa keep what was learnt of
them, the others are drawn. Intervals by simulation from the fitted model.
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
from analysis.project import Project

if TYPE_CHECKING:
    from analysis.determinants.results import MultilevelResult

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
class Learnt:
    """Of one sampled kecamatan: modes of its effect and its desa's, information per desa."""

    mode: Floats
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
    sd = [float(s) for s in result.sd]
    beta = rng.multivariate_normal(params.to_numpy(), covariance.to_numpy(), replicates)
    linear = beta @ cells.fixed.T
    learnt = _learnt(result)
    out = np.full((replicates, len(codes)), np.nan)
    for k, code in enumerate(codes):
        own = cells.area == k
        if not own.any():
            continue
        effects = _village_effects(learnt.get(code), sd, villages[k], replicates, rng)
        weight = cells.children[own] / cells.children[own].sum()
        p = special.expit(linear[:, own, None] + effects[:, None, :]).mean(axis=2)
        out[:, k] = p @ weight
    return out


def _learnt(result: MultilevelResult) -> dict[str, Learnt]:
    """What the fit says of each sampled kecamatan."""
    p = special.expit(result.fitted_linear.to_numpy(dtype=float))
    table = result.row_groups.reset_index(drop=True).assign(information=p * (1 - p))
    keys = list(result.groups)
    desa = table.groupby(keys, sort=False)["information"].sum().reset_index()
    area = result.random_effects["kecamatan"]["effect"]
    inner = result.random_effects[keys[-1]]["effect"] if len(keys) > 1 else None
    learnt = {}
    for code, part in desa.groupby("kecamatan", sort=False):
        effects = np.zeros(1) if inner is None else inner.loc[part[keys[-1]]].to_numpy(dtype=float)
        mode = np.concatenate([[float(area.loc[code])], effects])
        learnt[str(code)] = Learnt(mode, part["information"].to_numpy(dtype=float))
    return learnt


def _village_effects(
    learnt: Learnt | None,
    sd: list[float],
    villages: int,
    replicates: int,
    rng: np.random.Generator,
) -> Floats:
    """Draws of kecamatan plus desa effect for every desa; shape (replicates, villages).

    Given the data, the effects of one kecamatan and its desa are normal around their mode
    with the precision of Laplace's method.
    """
    outer, inner = max(sd[0], 1e-4), max(sd[1] if len(sd) > 1 else 0.0, 1e-4)
    if learnt is None:
        area = outer * rng.standard_normal((replicates, 1))
        return area + inner * rng.standard_normal((replicates, max(villages, 1)))
    information = learnt.information
    precision = np.diag(np.concatenate([[1 / outer**2], 1 / inner**2 + information]))
    precision[0, 0] += information.sum()
    precision[0, 1:] = precision[1:, 0] = information
    root = np.linalg.cholesky(np.linalg.inv(precision))
    drawn = learnt.mode + rng.standard_normal((replicates, len(learnt.mode))) @ root.T
    rest = max(villages - len(information), 0)
    others = inner * rng.standard_normal((replicates, rest))
    return np.asarray(drawn[:, :1] + np.concatenate([drawn[:, 1:], others], axis=1))
