"""SVG made small: letters are most of a chart, and they repeat.

Matplotlib writes each letter's outline with 6,400 units to the em and quadratic curves, which
a PDF turns into cubic ones with long fractions, once per use. Here outlines become cubic at
200 units to the em (0.015 mm at the size of the labels), in whole numbers.
"""

from __future__ import annotations

import re

COARSER = 32
_EXTRA = re.compile(r"<!--.*?-->|<!DOCTYPE.*?>|<metadata>.*?</metadata>", re.S)
_STEP = re.compile(r"([MLQCz])((?:\s+-?[\d.]+)*)")

Point = tuple[float, float]


def slim(text: str) -> str:
    """Drop what is not drawn."""
    text = _EXTRA.sub("", text)
    return re.sub(r"\n\s*", "\n", text)


def short_name(name: str) -> str:
    """Short id of a letter, the same in every chart.

    >>> short_name("SourceSans3-SemiBold-6f")
    'SB6f'
    """
    family, _, letter = name.rpartition("-")
    style = family.rpartition("-")[2] or family
    return "".join(c for c in style if c.isupper()) + letter


def outline(path: str) -> str:
    """Path with quadratic curves as cubic ones, in whole units `COARSER` times as large.

    >>> outline("M 0 0 Q 1600 3200 3200 0 z")
    'M0 0C33 67 67 67 100 0Z'
    """
    parts: list[str] = []
    here: Point = (0.0, 0.0)
    for step, numbers in _STEP.findall(path):
        values = [float(v) for v in numbers.split()]
        points = list(zip(values[::2], values[1::2], strict=True))
        if step == "z":
            parts.append("Z")
            continue
        if step == "Q":
            control, end = points
            points = [_toward(here, control), _toward(end, control), end]
            step = "C"
        here = points[-1]
        parts.append(step + " ".join(f"{_whole(x)} {_whole(y)}" for x, y in points))
    return "".join(parts)


def _toward(end: Point, control: Point) -> Point:
    """Control point of a cubic curve: two thirds from its end to the quadratic one."""
    return (end[0] + 2 * (control[0] - end[0]) / 3, end[1] + 2 * (control[1] - end[1]) / 3)


def _whole(value: float) -> int:
    return round(value / COARSER)
