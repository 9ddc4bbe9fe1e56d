"""Routine records of one child: by NIK, else by name, birth date, sex, mother and desa.

Linking works on distinct identities, of which there are few, not on records. Identities that
share a NIK are one child unless name and birth date both contradict; the others are paired and
scored (`pairs.py`) and joined best first (`clusters.py`). Pairs in doubt go to a review file
without names.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from analysis.intake.linking import pairs as pairing
from analysis.intake.linking.clusters import Clusters, join_all
from analysis.intake.linking.names import likeness, name_key

IDENTITY = ("nik", "name", "mother", "sex", "birth_date", "kecamatan", "desa", "alone")
#: Under one NIK, names less alike than this with another birth date are another child.
SAME_NIK_NAME = 0.60


@dataclass(frozen=True)
class Linked:
    """Records with their child, and pairs left in doubt.

    `frame` has `child` (text) and `child_number`, equal for one child's records; its `nik` is a
    hash now, and names, mother and birth date are gone.
    `doubtful` has `reason score name birth mother desa` and, for each side, `child_*` (text),
    `file_*`, `row_*`, `visits_*`.
    """

    frame: pl.DataFrame
    doubtful: pl.DataFrame


def link(frame: pl.DataFrame) -> Linked:
    """Find the records of one child.

    Parameters
    ----------
    frame
        Clean routine records, identifiers still in it; any of them may be absent.

    Returns
    -------
    Linked
        The records in their order with `child`, and the pairs for review.
    """
    frame = _with_keys(frame)
    persons = _persons(frame)
    frame = frame.join(persons.select("person", *IDENTITY), on=list(IDENTITY), how="left",
                       nulls_equal=True, maintain_order="left")  # fmt: skip
    frame = frame.drop("name", "mother", "alone", "birth_date").with_columns(
        pl.when(pl.col("nik").is_not_null()).then(pl.col("nik").hash(0)).alias("nik")
    )
    days = _days(frame, persons.height)
    persons, conflicts = _same_nik(persons, days)
    scored = pairing.scored(pairing.candidates(persons), persons)
    clusters = Clusters([{nik} if nik else set() for nik in persons["nik"].to_list()], days)
    _join_by_nik(persons, clusters)
    doubtful = _decided(scored.filter(pl.col("score") >= pairing.DOUBT), clusters)
    persons = persons.with_columns(pl.Series("cluster", clusters.labels(), dtype=pl.UInt32))
    texts = _child_texts(persons)
    by_person = persons.select("person", pl.col("cluster").alias("child_number")).join(
        texts, on="person", maintain_order="left"
    )
    frame = frame.join(by_person, on="person", how="left", maintain_order="left")
    doubtful = _described(pl.concat([conflicts, doubtful], how="diagonal_relaxed"), persons, texts)
    return Linked(frame.drop("person"), doubtful)


def with_way(frame: pl.DataFrame) -> pl.DataFrame:
    """Add `linked_by`: `single` record of its child, joined by `nik`, or by `name`."""
    shares = pl.col("nik").is_not_null() & (pl.len().over("child_number", "nik") > 1)
    return frame.with_columns(
        pl.when(pl.len().over("child_number") == 1)
        .then(pl.lit("single"))
        .when(shares)
        .then(pl.lit("nik"))
        .otherwise(pl.lit("name"))
        .alias("linked_by")
    )


def _join_by_nik(persons: pl.DataFrame, clusters: Clusters) -> None:
    """Identities with one NIK are one child."""
    known = persons.filter(pl.col("nik").is_not_null() & (pl.len().over("nik") > 1))
    groups = known.group_by("nik", maintain_order=True).agg("person")["person"]
    for first, *others in groups.to_list():
        for other in others:
            clusters.join(first, other)


def _with_keys(frame: pl.DataFrame) -> pl.DataFrame:
    """`name` and `mother` made comparable; identity columns that are absent are empty."""
    empty = {"birth_date": pl.Date}
    frame = frame.with_columns(
        pl.lit(None, dtype=empty.get(c, pl.String)).alias(c)
        for c in (*IDENTITY, "child_name", "parents", "visit_date")
        if c not in frame.columns and c not in ("name", "mother", "alone")
    )
    mother = frame["mother"] if "mother" in frame.columns else frame["parents"]
    frame = frame.with_columns(
        _keyed(frame["child_name"]).alias("name"), _keyed(mother.cast(pl.String)).alias("mother")
    )
    frame = frame.drop("child_name", "parents")
    # Nothing tells who it is: the record stays alone.
    unclear = pl.col("nik").is_null() & (pl.col("name").is_null() | pl.col("birth_date").is_null())
    row = pl.concat_str("source_file", "source_row", separator="|")
    return frame.with_columns(pl.when(unclear).then(row).alias("alone"))


def _keyed(names: pl.Series) -> pl.Series:
    """`name_key`, once for each distinct name."""
    distinct = names.drop_nulls().unique()
    table = pl.DataFrame({"raw": distinct, "key": name_key(distinct)})
    return names.to_frame("raw").join(table, on="raw", how="left", maintain_order="left")["key"]


def _persons(frame: pl.DataFrame) -> pl.DataFrame:
    """Distinct identities, numbered in the order of their first record."""
    return (
        frame.group_by(list(IDENTITY), maintain_order=True)
        .agg(
            pl.len().alias("visits"),
            pl.col("source_file").first().alias("file"),
            pl.col("source_row").first().alias("row"),
        )
        .with_row_index("person")
    )


def _same_nik(persons: pl.DataFrame, days: list[set[int]]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Take the NIK from identities that contradict the main one of their NIK.

    The main identity is the one with most visits. Another contradicts it when the names are
    unlike and the birth dates differ by more than a slip, or both were measured on one day (twins
    entered under one NIK), or birth date and mother both differ. An unlike name alone is a baby
    that got its name later.
    """
    several = persons.filter(pl.col("nik").is_not_null() & (pl.len().over("nik") > 1))
    main = several.sort(["visits", "person"], descending=[True, False]).unique(
        "nik", keep="first", maintain_order=True
    )
    both = several.join(main, on="nik", suffix="_main").filter(
        pl.col("person") != pl.col("person_main")
    )
    alike = likeness(both["name"].to_list(), both["name_main"].to_list())
    both = both.with_columns(pl.Series("alike", alike).fill_nan(None))
    mothers = likeness(both["mother"].to_list(), both["mother_main"].to_list())
    together = [
        not days[a].isdisjoint(days[b]) for a, b in both.select("person", "person_main").iter_rows()
    ]
    birth = pairing.birth_likeness(both["birth_date"], both["birth_date_main"])
    both = both.with_columns(
        pl.Series("birth", birth).fill_nan(None),
        pl.Series("mother_alike", mothers).fill_nan(None),
        pl.Series("together", together, dtype=pl.Boolean),
    )
    unlike, alike_little = pl.col("alike") < SAME_NIK_NAME, pl.col("alike") < pairing.NAME_LEAST
    other_birth = pl.col("birth") == 0
    against = both.filter(
        (unlike & (pl.col("birth") < 0.8))
        | (alike_little & (other_birth | pl.col("together")))
        | (other_birth & (pl.col("mother_alike") < SAME_NIK_NAME))
    )
    lost = persons["person"].is_in(against["person"].to_list())
    changed = persons.with_columns(pl.when(~lost).then(pl.col("nik")).alias("nik"))
    conflicts = against.select(
        pl.lit("nik_conflict").alias("reason"),
        pl.col("person_main").alias("a"),
        pl.col("person").alias("b"),
        pl.col("alike").alias("name"),
        "birth",
    )
    return changed, conflicts


