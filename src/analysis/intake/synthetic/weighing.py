"""Weighing at the posyandu: who comes, what is read off, and what the application records.

Three things make the recorded prevalence undershoot: stunted, poor and remote children
stay away more; heights are read too high, by a habit of the post, and rounded up; the
application takes age in completed months, and low values are "validated" upwards.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.intake import lms
from analysis.intake.synthetic.cohort import DAYS_PER_MONTH, MONTHS, Cohort
from analysis.intake.synthetic.population import Population
from analysis.intake.synthetic.streams import Bools, Floats, centre_to_share, sigmoid, stream

#: Months before the last one in which a round was held and exported: quarterly, then monthly.
ROUNDS = (24, 21, 18, 15, *range(12, -1, -1))
ATTENDANCE = 0.90
#: Log-odds of coming.
STAYS_AWAY = {"stunted": -0.9, "poor": -0.4, "remoteness": -0.35, "weighing_month": 0.5}
WEIGHING_MONTHS = (2, 8)
#: Reading of length: mean excess of the posts and its SD, and SD of a single reading, cm.
EXCESS, EXCESS_SD, READING_SD = 1.15, 0.7, 0.7
WEIGHT_SD = 0.15
#: Shares read to half a centimetre (upwards) and to half a kilogram. With a fifth of
#: all other readings ending in 0 or 5 by chance, 62.8 % and 24.2 % end so in all.
ROUNDED_LENGTH, ROUNDED_WEIGHT = 0.53, 0.05
#: Share of low height-for-age values lifted above −2 when the entry was validated.
LIFTED = 0.25


@dataclass(frozen=True)
class Visits:
    """One row per child weighed in a round, oldest round first.

    `rows`: `child month day age_days length_cm weight_kg lying recorded_haz recorded_waz
    recorded_whz came_last_month first`; `seen` marks them on the cohort's grid.
    """

    rows: pd.DataFrame
    seen: Bools


def weigh(population: Population, cohort: Cohort, seed: int) -> Visits:
    """Draw attendance and readings for every round."""
    rng = stream(seed, "weighing")
    seen = _attendance(population, cohort, rng)
    month, child = np.nonzero(seen.T)
    take = (child, month)
    rows = pd.DataFrame(
        {
            "child": child,
            "month": month,
            "day": cohort.day[take],
            "age_days": cohort.age[take],
            "true_haz": cohort.haz[take],
        }
    )
    rows["sex"] = cohort.children["sex"].to_numpy()[child]
    rows["lying"] = rows["age_days"] < 731
    rows["length_cm"] = _read_length(cohort.length_cm[take], cohort, child, rng)
    rows["weight_kg"] = _read_weight(cohort.weight_kg[take], rng)
    _record(rows, rng)
    rows["first"] = ~rows["child"].duplicated()
    before = np.maximum(month - 1, 0)
    rows["came_last_month"] = seen[child, before] & (month > 0)
    return Visits(rows, seen)


def _attendance(population: Population, cohort: Cohort, rng: np.random.Generator) -> Bools:
    """Who comes, by child and month; only in months with a round."""
    person = cohort.children["person"].to_numpy()
    poor = population.drawn.at("wealth_quintile", "child")[person] <= 1
    remote = population.drawn.at("remoteness", "child")[person]
    child = STAYS_AWAY["poor"] * poor + STAYS_AWAY["remoteness"] * remote
    child = child + rng.normal(0.0, 0.8, person.size)
    calendar = cohort.months.astype(np.int64) % 12 + 1
    month = STAYS_AWAY["weighing_month"] * np.isin(calendar, WEIGHING_MONTHS)
    predictor = child[:, None] + month[None, :] + STAYS_AWAY["stunted"] * (cohort.haz < -2)
    intercept = centre_to_share(predictor[cohort.present], ATTENDANCE)
    comes = rng.random(predictor.shape) < sigmoid(predictor + intercept)
    held = np.isin(np.arange(MONTHS + 1), [MONTHS - back for back in ROUNDS])
    return np.asarray(comes & cohort.present & held[None, :])


def _read_length(
    length: Floats, cohort: Cohort, child: np.ndarray, rng: np.random.Generator
) -> Floats:
    post = cohort.children["post"].to_numpy()[child]
    excess = np.clip(rng.normal(EXCESS, EXCESS_SD, int(post.max()) + 1), -0.5, 3.0)
    read = length + excess[post] + rng.normal(0.0, READING_SD, length.size)
    rounded = rng.random(length.size) < ROUNDED_LENGTH
    return np.asarray(np.where(rounded, np.ceil(read * 2) / 2, np.round(read, 1)))


def _read_weight(weight: Floats, rng: np.random.Generator) -> Floats:
    read = np.maximum(weight + rng.normal(0.0, WEIGHT_SD, weight.size), 1.5)
    rounded = rng.random(weight.size) < ROUNDED_WEIGHT
    half = np.maximum(np.round(read * 2) / 2, 1.5)
    return np.asarray(np.where(rounded, half, np.round(read, 1)))


def _record(rows: pd.DataFrame, rng: np.random.Generator) -> None:
    """The application's z-scores: from age in completed months, low ones lifted in part."""
    sex = rows["sex"].to_numpy()
    months = np.floor(rows["age_days"].to_numpy() / DAYS_PER_MONTH)
    day = np.round(months * DAYS_PER_MONTH).astype(np.int64)
    length, weight = rows["length_cm"].to_numpy(), rows["weight_kg"].to_numpy()
    haz = lms.z_score(length, lms.at_age("haz", sex, day))
    lifted = (haz < -2) & (rng.random(haz.size) < LIFTED)
    haz = np.where(lifted, -2.0 + rng.uniform(0.0, 0.7, haz.size), haz)
    rows["recorded_haz"] = np.round(haz, 2)
    rows["recorded_waz"] = np.round(lms.z_score(weight, lms.at_age("waz", sex, day)), 2)
    lying = lms.at_length("wfl", sex, np.clip(length, 45.0, 109.9))
    standing = lms.at_length("wfh", sex, np.clip(length, 65.0, 119.9))
    values = np.where(rows["lying"].to_numpy(), lying, standing)
    rows["recorded_whz"] = np.round(lms.z_score(weight, values), 2)
