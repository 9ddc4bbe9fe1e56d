"""The brief of the whole place: areas, pillars, programmes, and the two numbers reconciled."""

from __future__ import annotations

from pathlib import Path

from analysis.brief import tables as md
from analysis.brief.data import BriefData
from analysis.brief.sections import (
    areas,
    closing,
    decisions,
    factors,
    matrix,
    number,
    programmes,
    routine,
    trend,
    two_numbers,
)
from analysis.brief.sections.places import area_word
from analysis.brief.tables import Ledger

#: Two sheets, four sides.
PAGES, SHORT = 4, 2
FACTORS = 10


def pages(data: BriefData) -> int:
    """Pages the brief is to have: one sheet where services were not measured."""
    return SHORT if data.table("actions").empty else PAGES


def sections(data: BriefData, folder: Path, ledger: Ledger) -> dict[str, str]:
    """Sections in reading order."""
    say = data.language
    titles = {
        key: f"## {say.say(f'whole.sides.{key}', tingkat_area=area_word(data))}"
        for key in ("areas", "programmes")
    }
    # Without services and programmes there is too little to begin new sides for.
    short = pages(data) == SHORT
    sides = {key: text if short else md.block("side", text) for key, text in titles.items()}
    return {
        "message": number.message(data),
        "number": number.number(data, folder, ledger),
        "areas": areas.areas(data, folder, ledger),
        "decisions": decisions.decisions(data, ledger),
        "side_two": closing.heading(data),
        "path": md.columns(
            (50, trend.path(data, folder, ledger)), (50, trend.series(data, folder, ledger))
        ),
        "bridge": two_numbers.bridge(data, folder, ledger),
        "factors": factors.factors(data, folder, ledger, FACTORS),
        "new_cases": md.columns(
            (50, routine.new_cases(data, folder, ledger)), (50, closing.reading(data))
        ),
        "side_three": sides["areas"],
        "matrix": matrix.coverage_matrix(data, ledger),
        "figures": trend.figures(data, ledger),
        "pillars": programmes.pillars(data, ledger),
        "side_four": sides["programmes"],
        "programmes": programmes.programmes(data, ledger),
        "notes": closing.notes(data),
        "foot": closing.foot(data, folder),
    }
