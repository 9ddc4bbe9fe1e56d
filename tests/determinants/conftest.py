"""Small simulated districts, and the published results the engine is held to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

REPO = Path(__file__).parents[2]
SHARED = REPO.parent / "shared" / "golden"


@pytest.fixture(scope="session")
def golden() -> dict[str, Any]:
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
