"""What a fitted multilevel model says, under the names statsmodels uses."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, field
from typing import Literal, get_args

import numpy as np
import pandas as pd
from formulaic import ModelSpec
from scipy import stats
from scipy.special import expit

from analysis.determinants.engine.laplace import Elimination
from analysis.determinants.engine.model_table import plain
from analysis.determinants.engine.tree import FloatArray
from analysis.errors import UserError

LOGISTIC_VARIANCE = np.pi**2 / 3
Effects = Literal["modes", "zero", "marginal"]


def normal_nodes(order: int = 31) -> tuple[FloatArray, FloatArray]:
    """Nodes and weights of an expectation over the standard normal distribution."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(order)
    return nodes, weights / weights.sum()


def marginal_probability(eta: FloatArray, sd: float) -> FloatArray:
    """Probability averaged over a normal effect of the given standard deviation."""
    nodes, weights = normal_nodes()
    flat = np.asarray(eta, dtype=float).reshape(-1)
    total = sum(w * expit(flat + sd * z) for z, w in zip(nodes, weights, strict=True))
    return np.asarray(total).reshape(np.shape(eta))


@dataclass(frozen=True)
class MultilevelResult:
    """A fitted model: fixed effects, standard deviations of the groups, and how it was reached.

    Attributes
    ----------
    params, bse
        Fixed effects and their standard errors.
    sd, sd_bse
        Standard deviation of the random intercepts by group, outermost first, and its
        standard error (missing at the boundary 0).
    loglik
        Log-likelihood at the maximum, all constants included.
    converged, gradient_se
        Whether the fit may be used, and its largest gradient in standard errors.
    cov_full
        Covariance of fixed effects and standard deviations together.
    nobs, n_groups, dropped
        Rows used, groups by level, and rows left out by the column that was missing.
    scale
        Residual variance; 1 for a logit.
    """

    family: Literal["logit", "linear"]
    formula: str
    params: pd.Series
    bse: pd.Series
    sd: pd.Series
    sd_bse: pd.Series
    cov_full: pd.DataFrame
    loglik: float
    converged: bool
    gradient_se: float
    nobs: int
    n_groups: pd.Series
    dropped: dict[str, int]
    notes: tuple[str, ...]
    method: str
    covariance_type: str
    random_effects: dict[str, pd.DataFrame]
    fitted_linear: pd.Series
    fixed_linear: pd.Series
    exog: pd.DataFrame
    endog: pd.Series
    spec: ModelSpec
    row_groups: pd.DataFrame
    scale: float = 1.0
    score_by_group: pd.DataFrame | None = field(default=None, repr=False)
    hessian: pd.DataFrame | None = field(default=None, repr=False)

    @property
    def llf(self) -> float:
        """Log-likelihood, by statsmodels' name."""
        return self.loglik

    @property
    def groups(self) -> list[str]:
        """Grouping columns, outermost first."""
        return [str(name) for name in self.sd.index]

    @property
    def n_dropped(self) -> int:
        """Rows left out because a value was missing."""
        return sum(self.dropped.values())

    @property
    def aic(self) -> float:
        """Akaike's information criterion."""
        return 2 * (len(self.params) + len(self.sd) + (self.family == "linear")) - 2 * self.loglik

    @property
    def tvalues(self) -> pd.Series:
        """Fixed effects over their standard errors."""
        return self.params / self.bse

    @property
    def pvalues(self) -> pd.Series:
        """Two-sided Wald p-values."""
        return pd.Series(2 * stats.norm.sf(np.abs(self.tvalues)), index=self.params.index)

    def cov_params(self) -> pd.DataFrame:
        """Covariance of the fixed effects."""
        names = list(self.params.index)
        return self.cov_full.loc[names, names]

    def conf_int(self, alpha: float = 0.05) -> pd.DataFrame:
        """Wald interval of the fixed effects, columns 0 and 1 as in statsmodels."""
        half = stats.norm.ppf(1 - alpha / 2) * self.bse
        return pd.DataFrame({0: self.params - half, 1: self.params + half})

    def sd_conf_int(self, alpha: float = 0.05) -> pd.DataFrame:
        """Interval of the standard deviations, normal on the log scale; none at the boundary."""
        half = stats.norm.ppf(1 - alpha / 2) * self.sd_bse / self.sd.where(self.sd > 0)
        return pd.DataFrame({0: self.sd * np.exp(-half), 1: self.sd * np.exp(half)})

    def icc(self) -> pd.Series:
        """Intraclass correlation of rows that share each group (and those outside it)."""
        residual = LOGISTIC_VARIANCE if self.family == "logit" else self.scale
        variances = self.sd**2
        shared: pd.Series = variances.cumsum() / (variances.sum() + residual)
        return shared

    def median_odds_ratio(self) -> pd.Series:
        """Larke and Merlo's median odds ratio of two rows from two groups, level by level."""
        ratio: pd.Series = np.exp(np.sqrt(2) * stats.norm.ppf(0.75) * self.sd)
        return ratio

    def predict(
        self, data: pd.DataFrame | None = None, *, effects: Effects = "modes", linear: bool = False
    ) -> pd.Series:
        """Predicted probability (or value), row by row.

        Parameters
        ----------
        data
            New rows; None for the rows of the fit, on their own index. A group not seen in
            the fit gets effect 0.
        effects
            ``modes``: with each group's estimated effect; ``zero``: for a typical group;
            ``marginal``: averaged over the groups' distribution.
        linear
            Give the linear predictor.

        Raises
        ------
        UserError
            When a column is missing from ``data``.
        """
        if effects not in get_args(Effects):
            raise UserError(
                f"predict: effects={effects!r} given; one of {', '.join(get_args(Effects))}."
            )
        if data is None:
            fixed, shift = self.fixed_linear, self.fitted_linear - self.fixed_linear
        else:
            fixed = self._new_fixed(data)
            shift = self._new_effects(data) if effects == "modes" else 0 * fixed
        eta = fixed + shift if effects == "modes" else fixed
        if linear or self.family == "linear":
            return eta.rename("predicted")
        spread = float(np.sqrt((self.sd**2).sum())) if effects == "marginal" else 0.0
        values = marginal_probability(eta.to_numpy(), spread) if spread else expit(eta)
        return pd.Series(values, index=eta.index, name="predicted")

    def _new_fixed(self, data: pd.DataFrame) -> pd.Series:
        used = set(self.spec.required_variables)
        table = data.assign(**{name: plain(data[name]) for name in data.columns if name in used})
        try:
            matrix = self.spec.get_model_matrix(table, na_action="ignore", context={"np": np})
        except Exception as error:  # formulaic passes on whatever the evaluated term raises
            raise UserError(
                f"predict: the table does not fit the model: {' '.join(str(error).split())}"
            ) from error
        values = np.asarray(matrix, dtype=float) @ self.params.to_numpy()
        return pd.Series(values, index=data.index)

    def _new_effects(self, data: pd.DataFrame) -> pd.Series:
        shift = pd.Series(0.0, index=data.index)
        for name, table in self.random_effects.items():
            if name not in data.columns:
                raise UserError(f"predict: no column `{name}`; give it, or ask effects='marginal'.")
            shift = shift + data[name].map(table["effect"]).astype(float).fillna(0.0)
        return shift

    def summary(self) -> str:
        """Plain-text table of the fit, as one reads it in Stata or R."""
        return summarise(self)

    def __str__(self) -> str:
        return self.summary()


