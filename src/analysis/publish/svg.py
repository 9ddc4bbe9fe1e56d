"""Make an SVG smaller without changing what it shows."""

from __future__ import annotations

import re

from analysis.errors import UserError

_PROLOGUE = re.compile(r"<\?xml[^>]*\?>|<!DOCTYPE[^>]*>|<!--.*?-->|<metadata>.*?</metadata>", re.S)
_ACTIVE = re.compile(
    r"<script|<foreignObject|<!ENTITY|\son\w+\s*=|href\s*=\s*[\"'](?!#|data:image/)", re.I
)
_COORDINATES = re.compile(r'\b(d|points|x|y|x1|x2|y1|y2|cx|cy)="([^"]*)"', re.S)
_LONG_NUMBER = re.compile(r"-?\d*\.\d{3,}")
_SPACE_BETWEEN = re.compile(r">\s+<")
_SPACE = re.compile(r"\s+")


def compact_svg(text: str, name: str) -> str:
    """Round coordinates to a hundredth of a point and drop comments, metadata and indentation.

    A hundredth of a point is 0.0035 mm, far below what a printer resolves. Factors of a
    transform are left alone: glyphs are scaled by numbers like 0.015625.

    Raises
    ------
    UserError
        The file is no SVG, or holds a script or a reference to something outside itself.
    """
    if "<svg" not in text:
        raise UserError(f"{name} is not an SVG picture; charts of a brief are SVG files.")
    if _ACTIVE.search(text):
        raise UserError(f"{name} holds a script or an outside reference; draw it without.")
    text = _PROLOGUE.sub("", text)
    text = _COORDINATES.sub(_round_attribute, text)
    return _SPACE_BETWEEN.sub("><", text).strip() + "\n"


def _round_attribute(match: re.Match[str]) -> str:
    value = _LONG_NUMBER.sub(_round_number, match[2])
    return f'{match[1]}="{_SPACE.sub(" ", value).strip()}"'


def _round_number(match: re.Match[str]) -> str:
    rounded = f"{float(match[0]):.2f}".rstrip("0").rstrip(".")
    return "0" if rounded in ("-0", "") else rounded
