"""What the office holds besides: children under five by age and sex, families at risk by desa."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from analysis.intake.synthetic.population import Population
from analysis.intake.synthetic.streams import stream
from analysis.intake.synthetic.survey_file import read_map
from analysis.project import Project

AGE_GROUPS = ("0-5", "6-11", "12-23", "24-35", "36-47", "48-59")
_EDGES = (0, 6, 12, 24, 36, 48, 61)
#: Families at risk for each household with a young child that is poor and lacks water,
#: latrine or schooling: the register also counts couples and expectant mothers.
FAMILIES_PER_HOUSEHOLD = 2.05


def write_register(project: Project, population: Population, path: Path) -> None:
    """Write children under five per area (by name), sex and age group; sums as in the register."""
    assert project.params.population.columns is not None
    columns = read_map(project, project.params.population.columns)
    children = population.children
    months = children["age_days"] / 30.4375
    group = pd.cut(months, list(_EDGES), right=False, labels=list(AGE_GROUPS))
    counts = (
        children.assign(age_group=group)
        .groupby(["kecamatan", "sex", "age_group"], observed=False)
        .size()
        .rename("balita")
        .reset_index()
    )
    names = project.register.areas["name"].to_numpy(dtype=object)
    counts["kecamatan"] = names[counts["kecamatan"]]
    counts["sex"] = columns.spell("sex", counts["sex"].map({0: "m", 1: "f"}))
    counts = counts.rename(columns=columns.heading)
    counts.to_csv(path, index=False, lineterminator="\n", encoding="utf-8")


def write_risk_families(population: Population, path: Path, seed: int) -> None:
    """Write families at risk of stunting per desa."""
    drawn = population.drawn
    poor = drawn.at("wealth_quintile", "household") <= 1
    lacking = ~drawn.at("improved_water", "household") | ~drawn.at(
        "improved_sanitation", "household"
    )
    risk = poor & (lacking | (drawn.at("mother_education", "household") == 0))
    village = population.households["village"].to_numpy()
    homes = np.bincount(village[risk], minlength=len(population.villages))
    families = stream(seed, "risk families").poisson(homes * FAMILIES_PER_HOUSEHOLD)
    table = pd.DataFrame(
        {
            "kode_desa": population.villages["code"],
            "nama_desa": population.villages["name"],
            "keluarga_berisiko": families,
        }
    )
    table.to_csv(path, index=False, lineterminator="\n", encoding="utf-8")
