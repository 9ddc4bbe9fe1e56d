"""Pairs of routine identities a person should look at, without names."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from analysis.files import replacing
from analysis.intake.linking.identity import hash_column

REVIEW_FILE = "link_review.csv"
REASONS = {
    "nik_conflict": "NIK sama, tetapi nama berbeda",
    "same_day": "Sangat mirip, tetapi diukur pada hari yang sama",
    "other_nik": "Sangat mirip, tetapi NIK berbeda",
    "score": "Mirip, belum cukup untuk ditautkan",
}


def write_review(doubtful: pl.DataFrame, path: Path, key: bytes) -> None:
    """Write the doubtful pairs, complete or not at all.

    Columns: reason, score and its parts (0–1), and for either side the keyed hash of the child,
    file, row and number of records, by which the office finds them in the raw files.
    """
    table = doubtful.with_columns(
        pl.col("reason").replace(REASONS),
        hash_column(key, "child", doubtful["child_a"]),
        hash_column(key, "child", doubtful["child_b"]),
        *[
            pl.col(c).cast(pl.Float64).round(3)
            for c in ("score", "name", "birth", "mother", "desa")
        ],
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as temporary:
        table.write_csv(temporary)
