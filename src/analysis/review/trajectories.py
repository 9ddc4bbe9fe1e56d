"""New cases with measurement error taken out: children's likely true growth, drawn many times.

Near −2 a reading error moves a child back and forth across the cut-off, and each first
crossing looks like a new case; readings that are too high move the cut-off itself. Here the
true HAZ of each child is a smooth random path (a Gaussian process: a level that stays
and a part that changes over months), seen through readings of known error and offset. Paths
are drawn given the readings, the rate is computed on each by the definition of `transitions`,
and the draws are put together by Rubin's rules. The part that changes is measured
among children near the cut-off, the only ones who can cross it.

By area the same paths are counted. How readings err and how children change is taken from
all areas together; the offset of each area is drawn around the common one with the spread
between areas (`noise.Offset.spread`), so that a habit of one area widens its interval.
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
#: Cases below which an area's rate is not given: as few are not shown as a count either.
FEWEST_CASES = 5
#: Key of the whole place in the result.
ALL = ""
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


def corrected_rates(
    measured: pd.DataFrame, offset: Offset | None, level: float, seed: int
) -> dict[str, Corrected]:
    """Incidence with reading error (and, where given, offset) taken out, in all and by area.

    Parameters
    ----------
    measured
        As `transitions.valid_measurements` returns it.
    offset
        Excess of the readings; None leaves it in (`basis` error_only).
    level, seed
        Level of the interval, seed of the draws.

    Returns
    -------
    dict
        By area (that of a child's latest measurement); `ALL` is the whole place.
    """
    error = reading_error(measured)
    if error.empty:
        return {ALL: Corrected()}
    rng = np.random.default_rng(seed)
    kept = _at_most(measured, rng)
    grid = make_grid(kept, error)
    middle = np.zeros_like(grid.age) if offset is None else offset.at(grid.age)
    change = fit_change(grid, middle)
    if change is None:
        return {ALL: Corrected(basis="too_few_repeats")}
    area, names = pd.factorize(kept.groupby("child_id", sort=False)["kecamatan"].last())
    common = _shifts(offset, rng)
    own = _area_shifts(offset, common, len(names), seed)
    sums, area_sums = np.zeros((DRAWS, 2)), np.zeros((DRAWS, len(names), 2))
    centre = age_means(grid)
    for start in range(0, len(grid.age), CHUNK):
        rows = slice(start, start + CHUNK)
        part, where = _part(grid, rows), area[rows]
        paths = _draw(part, centre[rows], change, rng)
        sums += _tally(paths, part, offset, np.repeat(common[:, None], len(where), axis=1)).sum(1)
        by_child = _tally(paths, part, offset, own[:, where])
        for k in np.unique(where):
            area_sums[:, k] += by_child[:, where == k].sum(axis=1)
    error_z = float(np.sqrt((grid.error[grid.seen] ** 2).mean()))
    offset_cm = np.nan if offset is None else offset.centimetres
    basis = "error_only" if offset is None else "error_and_offset"
    found = {ALL: Corrected(*combine(sums, level), error_z, offset_cm, basis)}
    for k, name in enumerate(names):
        few = area_sums[:, k, 0].mean() < FEWEST_CASES
        limits = (np.nan, np.nan, np.nan) if few else combine(area_sums[:, k], level)
        why = "too_few_cases" if np.isnan(limits[0]) else basis
        found[str(name)] = Corrected(*limits, error_z, offset_cm, why)
    return found


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


def _shifts(offset: Offset | None, rng: np.random.Generator) -> Floats:
    """Offset of each draw, centimetres: its estimate with its own uncertainty."""
    if offset is None:
        return np.zeros(DRAWS)
    return rng.normal(offset.centimetres, offset.se, DRAWS)


def _area_shifts(offset: Offset | None, common: Floats, areas: int, seed: int) -> Floats:
    """Offset of each draw and area, centimetres: the common one and the spread between areas."""
    spread = 0.0 if offset is None else offset.spread
    own = np.random.default_rng([seed, areas]).normal(0.0, 1.0, (DRAWS, areas))
    return np.asarray(common[:, None] + spread * own)


def _draw(grid: Grid, centre: Floats, change: Change, rng: np.random.Generator) -> Floats:
    """Likely true paths of some children, children × visits × draws (Matheron's rule)."""
    both = grid.seen[:, :, None] & grid.seen[:, None, :]
    lag = (grid.month[:, :, None] - grid.month[:, None, :]).astype(float)
    prior = np.where(both, change.covariance(lag), 0.0)
    eye = np.eye(grid.seen.shape[1])
    readings = prior + eye * np.where(grid.seen, grid.error**2, 1.0)[:, None, :]
    root = np.linalg.cholesky(prior + eye * np.where(grid.seen, 1e-6, 1.0)[:, None, :])
    rest = (grid.haz - centre)[:, :, None]
    size = (*grid.seen.shape, DRAWS)
    path = (root @ rng.normal(size=size)) * grid.seen[:, :, None]
    noise = rng.normal(size=size) * (grid.error * grid.seen)[:, :, None]
    drawn = path + prior @ np.linalg.solve(readings, (rest - path - noise) * grid.seen[:, :, None])
    return np.asarray(drawn + centre[:, :, None])


def _tally(paths: Floats, grid: Grid, offset: Offset | None, shifts: Floats) -> Floats:
    """Events and child-years, draws × children × 2, with offsets by draw and child."""
    result = []
    for k, shift in enumerate(shifts):
        moved = 0.0 if offset is None else offset.at(grid.age, shift[:, None])
        result.append(onsets(paths[:, :, k] - moved < CUT, grid))
    return np.array(result)


def onsets(below: Bools, grid: Grid) -> Floats:
    """New cases and child-years at risk of padded paths, by the definition of `transitions`.

    Returns
    -------
    array
        Children × 2.
    """
    below = below & grid.seen
    before = (np.cumsum(below, axis=1) - below) > 0
    at_risk = grid.seen & ~before
    at_risk[:, 0] = False
    new = at_risk & below
    days = np.diff(grid.age, axis=1, prepend=grid.age[:, :1])
    years = np.where(at_risk, np.where(new, days / 2, days), 0.0).sum(axis=1) / YEAR_DAYS
    return np.column_stack([new.sum(axis=1), years])


def _part(grid: Grid, rows: slice) -> Grid:
    return Grid(*(getattr(grid, name)[rows] for name in ("month", "age", "haz", "error", "seen")))


def _at_most(measured: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Take a random sample of the children where there are very many."""
    ids = measured["child_id"].unique()
    if len(ids) <= CHILDREN_AT_MOST:
        return measured
    kept = rng.choice(np.sort(ids.astype(str)), CHILDREN_AT_MOST, replace=False)
    return measured[measured["child_id"].isin(kept)]