def summarise(result: MultilevelResult) -> str:
    """Lay out a fitted model as text."""
    limits = result.conf_int()
    fixed = pd.DataFrame(
        {
            "coef": result.params,
            "std err": result.bse,
            "z": result.tvalues,
            "P>|z|": result.pvalues,
            "[0.025": limits[0],
            "0.975]": limits[1],
        }
    )
    groups = pd.DataFrame(
        {"groups": result.n_groups, "sd": result.sd, "std err": result.sd_bse, "ICC": result.icc()}
    )
    state = "converged" if result.converged else "NOT CONVERGED: do not use"
    lines = [
        *textwrap.wrap(f"Multilevel {result.family}: {result.formula}", 100),
        f"{result.method}; standard errors: {result.covariance_type}",
        f"{result.nobs} rows, {result.n_dropped} left out; log-likelihood {result.loglik:.4f}; "
        f"{state} (largest gradient {result.gradient_se:.1e} standard errors)",
        "",
        fixed.to_string(float_format=lambda v: f"{v:.4f}"),
        "",
        groups.to_string(float_format=lambda v: f"{v:.4f}"),
    ]
    if result.family == "linear":
        lines.append(f"residual sd {np.sqrt(result.scale):.4f}")
    return "\n".join([*lines, *(f"note: {note}" for note in result.notes)])


def labelled(values: FloatArray, names: list[str]) -> pd.Series:
    """A float Series with text labels."""
    return pd.Series(np.asarray(values, dtype=float), index=pd.Index(names, dtype="str"))


def notes_of(*parts: str | None) -> tuple[str, ...]:
    """Notes that are there."""
    return tuple(part for part in parts if part)


def effect_tables(solver: Elimination, modes: list[FloatArray]) -> dict[str, pd.DataFrame]:
    """Each group's effect (``sd`` times its mode) and its conditional standard error."""
    tree, sd = solver.tree, solver.sd
    above = np.zeros_like(solver.info[0])
    tables = {}
    for level, name in enumerate(tree.names):
        if level:
            above = tree.down(level - 1, above)
        pull = sd[level] * solver.info[level] / solver.pivot[level]
        own = 1 / solver.pivot[level] + pull**2 * above
        above = (1 - sd[level] * pull) ** 2 * above + sd[level] ** 2 / solver.pivot[level]
        tables[name] = pd.DataFrame(
            {"effect": sd[level] * modes[level], "se": sd[level] * np.sqrt(own)},
            index=tree.labels[level],
        )
    return tables
