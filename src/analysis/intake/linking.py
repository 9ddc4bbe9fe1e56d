"""Routine records of one child: by NIK, else by name, birth date, sex, mother and desa."""

from __future__ import annotations

import polars as pl


def name_key(names: pl.Series) -> pl.Series:
    """Names in small letters, without titles, punctuation and doubled spaces."""
    plain = names.str.to_lowercase().str.replace_all(r"[^a-z ]+", " ")
    plain = plain.str.replace_all(r"\b(an|by|bayi|anak)\b", " ")
    return plain.str.replace_all(r"\s+", " ").str.strip_chars()


def link(frame: pl.DataFrame) -> pl.DataFrame:
    """Add `person` (text that is equal for the records of one child) and `linked_by`."""
    frame = frame.with_columns(_person(frame).alias("person"))
    several = pl.len().over("person") > 1
    return frame.with_columns(
        pl.when(~several)
        .then(pl.lit("single"))
        .when(pl.col("person").str.starts_with("nik:"))
        .then(pl.lit("nik"))
        .otherwise(pl.lit("name"))
        .alias("linked_by")
    )


def _person(frame: pl.DataFrame) -> pl.Expr:
    row = pl.concat_str(pl.lit("row:"), "source_file", "source_row", separator="|")
    options = ["nik:" + pl.col("nik")] if "nik" in frame.columns else []
    if {"child_name", "birth_date", "sex"} <= set(frame.columns):
        options.append(
            pl.concat_str(
                pl.lit("name:"),
                name_key(frame["child_name"]),
                pl.col("birth_date").dt.strftime("%Y%m%d"),
                pl.col("sex"),
                pl.col("kecamatan"),
                separator="|",
            )
        )
    return pl.coalesce([*options, row])
