"""Column maps: how the headings and codes of a raw file become the canonical ones.

A map is a reviewed YAML file in `params/columns/`. Headings are compared without
case, spaces, accents and punctuation, so `Desa/Kel`, `desa_kel` and `DESA KEL` are one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator
from rapidfuzz import fuzz, process

from analysis.params import Model, load_model

Kind = Literal["survey", "routine", "register", "risk_families"]
Unit = Literal["kg", "g", "cm", "m", "mm"]
#: A preview row this similar to nothing is not a header.
NEAREST_CUTOFF = 72
#: Rows at the top of a sheet among which the header is sought.
HEADER_ROWS = 40

#: Of each group, at least one set of columns must be there.
REQUIRED: dict[str, tuple[tuple[tuple[str, ...], ...], ...]] = {
    "survey": (
        (("kecamatan",),),
        (("sex",),),
        (("birth_date", "visit_date"), ("age_days",), ("age_months",), ("age_years",)),
        (("length_cm",),),
    ),
    "routine": (
        (("kecamatan",),),
        (("sex",),),
        (("visit_date",),),
        (("birth_date",), ("age_text",), ("age_days",), ("age_months",)),
        (("length_cm",),),
    ),
    "register": ((("kecamatan",),), (("balita",),)),
    "risk_families": ((("desa",),), (("families",),)),
}

#: Recognised, so that nobody wonders about them, but never read: nothing needs them here, and
#: most are nobody's business.
NOT_READ = frozenset(
    (
        *("family_card", "parents_nik", "phone", "address", "rt", "rw", "province", "regency"),
        *("puskesmas", "muac_cm", "birth_weight_kg", "birth_length_cm", "weight_gain", "vitamin_a"),
        *("recorded_waz", "recorded_whz", "recorded_waz_class", "recorded_whz_class"),
    )
)
#: Canonical columns that are no indicator of the pillars file.
KNOWN = NOT_READ | frozenset(
    (
        *("kecamatan", "desa", "stratum", "psu", "household", "sampling_weight", "team"),
        *("child_name", "nik", "parents", "mother", "posyandu", "sex", "birth_date", "visit_date"),
        *("age_days", "age_months", "age_years", "age_text", "weight_kg", "length_cm", "position"),
        *("oedema", "recorded_haz", "recorded_haz_class", "age_group", "balita", "families"),
    )
)


# Every row of a preview is tried with every map, a hundred thousand times a few hundred texts.
@lru_cache(maxsize=4096)
def heading_key(text: str) -> str:
    """Letters and digits of a heading, in small letters and without accents.

    >>> heading_key(" Desa/Kel. ")
    'desakel'
    """
    plain = unicodedata.normalize("NFKD", text)
    return re.sub(r"[^0-9a-z]+", "", plain.casefold())


class ColumnMap(Model):
    """The content of one file in `params/columns/`."""

    kind: Kind = Field(description="What the file holds")
    columns: dict[str, tuple[str, ...]] = Field(
        description="Canonical name → headings under which the column may come, likeliest first"
    )
    combine: dict[str, tuple[str, ...]] = Field(
        default={},
        description="Canonical name → headings whose cells, joined by a space, make the column "
        "(an area that is province × stratum; a date in three columns, year first)",
    )
    codes: dict[str, dict[str, tuple[str, ...]]] = Field(
        default={}, description="Canonical column → canonical value → spellings in the file"
    )
    missing: tuple[str, ...] = Field(
        default=("",), description="Cells that mean no answer, in any column"
    )
    missing_in: dict[str, tuple[str, ...]] = Field(
        default={}, description="Canonical column → further cells that mean no answer there"
    )
    units: dict[str, Unit] = Field(
        default={}, description="Canonical column → unit of the file, where it is another"
    )
    scale: dict[str, float] = Field(
        default={}, description="Canonical column → factor by which its numbers are multiplied"
    )
    decimal: Literal["comma", "point"] | None = Field(
        default=None, description="Decimal sign of text numbers; found out when not given"
    )
    dates: Literal["dmy", "mdy", "ymd"] | None = Field(
        default=None, description="Order of text dates; found out when not given"
    )
    sheets: tuple[str, ...] = Field(
        default=(), description="Sheets to read; all that have the headings when not given"
    )
    recognised_by: tuple[str, ...] = Field(
        default=(), description="Headings that tell this generation from others of its kind"
    )

    @model_validator(mode="after")
    def _headings_are_told_apart(self) -> ColumnMap:
        owner: dict[str, str] = {}
        for canonical, aliases in self.columns.items():
            if canonical in self.combine:
                raise ValueError(f"{canonical} stands both in columns and in combine")
            for alias in aliases:
                key = heading_key(alias)
                if not key:
                    raise ValueError(f"heading '{alias}' of {canonical} has no letter or digit")
                if owner.setdefault(key, canonical) != canonical:
                    raise ValueError(
                        f"heading '{alias}' is claimed by both {owner[key]} and {canonical}"
                    )
        return self

    @model_validator(mode="after")
    def _spellings_are_told_apart(self) -> ColumnMap:
        for column, codes in self.codes.items():
            owner: dict[str, str] = {}
            for value, spellings in codes.items():
                for spelling in spellings:
                    if owner.setdefault(code_key(spelling), value) != value:
                        raise ValueError(
                            f"in codes.{column}, '{spelling}' means both "
                            f"{owner[code_key(spelling)]} and {value}"
                        )
        return self

    @property
    def canonical(self) -> list[str]:
        """Canonical names the map knows, in its order."""
        return [*self.columns, *self.combine]


def code_key(text: str) -> str:
    """A code's spelling without case, surrounding and doubled spaces; `1.0` is `1`.

    >>> code_key(" Telentang "), code_key("2.0")
    ('telentang', '2')
    """
    plain = " ".join(text.casefold().split())
    return re.sub(r"^(\d+)[.,]0+$", r"\1", plain)


def load_map(path: Path) -> ColumnMap:
    """Read a column map (see `ColumnMap` for its keys).

    Raises
    ------
    UserError
        A key is unknown, or two columns claim the same heading.
    """
    return load_model(ColumnMap, path)


@dataclass(frozen=True)
class Matching:
    """How a header fits a map: positions are counted from 0."""

    found: dict[str, tuple[int, ...]]
    headings: tuple[str, ...]
    used: frozenset[int]
    twice: tuple[str, ...]

    @property
    def unused(self) -> list[str]:
        """Headings no canonical column takes."""
        return [h for i, h in enumerate(self.headings) if i not in self.used and h.strip()]


def match(headings: Sequence[str], columns: ColumnMap) -> Matching:
    """Find each canonical column of the map among the headings.

    Of a column's aliases the first one present wins. Of two equal headings the first is
    taken and, where the column is read, the name is kept in `twice`.
    """
    places: dict[str, list[int]] = {}
    for position, heading in enumerate(headings):
        if key := heading_key(heading):
            places.setdefault(key, []).append(position)
    found: dict[str, tuple[int, ...]] = {}
    for canonical, aliases in columns.columns.items():
        hit = next((heading_key(a) for a in aliases if heading_key(a) in places), None)
        if hit is not None:
            found[canonical] = (places[hit][0],)
    for canonical, parts in columns.combine.items():
        keys = [heading_key(part) for part in parts]
        if all(key in places for key in keys):
            found[canonical] = tuple(places[key][0] for key in keys)
    used = frozenset(position for positions in found.values() for position in positions)
    are_read = {place for name, where in found.items() if name not in NOT_READ for place in where}
    twice = tuple(headings[p[0]] for p in places.values() if len(p) > 1 and p[0] in are_read)
    return Matching(found, tuple(headings), used, twice)


def missing_groups(found: Sequence[str], kind: str) -> list[tuple[tuple[str, ...], ...]]:
    """Groups of required columns of which no set is complete."""
    have = set(found)
    return [group for group in REQUIRED.get(kind, ()) if not any(set(one) <= have for one in group)]


def choose_map(headings: Sequence[str], maps: Sequence[ColumnMap]) -> tuple[int, int]:
    """Index of the map that fits the headings best, and its score.

    The score counts columns found, less ten for each required group not found; among maps
    that fit alike the one with more of its `recognised_by` headings present wins, then the
    earlier one.
    """
    keys = {heading_key(heading) for heading in headings}

    def score(index: int) -> tuple[int, int, int]:
        columns = maps[index]
        found = match(headings, columns).found
        told = sum(heading_key(heading) in keys for heading in columns.recognised_by)
        return len(found) - 10 * len(missing_groups(list(found), columns.kind)), told, -index

    best = max(range(len(maps)), key=lambda i: (_told(score(i)), score(i)))
    return best, score(best)[0]


def _told(score: tuple[int, int, int]) -> int:
    return score[1]


@dataclass(frozen=True)
class Header:
    """The header of a sheet: its place, and which map reads it."""

    row: int
    map_index: int
    matching: Matching


def find_header(preview: Sequence[Sequence[str]], maps: Sequence[ColumnMap]) -> Header | None:
    """The row, among the first ones, that reads most like a header of one of the maps.

    A row with fewer than two known headings is none. Of rows that fit alike the first wins.
    """
    best: tuple[int, Header] | None = None
    for row, cells in enumerate(preview[:HEADER_ROWS]):
        if sum(bool(cell.strip()) for cell in cells) < 2:
            continue
        index, _ = choose_map(cells, maps)
        matching = match(cells, maps[index])
        size = len(matching.found)
        if size >= 2 and (best is None or size > best[0]):
            best = size, Header(row, index, matching)
    return best[1] if best else None


def nearest_heading(canonical: str, columns: ColumnMap, headings: Sequence[str]) -> str | None:
    """The heading that looks most like one of a column's aliases, if any does."""
    candidates = {h: heading_key(h) for h in headings if heading_key(h)}
    aliases = columns.columns.get(canonical, ()) + columns.combine.get(canonical, ())
    best: tuple[float, str] | None = None
    for alias in (*aliases, canonical):
        hit = process.extractOne(
            heading_key(alias), candidates, scorer=fuzz.ratio, score_cutoff=NEAREST_CUTOFF
        )
        if hit is not None and (best is None or hit[1] > best[0]):
            best = hit[1], str(hit[2])
    return best[1] if best else None
