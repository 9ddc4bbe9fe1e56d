"""Palette, font and file format of every chart; the palette is the page's own."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from io import StringIO
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib import font_manager
from matplotlib.figure import Figure

from analysis.brief.charts.letters import LettersRenderer
from analysis.brief.charts.svg import slim
from analysis.files import load_yaml
from analysis.project import find_root

FONT = "Source Sans 3"
#: The renderer may shrink a picture to 92 %; 8.7 pt then stays above 8.
LABEL_PT = 8.7
MM = 1 / 25.4
#: To the inch: what an SVG counts in.
POINTS = 72
RC: Any = {
    "svg.fonttype": "path",
    "svg.hashsalt": "stunting",
    "font.family": FONT,
    "font.size": LABEL_PT,
    "path.simplify": False,
}


@dataclass(frozen=True)
class Style:
    """Colours by role (names of the palette in `_brand.yml`)."""

    ink: str
    muted: str
    rule: str
    grid: str
    other: str
    white: str
    blue: str
    blue_mid: str
    blue_light: str
    blue_tint: str
    orange: str
    orange_ink: str
    orange_light: str
    orange_tint: str


@lru_cache(maxsize=2)
def load_style(folder: Path | None = None) -> Style:
    """Read the palette of `reports/_brand.yml` and register the fonts beside it."""
    reports = folder or find_root() / "reports"
    brand = load_yaml(reports / "_brand.yml")
    for file in sorted((reports / "fonts").glob("*.ttf")):
        font_manager.fontManager.addfont(str(file))
    palette = brand["color"]["palette"]
    return Style(**{name.replace("-", "_"): value for name, value in palette.items()})


def svg(figure: Figure) -> str:
    """Return the figure as SVG text: same figure, same bytes; no date, no machine."""
    nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    out = StringIO()
    width, height = figure.get_size_inches() * POINTS
    dpi = figure.dpi
    figure.dpi = POINTS
    with mpl.rc_context(RC):
        renderer: Any = LettersRenderer(width, height, out, metadata=nothing)
        figure.draw(renderer)
        renderer.finalize()
    figure.dpi = dpi
    return slim(renderer.whole(out.getvalue()))


def save(figure: Figure, file: Path) -> None:
    """Write the figure as an SVG file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(svg(figure), encoding="utf-8")
