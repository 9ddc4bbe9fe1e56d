"""Small simulated districts, and the published results the engine is held to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.determinants.frame import model_frame
from analysis.determinants.series import Series, fit_series
from analysis.indicators import Pillars
from analysis.params import load_model

REPO = Path(__file__).parents[2]
SHARED = REPO.parent / "shared" / "golden"


@pytest.fixture(scope="session")
def published() -> dict[str, Any]:
    """Results of lme4, glmmTMB and WeMix."""
    return json.loads((REPO / "tests" / "golden" / "glmm.json").read_text())


def shared_table(path: str) -> pd.DataFrame:
    """A table of the golden cases; skips where that folder is not beside the repository."""
    file = SHARED / path
    if not file.exists():
        pytest.skip(f"golden data {path} are not beside the repository (../shared/golden)")
    return pd.read_csv(file)


def simulate(
    seed: int,
    *,
    areas: int = 12,
    villages: int = 4,
    children: int = 15,
    sd: tuple[float, float] = (0.5, 0.4),
    beta: tuple[float, float, float] = (-0.8, 0.5, 0.4),
) -> pd.DataFrame:
    """Children in villages in areas; `x` continuous, `b` yes/no, `y` the outcome, `haz` a z."""
    rng = np.random.default_rng(seed)
    desa = np.repeat(np.arange(areas * villages), children)
    kecamatan = desa // villages
    n = len(desa)
    x, b = rng.normal(size=n), rng.random(n) < 0.4
    shared = rng.normal(0, sd[0], areas)[kecamatan]
    shared += rng.normal(0, sd[1], areas * villages)[desa]
    eta = beta[0] + beta[1] * x + beta[2] * b + shared
    table = pd.DataFrame({"kecamatan": kecamatan, "desa": desa, "x": x, "b": b})
    table["y"] = (rng.random(n) < 1 / (1 + np.exp(-eta))).astype(int)
    table["haz"] = -1.5 - 0.3 * x - 0.3 * b - shared + rng.normal(0, 1.1, n)
    return table


@pytest.fixture(scope="session")
def district() -> pd.DataFrame:
    return simulate(7)


#: Log odds ratios planted by `children`, of the unfavourable state.
PLANTED = {
    "early_marriage": 0.4,
    "village_team": 0.3,
    "improved_sanitation": 0.5,
    "stunting_knowledge": 0.0,
    "low_birth_weight": 0.8,
    "animal_protein": 0.25,
}
EDUCATION = {"sd": 0.6, "smp": 0.3, "sma": 0.1, "pt": 0.0}
SPREAD = {"kecamatan": 0.3, "desa": 0.35}


def children(
    seed: int, *, areas: int = 12, villages: int = 5, per_village: int = 25, missing: float = 0.0
) -> pd.DataFrame:
    """A table of children as intake hands it on, with planted effects and independent factors."""
    rng = np.random.default_rng(seed)
    desa = np.repeat(np.arange(areas * villages), per_village)
    kecamatan = desa // villages
    n = len(desa)
    age = rng.uniform(0, 1826, n)
    table = pd.DataFrame(
        {
            "kecamatan": [f"99.{k + 1:02d}" for k in kecamatan],
            "desa": [f"99.{k + 1:02d}.{d:04d}" for k, d in zip(kecamatan, desa, strict=True)],
            "psu": [str(d) for d in desa],
            "sampling_weight": rng.uniform(10, 30, areas)[kecamatan],
            "sex": np.where(rng.random(n) < 0.5, "m", "f"),
            "age_days": age,
        }
    )
    eta = -1.2 + 0.6 * np.sin(age / 1826 * np.pi) + 0.15 * (table["sex"] == "m").to_numpy()
    eta += rng.normal(0, SPREAD["kecamatan"], areas)[kecamatan]
    eta += rng.normal(0, SPREAD["desa"], areas * villages)[desa]
    for code, effect in PLANTED.items():
        at = desa if code.startswith("village") else np.arange(n)
        bad = (rng.random(n) < 0.35)[at]
        eta += effect * bad
        lower_is_better = code in ("early_marriage", "low_birth_weight")
        table[code] = pd.array(bad if lower_is_better else ~bad, dtype="boolean")
    grade = rng.choice(list(EDUCATION), n, p=[0.4, 0.3, 0.2, 0.1])
    table["mother_education"] = pd.array(grade, dtype="str")
    eta += np.array([EDUCATION[g] for g in grade])
    table["chance"] = 1 / (1 + np.exp(-eta))
    noise = rng.logistic(size=n)
    table["haz"] = -2 - 0.6 * (eta + noise)
    table["haz_flag"] = pd.array([False] * n, dtype="boolean")
    table["stunted"] = pd.array(table["haz"] < -2, dtype="boolean")
    if missing:
        for code in (*PLANTED, "mother_education"):
            table.loc[rng.random(n) < missing, code] = None
    return table


@pytest.fixture(scope="session")
def pillars(root: Path) -> Pillars:
    return load_model(Pillars, root / "params" / "pillars.yaml")


@pytest.fixture(scope="session")
def series(pillars: Pillars) -> Series:
    return fit_series(model_frame(children(5), pillars))
