"""Slides for the review meeting: the brief's own words, numbers and pictures, a message a slide."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from analysis.brief.data import load
from analysis.brief.deck import area, evidence, whole
from analysis.brief.deck.parts import Deck, Slide
from analysis.brief.deck.source import Source, read
from analysis.project import Project

__all__ = ["Deck", "Slide", "make_deck"]

#: In the order of the meeting; each gives None where its data are absent.
SLIDES: tuple[Callable[[Source], Slide | None], ...] = (
    whole.cover,
    whole.picture,
    whole.areas,
    whole.two_numbers,
    evidence.factors,
    evidence.pillars,
    evidence.agencies,
    whole.quality,
    evidence.ask,
)


def make_deck(project: Project, folder: Path, areas: Sequence[str] = ()) -> Deck:
    """Return the deck of the whole place, with a slide for each of `areas`.

    Parameters
    ----------
    folder
        Where the pictures of the briefs are written.
    areas
        Codes, or names of the register.

    Raises
    ------
    UserError
        As `analysis.brief.data.load`.
    """
    source = read(load(project, project.whole), folder / "whole")
    slides = [slide for make in SLIDES if (slide := make(source)) is not None]
    for place, name in enumerate(areas):
        slides.append(area.slide(read(load(project, name), folder / str(place))))
    facts, say = source.brief.metadata, source.say
    return Deck(
        lang=say.code,
        stem=stem(source),
        title=slides[0].title,
        author=facts["publisher"],
        subject=facts["meeting"],
        keywords="; ".join(facts["keywords"]),
        day=facts["generated"],
        band=facts["synthetic_label"] if facts["synthetic"] else "",
        foot=" · ".join([facts["publisher"], facts["meeting"], facts["status"]]),
        page=say.say("deck.page"),
        slides=tuple(slides),
    )


def stem(source: Source) -> str:
    """File name of the deck without its ending.

    As `2026_3509_paparan-rakor_sintetis`; sorts among the briefs.
    """
    say, project = source.say, source.data.project
    digits = re.sub(r"[^0-9A-Za-z]", "", project.whole)
    parts = [str(project.params.review.year), digits, say.say("deck.stem")]
    if source.data.synthetic:
        parts.append(say.say("head.synthetic_stem"))
    return "_".join(parts)
