"""The content of a brief: its sections as Markdown, its figures, its numbers, its metadata.

`kecamatan_brief` and `kabupaten_brief` write figures and the CSV into a folder and return
the sections in reading order; a notebook shows them one after the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.brief import tables as md
from analysis.brief import whole
from analysis.brief.data import BriefData, load
from analysis.brief.metadata import fingerprint, metadata, stem
from analysis.brief.sections import (
    areas,
    closing,
    decisions,
    factors,
    number,
    routine,
    services,
    trend,
)
from analysis.brief.tables import Ledger

__all__ = ["Brief", "fingerprint", "kabupaten_brief", "kecamatan_brief", "load", "stem"]

MIMETYPE = "application/vnd.stunting.brief+json"
PAGES = 2
MANY_VILLAGES = 10


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
    left = md.join(routine.new_cases(data, folder, ledger), trend.trend(data))
    right = md.join(routine.villages(data, ledger), closing.reading(data))
    sections = {
        "message": number.message(data),
        "number": number.number(data, folder, ledger),
        "areas": areas.areas(data, folder, ledger),
        "decisions": decisions.decisions(data, ledger),
        "side_two": closing.heading(data),
        "indicators": services.indicators(data, folder, ledger),
        "factors": factors.factors(data, folder, ledger, _factors(data)),
        "routine": md.columns((50, left), (50, right)),
        "notes": closing.notes(data),
        "foot": closing.foot(data, folder),
    }
    return _finish(data, folder, sections, ledger, PAGES)


def _factors(data: BriefData) -> int:
    """Factors on paper: fewer where many villages need the room."""
    table = data.here("priorities")
    many = int((table["kind"] == "village").sum()) > MANY_VILLAGES
    return factors.EFFECT_ROWS - 2 if many else factors.EFFECT_ROWS


def kabupaten_brief(data: BriefData, folder: Path | str = ".") -> Brief:
    """Brief of the whole place: the same grammar, with areas, pillars and programmes."""
    folder, ledger = Path(folder), Ledger()
    sections = whole.sections(data, folder, ledger)
    return _finish(data, folder, sections, ledger, whole.pages(data))


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
