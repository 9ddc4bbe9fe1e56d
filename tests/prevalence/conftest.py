"""Data and published numbers the prevalence tests share."""

import json
from pathlib import Path

import pandas as pd
import pytest

from analysis.prevalence.simulation import draw_district_survey, make_population

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
    return json.loads((GOLDEN / "sae_milk.json").read_text())


@pytest.fixture(scope="session")
def mozambique() -> pd.DataFrame:
    frame = read_or_skip("mozambique/children.csv")
    frame["stunted"] = frame["st"].map({1.0: True, 0.0: False}).astype("boolean")
    return frame
