"""Benchmarking: areas that add up to the figure of the whole place.

Ratio benchmarking multiplies every area by one factor, so that the areas' estimates,
weighed by their children, give the figure exactly. Raw estimates are kept beside.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.errors import UserError

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Benchmark:
    """One benchmark: `figure` is what the areas now add up to, `before` what they did."""

    figure: float
    before: float
    factor: float


def ratio(estimate: npt.ArrayLike, children: npt.ArrayLike, figure: float) -> Benchmark:
    """Find the factor that makes the areas add up to `figure`.

    Parameters
    ----------
    estimate
        Share per area, 0 to 1.
    children
        Children of each area; need not be whole numbers.
    figure
        Share of the whole place.

    Raises
    ------
    UserError
        There are no children, or the areas' estimates are all zero while `figure` is not.
    """
    p, weight = np.asarray(estimate, dtype=float), np.asarray(children, dtype=float)
    if not weight.sum() > 0:
        raise UserError("the areas have no children to weigh them with; fill column 'balita'.")
    before = float(p @ weight / weight.sum())
    if before <= 0:
        if figure > 0:
            raise UserError("all areas are at zero, so no factor can bring them to the figure.")
        return Benchmark(figure, before, 1.0)
    return Benchmark(figure, before, figure / before)


def apply(table: pd.DataFrame, factor: float) -> pd.DataFrame:
    """Multiply `estimate`, `se`, `low` and `high` by `factor`; shares end at 1."""
    scaled = table.copy()
    for column in ("estimate", "se", "low", "high"):
        scaled[column] = table[column] * factor
    for column in ("estimate", "low", "high"):
        scaled[column] = scaled[column].clip(upper=1.0)
    return scaled


def whole_counts(
    shares: npt.ArrayLike, children: npt.ArrayLike, total: int | None = None
) -> npt.NDArray[np.int64]:
    """Whole numbers of children per area that add up exactly.

    Each area gets the whole part of `shares × children`; what is then missing from the
    total goes to the largest remainders, earlier areas first where they are equal.

    Parameters
    ----------
    shares, children
        Per area.
    total
        Count of the whole place; the rounded sum unless given.

    Raises
    ------
    UserError
        `total` is further from the sum than one child per area: the shares do not
        belong to it.
    """
    exact = np.asarray(shares, dtype=float) * np.asarray(children, dtype=float)
    wanted = int(np.floor(exact.sum() + 0.5)) if total is None else int(total)
    base: npt.NDArray[np.int64] = np.floor(exact + 1e-9).astype(np.int64)
    missing = wanted - int(base.sum())
    if not 0 <= missing <= len(base):
        raise UserError(
            f"the areas add up to {exact.sum():.1f} children, which cannot be rounded to {wanted}; "
            "benchmark the shares to that figure first."
        )
    order = np.argsort(-(exact - base), kind="stable")
    base[order[:missing]] += 1
    return base
