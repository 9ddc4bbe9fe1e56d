"""Side 2 of a brief, the evidence: indicators, factors, new cases, trend, villages, notes."""

from __future__ import annotations

import math
from pathlib import Path

import pandas as pd
import segno

from analysis.brief import metadata as about
from analysis.brief import narrative as tell
from analysis.brief import tables as md
from analysis.brief.charts import effects as effects_chart
from analysis.brief.charts import newcases, spine
from analysis.brief.charts.style import load_style
from analysis.brief.compare import Coverage, choose, coverages
from analysis.brief.data import BriefData, Standing
from analysis.brief.disclosure import suppress_counts
from analysis.brief.formatting import decimals_for, escape, is_real
from analysis.brief.side_one import (
    FULL,
    area_word,
    level_word,
    state_text,
    village_word,
)
from analysis.brief.tables import Ledger

SPINE_ROWS, EFFECT_ROWS, VILLAGE_ROWS = 12, 8, 12
HALF = 87.0


def heading(data: BriefData) -> str:
    """Start of the second side."""
    return md.block("side", f"## {data.language.say('sections.side_2')}")


def indicators(data: BriefData, folder: Path, ledger: Ledger) -> str:
    """Spine chart of the indicators by pillar, with all of them in its table."""
    say = data.language
    title = f"### {say.say('sections.spine')}"
    rows = coverages(data)
    if not rows:
        return md.join(title, md.block("missing", say.say("spine.absent")))
    actions = data.here("actions")
    ranked = list(actions[actions["rank"] > 0]["indicator"])
    modelled = set(data.table("effects")["indicator"].dropna())
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
        "tingkat": tell.capital(level_word(data)),
    }  # fmt: skip
    heads = [say.say(f"spine.heads.{key}", **words) for key in keys]
    lines = [_spine_row(data, row, counts) for row in chosen]
    drawing = spine.spine(lines, heads, load_style(), say.format, FULL)
    told = [
        say.say(
            "spine.alt_row", indikator=line.label, persen=line.value_text, kata=line.state_text[2:]
        )
        for line in lines
    ]
    alt = say.say("spine.alt", n=len(lines), nama=data.name, isi="; ".join(told))
    words["tingkat"] = level_word(data)
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


def factors(data: BriefData, folder: Path, ledger: Ledger, most: int = EFFECT_ROWS) -> str:
    """What goes with stunting: differences per 100 children, and children here."""
    say = data.language
    title = f"### {say.say('sections.effects')}"
    rows = _effect_rows(data)
    if not rows:
        return md.join(title, md.block("missing", say.say("effects.absent")))
    for row, raw in rows:
        ledger.add(
            "effects", row.label, say.say("effects.heads.value"), row.value_text,
            row.value, row.low, row.high, raw["n"],
        )  # fmt: skip
    kept = sorted(rows, key=lambda r: -r[1]["order"])[:most]
    paper = [row for row, raw in rows if any(row is k for k, _ in kept)]
    heads = [say.say(f"effects.heads.{k}") for k in ("label", "picture", "value", "count")]
    drawing = effects_chart.effects(paper, heads, load_style(), say.format, FULL)
    told = [
        say.say(
            "effects.alt_row", faktor=r.label, nilai=say.format.number(r.value, 1),
            rentang=say.format.range(r.low, r.high, 1),
        )
        for r in paper
    ]  # fmt: skip
    caption = say.say(
        "effects.caption",
        tingkat=level_word(data),
        n=say.format.number(rows[0][1]["n"]),
        nama=data.name,
    )
    body = [[escape(r.label), r.value_text, r.count_text.replace("*", "\\*")] for r, _ in rows]
    return md.join(
        title,
        say.say("effects.intro"),
        md.picture(
            drawing, folder, "effects", say.say("effects.alt", isi="; ".join(told)), classes="wide"
        ),
        md.block("reading", caption),
        md.data_table(say.say("effects.summary"), [heads[0], heads[2], heads[3]], body, "lrr"),
    )


