"""The slide of one area: its number, its target, its decisions."""

from __future__ import annotations

from analysis.brief import narrative as tell
from analysis.brief.deck import markdown as read
from analysis.brief.deck.evidence import decision_table
from analysis.brief.deck.parts import Cards, Column, Part, Row, Slide, Words, full
from analysis.brief.deck.source import Source, notes
from analysis.brief.sections.places import level_word
from analysis.brief.sections.two_numbers import two_numbers
from analysis.brief.tables import Ledger


def slide(source: Source) -> Slide:
    """Everything the room needs when an area is called up."""
    say, data, s = source.say, source.data, source.standing
    numbers = Cards(read.cards(source.text("number")), across=4)
    text = two_numbers(data, Ledger())
    why = read.sentences(text, "missing") or read.unmark(text.split("\n\n")[-1])
    told = Words((tell.areas_title(s, level_word(data), say) + ".", why), size=15)
    left: tuple[Part, ...] = (source.pictures["ruler"],)
    rows: list[Row] = [full(numbers), (Column(50, left), Column(50, (told,)))]
    table = decision_table(source, 13)
    missing = read.sentences(source.text("decisions"), "missing")
    if table is not None:
        rows.append(full(table))
    elif missing:
        rows.append(full(Words((missing,), size=15, muted=True)))
    return Slide(
        key=f"area-{data.code}",
        title=tell.stand(s, say).rstrip("."),
        rows=tuple(rows),
        notes=notes(source, say.say("deck.notes.area")),
    )
