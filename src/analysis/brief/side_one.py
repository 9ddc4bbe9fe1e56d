"""Side 1 of a brief, the page for decisions: message, number, target, all areas, decisions."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from analysis.brief import narrative as tell
from analysis.brief import tables as md
from analysis.brief.charts import caterpillar, choropleth, icons, ruler, tilemap
from analysis.brief.charts.style import load_style
from analysis.brief.data import BriefData, Standing
from analysis.brief.formatting import decimals_for, escape, is_real
from analysis.brief.tables import Ledger
from analysis.indicators import Indicator

FULL, LEFT, RIGHT = 180.0, 105.0, 70.0


def level_word(data: BriefData) -> str:
    """What the whole place is called, e.g. kabupaten."""
    return data.text(data.project.params.place.level)


def area_word(data: BriefData) -> str:
    """What an area is called inside a sentence, e.g. kecamatan."""
    return data.text(data.project.params.place.area_level).lower()


def village_word(data: BriefData) -> str:
    """What the unit below an area is called."""
    return data.text(data.project.params.place.village_level)


def short_label(text: str) -> str:
    """Label without its bracketed remark, with a small first letter."""
    return tell.uncapital(text.split(" (")[0])


def standings(data: BriefData) -> list[Standing]:
    """Every area of the review."""
    rows = data.table("review")
    codes = rows[rows["level"] == "area"]["area"]
    return [data.standing(code) for code in codes]


def gap_names(data: BriefData) -> list[str] | None:
    """Names of the gaps to be decided on, widest first; None when services were not measured."""
    actions = data.here("actions")
    actions = actions[actions["verdict"] != "suppress"]
    if actions.empty:
        return None
    ranked = actions[actions["rank"] > 0].sort_values("rank")
    codes = list(dict.fromkeys(ranked["indicator"]))
    return [escape(short_label(data.label(code))) for code in codes]


def message(data: BriefData, ledger: Ledger) -> str:
    """Box of the key message."""
    s, say = data.standing(), data.language
    year = data.project.params.review.year
    sentences = tell.key_message(s, gap_names(data), year, level_word(data), say)
    heading = say.say("message.heading")
    return md.block("message", f"## {heading}\n\n{' '.join(sentences)}")


def number(data: BriefData, folder: Path, ledger: Ledger) -> str:
    """Cards with the number, how many children, how sure, and the target."""
    s = data.standing()
    parts = [_estimate_card(data, s, ledger), _children_card(data, s, ledger)]
    parts += [_confidence_card(data, s), _target_card(data, s, folder, ledger)]
    right = md.join(
        f"### {data.language.say('sections.target')}",
        " ".join(tell.target_sentences(s, data.project.params.review.year, data.language)),
    )
    return md.join(md.cards(parts, 4), md.columns((60, _ruler(data, s, folder)), (40, right)))


def _estimate_card(data: BriefData, s: Standing, ledger: Ledger) -> str:
    say, label = data.language, data.language.say("card.estimate")
    if not s.shown or s.low is None or s.high is None:
        why = tell.reason(s.reason, say)
        ledger.add("estimate", s.name, label, "*", n=s.n, note=why)
        return md.card(label, say.say("words.suppressed"), say.say("card.hidden"), why)
    value, limits = tell.percent(s, say), tell.interval(s, say)
    ledger.add("estimate", s.name, label, f"{value} ({limits})", s.estimate, s.low, s.high, s.n)
    note = tell.reason(s.reason, say) if s.verdict == "caution" else ""
    note = note or say.say(f"words.method.{s.method or 'direct'}")
    if s.verdict == "caution":
        value = f"({value})"
    return md.card(label, value, limits, note)


def _children_card(data: BriefData, s: Standing, ledger: Ledger) -> str:
    say = data.language
    label = say.say("card.children")
    balita = "" if s.balita is None else say.format.count(s.balita)
    rough = " " + say.say("card.approximation") if _approximate(data) else ""
    note = say.say("card.children_note", balita=balita, perkiraan=rough)
    if not s.shown or s.stunted is None or s.stunted_low is None or s.stunted_high is None:
        ledger.add("children", s.name, label, "*", note=tell.reason(s.reason, say))
        return md.card(label, say.say("words.suppressed"), say.say("card.hidden"), note)
    value = f"≈ {say.format.count(s.stunted)}"
    limits = say.format.count_range(s.stunted_low, s.stunted_high)
    ledger.add(
        "children", s.name, label, f"{value} ({limits})",
        s.stunted, s.stunted_low, s.stunted_high, s.balita,
    )  # fmt: skip
    return md.card(label, value, say.say("card.children_interval", rentang=limits), note)


def _approximate(data: BriefData) -> bool:
    areas = data.project.register.areas
    column = areas["balita_status"]
    own = column if data.is_whole else column[column.index == data.code]
    return bool((own == "approximation").any())


def _confidence_card(data: BriefData, s: Standing) -> str:
    say = data.language
    word = say.say(f"words.confidence.{s.confidence}")
    return md.card(say.say("card.confidence"), word, "", tell.measured(s, village_word(data), say))


def _target_card(data: BriefData, s: Standing, folder: Path, ledger: Ledger) -> str:
    say, year = data.language, data.project.params.review.year
    label = say.say("card.target", tahun=year)
    if s.target is None:
        return md.card(label, say.say("words.no_value"), "", say.say("words.target.no_target"))
    value = tell.target_percent(s.target, say)
    status = (
        ""
        if s.target_status in (None, "confirmed")
        else say.word("words.target_status", s.target_status)
    )
    ledger.add("target", s.name, label, value, s.target, note=status)
    if not s.shown or s.probability_at_target is None:
        return md.card(label, value, status, say.say("words.target.no_estimate"))
    p = s.probability_at_target
    words = tell.chance(p, say)
    ledger.add("target", s.name, say.say("target.icons_caption", tahun=year), words, p)
    drawing = icons.icons(p, load_style(), 36.0)
    alt = say.say("target.icons_alt", isi=icons.filled(p), nama=s.name, tahun=year, peluang=words)
    row = md.picture(drawing, folder, "icons", alt)
    return md.card(label, value, say.say(f"words.target.{s.word}"), "", row)


def _ruler(data: BriefData, s: Standing, folder: Path) -> str:
    say, form = data.language, data.language.format
    marks: list[tuple[float, str]] = []
    whole = data.standing(data.project.whole)
    if not data.is_whole and whole.estimate is not None and whole.shown:
        text = tell.percent(whole, say)
        marks.append(
            (whole.estimate, say.say("ruler.whole", tingkat=level_word(data), persen=text))
        )
    if s.target is not None:
        text = tell.target_percent(s.target, say)
        marks.append((s.target, say.say("ruler.target", persen=text)))
    names = [say.say(f"ruler.bands.b{i}") for i in range(1, 6)]
    shown = s.shown and s.low is not None
    numbers = (s.estimate, s.low, s.high) if shown else (None, None, None)
    drawing = ruler.ruler(*numbers, marks, names, load_style(), form, LEFT)
    sign = tell.capital("; ".join(words for _, words in marks)) + "." if marks else ""
    if shown:
        alt = say.say(
            "ruler.alt", nama=s.name, persen=tell.percent(s, say), rentang=tell.interval(s, say),
            golongan=tell.bands(s, say), tanda=sign,
        )  # fmt: skip
    else:
        alt = say.say(
            "ruler.alt_hidden", nama=s.name, alasan=tell.reason(s.reason, say), tanda=sign
        )
    caption = say.say("ruler.caption", nama=s.name)
    if shown:
        caption += ": " + tell.bands(s, say)
    return md.picture(drawing, folder, "ruler", alt, caption)


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
    row = min(caterpillar.ROW, 92.0 / max(len(rows), 1)) if len(rows) > 20 else 3.6
    drawing = caterpillar.caterpillar(
        rows, here, lines, say.say("words.not_shown"), load_style(), say.format, LEFT, row
    )
    degree = " " + say.say("areas.degree") if any(x.verdict == "caution" for x in everyone) else ""
    caption = say.say("areas.caption", tingkat_area=area_word(data), derajat=degree)
    figure = md.picture(drawing, folder, "caterpillar", _areas_alt(data, everyone), caption)
    return md.join(figure, areas_table(data, everyone, ledger))


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


def estimate_text(s: Standing, data: BriefData) -> str:
    """Estimate with interval; brackets for caution, a star where it is not shown."""
    say = data.language
    if not s.shown or s.low is None or s.high is None:
        return f"[{say.say('words.suppressed')}]{{.suppressed}}"
    value, limits = tell.percent(s, say), tell.interval(s, say)
    return f"({value}; {limits})" if s.verdict == "caution" else f"{value} ({limits})"


def state_text(state: str, data: BriefData) -> str:
    """Three-state word with its sign, as a coloured span."""
    classes = {
        "higher": "higher",
        "lower": "lower",
        "similar": "same",
        "not_compared": "not-compared",
    }
    return f"[{data.language.say(f'spine.sign.{state}')}]{{.{classes[state]}}}"


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
                x.area, x.name, int(places.at[x.area, "tile_row"]),
                int(places.at[x.area, "tile_col"]), states[x.area],
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


def two_numbers(data: BriefData, ledger: Ledger) -> str:
    """Survey and routine figure side by side, D/S, and the bridge in a sentence."""
    s, say = data.standing(), data.language
    params = data.project.params
    routine = data.text(params.routine.name) if params.routine else ""
    bridge = data.here("two_numbers").sort_values("order")
    steps = [
        (str(step), float(change) if is_real(change) else None, str(status))
        for step, change, status in zip(
            bridge["step"], bridge["change"], bridge["status"], strict=True
        )
    ]
    heading = f"## {say.say('sections.two_numbers')}"
    sentences = tell.two_numbers(s, routine, steps, say)
    if s.routine_estimate is None or params.routine is None:
        return md.join(heading, md.block("missing", sentences[0]))
    share, weighed = _routine_texts(data, s, ledger)
    survey = say.say("words.suppressed"), say.say("card.hidden")
    if s.shown:
        survey = tell.percent(s, say), tell.interval(s, say)
    parts = [
        md.card(say.say("card.survey"), *survey),
        md.card(f"{say.say('card.routine')}: {escape(routine)}", share, weighed),
    ]
    if s.weighed_share is not None:
        ds = say.format.percent(s.weighed_share)
        note = say.say("card.routine_note", ds=ds, ds100=say.format.number(s.weighed_share * 100))
        ledger.add("two_numbers", s.name, "D/S", ds, s.weighed_share)
        sentences = [note + ".", *sentences]
    return md.join(heading, md.cards(parts, 2), " ".join(sentences))


def _routine_texts(data: BriefData, s: Standing, ledger: Ledger) -> tuple[str, str]:
    """Routine percentage (suppressed when few) and the children weighed."""
    from analysis.brief.disclosure import verdict

    say = data.language
    n = s.routine_n or 0
    assert s.routine_estimate is not None
    decision = verdict(kind="routine", n=n, events=round(s.routine_estimate * n))
    label = say.say("card.routine")
    if decision.verdict == "suppress":
        ledger.add("two_numbers", s.name, label, "*", n=n, note=tell.reason(decision.reason, say))
        return say.say("words.suppressed"), tell.reason(decision.reason, say)
    text = say.format.percent(s.routine_estimate, 1)
    ledger.add("two_numbers", s.name, label, text, s.routine_estimate, n=n)
    return text, say.say("card.routine_interval", n=say.format.number(n))


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
    table = md.block("decision", md.pipe_table(head, rows, "llclll"), widths="25 28 8 17 14 8")
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
    target = as_labelled(indicator, row["target"], row["target"], row["target"])[0]
    aim = tell.target_percent(round(target, 6), say)
    if row.get("target_basis") == "whole_coverage" or indicator.target is None:
        aim = say.format.percent(target)
        return say.say("decisions.gap_no_target", tingkat=level_word(data), acuan=aim, **words)
    sign = say.say("decisions.unverified") if row["target_status"] == "unverified" else ""
    return say.say("decisions.gap", target=aim, tanda=sign, **words)


def as_labelled(
    indicator: Indicator, coverage: float, low: float, high: float
) -> tuple[float, float, float]:
    """Coverage of the favourable state turned into what the label counts."""
    if indicator.better == "higher":
        return float(coverage), float(low), float(high)
    return 1 - float(coverage), 1 - float(high), 1 - float(low)


def _cell(value: object) -> str:
    return escape(value) if isinstance(value, str) and value.strip() else ""