def _effect_rows(data: BriefData) -> list[tuple[effects_chart.EffectRow, dict[str, float]]]:
    """Published effects of modifiable conditions, in the order of the pillars file."""
    table = data.table("effects")
    table = table[
        (table["outcome"] == "stunted")
        & table["published"].fillna(False).astype(bool)
        & table["category"].isna()
    ]
    here = data.here("attributable")
    here = here[here["kind"] == "indicator"].set_index("code")
    shorts = {p.number: data.text(p.short) for p in data.project.pillars.pillars}
    wanted = data.project.pillars.modifiable()
    hidden = not data.standing().shown
    rows = []
    for raw in table.to_dict("records"):
        code = str(raw["indicator"])
        indicator = wanted.get(code)
        if indicator is None or indicator.pillar is None or not is_real(raw["per_100"]):
            continue
        form = data.language.format
        value, low, high = (float(raw[k]) for k in ("per_100", "per_100_low", "per_100_high"))
        sign = "+" if value > 0 else ""
        children = here.loc[code] if code in here.index else None
        label = indicator.unfavourable or indicator.label
        row = effects_chart.EffectRow(
            label=tell.capital(data.text(label)),
            group=shorts[indicator.pillar],
            value=value,
            low=low,
            high=high,
            value_text=data.language.say(
                "effects.value",
                tanda=sign,
                nilai=form.number(value, 1),
                rentang=form.range(low, high, 1),
            ),
            count_text=_attributable(data, children, hidden),
        )
        weight = value
        if children is not None and is_real(children["stunted_children"]):
            weight = float(children["stunted_children"])
        place = list(wanted).index(code)
        rows.append((indicator.pillar, place, row, {"order": weight, "n": float(raw["n"])}))
    rows.sort(key=lambda r: (r[0], r[1]))
    return [(row, numbers) for _, _, row, numbers in rows]


def _attributable(data: BriefData, row: pd.Series | None, hidden: bool) -> str:
    say = data.language
    if hidden:
        return say.say("effects.count_hidden")
    if row is None or not is_real(row["stunted_children"]):
        return say.say("words.no_value")
    return say.say(
        "effects.count",
        anak=say.format.count(float(row["stunted_children"])),
        rentang=say.format.count_range(float(row["low"]), float(row["high"])),
    )


def new_cases(data: BriefData, folder: Path, ledger: Ledger) -> str:
    """New cases, recoveries and children not weighed again, by month or longer."""
    say = data.language
    title = f"### {say.say('sections.new_cases')}"
    table = data.here("new_cases")
    months = table[table["month"] != "all"].sort_values("month")
    overall = table[table["month"] == "all"]
    if months.empty or overall.empty:
        return md.join(title, md.block("missing", say.say("new.absent")))
    periods, unit = _periods(data, months)
    total = overall.iloc[0]
    new, recovered, lost = (_tally(total[k]) for k in ("new", "recovered", "lost"))
    rate = None
    if is_real(total["rate"]) and new is not None:
        rate = (float(total["rate"]), float(total["low"]), float(total["high"]))
        ledger.add(
            "new_cases",
            data.name,
            "per 100",
            say.format.number(rate[0], 1),
            *rate,
            total["at_risk"],
        )
    for key, value in (("new", new), ("recovered", recovered), ("lost", lost)):
        ledger.add("new_cases", data.name, key, "*" if value is None else str(value), value)
    sentences = tell.new_cases(new, recovered, lost, len(months), rate, say)
    word = say.say(f"new.unit.{unit}")
    legend = tuple(say.say(f"new.legend.{k}") for k in ("new", "recovered", "zero"))
    drawing = newcases.newcases(periods, legend, load_style(), say.format, HALF, 36)
    star = "*"
    told = [
        say.say(
            "new.alt_row", label=p.label, baru=star if p.new is None else p.new,
            pulih=star if p.recovered is None else p.recovered,
        )
        for p in periods
    ]  # fmt: skip
    alt = say.say(
        "new.alt", satuan=word, awal=periods[0].label, akhir=periods[-1].label, isi="; ".join(told)
    )
    body = [
        [
            p.label,
            *(say.say("words.suppressed") if v is None else str(v) for v in (p.new, p.recovered)),
        ]
        for p in periods
    ]
    return md.join(
        title,
        " ".join(sentences),
        md.picture(drawing, folder, "newcases", alt),
        md.block("reading", say.say("new.caption", satuan=word)),
        md.data_table(
            say.say("new.summary", satuan=word), [tell.capital(word), *legend[:2]], body, "lrr"
        ),
    )


