"""Slides on what goes with stunting and what is to be decided."""

from __future__ import annotations

import pandas as pd

from analysis.brief import narrative as tell
from analysis.brief.deck import markdown as read
from analysis.brief.deck.parts import Bars, Slide, Table, Words, full
from analysis.brief.deck.source import Source, notes
from analysis.brief.sections.decisions import gap_text
from analysis.brief.sections.places import area_word, gap_name, level_word

BARS = 10
OPD_ROWS = 7


def factors(source: Source) -> Slide | None:
    """Differences per 100 children; None where no factor was measured."""
    say, table = source.say, source.numbers("effects")
    if "effects" not in source.pictures or table.empty:
        return None
    # As on the page: clear ones first, then the larger, in the order of the pillars.
    order = table["value"] + 1000.0 * (table["low"] > 0)
    kept = table.loc[sorted(order.sort_values(ascending=False, kind="stable").index[:BARS])]
    clear = table[table["low"] > 0].sort_values("value", ascending=False, kind="stable")
    heads = {key: say.say(f"effects.heads.{key}") for key in ("picture", "value")}
    bars = Bars(
        picture=source.pictures["effects"],
        categories=tuple(
            f"{item}: {_shown(row)}" for item, row in zip(kept["item"], kept["shown"], strict=True)
        ),
        values=tuple(map(float, kept["value"])),
        low=tuple(map(float, kept["low"])),
        high=tuple(map(float, kept["high"])),
        sure=tuple(bool(a > 0 or b < 0) for a, b in zip(kept["low"], kept["high"], strict=True)),
        series=heads["value"],
        unit=say.say("deck.effects_axis"),
    )
    title = say.say("deck.titles.factors_none")
    if len(clear):
        first = clear.iloc[0]
        title = say.say(
            "deck.titles.factors",
            n=len(clear),
            faktor=tell.uncapital(str(first["item"])),
            nilai=_shown(first["shown"]),
        )
    n = say.format.number(float(table["n"].iloc[0]))
    intro = say.say("effects.intro", tingkat=level_word(source.data), n=n)
    return Slide(
        key="factors",
        title=title,
        rows=(
            full(Words((intro,), size=16)),
            full(bars),
            full(Words((say.say("deck.effects_reading"),), size=13, muted=True)),
        ),
        notes=notes(source, say.say("deck.notes.factors")),
    )


def _shown(text: object) -> str:
    """Printed value without the apostrophe that protects a spreadsheet."""
    return str(text).removeprefix("'")


def pillars(source: Source) -> Slide | None:
    """Stunted children that go with each pillar's gaps; None where none were estimated."""
    say, numbers = source.say, source.numbers("pillars")
    table = read.pipe_table(source.text("pillars"))
    if len(table) < 2 or numbers.empty:
        return None
    clear = int((numbers["low"] > 0).sum())
    note = read.sentences(source.text("pillars"), "reading")
    title = say.say("deck.titles.pillars", n=clear, semua=len(table) - 1)
    return Slide(
        key="pillars",
        title=title if clear else say.say("deck.titles.pillars_none"),
        rows=(
            full(
                Table(
                    table[0], tuple(table[1:]), (42, 34, 24), "llr",
                    say.say("whole.pillars"), size=18,
                )
            ),
            full(Words((note,), size=15, muted=True)),
        ),
        notes=notes(source, say.say("deck.notes.pillars")),
    )  # fmt: skip


def agencies(source: Source) -> Slide | None:
    """Decisions proposed in the areas, by the agency that answers for them."""
    say, data = source.say, source.data
    asked = proposals(data.table("actions"), data.project.whole)
    if asked.empty:
        return None
    own = data.here("actions")
    total, word = len(data.project.register.codes), area_word(data)
    rows = []
    for row in asked.head(OPD_ROWS).to_dict("records"):
        code = str(row["indicator"])
        found = own[own["indicator"] == code]
        gap = read.unmark(gap_text(data, found.iloc[0])) if len(found) else ""
        rows.append(
            (
                str(row["opd_name"]) or say.say("decisions.no_opd"),
                str(row["programme"]),
                gap or say.say("words.no_value"),
                say.say("deck.quality.of", n=row["areas"], semua=total),
            )
        )
    first = asked.sort_values("areas", ascending=False, kind="stable").iloc[0]
    keys = ("opd", "programme", "gap", "areas")
    names = {"tingkat_area": tell.capital(word), "tingkat": level_word(data)}
    head = tuple(say.say(f"deck.opd_head.{k}", **names) for k in keys)
    title = tell.capital(
        say.say(
            "deck.titles.opd",
            layanan=read.unmark(gap_name(data, str(first["indicator"]))),
            n=int(first["areas"]),
            semua=total,
            tingkat_area=word,
        )
    )
    table = Table(head, tuple(rows), (27, 25, 35, 13), "lllr", title, size=14)
    remark = say.say("deck.opd_note", tingkat_area=word)
    if len(asked) > OPD_ROWS:
        remark += " " + say.say("deck.opd_more", n=len(asked) - OPD_ROWS)
    return Slide(
        key="agencies",
        title=title,
        rows=(full(table), full(Words((remark,), size=13, muted=True))),
        notes=notes(source, say.say("deck.notes.opd", tingkat_area=word)),
    )


def proposals(actions: pd.DataFrame, whole: str) -> pd.DataFrame:
    """Gaps that are among an area's decisions: in how many areas, by agency.

    Columns `opd_name`, `indicator`, `programme`, `areas`; the agency with the widest reach
    first, and its gaps from frequent to rare.
    """
    ranked = actions[
        (actions["area"] != whole) & (actions["rank"] > 0) & (actions["verdict"] != "suppress")
    ]
    ranked = ranked.assign(
        opd_name=ranked["opd_name"].fillna("").astype(str),
        programme=ranked["programme"].fillna("").astype(str),
    ).drop_duplicates(["area", "indicator"])
    counted = (
        ranked.groupby("indicator", sort=True)
        .agg(
            opd_name=("opd_name", "first"),
            programme=("programme", "first"),
            areas=("area", "nunique"),
        )
        .reset_index()
    )
    if counted.empty:
        return counted
    reach = counted.groupby("opd_name")["areas"].transform("max")
    return counted.assign(_reach=reach).sort_values(
        ["_reach", "opd_name", "areas"], ascending=[False, True, False], kind="stable"
    ).drop(columns="_reach").reset_index(drop=True)  # fmt: skip


def decision_table(source: Source, size: float) -> Table | None:
    """Return the brief's decisions with the open box; None where none are proposed."""
    table = read.pipe_table(source.text("decisions"))
    if len(table) < 2:
        return None
    alt = source.say.say("sections.decisions")
    return Table(table[0], tuple(table[1:]), (22, 28, 7, 19, 13, 11), "llcllc", alt, size)


def ask(source: Source) -> Slide | None:
    """What the room is asked to agree on; None where nothing is proposed."""
    say, table = source.say, decision_table(source, 17)
    if table is None:
        return None
    note = read.sentences(source.text("decisions"), "reading")
    return Slide(
        key="ask",
        title=say.say("deck.titles.ask", n=say.word("deck.count", str(len(table.rows)))),
        rows=(full(table), full(Words((note,), size=14, muted=True))),
        notes=notes(source, say.say("deck.notes.ask")),
    )
