"""Slides on where the whole place stands: cover, number, areas, two numbers, limits."""

from __future__ import annotations

from analysis.brief import card
from analysis.brief import narrative as tell
from analysis.brief.deck import markdown as read
from analysis.brief.deck.parts import (
    Card,
    Cards,
    Column,
    Message,
    Part,
    Path,
    Slide,
    Words,
    full,
)
from analysis.brief.deck.source import Source, notes
from analysis.brief.sections import closing
from analysis.brief.sections.places import area_word, level_word, standings
from analysis.brief.sections.two_numbers import two_numbers as section_two_numbers
from analysis.brief.tables import Ledger


def cover(source: Source) -> Slide:
    """What the meeting is about, and the key message."""
    say, data = source.say, source.data
    facts = source.brief.metadata
    place = data.text(data.project.params.place.full_name)
    box = Message(say.say("message.heading"), card.message(data, source.standing))
    audience = say.say("deck.audience", siapa=facts["audience"], status=facts["status"])
    return Slide(
        key="cover",
        title=say.say("deck.cover", wilayah=place),
        subtitle=facts["meeting"],
        rows=(full(box), full(Words((audience,), size=16, muted=True))),
        notes=notes(source, say.say("deck.notes.cover")),
    )


def picture(source: Source) -> Slide:
    """The number of the whole place, how sure it is, and the path to the target."""
    say, s = source.say, source.standing
    year = source.data.project.params.review.year
    sentences = [read.unmark(x) for x in tell.target_sentences(s, year, say)]
    right: list[Part] = []
    if drawn := _path(source):
        right.append(drawn)
    right.append(Words(tuple(sentences), size=17))
    numbers = Cards(read.cards(source.text("number")), across=2)
    return Slide(
        key="picture",
        title=tell.stand(s, say).rstrip("."),
        rows=((Column(46, (numbers,)), Column(54, tuple(right))),),
        notes=notes(source, say.say("deck.notes.picture")),
    )


def _path(source: Source) -> Path | None:
    """Target path and this year's figure; None where the figure is not shown."""
    say, s, params = source.say, source.standing, source.data.project.params
    rows = source.numbers("path")
    if "path" not in source.pictures or rows.empty or s.estimate is None:
        return None
    assert s.low is not None and s.high is not None
    by_year = {str(y): float(v) for y, v in zip(rows["item"], rows["value"], strict=True)}
    figure_year = str(params.survey.year)
    years = tuple(sorted({*by_year, figure_year}))
    words = {"jalur": source.data.text(params.targets.path.label), "tahun": params.survey.year}
    return Path(
        picture=source.pictures["path"],
        years=years,
        targets=tuple(by_year.get(year) for year in years),
        figure_year=figure_year,
        figure=(s.estimate, s.low, s.high),
        target_name=say.say("whole.path_legend.path", **words),
        figure_name=say.say("whole.path_legend.now", **words),
    )


def areas(source: Source) -> Slide:
    """All areas: caterpillar and map."""
    say, data = source.say, source.data
    states = [x.against_whole if x.shown else "not_compared" for x in standings(data)]
    right: list[Part] = [source.pictures["map"]] if "map" in source.pictures else []
    right.append(Words((read.sentences(source.text("areas"), "reading"),), size=15, muted=True))
    columns = (Column(60, (source.pictures["caterpillar"],)), Column(40, tuple(right)))
    return Slide(
        key="areas",
        title=tell.areas_title_whole(states, area_word(data), level_word(data), say),
        rows=(columns,),
        notes=notes(source, say.say("deck.notes.areas", tingkat_area=area_word(data))),
    )


def two_numbers(source: Source) -> Slide | None:
    """Survey and routine beside each other with the bridge; None without routine data."""
    say, data = source.say, source.data
    routine = data.project.params.routine
    if "bridge" not in source.pictures or routine is None:
        return None
    text = section_two_numbers(data, Ledger())
    shown = read.cards(text)
    words = Words((read.unmark(text.split("\n\n")[-1]), say.say("two.both")), size=16)
    name = data.text(routine.name)
    return Slide(
        key="two_numbers",
        title=say.say("deck.titles.two", survei=shown[0].value, rutin=name, angka=shown[1].value),
        rows=(
            (Column(44, (Cards(shown, across=2),)), Column(56, (words,))),
            full(source.pictures["bridge"]),
        ),
        notes=notes(source, say.say("deck.notes.two", rutin=name)),
    )


def quality(source: Source) -> Slide:
    """What the data can carry and what they cannot."""
    say, data = source.say, source.data
    everyone = standings(data)
    counts = {
        "shown": sum(s.shown and s.verdict != "caution" for s in everyone),
        "caution": sum(s.shown and s.verdict == "caution" for s in everyone),
        "hidden": sum(not s.shown for s in everyone),
    }
    total, word = len(everyone), area_word(data)
    cards = tuple(
        Card(
            say.say(f"deck.quality.{key}"),
            say.say("deck.quality.of", n=n, semua=total),
            note=word,
        )
        for key, n in counts.items()
    )
    told = closing.note_sentences(data)
    limits = [told[k] for k in ("quality", "suppression", "pillars") if told.get(k)]
    if not data.table("effects").empty or not data.table("actions").empty:
        limits.append(say.say("deck.limits.cause"))
    limits.append(say.say("deck.limits.overlap"))
    origin = [told[k] for k in ("source", "method", "icc", "balita") if told.get(k)]
    key = "quality_all" if counts["shown"] == total else "quality"
    return Slide(
        key="quality",
        title=say.say(
            f"deck.titles.{key}",
            n=counts["shown"] + counts["caution"],
            semua=total,
            hati=counts["caution"],
            tingkat_area=word,
        ),
        rows=(
            full(Cards(cards, across=3)),
            (
                Column(50, (_bullets(origin, say.say("deck.quality.origin")),)),
                Column(50, (_bullets(limits, say.say("deck.quality.limits")),)),
            ),
        ),
        notes=notes(source, say.say("deck.notes.quality")),
    )


def _bullets(sentences: list[str], heading: str) -> Words:
    return Words(tuple(map(read.unmark, sentences)), size=15, bullets=True, heading=heading)