def _tally(value: object) -> int | None:
    """Return a count of children, None where it is 1 to 4 or unknown."""
    if not is_real(value):  # type: ignore[arg-type]
        return None
    count = int(value)  # type: ignore[call-overload]
    return None if suppress_counts([count]) == (True,) else count


def _periods(data: BriefData, months: pd.DataFrame) -> tuple[list[newcases.Period], str]:
    """Months, or quarters or half-years where months would mostly be suppressed."""
    unit, size = "month", 1
    for unit, size in (("month", 1), ("quarter", 3), ("half", 6)):  # noqa: B007
        labels = [_period_label(data, str(m), size) for m in months["month"]]
        grouped = months.assign(_label=labels).groupby("_label", sort=False)
        sums = grouped[["new", "recovered"]].sum()
        new, recovered = ([int(x) for x in sums[k]] for k in ("new", "recovered"))
        hidden = suppress_counts(new), suppress_counts(recovered)
        if sum(hidden[0]) <= len(new) / 3:
            break
    periods = [
        newcases.Period(label, None if h0 else n, None if h1 else r)
        for label, n, r, h0, h1 in zip(sums.index, new, recovered, *hidden, strict=True)
    ]
    return periods, unit


def _period_label(data: BriefData, month: str, size: int) -> str:
    say = data.language
    if size == 1:
        return say.format.month(month, short=True)
    year, part = month[2:4], math.ceil(int(month[5:7]) / size)
    return say.say("new.quarter" if size == 3 else "new.half", q=part, tahun=year)


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
    file = data.project.params.review.series_file
    if file is None:
        return []
    table = pd.read_csv(data.project.beside(file))
    own = table[table["area"] == data.project.params.place.name].sort_values("year")
    return [
        (float(p) / 100, str(survey), int(year))
        for p, survey, year in zip(own["prevalence_pct"], own["survey"], own["year"], strict=True)
    ]


def villages(data: BriefData, ledger: Ledger) -> str:
    """Routine figures by village, small numbers hidden, lokus marked."""
    say, params = data.language, data.project.params
    word = village_word(data)
    title = f"### {say.say('sections.villages_of', tingkat_desa=tell.capital(word))}"
    table = data.here("priorities")
    table = table[table["kind"] == "village"]
    if table.empty or params.routine is None:
        return md.join(title, md.block("missing", say.say("villages.absent", tingkat_desa=word)))
    names = data.project.register.villages["name"]
    named = [str(names.get(code, code)) for code in table["village"]]
    table = table.assign(_name=named).sort_values("_name")
    head = [
        say.say(f"villages.head.{k}", tingkat_desa=tell.capital(word))
        for k in ("name", "weighed", "stunted", "share")
    ]
    body = [_village(data, row, ledger) for row in table.to_dict("records")]
    notes = [say.say("villages.hidden_note")]
    if len(body) > VILLAGE_ROWS:
        notes.append(say.say("villages.more", n=len(body) - VILLAGE_ROWS, tingkat_desa=word))
    return md.join(
        title,
        md.block(
            "table compact", md.pipe_table(head, body[:VILLAGE_ROWS], "lrrr"), widths="46 18 18 18"
        ),
        md.block(
            "reading",
            " ".join(
                [say.say("villages.intro", rutin=escape(data.text(params.routine.name))), *notes]
            ),
        ),
    )


def _village(data: BriefData, row: dict[str, object], ledger: Ledger) -> list[str]:
    say, form = data.language, data.language.format
    name = str(row["_name"])
    star = f"[{say.say('words.suppressed')}]{{.suppressed}}"
    hidden = row["verdict"] == "suppress" or not is_real(row["rate"])  # type: ignore[arg-type]
    mark = " " + say.say("villages.locus") if row["locus"] is True or row["locus"] == True else ""  # noqa: E712
    weighed = form.number(float(row["n"])) if is_real(row["n"]) else star  # type: ignore[arg-type]
    if hidden:
        ledger.add("villages", name, "%", "*", n=row["n"])  # type: ignore[arg-type]
        return [escape(name) + mark, weighed, star, star]
    rate, count = float(row["rate"]), float(row["stunted"])  # type: ignore[arg-type]
    text = form.percent(rate)
    shown = f"({text})" if row["verdict"] == "caution" else text
    ledger.add("villages", name, "%", shown, rate, n=row["n"])  # type: ignore[arg-type]
    return [escape(name) + mark, weighed, form.number(count), shown]


