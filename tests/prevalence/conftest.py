"""Data and published numbers the prevalence tests share."""

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from analysis.prevalence.simulation import draw_district_survey, make_population
from analysis.prevalence.stage import compute
from analysis.project import load_project

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
GOLDEN = HERE.parent / "golden"
SHARED = HERE.parents[2] / "shared" / "golden"


def read_or_skip(name: str) -> pd.DataFrame:
    file = SHARED / name
    if not file.exists():
        pytest.skip(f"golden data file {name} is not on this machine")
    return pd.read_csv(file)


@pytest.fixture(scope="session")
def golden_frame():
    """Read a data file that is not part of the repository, or skip the test."""
    return read_or_skip


@pytest.fixture(scope="session")
def simulated_survey():
    """A survey of a made-up place, by seed."""

    def draw(seed: int, psus: int = 4, per_psu: int = 15) -> pd.DataFrame:
        population = make_population(areas=6, seed=seed)
        frame = draw_district_survey(population, psus=psus, per_psu=per_psu, seed=seed)
        frame["stunted"] = frame["stunted"].astype("boolean")
        return frame

    return draw


@pytest.fixture(scope="session")
def survey_numbers() -> dict:
    return json.loads((GOLDEN / "survey.json").read_text())


@pytest.fixture(scope="session")
def milk() -> dict:
    """What R's sae found on the milk expenditure data."""
    return json.loads((GOLDEN / "sae_milk.json").read_text())


@pytest.fixture(scope="session")
def mozambique() -> pd.DataFrame:
    frame = read_or_skip("mozambique/children.csv")
    frame["stunted"] = frame["st"].map({1.0: True, 0.0: False}).astype("boolean")
    return frame


@pytest.fixture(scope="session")
def project(tmp_path_factory):
    """The repository's parameters, with artefacts in a temporary folder."""
    home = tmp_path_factory.mktemp("prevalence")
    shutil.copytree(ROOT / "params", home / "params")
    file = home / "params" / "default.yaml"
    settings = yaml.safe_load(file.read_text())
    settings["paths"] = {
        "raw": "../raw",
        "processed": "../processed",
        "out": "../out",
        "build": "../b",
    }
    settings["estimation"]["bootstrap"] = 60
    file.write_text(yaml.safe_dump(settings, allow_unicode=True))
    return load_project(file)


@pytest.fixture(scope="session")
def place(project):
    """A made-up survey, routine visits and register with the project's own area codes."""
    codes = project.register.codes
    population = make_population(areas=len(codes), seed=21)
    code_of = dict(zip(population.areas.index, codes, strict=True))
    frame = draw_district_survey(population, psus=4, per_psu=12, seed=21)
    frame = frame[frame["area"].map(code_of) != codes[-1]].reset_index(drop=True)  # never sampled
    rng = np.random.default_rng(5)
    children = pd.DataFrame(
        {
            "kecamatan": frame["area"].map(code_of),
            "desa": frame["psu"],
            "stratum": frame["stratum"],
            "psu": frame["psu"],
            "sampling_weight": frame["weight"],
            "age_days": rng.integers(0, 1826, len(frame)).astype(float),
            "sex": rng.choice(["m", "f"], len(frame)),
            "haz": frame["haz"],
            "stunted": frame["stunted"].astype("boolean"),
        }
    )
    for name, p in [("severely_stunted", 0.06), ("wasted", 0.07), ("underweight", 0.18)]:
        children[name] = pd.array(rng.random(len(frame)) < p, dtype="boolean")
    children["overweight"] = pd.array([False] * len(frame), dtype="boolean")  # 0 %
    for name in project.pillars.conditions():
        children[name] = pd.array(rng.random(len(frame)) < 0.6, dtype="boolean")
    young = children["age_days"] < 6 * 30.4375
    children["exclusive_breastfeeding"] = children["exclusive_breastfeeding"].mask(~young)
    first = children["psu"].groupby(children["desa"]).transform("first")
    children["village_odf"] = first.str.endswith("1").astype("boolean")
    children.loc[children.index[:9], "stunted"] = pd.NA
    return children, _visits(population, code_of, rng), _register(project, codes)


@pytest.fixture(scope="session")
def stage_run(project, place):
    """The stage's tables and fits on the made-up survey."""
    return compute(project, *place)


def _visits(population, code_of, rng):
    rows = []
    for name, area in population.areas.iterrows():
        n = int(rng.integers(80, 120))
        p = 0.35 * area["truth"]
        rows.append(
            pd.DataFrame(
                {
                    "kecamatan": code_of[name],
                    "child_id": [f"{name}-{i}" for i in range(n)],
                    "month": "2026-08",
                    "recorded_stunted": pd.array(rng.random(n) < p, dtype="boolean"),
                    "stunted": pd.array([pd.NA] * n, dtype="boolean"),
                }
            )
        )
    return pd.concat(rows, ignore_index=True)


def _register(project, codes):
    groups = ["0-5", "6-11", "12-23", "24-35", "36-47", "48-59"]
    months = [6, 6, 12, 12, 12, 12]
    return pd.DataFrame(
        [
            {"kecamatan": code, "sex": sex, "age_group": group,
             "balita": project.register.areas.at[code, "balita"] * m / 120, "status": "registered"}
            for code in codes for sex in "mf" for group, m in zip(groups, months, strict=True)
        ]
    )  # fmt: skip
