"""The review table: each area, and the whole place, against the target."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from analysis.project import Project
from analysis.review.headline import routine_headline
from analysis.review.inputs import Inputs, balita_by_area
from analysis.review.probability import Estimate, probability_above_whole
from analysis.review.targets import (
    against_word,
    annual_rate,
    annual_reduction,
    children_to_prevent,
    confidence_word,
    round_to_total,
    state_word,
    target_of,
)


def review_table(project: Project, inputs: Inputs) -> pd.DataFrame:
    """One row per area of the register and one for the whole place; see `schemas.REVIEW`."""
    rows = base_rows(project, inputs)
    rows = add_counts(rows, project.whole)
    rows = add_target(rows, project)
    rows = add_comparison(rows, project)
    rows = add_confidence(rows, project, inputs.data_quality)
    return rows.merge(routine_headline(project, inputs), on="area", how="left")


def as_estimate(row: pd.Series, level: float) -> Estimate:
    """Return the interval of a prevalence or review row as an `Estimate`.

    Degrees of freedom count only for direct estimates: the others' intervals are normal
    or from a bootstrap.
    """
    df = row.get("df") if row.get("method") == "direct" else None
    df = None if df is None or pd.isna(df) else float(df)
    return Estimate(_real(row["estimate"]), _real(row["low"]), _real(row["high"]), level, df)


def base_rows(project: Project, inputs: Inputs) -> pd.DataFrame:
    """Estimates, children and villages of each area; areas without an estimate included."""
    codes = [*project.register.codes, project.whole]
    stunting = inputs.stunting().reindex(codes)
    balita = balita_by_area(project, inputs.population)
    balita.loc[project.whole] = balita.sum(min_count=len(balita))
    villages = project.register.areas["villages"].astype("Int64")
    sampled = villages_sampled(inputs.children, project.whole).reindex(codes)
    rows = stunting[["method", "estimate", "low", "high", "rse", "df"]].copy()
    rows["n"] = stunting["n"].fillna(0).astype("Int64")
    rows["psus"] = stunting["psus"].fillna(0).astype("Int64")
    rows["verdict"] = stunting["verdict"].fillna("suppress")
    rows["reason"] = stunting["reason"].where(stunting["verdict"].notna(), "not_sampled")
    rows["balita"] = balita.reindex(codes).to_numpy()
    rows["villages"] = [villages.get(code, villages.sum(min_count=1)) for code in codes]
    rows["villages_sampled"] = sampled.fillna(0).astype("Int64")
    if inputs.children["desa"].isna().all():
        rows["villages_sampled"] = pd.array([pd.NA] * len(rows), dtype="Int64")
    rows["level"] = ["area"] * (len(codes) - 1) + ["whole"]
    return rows.rename_axis("area").reset_index()


def villages_sampled(children: pd.DataFrame, whole: str) -> pd.Series:
    """Villages with a measured child, per area and for the whole place."""
    measured = children[children["stunted"].notna() & children["desa"].notna()]
    count = measured.groupby("kecamatan")["desa"].nunique()
    pairs = measured.drop_duplicates(["kecamatan", "desa"])
    count.loc[whole] = len(pairs)
    return count.astype("Int64")


def add_counts(rows: pd.DataFrame, whole: str) -> pd.DataFrame:
    """Stunted children, whole numbers; the areas add up to the whole exactly.

    The number of children under five is taken as known. Where every area has an estimate,
    the whole is their sum (with benchmarked estimates the same as the whole's own share
    of its children); otherwise it is the whole's own, and `count_basis` says so.
    """
    rows = rows.copy()
    is_whole = rows["area"] == whole
    exact = rows["estimate"] * rows["balita"]
    areas = exact[~is_whole]
    rows["stunted"] = np.nan
    rows.loc[~is_whole, "stunted"] = round_to_total(areas.tolist())
    complete = bool(len(areas)) and not areas.isna().any()
    total = rows.loc[~is_whole, "stunted"].sum() if complete else exact[is_whole].round().iloc[0]
    rows.loc[is_whole, "stunted"] = total
    for side in ("low", "high"):
        rows[f"stunted_{side}"] = (rows[side] * rows["balita"]).round()
    rows["count_basis"] = np.where(is_whole & complete, "sum_of_areas", "own_estimate")
    return rows


def add_target(rows: pd.DataFrame, project: Project) -> pd.DataFrame:
    """Target of the review year on the selected path, the word, and the way to its end."""
    params = project.params
    path, thresholds = params.targets.path, params.thresholds
    target = target_of(path, params.review.year)
    last = path.points[-1]
    final, years = last.value / 100, last.year - params.survey.year
    aim = math.nan if target.value is None else target.value
    rows = rows.copy()
    rows["target"] = aim
    rows["target_status"], rows["target_kind"] = target.status, target.kind
    rows["final_target"], rows["final_year"] = final, last.year
    level = params.estimation.level
    estimates = [as_estimate(row, level) for _, row in rows.iterrows()]
    rows["probability_at_target"] = [e.probability_at_or_below(aim) for e in estimates]
    rows["probability_at_final"] = [e.probability_at_or_below(final) for e in estimates]
    spoken = rows["verdict"] != "suppress"
    rows["word"] = [
        state_word(p, thresholds, estimate=bool(e.known and s), target=target.value is not None)
        for p, e, s in zip(rows["probability_at_target"], estimates, spoken, strict=True)
    ]
    rows["annual_reduction_needed"] = [annual_reduction(e, final, years) for e in rows["estimate"]]
    rows["annual_rate_needed"] = [
        0.0 if e <= final else annual_rate(e, final, years) for e in rows["estimate"]
    ]
    for end in ("", "_low", "_high"):
        counts = zip(rows[f"stunted{end}"], rows["balita"], strict=True)
        rows[f"children_to_prevent{end}"] = [
            round(x) if not math.isnan(x := children_to_prevent(s, b, final)) else math.nan
            for s, b in counts
        ]
    return rows


def add_comparison(rows: pd.DataFrame, project: Project) -> pd.DataFrame:
    """Compare each area with the whole place it is part of, by probability."""
    level, thresholds = project.params.estimation.level, project.params.thresholds
    whole = rows[rows["level"] == "whole"].iloc[0]
    reference = as_estimate(whole, level)
    weights = area_weights(rows)
    rows = rows.copy()
    rows["probability_above_whole"] = [
        math.nan
        if row["level"] == "whole"
        else probability_above_whole(as_estimate(row, level), reference, weight)
        for (_, row), weight in zip(rows.iterrows(), weights, strict=True)
    ]
    rows["against_whole"] = [
        against_word(math.nan if v == "suppress" else p, thresholds)
        for p, v in zip(rows["probability_above_whole"], rows["verdict"], strict=True)
    ]
    return rows


def area_weights(rows: pd.DataFrame) -> pd.Series:
    """Share of each row in the children under five (measured children where none are given)."""
    areas = rows["level"] == "area"
    size = rows["balita"] if rows.loc[areas, "balita"].notna().all() else rows["n"]
    size = size.astype("float64")
    return size / size[areas].sum()


def add_confidence(
    rows: pd.DataFrame, project: Project, data_quality: pd.DataFrame
) -> pd.DataFrame:
    """Add the word for the weight a figure bears, with its reasons."""
    quality = survey_quality(data_quality)
    words = [
        confidence_word(
            verdict=str(row["verdict"]),
            rse=_real(row["rse"]),
            n=float(row["n"]),
            quality=quality.get(row["area"], "not_computed"),
            thresholds=project.params.thresholds,
        )
        for _, row in rows.iterrows()
    ]
    rows = rows.copy()
    rows["confidence"] = [word for word, _ in words]
    rows["confidence_reason"] = [reason for _, reason in words]
    return rows


def survey_quality(data_quality: pd.DataFrame) -> dict[str, str]:
    """Worst verdict of the survey's quality checks per area, for the area as a whole."""
    order = {"good": 0, "not_computed": 0, "caution": 1, "poor": 2}
    own = data_quality[
        (data_quality["scope"] == "survey") & (data_quality["unit"].fillna("") == "")
    ]
    worst: dict[str, str] = {}
    for area, verdict in zip(own["kecamatan"], own["verdict"], strict=True):
        if order[verdict] >= order[worst.get(area, "not_computed")]:
            worst[area] = verdict
    return worst