def reading(data: BriefData) -> str:
    """How to read the page, in three lines."""
    say = data.language
    lines = [f"- {say.say(f'reading.{key}')}" for key in ("interval", "states", "signs")]
    return md.join(f"### {say.say('sections.reading')}", md.block("reading", "\n".join(lines)))


def notes(data: BriefData) -> str:
    """Where the numbers come from, and what limits them."""
    say = data.language
    sentences = [_source(data), _method(data, data.standing()), _clustering(data)]
    sentences += [say.say("notes.balita", sumber=data.text(data.project.params.population.source))]
    sentences += [_quality(data)]
    rse = say.format.number(data.project.params.thresholds.rse_caution)
    sentences += [say.say("notes.suppression", rse=rse)]
    if not data.table("effects").empty or not data.table("actions").empty:
        sentences.append(say.say("notes.pillars", catatan=data.text(data.project.pillars.note)))
    text = " ".join(s for s in sentences if s)
    return md.join(f"### {say.say('sections.notes')}", md.block("note", text))


def _source(data: BriefData) -> str:
    say, survey = data.language, data.project.params.survey
    whole = data.standing(data.project.whole)
    return say.say(
        "notes.source",
        survei=data.text(survey.name),
        periode=data.text(survey.period),
        n=say.format.number(whole.n or 0),
        psu=say.format.number(whole.psus or 0),
    )


def _method(data: BriefData, s: Standing) -> str:
    if not s.shown:
        return ""
    words = data.language.say(f"words.method.{s.method or 'direct'}")
    return data.language.say("notes.method", nama=s.name, cara=words)


def _clustering(data: BriefData) -> str:
    """How little of the variation lies between areas: aiming at areas alone is not enough."""
    say, table = data.language, data.table("variance_components")
    null = table[(table["outcome"] == "stunted") & (table["model"] == "null")]
    null = null[null["icc"].notna() & null["converged"].fillna(False).astype(bool)]
    if null.empty:
        return ""
    row = null.sort_values("icc").iloc[-1]
    group = say.word("notes.groups", str(row["group"]))
    return say.say("notes.icc", persen=say.format.percent(float(row["icc"])), kelompok=group)


def _quality(data: BriefData) -> str:
    """Findings about the data of this area beyond their limits."""
    say, table = data.language, data.here("data_quality", "kecamatan")
    own = table[table["unit"].isna() | (table["unit"] == "")]
    found = own[own["verdict"].isin(["caution", "poor"])]
    if own.empty:
        return ""
    if found.empty:
        return say.say("notes.quality_good")
    worst = found.sort_values("verdict", ascending=False, kind="stable").head(3)
    parts = []
    for row in worst.to_dict("records"):
        value = say.format.number(float(row["value"]), 1) if is_real(row["value"]) else ""
        key = f"quality.{row['indicator']}"
        known = key if say.known(key) else "quality.other"
        text = say.say(known, nilai=value, nama=str(row["indicator"]).replace("_", " "))
        parts.append(f"{say.say('quality.scope.' + str(row['scope']))}: {text}")
    return say.say("notes.quality", isi="; ".join(parts))


def foot(data: BriefData, folder: Path) -> str:
    """Address, citation, hashes, and the date of the data."""
    say = data.language
    facts = about.metadata(data, 2)
    found = facts["hashes"]
    marks = {k: f"[{v}]{{.code}}" for k, v in found.items()}
    lines = [say.say("foot.file", nama=escape(facts["stem"]))]
    if facts["url"]:
        lines = [say.say("foot.address", url=f"<{facts['url']}>")]
    lines.append(say.say("foot.cite", sitasi=escape(facts["citation"])))
    lines.append(
        say.say("foot.date", periode=facts["period"]) + " " + say.say("foot.hashes", **marks)
    )
    if data.synthetic:
        lines.append(f"**{say.say('foot.synthetic')}**")
    text = "\n\n".join(lines)
    if not facts["url"]:
        return md.block("foot", text)
    (folder / "figures").mkdir(parents=True, exist_ok=True)
    segno.make(facts["url"], error="m").save(
        str(folder / "figures" / "qr.svg"), border=1, xmldecl=False, svgns=True, scale=3
    )
    code = f'![](figures/qr.svg){{.qr alt="{say.say("foot.qr_alt", url=facts["url"])}"}}'
    return md.block("foot", md.columns((14, code), (86, text)))
