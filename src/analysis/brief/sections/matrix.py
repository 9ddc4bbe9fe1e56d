"""Which coverage lags in which area."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from analysis.brief import narrative as tell
from analysis.brief import tables as md
from analysis.brief.charts import matrix as chart
from analysis.brief.charts.style import load_style
from analysis.brief.data import BriefData
from analysis.brief.formatting import escape, is_real
from analysis.brief.sections.places import FULL, area_word, as_labelled
from analysis.brief.tables import Ledger

MATRIX_COLUMNS = 14


def coverage_matrix(data: BriefData, folder: Path, ledger: Ledger) -> str:
    """Which coverage lags where: areas down, indicators of the agencies across."""
    say = data.language
    word = area_word(data)
    title = f"### {say.say('whole.matrix_title', tingkat_area=word)}"
    actions = data.table("actions")
    with_target = [
        code
        for code in dict.fromkeys(actions["indicator"])
        if data.indicator(code).target is not None
    ]
    if not with_target:
        return md.join(title, md.block("missing", say.say("decisions.absent")))
    codes = with_target[:MATRIX_COLUMNS]
    areas = sorted(data.project.register.codes, key=data.project.area_name)
    lookup = {(str(r["area"]), str(r["indicator"])): r for r in actions.to_dict("records")}
    cells = [[_cell(data, lookup.get((area, code)), code) for code in codes] for area in areas]
    names = [data.project.area_name(area) for area in areas]
    heads = [chart.Column(_column(data, code, actions), "") for code in codes]
    drawing = chart.matrix(names, heads, cells, load_style(), FULL)
    below = [sum(row[j].state == "gap" for row in cells) for j in range(len(codes))]
    told = [
        say.say("whole.matrix_alt_row", indikator=data.label(code), n=n, tingkat_area=word)
        for code, n in zip(codes, below, strict=True)
    ]
    for name, row in zip(names, cells, strict=True):
        for code, cell in zip(codes, row, strict=True):
            ledger.add("matrix", name, data.label(code), cell.text)
    body = [
        [escape(name), *(cell.text.replace("*", "\\*") for cell in row)]
        for name, row in zip(names, cells, strict=True)
    ]
    head = [tell.capital(word), *(escape(data.label(code)) for code in codes)]
    alt = say.say("whole.matrix_alt", tingkat_area=word, isi="; ".join(told))
    return md.join(
        title,
        md.picture(drawing, folder, "matrix", alt, say.say("whole.matrix_caption"), classes="wide"),
        md.data_table(
            say.say("whole.matrix_summary", tingkat_area=word), head, body, "l" + "r" * len(codes)
        ),
    )


def _column(data: BriefData, code: str, actions: pd.DataFrame) -> str:
    """Head of a column: indicator and the code of its lead agency."""
    label = data.label(code).split(" (")[0]
    opd = actions[actions["indicator"] == code]["opd"].dropna()
    return f"{label} · {str(opd.iloc[0]).upper()}" if len(opd) else label


def _cell(data: BriefData, row: dict[str, object] | None, code: str) -> chart.Cell:
    """Whole percent of one area and indicator; a gap only when the whole interval is below."""
    form = data.language.format
    if row is None or row["verdict"] == "suppress" or not is_real(row["coverage"]):  # type: ignore[arg-type]
        return chart.Cell("*", "hidden")
    coverage, low, high, target = (float(row[k]) for k in ("coverage", "low", "high", "target"))  # type: ignore[arg-type]
    value = as_labelled(data.indicator(code), coverage, low, high)[0]
    text = form.number(value * 100)
    text = f"({text})" if row["verdict"] == "caution" else text
    if high < target:
        return chart.Cell(text, "gap")
    return chart.Cell(text, "met" if coverage >= target else "near")
