"""The rules of cleaning on rows and cells. Each has a name, a reason and an action.

Dates and ages: `date_rules.py`; double entries and linkage: `record_rules.py`.

Reasons are read by people of the office and are in Indonesian.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from analysis.intake.cleaning.cells import DATES, MEASURES
from analysis.intake.cleaning.engine import Action, Rule
from analysis.intake.columns import ColumnMap, code_key

#: Sixteen digits, and not one of the numbers typed when there is none.
NIK_DIGITS = 16
#: A body measure outside these is no child's under five.
POSSIBLE = {
    "weight_kg": (0.5, 60.0),
    "length_cm": (25.0, 150.0),
}


def _col(name: str) -> pl.Expr:
    return pl.col(name)


def _blank(name: str) -> pl.Expr:
    return _col(name).fill_null("").str.strip_chars() == ""


def structure(frame: pl.DataFrame, columns: ColumnMap) -> list[Rule]:
    """Rules on rows of text: what is no record of a child at all."""
    told = [c for c in ("sex", "kecamatan", "length_cm", "birth_date") if c in frame.columns]
    heads = [
        _col(c).str.to_lowercase().str.strip_chars().is_in([code_key(a) for a in aliases])
        for c in told
        if (aliases := columns.columns.get(c))
    ]
    person = ("nik", "child_name", "sex", "birth_date", "length_cm", "weight_kg", "age_months")
    empty = [_blank(c) for c in person if c in frame.columns]
    rules = [
        Rule(
            "ragged_row",
            "Baris berisi lebih banyak sel daripada judul kolom, sehingga isinya bergeser.",
            "set_aside",
            {"ragged": _col("ragged")},
        )
    ]
    if len(heads) >= 2:
        at_least_two = pl.sum_horizontal([h.cast(pl.Int8) for h in heads]) >= 2
        rules.append(
            Rule(
                "repeated_header",
                "Judul kolom terulang di tengah berkas.",
                "set_aside",
                {told[0]: at_least_two},
            )
        )
    if empty:
        rules.append(
            Rule(
                "no_child",
                "Baris tanpa identitas dan tanpa ukuran anak (judul, jumlah, catatan kaki).",
                "set_aside",
                {"source_row": pl.all_horizontal(empty)},
            )
        )
    return rules


def cells(names: Sequence[str]) -> list[Rule]:
    """Rules on cells, after they were read: names are the typed columns of the frame."""

    def problem(name: str, reason: str, action: Action, kind: str, columns: Sequence[str]) -> Rule:
        return Rule(
            name, reason, action, {c: _col(f"{c}_problem") == kind for c in columns if c in names}
        )

    measures = [c for c in MEASURES if c in names]
    dates = [c for c in DATES if c in names]
    others = [c for c in names if c not in dates]
    return [
        problem(
            "no_answer",
            "Kode tanpa jawaban (8888, 9999, 'tidak tahu').",
            "blank",
            "no_answer",
            names,
        ),
        problem("zero_as_missing", "Nol berarti tidak diukur.", "blank", "zero", measures),
        problem(
            "identifier_in_measure",
            "Nomor telepon, NIK, atau nomor kartu di kolom ukuran.",
            "blank",
            "identifier",
            measures,
        ),
        problem("date_in_measure", "Tanggal di kolom ukuran.", "blank", "date", others),
        problem("unreadable", "Isi sel tidak dikenal di kolom ini.", "blank", "unreadable", others),
        problem(
            "unreadable_date", "Isi sel bukan tanggal yang mungkin.", "blank", "unreadable", dates
        ),
        Rule(
            "month_first_date",
            "Bulan dan hari tertukar: tanggal itu hanya ada bila urutannya dibalik.",
            "mend",
            {c: _col(f"{c}_problem") == "swapped" for c in dates},
            {c: _col(c) for c in dates},
        ),
    ]


def measures() -> list[Rule]:
    """Units, exchanged columns and impossible measures."""
    weight, length = _col("weight_kg"), _col("length_cm")
    exchanged = weight.is_between(38, 130) & length.is_between(1.5, 30)
    return [
        Rule(
            "weight_length_exchanged",
            "Berat dan panjang/tinggi tertukar kolom.",
            "mend",
            {"weight_kg": exchanged, "length_cm": exchanged},
            {"weight_kg": length, "length_cm": weight},
        ),
        Rule(
            "length_in_metres",
            "Panjang/tinggi ditulis dalam meter.",
            "mend",
            {"length_cm": length.is_between(0.3, 1.4)},
            {"length_cm": length * 100},
        ),
        Rule(
            "length_in_millimetres",
            "Panjang/tinggi ditulis dalam milimeter.",
            "mend",
            {"length_cm": length.is_between(300, 1400)},
            {"length_cm": length / 10},
        ),
        Rule(
            "weight_in_grams",
            "Berat ditulis dalam gram.",
            "mend",
            {"weight_kg": weight.is_between(900, 40_000)},
            {"weight_kg": weight / 1000},
        ),
        Rule(
            "impossible_measure",
            "Ukuran tidak mungkin untuk balita.",
            "blank",
            {c: ~_col(c).is_between(low, high) for c, (low, high) in POSSIBLE.items()},
        ),
        Rule(
            "impossible_weight",
            "Bobot sampel negatif.",
            "blank",
            {"sampling_weight": _col("sampling_weight") < 0},
        ),
        Rule(
            "impossible_recorded_z",
            "Z-score tercatat di luar −50 sampai 50.",
            "blank",
            {"recorded_haz": ~_col("recorded_haz").is_between(-50, 50)},
        ),
    ]


def nik() -> list[Rule]:
    """NIK that identify nobody."""
    number = _col("nik")
    dummy = (
        number.str.contains(r"^(0+|1+|2+|3+|4+|5+|6+|7+|8+|9+)$")
        | number.str.ends_with("0000")
        | number.str.contains("123456789")
    )
    return [
        Rule(
            "invalid_nik",
            "NIK bukan 16 angka atau angka isian; anak dikenali dari nama dan tanggal lahir.",
            "blank",
            {
                "nik": number.is_not_null()
                & (~number.str.contains(rf"^\d{{{NIK_DIGITS}}}$") | dummy)
            },
        )
    ]
