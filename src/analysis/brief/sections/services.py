"""Indicators by pillar: the spine chart and its table; the matrix of all areas."""

from __future__ import annotations

from pathlib import Path

from analysis.brief import narrative as tell
from analysis.brief import tables as md
from analysis.brief.charts import spine
from analysis.brief.charts.style import load_style
from analysis.brief.compare import Coverage, choose, coverages
from analysis.brief.data import BriefData
from analysis.brief.formatting import decimals_for, escape, is_real
from analysis.brief.sections.places import FULL, area_word, level_word, state_text
from analysis.brief.tables import Ledger

SPINE_ROWS = 10


def indicators(data: BriefData, folder: Path, ledger: Ledger) -> str:
    """Spine chart of the indicators by pillar, with all of them in its table."""
    say = data.language
    title = f"### {say.say('sections.spine')}"
    rows = coverages(data)
    if not rows:
        return md.join(title, md.block("missing", say.say("spine.absent")))
    actions = data.here("actions")
    ranked = list(actions[actions["rank"] > 0]["indicator"])
    modelled = frozenset(data.table("effects")["indicator"].dropna())
    counts = {
        str(code): float(n)
        for code, n in zip(actions["indicator"], actions["children"], strict=True)
        if is_real(n)
    }
    chosen = choose(rows, ranked, SPINE_ROWS, modelled)
    areas = len(data.project.register.codes)
    keys = ("label", "count", "value", "whole", "target", "picture", "state")
    words = {
        "nama": data.name, "n": areas, "tingkat_area": area_word(data),
        "tingkat": level_word(data),
    }  # fmt: skip
    heads = [tell.capital(say.say(f"spine.heads.{key}", **words)) for key in keys]
    lines = [_spine_row(data, row, counts) for row in chosen]
    drawing = spine.spine(lines, heads, load_style(), say.format, FULL)
    told = [
        say.say(
            "spine.alt_row", indikator=line.label, persen=line.value_text, kata=line.state_text[2:]
        )
        for line in lines
    ]
    alt = say.say("spine.alt", n=len(lines), nama=data.name, isi="; ".join(told))
    caption = say.say("spine.caption", **words)
    table = _indicator_table(data, rows, counts, heads, ledger)
    return md.join(
        title,
        md.picture(drawing, folder, "spine", alt, classes="spine"),
        md.block("reading", caption),
        table,
    )


def _spine_row(data: BriefData, row: Coverage, counts: dict[str, float]) -> spine.SpineRow:
    say, form = data.language, data.language.format
    pillars = {p.number: data.text(p.name) for p in data.project.pillars.pillars}
    shown = row.shown
    count = counts.get(row.code) if shown else None
    return spine.SpineRow(
        label=data.text(row.indicator.label),
        group=f"{row.indicator.pillar}. {pillars[row.indicator.pillar or 0]}",
        count_text=form.count(count) if count is not None else say.say("words.no_value"),
        value_text=value_text(data, row),
        whole_text=_whole(row.whole, data),
        target_text=_target(row.target, data),
        state=row.state,
        state_text=say.say(f"spine.sign.{row.state}"),
        favourable=row.favourable,
        estimate=row.estimate if shown else None,
        low=row.low if shown else None,
        high=row.high if shown else None,
        whole=row.whole,
        target=row.target,
        spread=row.spread,
    )


def value_text(data: BriefData, row: Coverage) -> str:
    """Value with its interval: bracketed for caution, a star where it is not shown."""
    form = data.language.format
    if not row.shown or row.estimate is None or row.low is None or row.high is None:
        return "*"
    digits = decimals_for(row.low, row.high)
    value = form.percent(row.estimate, digits)
    limits = form.range(row.low * 100, row.high * 100, digits)
    return f"({value}; {limits})" if row.verdict == "caution" else f"{value} ({limits})"


def _whole(share: float | None, data: BriefData) -> str:
    say = data.language
    return say.say("words.no_value") if share is None else say.format.percent(share)


def _target(share: float | None, data: BriefData) -> str:
    return (
        data.language.say("words.no_value")
        if share is None
        else tell.target_percent(share, data.language)
    )


def _indicator_table(
    data: BriefData,
    rows: list[Coverage],
    counts: dict[str, float],
    heads: list[str],
    ledger: Ledger,
) -> str:
    say = data.language
    body = []
    for row in rows:
        shown = row.shown
        text = value_text(data, row)
        label = data.text(row.indicator.label)
        why = "" if row.reason in (None, "ok") else tell.reason(row.reason, say)
        numbers = (row.estimate, row.low, row.high) if shown else (None, None, None)
        note = "; ".join(x for x in (say.say(f"words.state.{row.state}"), why) if x)
        ledger.add("indicators", label, say.say("spine.heads.label"), text, *numbers, row.n, note)
        count = counts.get(row.code) if shown else None
        body.append(
            [
                escape(label),
                say.format.count(count) if count is not None else say.say("words.no_value"),
                f"[{say.say('words.suppressed')}]{{.suppressed}} {why}" if text == "*" else text,
                _whole(row.whole, data),
                _target(row.target, data),
                state_text(row.state, data),
            ]
        )
    head = [*heads[:5], heads[6]]
    return md.data_table(say.say("spine.summary"), head, body, "lrrrrl")
