"""The rules of cleaning, in the order they run. Each has a name, a reason and an action.

Reasons are read by people of the office and are in Indonesian.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import polars as pl

from analysis.intake.cells import DATES, MEASURES
from analysis.intake.cleaning import Action, Rule
from analysis.intake.columns import ColumnMap, code_key

#: Sixteen digits, and not one of the numbers typed when there is none.
NIK_DIGITS = 16
#: First day that is 60 completed months.
TOO_OLD_DAYS = 1827
#: A body measure outside these is no child's under five.
POSSIBLE = {
    "weight_kg": (0.5, 60.0),
    "length_cm": (25.0, 150.0),
}
#: Dates that disagree with the recorded age by more days than this are looked at again.
AGE_TOLERANCE_DAYS = 45


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


def swapped(date: pl.Expr) -> pl.Expr:
    """The date with day and month exchanged; missing where there is no such date."""
    return (
        pl.when(date.dt.day() <= 12)
        .then(pl.date(date.dt.year(), date.dt.day(), date.dt.month()))
        .otherwise(None)
    )


def dates(latest: dt.date) -> list[Rule]:
    """Impossible dates; `latest` is the last day on which a visit can have been."""
    birth, visit, told, slack = (
        _col(name) for name in ("birth_date", "visit_date", "age_told", "age_slack")
    )
    age = (visit - birth).dt.total_days()
    off = (age - told).abs() > AGE_TOLERANCE_DAYS + slack
    visit_fits = ((swapped(visit) - birth).dt.total_days() - told).abs() <= slack
    birth_fits = ((visit - swapped(birth)).dt.total_days() - told).abs() <= slack
    last = pl.lit(latest)
    impossible = (age < 0) | (visit > last)
    swap_reason = "Hari dan bulan tertukar: umur baru cocok bila dibalik."
    return [
        Rule(
            "visit_day_month_swapped",
            swap_reason,
            "mend",
            {"visit_date": off & visit_fits & (swapped(visit) <= last)},
            {"visit_date": swapped(visit)},
        ),
        Rule(
            "birth_day_month_swapped",
            swap_reason,
            "mend",
            {"birth_date": off & birth_fits},
            {"birth_date": swapped(birth)},
        ),
        Rule(
            "visit_before_birth_swapped",
            "Tanggal ukur mendahului lahir atau melewati masa data; hari dan bulan dibalik.",
            "mend",
            {"visit_date": impossible & (swapped(visit) >= birth) & (swapped(visit) <= last)},
            {"visit_date": swapped(visit)},
        ),
        Rule(
            "birth_after_visit_swapped",
            "Tanggal lahir sesudah tanggal ukur; hari dan bulan dibalik.",
            "mend",
            {"birth_date": (age < 0) & (swapped(birth) <= visit)},
            {"birth_date": swapped(birth)},
        ),
        Rule(
            "visit_in_future",
            "Tanggal ukur sesudah tanggal rapat pada parameter.",
            "blank",
            {"visit_date": visit > last},
        ),
        Rule(
            "visit_before_birth",
            "Tanggal ukur mendahului tanggal lahir; tanggal lahir dikosongkan.",
            "blank",
            {"birth_date": age < 0},
        ),
        Rule(
            "age_disagrees",
            "Umur tercatat berbeda dari umur menurut kedua tanggal; tanggal yang dipakai.",
            "keep",
            {"visit_date": off},
        ),
    ]


def ages() -> list[Rule]:
    """Age, once computed."""
    return [
        Rule(
            "sixty_months_or_older",
            "Anak berumur 60 bulan atau lebih bukan balita.",
            "set_aside",
            {"age_days": _col("age_days") >= TOO_OLD_DAYS},
        ),
        Rule(
            "position_missing",
            "Cara ukur tidak tercatat; panjang dipakai tanpa koreksi.",
            "keep",
            {"position": _col("position").is_null() & _col("length_cm").is_not_null()},
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


def survey_duplicates() -> list[Rule]:
    """Questionnaires entered more than once; the last one stands."""
    keys = ("child_name", "sex", "birth_date", "psu", "household")
    return [
        Rule(
            "same_nik_and_date",
            "NIK dan tanggal ukur sama lebih dari sekali; catatan terakhir dipakai.",
            "set_aside",
            {"nik": _not_last("nik", "visit_date")},
        ),
        Rule(
            "entered_twice",
            "Anak yang sama dicatat dua kali di rumah tangga yang sama; catatan terakhir dipakai.",
            "set_aside",
            {"child_name": _not_last(*keys)},
        ),
    ]


def routine_duplicates() -> list[Rule]:
    """Measurements entered more than once for one child and day; the last one stands."""
    return [
        Rule(
            "same_nik_and_date",
            "NIK dan tanggal ukur sama lebih dari sekali; catatan terakhir dipakai.",
            "set_aside",
            {"nik": _not_last("child_number", "visit_date", "nik")},
        ),
        Rule(
            "same_child_and_date",
            "Anak yang sama (menurut nama, tanggal lahir, ibu, desa) diukur dua kali pada hari "
            "yang sama; catatan terakhir dipakai.",
            "set_aside",
            {"child_number": _not_last("child_number", "visit_date")},
        ),
        Rule(
            "repeated_without_date",
            "Catatan anak yang sama tanpa tanggal ukur, dengan ukuran yang sama, terulang.",
            "set_aside",
            {
                "child_number": _col("visit_date").is_null()
                & (_col("weight_kg").is_not_null() | _col("length_cm").is_not_null())
                & _same_as_later("child_number", "source_file", "weight_kg", "length_cm")
            },
        ),
    ]


def linkage() -> list[Rule]:
    """How records were recognised as one child's; nothing is changed."""

    def way(name: str, reason: str) -> Rule:
        return Rule(f"linked_{name}", reason, "keep", {"linked_by": _col("linked_by") == name})

    return [
        way("nik", "Catatan anak yang sama ditautkan lewat NIK."),
        way("name", "Catatan anak yang sama ditautkan lewat nama, tanggal lahir, ibu, dan desa."),
        way("single", "Satu-satunya catatan anak itu."),
    ]


def _not_last(first: str, *others: str) -> pl.Expr:
    """Rows that equal a later row in all these columns, none of them missing."""
    keys = [first, *others]
    return pl.all_horizontal([_col(k).is_not_null() for k in keys]) & _same_as_later(*keys)


def _same_as_later(*keys: str) -> pl.Expr:
    return ~pl.struct(keys).is_last_distinct()
