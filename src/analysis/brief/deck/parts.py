"""What a slide is made of: plain data, the same for PowerPoint and PDF.

No part knows a place or a size in millimetres; publishing lays them out.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Picture:
    """A chart of the brief as SVG, with its full-sentence alternative text."""

    svg: str
    alt: str
    caption: str = ""


@dataclass(frozen=True)
class Words:
    """Paragraphs or bullets; `size` in points on a slide 13.33 inches wide."""

    paragraphs: tuple[str, ...]
    size: float = 18.0
    bullets: bool = False
    muted: bool = False
    heading: str = ""


@dataclass(frozen=True)
class Message:
    """The key message in its box."""

    heading: str
    text: str
    size: float = 30.0


@dataclass(frozen=True)
class Card:
    """One number; `circles` of ten are filled where a probability is shown."""

    label: str
    value: str
    interval: str = ""
    note: str = ""
    circles: int | None = None
    circles_alt: str = ""


@dataclass(frozen=True)
class Cards:
    """Number cards beside each other, `across` in a row."""

    cards: tuple[Card, ...]
    across: int


@dataclass(frozen=True)
class Table:
    """A table with a head; `widths` are percent, `align` one letter (l, r, c) a column."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[int, ...]
    align: str
    alt: str
    size: float = 15.0


@dataclass(frozen=True)
class Bars:
    """Bars with intervals around zero; `picture` is the same as a drawing, for the PDF."""

    picture: Picture
    categories: tuple[str, ...]
    values: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    sure: tuple[bool, ...]
    series: str
    unit: str


@dataclass(frozen=True)
class Path:
    """A target by year and one figure with its interval; `picture` is the same as a drawing."""

    picture: Picture
    years: tuple[str, ...]
    targets: tuple[float | None, ...]
    figure_year: str
    figure: tuple[float, float, float]
    target_name: str
    figure_name: str


Part = Words | Message | Cards | Table | Picture | Bars | Path


@dataclass(frozen=True)
class Column:
    """Parts below each other, `width` percent of the row."""

    width: int
    parts: tuple[Part, ...]


Row = tuple[Column, ...]


@dataclass(frozen=True)
class Slide:
    """One slide: its message as title, rows of columns, and what the speaker may be asked."""

    key: str
    title: str
    rows: tuple[Row, ...]
    notes: tuple[str, ...]
    subtitle: str = ""


@dataclass(frozen=True)
class Deck:
    """All slides and what each of them carries at its edges."""

    lang: str
    stem: str
    title: str
    author: str
    subject: str
    keywords: str
    day: str
    band: str
    foot: str
    page: str
    slides: tuple[Slide, ...] = field(default=())


def full(*parts: Part) -> Row:
    """A row of one column."""
    return (Column(100, parts),)


def drawn(part: Part) -> bool:
    """Whether a part takes the room that is left: pictures and charts."""
    return isinstance(part, Picture | Bars | Path)


def picture_of(part: Picture | Bars | Path) -> Picture:
    """Return the drawing of a part."""
    return part if isinstance(part, Picture) else part.picture
