"""The rules on whole records of several files: double entries, and how they were linked."""

from __future__ import annotations

import polars as pl

from analysis.intake.cleaning.engine import Rule


def _col(name: str) -> pl.Expr:
    return pl.col(name)


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
