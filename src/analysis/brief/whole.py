"""The brief of the whole place: areas, pillars, programmes, and the two numbers reconciled."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from analysis.brief import narrative as tell
from analysis.brief import side_one, side_two
from analysis.brief import tables as md
from analysis.brief.charts import bridge, matrix, trend
from analysis.brief.charts.style import load_style
from analysis.brief.data import BriefData
from analysis.brief.formatting import escape, is_real
from analysis.brief.side_one import FULL, area_word, as_labelled, level_word
from analysis.brief.tables import Ledger

PAGES = 4
MATRIX_COLUMNS = 14


def sections(data: BriefData, folder: Path, ledger: Ledger) -> dict[str, str]:
    """Sections in reading order: two sheets, four sides."""
    say = data.language
    sides = {
        key: md.block("side", f"## {say.say(f'whole.sides.{key}', tingkat_area=area_word(data))}")
        for key in ("areas", "programmes")
    }
    return {
        "message": side_one.message(data, ledger),
        "number": side_one.number(data, folder, ledger),
        "areas": side_one.areas(data, folder, ledger),
        "decisions": side_one.decisions(data, ledger),
        "side_two": side_two.heading(data),
        "path": md.columns((50, path(data, folder, ledger)), (50, series(data, folder, ledger))),
        "bridge": two_numbers(data, folder, ledger),
        "factors": side_two.factors(data, folder, ledger, 12),
        "new_cases": side_two.new_cases(data, folder, ledger),
        "side_three": sides["areas"],
        "table": areas_table(data),
        "matrix": coverage_matrix(data, folder, ledger),
        "side_four": sides["programmes"],
        "pillars": pillars(data, ledger),
        "programmes": programmes(data),
        "notes": md.columns((34, side_two.reading(data)), (66, side_two.notes(data))),
        "foot": side_two.foot(data, folder),
    }


def path(data: BriefData, folder: Path, ledger: Ledger) -> str:
    """Target path with this year's figure."""
    say, params = data.language, data.project.params
    s = data.standing()
    title = f"### {say.say('whole.path_title')}"
    if not s.shown or s.estimate is None:
        return md.join(title, md.block("missing", tell.stand(s, say)))
    chosen = params.targets.path
    points = [
        trend.Target(p.year, p.value / 100, tell.target_percent(p.value / 100, say))
        for p in chosen.points
    ]
    now = trend.Point(params.survey.year, "", s.estimate, s.low, s.high, tell.percent(s, say))
    words = {"jalur": data.text(chosen.label), "tahun": params.survey.year}
    legend = (say.say("whole.path_legend.path", **words), say.say("whole.path_legend.now", **words))
    drawing = trend.target_path(points, now, load_style(), say.format, legend, side_two.HALF, 42)
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


def series(data: BriefData, folder: Path, ledger: Ledger) -> str:
    """Published figures with the breaks between instruments."""
    say, params = data.language, data.project.params
    rows = side_two.published(data)
    s = data.standing()
    if not rows:
        return side_two.trend(data)
    points = [trend.Point(y, survey, v, text=say.format.percent(v, 1)) for v, survey, y in rows]
    if s.shown and s.estimate is not None:
        points.append(
            trend.Point(
                params.survey.year,
                say.say("trend.own"),
                s.estimate,
                s.low,
                s.high,
                tell.percent(s, say),
            )
        )
    drawing = trend.trend(points, load_style(), say.format, side_two.HALF, 42)
    listed = [f"{p.text} ({p.instrument} {p.year})" for p in points]
    name = data.text(params.place.full_name)
    for p in points:
        ledger.add("series", str(p.year), p.instrument, p.text, p.value, p.low, p.high)
    return md.join(
        f"### {say.say('sections.trend')}",
        md.picture(
            drawing, folder, "trend", say.say("trend.alt", wilayah=name, isi="; ".join(listed)),
            say.say("trend.caption", wilayah=name),
        ),
        md.data_table(
            say.say("trend.summary"), ["", "", "%"],
            [[str(p.year), escape(p.instrument), p.text] for p in points], "llr",
        ),
    )  # fmt: skip


def two_numbers(data: BriefData, folder: Path, ledger: Ledger) -> str:
    """Bridge from the routine figure to the survey's."""
    say, form = data.language, data.language.format
    title = f"### {say.say('sections.two_numbers')}"
    table = data.here("two_numbers").sort_values("order")
    s = data.standing()
    if table.empty or s.routine_estimate is None or not s.shown:
        return md.join(title, md.block("missing", say.say("two.no_routine", nama=s.name)))
    steps = bridge_steps(data, table)
    drawing = bridge.bridge(steps, load_style(), form, FULL)
    told = "; ".join(f"{step.label}: {step.text}" for step in steps)
    alt = say.say("two.alt", rutin=steps[0].text, survei=steps[-1].text, langkah=told)
    rows = [[escape(step.label), step.text] for step in steps]
    for step, row in zip(steps, table.to_dict("records"), strict=False):
        ledger.add(
            "bridge", step.label, "", step.text, row["value"], row["low"], row["high"], row["n"]
        )
    return md.join(
        title,
        say.say("two.both"),
        md.picture(drawing, folder, "bridge", alt, say.say("two.caption"), classes="wide"),
        md.data_table(say.say("two.summary"), ["", ""], rows, "lr"),
    )


