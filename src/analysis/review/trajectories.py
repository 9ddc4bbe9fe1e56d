"""New cases with measurement error taken out: children's likely true growth, drawn many times.

Near −2 a reading error moves a child back and forth across the cut-off, and each first
crossing looks like a new case; readings that are too high move the cut-off itself. Here the
true HAZ of each child is a smooth random path (a Gaussian process: a level that stays
and a part that changes over months), seen through readings of known error and offset. Paths
are drawn given the readings, the rate is computed on each by the definition of `transitions`,
and the draws are put together by Rubin's rules. The part that changes is measured
among children near the cut-off, the only ones who can cross it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import optimize, stats

from analysis.review.noise import Offset, reading_error
from analysis.review.routine import age_group
from analysis.review.transitions import YEAR_DAYS

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
CUT = -2.0
DRAWS = 20
CHILDREN_AT_MOST = 20_000
CHUNK = 2_000
#: Children whose mean HAZ is this near the cut-off tell how those near it change.
NEAR = 0.75
FEWEST_PAIRS = 50
FEWEST_LAGS = 4
QUARTER_DAYS = 91.3125


@dataclass(frozen=True)
class Corrected:
    """Rate per 100 child-years without measurement error.

    `error_z` is the mean SD of a reading, `offset_cm` the excess of the readings; `basis` says what was taken out, or why nothing.
    """

    rate: float = np.nan
    low: float = np.nan
    high: float = np.nan
    error_z: float = np.nan
    offset_cm: float = np.nan
    basis: str = "too_few_measurements"


@dataclass(frozen=True)
class Grid:
    """Children × visits in order, padded: `seen` marks the real ones."""

    month: npt.NDArray[np.int64]
    age: Floats
    haz: Floats
    error: Floats
    seen: Bools


@dataclass(frozen=True)
class Change:
    """Covariance of true HAZ `lag` months apart: `lasting + changing · exp(−(lag/memory)^power)`."""

    lasting: float
    changing: float
    memory: float
    power: float

    def covariance(self, lag: Floats) -> Floats:
        """Covariance at each lag."""
        return np.asarray(
            self.lasting + self.changing * np.exp(-((np.abs(lag) / self.memory) ** self.power))
        )


def corrected_rate(
    measured: pd.DataFrame, offset: Offset | None, level: float, seed: int
) -> Corrected:
    """Incidence with reading error (and, where given, offset) taken out.

    Parameters
    ----------
    measured
        As `transitions.valid_measurements` returns it.
    offset
        Excess of the readings; None leaves it in (`basis` error_only).
    level, seed
        Level of the interval, seed of the draws.
    """
    error = reading_error(measured)
    if error.empty:
        return Corrected()
    rng = np.random.default_rng(seed)
    grid = make_grid(_at_most(measured, rng), error)
    middle = np.zeros_like(grid.age) if offset is None else offset.at(grid.age)
    change = fit_change(grid, middle)
    if change is None:
        return Corrected(basis="too_few_repeats")
    sums = np.zeros((DRAWS, 2))
    shifts = _shifts(offset, rng)
    centre = age_means(grid)
    for start in range(0, len(grid.age), CHUNK):
        rows = slice(start, start + CHUNK)
        sums += _draw(_part(grid, rows), centre[rows], change, offset, shifts, rng)
    rate, low, high = combine(sums, level)
    error_z = float(np.sqrt((grid.error[grid.seen] ** 2).mean()))
    offset_cm = np.nan if offset is None else offset.centimetres
    basis = "error_only" if offset is None else "error_and_offset"
    return Corrected(rate, low, high, error_z, offset_cm, basis)


def combine(sums: Floats, level: float) -> tuple[float, float, float]:
    """Rate per 100 child-years over draws of (events, years), by Rubin's rules on its log."""
    events, years = sums[:, 0], sums[:, 1]
    if (events <= 0).any() or (years <= 0).any():
        return np.nan, np.nan, np.nan
    logs = np.log(100 * events / years)
    within = float((1 / events).mean())
    between = float(logs.var(ddof=1)) if len(logs) > 1 else 0.0
    half = stats.norm.ppf((1 + level) / 2) * np.sqrt(within + (1 + 1 / len(logs)) * between)
    middle = float(logs.mean())
    return float(np.exp(middle)), float(np.exp(middle - half)), float(np.exp(middle + half))


def make_grid(measured: pd.DataFrame, error: pd.Series) -> Grid:
    """Children × visits from the sorted long table."""
    child = pd.factorize(measured["child_id"])[0]
    visit = measured.groupby(child).cumcount().to_numpy()
    shape = (int(child.max()) + 1, int(visit.max()) + 1)

    def fill(values: npt.NDArray[np.generic], empty: float) -> Floats:
        table = np.full(shape, empty)
        table[child, visit] = values
        return table

    sd = age_group(measured["age_days"]).map(error).to_numpy(dtype=float)
    return Grid(
        fill(measured["month_number"].to_numpy(), 0).astype(np.int64),
        fill(measured["age_days"].to_numpy(dtype=float), 0.0),
        fill(measured["haz"].to_numpy(dtype=float), 0.0),
        fill(sd, 1.0),
        fill(np.ones(len(measured)), 0.0).astype(bool),
    )


def age_means(grid: Grid) -> Floats:
    """Mean HAZ of the readings by quarter year of age."""
    quarter = (grid.age / QUARTER_DAYS).astype(np.int64)
    total = np.bincount(quarter[grid.seen], grid.haz[grid.seen], quarter.max() + 1)
    count = np.bincount(quarter[grid.seen], minlength=quarter.max() + 1)
    return np.asarray(np.divide(total, count, out=np.zeros_like(total), where=count > 0)[quarter])


