"""Three things to decide, with who, when and from which funds."""

from __future__ import annotations

import pandas as pd

from analysis.brief import narrative as tell
from analysis.brief import tables as md
from analysis.brief.data import BriefData
from analysis.brief.formatting import decimals_for, escape, is_real
from analysis.brief.sections.places import (
    area_word,
    as_labelled,
    level_word,
    share_as_labelled,
    short_label,
)
from analysis.brief.tables import Ledger


def decisions(data: BriefData, ledger: Ledger) -> str:
    """Return the three things to decide, with the last column left open for a pen."""
    say = data.language
    heading = f"## {say.say('sections.decisions')}"
    actions = data.here("actions")
    if actions.empty:
        return md.join(heading, md.block("missing", say.say("decisions.absent")))
    ranked = actions[actions["rank"] > 0].sort_values("rank", kind="stable")
    if ranked.empty:
        return md.join(heading, md.block("missing", say.say("decisions.none")))
    keys = ("decision", "gap", "evidence", "opd", "when", "agreed")
    head = [say.say(f"decisions.head.{key}") for key in keys]
    codes = list(dict.fromkeys(ranked["indicator"]))
    rows = [_decision(data, ranked[ranked["indicator"] == code], ledger) for code in codes]
    unverified = any(say.say("decisions.unverified") in row[1] for row in rows)
    note = say.say("decisions.unverified_note" if unverified else "decisions.evidence_note")
    table = md.block("decision", md.pipe_table(head, rows, "llclll"), widths="21 28 6 21 14 10")
    return md.join(heading, table, md.block("reading", note))


def _decision(data: BriefData, rows: pd.DataFrame, ledger: Ledger) -> list[str]:
    say, row = data.language, rows.iloc[0]
    code = str(row["indicator"])
    programme, group = _cell(row["programme"]), _cell(row["target_group"])
    what = say.say("decisions.decision", program=programme, sasaran=group)
    if not programme or not group:
        what = programme or say.say(
            "decisions.decision_none", indikator=short_label(data.label(code))
        )
    dots = int(row["evidence"])
    when = [_cell(row["timing"]), _cell(row["budget_source"])]
    opd = list(dict.fromkeys(_cell(name) for name in rows["opd_name"] if _cell(name)))
    gap = gap_text(data, row)
    ledger.add(
        "decisions", data.label(code), what, gap, row["coverage"], row["low"], row["high"],
        note="; ".join(opd),
    )  # fmt: skip
    return [
        what,
        gap,
        "●" * dots + "○" * (3 - dots),
        opd[0] if opd else say.say("decisions.no_opd"),
        "; ".join(x for x in when if x) or say.say("decisions.no_time"),
        say.say("decisions.agreed"),
    ]


def gap_text(data: BriefData, row: pd.Series) -> str:
    """Coverage of an indicator, in the direction of its label, against its target."""
    say, code = data.language, str(row["indicator"])
    indicator = data.indicator(code)
    label = escape(data.text(indicator.label).split(" (")[0])
    if row["verdict"] == "suppress" or not is_real(row["coverage"]):
        return say.say(
            "decisions.gap_hidden", indikator=label, alasan=tell.reason("few_children", say)
        )
    value, low, high = as_labelled(indicator, row["coverage"], row["low"], row["high"])
    digits = decimals_for(low, high)
    words = {
        "indikator": label,
        "persen": say.format.percent(value, digits),
        "rentang": say.format.percent_range(low, high, digits),
    }
    if not is_real(row["target"]) or not is_real(row["children"]):
        return say.say("decisions.gap_bare", **words)
    words["anak"] = say.format.count(float(row["children"]))
    target = share_as_labelled(indicator, row["target"])
    aim = (
        tell.target_percent(round(target, 6), say)
        if indicator.target
        else say.format.percent(target)
    )
    if row.get("target_basis") == "best_quarter":
        return say.say("decisions.gap_best", tingkat_area=area_word(data), acuan=aim, **words)
    if indicator.target is None:
        return say.say("decisions.gap_no_target", tingkat=level_word(data), acuan=aim, **words)
    sign = say.say("decisions.unverified") if row["target_status"] == "unverified" else ""
    return say.say("decisions.gap", target=aim, tanda=sign, **words)


def _cell(value: object) -> str:
    return escape(value) if isinstance(value, str) and value.strip() else ""