def target_table(project: Project, review: pd.DataFrame) -> pd.DataFrame:
    """Each area against every target path of the params, not the selected one alone."""
    params = project.params
    level, thresholds = params.estimation.level, params.thresholds
    rows = []
    for key, path in params.targets.paths.items():
        target, last = target_of(path, params.review.year), path.points[-1]
        aim = math.nan if target.value is None else target.value
        for _, row in review.iterrows():
            estimate = as_estimate(row, level)
            chance = estimate.probability_at_or_below(aim)
            spoken = estimate.known and row["verdict"] != "suppress"
            rows.append(
                {
                    "area": row["area"],
                    "path": key,
                    "selected": key == params.targets.selected,
                    "year": params.review.year,
                    "target": aim,
                    "target_status": target.status,
                    "target_kind": target.kind,
                    "probability_at_target": chance,
                    "word": state_word(
                        chance, thresholds, estimate=spoken, target=target.value is not None
                    ),
                    "final_year": last.year,
                    "final_target": last.value / 100,
                }
            )
    return pd.DataFrame(rows)


def path_table(project: Project) -> pd.DataFrame:
    """Every target path by year, from its first point to the later of its end and the review."""
    rows = []
    for key, path in project.params.targets.paths.items():
        end = max(path.points[-1].year, project.params.review.year)
        for year in range(path.points[0].year, end + 1):
            target = target_of(path, year)
            rows.append(
                {
                    "path": key,
                    "selected": key == project.params.targets.selected,
                    "year": year,
                    "target": target.value,
                    "target_status": target.status,
                    "target_kind": target.kind,
                    "source": target.source,
                }
            )
    return pd.DataFrame(rows)


def _real(value: object) -> float:
    return math.nan if pd.isna(value) else float(value)  # type: ignore[arg-type,call-overload]