def fit_change(grid: Grid, offset: Floats) -> Change | None:
    """How true HAZ changes near the cut-off, from squared differences less the reading error.

    A straight-line (power 1) and a smooth (power 2) course are tried; the closer one is
    taken. None with too few repeated measurements.
    """
    rest = np.where(grid.seen, grid.haz - age_means(grid), 0.0)
    level = np.where(grid.seen, grid.haz - offset, 0.0).sum(axis=1) / grid.seen.sum(axis=1)
    near = np.abs(level - CUT) < NEAR
    lags, halves, pairs = _variogram(grid, rest, near)
    use = (pairs >= FEWEST_PAIRS) & (lags >= 1)
    if use.sum() < FEWEST_LAGS:
        return None
    lags, halves, pairs = lags[use], halves[use], pairs[use]
    fits = [_fit_power(power, lags, halves, pairs) for power in (1.0, 2.0)]
    changing, memory, power = min(fits, key=lambda fit: fit[0])[1]
    noise = (grid.error[grid.seen] ** 2).mean()
    total = float((rest[grid.seen] ** 2).mean() - noise)
    return Change(max(total - changing, 0.05), changing, memory, power)


def _variogram(grid: Grid, rest: Floats, near: Bools) -> tuple[Floats, Floats, Floats]:
    """Half the mean squared difference of true HAZ by lag in months, and its pairs."""
    longest = int(
        (grid.month.max(axis=1) - np.where(grid.seen, grid.month, 10**6).min(axis=1)).max()
    )
    total, count = np.zeros(longest + 1), np.zeros(longest + 1)
    for step in range(1, grid.seen.shape[1]):
        both = grid.seen[near, step:] & grid.seen[near, :-step]
        lag = (grid.month[near, step:] - grid.month[near, :-step])[both]
        error = grid.error[near, step:] ** 2 + grid.error[near, :-step] ** 2
        half = ((rest[near, step:] - rest[near, :-step]) ** 2 - error)[both] / 2
        total += np.bincount(lag, half, longest + 1)
        count += np.bincount(lag, minlength=longest + 1)
    mean = np.divide(total, count, out=np.full(longest + 1, np.nan), where=count > 0)
    return np.arange(longest + 1, dtype=float), mean, count


def _fit_power(
    power: float, lags: Floats, halves: Floats, pairs: Floats
) -> tuple[float, tuple[float, float, float]]:
    """Weighted least squares of the variogram; its loss, and (changing, memory, power)."""

    def course(lag: Floats, changing: float, memory: float) -> Floats:
        return np.asarray(changing * (1 - np.exp(-((lag / memory) ** power))))

    start = (max(float(halves[-1]), 0.02), 9.0)
    bounds = ([1e-4, 1.0], [10.0, 200.0])
    found, _ = optimize.curve_fit(
        course, lags, halves, p0=start, sigma=1 / np.sqrt(pairs), bounds=bounds
    )
    loss = float((pairs * (halves - course(lags, *found)) ** 2).sum())
    return loss, (float(found[0]), float(found[1]), power)


def _shifts(offset: Offset | None, rng: np.random.Generator) -> list[float]:
    """Offset of each draw, centimetres: its estimate with its own uncertainty."""
    if offset is None:
        return [0.0] * DRAWS
    return [float(x) for x in rng.normal(offset.centimetres, offset.se, DRAWS)]


def _draw(
    grid: Grid,
    centre: Floats,
    change: Change,
    offset: Offset | None,
    shifts: list[float],
    rng: np.random.Generator,
) -> Floats:
    """Events and child-years of some children in every draw (Matheron's rule)."""
    both = grid.seen[:, :, None] & grid.seen[:, None, :]
    lag = (grid.month[:, :, None] - grid.month[:, None, :]).astype(float)
    prior = np.where(both, change.covariance(lag), 0.0)
    eye = np.eye(grid.seen.shape[1])
    readings = prior + eye * np.where(grid.seen, grid.error**2, 1.0)[:, None, :]
    root = np.linalg.cholesky(prior + eye * np.where(grid.seen, 1e-6, 1.0)[:, None, :])
    rest = (grid.haz - centre)[:, :, None]
    size = (*grid.seen.shape, len(shifts))
    path = (root @ rng.normal(size=size)) * grid.seen[:, :, None]
    noise = rng.normal(size=size) * (grid.error * grid.seen)[:, :, None]
    drawn = path + prior @ np.linalg.solve(readings, (rest - path - noise) * grid.seen[:, :, None])
    result = []
    for k, shift in enumerate(shifts):
        moved = 0.0 if offset is None else offset.at(grid.age, shift)
        result.append(onsets(drawn[:, :, k] + centre - moved < CUT, grid))
    return np.array(result)


def onsets(below: Bools, grid: Grid) -> tuple[float, float]:
    """New cases and child-years at risk of padded paths, by the definition of `transitions`."""
    below = below & grid.seen
    before = (np.cumsum(below, axis=1) - below) > 0
    at_risk = grid.seen & ~before
    at_risk[:, 0] = False
    new = at_risk & below
    days = np.diff(grid.age, axis=1, prepend=grid.age[:, :1])
    years = np.where(at_risk, np.where(new, days / 2, days), 0.0).sum() / YEAR_DAYS
    return float(new.sum()), float(years)


def _part(grid: Grid, rows: slice) -> Grid:
    return Grid(*(getattr(grid, name)[rows] for name in ("month", "age", "haz", "error", "seen")))


def _at_most(measured: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Take a random sample of the children where there are very many."""
    ids = measured["child_id"].unique()
    if len(ids) <= CHILDREN_AT_MOST:
        return measured
    kept = rng.choice(np.sort(ids.astype(str)), CHILDREN_AT_MOST, replace=False)
    return measured[measured["child_id"].isin(kept)]
