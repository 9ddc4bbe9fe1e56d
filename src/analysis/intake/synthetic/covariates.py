"""Covariates of the synthetic population, drawn in their causal order."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.indicators import Indicator, Pillars
from analysis.intake.synthetic.effects import (
    CAUSES,
    EDUCATION_SHARES,
    WEALTH_SHARES,
    Node,
)
from analysis.intake.synthetic.places import cluster_effects
from analysis.intake.synthetic.streams import Floats, Ints, centre_to_share, sigmoid, stream

#: Indicators whose population is narrower than an age range: wealth ranks asked.
ONLY_WEALTH_RANKS = {"food_aid": (0, 1)}
UNKNOWN_SHARE = 0.6


class Draw:
    """Variables drawn so far, each at its own level, read at a lower one on demand."""

    def __init__(self, villages: pd.DataFrame, households: pd.DataFrame, children: pd.DataFrame):
        self.rows = {"desa": villages, "household": households, "child": children}
        self.values: dict[str, tuple[str, np.ndarray]] = {}
        self.to_village = {
            "desa": np.arange(len(villages)),
            "household": households["village"].to_numpy(),
            "child": households["village"].to_numpy()[children["household"].to_numpy()],
        }

    def put(self, name: str, level: str, values: np.ndarray) -> None:
        """Keep a variable drawn at `level`."""
        self.values[name] = (level, values)

    def at(self, name: str, level: str) -> np.ndarray:
        """The variable at `level`, which is its own or a lower one."""
        own, values = self.values[name]
        if own == level:
            return values
        if own == "desa":
            return np.asarray(values[self.to_village[level]])
        return np.asarray(values[self.rows["child"]["household"].to_numpy()])


def draw_covariates(
    villages: pd.DataFrame,
    households: pd.DataFrame,
    children: pd.DataFrame,
    areas: int,
    seed: int,
) -> Draw:
    """Draw wealth, education, then every node of `CAUSES` in order."""
    drawn = Draw(villages, households, children)
    for name in ("urban", "development", "remoteness"):
        drawn.put(name, "desa", villages[name].to_numpy())
    _draw_wealth_and_education(drawn, stream(seed, "wealth"))
    for name, node in CAUSES.items():
        rng = stream(seed, name)
        drawn.put(name, node.level, _draw_condition(drawn, node, areas, rng))
    return drawn


def _draw_wealth_and_education(drawn: Draw, rng: np.random.Generator) -> None:
    size = len(drawn.rows["household"])
    place = {n: drawn.at(n, "household") for n in ("urban", "development", "remoteness")}
    wealth = 0.45 * place["urban"] + 0.28 * place["development"] - 0.25 * place["remoteness"]
    wealth = _standard(wealth + rng.normal(0.0, 1.0, size))
    education = _standard(0.55 * wealth + 0.15 * place["urban"] + rng.normal(0.0, 0.85, size))
    drawn.put("wealth", "household", wealth)
    drawn.put("education_latent", "household", education)
    drawn.put("wealth_quintile", "household", ranks(wealth, WEALTH_SHARES))
    drawn.put("mother_education", "household", ranks(education, EDUCATION_SHARES))
    drawn.put("education", "household", drawn.at("mother_education", "household"))


def _standard(x: Floats) -> Floats:
    return np.asarray((x - x.mean()) / x.std())


def ranks(latent: Floats, shares: Sequence[float]) -> Ints:
    """Cut a continuous variable into ordered groups of the given shares; 0 is the lowest."""
    cuts = np.quantile(latent, np.cumsum(shares)[:-1])
    return np.searchsorted(cuts, latent, side="right").astype(np.int64)


def _draw_condition(drawn: Draw, node: Node, areas: int, rng: np.random.Generator) -> np.ndarray:
    shift = cluster_effects(drawn.rows["desa"], areas, node.cluster_sd, rng)
    predictor = shift[drawn.to_village[node.level]]
    for parent, slope in node.depends.items():
        predictor = predictor + slope * drawn.at(parent, node.level)
    chance = sigmoid(predictor + centre_to_share(predictor, node.share))
    return np.asarray(rng.random(chance.size) < chance)


def indicator_columns(pillars: Pillars, drawn: Draw, seed: int) -> pd.DataFrame:
    """Every indicator of the pillars file, per child, as its canonical values.

    Conditions are nullable booleans, missing outside their ages; categories are text.
    Indicators the generator does not know get independent values that act on nothing.
    """
    months = drawn.rows["child"]["age_days"].to_numpy() / 30.4375
    columns: dict[str, object] = {}
    for code, indicator in pillars.indicators.items():
        if indicator.kind == "category":
            columns[code] = _category(code, indicator, drawn, seed)
        elif indicator.kind == "number":
            columns[code] = stream(seed, code).normal(0.0, 1.0, months.size).round(2)
        else:
            defined = _defined(code, indicator, drawn, months)
            column = pd.array(_condition(code, drawn, seed), dtype="boolean")
            column[~defined] = pd.NA
            columns[code] = column
    return pd.DataFrame(columns)


def _condition(code: str, drawn: Draw, seed: int) -> np.ndarray:
    if code in drawn.values:
        return drawn.at(code, "child").astype(bool)
    return stream(seed, code).random(len(drawn.rows["child"])) < UNKNOWN_SHARE


def _defined(code: str, indicator: Indicator, drawn: Draw, months: Floats) -> np.ndarray:
    defined = np.ones(months.size, dtype=bool)
    if indicator.ages_months is not None:
        low, high = indicator.ages_months
        defined &= (months >= low) & (months < high + 1)
    if code in ONLY_WEALTH_RANKS:
        defined &= np.isin(drawn.at("wealth_quintile", "child"), ONLY_WEALTH_RANKS[code])
    return defined


def _category(code: str, indicator: Indicator, drawn: Draw, seed: int) -> np.ndarray:
    """Ordered category as text; cut evenly where the file's list is not the generator's."""
    names = np.array(indicator.categories, dtype=object)
    latent_of = {"mother_education": "education_latent", "wealth_quintile": "wealth"}
    if code not in latent_of:
        rng = stream(seed, code)
        return np.asarray(names[rng.integers(0, names.size, len(drawn.rows["child"]))])
    known = drawn.at(code, "child")
    if known.max() + 1 != names.size:
        even = [1 / names.size] * names.size
        known = ranks(drawn.at(latent_of[code], "child"), even)
    return np.asarray(names[known])
