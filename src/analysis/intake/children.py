"""The `children` table: one row per surveyed child, without identifiers."""

from __future__ import annotations

import pandas as pd
import polars as pl

from analysis.indicators import Pillars
from analysis.intake import growth
from analysis.intake.linking.identity import hash_column, hashed
from analysis.intake.linking.names import name_key

_TEXT = ("desa", "stratum", "psu", "team", "position", "sex")
TEXT_LIMIT = 100
_NUMBER = ("sampling_weight", "weight_kg", "length_cm")


def complete(frame: pl.DataFrame) -> pl.DataFrame:
    """Add, empty, the columns of the schema that the file does not have."""
    missing = [pl.lit(None, dtype=pl.String).alias(c) for c in _TEXT if c not in frame.columns]
    missing += [pl.lit(None, dtype=pl.Float64).alias(c) for c in _NUMBER if c not in frame.columns]
    if "oedema" not in frame.columns:
        missing.append(pl.lit(None, dtype=pl.Boolean).alias("oedema"))
    return frame.with_columns(missing)


def short(frame: pl.DataFrame) -> list[pl.Expr]:
    """Names and codes of the file that are handed on, cut at `TEXT_LIMIT` characters."""
    names = [c for c in ("desa", "stratum", "psu", "posyandu") if c in frame.columns]
    return [pl.col(c).str.slice(0, TEXT_LIMIT) for c in names]


def month_of(frame: pl.DataFrame) -> pl.Expr:
    """`YYYY-MM` of the visit, or missing."""
    if "visit_date" not in frame.columns:
        return pl.lit(None, dtype=pl.String).alias("month")
    return pl.col("visit_date").dt.strftime("%Y-%m").alias("month")


def coded_team(team: pl.Series, key: bytes) -> pl.Series:
    """Codes of teams as they are; anything that may be a person's name as a hash."""
    code = team.str.contains(r"^[A-Za-z]{0,6}[ .-]?\d{1,6}[A-Za-z]?$|^[A-Za-z]{1,3}$")
    hidden = "tim " + hash_column(key, "team", team).str.slice(0, 6)
    return pl.select(pl.when(code).then(team).otherwise(hidden)).to_series().alias("team")


def anonymous(frame: pl.DataFrame, key: bytes) -> pl.DataFrame:
    """Replace identity and household by keyed hashes; `child_id` differs from row to row."""
    identity = _identity(frame)
    ids = hash_column(key, "child", identity)
    rows = [f"{f}|{r}" for f, r in frame.select("source_file", "source_row").iter_rows()]
    unclear = ids.is_null() | ~ids.is_first_distinct()
    ids = pl.select(
        pl.when(unclear).then(pl.Series(hashed(key, "row", rows), dtype=pl.String)).otherwise(ids)
    ).to_series()
    household = pl.lit(None, dtype=pl.String)
    if "household" in frame.columns:
        parts = [c for c in ("kecamatan", "desa", "psu", "household") if c in frame.columns]
        whole = frame.select(
            pl.when(pl.col("household").is_not_null()).then(
                pl.concat_str([pl.col(c).fill_null("") for c in parts], separator="|")
            )
        ).to_series()
        household = pl.lit(hash_column(key, "household", whole))
    return frame.with_columns(ids.alias("child_id"), household.alias("household"))


def _identity(frame: pl.DataFrame) -> pl.Series:
    """NIK, else name with birth date, sex and kecamatan; missing where neither is known."""
    options = []
    if "nik" in frame.columns:
        options.append("nik:" + pl.col("nik"))
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
    if not options:
        return pl.Series([None] * frame.height, dtype=pl.String)
    return frame.select(pl.coalesce(options)).to_series()


def children_table(frame: pl.DataFrame, pillars: Pillars, key: bytes) -> pd.DataFrame:
    """Clean records of a survey → the `children` table with z-scores and outcomes."""
    frame = anonymous(complete(frame), key).with_columns(month_of(frame))
    frame = frame.with_columns(coded_team(frame["team"], key), *short(frame))
    indicators = [code for code in pillars.indicators if code in frame.columns]
    table = frame.select(
        "child_id", "source_file", pl.col("source_row").cast(pl.Int64), "kecamatan", "desa",
        "stratum", "psu", "household", "sampling_weight", "team", "month", "sex", "age_days",
        "weight_kg", "length_cm", "position", "oedema", *indicators,
    ).to_pandas()  # fmt: skip
    for column in table.columns:
        if frame.schema.get(column) == pl.Boolean:
            table[column] = table[column].astype("boolean")
    z = growth.zscores(table)
    table = table.join(z)
    return table.join(growth.outcomes(table))
