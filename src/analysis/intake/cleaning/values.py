"""Single cells: numbers, dates, ages and codes as offices write them.

Every function here is pure and takes one cell. Columns are converted one distinct value at a
time (`cells.py`), so these may be careful rather than fast.
"""

from __future__ import annotations

import datetime as dt
import math
import re
import struct
from collections import Counter
from collections.abc import Iterable
from typing import Literal

Order = Literal["dmy", "mdy", "ymd"]
Decimal = Literal["comma", "point"]

EXCEL_EPOCH = dt.date(1899, 12, 30)
#: Excel serials between these are taken as dates: 1990-01-01 to 2064-01-01.
EXCEL_SERIALS = (32874, 59902)
YEARS = (1990, 2100)
#: A number of so many digits in a measurement column is a phone number, NIK or card number.
IDENTIFIER_DIGITS = 7

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan januari january",
            "feb februari february peb pebruari",
            "mar maret march",
            "apr april",
            "mei may",
            "jun juni june",
            "jul juli july",
            "agu ags agt agus agustus aug august",
            "sep sept september",
            "okt oktober oct october",
            "nov november nop nopember",
            "des desember dec december",
        ),
        start=1,
    )
    for name in names.split()
}

_SPACES = dict.fromkeys(map(ord, "\u00a0\u202f\u2009 '"), None)
_UNIT = re.compile(r"(kg|kgs|gr|gram|g|cm|mm|m|bln|bulan|%)\.?$", re.IGNORECASE)


def parse_number(text: str, decimal: Decimal | None = None) -> float | None:
    """A number as written in Indonesia or elsewhere; None if it is none.

    The last of two different separators is the decimal one. A single separator is the decimal
    one too, unless `decimal` says it groups thousands. Trailing units (`8,2 kg`) are passed over.

    >>> parse_number("1.234,5"), parse_number("8,2 kg"), parse_number("1.250", "comma")
    (1234.5, 8.2, 1250.0)
    """
    plain = _UNIT.sub("", text.strip().translate(_SPACES))
    if not plain or len(plain) > 40:
        return None
    commas, points = plain.count(","), plain.count(".")
    if commas and points:
        last = "," if plain.rfind(",") > plain.rfind(".") else "."
        other = "." if last == "," else ","
        if plain.count(last) > 1:
            return None
        plain = plain.replace(other, "").replace(last, ".")
    elif commas > 1 or points > 1:
        separator = "," if commas else "."
        if not re.fullmatch(rf"[-+]?\d{{1,3}}(\{separator}\d{{3}})+", plain):
            return None
        plain = plain.replace(separator, "")
    elif commas:
        grouped = decimal == "point" and re.fullmatch(r"[-+]?\d{1,3},\d{3}", plain)
        plain = plain.replace(",", "" if grouped else ".")
    elif points and decimal == "comma" and re.fullmatch(r"[-+]?\d{1,3}\.\d{3}", plain):
        plain = plain.replace(".", "")
    if not re.fullmatch(r"[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d{1,3})?", plain, re.IGNORECASE):
        return None
    value = float(plain)
    return value if math.isfinite(value) else None


def decimal_sign(texts: Iterable[str]) -> Decimal | None:
    """The decimal sign a column of text numbers uses, where it can be told.

    A comma or point not followed by exactly three digits is a decimal sign; the more frequent
    of the two wins.
    """
    seen: Counter[Decimal] = Counter()
    for text in texts:
        hit = re.fullmatch(r"\s*[-+]?\d+([.,])(\d+)\s*", text)
        if hit and len(hit[2]) != 3:
            seen["comma" if hit[1] == "," else "point"] += 1
    return seen.most_common(1)[0][0] if seen else None


def digits_only(text: str) -> bool:
    """Whether a cell is a phone number or an identity number rather than a measure.

    A weight kept in single precision has as many digits, and is none.

    >>> digits_only("+62 812-3456-789"), digits_only("12,5"), digits_only("10.3999996185303")
    (True, False, False)
    """
    plain = re.sub(r"[\s+()\-./]", "", text)
    return plain.isdigit() and len(plain) >= IDENTIFIER_DIGITS and not _binary(text)


def _binary(text: str) -> bool:
    """Whether a number of many decimals is one of few, as computers keep it.

    Its decimals are then those of the nearest number in single precision, or of three decimals
    and noise; those of an identity number with a point in it are neither.
    """
    parts = re.fullmatch(r"\s*(\d{1,3})[.,](\d{4,})\s*", text)
    if parts is None or (len(parts[1]) > 1 and parts[1].startswith("0")):
        return False
    value = float(f"{parts[1]}.{parts[2]}")
    (single,) = struct.unpack("f", struct.pack("f", value))
    last = 0.51 * 10.0 ** -len(parts[2]) + 1e-13
    return abs(value - single) < last or abs(value - round(value, 3)) < 1e-11


