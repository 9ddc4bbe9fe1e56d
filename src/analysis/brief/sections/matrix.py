"""Every area with its stunting and the coverage of the services that have a target."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd

from analysis.brief import narrative as tell
from analysis.brief import tables as md
from analysis.brief.charts.tilemap import SIGNS
from analysis.brief.data import BriefData, Standing, records
from analysis.brief.formatting import escape, is_real
from analysis.brief.sections.places import (
    area_word,
    estimate_text,
    gap_name,
    level_word,
    share_as_labelled,
    standings,
)
from analysis.brief.tables import Ledger

MATRIX_COLUMNS = 7
_CLASSES = {"higher": "higher", "lower": "lower", "similar": "same", "not_compared": "not-compared"}


def coverage_matrix(data: BriefData, ledger: Ledger) -> str:
    """Areas by name: estimate, children, and each service against its target.

    A service is marked where its whole interval lies below the target and the area is in
    the lowest quarter: nearly all lie below, and that alone would single out nobody.
    """
    say, word = data.language, area_word(data)
    title = f"### {say.say('whole.matrix_title', tingkat_area=word)}"
    actions = data.table("actions")
    codes = _codes(data, actions)
    lookup = {(str(r["area"]), str(r["indicator"])): r for r in records(actions)}
    lowest = {code: _lowest_quarter(actions, code) for code in codes}
    rows = []
    for s in sorted(standings(data), key=lambda s: s.name):
        cells = [_cell(data, lookup.get((s.area, code)), code, lowest[code]) for code in codes]
        for code, cell in zip(codes, cells, strict=True):
            ledger.add("matrix", s.name, data.label(code), cell)
        rows.append([escape(s.name), _estimate(data, s), _children(data, s), *cells])
    level = data.text(data.project.params.place.area_level)
    head = [
        say.say(f"whole.areas_head.{key}", tingkat_area=level)
        for key in ("name", "estimate", "children")
    ]
    head += [_column(data, code) for code in codes]
    widths = _widths(head)
    table = md.pipe_table(head, rows, "lrr" + "r" * len(codes))
    notes = say.say("whole.matrix_caption", tingkat=level_word(data), tingkat_area=word)
    return md.join(
        title,
        md.block("table compact", table, widths=widths),
        md.block("reading", " ".join([notes, _targets(data, actions, codes)]).strip()),
    )


def _widths(head: list[str]) -> str:
    """Column widths, percent: those of services by the longest word of their head."""
    first = [14, 20, 9]
    longest = [max(max(map(len, re.split(r"[ -]", text))), 5) + 2.5 for text in head[3:]]
    rest = [round((100 - sum(first)) * x / sum(longest), 1) for x in longest]
    return " ".join(str(x) for x in [*first, *rest])


def _codes(data: BriefData, actions: pd.DataFrame) -> list[str]:
    """Services with a target: those to be decided on most often first, in pillar order."""
    known = [c for c in dict.fromkeys(actions["indicator"]) if data.indicator(c).target is not None]
    asked = actions[actions["rank"] > 0]["indicator"].value_counts()
    kept = sorted(known, key=lambda c: (-int(asked.get(c, 0)), known.index(c)))[:MATRIX_COLUMNS]
    return [code for code in known if code in kept]


def _lowest_quarter(actions: pd.DataFrame, code: str) -> float:
    own = actions[(actions["indicator"] == code) & (actions["verdict"] != "suppress")]
    values = own["coverage"].dropna().astype(float)
    return float(np.quantile(values, 0.25)) if len(values) else float("nan")


def _estimate(data: BriefData, s: Standing) -> str:
    text = estimate_text(s, data)
    state = s.against_whole if s.shown else "not_compared"
    return text if not s.shown else f"[{SIGNS[state]} {text}]{{.{_CLASSES[state]}}}"


def _children(data: BriefData, s: Standing) -> str:
    say = data.language
    if s.balita is None:
        return say.say("words.no_value")
    if not s.shown or s.stunted is None:
        return f"[{say.say('words.suppressed')}]{{.suppressed}}"
    return say.format.count(s.stunted)


def _cell(data: BriefData, row: dict[str, Any] | None, code: str, lowest: float) -> str:
    """Whole percent of one area and service, with its sign."""
    say, form = data.language, data.language.format
    if row is None or row["verdict"] == "suppress" or not is_real(row["coverage"]):
        return f"[{say.say('words.suppressed')}]{{.suppressed}}"
    coverage, high, target = (float(row[k]) for k in ("coverage", "high", "target"))
    value = share_as_labelled(data.indicator(code), coverage)
    text = form.number(value * 100)
    text = f"({text})" if row["verdict"] == "caution" else text
    if high < target and coverage <= lowest:
        return f"[▼ {text}]{{.lower}}"
    return f"[✓ {text}]{{.higher}}" if coverage >= target else text


def _column(data: BriefData, code: str) -> str:
    """Head of a narrow column: a word or two."""
    key = f"column.{code}"
    return data.language.say(key) if data.language.known(key) else gap_name(data, code)


def _targets(data: BriefData, actions: pd.DataFrame, codes: list[str]) -> str:
    """Targets of the columns by the agency that answers for them."""
    say = data.language
    by_agency: dict[str, list[str]] = {}
    for code in codes:
        target = data.indicator(code).target
        if target is None:
            continue
        opd = actions[actions["indicator"] == code]["opd_name"].dropna()
        agency = escape(opd.iloc[0]) if len(opd) else say.say("decisions.no_opd")
        text = say.say(
            "whole.matrix_target",
            indikator=_column(data, code),
            target=tell.target_percent(target.value / 100, say),
            tanda=say.say("decisions.unverified") if target.status == "unverified" else "",
        )
        by_agency.setdefault(agency, []).append(text)
    parts = [f"{agency}: {', '.join(texts)}" for agency, texts in by_agency.items()]
    return say.say("whole.matrix_targets", isi="; ".join(parts)) if parts else ""
