"""Measurement error of routine HAZ: how large a reading error, and how far off the readings are.

* *Error*: a child's measurement against the straight line between the ones before and
  after it; what is left over is reading error, for growth is smooth over a few months.
* *Offset*: by how many centimetres routine readings are too long, from the HAZ of the weighed
  children against that of surveyed ones of the same area, sex and age. In z it is larger for
  the young, whose lengths vary less. It takes the survey's measuring as right. Children who stay away more
  are weighted up by how often children of such HAZ came to earlier rounds (*attendance*).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.intake import lms
from analysis.review.routine import AGE_GROUPS, DAYS_A_MONTH, FIVE_YEARS, age_group

Floats = npt.NDArray[np.float64]
#: Neighbours further apart than this, in days, say little about reading error.
SPAN_DAYS = 190.0
FEWEST_TRIPLES = 200
FEWEST_SURVEYED = 25


@dataclass(frozen=True)
class Offset:
    """Excess of a routine reading of length, centimetres, with its standard error."""

    centimetres: float
    se: float = 0.0
    #: SD of the areas' own offsets about it, centimetres.
    spread: float = 0.0

    def at(self, age_days: Floats, centimetres: float | Floats | None = None) -> Floats:
        """Excess of HAZ at an age."""
        excess = self.centimetres if centimetres is None else centimetres
        return np.asarray(excess / sd_of_length(age_days))


def sd_of_length(age_days: Floats) -> Floats:
    """WHO's standard deviation of length at an age, cm, mean of boys and girls."""
    median, spread = lms.table("haz")[1][1:].mean(axis=1)
    day = np.clip(np.nan_to_num(age_days), 0, len(median) - 1).astype(np.int64)
    return np.asarray(median[day] * spread[day])


def reading_error(measured: pd.DataFrame) -> pd.Series:
    """SD of a single reading, in z, by age group.

    Parameters
    ----------
    measured
        As `transitions.valid_measurements` returns it.

    Returns
    -------
    Series
        Indexed by all age groups; one with too few triples takes the value of all.
        Empty where there are too few in all.
    """
    child, age = measured["child_id"].to_numpy(), measured["age_days"].to_numpy(dtype=float)
    haz = measured["haz"].to_numpy(dtype=float)
    if len(haz) < 3:
        return pd.Series(dtype=float)
    span = age[2:] - age[:-2]
    weight = np.divide(age[1:-1] - age[:-2], span, out=np.full(len(span), np.nan), where=span > 0)
    usable = (child[2:] == child[:-2]) & (span <= SPAN_DAYS) & (weight > 0) & (weight < 1)
    rest = haz[1:-1] - (1 - weight) * haz[:-2] - weight * haz[2:]
    squares = rest**2 / (1 + weight**2 + (1 - weight) ** 2)
    groups = age_group(measured["age_days"]).iloc[1:-1].to_numpy()
    if usable.sum() < FEWEST_TRIPLES:
        return pd.Series(dtype=float)
    by_age = pd.Series(squares[usable]).groupby(groups[usable]).agg(["mean", "size"])
    by_age = by_age.reindex(AGE_GROUPS)
    enough = by_age["size"] >= FEWEST_TRIPLES
    variance = by_age["mean"].where(enough, float(squares[usable].mean()))
    return variance.pow(0.5)


def haz_offset(weighed: pd.DataFrame, children: pd.DataFrame) -> Offset | None:
    """Excess of routine readings over the survey's, from one weighted regression.

    HAZ on age group, sex, area, and for routine readings one over the standard deviation
    of length at their age: its coefficient is the excess in centimetres. Errors robust to
    clusters (survey PSU, routine posyandu or village).

    Parameters
    ----------
    weighed
        Routine records of about the survey's time: `kecamatan sex age_days haz weight
        cluster`.
    children
        The survey's children.

    Returns
    -------
    Offset or None
        None where a group has fewer than 25 children in either source.
    """
    surveyed = children[children["haz"].notna() & ~children["haz_flag"].fillna(False)]
    columns = ["kecamatan", "sex", "age_days", "haz"]
    parts = [
        surveyed[columns].assign(
            routine=0.0,
            weight=_scaled(surveyed["sampling_weight"]),
            cluster="s" + surveyed["psu"].fillna(surveyed["child_id"]).astype(str),
        ),
        weighed[columns].assign(
            routine=1.0, weight=weighed["weight"], cluster="r" + weighed["cluster"].astype(str)
        ),
    ]
    table = pd.concat(parts, ignore_index=True)
    table["age_group"] = age_group(table["age_days"])
    table = table.dropna(subset=["age_group", "sex", "haz", "weight"])
    counts = table.groupby(["age_group", "routine"]).size().unstack().reindex(list(AGE_GROUPS))
    if counts.shape[1] < 2 or not (counts >= FEWEST_SURVEYED).all(axis=None):
        return None
    ages = np.column_stack([(table["age_group"] == g).to_numpy(dtype=float) for g in AGE_GROUPS])
    sd = sd_of_length(table["age_days"].to_numpy(dtype=float))
    shift = (table["routine"].to_numpy(dtype=float) / sd)[:, None]
    areas = pd.get_dummies(table["kecamatan"], drop_first=True).to_numpy(dtype=float)
    boy = (table["sex"] == "m").to_numpy(dtype=float)[:, None]
    design = np.column_stack([shift, ages, areas, boy])
    clusters = pd.factorize(table["cluster"])[0]
    outcome, weight = (table[c].to_numpy(dtype=float) for c in ("haz", "weight"))
    coefficients, covariance = weighted_regression(design, outcome, weight, clusters)
    own = _area_offsets(table, shift, design[:, 1:], outcome, weight, clusters)
    spread = between_areas(*own)
    return Offset(float(coefficients[0]), float(np.sqrt(covariance[0, 0])), spread)


