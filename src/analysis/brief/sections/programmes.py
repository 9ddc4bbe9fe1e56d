"""Pillars, and the programmes of the agencies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from analysis.brief import tables as md
from analysis.brief.data import BriefData, records
from analysis.brief.formatting import escape, is_real
from analysis.brief.sections.places import area_word, as_labelled, gap_name, share_as_labelled
from analysis.brief.tables import Ledger

#: Rows that the last side of the sheet holds beside notes and foot.
PROGRAMMES_AT_MOST = 40
Row = dict[str, Any]
PROGRAMME_WIDTHS = "19.5 29 17.5 16.5 17.5"


@dataclass(frozen=True)
class Style:
    """What the table of programmes leaves to its note: a mark on every row, the usual time."""

    marked: bool
    usual_timing: str


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
        if not factors:
            measured = (actions["pillar"] == pillar.number).any()
            factors = say.say("whole.pillar_met" if measured else "whole.pillar_unmeasured")
        text = say.say("words.no_value")
        if len(found) and is_real(found.iloc[0]["stunted_children"]):
            row = found.iloc[0]
            value, low, high = (float(row[k]) for k in ("stunted_children", "low", "high"))
            text = f"≈ {form.count(value)} ({form.count_range(low, high)})"
            ledger.add("pillars", data.text(pillar.name), "", text, value, low, high)
        rows.append(
            [
                f"{pillar.number}. {data.text(pillar.name)}",
                factors,
                text,
            ]
        )
    head = [say.say(f"whole.pillar_head.{k}") for k in ("pillar", "factors", "children")]
    return md.join(
        title,
        md.block("table", md.pipe_table(head, rows, "llr"), widths="38 41 21"),
        md.block("reading", say.say("whole.pillar_note")),
    )


def programmes(data: BriefData, ledger: Ledger) -> str:
    """Return every agency's programmes beside the service each is to raise.

    An agency's name stands once for all its programmes. When the list is longer than a
    page holds, each agency keeps those with the widest gaps, and the page says how many
    are left out and where they stand.
    """
    say = data.language
    listed = data.project.programmes
    listed = listed[listed["indicator"] != ""]
    actions = {str(r["indicator"]): r for r in records(data.here("actions"))}
    if listed.empty or not actions:
        return md.block("missing", say.say("decisions.absent"))
    shown = _widest(listed, {code: row["gap"] for code, row in actions.items()})
    style = Style(listed["status"].nunique() > 1, str(listed["timing"].mode().iloc[0]))
    rows = [_programme(data, raw, actions, ledger, style) for raw in records(shown)]
    merged = [
        ["" if i and row[0] == rows[i - 1][0] else row[0], *row[1:]] for i, row in enumerate(rows)
    ]
    keys = ("opd", "programme", "service", "gap", "when")
    head = [say.say(f"whole.programme_head.{k}") for k in keys]
    return md.join(
        md.block(
            "table compact grouped",
            md.pipe_table(head, merged, "lllrl"),
            widths=PROGRAMME_WIDTHS,
        ),
        md.block("reading", _programme_note(data, listed, len(listed) - len(shown), rows, style)),
    )


def _widest(listed: pd.DataFrame, gaps: dict[str, float]) -> pd.DataFrame:
    """Programmes by agency, widest gap first; at most `PROGRAMMES_AT_MOST`, some of each agency."""
    table = listed.reset_index(drop=True).assign(
        _gap=listed["indicator"].map(gaps).astype("float64").to_numpy()
    )
    table = table.sort_values(["_gap", "programme"], ascending=[False, True], kind="stable")
    place = table.groupby("opd_name").cumcount()
    kept = place.sort_values(kind="stable").index[:PROGRAMMES_AT_MOST]
    return table.loc[kept].sort_values(
        ["opd_name", "_gap", "programme"], ascending=[True, False, True], kind="stable"
    )


def _programme(
    data: BriefData, raw: Row, actions: dict[str, Row], ledger: Ledger, style: Style
) -> list[str]:
    """One row: agency, programme, service, figure and target, time and funds."""
    say, code = data.language, str(raw["indicator"])
    row = actions.get(code)
    text = _figure_and_target(data, code, row)
    known = row is not None and row["verdict"] != "suppress"
    figures = _labelled(data, code, row) if row is not None and known else (None, None, None)
    opd, programme = escape(raw["opd_name"]), escape(raw["programme"])
    ledger.add(
        "programmes", f"{raw['opd_name']}: {raw['programme']}", data.label(code), text, *figures
    )
    unsure = style.marked and raw["status"] != "confirmed"
    mark = say.say("whole.programme_unconfirmed") if unsure else ""
    usual = style.usual_timing
    timing = "" if raw["timing"] == usual else str(raw["timing"]).removesuffix(f" {usual}")
    funds = raw["budget_source"] or say.say("decisions.no_time")
    when = "; ".join(escape(x) for x in (funds, timing) if x)
    return [opd, programme + mark, _service(data, code), text, when]


def _service(data: BriefData, code: str) -> str:
    """Name of a service in its narrow column."""
    key = f"whole.service.{code}"
    return data.language.say(key) if data.language.known(key) else gap_name(data, code)


def _labelled(data: BriefData, code: str, row: Row) -> tuple[float, float, float]:
    return as_labelled(data.indicator(code), row["coverage"], row["low"], row["high"])


def _figure_and_target(data: BriefData, code: str, row: Row | None) -> str:
    """Figure with its interval → target; a tick where it is reached, a word where unknown."""
    say, form, indicator = data.language, data.language.format, data.indicator(code)
    if row is None:
        return say.say("whole.programme_unmeasured")
    if row["verdict"] == "suppress" or not is_real(row["coverage"]):
        return f"[{say.say('words.suppressed')}]{{.suppressed}}"
    value, low, high = _labelled(data, code, row)
    text = f"{form.number(value * 100)} ({form.range(low * 100, high * 100)})"
    if not is_real(row["target"]):
        return text
    target = share_as_labelled(indicator, row["target"])
    mark = say.say("decisions.unverified") if row["target_status"] == "unverified" else ""
    if row["target_basis"] != "target":
        mark = say.say("whole.programme_best")
    reached = say.say("whole.programme_reached") + " " if row["gap"] <= 0 else ""
    return f"{reached}{text} → {form.number(target * 100)}{mark}"


def _programme_note(
    data: BriefData, listed: pd.DataFrame, left_out: int, rows: list[list[str]], style: Style
) -> str:
    """What the signs in the table mean, as far as they occur in it."""
    say = data.language
    figures = " ".join(row[3] for row in rows)
    unconfirmed = listed["status"] != "confirmed"
    parts = []
    if unconfirmed.any():
        key = "programme_all_unconfirmed" if unconfirmed.all() else "programme_some_unconfirmed"
        parts.append(say.say(f"whole.{key}"))
    parts.append(say.say("whole.programme_note"))
    if style.usual_timing:
        parts.append(say.say("whole.programme_timing", waktu=escape(style.usual_timing)))
    for sign, key in (
        (say.say("decisions.unverified"), "programme_target_note"),
        (say.say("whole.programme_best"), "programme_best_note"),
        (say.say("whole.programme_reached"), "programme_reached_note"),
        (say.say("words.suppressed"), "programme_hidden_note"),
    ):
        if sign.strip() in figures:
            parts.append(say.say(f"whole.{key}", tingkat_area=area_word(data)))
    if left_out:
        parts.append(say.say("whole.programme_more", n=say.format.number(left_out)))
    return " ".join(parts)
