"""The brief a slide is taken from, with what slides share: sources and edges."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

from analysis.brief import metadata as about
from analysis.brief.content import Brief, kabupaten_brief, kecamatan_brief
from analysis.brief.data import BriefData, Standing
from analysis.brief.deck import markdown
from analysis.brief.deck.parts import Picture
from analysis.brief.language import Language


@dataclass(frozen=True)
class Source:
    """A brief made for its slides: data, sections, numbers and pictures."""

    data: BriefData
    brief: Brief
    pictures: dict[str, Picture]

    @property
    def say(self) -> Language:
        """Language of the deck."""
        return self.data.language

    @cached_property
    def standing(self) -> Standing:
        """Where the brief's area stands."""
        return self.data.standing()

    def numbers(self, section: str) -> pd.DataFrame:
        """Rows of the brief's CSV that belong to a section."""
        table = self.brief.numbers
        return table[table["section"] == section].reset_index(drop=True)

    def text(self, section: str) -> str:
        """Markdown of a section; empty where the brief has none."""
        return self.brief.sections.get(section, "")


def read(data: BriefData, folder: Path) -> Source:
    """Make the brief of `data` in `folder` and read what it shows."""
    brief = (kabupaten_brief if data.is_whole else kecamatan_brief)(data, folder)
    return Source(data, brief, markdown.pictures(brief.markdown, folder))


def notes(source: Source, *sentences: str) -> tuple[str, ...]:
    """Return speaker notes: what to know, then source, method and hashes."""
    say, data = source.say, source.data
    survey, whole = data.project.params.survey, data.standing(data.project.whole)
    origin = say.say(
        "notes.source",
        survei=data.text(survey.name),
        periode=data.text(survey.period),
        n=say.format.number(whole.n or 0),
        psu=say.format.number(whole.psus or 0),
    )
    hashes = say.say("foot.hashes", **about.hashes(data))
    file = say.say("deck.notes.file", berkas=about.stem(data.project, data.code))
    lines = [*sentences, f"{say.say('deck.notes.source')} {origin}", f"{file} {hashes}"]
    if data.synthetic:
        lines.append(say.say("foot.synthetic"))
    return tuple(line for line in lines if line)
