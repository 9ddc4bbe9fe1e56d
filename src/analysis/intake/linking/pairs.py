"""Pairs of routine identities that may be one child, and how likely each is.

Pairs are sought within blocks (same area, sex and birth date; same village, sex, birth year and
first letters), then scored on name, birth date, mother and village.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from analysis.intake.linking.names import likeness

#: Weight of each comparison; one that is missing gives its weight to the others.
WEIGHTS = {"name": 0.45, "birth": 0.25, "mother": 0.20, "desa": 0.10}
#: From here on two identities are taken as one child.
ACCEPT = 0.92
#: From here on, and below ACCEPT, a pair is listed for a person to look at.
DOUBT = 0.82
#: However good the rest, names less alike than this are two children: twins share the rest.
NAME_LEAST = 0.80
FIRST_LETTERS = 3


def candidates(persons: pl.DataFrame) -> pl.DataFrame:
    """Pairs `a < b` of persons that share a block.

    `persons` has `person` (0, 1, …), `nik`, `name`, `mother`, `sex`, `birth_date`, `kecamatan`, `desa`.
    """
    known = persons.filter(pl.col("name").is_not_null() & pl.col("birth_date").is_not_null())
    birth = pl.col("birth_date")
    blocks = {
        "birth": pl.struct("kecamatan", "sex", "birth_date"),
        "letters": pl.struct(
            "desa", "sex", birth.dt.year().alias("year"), pl.col("name").str.slice(0, FIRST_LETTERS)
        ),
        "mother": pl.struct("desa", "birth_date", "mother"),
    }
    needs = {"birth": [], "letters": ["desa"], "mother": ["desa", "mother"]}
    found = []
    for name, block in blocks.items():
        part = known.drop_nulls(needs[name]).select(
            "person",
            "birth_date",
            pl.when(pl.col("nik").is_not_null()).then(pl.col("nik").hash(0)).alias("nik"),
            block.hash(0).alias("block"),
        )
        pair = (
            part.lazy()
            .join(part.lazy(), on="block", suffix="_b")
            .filter(pl.col("person") < pl.col("person_b"))
            # One NIK is one child already.
            .filter((pl.col("nik") != pl.col("nik_b")).fill_null(True))
            # Without a birth date alike no pair comes near DOUBT.
            .filter(birth_score(birth, pl.col("birth_date_b")) > 0)
            .select(pl.col("person").alias("a"), pl.col("person_b").alias("b"))
        )
        found.append(pair.collect(engine="streaming"))
    return pl.concat(found).unique().sort("a", "b")


def scored(pairs: pl.DataFrame, persons: pl.DataFrame) -> pl.DataFrame:
    """Add `name birth mother desa` (0 to 1) and `score`, the best pairs first."""
    columns = ["name", "mother", "sex", "birth_date", "kecamatan", "desa"]
    by = persons.select("person", *columns).sort("person")
    left, right = by[pairs["a"].to_numpy()], by[pairs["b"].to_numpy()]
    parts = {
        "name": likeness(left["name"].to_list(), right["name"].to_list()),
        "birth": birth_likeness(left["birth_date"], right["birth_date"]),
        "mother": likeness(left["mother"].to_list(), right["mother"].to_list()),
        "desa": _place(left, right),
    }
    total = np.zeros(pairs.height)
    weight = np.zeros(pairs.height)
    for name, values in parts.items():
        known = ~np.isnan(values)
        total += np.where(known, values, 0.0) * WEIGHTS[name]
        weight += known * WEIGHTS[name]
    score = np.divide(total, weight, out=np.zeros_like(total), where=weight > 0)
    other_sex = (left["sex"] != right["sex"]).fill_null(False).to_numpy()
    score = score - 0.1 * other_sex
    table = pairs.with_columns(
        *[pl.Series(name, values).fill_nan(None) for name, values in parts.items()],
        pl.Series("score", score),
    )
    return table.sort(["score", "a", "b"], descending=[True, False, False])


def birth_score(a: pl.Expr, b: pl.Expr) -> pl.Expr:
    """1 for equal dates, 0.8 for a slip in one part or an exchange, 0.5 within a month, else 0."""
    same = [a.dt.year() == b.dt.year(), a.dt.month() == b.dt.month(), a.dt.day() == b.dt.day()]
    equal_parts = pl.sum_horizontal([s.cast(pl.Int8) for s in same])
    exchanged = same[0] & (a.dt.month() == b.dt.day()) & (a.dt.day() == b.dt.month())
    near = (a - b).dt.total_days().abs() <= 31
    score = (
        pl.when(a == b)
        .then(1.0)
        .when(exchanged | (equal_parts == 2))
        .then(0.8)
        .when(near)
        .then(0.5)
        .otherwise(0.0)
    )
    return pl.when(a.is_not_null() & b.is_not_null()).then(score)


def birth_likeness(first: pl.Series, second: pl.Series) -> np.ndarray:
    """`birth_score` of two columns, NaN where a date is missing."""
    table = pl.DataFrame({"a": first, "b": second})
    score = table.select(birth_score(pl.col("a"), pl.col("b"))).to_series()
    return score.to_numpy().astype(np.float64)


def _place(left: pl.DataFrame, right: pl.DataFrame) -> np.ndarray:
    """1 in the same village, 0.5 in the same area, else 0."""
    village = (left["desa"] == right["desa"]).fill_null(False).to_numpy()
    area = (left["kecamatan"] == right["kecamatan"]).fill_null(False).to_numpy()
    unknown = (left["desa"].is_null() | right["desa"].is_null()).to_numpy()
    score = np.where(village, 1.0, np.where(area, 0.5, 0.0))
    return np.where(unknown & area, np.nan, score)
