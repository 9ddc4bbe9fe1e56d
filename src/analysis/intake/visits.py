"""The `visits` table: one row per routine measurement, without identifiers."""

from __future__ import annotations

import pandas as pd
import polars as pl

from analysis.intake import growth
from analysis.intake.children import month_of, short
from analysis.intake.linking.identity import hash_column
from analysis.intake.schemas import VISITS

_TEXT = ("desa", "posyandu", "position", "sex", "recorded_haz_class")
_NUMBER = ("weight_kg", "length_cm", "recorded_haz")


def visits_table(frame: pl.DataFrame, key: bytes) -> pd.DataFrame:
    """Linked routine records → the `visits` table with z-scores and outcomes."""
    missing = [pl.lit(None, dtype=pl.String).alias(c) for c in _TEXT if c not in frame.columns]
    missing += [pl.lit(None, dtype=pl.Float64).alias(c) for c in _NUMBER if c not in frame.columns]
    frame = frame.with_columns(missing)
    frame = frame.with_columns(short(frame))
    recorded = pl.col("recorded_haz_class")
    table = frame.select(
        hash_column(key, "child", frame["child"]).alias("child_id"),
        "linked_by",
        "source_file",
        pl.col("source_row").cast(pl.Int64),
        "kecamatan",
        "desa",
        "posyandu",
        month_of(frame),
        "sex",
        "age_days",
        "weight_kg",
        "length_cm",
        "position",
        "recorded_haz",
        pl.coalesce(
            recorded.is_in(["stunted", "severely_stunted"]), pl.col("recorded_haz") < -2
        ).alias("recorded_stunted"),
    ).to_pandas()
    table["recorded_stunted"] = table["recorded_stunted"].astype("boolean")
    table = table.join(growth.zscores(table))
    outcomes = growth.outcomes(table)[["stunted", "severely_stunted"]]
    return table.join(outcomes)[list(VISITS.columns)]
