"""The key message, and the number: how much, how many, how sure, and the target."""

from __future__ import annotations

from pathlib import Path

from analysis.brief import narrative as tell
from analysis.brief import tables as md
from analysis.brief.charts import icons, ruler
from analysis.brief.charts.style import load_style
from analysis.brief.data import BriefData, Standing
from analysis.brief.sections.places import LEFT, gap_name, level_word, village_word
from analysis.brief.tables import Ledger


def gap_names(data: BriefData) -> list[str] | None:
    """Names of the gaps to be decided on, widest first; None when services were not measured."""
    actions = data.here("actions")
    actions = actions[actions["verdict"] != "suppress"]
    if actions.empty:
        return None
    ranked = actions[actions["rank"] > 0].sort_values("rank")
    codes = list(dict.fromkeys(ranked["indicator"]))
    return [gap_name(data, code) for code in codes]


def message(data: BriefData) -> str:
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
    year = data.project.params.review.year
    right = " ".join(tell.target_sentences(s, year, data.language))
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
    note = note or say.say(f"words.method_short.{s.method or 'direct'}")
    if s.verdict == "caution":
        value = f"({value})"
    return md.card(label, value, limits, note)


def _children_card(data: BriefData, s: Standing, ledger: Ledger) -> str:
    say = data.language
    label = say.say("card.children")
    if s.balita is None:
        unknown = say.say("card.children_unknown")
        ledger.add("children", s.name, label, say.say("words.no_value"), note=unknown)
        return md.card(label, say.say("words.no_value"), "", unknown)
    balita = say.format.count(s.balita)
    rough = say.say("card.approximation") if _approximate(data) else ""
    note = say.say("card.children_note", balita=balita, perkiraan=rough).strip()
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
    codes = [c for c in (s.confidence_reason or "").split() if c != "well_measured"]
    why = "" if not codes else "; " + say.word("words.confidence_reason", codes[-1])
    note = tell.measured(s, village_word(data), say) + why
    return md.card(say.say("card.confidence"), word, "", note)


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
    drawing = icons.icons(p, load_style(), 39.0)
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
