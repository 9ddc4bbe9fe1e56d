"""Choropleth for places whose params name a boundary file; the tile map needs none."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path as Outline

from analysis.brief.charts.canvas import Canvas
from analysis.brief.charts.style import Style
from analysis.brief.charts.tilemap import SIGNS, looks
from analysis.errors import UserError

Ring = list[tuple[float, float]]


def read_shapes(file: Path) -> dict[str, list[Ring]]:
    """Rings (longitude, latitude) by the `code` property of a GeoJSON's features.

    Raises
    ------
    UserError
        It is no GeoJSON of polygons with a `code` property.
    """
    try:
        features = json.loads(file.read_text(encoding="utf-8"))["features"]
        return {
            str(f["properties"]["code"]): [
                [(float(p[0]), float(p[1])) for p in ring] for ring in _rings(f["geometry"])
            ]
            for f in features
        }
    except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
        raise UserError(
            f"{file.name}: expected GeoJSON features of type Polygon or MultiPolygon, "
            "each with a property 'code'."
        ) from error


def choropleth(
    shapes: Mapping[str, Sequence[Ring]],
    states: Mapping[str, str],
    here: str | None,
    words: dict[str, str],
    style: Style,
    width: float = 70,
) -> Figure:
    """Draw the boundaries coloured by state, a sign in each, and the states in words."""
    points = [p for rings in shapes.values() for ring in rings for p in ring]
    west, east = min(p[0] for p in points), max(p[0] for p in points)
    south, north = min(p[1] for p in points), max(p[1] for p in points)
    squeeze = math.cos(math.radians((south + north) / 2))
    unit = min((width - 1) / ((east - west) * squeeze), 62 / (north - south))
    depth = (north - south) * unit
    used = [s for s in SIGNS if s in states.values()]
    canvas = Canvas(width, depth + 2 + 3.8 * len(used))
    colors = looks(style)
    for code in sorted(shapes, key=lambda c: c == here):
        fill, ink = colors[states.get(code, "not_compared")]
        rings = [
            [(0.5 + (x - west) * squeeze * unit, 0.5 + (north - y) * unit) for x, y in ring]
            for ring in shapes[code]
        ]
        own = code == here
        canvas.add(
            PathPatch(
                Outline.make_compound_path(*[Outline(r, closed=True) for r in rings]),
                facecolor=fill,
                edgecolor=style.ink if own else style.muted,
                linewidth=2.0 if own else 0.75,
                zorder=3 if own else 1,
            )
        )
        big = max(rings, key=_area)
        x = sum(p[0] for p in big) / len(big)
        y = sum(p[1] for p in big) / len(big)
        canvas.text(x, y, SIGNS[states.get(code, "not_compared")], color=ink, align="center")
    for i, state in enumerate(used):
        y = depth + 3.6 + 3.8 * i
        canvas.box(0.4, y - 1.7, 4.4, 3.3, fill=colors[state][0], edge=style.rule)
        canvas.text(2.6, y, SIGNS[state], color=colors[state][1], align="center")
        canvas.text(6.4, y, words[state], color=style.ink)
    return canvas.figure


def _rings(geometry: dict[str, Any]) -> list[Any]:
    parts = geometry["coordinates"]
    if geometry["type"] == "Polygon":
        return list(parts)
    if geometry["type"] == "MultiPolygon":
        return [ring for part in parts for ring in part]
    raise ValueError("not a polygon")


def _area(ring: Ring) -> float:
    pairs = zip(ring, ring[1:] + ring[:1], strict=True)
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in pairs)) / 2
