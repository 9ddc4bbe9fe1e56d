"""The district survey: a stratified two-stage sample of the population, and its measuring.

Domains are the kecamatan; strata urban/rural within each; census blocks drawn with
probability proportional to their households; about thirty households a block by a
systematic draw; every child of the household measured.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.intake.synthetic import body
from analysis.intake.synthetic.population import Population
from analysis.intake.synthetic.streams import Floats, Ints, stream

CHILDREN_PER_BLOCK = 32
CHILDREN_PER_HOUSEHOLD = 1.12
RESPONSE = 0.95
FIELD_DAYS = 61
FIRST_FIELD_MONTH = 8
#: SD of a measurement of length by an ordinary team, in cm, and of weight, in kg.
LENGTH_ERROR, WEIGHT_ERROR = 0.35, 0.06
AREAS_PER_TEAM = 2


def draw(population: Population, target: int, seed: int) -> pd.DataFrame:
    """Draw about `target` children.

    Returns
    -------
    DataFrame
        One row per child found at home: `child` (position in the population),
        `kecamatan village stratum psu household` (positions or running numbers within
        them), `urban`, `sampling_weight`.
    """
    rng = stream(seed, "survey")
    blocks = _frame(population)
    chosen = _choose_blocks(blocks, target, rng)
    households = _choose_households(population, chosen, target, rng)
    children = population.children
    rows = pd.DataFrame({"child": np.flatnonzero(children["household"].isin(households.index))})
    home = children["household"].to_numpy()[rows["child"]]
    for column in ("block", "psu", "stratum", "sampling_weight", "number"):
        rows[column] = households.loc[home, column].to_numpy()
    rows["village"] = children["village"].to_numpy()[rows["child"]]
    rows["kecamatan"] = children["kecamatan"].to_numpy()[rows["child"]]
    rows["urban"] = population.villages["urban"].to_numpy()[rows["village"]]
    return rows.sort_values(["psu", "number", "child"], ignore_index=True)


def _frame(population: Population) -> pd.DataFrame:
    """Census blocks: `village kecamatan urban households`."""
    homes = population.households
    blocks = homes.groupby("block").agg(village=("village", "first"), households=("block", "size"))
    blocks["kecamatan"] = population.villages["kecamatan"].to_numpy()[blocks["village"]]
    blocks["urban"] = population.villages["urban"].to_numpy()[blocks["village"]]
    return blocks


def _choose_blocks(blocks: pd.DataFrame, target: int, rng: np.random.Generator) -> pd.DataFrame:
    """Blocks drawn per stratum, with `psu`, `stratum` and `chance` of being drawn."""
    chosen = []
    for kecamatan, size in _allocation(blocks, target).items():
        here = blocks[blocks["kecamatan"] == kecamatan]
        for urban, number in _by_stratum(here, size).items():
            part = here[here["urban"] == urban]
            picked = _systematic_pps(part["households"].to_numpy(float), number, rng)
            drawn = part.iloc[picked].copy()
            drawn["chance"] = np.minimum(
                1.0, number * drawn["households"] / part["households"].sum()
            )
            drawn["stratum"] = 10 * (int(kecamatan) + 1) + (1 if urban else 2)
            chosen.append(drawn)
    result = pd.concat(chosen)
    result["psu"] = np.arange(1, len(result) + 1)
    return result


def _allocation(blocks: pd.DataFrame, target: int) -> dict[int, int]:
    """Blocks per kecamatan: nearly equal, so that each can speak for itself."""
    homes = blocks.groupby("kecamatan")["households"].sum()
    per_area = max(2.0, target / CHILDREN_PER_BLOCK / len(homes))
    share = np.sqrt(homes) / np.sqrt(homes).mean()
    number = np.clip(np.round(per_area * share), np.floor(0.85 * per_area), np.ceil(1.2 * per_area))
    return {int(k): max(2, int(n)) for k, n in number.items()}


def _by_stratum(here: pd.DataFrame, size: int) -> dict[bool, int]:
    """Urban and rural blocks of a kecamatan: by size, and two at least of each where it has both."""
    homes = here.groupby("urban")["households"].sum()
    if len(homes) == 1 or size < 4:
        return {bool(homes.idxmax()): size}
    urban = round(size * float(homes[True]) / float(homes.sum()))
    urban = min(max(urban, 2), size - 2)
    return {True: urban, False: size - urban}


def _systematic_pps(size: Floats, number: int, rng: np.random.Generator) -> Ints:
    """Positions drawn systematically, the chance proportional to size."""
    number = min(number, size.size)
    ends = np.cumsum(size)
    points = (np.arange(number) + rng.random()) * ends[-1] / number
    return np.unique(np.searchsorted(ends, points, side="right"))


def _choose_households(
    population: Population, chosen: pd.DataFrame, target: int, rng: np.random.Generator
) -> pd.DataFrame:
    """Households that answer, indexed by position, with weights adjusted within the block."""
    take = target / len(chosen) / CHILDREN_PER_HOUSEHOLD / RESPONSE
    homes = population.households["block"].to_numpy()
    wealth = population.drawn.at("wealth", "household")
    parts = []
    for block, row in chosen.iterrows():
        listed = np.flatnonzero(homes == block)
        wanted = min(listed.size, max(2, round(take * rng.uniform(0.9, 1.12))))
        start = rng.random()
        picked = listed[((np.arange(wanted) + start) * listed.size / wanted).astype(int)]
        answer = rng.random(wanted) < RESPONSE - 0.02 * np.clip(wealth[picked], -2, 2)
        answer[0] = True
        kept = picked[answer]
        weight = listed.size / row["chance"] / kept.size
        parts.append(
            pd.DataFrame(
                {
                    "block": block,
                    "psu": int(row["psu"]),
                    "stratum": int(row["stratum"]),
                    "sampling_weight": weight,
                    "number": np.arange(1, kept.size + 1),
                },
                index=kept,
            )
        )
    return pd.concat(parts)


def measure(
    population: Population, sample: pd.DataFrame, reference: np.datetime64, seed: int
) -> pd.DataFrame:
    """Visit and measure the drawn children.

    Adds `birth visit` (datetime64[D]), `sex age_days haz weight_kg length_cm standing team careless`;
    drops children not yet born, or five years old, on the day of the visit.
    """
    rng = stream(seed, "measuring")
    rows = sample.join(population.children[["sex", "age_days", "haz", "twin"]], on="child")
    first = np.datetime64(f"{str(reference)[:4]}-{FIRST_FIELD_MONTH:02d}-01")
    block_day = rng.integers(0, FIELD_DAYS - 3, rows["psu"].max() + 1)
    day = block_day[rows["psu"]] + rows["number"].to_numpy() // 12
    rows["visit"] = first + day.astype("timedelta64[D]")
    rows["birth"] = reference - rows["age_days"].to_numpy().astype("timedelta64[D]")
    rows["age_days"] = (rows["visit"] - rows["birth"]).dt.days
    rows = rows[(rows["age_days"] >= 0) & (rows["age_days"] < 1826)].reset_index(drop=True)
    rows["team"] = rows["kecamatan"] // AREAS_PER_TEAM + 1
    return _measured(rows, rng)


def _measured(rows: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    haz, sex = rows["haz"].to_numpy(), rows["sex"].to_numpy()
    age = rows["age_days"].to_numpy()
    length = body.length_of(haz, sex, age)
    weight = body.weight_of(body.draw_whz(haz, rng), sex, age, length)
    teams = int(rows["team"].max()) + 1
    skill = np.exp(rng.normal(0.0, 0.2, teams))
    careless = rng.integers(1, teams)  # the one team that a quality check should find
    skill[careless] = 2.5
    rows["careless"] = rows["team"] == careless
    length = length + rng.normal(0.0, LENGTH_ERROR, len(rows)) * skill[rows["team"]]
    old = age >= body.FIRST_DAY_STANDING
    standing = old ^ (rng.random(len(rows)) < 0.015)
    length += 0.7 * (old & ~standing) - 0.7 * (~old & standing)
    rows["length_cm"] = np.round(length, 1)
    rows["weight_kg"] = np.round(weight + rng.normal(0.0, WEIGHT_ERROR, len(rows)), 1)
    rows["standing"] = standing
    return rows
