"""A file of children of any kind → its rows as text, and what z-scores are computed from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import polars as pl

from analysis.errors import UserError
from analysis.intake.cleaning import cells
from analysis.intake.columns import (
    ColumnMap,
    Matching,
    code_key,
    find_header,
    heading_key,
    match,
    nearest_heading,
)
from analysis.intake.growth import DAYS_PER_MONTH, age_in_days
from analysis.intake.reading.sheets import Sheet
from analysis.intake.sources import open_sheets, shown

#: Headings under which the columns are found when no map is given.
USUAL = ColumnMap(
    kind="survey",
    columns={
        "sex": ("sex", "jenis kelamin", "jk", "gender", "kelamin", "csex"),
        "birth_date": ("birth_date", "tanggal lahir", "tgl lahir", "date of birth", "dob"),
        "visit_date": (
            "visit_date",
            "tanggal pengukuran",
            "tanggal ukur",
            "tgl ukur",
            "tanggal kunjungan",
            "date of visit",
            "screen_date",
        ),
        "age_days": ("age_days", "age in days", "umur hari", "usia hari"),
        "age_months": ("age_months", "agemons", "age in months", "umur bulan", "usia bulan"),
        "age_text": ("usia saat ukur",),
        "weight_kg": ("weight_kg", "berat badan", "berat", "berat (kg)", "weight", "bb"),
        "length_cm": (
            "length_cm",
            "tinggi badan",
            "panjang badan",
            "tinggi",
            "tinggi (cm)",
            "lenhei",
            "height",
            "length",
            "tb",
            "pb",
        ),
        "position": ("position", "cara ukur", "posisi", "measure"),
        "oedema": ("oedema", "edema"),
    },
    missing=("", "8888", "9999", "-", "."),
)
#: One of each group must be there, each group of its columns whole.
NEEDED: tuple[tuple[tuple[str, ...], ...], ...] = (
    (("sex",),),
    (("birth_date", "visit_date"), ("age_days",), ("age_months",), ("age_text",), ("age_years",)),
    (("weight_kg",),),
    (("length_cm",),),
)
USED = tuple(dict.fromkeys((*USUAL.columns, "age_years")))
_TYPES = cells.Types(
    numbers=frozenset(cells.NUMBERS),
    flags=frozenset(cells.FLAGS),
    codes=dict.fromkeys(("sex", "position"), ()),
)


@dataclass(frozen=True)
class ChildFile:
    """A sheet as text, and the typed columns the z-scores need."""

    sheet: Sheet
    matching: Matching
    rows: pl.DataFrame
    typed: pl.DataFrame
    ragged: int


def read_child_file(source: Path, columns: ColumnMap) -> ChildFile:
    """Read the sheet of a file whose headings fit `columns` best.

    Raises
    ------
    UserError
        The file cannot be read, a needed column is missing, or one stands twice; the sentence
        names the nearest headings.
    """
    sheet, row, matching = _find(source, columns)
    _insist(source, row, matching, columns)
    matching = _exact(source, row, matching, columns)
    loaded = sheet.load(row, list(range(len(matching.headings))))
    rows = loaded.frame.drop("source_row", "ragged")
    named = _named(rows, sheet, matching, columns)
    typed = cells.typed(named, columns, _TYPES, {}, is_typed=sheet.typed)
    return ChildFile(sheet, matching, rows, typed, int(loaded.frame["ragged"].sum()))


def _find(source: Path, columns: ColumnMap) -> tuple[Sheet, int, Matching]:
    """The sheet and row whose headings fit best; failing any, the widest first row."""
    best: tuple[int, Sheet, int, Matching] | None = None
    for sheet in open_sheets(source):
        preview = sheet.preview()
        header = find_header(preview, [columns])
        if header is not None:
            row, matching = header.row, header.matching
            score = 1000 * len([name for name in USED if name in matching.found])
        else:
            row = next((i for i, line in enumerate(preview) if any(c.strip() for c in line)), 0)
            matching = match(preview[row] if preview else [], columns)
            score = len(matching.headings)
        if best is None or score > best[0]:
            best = score, sheet, row, matching
    if best is None or not best[3].headings:
        raise UserError(f"{source.name}: no headings were found in this file.")
    return best[1:]


def _insist(source: Path, row: int, matching: Matching, columns: ColumnMap) -> None:
    have = set(matching.found)
    lacking = [g for g in NEEDED if not any(set(one) <= have for one in g)]
    if not lacking:
        return
    wanted = ", ".join(" or ".join(" with ".join(one) for one in group) for group in lacking)
    names = [n for group in lacking for one in group for n in one if n not in have]
    near = {n: h for n in names if (h := nearest_heading(n, columns, matching.unused))}
    hint = "; ".join(f"'{shown(h)}' looks like {n}" for n, h in near.items())
    found = ", ".join(shown(h, 30) for h in matching.headings if h.strip()) or "none"
    key, heading = next(iter(near.items()), (names[0], "its heading"))
    raise UserError(
        f"{source.name}, row {row + 1}: no column for {wanted} among the headings "
        f"({shown(found, 200)}){'; ' + hint if hint else ''}; "
        f"say which it is in a file passed with --columns, e.g. "
        f'"kind: survey" and "columns: {{{key}: [{shown(heading)}]}}".'
    )


def _exact(source: Path, row: int, matching: Matching, columns: ColumnMap) -> Matching:
    """Of headings alike but for case and signs (`sex`, `_sex`) take the one written as known.

    Raises
    ------
    UserError
        A heading stands twice.
    """
    found = dict(matching.found)
    for name, places in matching.found.items():
        key = heading_key(matching.headings[places[0]])
        alike = [i for i, h in enumerate(matching.headings) if heading_key(h) == key]
        if name not in USED or len(alike) == 1 or len(places) > 1:
            continue
        aliases = {alias.casefold() for alias in columns.columns[name]}
        exact = [i for i in alike if matching.headings[i].strip().casefold() in aliases]
        if len(exact) != 1:
            raise UserError(
                f"{source.name}, row {row + 1}: the heading '{shown(matching.headings[alike[0]])}' "
                "stands more than once; rename or remove one of the columns."
            )
        found[name] = (exact[0],)
    return replace(matching, found=found)


def _named(
    rows: pl.DataFrame, sheet: Sheet, matching: Matching, columns: ColumnMap
) -> pl.DataFrame:
    """The columns the z-scores need, under canonical names."""
    named = []
    for name, places in matching.found.items():
        if name not in USED:
            continue
        parts = [pl.col(f"c{place}").str.strip_chars() for place in places]
        text = parts[0] if len(parts) == 1 else pl.concat_str(parts, separator=" ")
        if name in ("sex", "position", "oedema"):
            text = text.replace(_labels(name, sheet.labels.get(places[0], {}), columns))
        named.append(text.alias(name))
    return rows.select(named)


def _labels(name: str, labels: Mapping[str, str], columns: ColumnMap) -> dict[str, str]:
    """Value labels that are a known spelling: they tell more than the code they stand for."""
    usual = cells.DEFAULT_FLAGS if name in cells.FLAGS else cells.DEFAULT_CODES[name]
    codes = columns.codes.get(name) or usual
    known = {code_key(s) for value, spellings in codes.items() for s in (value, *spellings)}
    return {code: label for code, label in labels.items() if code_key(label) in known}


def children_of(read: ChildFile) -> pd.DataFrame:
    """Canonical columns as `growth.zscores` takes them."""
    typed = read.typed
    children = pd.DataFrame({"age_days": _age(typed)})
    for name in ("weight_kg", "length_cm"):
        children[name] = typed[name].to_numpy()
    children["sex"] = typed["sex"].to_list()
    for name in ("position", "oedema"):
        if name in typed.columns:
            children[name] = typed[name].to_list()
    return children


def _age(typed: pl.DataFrame) -> npt.NDArray[np.float64]:
    """Age in days: from dates, else days, else months (exact), text, years."""
    age = pd.Series(np.nan, index=range(typed.height))
    if {"birth_date", "visit_date"} <= set(typed.columns):
        birth, visit = (pd.to_datetime(typed[n].to_pandas()) for n in ("birth_date", "visit_date"))
        age = age_in_days(birth, visit).astype("float64")
    factors = {"age_days": 1.0, "age_months": DAYS_PER_MONTH, "age_text": 1.0, "age_years": 365.25}
    for name, days in factors.items():
        if name in typed.columns:
            age = age.fillna(pd.Series(typed[name].to_numpy() * days))
    return np.asarray(age.to_numpy(dtype=np.float64))
