"""A made-up population with known prevalence, and surveys drawn from it.

Used by tests and benchmarks to ask whether intervals cover what they claim. Villages
within areas differ on the logit scale; an area covariate explains part of the
difference between areas, as the routine figure does. Nothing in it is about a place.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Population:
    """Villages with their children and true prevalence, and the areas' truth."""

    villages: pd.DataFrame  # area, village, children, p
    areas: pd.DataFrame  # index area: children, truth, covariate


def make_population(
    *,
    areas: int = 31,
    villages: int = 8,
    prevalence: float = 0.30,
    sd_area: float = 0.30,
    sd_village: float = 0.35,
    explained: float = 0.3,
    seed: int = 1,
) -> Population:
    """Make a population.

    Parameters
    ----------
    areas, villages
        Areas, and mean villages per area.
    prevalence
        About the share of children with the outcome.
    sd_area, sd_village
        Standard deviations on the logit scale, between areas and within.
    explained
        Share of the variance between areas that `covariate` explains.
    """
    rng = np.random.default_rng(seed)
    covariate = rng.standard_normal(areas)
    own = rng.standard_normal(areas) * np.sqrt(1 - explained) + covariate * np.sqrt(explained)
    counts = np.maximum(rng.poisson(villages - 3, areas) + 3, 4)
    area = np.repeat(np.arange(areas), counts)
    shift = special.logit(prevalence) + sd_area * own[area]
    p = special.expit(shift + sd_village * rng.standard_normal(len(area)))
    children = np.round(rng.lognormal(np.log(600), 0.35, len(area))).astype(int)
    names = np.array([f"a{i:02d}" for i in range(areas)])
    frame = pd.DataFrame(
        {"area": names[area], "village": np.arange(len(area)), "children": children, "p": p}
    )
    total = np.bincount(area, children)
    truth = np.bincount(area, children * p) / total
    table = pd.DataFrame(
        {"children": total, "truth": truth, "covariate": covariate},
        index=pd.Index(names, name="area"),
    )
    return Population(frame, table)


def draw_district_survey(
    population: Population, *, psus: int = 4, per_psu: int = 40, seed: int = 1
) -> pd.DataFrame:
    """Draw `psus` villages per area by size, `per_psu` children each; areas are strata.

    Returns
    -------
    pandas.DataFrame
        Columns `area stratum psu weight stunted haz`, one row per child.
    """
    rng = np.random.default_rng(seed)
    parts = []
    for name, group in population.villages.groupby("area"):
        size = group["children"].to_numpy(dtype=float)
        chosen = rng.choice(len(group), psus, p=size / size.sum())
        parts.append(_children(rng, str(name), group, chosen, per_psu, size.sum() / psus))
    frame = pd.concat(parts, ignore_index=True)
    return frame.assign(stratum=frame["area"])


def draw_thin_survey(
    population: Population, *, children: int = 837, per_psu: int = 9, seed: int = 1
) -> pd.DataFrame:
    """Draw one thin sample of the whole place: clusters by size over all villages.

    An area gets as many clusters as chance gives it, also one or none.
    """
    rng = np.random.default_rng(seed)
    everything = population.villages
    size = everything["children"].to_numpy(dtype=float)
    psus = round(children / per_psu)
    start = rng.random()
    # Systematic with probability proportional to size, in the order of areas.
    points = (np.arange(psus) + start) / psus * size.sum()
    chosen = np.searchsorted(np.cumsum(size), points)
    frame = _children(rng, "", everything, chosen, per_psu, size.sum() / psus)
    return frame.assign(stratum="all")


def _children(
    rng: np.random.Generator,
    name: str,
    villages: pd.DataFrame,
    chosen: npt.NDArray[np.integer],
    per_psu: int,
    represented: float,
) -> pd.DataFrame:
    """Children of the chosen villages; a cluster stands for `represented` children."""
    row = np.repeat(chosen, per_psu)
    p = villages["p"].to_numpy()[row]
    area = villages["area"].to_numpy()[row]
    stunted = rng.random(len(row)) < p
    take = rng.uniform(0.8, 1.2, len(chosen)).repeat(per_psu)  # unequal response
    haz = -1.4 - 0.5 * (special.logit(p) - special.logit(0.3))
    label = np.repeat(np.arange(len(chosen)), per_psu)
    return pd.DataFrame(
        {
            "area": area,
            "psu": [f"{name}-{i}" for i in label],
            "weight": represented / per_psu * take,
            "stunted": stunted,
            "haz": haz + rng.standard_normal(len(row)) * 1.1,
        }
    )
