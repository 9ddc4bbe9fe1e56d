"""Cells as offices write them."""

from __future__ import annotations

import datetime as dt

import pytest

from analysis.intake.cleaning.values import (
    date_order,
    decimal_sign,
    digits_only,
    masked,
    parse_age,
    parse_date,
    parse_number,
)


@pytest.mark.parametrize(
    ("text", "sign", "value"),
    [
        ("12.5", None, 12.5),
        ("12,5", None, 12.5),
        ("12,5", "point", 12.5),
        (" 8,2 kg ", None, 8.2),
        ("1.234,5", None, 1234.5),
        ("1,234.5", None, 1234.5),
        ("1.250", "comma", 1250.0),
        ("1,250", "point", 1250.0),
        ("3,250", None, 3.25),
        ("1.234.567", None, 1234567.0),
        ("-0,85", None, -0.85),
        ("8.24e0", None, 8.24),
        ("'9,1", None, 9.1),
        ("", None, None),
        ("-", None, None),
        ("n/a", None, None),
        ("12..5", None, None),
        ("1,2,3", None, None),
        ("=1+1", None, None),
        ("1e999", None, None),
        ("9" * 60, None, None),
    ],
)
def test_numbers(text: str, sign: str | None, value: float | None) -> None:
    assert parse_number(text, sign) == value  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "order", "date", "swapped"),
    [
        ("2026-08-02", "dmy", dt.date(2026, 8, 2), False),
        ("2026/08/02", "dmy", dt.date(2026, 8, 2), False),
        ("02/08/2026", "dmy", dt.date(2026, 8, 2), False),
        ("02/08/2026", "mdy", dt.date(2026, 2, 8), False),
        ("2-8-26", "dmy", dt.date(2026, 8, 2), False),
        ("02.08.2026", "dmy", dt.date(2026, 8, 2), False),
        ("08/25/2026", "dmy", dt.date(2026, 8, 25), True),
        ("2026-25-08", "dmy", dt.date(2026, 8, 25), True),
        ("2026-08-02 00:00:00", "dmy", dt.date(2026, 8, 2), False),
        ("2026-08-02T10:15:00", "dmy", dt.date(2026, 8, 2), False),
        ("02/08/2026 07:30", "dmy", dt.date(2026, 8, 2), False),
        ("2 Agustus 2026", "dmy", dt.date(2026, 8, 2), False),
        ("02-Agt-26", "dmy", dt.date(2026, 8, 2), False),
        ("Minggu, 2 Agustus 2026", "dmy", dt.date(2026, 8, 2), False),
        ("20260802", "dmy", dt.date(2026, 8, 2), False),
        ("46236", "dmy", dt.date(2026, 8, 2), False),
        ("46236.0", "dmy", dt.date(2026, 8, 2), False),
        ("2017 8 12", "dmy", dt.date(2017, 8, 12), False),
        ("29/02/2024", "dmy", dt.date(2024, 2, 29), False),
        ("29/02/2023", "dmy", None, False),
        ("31/31/2026", "dmy", None, False),
        ("00/00/0000", "dmy", None, False),
        ("1899-12-30", "dmy", None, False),
        ("12345", "dmy", None, False),
        ("99999", "dmy", None, False),
        ("kemarin", "dmy", None, False),
        ("", "dmy", None, False),
    ],
)
def test_dates(text: str, order: str, date: dt.date | None, swapped: bool) -> None:
    assert parse_date(text, order) == (date, swapped)  # type: ignore[arg-type]


def test_the_order_of_a_column_is_told_by_its_unambiguous_dates() -> None:
    assert date_order(["01/02/2026", "03/25/2026", "04/13/2026"]) == "mdy"
    assert date_order(["01/02/2026", "25/03/2026"]) == "dmy"
    assert date_order(["01/02/2026"]) == "dmy"


def test_the_decimal_sign_of_a_column() -> None:
    assert decimal_sign(["1.250", "12,5", "9,1"]) == "comma"
    assert decimal_sign(["1,250", "12.5"]) == "point"
    assert decimal_sign(["1.250", "12"]) is None


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("3 Tahun - 5 Bulan - 21 Hari", 1269.0),
        ("0 Tahun - 0 Bulan - 30 Hari", 30.0),
        ("11 bulan", 335.0),
        ("2 thn 1 bln", 761.0),
        ("", None),
        ("dua tahun", None),
        ("3", None),
    ],
)
def test_ages(text: str, days: float | None) -> None:
    assert parse_age(text) == days


def test_identity_numbers_are_told_from_measures() -> None:
    assert digits_only("081234567890")
    assert digits_only("+62 812-345-678")
    assert not digits_only("12,5")
    assert not digits_only("46238")


@pytest.mark.parametrize(
    ("text", "identifier"),
    [
        ("10.3999996185303", False),  # 10.4 in single precision
        ("10.399999618530273", False),
        ("80,0999984741211", False),
        ("10.299999999999999", False),  # noise of double precision
        ("9.10000038", False),
        ("35.09200101010001", True),  # a NIK with a point in it
        ("350.9200101010001", True),
        ("08.1234567890", True),
        ("3509200101010001", True),
    ],
)
def test_digits_of_a_computer_are_no_identifier(text: str, identifier: bool) -> None:
    assert digits_only(text) is identifier


@pytest.mark.parametrize("text", ["Siti Aminah", "3509191203240001", "12/05/2024", "Jl. Mawar 7"])
def test_masked_cells_show_neither_letters_nor_digits(text: str) -> None:
    shown = masked(text)
    assert not set(shown) & set("SitAmnhJlMwr125780346")
    assert len(shown) <= 24
