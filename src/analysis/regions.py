"""The register of areas: codes, names and aliases, children under five, tile places."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from rapidfuzz import fuzz, process

from analysis.errors import UserError
from analysis.indicators import read_csv_text

AREA_COLUMNS = (
    "code",
    "name",
    "aliases",
    "villages",
    "balita",
    "balita_status",
    "tile_row",
    "tile_col",
)
VILLAGE_COLUMNS = ("code", "kecamatan", "name", "aliases", "urban")


def normalise(name: str) -> str:
    """Spelling without case, spaces, punctuation and the words kecamatan, desa, kelurahan.

    >>> normalise("Kec. SUMBER  BARU")
    'sumberbaru'
    """
    words = re.sub(r"[^a-z0-9]+", " ", name.lower()).split()
    drop = {"kec", "kecamatan", "desa", "kel", "kelurahan", "ds"}
    kept = [word for word in words if word not in drop]
    return "".join(kept or words)


@dataclass(frozen=True)
class Register:
    """Areas of the place, in the order of their codes.

    `areas` is indexed by `code` with `name aliases villages balita balita_status
    tile_row tile_col` (and any further column of the file); `villages` likewise
    with `kecamatan name aliases urban`, empty when no file was given.
    """

    areas: pd.DataFrame
    villages: pd.DataFrame

    @property
    def codes(self) -> list[str]:
        """Codes of the areas, in order."""
        return list(self.areas.index)

    def name(self, code: str) -> str:
        """Name of an area."""
        return str(self.areas.at[code, "name"])

    def names(self) -> dict[str, str]:
        """Spellings (normalised names, aliases and codes) → code."""
        return spellings(self.areas)

    def find(self, text: str) -> str:
        """Code of the area called `text` (name, alias or code).

        Raises
        ------
        UserError
            No area is called so; the sentence suggests the nearest one.
        """
        found = self.names().get(normalise(text))
        if found is None:
            raise UserError(f"'{text}' is not an area of the register.{self.suggest(text)}")
        return found

    def find_all(self, words: Sequence[str]) -> list[str]:
        """Codes of the areas named on a command line, each once, in the order given.

        Names may be separated by commas; `["Sumber", "Baru"]` is one name when an area is
        called so, else two.

        Raises
        ------
        UserError
            A name is not an area of the register.
        """
        text = " ".join(words).strip()
        if "," in text:
            parts = [part.strip() for part in text.split(",") if part.strip()]
        else:
            parts = [text] if normalise(text) in self.names() else list(words)
        return list(dict.fromkeys(self.find(part) for part in parts))

    def suggest(self, text: str) -> str:
        """Return ` Did you mean …?` for the nearest area, or nothing."""
        best = process.extractOne(
            normalise(text),
            {c: normalise(n) for c, n in self.areas["name"].items()},
            scorer=fuzz.ratio,
            score_cutoff=70,
        )
        return f" Did you mean '{self.name(str(best[2]))}'?" if best else ""


def spellings(table: pd.DataFrame) -> dict[str, str]:
    """Map every normalised name, alias and code of a register table to its code."""
    result: dict[str, str] = {}
    for code, row in table.iterrows():
        for spelling in [str(code), row["name"], *str(row["aliases"]).split(";")]:
            if spelling.strip():
                result[normalise(spelling)] = str(code)
    return result


def load_register(areas_file: Path, villages_file: Path | None = None) -> Register:
    """Read the register of areas and, where given, of villages.

    Raises
    ------
    UserError
        A column is missing, a code or name stands twice, or a number is not one.
    """
    areas = _read(areas_file, AREA_COLUMNS)
    for column in ("villages", "balita", "tile_row", "tile_col"):
        areas[column] = _integers(areas[column], areas_file.name, column)
    if villages_file is None:
        villages = pd.DataFrame(columns=list(VILLAGE_COLUMNS[1:]), dtype="str")
        villages.index.name = "code"
        return Register(areas, villages)
    villages = _read(villages_file, VILLAGE_COLUMNS)
    unknown = set(villages["kecamatan"]) - set(areas.index)
    if unknown:
        raise UserError(
            f"{villages_file.name}: code '{sorted(unknown)[0]}' in column 'kecamatan' "
            f"is not in {areas_file.name}."
        )
    villages["urban"] = villages["urban"].map({"1": True, "0": False}).astype("boolean")
    return Register(areas, villages)


def _read(path: Path, columns: tuple[str, ...]) -> pd.DataFrame:
    table = read_csv_text(path, columns)
    twice = table["code"][table["code"].duplicated()]
    if len(twice):
        raise UserError(f"{path.name}: code '{twice.iloc[0]}' stands more than once.")
    if table.empty:
        raise UserError(f"{path.name}: the register has no rows.")
    return table.set_index("code").sort_index()


def _integers(column: pd.Series, file: str, name: str) -> pd.Series:
    numbers = pd.to_numeric(column.replace("", None), errors="coerce")
    bad = column[(column != "") & (numbers.isna() | (numbers < 0) | (numbers % 1 != 0))]
    if len(bad):
        raise UserError(
            f"{file}: '{bad.iloc[0]}' in column '{name}' (code {bad.index[0]}) "
            "is not a whole number of zero or more."
        )
    return numbers.astype("Int64")
