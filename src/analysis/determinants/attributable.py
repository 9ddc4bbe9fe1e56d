"""Stunted children that go with the gap between today's and target coverage.

Standardisation over the fitted model: the children of an area as they are, against the same
children with the gap closed, that is with so many of those in the unfavourable state moved to
the favourable one that the area's coverage reaches the target (a random choice among them).
The area's own effect is kept; villages are averaged over. A pillar, and all pillars together,
are computed with their factors moved at once: factors overlap, so numbers of single factors
do not add up. Which children would not be stunted nobody knows: an association, not an effect.

Intervals from draws of coefficients and area effects, seeded; the children surveyed are taken
as they are. Counts are shares of the register's children.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.determinants.engine.laplace import probability
from analysis.determinants.engine.results import MultilevelResult, normal_nodes
from analysis.determinants.engine.tree import FloatArray, IntArray
from analysis.determinants.pillars import MODEL_OF_BLOCK, Term
from analysis.determinants.series import Series
from analysis.indicators import Pillars

DRAWS = 400
SHUFFLES = 40  # assignments averaged for the point estimate of a joint change
NODES = 3  # within an area the spread is a third of a logit: three nodes are exact to 1e-6
BEST_QUARTER = 0.75  # without a target: what the best quarter of areas has reached already
MIN_CHILDREN = 25  # of an area, before its coverage counts for that
ASSUMED = "assumed"


@dataclass(frozen=True)
class Gap:
    """A factor's coverage of the favourable state by area, and the target for it."""

    term: Term
    current: pd.Series
    target: float
    status: str

    @property
    def share_moved(self) -> pd.Series:
        """Part of the children in the unfavourable state that closes the gap, by area."""
        lacking = 1 - self.current
        need = (self.target - self.current).clip(lower=0)
        return (need / lacking.where(lacking > 0)).fillna(0.0).clip(0, 1)


class Standardisation:
    """Predictions of one model for every child, by area, under drawn parameters."""

    def __init__(
        self, result: MultilevelResult, areas: pd.Series, weights: pd.Series, seed: int
    ) -> None:
        self.result = result
        index = result.exog.index
        self.x = result.exog.to_numpy(float)
        self.names = list(result.exog.columns)
        self.weight = weights.loc[index].to_numpy(float)
        self.codes = pd.Index(sorted(areas.loc[index].unique()))
        self.area: IntArray = self.codes.get_indexer(areas.loc[index]).astype(np.int64)
        self.total = np.bincount(self.area, self.weight, minlength=len(self.codes))
        self.nodes, self.node_weights = normal_nodes(NODES)
        self.seed = seed
        self._set_effects(areas.loc[index])
        self.draws = self._draw()

    def _set_effects(self, areas: pd.Series) -> None:
        """Effect of each area and its error; the spread of what is averaged over."""
        sd = self.result.sd
        outer = self.result.groups[0]
        if outer == "kecamatan":
            table = self.result.random_effects[outer].reindex(self.codes)
            self.effect = table["effect"].to_numpy(float)
            self.effect_se = table["se"].to_numpy(float)
            self.spread = float(np.sqrt((sd.iloc[1:] ** 2).sum()))
        else:
            self.effect = np.zeros(len(self.codes))
            self.effect_se = np.zeros(len(self.codes))
            self.spread = float(np.sqrt((sd**2).sum()))

    def _draw(self) -> list[tuple[FloatArray, FloatArray]]:
        rng = np.random.default_rng([self.seed, 1])
        covariance = self.result.cov_params().to_numpy()
        root = np.linalg.cholesky(covariance + 1e-14 * np.diag(np.diag(covariance)))
        mean = self.result.params.to_numpy()
        drawn = []
        for _ in range(DRAWS):
            beta = mean + root @ rng.normal(size=len(mean))
            drawn.append((beta, self.effect + self.effect_se * rng.normal(size=len(self.effect))))
        return drawn

    def linear(self, beta: FloatArray, effect: FloatArray) -> FloatArray:
        """Linear predictor of every child."""
        return self.x @ beta + effect[self.area]

    def probability(self, eta: FloatArray) -> FloatArray:
        """Probability averaged over what lies within the area."""
        inside = probability(np.add.outer(self.spread * self.nodes, eta))
        average: FloatArray = self.node_weights @ inside
        return average

    def area_means(self, values: FloatArray) -> FloatArray:
        """Weighted mean over the children of each area."""
        sums = np.bincount(self.area, self.weight * values, minlength=len(self.codes))
        return sums / self.total

    def column(self, term: Term) -> int:
        """Place of a term's coefficient."""
        return self.names.index(term.name)


