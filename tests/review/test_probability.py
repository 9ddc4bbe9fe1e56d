import math

import numpy as np
import pytest
from scipy import special, stats

from analysis.review.probability import Estimate, probability_above_whole


def test_limits_keep_the_probability_they_were_made_for() -> None:
    skewed = Estimate(0.24, 0.19, 0.33)
    assert skewed.probability_at_or_below(0.19) == pytest.approx(0.025)
    assert skewed.probability_at_or_below(0.24) == pytest.approx(0.5)
    assert skewed.probability_at_or_below(0.33) == pytest.approx(0.975)
    few = Estimate(0.24, 0.19, 0.30, df=5)
    assert few.probability_at_or_below(0.19) == pytest.approx(0.025)


def test_symmetric_logit_interval_is_a_normal_on_the_logit_scale() -> None:
    centre, se = special.logit(0.3), 0.2
    low, high = special.expit([centre - 1.959964 * se, centre + 1.959964 * se])
    by_hand = stats.norm.cdf((special.logit(0.25) - centre) / se)
    found = Estimate(0.3, low, high).probability_at_or_below(0.25)
    assert found == pytest.approx(by_hand, abs=1e-6)


@pytest.mark.parametrize(
    ("estimate", "threshold", "expected"),
    [
        (Estimate(0.0, 0.0, 0.0713), 0.0713, 0.975),
        (Estimate(1.0, 0.9287, 1.0), 0.9287, 0.025),
        (Estimate(0.2, 0.2, 0.2), 0.25, 1.0),
        (Estimate(0.2, 0.2, 0.2), 0.15, 0.0),
        (Estimate(0.2, 0.1, 0.3), 0.0, 0.0),
        (Estimate(0.2, 0.1, 0.3), 1.0, 1.0),
        (Estimate(0.02, 0.0, 0.05), 0.05, 0.975),
    ],
)
def test_edges(estimate: Estimate, threshold: float, expected: float) -> None:
    assert estimate.probability_at_or_below(threshold) == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize(
    "estimate",
    [Estimate(math.nan, 0.1, 0.2), Estimate(0.2, math.nan, 0.3), Estimate(0.4, 0.1, 0.3)],
)
def test_unknown_is_unknown(estimate: Estimate) -> None:
    assert math.isnan(estimate.probability_at_or_below(0.2))


def interval(p: float, se: float) -> Estimate:
    half = 1.959964 * se / (p * (1 - p))
    return Estimate(p, float(special.expit(special.logit(p) - half)),
                    float(special.expit(special.logit(p) + half)))  # fmt: skip


def test_area_against_the_whole_it_is_part_of_matches_simulation() -> None:
    """Ten areas of a known truth: P(area above whole), from draws of all areas at once."""
    rng = np.random.default_rng(1)
    p = np.array([0.30, 0.22, 0.25, 0.2, 0.27])
    w = np.array([0.4, 0.2, 0.2, 0.1, 0.1])
    se = np.array([0.02, 0.03, 0.03, 0.04, 0.04])
    logits = special.logit(p) + se / (p * (1 - p)) * rng.normal(size=(200_000, 5))
    draws = special.expit(logits)
    whole_draws = draws @ w
    whole = interval(float(p @ w), float(whole_draws.std()))
    for i in range(5):
        simulated = float((draws[:, i] > whole_draws).mean())
        found = probability_above_whole(interval(p[i], se[i]), whole, w[i])
        assert found == pytest.approx(simulated, abs=0.012), i


def test_ignoring_the_shared_error_would_be_wrong() -> None:
    area, whole = interval(0.30, 0.03), interval(0.26, 0.02)
    apart = stats.norm.cdf(0.04 / math.hypot(0.03, 0.02))
    assert probability_above_whole(area, whole, 0.4) > apart + 0.01


@pytest.mark.parametrize(("weight", "value"), [(1.0, 0.3), (0.5, 0.99)])
def test_no_comparison_without_a_rest(weight: float, value: float) -> None:
    area, whole = interval(value, 0.004), interval(0.3, 0.02)
    assert math.isnan(probability_above_whole(area, whole, weight))
