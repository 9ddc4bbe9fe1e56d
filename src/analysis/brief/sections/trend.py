"""Figures over the years, or why they are not compared; the target path."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.brief import narrative as tell
from analysis.brief import tables as md
from analysis.brief.charts import trend as chart
from analysis.brief.charts.style import load_style
from analysis.brief.data import BriefData, records
from analysis.brief.formatting import NBSP, escape, is_real
from analysis.brief.sections.places import HALF
from analysis.brief.tables import Ledger

#: Published routine figures beside the run's own, the latest.
PUBLISHED_ROUTINE = 2


def trend(data: BriefData) -> str:
    """Return the box that says why years are not compared, with what was published."""
    say = data.language
    place = data.project.params.place
    series = published(data)
    name = data.text(place.full_name) if data.is_whole else data.name
    sentences = tell.trend_refusal(name, data.text(place.full_name), series, say)
    title = f"### {say.say('sections.trend')}"
    return md.join(title, md.block("missing", " ".join(sentences)))


def published(data: BriefData) -> list[tuple[float, str, int]]:
    """Published survey figures of the whole place: share, survey, year."""
    table = _series(data)
    own = table[table["n_basis"] != "measured"]
    return [
        (float(p), str(survey), int(year))
        for p, survey, year in zip(own["estimate"], own["survey"], own["year"], strict=True)
    ]


def _series(data: BriefData) -> pd.DataFrame:
    table = data.table("series")
    own = table[(table["scope"] == "whole") & table["estimate"].notna()]
    return own.sort_values("year", kind="stable")


def path(data: BriefData, folder: Path, ledger: Ledger) -> str:
    """Target path with this year's figure."""
    say, params = data.language, data.project.params
    s = data.standing()
    title = f"### {say.say('whole.path_title')}"
    if not s.shown or s.estimate is None:
        return md.join(title, md.block("missing", tell.stand(s, say)))
    chosen = params.targets.path
    points = [
        chart.Target(int(y), float(v), tell.target_percent(float(v), say)) for y, v in _path(data)
    ]
    text = f"{tell.percent(s, say)} ({tell.interval(s, say)})"
    now = chart.Point(params.survey.year, "", s.estimate, s.low, s.high, text)
    words = {"jalur": data.text(chosen.label), "tahun": params.survey.year}
    legend = (say.say("whole.path_legend.path", **words), say.say("whole.path_legend.now", **words))
    drawing = chart.target_path(points, now, load_style(), say.format, legend, HALF, 42)
    listed = say.format.items([f"{p.text} ({p.year})" for p in points])
    alt = say.say(
        "whole.path_alt", isi=listed, persen=tell.percent(s, say),
        rentang=tell.interval(s, say), **words,
    )  # fmt: skip
    rows = [[str(p.year), p.text] for p in points]
    for p in points:
        ledger.add("path", str(p.year), say.say("sections.target"), p.text, p.value)
    head = ["", say.say("sections.target")]
    return md.join(
        title,
        md.picture(drawing, folder, "path", alt, say.say("whole.path_caption", **words)),
        md.data_table(say.say("whole.path_summary"), head, rows, "lr"),
    )


def _path(data: BriefData) -> list[tuple[int, float]]:
    """Target of each year of the selected path; the points of the params where not computed."""
    table = data.table("target_path")
    table = table[table["selected"].fillna(False).astype(bool) & table["target"].notna()]
    if table.empty:
        return [(p.year, p.value / 100) for p in data.project.params.targets.path.points]
    table = table.sort_values("year")
    return [(int(y), float(v)) for y, v in zip(table["year"], table["target"], strict=True)]


