from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.brief.formatting import (
    Formatter,
    attribute,
    decimals_for,
    escape,
    is_real,
    round_count,
)

ID, EN = Formatter("id"), Formatter("en")


@pytest.mark.parametrize(
    ("value", "decimals", "indonesian", "english"),
    [
        (1234.5, 1, "1.234,5", "1,234.5"),
        (0.05, 1, "0,1", "0.1"),
        (2.5, 0, "3", "3"),
        (-2.5, 0, "−3", "−3"),
        (-0.04, 1, "0,0", "0.0"),
        (156000, 0, "156.000", "156,000"),
    ],
)
def test_numbers_are_written_as_the_language_does(value, decimals, indonesian, english):
    assert ID.number(value, decimals) == indonesian
    assert EN.number(value, decimals) == english


def test_percent_and_ranges():
    assert ID.percent(0.243) == "24\u00a0%"
    assert EN.percent(0.243) == "24%"
    assert ID.percent_range(0.19, 0.304) == "19–30\u00a0%"
    assert ID.range(-1.25, 2, 1) == "−1,3 – 2,0"
    assert ID.count_range(1203.4, 1899) == "1.200–1.900"


def test_dates_and_lists():
    assert ID.date(dt.date(2026, 12, 10)) == "10 Desember 2026"
    assert EN.date(dt.date(2026, 12, 10)) == "10 December 2026"
    assert ID.month("2026-08") == "Agustus 2026"
    assert ID.items(["a", "b", "c"]) == "a, b, dan c"
    assert ID.items(["a"]) == "a"


@pytest.mark.parametrize(
    ("low", "high", "decimals"),
    [(0.2, 0.3, 1), (0.2, 0.301, 0), (0.30, 0.40, 1), (None, 0.3, 0), (0.2, float("nan"), 0)],
)
def test_whole_percent_where_the_interval_is_wider_than_ten_points(low, high, decimals):
    assert decimals_for(low, high) == decimals


def test_counts_round_to_tens_from_a_hundred_on():
    assert [round_count(v) for v in (3.4, 99.6, 104.9, 1519, -37.4, -155)] == [
        3, 100, 100, 1520, -37, -150,
    ]  # fmt: skip


def test_missing_in_every_form_is_not_real():
    import pandas as pd

    assert not any(is_real(v) for v in (None, float("nan"), pd.NA, float("inf")))
    assert is_real(0)


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        '#read("x")',
        "a|b",
        "*tebal*",
        "[x](y)",
        "$x$",
        "::: note",
        "`a`",
    ],
)
def test_escaped_text_keeps_no_markdown(text):
    escaped = escape(text)
    for special in "<>#|*[]$`:":
        for place, letter in enumerate(escaped):
            assert letter != special or escaped[place - 1] == "\\"


@given(st.text(max_size=60))
def test_attributes_never_end_early(text):
    found = attribute(text)
    assert not set('"{}\\\n') & set(found)
