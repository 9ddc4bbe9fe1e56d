"""What a reader reads back from a formatted number is the number, and text is only text."""

from __future__ import annotations

import pypandoc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.brief.formatting import Formatter, escape, round_count

LANGUAGES = st.sampled_from(["id", "en"])
MARKS = {"id": (".", ","), "en": (",", ".")}
VALUES = st.floats(-1e9, 1e9)


def read_back(text: str, language: str) -> float:
    thousands, decimal = MARKS[language]
    plain = text.replace(thousands, "").replace(decimal, ".").replace("−", "-")
    return float(plain)


@given(value=VALUES, decimals=st.integers(0, 3), language=LANGUAGES)
def test_a_number_reads_back_within_half_its_last_digit(value, decimals, language) -> None:
    text = Formatter(language).number(value, decimals)
    half = 0.5 * 10.0**-decimals
    assert read_back(text, language) == pytest.approx(value, abs=half * (1 + 1e-6) + 1e-6)
    assert text not in ("−0", "−0.0", "−0,0")


@given(value=VALUES, decimals=st.integers(0, 3), language=LANGUAGES)
def test_a_number_and_its_opposite_differ_by_the_sign_alone(value, decimals, language) -> None:
    one, other = (Formatter(language).number(v, decimals) for v in (value, -value))
    assert one.lstrip("−") == other.lstrip("−")


@given(a=st.floats(0, 1), b=st.floats(0, 1), language=LANGUAGES)
def test_the_order_of_shares_is_the_order_of_what_is_printed(a, b, language) -> None:
    low, high = sorted((a, b))
    first, second = (Formatter(language).percent(p, 1).rstrip("% \u00a0") for p in (low, high))
    assert read_back(first, language) <= read_back(second, language)


@given(st.floats(0, 1e7))
def test_a_rounded_count_is_near_and_stays(value) -> None:
    rounded = round_count(value)
    assert abs(rounded - value) <= 5
    assert round_count(rounded) == rounded


@settings(max_examples=15, deadline=None)
@given(st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), max_size=40))
def test_escaped_text_prints_as_its_own_letters(text) -> None:
    shown = pypandoc.convert_text(
        f"x {escape(text)} x", "plain", format="markdown-smart", extra_args=["--wrap=none"]
    )
    expected = " ".join(["x", *text.split(), "x"])
    assert " ".join(shown.split()) == expected