class Change:
    """Closing the gaps of one or several factors at once, for every child of a model."""

    def __init__(self, model: Standardisation, gaps: list[Gap]) -> None:
        self.model, self.gaps = model, gaps
        self.columns = [model.column(gap.term) for gap in gaps]
        by_area = [gap.share_moved.reindex(model.codes).fillna(0.0).to_numpy() for gap in gaps]
        moved = np.column_stack([share[model.area] for share in by_area])
        self.touched = np.flatnonzero(((model.x[:, self.columns] > 0) & (moved > 0)).any(axis=1))
        self.moved = moved[self.touched]
        self.states = model.x[self.touched][:, self.columns]
        self.area, self.weight = model.area[self.touched], model.weight[self.touched]
        self.rng = np.random.default_rng([model.seed, 2])

    def difference(self, eta: FloatArray, beta: FloatArray, now: FloatArray) -> FloatArray:
        """Today's mean probability less that with the gaps closed, by area.

        One factor: the exact expectation over who is moved. Several: one random choice.
        """
        model, at = self.model, self.touched
        if len(self.gaps) == 1:
            there = model.probability(eta[at] - self.states[:, 0] * beta[self.columns[0]])
            less = self.moved[:, 0] * (now[at] - there)
        else:
            chosen = (self.rng.random(self.moved.shape) < self.moved) * self.states
            less = now[at] - model.probability(eta[at] - chosen @ beta[self.columns])
        sums = np.bincount(self.area, self.weight * less, minlength=len(model.codes))
        return sums / model.total


@dataclass(frozen=True)
class Outcome:
    """Mean probability today and its difference to the closed gap: points, then draws."""

    today: FloatArray
    difference: FloatArray
    today_draws: FloatArray
    difference_draws: FloatArray


def outcomes(model: Standardisation, sets: list[list[Gap]]) -> list[Outcome]:
    """Close each set of gaps in turn, under the same draws."""
    changes = [Change(model, gaps) for gaps in sets]
    beta = model.result.params.to_numpy()
    eta = model.linear(beta, model.effect)
    now = model.probability(eta)
    points = [
        np.mean(
            [c.difference(eta, beta, now) for _ in range(1 if len(c.gaps) == 1 else SHUFFLES)],
            axis=0,
        )
        for c in changes
    ]
    today, drawn = [], []
    for beta_drawn, effect_drawn in model.draws:
        eta_drawn = model.linear(beta_drawn, effect_drawn)
        p = model.probability(eta_drawn)
        today.append(model.area_means(p))
        drawn.append([c.difference(eta_drawn, beta_drawn, p) for c in changes])
    by_set = np.array(drawn)
    today_draws, point_today = np.array(today), model.area_means(now)
    return [
        Outcome(point_today, point, today_draws, by_set[:, k]) for k, point in enumerate(points)
    ]


def find_gaps(series: Series, pillars: Pillars) -> list[Gap]:
    """Coverage by area and target of every modifiable factor that a model speaks for."""
    data = series.frame.complete
    weight, area = data["weight"], data["area"]
    enough = area.value_counts() >= MIN_CHILDREN
    found = []
    for term in series.frame.terms:
        if not term.modifiable or series.speaking_for(term) is None:
            continue
        lacking = (data[term.name] * weight).groupby(area).sum() / weight.groupby(area).sum()
        current = 1 - lacking
        target = pillars.indicators[term.indicator].target
        if target is None:
            known = current[enough.reindex(current.index, fill_value=False)]
            best = float((known if len(known) else current).quantile(BEST_QUARTER))
            found.append(Gap(term, current, best, ASSUMED))
            continue
        aim = target.value / 100
        higher = pillars.indicators[term.indicator].better == "higher"
        found.append(Gap(term, current, aim if higher else 1 - aim, str(target.status)))
    return found