def parse_date(text: str, order: Order = "dmy") -> tuple[dt.date | None, bool]:
    """A date and whether its day and month had to be swapped to make one.

    Understands ISO, day first, month first (`order`), `2 Agustus 2026`, `20260802`, Excel serials
    and times after the date. Two-digit years are of this century.

    >>> parse_date("02/08/2026"), parse_date("46236"), parse_date("08/25/2026")
    ((datetime.date(2026, 8, 2), False), (datetime.date(2026, 8, 2), False), (datetime.date(2026, 8, 25), True))
    """
    plain = text.strip().strip("'\"")
    if not plain or len(plain) > 60:
        return None, False
    if re.fullmatch(r"\d{5}([.,]\d+)?", plain):
        serial = int(plain[:5])
        inside = EXCEL_SERIALS[0] <= serial <= EXCEL_SERIALS[1]
        return (EXCEL_EPOCH + dt.timedelta(days=serial), False) if inside else (None, False)
    if re.fullmatch(r"\d{8}", plain):
        return _first_real(
            (int(plain[:4]), int(plain[4:6]), int(plain[6:])),
            (int(plain[4:]), int(plain[2:4]), int(plain[:2])),
        ), False
    parts = _date_parts(plain)
    if parts is None:
        return None, False
    first, second, third = parts
    if first >= 1000:
        return _either(first, second, third)
    year = third + 2000 if third < 100 else third
    if order == "mdy":
        return _either(year, first, second)
    return _either(year, second, first)


def _date_parts(text: str) -> tuple[int, int, int] | None:
    """Three numbers of a date, a month's name replaced by its number (then day, month, year)."""
    text = re.sub(
        r"[T\s]+\d{1,2}[:.]\d{2}([:.]\d{2}(\.\d+)?)?\s*(am|pm|z|wib)?$", "", text, flags=re.I
    )
    named = re.fullmatch(
        r"(?:\w+,\s*)?(\d{1,2})[\s\-/.]*([A-Za-z]+)\.?[\s\-/.,]*(\d{2}|\d{4})", text
    )
    if named:
        month = MONTHS.get(named[2].lower())
        return None if month is None else _named_order(int(named[1]), month, int(named[3]))
    plain = re.fullmatch(r"(\d{1,4})\s*[-/.\s]\s*(\d{1,2})\s*[-/.\s]\s*(\d{1,4})", text)
    return None if plain is None else (int(plain[1]), int(plain[2]), int(plain[3]))


def _named_order(day: int, month: int, year: int) -> tuple[int, int, int]:
    return (year + 2000 if year < 100 else year), month, day


def _either(year: int, month: int, day: int) -> tuple[dt.date | None, bool]:
    date = _real(year, month, day)
    if date is not None:
        return date, False
    date = _real(year, day, month)
    return date, date is not None


def _first_real(*candidates: tuple[int, int, int]) -> dt.date | None:
    return next((date for one in candidates if (date := _real(*one)) is not None), None)


def _real(year: int, month: int, day: int) -> dt.date | None:
    if not YEARS[0] <= year <= YEARS[1]:
        return None
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def date_order(texts: Iterable[str]) -> Order:
    """Whether a column writes the day or the month first.

    Told by the dates that can be read one way only; day first when there are none.
    """
    day_first = month_first = 0
    for text in texts:
        hit = re.match(r"\s*(\d{1,2})[-/.\s](\d{1,2})[-/.\s]\d{2,4}", text)
        if hit:
            first, second = int(hit[1]), int(hit[2])
            day_first += first > 12 >= second
            month_first += second > 12 >= first
    return "mdy" if month_first > day_first else "dmy"


def parse_age(text: str) -> float | None:
    """Age in days from `3 Tahun - 5 Bulan - 21 Hari`; None if it is no such text.

    Years count 365.25 and months 30.4375 days; half a day is rounded up.

    >>> parse_age("3 Tahun - 5 Bulan - 21 Hari")
    1269.0
    """
    per = {"t": 365.25, "y": 365.25, "b": 30.4375, "m": 30.4375, "h": 1.0, "d": 1.0}
    found = re.findall(r"(\d{1,4})\s*(t|b|h|y|m|d)[a-z]*", text.lower())
    if not found or re.sub(r"(\d{1,4})\s*[a-z]+|[\s\-,.]", "", text.lower()):
        return None
    return float(math.floor(sum(int(n) * per[unit] for n, unit in found) + 0.5))


def masked(text: str | None) -> str:
    """A cell made anonymous: letters become x, digits of long numbers 9, all cut at 24 characters.

    >>> masked("081234567890"), masked("Siti 12"), masked("8,2")
    ('999999999999', 'xxxx 99', '8,2')
    """
    if text is None or not text.strip():
        return "kosong"
    short = re.fullmatch(r"\s*-?\d{1,4}([.,]\d{1,3})?\s*", text)
    if short:
        return text.strip()
    plain = "".join("x" if c.isalpha() else "9" if c.isdigit() else c for c in text[:64])
    plain = "".join(c if c.isprintable() else " " for c in plain)
    return plain if len(plain) <= 24 else plain[:23] + "…"
