"""Names of kecamatan and desa → codes, through the register and its aliases.

A near miss is suggested in the log, never taken: a person adds the spelling to the register's
aliases, or mends the file.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
from rapidfuzz import fuzz, process

from analysis.intake.cleaning.engine import EXAMPLES, Log
from analysis.intake.cleaning.values import masked
from analysis.intake.sources import shown
from analysis.regions import Register, normalise

SUGGEST_CUTOFF = 70

UNKNOWN_AREA = (
    "Kecamatan tidak ada di register; baris disisihkan. Tambahkan ejaannya sebagai alias."
)
UNKNOWN_VILLAGE = "Desa tidak ada di register untuk kecamatan itu; desa dikosongkan."


def suggestion(text: str, register: Register) -> str | None:
    """Name of the area most like `text`, if any is."""
    names = {code: normalise(name) for code, name in register.areas["name"].items()}
    hit = process.extractOne(normalise(text), names, scorer=fuzz.ratio, score_cutoff=SUGGEST_CUTOFF)
    return register.name(str(hit[2])) if hit else None


def match_areas(frame: pl.DataFrame, register: Register, log: Log) -> pl.DataFrame:
    """Replace `kecamatan` by its code and set aside the rows where it is none of the register's.

    Where the cell is empty the code is taken from a village code in `desa`, if there is one.
    """
    spelled = register.names()
    codes = {text: spelled.get(normalise(text)) for text in _distinct(frame, "kecamatan")}
    found = _mapped(frame["kecamatan"], codes)
    if "desa" in frame.columns and len(register.villages):
        owners: dict[str, str | None] = {
            text: str(register.villages.at[text, "kecamatan"])
            for text in _distinct(frame, "desa")
            if text in register.villages.index
        }
        found = found.fill_null(_mapped(frame["desa"], owners)) if owners else found
    known = found.is_not_null()
    lost = frame.filter(~known)
    if lost.height:
        log.add(
            "unknown_kecamatan",
            "set_aside",
            UNKNOWN_AREA,
            (frame.height, lost.height, frame.height - lost.height),
            _unmatched(lost["kecamatan"], register),
        )
    return frame.with_columns(found.alias("kecamatan")).filter(known)


def match_villages(frame: pl.DataFrame, register: Register, log: Log) -> pl.DataFrame:
    """Replace `desa` by its code within the kecamatan; without a village register names stay."""
    if "desa" not in frame.columns:
        return frame.with_columns(pl.lit(None, dtype=pl.String).alias("desa"))
    if register.villages.empty:
        return frame
    spelled = _village_spellings(register)
    pairs = frame.select("kecamatan", "desa").unique().drop_nulls()
    code = [spelled.get((area, normalise(text))) for area, text in pairs.rows()]
    table = pairs.with_columns(pl.Series("code", code, dtype=pl.String))
    joined = frame.join(table, on=["kecamatan", "desa"], how="left", maintain_order="left")
    lost = joined["code"].is_null() & joined["desa"].is_not_null()
    if lost.any():
        log.add(
            "unknown_desa",
            "blank",
            UNKNOWN_VILLAGE,
            (frame.height, int(lost.sum()), frame.height),
            [
                f"baris {row}: {masked(text)}"
                for row, text in joined.filter(lost).select("source_row", "desa").head(3).rows()
            ],
        )
    return joined.with_columns(pl.col("code").alias("desa")).drop("code")


def _village_spellings(register: Register) -> dict[tuple[str, str], str]:
    result: dict[tuple[str, str], str] = {}
    for code, row in register.villages.iterrows():
        for spelling in [str(code), row["name"], *str(row["aliases"]).split(";")]:
            if spelling.strip():
                result[(row["kecamatan"], normalise(spelling))] = str(code)
    return result


def _distinct(frame: pl.DataFrame, column: str) -> list[str]:
    return frame[column].drop_nulls().unique().sort().to_list()


def _mapped(column: pl.Series, codes: Mapping[str, str | None]) -> pl.Series:
    return column.replace_strict(
        list(codes), list(codes.values()), default=None, return_dtype=pl.String
    )


def _unmatched(texts: pl.Series, register: Register) -> list[str]:
    """The most frequent unknown spellings; the text itself only where it resembles an area."""
    counts = texts.fill_null("").value_counts(sort=True).head(EXAMPLES)
    result = []
    for text, count in counts.rows():
        near = suggestion(text, register) if text else None
        name = f"'{shown(text, 30)}'" if near else masked(text or None)
        hint = f" (mungkin {near}?)" if near else ""
        result.append(f"{name}{hint}: {count} baris")
    return result
