"""Rows of the prevalence table: one indicator, all areas, every method."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis.brief.disclosure import Kind, Verdict, verdict
from analysis.params import Params
from analysis.prevalence import benchmark
from analysis.prevalence.children import OUTCOMES, Survey
from analysis.prevalence.design import estimate
from analysis.prevalence.smoothing import Smoothed, smooth
from analysis.prevalence.variances import sample_areas

COLUMNS = [
    "area", "level", "indicator", "method", "unit", "estimate", "se", "low", "high", "n",
    "missing", "psus", "df", "deff", "rse", "verdict", "reason", "published",
]  # fmt: skip
_CARRIED = ["n", "missing", "psus"]


@dataclass(frozen=True)
class Setting:
    """What all indicators share."""

    params: Params
    whole: str
    areas: list[str]
    children: pd.Series  # under five, by area
    covariates: pd.DataFrame


@dataclass(frozen=True)
class IndicatorResult:
    """Rows of one indicator, its benchmarks, and the fit behind the smoothed rows."""

    rows: pd.DataFrame
    benchmarks: list[dict[str, object]]
    smoothed: Smoothed | None


def indicator_rows(survey: Survey, indicator: str, setting: Setting) -> IndicatorResult:
    """Estimate one indicator for the whole place and every area."""
    unit = survey.indicators[indicator]
    whole, direct, fit = _fit(survey, indicator, setting)
    parts = [whole, direct]
    benchmarks: list[dict[str, object]] = []
    if fit is not None:
        smoothed = direct[["area", "level", *_CARRIED]].assign(
            method="smoothed", estimate=fit.estimate, se=fit.se, low=fit.low, high=fit.high
        )
        parts.append(smoothed)
        if indicator in OUTCOMES and unit == "share":
            more, benchmarks = _benchmarked(smoothed, indicator, whole, setting)
            parts += more
    rows = pd.concat(parts, ignore_index=True).assign(indicator=indicator, unit=unit)
    return IndicatorResult(finish(rows, setting.params, survey.of_desa), benchmarks, fit)


def _fit(
    survey: Survey, indicator: str, setting: Setting
) -> tuple[pd.DataFrame, pd.DataFrame, Smoothed | None]:
    """Direct rows of the whole place and of the areas, and the smoothed areas."""
    estimation = setting.params.estimation
    options = {**survey.design, "interval": estimation.interval, "level": estimation.level}
    eligible = survey.eligible(indicator)
    domain = survey.children["kecamatan"].where(eligible)
    frame = survey.children.assign(
        area=pd.Categorical(domain, categories=setting.areas),
        place=pd.Categorical(eligible.map({True: setting.whole}), categories=[setting.whole]),
    )
    whole = estimate(frame, indicator, by="place", **options)  # type: ignore[arg-type]
    whole = whole.rename(columns={"place": "area"}).assign(level="whole", method="direct")
    direct = estimate(frame, indicator, by="area", **options)  # type: ignore[arg-type]
    direct = direct.assign(level="area", method="direct")
    if indicator in survey.of_desa:
        return whole, direct, None
    sample = sample_areas(
        frame, indicator, area="area", areas=setting.areas, direct=direct, **survey.design
    )
    if not sample.can_be_smoothed:
        return whole, direct, None
    # The routine figure speaks of growth; coverages are smoothed towards their mean alone.
    covariates = setting.covariates if indicator in OUTCOMES else None
    fit = smooth(
        sample,
        covariates,
        level=estimation.level,
        bootstrap=estimation.bootstrap,
        seed=estimation.seed,
    )
    return whole, direct, fit


def _benchmarked(
    smoothed: pd.DataFrame, indicator: str, whole: pd.DataFrame, setting: Setting
) -> tuple[list[pd.DataFrame], list[dict[str, object]]]:
    """Smoothed rows made to add up to the survey's figure, and to the official one."""
    params = setting.params
    name = params.survey.name[params.language]
    figures = [("survey", "benchmarked", float(whole["estimate"].iloc[0]), name)]
    official = params.estimation.official
    if official is not None and indicator == "stunted":
        source = f"{official.survey} {official.year}: {official.source}"
        figures.append(("official", "benchmarked_official", official.value / 100, source))
    parts, facts = [], []
    for against, method, figure, source in figures:
        if not np.isfinite(figure):
            continue
        made = benchmark.ratio(smoothed["estimate"], setting.children, figure)
        parts.append(benchmark.apply(smoothed, made.factor).assign(method=method))
        facts.append({
            "indicator": indicator, "against": against, "figure": made.figure,
            "before": made.before, "factor": made.factor, "source": source,
        })  # fmt: skip
    return parts, facts


def finish(
    rows: pd.DataFrame, params: Params, of_desa: frozenset[str] = frozenset()
) -> pd.DataFrame:
    """Add RSE, verdict and which row is printed; `of_desa` as in `Survey`."""
    rows = rows.reindex(columns=[c for c in COLUMNS if c not in ("rse", "verdict", "reason")])
    share = rows["unit"] == "share"
    with np.errstate(divide="ignore", invalid="ignore"):
        rse = 100 * rows["se"].astype(float) / rows["estimate"].astype(float)
    rows["rse"] = rse.where(share & np.isfinite(rse))
    decisions = [_decide(row, params, of_desa) for row in rows.to_dict("records")]
    rows["verdict"] = [d.verdict for d in decisions]
    rows["reason"] = [d.reason for d in decisions]
    rows["published"] = _published(rows)
    return rows[COLUMNS]


def _decide(row: Mapping[Any, Any], params: Params, of_desa: frozenset[str]) -> Verdict:
    kind: Kind = "model"
    if row["method"] == "direct":
        kind = "survey" if row["unit"] == "share" else "mean"
    n, deff = float(row["n"]), float(row["deff"])
    effective_n = n / deff if deff > 0 else None
    if row["indicator"] in of_desa:
        # What all children of a desa share is observed once a cluster, however many children.
        effective_n = min(effective_n or n, float(row["psus"]))
    return verdict(
        kind=kind,
        n=n,
        estimate=row["estimate"],
        low=row["low"],
        high=row["high"],
        effective_n=effective_n,
        rse=row["rse"],
        psus=row["psus"],
        df=row["df"],
        rse_caution=params.thresholds.rse_caution,
    )


#: Which method is printed, best first.
PREFERENCE = ("benchmarked", "smoothed", "direct")


def _published(rows: pd.DataFrame) -> pd.Series:
    """The first method of `PREFERENCE` that the area has."""
    rank = rows["method"].map({m: i for i, m in enumerate(PREFERENCE)})
    best = rank.groupby([rows["area"], rows["indicator"]], observed=True).transform("min")
    return rank.notna() & (rank == best)
