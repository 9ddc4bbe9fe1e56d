"""All areas beside each other: caterpillar, map, table."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from analysis.brief import narrative as tell
from analysis.brief import tables as md
from analysis.brief.charts import caterpillar, choropleth, tilemap
from analysis.brief.charts.style import load_style
from analysis.brief.data import BriefData, Standing
from analysis.brief.formatting import escape
from analysis.brief.sections.places import (
    LEFT,
    RIGHT,
    area_word,
    estimate_text,
    level_word,
    standings,
    state_text,
)
from analysis.brief.sections.two_numbers import two_numbers
from analysis.brief.tables import Ledger


def areas(data: BriefData, folder: Path, ledger: Ledger) -> str:
    """All areas as caterpillar and tile map, and why there are two numbers."""
    s, say = data.standing(), data.language
    everyone = standings(data)
    if data.is_whole:
        states = [x.against_whole if x.shown else "not_compared" for x in everyone]
        title = tell.areas_title_whole(states, area_word(data), level_word(data), say)
    else:
        title = tell.areas_title(s, level_word(data), say)
    left = md.join(f"## {title}", _caterpillar(data, everyone, folder, ledger))
    right = md.join(_map(data, everyone, folder), two_numbers(data, ledger))
    return md.columns((60, left), (40, right))


def _caterpillar(data: BriefData, everyone: list[Standing], folder: Path, ledger: Ledger) -> str:
    say, year = data.language, data.project.params.review.year
    s, whole = data.standing(), data.standing(data.project.whole)
    mark = {"caution": "°"}
    rows = [
        caterpillar.Area(
            x.area, x.name, x.estimate if x.shown else None, x.low, x.high, mark.get(x.verdict, "")
        )
        for x in everyone
    ]
    lines = caterpillar.Lines(
        whole.estimate if whole.shown else None,
        say.say("areas.whole_line", tingkat=level_word(data), persen=tell.percent(whole, say))
        if whole.estimate is not None and whole.shown else "",
        s.target,
        say.say("areas.target_line", tahun=year, persen=tell.target_percent(s.target, say))
        if s.target is not None else "",
    )  # fmt: skip
    here = None if data.is_whole else data.code
    row = min(caterpillar.ROW, 91.0 / max(len(rows), 1)) if len(rows) > 20 else 3.6
    drawing = caterpillar.caterpillar(
        rows, here, lines, say.say("words.not_shown"), load_style(), say.format, LEFT, row
    )
    degree = say.say("areas.degree") if any(x.verdict == "caution" for x in everyone) else ""
    return md.join(
        md.picture(drawing, folder, "caterpillar", _areas_alt(data, everyone)),
        md.block("reading", say.say("areas.reading", derajat=degree).strip()),
        areas_table(data, everyone, ledger),
    )


def _areas_alt(data: BriefData, everyone: list[Standing]) -> str:
    say = data.language
    s, whole = data.standing(), data.standing(data.project.whole)
    shown = sorted((x for x in everyone if x.shown), key=lambda x: x.estimate or 0)
    if not shown:
        return say.say("areas.none", tingkat_area=area_word(data))
    target = (
        say.say("areas.alt_target", persen=tell.target_percent(s.target, say)) if s.target else ""
    )
    own = ""
    if not data.is_whole:
        own = say.say("areas.alt_here_hidden", nama=s.name)
        if s.shown:
            own = say.say(
                "areas.alt_here", nama=s.name, persen=tell.percent(s, say),
                rentang=tell.interval(s, say), kata=say.say(f"words.state.{s.against_whole}"),
            )  # fmt: skip
    return say.say(
        "areas.alt",
        jumlah=len(everyone),
        tingkat_area=area_word(data),
        terendah=shown[0].name,
        p_rendah=tell.percent(shown[0], say),
        tertinggi=shown[-1].name,
        p_tinggi=tell.percent(shown[-1], say),
        tingkat=level_word(data),
        p_semua=tell.percent(whole, say) if whole.shown else say.say("words.not_shown"),
        target=target,
        ini=own,
    )


def areas_table(data: BriefData, everyone: list[Standing], ledger: Ledger) -> str:
    """Return the numbers of all areas under the chart, by name."""
    say = data.language
    head = [
        data.text(data.project.params.place.area_level),
        say.say("card.estimate"),
        say.say("spine.heads.state", tingkat=level_word(data)),
    ]
    rows = []
    for x in sorted(everyone, key=lambda x: x.name):
        value = estimate_text(x, data)
        state = x.against_whole if x.shown else "not_compared"
        ledger.add(
            "areas", x.name, say.say("card.estimate"), value,
            *((x.estimate, x.low, x.high) if x.shown else (None, None, None)),
            n=x.n, note=say.say(f"words.state.{state}"),
        )  # fmt: skip
        rows.append([escape(x.name), value, state_text(state, data)])
    summary = say.say("areas.summary", tingkat_area=area_word(data))
    return md.data_table(summary, head, rows, "lrl")


def _map(data: BriefData, everyone: list[Standing], folder: Path) -> str:
    """Tile map, or the true boundaries where the params name them."""
    say = data.language
    states = {x.area: x.against_whole if x.shown else "not_compared" for x in everyone}
    counts = {state: list(states.values()).count(state) for state in tilemap.SIGNS}
    words = {state: say.say(f"map.{state}", n=n) for state, n in counts.items()}
    here = None if data.is_whole else data.code
    boundaries = data.project.params.place.boundaries_file
    places = data.project.register.areas
    if boundaries is not None:
        shapes = choropleth.read_shapes(data.project.beside(boundaries))
        drawing = choropleth.choropleth(shapes, states, here, words, load_style(), RIGHT)
        caption = say.say("map.choropleth_caption", tingkat=level_word(data))
    elif places["tile_row"].isna().any() or places["tile_col"].isna().any():
        return ""
    else:
        tiles = [
            tilemap.Tile(
                x.area, x.name, cast(int, places.at[x.area, "tile_row"]),
                cast(int, places.at[x.area, "tile_col"]), states[x.area],
            )
            for x in everyone
        ]  # fmt: skip
        drawing = tilemap.tilemap(tiles, here, words, load_style(), RIGHT)
        caption = say.say("map.caption", tingkat=level_word(data))
    nobody = say.say("map.nobody")
    names = {
        state: say.format.items([x.name for x in everyone if states[x.area] == state]) or nobody
        for state in ("higher", "lower")
    }
    alt = say.say(
        "map.alt", jumlah=len(everyone), tingkat_area=area_word(data), tingkat=level_word(data),
        atas=names["higher"], bawah=names["lower"],
    )  # fmt: skip
    return md.picture(drawing, folder, "map", alt, caption)