def series(data: BriefData, folder: Path, ledger: Ledger) -> str:
    """Published figures with the breaks between instruments, and what changes may be said."""
    say, params = data.language, data.project.params
    table = _series(data)
    if len(table) < 2:
        return trend(data)
    points = [_point(data, row) for row in records(table)]
    drawing = chart.trend(points, load_style(), say.format, HALF, 42)
    listed = [f"{p.text} ({p.instrument} {p.year})" for p in points]
    name = data.text(params.place.full_name)
    for p in points:
        ledger.add("series", str(p.year), p.instrument, p.text, p.value, p.low, p.high)
    body = [[str(p.year), escape(p.instrument), p.text] for p in points]
    alt = say.say("trend.alt", wilayah=name, isi="; ".join(listed))
    remarks = [_change(data, row) for row in records(table)]
    if (table["n_basis"].isin(["published", "assumed"]) & table["low"].notna()).any():
        remarks.append(say.say("trend.assumed"))
    return md.join(
        f"### {say.say('sections.trend')}",
        md.picture(drawing, folder, "trend", alt, say.say("trend.caption", wilayah=name)),
        md.block("reading", " ".join(r for r in remarks if r)),
        md.data_table(say.say("trend.summary"), ["", "", "%"], body, "llr"),
    )


def _point(data: BriefData, row: dict[str, Any]) -> chart.Point:
    say = data.language
    own = row["n_basis"] == "measured"
    share = float(row["estimate"])
    return chart.Point(
        int(row["year"]),
        say.say("trend.own") if own else str(row["survey"]),
        share,
        float(row["low"]) if is_real(row["low"]) else None,
        float(row["high"]) if is_real(row["high"]) else None,
        say.format.percent(share, 1),
    )


def _change(data: BriefData, row: dict[str, Any]) -> str:
    """Change since the latest comparable survey, where there is one."""
    say, form = data.language, data.language.format
    if row["word"] not in ("fell", "rose", "within_noise") or not is_real(row["change"]):
        return ""
    low, high = float(row["change_low"]), float(row["change_high"])
    change = float(row["change"])
    return tell.capital(
        say.say(
            "trend.change",
            survei=escape(row["survey"]),
            awal=int(row["since"]),
            tahun=int(row["year"]),
            kata=say.say(f"trend.{row['word']}"),
            perubahan=("+" if change > 0 else "") + form.number(change * 100, 1),
            rentang=form.range(low * 100, high * 100, 1),
        )
        + "."
    )


def figures(data: BriefData, ledger: Ledger) -> str:
    """Figures of the place, its province and the nation side by side, and which compare."""
    say, form = data.language, data.language.format
    table = data.table("figures")
    if table.empty:
        return ""
    routine = table[(table["name"] == "published_routine")].tail(PUBLISHED_ROUTINE)
    table = pd.concat([table[table["name"] != "published_routine"], routine])
    keys = ("place", "kind", "name", "value", "compare")
    head = [say.say(f"whole.figures_head.{k}") for k in keys]
    rows = []
    for row in records(table):
        if not is_real(row["estimate"]):
            continue
        sign = row["qualifier"] if isinstance(row["qualifier"], str) else ""
        # A bound such as "below 10 %" was published in whole percent.
        text = form.percent(float(row["estimate"]), 0 if sign else 1)
        if is_real(row["low"]) and is_real(row["high"]):
            text += f" ({form.range(float(row['low']) * 100, float(row['high']) * 100, 1)})"
        text = f"{escape(sign)}{NBSP}{text}" if sign else text
        period = _period(data, str(row["period"]))
        name = f"{escape(row['name'])}, {period}"
        if row["name"] == "published_routine":
            name = say.say("whole.published_routine", periode=period)
        why = say.word("whole.compare", str(row["comparable_reason"]))
        kind = say.say(f"whole.figures_kind.{row['kind']}")
        ledger.add(
            "figures", str(row["place"]), name, text, row["estimate"], row["low"], row["high"]
        )
        rows.append([escape(row["place"]), kind, name, text, why])
    return md.join(
        f"### {say.say('whole.figures')}",
        md.block("table compact", md.pipe_table(head, rows, "lllrl"), widths="10 13 33 19 25"),
        md.block("reading", say.say("whole.figures_note")),
    )


def _period(data: BriefData, period: str) -> str:
    """Period of a figure; a `YYYY-MM` in words."""
    if re.fullmatch(r"\d{4}-\d{2}", period):
        return data.language.format.month(period)
    return escape(period)
