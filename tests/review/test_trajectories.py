"""Incidence without measurement error, on a truth that is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis.review.noise import (
    Offset,
    attendance,
    between_areas,
    haz_offset,
    reading_error,
    sd_of_length,
    weighted_regression,
)
from analysis.review.trajectories import ALL, combine, corrected_rates
from analysis.review.transitions import YEAR_DAYS, intervals


def simulate(
    seed: int, error: float, offset: float, children: int = 2500, spread: float = 0.0
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Children measured monthly for a year and a half: (true, read) measurements."""
    rng = np.random.default_rng(seed)
    months = np.arange(18)
    level = rng.normal(-1.4, 1.0, (children, 1))
    lag = np.subtract.outer(months, months) / 9.0
    smooth = np.linalg.cholesky(np.exp(-(lag**2)) + 1e-6 * np.eye(18))
    true = level + 0.45 * rng.normal(size=(children, 18)) @ smooth.T
    came = rng.random((children, 18)) < 0.85
    start = rng.uniform(60, 1100, (children, 1))
    child, month = np.nonzero(came)
    table = pd.DataFrame(
        {
            "child_id": np.char.add("c", child.astype(str)),
            "kecamatan": np.array(list("abcdefghij"))[child % 10],
            "month_number": 24000 + month,
            "age_days": (start + 30.4375 * months)[child, month],
            "haz": true[child, month],
        }
    ).sort_values(["child_id", "month_number"], ignore_index=True)
    habits = np.random.default_rng([seed, 10]).normal(offset, spread, 10)
    own = pd.Series(habits, index=list("abcdefghij"))
    excess = table["kecamatan"].map(own).to_numpy() / sd_of_length(table["age_days"].to_numpy())
    read = table.assign(haz=table["haz"] + excess + rng.normal(0, error, len(table)))
    return (t.assign(stunted=t["haz"] < -2) for t in (table, read))  # type: ignore[return-value]


def rate(measured: pd.DataFrame) -> float:
    steps = intervals(measured)
    return float(100 * steps["new"].sum() / (steps["child_days"].sum() / YEAR_DAYS))


def test_reading_error_is_recovered() -> None:
    _, read = simulate(1, 0.25, 0.0)
    assert reading_error(read).to_numpy() == pytest.approx(0.25, abs=0.02)


def test_too_few_repeats_say_so() -> None:
    _, read = simulate(1, 0.25, 0.0, children=10)
    found = corrected_rates(read, None, 0.95, 1)[ALL]
    assert (found.basis, np.isnan(found.rate)) == ("too_few_measurements", True)


@pytest.mark.parametrize(("error", "offset"), [(0.02, 0.0), (0.25, 0.0), (0.25, 1.3)])
def test_true_incidence_lies_in_the_corrected_interval(error: float, offset: float) -> None:
    true, read = simulate(3, error, offset)
    found = corrected_rates(read, Offset(offset), 0.95, 1)[ALL]
    assert found.low < rate(true) < found.high
    assert found.rate == pytest.approx(rate(true), rel=0.08)


def test_uncorrected_incidence_would_be_far_off() -> None:
    """The reason for all this: reading error alone doubles the rate."""
    true, read = simulate(3, 0.25, 0.0)
    assert rate(read) > 1.5 * rate(true)


@pytest.mark.slow
def test_coverage_of_the_corrected_interval() -> None:
    covered = []
    for seed in range(40):
        true, read = simulate(100 + seed, 0.25, 1.0, children=1200)
        found = corrected_rates(read, Offset(1.0), 0.95, seed)[ALL]
        covered.append(found.low < rate(true) < found.high)
    # The interval allows for chance in the events as well, which the truth here shares.
    assert np.mean(covered) >= 0.93


def test_same_seed_same_rate() -> None:
    _, read = simulate(2, 0.2, 0.0, children=600)
    assert corrected_rates(read, None, 0.95, 7)[ALL] == corrected_rates(read, None, 0.95, 7)[ALL]


def test_rubins_rules() -> None:
    same = np.tile([100.0, 1000.0], (5, 1))
    rate_, low, high = combine(same, 0.95)
    assert rate_ == pytest.approx(10.0)
    assert (low, high) == pytest.approx((10 * np.exp(-0.19600), 10 * np.exp(0.19600)), abs=1e-3)
    spread = same * np.array([[0.8], [0.9], [1.0], [1.1], [1.2]]) ** [[1, 0]]
    assert combine(spread, 0.95)[2] > high
    assert np.isnan(combine(np.zeros((3, 2)), 0.95)[0])


@pytest.mark.slow
def test_weighted_regression_agrees_with_statsmodels() -> None:
    import statsmodels.api as sm

    rng = np.random.default_rng(0)
    x = np.column_stack([np.ones(300), rng.normal(size=(300, 2))])
    y, w, g = (
        x @ [1.0, 2.0, -1.0] + rng.normal(size=300),
        rng.uniform(0.5, 2, 300),
        np.arange(300) % 30,
    )
    ours, covariance = weighted_regression(x, y, w, g)
    fit = sm.WLS(y, x, weights=w).fit(
        cov_type="cluster", cov_kwds={"groups": g, "use_correction": False}
    )
    assert ours == pytest.approx(fit.params)
    assert covariance == pytest.approx(fit.cov_params() * 30 / 29)


