"""What the message card of a brief says: plain words and the number of filled circles.

The card is the picture that is sent on by phone, so it must stand alone: place, key message,
number with interval, target, status, source, and whether the data are synthetic.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from analysis.brief import narrative as tell
from analysis.brief.charts.icons import filled
from analysis.brief.data import BriefData, Standing
from analysis.brief.sections.number import gap_names
from analysis.brief.sections.places import level_word, village_word
from analysis.brief.tables import plain


@dataclass(frozen=True)
class Card:
    """Words of the card, as printed; `circles` is None where no probability is given."""

    lang: str
    band: str
    title: str
    place: str
    status: str
    heading: str
    message: str
    estimate_label: str
    estimate: str
    interval: str
    children: str
    target_label: str
    target: str
    chance: str
    circles: int | None
    measured: str
    source: str
    meeting: str
    alt: str


def card(data: BriefData) -> Card:
    """Return the card of the brief, with the very words and numbers of its first page."""
    s, say, params = data.standing(), data.language, data.project.params
    place = params.place
    name = data.text(place.full_name)
    if not data.is_whole:
        name = say.say("card_image.place", tingkat=data.text(place.area_level), nama=data.name)
    words = message(data, s)
    band = say.say("head.synthetic") if data.synthetic else ""
    source = say.say(
        "card_image.source",
        survei=data.text(params.survey.name),
        periode=data.text(params.survey.period),
    )
    status = say.say(f"head.status.{params.review.status}")
    estimate, limits, children = _numbers(data, s)
    target, chance, circles = _target(data, s)
    return Card(
        lang=say.code,
        band=band,
        title=say.say("card_image.title"),
        place=name,
        status=status,
        heading=say.say("message.heading"),
        message=words,
        estimate_label=say.say("card.estimate"),
        estimate=estimate,
        interval=limits,
        children=children,
        target_label=say.say("card.target", tahun=params.review.year),
        target=target,
        chance=chance,
        circles=circles,
        measured=tell.measured(s, village_word(data), say) if s.shown else "",
        source=source,
        meeting=_meeting(data),
        alt=" ".join(
            part for part in (
                f"{band}." if band else "",
                say.say("card_image.alt", tempat=name, status=status, pesan=words, sumber=source),
            ) if part
        ),
    )  # fmt: skip


def message(data: BriefData, s: Standing) -> str:
    """Return the sentences of the brief's message box, as plain text."""
    say, year = data.language, data.project.params.review.year
    return plain(" ".join(tell.key_message(s, gap_names(data), year, level_word(data), say)))


def as_metadata(data: BriefData) -> dict[str, Any]:
    """Return the card as JSON, for the brief's metadata."""
    return asdict(card(data))


def _numbers(data: BriefData, s: Standing) -> tuple[str, str, str]:
    """Estimate, interval, and how many children; the reason where they are not shown."""
    say = data.language
    if not s.shown or s.low is None or s.high is None:
        return (
            plain(say.say("words.suppressed")),
            say.say("card.hidden"),
            tell.reason(s.reason, say),
        )
    value = tell.percent(s, say)
    value = f"({value})" if s.verdict == "caution" else value
    children = ""
    if s.stunted is not None and s.stunted_low is not None and s.stunted_high is not None:
        children = say.say(
            "card_image.children",
            anak=say.format.count(s.stunted),
            rentang=say.format.count_range(s.stunted_low, s.stunted_high),
        )
    return value, say.say("card_image.interval", rentang=tell.interval(s, say)), children


def _target(data: BriefData, s: Standing) -> tuple[str, str, int | None]:
    """Target, the chance of having reached it in words, and how many circles are filled."""
    say = data.language
    if s.target is None:
        return say.say("words.no_value"), say.say("words.target.no_target"), None
    target = tell.target_percent(s.target, say)
    if not s.shown or s.probability_at_target is None:
        return target, say.say("words.target.no_estimate"), None
    p = s.probability_at_target
    return target, say.say("card_image.chance", peluang=tell.chance(p, say)), filled(p)


def _meeting(data: BriefData) -> str:
    review = data.project.params.review
    day = data.language.format.date(review.date)
    return data.language.say("head.meeting", rapat=data.text(review.meeting), tanggal=day)
