"""The content of a brief: its sections as Markdown, its figures, its numbers, its metadata.

`kecamatan_brief` and `kabupaten_brief` write figures and the CSV into a folder and return
the sections in reading order; a notebook shows them one after the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.brief import side_one, side_two, whole
from analysis.brief import tables as md
from analysis.brief.data import BriefData, load
from analysis.brief.metadata import fingerprint, metadata, stem
from analysis.brief.tables import Ledger

__all__ = ["Brief", "fingerprint", "kabupaten_brief", "kecamatan_brief", "load", "stem"]

MIMETYPE = "application/vnd.stunting.brief+json"
PAGES = 2


@dataclass(frozen=True)
class Brief:
    """A brief ready to be shown: Markdown by section, every number of it, its metadata."""

    sections: dict[str, str]
    numbers: pd.DataFrame
    metadata: dict[str, Any]

    @property
    def markdown(self) -> str:
        """All sections in reading order."""
        return "\n\n".join(self.sections.values())


def kecamatan_brief(data: BriefData, folder: Path | str = ".") -> Brief:
    """Brief of one area, two pages.

    Parameters
    ----------
    data
        From `load`.
    folder
        Where `figures/*.svg` and `data/<stem>.csv` are written.
    """
    folder, ledger = Path(folder), Ledger()
    left = md.join(side_two.new_cases(data, folder, ledger), side_two.trend(data))
    sections = {
        "message": side_one.message(data, ledger),
        "number": side_one.number(data, folder, ledger),
        "areas": side_one.areas(data, folder, ledger),
        "decisions": side_one.decisions(data, ledger),
        "side_two": side_two.heading(data),
        "indicators": side_two.indicators(data, folder, ledger),
        "factors": side_two.factors(data, folder, ledger),
        "routine": md.columns((50, left), (50, side_two.villages(data, ledger))),
        "notes": md.columns((34, side_two.reading(data)), (66, side_two.notes(data))),
        "foot": side_two.foot(data, folder),
    }
    return _finish(data, folder, sections, ledger, PAGES)


def kabupaten_brief(data: BriefData, folder: Path | str = ".") -> Brief:
    """Brief of the whole place: the same grammar, with areas, pillars and programmes."""
    folder, ledger = Path(folder), Ledger()
    sections = whole.sections(data, folder, ledger)
    return _finish(data, folder, sections, ledger, whole.PAGES)


def _finish(
    data: BriefData, folder: Path, sections: dict[str, str], ledger: Ledger, pages: int
) -> Brief:
    facts = metadata(data, pages)
    table = ledger.frame()
    words = {name: data.language.say(f"csv.columns.{name}") for name in table.columns}
    file = folder / "data" / f"{facts['stem']}.csv"
    file.parent.mkdir(parents=True, exist_ok=True)
    table.rename(columns=words).to_csv(file, index=False, encoding="utf-8", lineterminator="\n")
    return Brief(sections, table, facts)
