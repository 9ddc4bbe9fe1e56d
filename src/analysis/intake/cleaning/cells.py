"""Columns of text → typed columns, each with the raw text and what was wrong beside it.

A column `x` becomes `x` (typed), `x_raw` (text) and `x_problem` (null where all is well). The
conversion runs once for each distinct cell.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import polars as pl

from analysis.indicators import Pillars
from analysis.intake.cleaning.values import (
    Decimal,
    Order,
    date_order,
    decimal_sign,
    digits_only,
    parse_age,
    parse_date,
    parse_number,
)
from analysis.intake.columns import ColumnMap, code_key

#: Measures of which zero is no possible value.
MEASURES = ("weight_kg", "length_cm")
NUMBERS = (
    *MEASURES,
    "sampling_weight",
    "age_days",
    "age_months",
    "age_years",
    "recorded_haz",
    "balita",
    "families",
)
DATES = ("birth_date", "visit_date")
CODES = ("sex", "position", "recorded_haz_class", "age_group")
FLAGS = ("oedema",)

_UNIT_FACTOR = {"g": 1e-3, "m": 100.0, "mm": 0.1}

DEFAULT_CODES: dict[str, dict[str, tuple[str, ...]]] = {
    "sex": {
        "m": ("l", "laki-laki", "laki laki", "lk", "pria", "m", "male", "boy", "1"),
        "f": ("p", "perempuan", "pr", "wanita", "f", "female", "girl", "2"),
    },
    "position": {
        "lying": ("terlentang", "telentang", "lying", "l", "recumbent", "1"),
        "standing": ("berdiri", "standing", "h", "s", "2"),
    },
    "recorded_haz_class": {
        "severely_stunted": ("sangat pendek",),
        "stunted": ("pendek",),
        "normal": ("normal",),
        "tall": ("tinggi",),
    },
    "age_group": {
        "0-5": ("0-5", "0 - 5", "0-5 bulan", "0-5 bln"),
        "6-11": ("6-11", "6 - 11", "6-11 bulan", "6-11 bln"),
        "12-23": ("12-23", "12 - 23", "12-23 bulan", "12-23 bln"),
        "24-35": ("24-35", "24 - 35", "24-35 bulan", "24-35 bln"),
        "36-47": ("36-47", "36 - 47", "36-47 bulan", "36-47 bln"),
        "48-59": ("48-59", "48 - 59", "48-59 bulan", "48-59 bln"),
    },
}
_YES = ("ya", "y", "yes", "1", "true", "benar", "ada", "sudah", "iya")
_NO = ("tidak", "n", "no", "0", "2", "false", "salah", "belum", "tidak ada", "tdk")
DEFAULT_FLAGS: dict[str, tuple[str, ...]] = {"true": _YES, "false": _NO}


@dataclass(frozen=True)
class Types:
    """How each canonical column is to be read; indicators come from the pillars file."""

    numbers: frozenset[str]
    flags: frozenset[str]
    codes: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, pillars: Pillars) -> Types:
        """Types of the fixed columns and of the indicators."""
        kinds = {code: indicator.kind for code, indicator in pillars.indicators.items()}
        categories = {
            code: indicator.categories
            for code, indicator in pillars.indicators.items()
            if indicator.kind == "category"
        }
        return cls(
            numbers=frozenset(NUMBERS) | {c for c, kind in kinds.items() if kind == "number"},
            flags=frozenset(FLAGS) | {c for c, kind in kinds.items() if kind == "condition"},
            codes={**dict.fromkeys(CODES, ()), **categories},
        )


Converted = tuple[object, str | None]


def typed(
    frame: pl.DataFrame,
    columns: ColumnMap,
    types: Types,
    labels: Mapping[str, Mapping[str, str]],
    *,
    is_typed: bool,
) -> pl.DataFrame:
    """Give every mapped column its type.

    Parameters
    ----------
    frame
        Text columns under canonical names, beside `source_row`.
    labels
        Value labels by canonical column, tried where a code is not known.
    is_typed
        Whether the file's numbers and dates were typed, so that their text is unambiguous.

    Returns
    -------
    DataFrame
        With `x`, `x_raw`, `x_problem` for numbers, dates, codes and flags; other columns stay
        text, their value labels in place of codes and empty cells missing.
    """
    result = frame
    for name in columns.canonical:
        if name not in frame.columns:
            continue
        texts = frame[name]
        no_answer = _no_answer(columns, name)
        if name in types.numbers:
            sign = columns.decimal or ("point" if is_typed else decimal_sign(_distinct(texts)))
            factor = columns.scale.get(name, 1.0) * _UNIT_FACTOR.get(columns.units.get(name, ""), 1)
            convert: Callable[[str], Converted] = partial(
                _number, no_answer=no_answer, sign=sign, factor=factor, measure=name in MEASURES
            )
            pieces = _apply(texts, convert, pl.Float64)
        elif name in DATES:
            order = columns.dates or date_order(_distinct(texts))
            pieces = _apply(texts, partial(_date, no_answer=no_answer, order=order), pl.Date)
        elif name == "age_text":
            pieces = _apply(texts, partial(_age, no_answer=no_answer), pl.Float64)
        elif name in types.flags or name in types.codes:
            spellings = _spellings(columns, name, types)
            convert = partial(
                _code, no_answer=no_answer, spellings=spellings, labels=labels.get(name, {})
            )
            pieces = _apply(texts, convert, pl.String)
            if name in types.flags:
                pieces = pieces.with_columns(pl.col("value") == "true")
        else:
            result = result.with_columns(_text(texts, labels.get(name, {}), no_answer))
            continue
        result = result.with_columns(
            pieces["value"].alias(name),
            texts.alias(f"{name}_raw"),
            pieces["problem"].alias(f"{name}_problem"),
        )
    return result


def _no_answer(columns: ColumnMap, name: str) -> frozenset[str]:
    return frozenset(map(code_key, (*columns.missing, *columns.missing_in.get(name, ()))))


def _distinct(texts: pl.Series) -> list[str]:
    return texts.drop_nulls().unique().to_list()


def _apply(
    texts: pl.Series, convert: Callable[[str], Converted], dtype: type[pl.DataType] | pl.DataType
) -> pl.DataFrame:
    """`value` and `problem` for each cell, in order."""
    distinct = texts.drop_nulls().unique()
    results = [convert(text) for text in distinct]
    table = pl.DataFrame(
        {
            "raw": distinct,
            "value": pl.Series([value for value, _ in results], dtype=dtype, strict=False),
            "problem": pl.Series([problem for _, problem in results], dtype=pl.String),
        }
    )
    return (
        texts.to_frame("raw")
        .join(table, on="raw", how="left", maintain_order="left")
        .select("value", "problem")
    )


def _number(
    text: str, no_answer: frozenset[str], sign: Decimal | None, factor: float, measure: bool
) -> Converted:
    key = code_key(text)
    if not key:
        return None, None
    value = parse_number(text, sign)
    if value == 0 and measure:
        return None, "zero"
    if key in no_answer or (value is not None and _plain(value) in no_answer):
        return None, None if key in ("-", "") else "no_answer"
    if value is None and parse_date(text)[0] is not None:
        return None, "date"
    if measure and digits_only(text):
        return None, "identifier"
    if value is None:
        return None, "unreadable"
    if measure and 32_874 <= value <= 59_902 and factor == 1:
        return None, "date"
    return value * factor, None


def _plain(value: float) -> str:
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def _date(text: str, no_answer: frozenset[str], order: Order) -> tuple[dt.date | None, str | None]:
    key = code_key(text)
    if not key or key in no_answer:
        return None, None if key in ("", "-", "0") else "no_answer"
    value, swapped = parse_date(text, order)
    if value is None:
        return None, "unreadable"
    return value, "swapped" if swapped else None


def _age(text: str, no_answer: frozenset[str]) -> Converted:
    if code_key(text) in no_answer or not text.strip():
        return None, None
    value = parse_age(text)
    return value, None if value is not None else "unreadable"


def _spellings(columns: ColumnMap, name: str, types: Types) -> dict[str, str]:
    """Spelling → canonical value: the map's own codes, else the usual ones."""
    default = DEFAULT_FLAGS if name in types.flags else DEFAULT_CODES.get(name, {})
    codes = columns.codes.get(name) or default
    result = {code_key(value): value for value in (*types.codes.get(name, ()), *codes)}
    result |= {code_key(s): value for value, spellings in codes.items() for s in spellings}
    return result


def _code(
    text: str, no_answer: frozenset[str], spellings: Mapping[str, str], labels: Mapping[str, str]
) -> Converted:
    key = code_key(text)
    if not key:
        return None, None
    if key in spellings:
        return spellings[key], None
    if key in no_answer:
        return None, None if key == "-" else "no_answer"
    label = code_key(labels.get(key, ""))
    return (spellings[label], None) if label in spellings else (None, "unreadable")


def _text(texts: pl.Series, labels: Mapping[str, str], no_answer: frozenset[str]) -> pl.Series:
    """Trimmed text, labels in place of codes; cells that mean no answer are missing."""
    trimmed = texts.str.strip_chars()
    if labels:
        trimmed = trimmed.replace(dict(labels))
    empty = ("", "-", *(key for key in no_answer if not key.isdigit()))
    return trimmed.set(trimmed.str.to_lowercase().is_in(list(empty)), None).alias(texts.name)
