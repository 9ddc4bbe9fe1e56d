"""Kecamatan, desa, census blocks and households of the synthetic population."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.intake.synthetic.streams import Ints, stream
from analysis.regions import Register

#: Villages of an area when neither list nor count is known, and its children likewise.
DEFAULT_VILLAGES = 8
DEFAULT_CHILDREN = 1000
#: Share of children who are the next child of the household before them.
SECOND_CHILD = 0.11
TWIN = 0.012
HOUSEHOLDS_PER_BLOCK = 52
#: By how much fewer children there are of five years than newborn: 0.85 children of 6–29
#: months for one of 30–59, as surveys are expected to have.
FEWER_AT_FIVE = 0.126
DAYS_UNDER_FIVE = 1826


def make_villages(register: Register, seed: int) -> pd.DataFrame:
    """One row per desa, in the order of the areas.

    Columns: `code name kecamatan` (position of the area), `urban`, `development` and
    `remoteness` (standard deviations), `children`.
    """
    rng = stream(seed, "villages")
    table = _listed(register) if len(register.villages) else _numbered(register)
    count = len(table)
    areas = len(register.areas)
    area = table["kecamatan"].to_numpy()
    size = np.exp(rng.normal(0.0, 0.35, count))
    table["urban"] = _urban(table["urban"].to_numpy(), area, size, rng)
    area_factor = rng.normal(0.0, 0.5, areas)
    table["remoteness"] = (
        rng.normal(0.0, 0.8, count) - 0.9 * table["urban"] - 0.6 * area_factor[area]
    )
    table["remoteness"] -= table["remoteness"].mean()
    table["development"] = area_factor[area] + rng.normal(0.0, 0.8, count)
    table["children"] = _share_out(register, area, size, rng)
    return table


def _listed(register: Register) -> pd.DataFrame:
    position = {code: i for i, code in enumerate(register.codes)}
    villages = register.villages.sort_index()
    return pd.DataFrame(
        {
            "code": villages.index.astype(str),
            "name": villages["name"].to_numpy(),
            "kecamatan": villages["kecamatan"].map(position).to_numpy(dtype=np.int64),
            "urban": villages["urban"].fillna(False).to_numpy(dtype=bool),
        }
    ).sort_values(["kecamatan", "code"], ignore_index=True)


def _numbered(register: Register) -> pd.DataFrame:
    counts = register.areas["villages"].fillna(DEFAULT_VILLAGES).clip(lower=1).astype(int)
    rows = [
        (f"{code}.{2000 + k}", f"Desa {k}", i, False)
        for i, (code, n) in enumerate(counts.items())
        for k in range(1, n + 1)
    ]
    return pd.DataFrame(rows, columns=["code", "name", "kecamatan", "urban"])


def _urban(known: np.ndarray, area: Ints, size: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Urban as registered, and the larger villages elsewhere by chance.

    Census blocks are urban in many a desa: the capital of a kecamatan nearly always.
    """
    rank = pd.Series(size).groupby(area).rank(ascending=False).to_numpy()
    chance = np.select([rank == 1, rank == 2], [0.85, 0.5], 0.08)
    return np.asarray(known | (rng.random(size.size) < chance))


def _share_out(
    register: Register, area: Ints, size: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Children of each village; they add up to the register's children of each area."""
    balita = register.areas["balita"].fillna(DEFAULT_CHILDREN).to_numpy(dtype=np.int64)
    children = np.zeros(area.size, dtype=np.int64)
    for i, total in enumerate(balita):
        here = np.flatnonzero(area == i)
        if here.size:
            children[here] = rng.multinomial(total, size[here] / size[here].sum())
    return children


def make_households(villages: pd.DataFrame, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Households and children of all villages.

    Returns
    -------
    tuple
        Households with `village`, `block` (both positions), and children with `household`
        (position), `sex` (0 boy, 1 girl), `age_days` at the reference day, `twin`.
    """
    rng = stream(seed, "households")
    village = np.repeat(np.arange(len(villages)), villages["children"].to_numpy())
    second = rng.random(village.size) < SECOND_CHILD
    second[np.flatnonzero(np.diff(village, prepend=-1))] = False
    household = np.cumsum(~second) - 1
    households = pd.DataFrame({"village": village[~second]})
    households["block"] = _blocks(households["village"].to_numpy(), rng)
    children = pd.DataFrame({"household": household, "sex": rng.integers(0, 2, village.size)})
    children["age_days"], children["twin"] = _ages(second, rng)
    return households, children


def _blocks(village: Ints, rng: np.random.Generator) -> np.ndarray:
    """Census block of each household: runs of about fifty households within a village."""
    block = np.zeros(village.size, dtype=np.int64)
    starts = np.flatnonzero(np.diff(village, prepend=-1))
    first = 0
    for start, end in zip(starts, [*starts[1:], village.size], strict=True):
        number = max(1, round((end - start) / HOUSEHOLDS_PER_BLOCK))
        sizes = np.exp(rng.normal(0.0, 0.2, number))
        cuts = np.round(np.cumsum(sizes / sizes.sum()) * (end - start))
        block[start:end] = first + np.searchsorted(cuts, np.arange(end - start), side="right")
        first += number
    return block


def _ages(second: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Ages under five years; siblings at least a year apart, but for twins."""
    age = np.floor(DAYS_UNDER_FIVE * _thinning(rng.random(second.size))).astype(np.int64)
    gap = rng.integers(380, 1400, second.size)
    twin = second & (rng.random(second.size) < TWIN / SECOND_CHILD)
    for i in np.flatnonzero(second):
        older = age[i - 1] + gap[i]
        younger = age[i - 1] - gap[i]
        age[i] = older if older < DAYS_UNDER_FIVE else max(younger, 0)
    age[twin] = age[np.flatnonzero(twin) - 1]
    twin[np.flatnonzero(twin) - 1] = True
    return age, twin


def _thinning(share: np.ndarray) -> np.ndarray:
    """Part of the span of ages below which `share` of the children are."""
    slope = FEWER_AT_FIVE
    return np.asarray((1 - np.sqrt(1 - 2 * slope * share * (1 - slope / 2))) / slope)


def cluster_effects(
    villages: pd.DataFrame, areas: int, sd: float, rng: np.random.Generator
) -> np.ndarray:
    """Random shifts of kecamatan and desa, per village, on the logit scale."""
    area = rng.normal(0.0, sd, areas)[villages["kecamatan"].to_numpy()]
    return np.asarray(area + rng.normal(0.0, 0.8 * sd, len(villages)))