def bridge_steps(data: BriefData, table: pd.DataFrame) -> list[bridge.Step]:
    """Rows of the bridge as steps with ready words; first and last are totals."""
    say, form = data.language, data.language.format
    steps, before = [], None
    for row in table.to_dict("records"):
        code, status = str(row["step"]), str(row["status"])
        value = float(row["value"]) if is_real(row["value"]) else None
        label = say.word("step", code)
        low = float(row["low"]) if is_real(row["low"]) else None
        high = float(row["high"]) if is_real(row["high"]) else None
        if status == "not_computed" or value is None:
            why = say.word("basis", str(row["basis"]))
            text = say.say("two.not_computed", alasan=why)
            steps.append(bridge.Step(label, "not_computed", before, None, None, None, text))
            continue
        if code in ("recorded", "survey"):
            text = form.percent(value, 1)
            if code == "survey" and low is not None and high is not None:
                text += f" ({form.range(low * 100, high * 100, 1)})"
            steps.append(bridge.Step(label, "total", None, value, low, high, text))
        elif status == "bounded" and low is not None and high is not None:
            text = say.say("two.bounds", rentang=form.percent_range(low, high))
            steps.append(bridge.Step(label, "bounded", before, before, low, high, text))
            continue
        else:
            change = float(row["change"]) if is_real(row["change"]) else value - (before or 0)
            sign = "+" if change >= 0 else "−"
            text = say.say("two.points", tanda=sign, poin=form.points(change))
            steps.append(bridge.Step(label, "computed", before, value, low, high, text))
        before = value
    return steps


def areas_table(data: BriefData) -> str:
    """Return all areas by name: estimate, children, word, chance of the target."""
    say = data.language
    year = data.project.params.review.year
    keys = ("name", "estimate", "children", "state", "target")
    words = {
        "tingkat_area": data.text(data.project.params.place.area_level),
        "tingkat": level_word(data), "tahun": year,
    }  # fmt: skip
    head = [say.say(f"whole.areas_head.{key}", **words) for key in keys]
    rows = []
    for s in sorted(side_one.standings(data), key=lambda s: s.name):
        count = say.say("words.suppressed")
        if (
            s.shown
            and s.stunted is not None
            and s.stunted_low is not None
            and s.stunted_high is not None
        ):
            limits = say.format.count_range(s.stunted_low, s.stunted_high)
            count = f"{say.format.count(s.stunted)} ({limits})"
        state = s.against_whole if s.shown else "not_compared"
        word = say.say(f"words.target.{s.word if s.shown else 'no_estimate'}")
        rows.append(
            [
                escape(s.name),
                side_one.estimate_text(s, data),
                count,
                side_one.state_text(state, data),
                word,
            ]
        )
    title = say.say("whole.areas_table", tingkat_area=area_word(data))
    table = md.pipe_table(head, rows, "lrrll")
    return md.join(f"### {title}", md.block("table compact", table, widths="18 20 22 20 20"))


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
    heads = [matrix.Column(_column(data, code, actions), "") for code in codes]
    drawing = matrix.matrix(names, heads, cells, load_style(), FULL)
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


def _cell(data: BriefData, row: dict[str, object] | None, code: str) -> matrix.Cell:
    """Whole percent of one area and indicator; a gap only when the whole interval is below."""
    form = data.language.format
    if row is None or row["verdict"] == "suppress" or not is_real(row["coverage"]):  # type: ignore[arg-type]
        return matrix.Cell("*", "hidden")
    coverage, low, high, target = (float(row[k]) for k in ("coverage", "low", "high", "target"))  # type: ignore[arg-type]
    value = as_labelled(data.indicator(code), coverage, low, high)[0]
    text = form.number(value * 100)
    text = f"({text})" if row["verdict"] == "caution" else text
    if high < target:
        return matrix.Cell(text, "gap")
    return matrix.Cell(text, "met" if coverage >= target else "near")


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
        factors = form.items(
            [escape(side_one.short_label(data.label(c))) for c in widest["indicator"]]
        )
        text = say.say("words.no_value")
        if len(found) and is_real(found.iloc[0]["stunted_children"]):
            row = found.iloc[0]
            numbers = tuple(float(row[k]) for k in ("stunted_children", "low", "high"))
            text = f"≈ {form.count(numbers[0])} ({form.count_range(*numbers[1:])})"
            ledger.add("pillars", data.text(pillar.name), "", text, *numbers)
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
        md.block("table", md.pipe_table(head, rows, "llr"), widths="38 38 24"),
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
    for raw in listed.sort_values(["opd_name", "programme"]).to_dict("records"):
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
        md.block("table compact", md.pipe_table(head, merged, "llll"), widths="24 27 31 18"),
        md.block("reading", say.say("whole.programme_note")),
    )


def _short_gap(data: BriefData, code: str, row: pd.Series) -> str:
    say, indicator = data.language, data.indicator(code)
    label = escape(data.text(indicator.label).split(" (")[0])
    if not is_real(row["coverage"]):
        return f"{label}: {say.say('words.suppressed')}"
    value, _, _ = as_labelled(indicator, row["coverage"], row["low"], row["high"])
    target = (
        as_labelled(indicator, row["target"], row["target"], row["target"])[0]
        if is_real(row["target"])
        else None
    )
    aim = "" if target is None else f" → {say.format.percent(target)}"
    return f"{label}: {say.format.percent(value)}{aim}"
