"""An indicator of an area beside the whole place and beside all areas."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis.brief.data import BriefData, records
from analysis.brief.formatting import is_real
from analysis.indicators import Indicator
from analysis.review.probability import Estimate, probability_above_whole


@dataclass(frozen=True)
class Coverage:
    """One indicator of one area, with what it is read against."""

    code: str
    indicator: Indicator
    estimate: float | None
    low: float | None
    high: float | None
    n: float | None
    verdict: str
    reason: str | None
    whole: float | None
    target: float | None
    state: str
    favourable: bool | None
    spread: tuple[float, float, float, float] | None

    @property
    def shown(self) -> bool:
        """Whether the figure may be printed."""
        return self.verdict != "suppress" and self.estimate is not None


def state_of(probability: float, high: float, low: float) -> str:
    """Three-state word from a probability: higher, similar, lower; not_compared if unknown.

    >>> state_of(0.95, 0.9, 0.1), state_of(0.5, 0.9, 0.1), state_of(float("nan"), 0.9, 0.1)
    ('higher', 'similar', 'not_compared')
    """
    if not is_real(probability):
        return "not_compared"
    if probability >= high:
        return "higher"
    return "lower" if probability <= low else "similar"


def coverages(data: BriefData, codes: list[str] | None = None) -> list[Coverage]:
    """Return every condition with a pillar that has a row here or for the whole place.

    In the order of the pillars file.
    """
    table = data.table("prevalence")
    conditions = data.project.pillars.conditions()
    wanted = [c for c, i in conditions.items() if i.pillar is not None]
    wanted = [c for c in wanted if codes is None or c in codes]
    table = table[table["indicator"].isin(wanted)]
    known, spreads, weight = set(table["indicator"]), _spreads(table), _weight(data)
    own, whole = _rows_of(table, data.code), _rows_of(table, data.project.whole)
    return [
        _coverage(data, code, own.get(code), whole.get(code), spreads.get(code), weight)
        for code in sorted(wanted, key=lambda c: (conditions[c].pillar or 0, wanted.index(c)))
        if code in known
    ]


def _rows_of(table: pd.DataFrame, area: str) -> dict[str, dict[str, Any]]:
    """Rows of one area, by indicator."""
    return {str(row["indicator"]): row for row in records(table[table["area"] == area])}


def _spreads(table: pd.DataFrame) -> dict[str, tuple[float, float, float, float]]:
    """Range and middle half of the areas' figures, by indicator; none where few are shown."""
    shown = table[(table["level"] == "area") & (table["verdict"] != "suppress")]
    result = {}
    for code, values in shown.groupby("indicator", sort=False)["estimate"]:
        areas = values.dropna().to_numpy(float)
        if len(areas) >= 5:
            low, quarter, three, high = np.quantile(areas, (0, 0.25, 0.75, 1))
            result[str(code)] = (float(low), float(quarter), float(three), float(high))
    return result


def _coverage(
    data: BriefData,
    code: str,
    own: dict[str, Any] | None,
    whole: dict[str, Any] | None,
    spread: tuple[float, float, float, float] | None,
    weight: float,
) -> Coverage:
    indicator = data.indicator(code)
    state, good = "not_compared", None
    if own is not None and whole is not None and not data.is_whole and own["verdict"] != "suppress":
        thresholds = data.project.params.thresholds
        level = data.project.params.estimation.level
        p = probability_above_whole(_estimate(own, level), _estimate(whole, level), weight)
        state = state_of(p, thresholds.probability_high, thresholds.probability_low)
        if state in ("higher", "lower"):
            good = (state == "higher") == (indicator.better == "higher")
    target = indicator.target.value / 100 if indicator.target else None
    return Coverage(
        code=code,
        indicator=indicator,
        estimate=_real(own, "estimate"),
        low=_real(own, "low"),
        high=_real(own, "high"),
        n=_real(own, "n"),
        verdict="suppress" if own is None else str(own["verdict"]),
        reason="not_sampled" if own is None else _text(own["reason"]),
        whole=_real(whole, "estimate"),
        target=target,
        state=state,
        favourable=good,
        spread=spread,
    )


def choose(
    rows: list[Coverage],
    ranked: list[str],
    most: int,
    modelled: frozenset[str] = frozenset(),
) -> list[Coverage]:
    """Return at most `most` rows for paper, in their order.

    First one of each pillar, then those to be decided on, those that can be told apart,
    those with a target, those in the models.
    """

    def weight(row: Coverage) -> tuple[float, int]:
        points = 8.0 * (row.code in ranked) + 3.0 * (row.favourable is not None)
        points += 2.0 * row.shown + 1.5 * (row.target is not None) + (row.code in modelled)
        points += 1.0 * row.indicator.headline
        return (-points, rows.index(row))

    ordered = sorted(rows, key=weight)
    firsts: dict[int, Coverage] = {}
    for row in ordered:
        firsts.setdefault(row.indicator.pillar or 0, row)
    chosen = [row.code for row in [*firsts.values(), *ordered]]
    kept = list(dict.fromkeys(chosen))[:most]
    return [row for row in rows if row.code in kept]


def _weight(data: BriefData) -> float:
    """Share of this area in the children of the whole place."""
    review = data.table("review")
    balita = review.set_index("area")["balita"]
    own, whole = balita.get(data.code), balita.get(data.project.whole)
    if own is None or whole is None or not (is_real(own) and is_real(whole) and whole):
        return 0.0
    return float(own) / float(whole)


def _estimate(row: dict[str, Any], level: float) -> Estimate:
    value, low, high = (
        float(row[name]) if is_real(row[name]) else float("nan")
        for name in ("estimate", "low", "high")
    )
    df = row.get("df") if row.get("method") == "direct" else None
    return Estimate(value, low, high, level, float(df) if df is not None and is_real(df) else None)


def _real(row: dict[str, Any] | None, name: str) -> float | None:
    if row is None or not is_real(row[name]):
        return None
    return float(row[name])


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