def _area_offsets(
    table: pd.DataFrame,
    shift: Floats,
    others: Floats,
    outcome: Floats,
    weight: Floats,
    clusters: npt.NDArray[np.int64],
) -> tuple[Floats, Floats]:
    """Offset of each area with enough children in both sources, and its standard error."""
    counts = table.groupby(["kecamatan", "routine"]).size().unstack(fill_value=0)
    enough = counts.index[(counts >= FEWEST_SURVEYED).all(axis=1)]
    if len(enough) < 2:
        return np.zeros(0), np.zeros(0)
    place = pd.Index(enough).get_indexer(pd.Index(table["kecamatan"]))
    inside = place >= 0
    columns = np.eye(len(enough))[place[inside]] * shift[inside]
    design = np.column_stack([columns, others[inside]])
    found, covariance = weighted_regression(
        design, outcome[inside], weight[inside], pd.factorize(clusters[inside])[0]
    )
    own = slice(0, len(enough))
    return found[own], np.sqrt(np.diag(covariance)[own])


def between_areas(estimates: Floats, errors: Floats) -> float:
    """SD of the true values about their mean, by DerSimonian and Laird's moments; 0 if none shows.

    >>> round(between_areas(np.array([0.0, 1.0, 2.0]), np.full(3, 0.1)), 2)
    0.99
    """
    known = np.isfinite(estimates) & (errors > 0)
    if known.sum() < 2:
        return 0.0
    values, weight = estimates[known], 1 / errors[known] ** 2
    mean = (weight * values).sum() / weight.sum()
    excess = (weight * (values - mean) ** 2).sum() - (known.sum() - 1)
    scale = weight.sum() - (weight**2).sum() / weight.sum()
    return float(np.sqrt(max(0.0, excess / scale)))


def weighted_regression(
    design: Floats, outcome: Floats, weight: Floats, clusters: npt.NDArray[np.int64]
) -> tuple[Floats, Floats]:
    """Weighted least squares with errors robust to clusters (Liang and Zeger)."""
    inverse = np.linalg.pinv(design.T @ (design * weight[:, None]))
    coefficients = inverse @ (design.T @ (weight * outcome))
    scores = design * (weight * (outcome - design @ coefficients))[:, None]
    sums = np.zeros((int(clusters.max()) + 1, design.shape[1]))
    np.add.at(sums, clusters, scores)
    groups = len(sums)
    return coefficients, inverse @ (sums.T @ sums) @ inverse * groups / max(groups - 1, 1)


def attendance(measured: pd.DataFrame) -> tuple[Floats, Floats]:
    """How often children came to a round, by fifths of the HAZ they had been measured with before.

    Over the rounds of the last year; due is a child measured within six months before the
    round and still under five at it.

    Returns
    -------
    tuple
        Inner limits of the fifths, and the share that came in each; all 1 where there are
        too few children due.
    """
    months = measured["month_number"].to_numpy(dtype=np.int64)
    child = pd.factorize(measured["child_id"])[0]
    first, last = int(months.min()), int(months.max())
    shape = (int(child.max()) + 1, last - first + 1)
    haz, born = np.full(shape, np.nan), np.full(shape[0], np.nan)
    haz[child, months - first] = measured["haz"]
    born[child] = months - measured["age_days"].to_numpy(dtype=float) / DAYS_A_MONTH
    before, came = [], []
    for month in np.unique(months[months > max(last - 12, first)]):
        place = int(month) - first
        recent = (
            pd.DataFrame(haz[:, max(place - 6, 0) : place]).ffill(axis=1).iloc[:, -1].to_numpy()
        )
        due = np.isfinite(recent) & (month - born < FIVE_YEARS / DAYS_A_MONTH)
        before.append(recent[due])
        came.append(np.isfinite(haz[due, place]))
    had = np.concatenate(before) if before else np.empty(0)
    if len(had) < FEWEST_TRIPLES:
        return np.empty(0), np.ones(1)
    limits = np.quantile(had, (0.2, 0.4, 0.6, 0.8))
    fifth = np.searchsorted(limits, had)
    shares = np.bincount(fifth, np.concatenate(came), 5) / np.bincount(fifth, minlength=5)
    return limits, np.clip(shares, 0.05, 1.0)


def attendance_weight(haz: pd.Series, measured: pd.DataFrame) -> Floats:
    """One over the share of children of such HAZ who come."""
    limits, shares = attendance(measured)
    return np.asarray(1 / shares[np.searchsorted(limits, haz.to_numpy(dtype=float))])


def _scaled(weights: pd.Series) -> pd.Series:
    """Weights with a mean of 1; all 1 where there are none."""
    numbers = weights.astype("float64").fillna(0.0)
    return numbers / numbers.mean() if numbers.sum() > 0 else pd.Series(1.0, index=weights.index)