def attributable_table(
    series: Series, pillars: Pillars, balita: pd.Series, whole: str, *, seed: int, level: float
) -> pd.DataFrame:
    """Rows of ``ATTRIBUTABLE``: every modifiable factor, pillar and all, by area and whole.

    Parameters
    ----------
    series
        Fitted models.
    balita
        Children under five by area code.
    whole
        Code of the whole place; its numbers add up those of the surveyed areas.
    """
    data, tables = series.frame.data, []
    sets = _sets(find_gaps(series, pillars))
    for name in dict.fromkeys(_model_for(members) for *_, members in sets):
        mine = [one for one in sets if _model_for(one[-1]) == name]
        model = Standardisation(series.logit[name], data["area"], data["weight"], seed)
        found = outcomes(model, [members for *_, members in mine])
        for (kind, code, pillar, members), outcome in zip(mine, found, strict=True):
            rows = _rows(model, outcome, members, balita, whole, level)
            tables.append(rows.assign(kind=kind, code=code, pillar=pillar))
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()


def _sets(gaps: list[Gap]) -> list[tuple[str, str, int | None, list[Gap]]]:
    """Single factors, then pillars, then everything."""
    sets: list[tuple[str, str, int | None, list[Gap]]] = [
        ("indicator", gap.term.indicator, gap.term.pillar, [gap]) for gap in gaps
    ]
    numbers = sorted({gap.term.pillar for gap in gaps if gap.term.pillar is not None})
    for number in numbers:
        sets.append(("pillar", str(number), number, [g for g in gaps if g.term.pillar == number]))
    if gaps:
        sets.append(("all", "all", None, gaps))
    return sets


def _model_for(members: list[Gap]) -> str:
    """The model of the latest block among the factors: there all of them are adjusted jointly."""
    order = list(MODEL_OF_BLOCK)
    latest = max(members, key=lambda gap: order.index(gap.term.block))
    return MODEL_OF_BLOCK[latest.term.block]


def _rows(
    model: Standardisation,
    outcome: Outcome,
    members: list[Gap],
    balita: pd.Series,
    whole: str,
    level: float,
) -> pd.DataFrame:
    """Numbers and shares of one set, area by area, the whole place last."""
    children = balita.reindex(model.codes).fillna(0.0).to_numpy(float)
    everyone = np.append(children, children.sum())
    share_of = children / children.sum() if children.sum() > 0 else np.full(len(children), np.nan)
    today = np.append(outcome.today, share_of @ outcome.today)
    point = np.append(outcome.difference, share_of @ outcome.difference)
    draws = np.column_stack([outcome.difference_draws, outcome.difference_draws @ share_of])
    today_draws = np.column_stack([outcome.today_draws, outcome.today_draws @ share_of])
    tails = [0.5 - level / 2, 0.5 + level / 2]
    low, high = np.quantile(draws, tails, axis=0)
    share_low, share_high = np.quantile(draws / today_draws, tails, axis=0)
    single = members[0] if len(members) == 1 else None
    current = np.full(len(point), np.nan)
    if single is not None:
        by_area = single.current.reindex(model.codes).to_numpy(float)
        current = np.append(by_area, share_of @ by_area)
    return pd.DataFrame(
        {
            "area": [*model.codes, whole],
            "current": current,
            "target": single.target if single else np.nan,
            "target_status": single.status if single else None,
            "stunted_children": everyone * point,
            "low": everyone * low,
            "high": everyone * high,
            "share": point / today,
            "share_low": share_low,
            "share_high": share_high,
        }
    )
