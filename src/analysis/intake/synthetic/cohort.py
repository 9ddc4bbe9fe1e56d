"""The children behind the routine exports, and how each grows month by month.

A child's latent tendency is that of the population plus a smooth random path, so that
at any month the share stunted is the population's, while single children become
stunted and recover. Length never shrinks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtr

from analysis.intake import lms
from analysis.intake.synthetic import body
from analysis.intake.synthetic.outcome import age_effect, haz_from_latent
from analysis.intake.synthetic.places import DAYS_UNDER_FIVE
from analysis.intake.synthetic.population import Population
from analysis.intake.synthetic.streams import Bools, Floats, Ints, stream

MONTHS = 24
DAYS_PER_MONTH = 30.4375
#: Part of the within-population variation that stays with a child, and over how many
#: months the rest changes: HAZ a year apart then correlate at about 0.8.
PERMANENT, MEMORY_MONTHS = 0.75, 9.0
POSTS_PER_VILLAGE = 3
TWIN_PAIRS_PER_THOUSAND = 7


@dataclass(frozen=True)
class Cohort:
    """Children, and their growth on a grid of 25 months.

    `children`: `person` (position in the population), `village kecamatan sex birth post
    mother twin`. Arrays have one row per child and one column per month: `day` (date
    of the weighing), `age` (days), `present` (born and under five), `haz length_cm
    weight_kg` (true).
    """

    children: pd.DataFrame
    months: np.ndarray
    day: np.ndarray
    age: Ints
    present: Bools
    haz: Floats
    length_cm: Floats
    weight_kg: Floats


def grow(population: Population, size: int, last_month: str, seed: int) -> Cohort:
    """Draw `size` children under five at some time in the two years up to `last_month`."""
    rng = stream(seed, "cohort")
    months = np.datetime64(last_month, "M") + np.arange(-MONTHS, 1)
    children = _draw_children(population, size, months[-1], rng)
    day = _weighing_days(children, months, rng)
    age = (day - children["birth"].to_numpy(dtype="datetime64[D]")[:, None]).astype(np.int64)
    present = (age >= 0) & (age < DAYS_UNDER_FIVE)
    safe = np.clip(age, 0, DAYS_UNDER_FIVE)
    haz = _paths(population, children["person"].to_numpy(), safe, rng)
    sex = np.broadcast_to(children["sex"].to_numpy()[:, None], haz.shape)
    length = body.length_of(haz, sex, safe)
    length = np.maximum.accumulate(np.where(present, length, 0.0), axis=1)
    length = np.where(present, length, np.nan)
    haz = np.where(present, lms.z_score(length, lms.at_age("haz", sex, safe)), np.nan)
    weight = _weights(haz, sex, safe, length, rng)
    return Cohort(children, months, day, age, present, haz, length, weight)


def _draw_children(
    population: Population, size: int, last: np.datetime64, rng: np.random.Generator
) -> pd.DataFrame:
    """Children spread evenly over births of seven years, so that some leave and some enter."""
    person = np.sort(rng.choice(len(population.children), size, replace=False))
    rows = population.children.iloc[person][["village", "kecamatan", "sex"]].reset_index(drop=True)
    rows.insert(0, "person", person)
    reference = (last + 1).astype("datetime64[D]")
    span = DAYS_UNDER_FIVE + int(MONTHS * DAYS_PER_MONTH)
    rows["birth"] = reference - rng.integers(0, span, size).astype("timedelta64[D]")
    rows["post"] = rows["village"] * POSTS_PER_VILLAGE + rng.integers(0, POSTS_PER_VILLAGE, size)
    rows["mother"] = np.arange(size)
    rows["twin"] = False
    return _with_twins(rows, rng)


def _with_twins(rows: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Make some neighbours in the list twins: one mother, one birth date, two children."""
    pairs = max(1, len(rows) * TWIN_PAIRS_PER_THOUSAND // 1000)
    first = rng.choice(len(rows) // 2, min(pairs, len(rows) // 2), replace=False) * 2
    for column in ("village", "kecamatan", "birth", "post", "mother"):
        rows.loc[first + 1, column] = rows.loc[first, column].to_numpy()
    rows.loc[np.concatenate([first, first + 1]), "twin"] = True
    return rows


def _weighing_days(
    children: pd.DataFrame, months: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Each post has its day of the month; a visit may be a day or two off."""
    post = children["post"].to_numpy()
    fixed = rng.integers(3, 21, int(post.max()) + 1)[post][:, None]
    off = rng.integers(-1, 3, (len(children), months.size))
    first = months.astype("datetime64[D]")[None, :]
    return np.asarray(first + (fixed + off).astype("timedelta64[D]"))


def _paths(population: Population, person: Ints, age: Ints, rng: np.random.Generator) -> Floats:
    """True HAZ by month."""
    lag = np.subtract.outer(np.arange(MONTHS + 1), np.arange(MONTHS + 1)) / MEMORY_MONTHS
    root = np.linalg.cholesky(np.exp(-0.5 * lag**2) + 1e-6 * np.eye(MONTHS + 1))
    draws = rng.normal(0.0, 1.0, age.shape)
    changing = np.zeros(age.shape)
    for k in range(MONTHS + 1):
        changing += draws[:, [k]] * root[:, k]
    lasting = rng.normal(0.0, 1.0, (person.size, 1))
    normal = np.sqrt(PERMANENT) * lasting + np.sqrt(1 - PERMANENT) * changing
    share = np.clip(ndtr(normal), 1e-6, 1 - 1e-6)
    noise = np.log(share / (1 - share))
    latent = population.tendency.fixed[person][:, None] + age_effect(age / DAYS_PER_MONTH) + noise
    return np.clip(haz_from_latent(latent), -5.5, 5.0)


def _weights(haz: Floats, sex: Ints, age: Ints, length: Floats, rng: np.random.Generator) -> Floats:
    """True weight: a WHZ that stays with the child and wavers a little from month to month."""
    lasting = body.draw_whz(np.full((haz.shape[0], 1), -1.4), rng)
    whz = 0.95 * lasting + 0.12 * (haz + 1.4) + rng.normal(0.0, 0.25, haz.shape)
    filled = np.where(np.isnan(length), 60.0, length)
    return np.where(np.isnan(length), np.nan, body.weight_of(whz, sex, age, filled))


def incidence(cohort: Cohort, codes: list[str], whole: str, seen: Bools) -> pd.DataFrame:
    """True new stunting of the cohort, per area and for the whole.

    A child is at risk from its first month under five unless it is stunted then; it is a
    new case in the first month with HAZ below −2. Recovery is counted per year lived
    stunted. `seen_…` are the same over the months in which the child was weighed only.
    """
    area = cohort.children["kecamatan"].to_numpy()
    parts = {"children": np.ones(area.size)} | _onset(cohort, cohort.present)
    parts |= {f"seen_{name}": value for name, value in _onset(cohort, seen).items()}
    sums = pd.DataFrame(parts).groupby(area).sum()
    sums.index = pd.Index([codes[i] for i in sums.index], name="kecamatan")
    sums.loc[whole] = sums.sum()
    for prefix in ("", "seen_"):
        years = sums[f"{prefix}child_years"]
        sums[f"{prefix}new_per_100_child_years"] = 100 * sums[f"{prefix}new_cases"] / years
    sums["recovered_per_100_stunted_years"] = 100 * sums["recovered"] / sums["stunted_years"]
    return sums.reset_index().round(4)


def _onset(cohort: Cohort, looked: Bools) -> dict[str, Floats]:
    """Per child: at risk, new case, years at risk, years stunted, recoveries."""
    size = looked.shape[0]
    at_risk, new, years = np.zeros(size), np.zeros(size), np.zeros(size)
    stunted_years, recovered = np.zeros(size), np.zeros(size)
    stunted = cohort.haz < -2
    for i in range(size):
        months = np.flatnonzero(looked[i])
        if months.size < 2:
            continue
        status = stunted[i, months]
        gaps = np.diff(months) / 12.0
        stunted_years[i] = gaps[status[:-1]].sum()
        recovered[i] = np.count_nonzero(status[:-1] & ~status[1:])
        if not status[0]:
            first = int(np.argmax(status)) if status.any() else status.size - 1
            at_risk[i], new[i] = 1, status.any()
            years[i] = gaps[:first].sum()
    return {
        "at_risk": at_risk,
        "new_cases": new,
        "child_years": years,
        "stunted_years": stunted_years,
        "recovered": recovered,
    }