def test_excess_of_readings_is_recovered() -> None:
    rng = np.random.default_rng(5)
    n = 6000
    age = rng.uniform(0, 1820, n)
    common = {
        "kecamatan": rng.choice(["a", "b"], n),
        "sex": rng.choice(["m", "f"], n),
        "age_days": age,
    }
    haz = -1.2 - 0.0003 * age + rng.normal(0, 1.1, n)
    children = pd.DataFrame(
        {
            **common,
            "haz": haz,
            "haz_flag": False,
            "sampling_weight": 1.0,
            "psu": (np.arange(n) % 100).astype(str),
            "child_id": "x",
        }
    )
    other = -1.2 - 0.0003 * age + rng.normal(0, 1.1, n) + 1.2 / sd_of_length(age)
    weighed = pd.DataFrame({**common, "haz": other, "weight": 1.0, "cluster": np.arange(n) % 80})
    found = haz_offset(weighed, children)
    assert found is not None
    assert found.centimetres == pytest.approx(1.2, abs=3 * found.se)
    assert found.se < 0.1
    assert haz_offset(weighed.head(50), children) is None


def test_sd_of_length_as_who_prints_it() -> None:
    """WHO 2006: boys 1.89 and girls 1.86 cm at birth; 4.65 and 4.73 at five years."""
    found = sd_of_length(np.array([0.0, 1826.0]))
    assert found == pytest.approx([(1.8931 + 1.8627) / 2, (4.6339 + 4.7359) / 2], abs=0.02)


def test_attendance_by_earlier_haz() -> None:
    rng = np.random.default_rng(6)
    haz = rng.normal(-1.5, 1.1, 4000)
    rows = []
    for month in range(6):
        came = rng.random(4000) < np.where(haz < np.quantile(haz, 0.5), 0.6, 0.9)
        i = np.flatnonzero(came)
        rows.append(
            pd.DataFrame(
                {
                    "child_id": i.astype(str),
                    "month_number": 24000 + month,
                    "age_days": 400.0 + 30 * month,
                    "haz": haz[i],
                }
            )
        )
    measured = pd.concat(rows).sort_values(["child_id", "month_number"], ignore_index=True)
    _limits, shares = attendance(measured)
    assert shares[:2] == pytest.approx(0.6, abs=0.03)
    assert shares[3:] == pytest.approx(0.9, abs=0.03)
    assert attendance(measured.head(20))[1].tolist() == [1.0]


@pytest.mark.slow
@pytest.mark.parametrize("spread", [0.0, 0.6])
def test_true_incidence_by_area_lies_in_its_interval(spread: float) -> None:
    """Also where each area reads its own way: the spread widens the interval as it must."""
    covered, widths = [], []
    for seed in range(4):
        true, read = simulate(seed, 0.25, 1.0, children=4000, spread=spread)
        found = corrected_rates(read, Offset(1.0, 0.05, spread), 0.95, seed)
        assert set(found) == {ALL, *"abcdefghij"}
        for area, own in true.groupby("kecamatan"):
            at = found[str(area)]
            covered.append(at.low < rate(own) < at.high)
            widths.append(at.high / at.low)
    assert np.mean(covered) >= 0.9
    assert (np.median(widths) > 2.0) == (spread > 0)


def test_ignoring_the_spread_would_promise_too_much() -> None:
    _, read = simulate(1, 0.25, 1.0, spread=0.6)

    def width(spread: float) -> float:
        found = corrected_rates(read, Offset(1.0, 0.05, spread), 0.95, 1)
        return float(np.median([found[area].high / found[area].low for area in "abcdefghij"]))

    assert width(0.6) > 1.2 * width(0.0)


def test_an_area_with_few_cases_has_no_rate_and_says_so() -> None:
    _, read = simulate(2, 0.25, 0.0)
    few = read["kecamatan"].where(~read["child_id"].isin(read["child_id"].unique()[:8]), "tiny")
    found = corrected_rates(read.assign(kecamatan=few), Offset(0.0), 0.95, 1)
    assert found["tiny"].basis == "too_few_cases"
    assert np.isnan([found["tiny"].rate, found["tiny"].low, found["tiny"].high]).all()
    assert found["a"].basis == "error_and_offset"


def test_spread_between_areas() -> None:
    assert between_areas(np.zeros(5), np.full(5, 0.2)) == 0
    assert between_areas(np.zeros(1), np.ones(1)) == 0
    rng = np.random.default_rng(1)
    noisy = rng.normal(0, 0.5, 400) + rng.normal(0, 0.3, 400)
    assert between_areas(noisy, np.full(400, 0.3)) == pytest.approx(0.5, abs=0.06)
