"""Children under five by area, sex and age; families at risk by village."""

from __future__ import annotations

from itertools import product

import pandas as pd
import polars as pl

from analysis.errors import UserError
from analysis.intake.cleaning import corrections, rules
from analysis.intake.cleaning import engine as cleaning
from analysis.intake.cleaning.cells import typed
from analysis.intake.cleaning.engine import Log
from analysis.intake.cleaning.matching import match_areas, match_villages
from analysis.intake.cleaning.records import Setting, opened
from analysis.intake.columns import ColumnMap
from analysis.intake.sources import Source
from analysis.regions import Register

AGE_GROUPS = {"0-5": 6, "6-11": 6, "12-23": 12, "24-35": 12, "36-47": 12, "48-59": 12}
SEXES = ("m", "f")
_MONTHS = 60
RISK_FAMILIES_MAP = ColumnMap(
    kind="risk_families",
    columns={
        "kecamatan": ("kecamatan", "kode_kecamatan", "nama_kecamatan"),
        "desa": ("kode_desa", "desa", "kode", "nama_desa", "kelurahan"),
        "families": (
            "keluarga_berisiko",
            "jumlah_keluarga_berisiko",
            "jumlah_krs",
            "krs",
            "families",
        ),
    },
)


def clean_counts(source: Source, setting: Setting) -> tuple[pl.DataFrame, Log]:
    """Clean a table of counts: typed cells, codes of areas, no negative or missing counts."""
    log = opened(source, "register")
    count = "balita" if "balita" in source.frame.columns else "families"
    frame = corrections.apply(source.frame.drop("ragged"), setting.corrections, source.file, log)
    frame = typed(frame, source.columns, setting.types, source.labels, is_typed=source.typed)
    names = [c.removesuffix("_problem") for c in frame.columns if c.endswith("_problem")]
    frame = cleaning.apply(frame, rules.cells(names), log)
    unusable = cleaning.Rule(
        "no_count",
        "Jumlah kosong, negatif, atau bukan angka.",
        "set_aside",
        {count: pl.col(count).is_null() | (pl.col(count) < 0)},
    )
    frame = cleaning.apply(frame, [unusable], log)
    if "kecamatan" not in frame.columns:
        frame = frame.with_columns(pl.lit(None, dtype=pl.String).alias("kecamatan"))
    frame = match_areas(frame, setting.register, log)
    return match_villages(frame, setting.register, log), log


def registered(frame: pl.DataFrame, file: str) -> pd.DataFrame:
    """The `population` table from clean counts.

    Counts without sex or age are shared out evenly over what they do not tell.

    Raises
    ------
    UserError
        An area, sex and age stands more than once.
    """
    for column in ("sex", "age_group"):
        if column not in frame.columns:
            frame = frame.with_columns(pl.lit(None, dtype=pl.String).alias(column))
    keys = ["kecamatan", "sex", "age_group"]
    told = frame.select(*keys, "balita")
    if told.select(keys).is_duplicated().any():
        raise UserError(
            f"{file}: the same kecamatan, sex and age group stands more than once; "
            "keep one row for each."
        )
    rows = []
    for area, sex, group, balita in told.rows():
        sexes = [sex] if sex else SEXES
        groups = [group] if group else list(AGE_GROUPS)
        months = sum(AGE_GROUPS[g] for g in groups)
        status = "registered" if sex and group else "approximation"
        for s, g in product(sexes, groups):
            share = AGE_GROUPS[g] / months / len(sexes)
            rows.append((area, s, g, balita * share, status))
    return _table(rows)


def approximated(register: Register) -> pd.DataFrame:
    """The `population` table from the register's own `balita`, shared out evenly by month of age."""
    rows = [
        (str(area), sex, group, float(balita) * months / _MONTHS / len(SEXES), "approximation")
        for area, balita in register.areas["balita"].dropna().items()
        for sex, (group, months) in product(SEXES, AGE_GROUPS.items())
    ]
    return _table(rows)


def _table(rows: list[tuple[str, str, str, float, str]]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["kecamatan", "sex", "age_group", "balita", "status"])
    keys = ["kecamatan", "sex", "age_group", "status"]
    table = table.groupby(keys)["balita"].sum().reset_index()
    order = {group: i for i, group in enumerate(AGE_GROUPS)}
    by = table.assign(o=table["age_group"].map(order)).sort_values(["kecamatan", "sex", "o"])
    return by.drop(columns="o").reset_index(drop=True)


def risk_families(frame: pl.DataFrame) -> pd.DataFrame:
    """The `risk_families` table from clean counts; villages not in the register are left out."""
    known = frame.drop_nulls(["desa"]).group_by("kecamatan", "desa").agg(pl.col("families").sum())
    return known.sort("desa").with_columns(pl.col("families").round(0).cast(pl.Int64)).to_pandas()
