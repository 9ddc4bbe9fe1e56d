"""From the text of one raw table to clean typed records, with an account of every row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from analysis.intake import growth
from analysis.intake.cleaning import corrections, date_rules, rules
from analysis.intake.cleaning import engine as cleaning
from analysis.intake.cleaning.cells import Types, typed
from analysis.intake.cleaning.corrections import Correction
from analysis.intake.cleaning.engine import Log
from analysis.intake.cleaning.matching import match_areas, match_villages
from analysis.intake.sources import Source
from analysis.regions import Register


@dataclass(frozen=True)
class Setting:
    """What cleaning needs to know of the run."""

    register: Register
    types: Types
    latest: dt.date
    corrections: Sequence[Correction] = ()


def clean(source: Source, scope: str, setting: Setting) -> tuple[pl.DataFrame, Log]:
    """Clean one table of a survey or routine export.

    Returns
    -------
    frame
        Typed canonical columns with `source_file`, `source_row`, `age_days`; `kecamatan` and
        `desa` hold codes. Identifiers are still in it.
    log
        One entry for each rule that touched a row; the last tells how many rows are left.
    """
    log = opened(source, scope)
    frame = cleaning.apply(source.frame, rules.structure(source.frame, source.columns), log)
    frame = corrections.apply(frame.drop("ragged"), setting.corrections, source.file, log)
    frame = typed(frame, source.columns, setting.types, source.labels, is_typed=source.typed)
    names = [c.removesuffix("_problem") for c in frame.columns if c.endswith("_problem")]
    frame = cleaning.apply(frame, rules.cells(names), log)
    frame = frame.with_columns(age_told(frame))
    frame = cleaning.apply(frame, [*rules.measures(), *date_rules.dates(setting.latest)], log)
    frame = frame.with_columns(age(frame))
    frame = match_areas(frame, setting.register, log)
    frame = match_villages(frame, setting.register, log)
    if "nik" in frame.columns:
        frame = frame.with_columns(pl.col("nik").str.replace_all(r"[\s.'`-]", ""))
        frame = cleaning.apply(frame, rules.nik(), log)
    frame = cleaning.apply(frame, date_rules.ages(), log)
    beside = [c for c in frame.columns if c.endswith(("_raw", "_problem"))]
    ages = ["age_text", "age_months", "age_years", "age_told", "age_slack"]
    frame = frame.drop(*beside, *ages, strict=False)
    return frame.with_columns(pl.lit(source.file).alias("source_file")), log


def opened(source: Source, scope: str) -> Log:
    """A log that begins with the rows read and the empty ones left out."""
    log = Log(scope, source.file)
    left = source.rows_read - source.empty_rows
    log.add(
        "read", "read", "Baris di bawah judul kolom.",
        (source.rows_read, source.rows_read, source.rows_read),
    )  # fmt: skip
    if source.empty_rows:
        log.add(
            "empty_row", "set_aside", "Baris kosong.",
            (source.rows_read, source.empty_rows, left),
        )  # fmt: skip
    return log


def age(frame: pl.DataFrame) -> pl.Series:
    """Age in days: from dates; else as the file tells it."""
    result = frame["age_told"]
    if {"birth_date", "visit_date"} <= set(frame.columns):
        between = (pl.col("visit_date") - pl.col("birth_date")).dt.total_days().cast(pl.Float64)
        result = frame.select(between.fill_null(pl.col("age_told"))).to_series()
    return result.set((result < 0).fill_null(False), None).alias("age_days")


def age_told(frame: pl.DataFrame) -> list[pl.Series]:
    """`age_told`, the age in days as the file gives it (in days, text, months or years).

    With `age_slack`: by how many days it may differ from the exact age, since months and years
    are often whole ones.
    """
    told = pl.Series([None] * frame.height, dtype=pl.Float64)
    slack = told
    for name, days in (("age_days", 1.0), ("age_text", 3.0)):
        if name in frame.columns:
            slack = slack.set(told.is_null() & frame[name].is_not_null(), days)
            told = told.fill_null(frame[name].round(0))
    for name, factor, days in (("age_months", 1.0, 31.0), ("age_years", 12.0, 366.0)):
        if name in frame.columns:
            months = (frame[name] * factor).to_pandas()
            exact = growth.age_in_days(months=months).to_numpy(dtype=float, na_value=float("nan"))
            slack = slack.set(told.is_null() & frame[name].is_not_null(), days)
            told = told.fill_null(pl.Series(exact).fill_nan(None))
    return [told.alias("age_told"), slack.alias("age_slack")]
