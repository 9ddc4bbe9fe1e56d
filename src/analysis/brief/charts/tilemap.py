"""Tile map: one square an area at its rough place, coloured by the three-state word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from os.path import commonprefix

from matplotlib.figure import Figure

from analysis.brief.charts.canvas import Canvas, width_mm
from analysis.brief.charts.style import LABEL_PT, Style

SIGNS = {"higher": "▲", "similar": "●", "lower": "▼", "not_compared": "○"}


@dataclass(frozen=True)
class Tile:
    """An area's square: grid place, and `higher similar lower not_compared`."""

    code: str
    name: str
    row: int
    column: int
    state: str


def abbreviations(names: Sequence[str]) -> dict[str, str]:
    """Shorten names to at most four letters, each its own and easy to guess.

    The first four letters where no other name begins with the same three; else the
    initial and the two letters after what such names share (Sumberbaru → S.ba).

    >>> abbreviations(["Patrang", "Sumberbaru", "Sumbersari"])
    {'Patrang': 'Patr', 'Sumberbaru': 'S.ba', 'Sumbersari': 'S.sa'}
    """
    result: dict[str, str] = {}
    for name in names:
        kin = [other for other in names if other[:3] == name[:3]]
        shared = len(commonprefix(kin))  # noqa: RUF071  letters, not folders
        short = name[:4] if len(kin) == 1 else f"{name[0]}.{name[shared:][:2]}"
        number = 2
        while short in result.values():
            short, number = f"{short[:2]}{number}", number + 1
        result[name] = short
    return result


def tilemap(
    tiles: Sequence[Tile],
    here: str | None,
    words: dict[str, str],
    style: Style,
    width: float = 70,
    highest_tile: float = 9.0,
) -> Figure:
    """Draw the tiles and, under them, the states in words.

    Parameters
    ----------
    words
        State → word of the legend.
    """
    columns = max(t.column for t in tiles) + 1
    rows = max(t.row for t in tiles) + 1
    size = min(width / columns, highest_tile)
    used = [state for state in SIGNS if any(t.state == state for t in tiles)]
    canvas = Canvas(width, rows * size + 1.5 + 3.8 * len(used))
    left = (width - size * columns) / 2
    short = abbreviations([t.name for t in tiles])
    colors = looks(style)
    gap = 0.35
    for tile in sorted(tiles, key=lambda t: t.code == here):
        x, y = left + tile.column * size, tile.row * size
        fill, ink = colors[tile.state]
        own = tile.code == here
        canvas.box(
            x + gap,
            y + gap,
            size - 2 * gap,
            size - 2 * gap,
            fill=fill,
            edge=style.ink if own else style.rule,
            line=2.2 if own else 0.75,
            order=3 if own else 1,
        )
        canvas.text(
            x + size / 2,
            y + size * 0.32,
            _fitting(short[tile.name], size - 1.2, 600 if own else 400),
            color=ink,
            weight=600 if own else 400,
            align="center",
        )
        canvas.text(x + size / 2, y + size * 0.7, SIGNS[tile.state], color=ink, align="center")
    for i, state in enumerate(used):
        y = rows * size + 3.2 + 3.8 * i
        fill, ink = colors[state]
        canvas.box(left + gap, y - 1.7, 4.4, 3.3, fill=fill, edge=style.rule)
        canvas.text(left + gap + 2.2, y, SIGNS[state], color=ink, align="center", size=LABEL_PT)
        canvas.text(left + gap + 6, y, words[state], color=style.ink)
    return canvas.figure


def _fitting(short: str, room: float, weight: int) -> str:
    """Three letters where four are too wide for the tile: they still tell names apart."""
    return short if width_mm(short, weight=weight) <= room else short[:3]


def looks(style: Style) -> dict[str, tuple[str, str]]:
    """Fill and ink of each state; in grey they run from dark to light by themselves."""
    return {
        "higher": (style.orange_light, style.ink),
        "similar": (style.white, style.ink),
        "lower": (style.blue, style.white),
        "not_compared": (style.grid, style.muted),
    }