def _days(frame: pl.DataFrame, persons: int) -> list[set[int]]:
    """Visit days of each person, as day numbers."""
    days: list[set[int]] = [set() for _ in range(persons)]
    known = frame.select("person", pl.col("visit_date").to_physical().alias("day")).drop_nulls()
    grouped = known.group_by("person").agg("day")
    for person, found in zip(grouped["person"].to_list(), grouped["day"].to_list(), strict=True):
        days[person] = set(found)
    return days


def _decided(scored: pl.DataFrame, clusters: Clusters) -> pl.DataFrame:
    """Join what is sure; return what is in doubt, with its reason."""
    identical = (
        (pl.col("name") == 1)
        & (pl.col("birth") == 1)
        & (pl.col("mother") == 1)
        & (pl.col("desa") == 1)
    )
    scored = scored.with_row_index("place").with_columns(
        identical.fill_null(False).alias("identical")
    )
    is_sure = (pl.col("score") >= pairing.ACCEPT) & (pl.col("name") >= pairing.NAME_LEAST)
    sure = scored.filter(is_sure)
    refused = join_all(clusters, sure.select("place", "a", "b", "identical").iter_rows())
    vetoes = pl.DataFrame(refused, schema={"place": pl.UInt32, "reason": pl.String}, orient="row")
    doubtful = pl.concat(
        [
            sure.join(vetoes, on="place"),
            scored.filter(~is_sure & (pl.col("name") >= pairing.NAME_LEAST)).with_columns(
                pl.lit("score").alias("reason")
            ),
        ]
    ).sort("place")
    apart = [clusters.find(a) != clusters.find(b) for a, b in doubtful.select("a", "b").iter_rows()]
    # Different valid NIK and less than a perfect match: two children, nothing to review.
    two_niks = [
        bool(clusters.niks[clusters.find(a)] and clusters.niks[clusters.find(b)])
        for a, b in doubtful.select("a", "b").iter_rows()
    ]
    keep = pl.Series(apart, dtype=pl.Boolean) & (
        ~pl.Series(two_niks, dtype=pl.Boolean) | (doubtful["score"] >= pairing.ACCEPT)
    )
    return doubtful.filter(keep).drop("place", "identical")


