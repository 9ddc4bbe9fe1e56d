"""The rules of cleaning on dates and ages."""

from __future__ import annotations

import datetime as dt

import polars as pl

from analysis.intake.cleaning.engine import Rule

#: First day that is 60 completed months.
TOO_OLD_DAYS = 1827
#: Dates that disagree with the recorded age by more days than this are looked at again.
AGE_TOLERANCE_DAYS = 45


def _col(name: str) -> pl.Expr:
    return pl.col(name)


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
