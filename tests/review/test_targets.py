import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.params import TargetPath, TargetPoint, Text, Thresholds
from analysis.review.targets import (
    against_word,
    annual_rate,
    annual_reduction,
    children_to_prevent,
    confidence_word,
    round_to_total,
    state_word,
    target_of,
)


def path(*points: tuple[int, float, str]) -> TargetPath:
    made = [TargetPoint(year=y, value=v, status=s, source=f"s{y}") for y, v, s in points]  # type: ignore[arg-type]
    return TargetPath(label=Text(id="x", en="x"), points=tuple(made))


PLAN = path((2025, 18.8, "confirmed"), (2029, 14.2, "confirmed"))


@pytest.mark.parametrize(
    ("year", "value", "status", "kind"),
    [
        (2024, None, None, "none"),
        (2025, 0.188, "confirmed", "point"),
        (2026, 0.1765, "derived", "interpolated"),
        (2027, 0.165, "derived", "interpolated"),
        (2029, 0.142, "confirmed", "point"),
        (2031, 0.142, "derived", "held"),
    ],
)
def test_target_of_a_year(year: int, value: float | None, status: str | None, kind: str) -> None:
    found = target_of(PLAN, year)
    assert (found.status, found.kind) == (status, kind)
    assert found.value == (None if value is None else pytest.approx(value))


def test_an_unconfirmed_point_does_not_gain_in_standing() -> None:
    mixed = path((2025, 18.8, "confirmed"), (2029, 10.0, "unverified"))
    assert target_of(mixed, 2026).status == "unverified"
    assert target_of(mixed, 2030).status == "unverified"
    assert target_of(mixed, 2026).source == "s2025; s2029"


@pytest.mark.parametrize(
    ("probability", "estimate", "target", "word"),
    [
        (0.95, True, True, "reached"),
        (0.90, True, True, "reached"),
        (0.89, True, True, "undetermined"),
        (0.11, True, True, "undetermined"),
        (0.10, True, True, "not_reached"),
        (0.0, True, True, "not_reached"),
        (math.nan, True, True, "no_estimate"),
        (0.95, False, True, "no_estimate"),
        (math.nan, True, False, "no_target"),
        (math.nan, False, False, "no_estimate"),
    ],
)
def test_state_word(probability: float, estimate: bool, target: bool, word: str) -> None:
    assert state_word(probability, Thresholds(), estimate=estimate, target=target) == word


def test_state_word_follows_the_params() -> None:
    assert state_word(0.8, Thresholds(probability_high=0.8)) == "reached"


@pytest.mark.parametrize(
    ("probability", "word"),
    [
        (0.9, "higher"),
        (0.5, "similar"),
        (0.1, "lower"),
        (math.nan, "not_compared"),
    ],
)
def test_against_word(probability: float, word: str) -> None:
    assert against_word(probability, Thresholds()) == word


@pytest.mark.parametrize(
    ("estimate", "final", "years", "expected"),
    [
        (0.29, 0.14, 3, 5.0),
        (0.14, 0.14, 3, 0.0),
        (0.10, 0.14, 0, 0.0),
        (0.29, 0.14, 0, math.nan),
        (0.29, 0.14, -2, math.nan),
        (math.nan, 0.14, 3, math.nan),
    ],
)
def test_annual_reduction(estimate: float, final: float, years: int, expected: float) -> None:
    assert annual_reduction(estimate, final, years) == pytest.approx(expected, nan_ok=True)


def test_annual_rate_of_reduction() -> None:
    assert annual_rate(0.349, 0.304, 2) == pytest.approx(0.0667, abs=1e-4)
    assert annual_rate(0.239, 0.349, 1) == pytest.approx(-0.4603, abs=1e-4)
    assert math.isnan(annual_rate(0.3, 0.2, 0))


def test_children_to_prevent() -> None:
    assert children_to_prevent(300, 1000, 0.14) == pytest.approx(160)
    assert children_to_prevent(100, 1000, 0.14) == 0
    assert math.isnan(children_to_prevent(math.nan, 1000, 0.14))


@given(st.lists(st.floats(0, 1e5), min_size=1, max_size=40))
def test_rounded_parts_add_up(values: list[float]) -> None:
    rounded = round_to_total(values)
    assert abs(sum(rounded) - sum(values)) <= 0.5 + 1e-6
    assert all(abs(r - v) < 1 for r, v in zip(rounded, values, strict=True))


@pytest.mark.parametrize(
    ("case", "word", "reason"),
    [
        ({"verdict": "show", "rse": 10, "n": 200, "quality": "good"}, "high", "well_measured"),
        ({"verdict": "show", "rse": 18, "n": 200, "quality": "good"}, "medium", "rse_middling"),
        ({"verdict": "show", "rse": 10, "n": 60, "quality": "caution"}, "medium", "few_children"),
        ({"verdict": "show", "rse": 26, "n": 200, "quality": "good"}, "low", "rse_high"),
        ({"verdict": "show", "rse": math.nan, "n": 200, "quality": "good"}, "low", "rse_high"),
        ({"verdict": "caution", "rse": 10, "n": 200, "quality": "good"}, "low", "verdict_caution"),
        (
            {"verdict": "suppress", "rse": 40, "n": 9, "quality": "poor"},
            "low",
            "verdict_suppress rse_high quality_poor",
        ),
    ],
)
def test_confidence(case: dict[str, object], word: str, reason: str) -> None:
    assert confidence_word(**case, thresholds=Thresholds()) == (word, reason)  # type: ignore[arg-type]