def _child_texts(persons: pl.DataFrame) -> pl.DataFrame:
    """`person`, `child`: one text for each cluster: its NIK, else its name, else its first row."""
    ordered = persons.sort(["visits", "person"], descending=[True, False])
    named = pl.concat_str(
        pl.lit("name:"), "name", pl.col("birth_date").dt.strftime("%Y%m%d"), "sex", "kecamatan",
        separator="|",
    )  # fmt: skip
    row = pl.concat_str(pl.lit("row:"), "file", "row", separator="|")
    text = (
        ordered.group_by("cluster", maintain_order=True)
        .agg(
            ("nik:" + pl.col("nik").drop_nulls().first()).alias("by_nik"),
            named.drop_nulls().first().alias("by_name"),
            row.first().alias("by_row"),
        )
        .sort("cluster")
        .with_columns(pl.coalesce("by_nik", "by_name", "by_row").alias("child"))
        .with_columns(
            pl.when(pl.col("child").is_first_distinct())
            .then("child")
            .otherwise("by_row")
            .alias("child")
        )
    )
    return persons.select("person", "cluster").join(
        text.select("cluster", "child"), on="cluster", how="left", maintain_order="left"
    ).drop("cluster")  # fmt: skip


def _described(doubtful: pl.DataFrame, persons: pl.DataFrame, texts: pl.DataFrame) -> pl.DataFrame:
    about = persons.select("person", "file", "row", "visits").join(texts, on="person")
    for side in ("a", "b"):
        renamed = about.rename({c: f"{c}_{side}" for c in ("file", "row", "visits", "child")})
        doubtful = doubtful.join(renamed, left_on=side, right_on="person", how="left",
                                 maintain_order="left")  # fmt: skip
    wanted = ["reason", "score", "name", "birth", "mother", "desa"]
    wanted += [f"{c}_{side}" for side in ("a", "b") for c in ("child", "file", "row", "visits")]
    doubtful = doubtful.with_columns(
        pl.lit(None).alias(c) for c in wanted if c not in doubtful.columns
    )
    return doubtful.select(wanted).unique(
        ["child_a", "child_b", "reason"], keep="first", maintain_order=True
    )
