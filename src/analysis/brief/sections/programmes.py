"""Pillars, and the programmes of the agencies."""

from __future__ import annotations

import pandas as pd

from analysis.brief import tables as md
from analysis.brief.data import BriefData, records
from analysis.brief.formatting import escape, is_real
from analysis.brief.sections.places import as_labelled, gap_name
from analysis.brief.tables import Ledger


def pillars(data: BriefData, ledger: Ledger) -> str:
    """Stunted children that go with the gaps of each pillar."""
    say, form = data.language, data.language.format
    title = f"### {say.say('whole.pillars')}"
    here = data.here("attributable")
    own = here[here["kind"] == "pillar"]
    if own.empty:
        return md.join(title, md.block("missing", say.say("effects.absent")))
    actions = data.here("actions").drop_duplicates("indicator")
    rows = []
    for pillar in data.project.pillars.pillars:
        found = own[own["code"].astype(str) == str(pillar.number)]
        gaps = actions[(actions["pillar"] == pillar.number) & (actions["gap"] > 0)]
        widest = gaps.sort_values("gap", ascending=False).head(2)
        factors = form.items([gap_name(data, str(c)) for c in widest["indicator"]])
        text = say.say("words.no_value")
        if len(found) and is_real(found.iloc[0]["stunted_children"]):
            row = found.iloc[0]
            value, low, high = (float(row[k]) for k in ("stunted_children", "low", "high"))
            text = f"≈ {form.count(value)} ({form.count_range(low, high)})"
            ledger.add("pillars", data.text(pillar.name), "", text, value, low, high)
        rows.append(
            [
                f"{pillar.number}. {data.text(pillar.name)}",
                factors or say.say("words.no_value"),
                text,
            ]
        )
    head = [say.say(f"whole.pillar_head.{k}") for k in ("pillar", "factors", "children")]
    return md.join(
        title,
        md.block("table", md.pipe_table(head, rows, "llr"), widths="42 34 24"),
        md.block("reading", say.say("whole.pillar_note")),
    )


def programmes(data: BriefData) -> str:
    """Return programmes by agency beside the gap each answers to."""
    say = data.language
    title = f"### {say.say('whole.programmes')}"
    listed = data.project.programmes
    actions = data.here("actions")
    actions = actions[(actions["gap"] > 0) & (actions["verdict"] != "suppress")]
    actions = actions.drop_duplicates("indicator").set_index("indicator")
    rows = []
    for raw in records(listed.sort_values(["opd_name", "programme"])):
        if raw["indicator"] not in actions.index:
            continue
        row = actions.loc[raw["indicator"]]
        mark = say.say("decisions.unverified") if raw["status"] != "confirmed" else ""
        when = "; ".join(escape(x) for x in (raw["timing"], raw["budget_source"]) if x)
        rows.append(
            [
                escape(raw["opd_name"]),
                escape(raw["programme"]) + mark,
                _short_gap(data, raw["indicator"], row),
                when,
            ]
        )
    if not rows:
        return md.join(title, md.block("missing", say.say("decisions.absent")))
    merged = [
        ["" if i and row[0] == rows[i - 1][0] else row[0], *row[1:]] for i, row in enumerate(rows)
    ]
    head = [say.say(f"whole.programme_head.{k}") for k in ("opd", "programme", "gap", "when")]
    return md.join(
        title,
        md.block("table compact", md.pipe_table(head, merged, "llll"), widths="24 32 28 16"),
        md.block("reading", say.say("whole.programme_note")),
    )


def _short_gap(data: BriefData, code: str, row: pd.Series) -> str:
    say, indicator = data.language, data.indicator(code)
    label = gap_name(data, code)
    if not is_real(row["coverage"]):
        return f"{label}: {say.say('words.suppressed')}"
    value, _, _ = as_labelled(indicator, row["coverage"], row["low"], row["high"])
    if not is_real(row["target"]):
        return f"{label}: {say.format.percent(value)}"
    target = as_labelled(indicator, row["target"], row["target"], row["target"])[0]
    return f"{label}: {say.format.number(value * 100)} → {say.format.percent(target)}"
