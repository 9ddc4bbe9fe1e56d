"""Start of the second side; how to read; notes on the data; foot."""

from __future__ import annotations

from pathlib import Path

import segno

from analysis.brief import metadata as about
from analysis.brief import tables as md
from analysis.brief.data import BriefData, Standing, records
from analysis.brief.formatting import escape, is_real

FINDINGS = 2


def heading(data: BriefData) -> str:
    """Start of the second side."""
    return md.block("side", f"## {data.language.say('sections.side_2')}")


def reading(data: BriefData) -> str:
    """How to read the page, in three lines."""
    say = data.language
    lines = [f"- {say.say(f'reading.{key}')}" for key in ("interval", "states", "signs")]
    return md.join(f"### {say.say('sections.reading')}", md.block("reading", "\n".join(lines)))


def notes(data: BriefData) -> str:
    """Where the numbers come from, and what limits them."""
    text = " ".join(s for s in note_sentences(data).values() if s)
    return md.join(f"### {data.language.say('sections.notes')}", md.block("note", text))


def note_sentences(data: BriefData) -> dict[str, str]:
    """Sentences of the notes by what they are about; empty where there is nothing to say."""
    say = data.language
    population = data.project.params.population
    rse = say.format.number(data.project.params.thresholds.rse_caution)
    told = {
        "source": _source(data),
        "method": _method(data, data.standing()),
        "icc": _clustering(data),
        "balita": say.say("notes.balita", sumber=data.text(population.source)),
        "quality": _quality(data),
        "suppression": say.say("notes.suppression", rse=rse),
        "pillars": "",
    }
    if not data.table("effects").empty or not data.table("actions").empty:
        told["pillars"] = say.say("notes.pillars", catatan=data.text(data.project.pillars.note))
    return told


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
    """Return the worst findings about the data of this area, survey before routine."""
    say, table = data.language, data.here("data_quality", "kecamatan")
    own = table[table["unit"].isna() | (table["unit"] == "")]
    own = own[[say.known(f"quality.{code}") for code in own["indicator"]]]
    if own.empty:
        return ""
    found = own[own["verdict"].isin(["caution", "poor"])]
    if found.empty:
        return say.say("notes.quality_good")
    found = found.assign(_bad=found["verdict"] == "poor", _survey=found["scope"] == "survey")
    worst = found.sort_values(["_bad", "_survey"], ascending=False, kind="stable").head(FINDINGS)
    by_scope: dict[str, list[str]] = {}
    for row in records(worst):
        value = float(row["value"]) if is_real(row["value"]) else 0.0
        text = say.say(
            f"quality.{row['indicator']}",
            nilai=say.format.number(value, 1),
            persen=say.format.percent(value, 1 if value < 0.1 else 0),
        )
        by_scope.setdefault(say.say(f"quality.scope.{row['scope']}"), []).append(text)
    parts = [f"{scope} – {', '.join(texts)}" for scope, texts in by_scope.items()]
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
