"""Make an SVG smaller without changing what it shows."""

from __future__ import annotations

import re

from analysis.errors import UserError

_PROLOGUE = re.compile(r"<\?xml[^>]*\?>|<!DOCTYPE[^>]*>|<!--.*?-->|<metadata>.*?</metadata>", re.S)
_ACTIVE = re.compile(
    r"<script|<foreignObject|<!ENTITY|\son\w+\s*=|href\s*=\s*[\"'](?!#|data:image/)", re.I
)
_COORDINATES = re.compile(r'\b(d|points|x|y|x1|x2|y1|y2|cx|cy)="([^"]*)"', re.S)
_GLYPH = re.compile(r'(<use (?:xlink:)?href="#[^"]+" x=")(-?[\d.]+)("/>)')
_LONG_NUMBER = re.compile(r"-?\d*\.\d{3,}")
_BESIDE_COMMAND = re.compile(r" (?=[A-Za-z])|(?<=[A-Za-z]) ")
_STYLE = re.compile(r' style="([^"]*)"')
_ID = re.compile(r' id="([^"]*)"')
_REFERENCE = re.compile(r'(href="#|url\(#)([^")]+)')
_SPACE_BETWEEN = re.compile(r">\s+<")


def compact_svg(text: str, name: str) -> str:
    """Round coordinates to a hundredth of a point; drop what nobody sees; shorten names.

    A hundredth of a point is 0.0035 mm, far below what a printer resolves. Letters are placed in
    hundredths of their own size, so whole numbers do. Factors of a transform are left alone:
    letters are scaled by numbers like 0.015625.

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
    text = _GLYPH.sub(lambda m: f"{m[1]}{round(float(m[2]))}{m[3]}", text)
    text = _COORDINATES.sub(_round_attribute, text)
    text = _STYLE.sub(_tight_style, text)
    text = _SPACE_BETWEEN.sub("><", text).strip() + "\n"
    return _short_names(text)


def _round_attribute(match: re.Match[str]) -> str:
    value = " ".join(_LONG_NUMBER.sub(_round_number, match[2]).split())
    if match[1] == "d":
        value = _BESIDE_COMMAND.sub("", value)
    return f'{match[1]}="{value}"'


def _round_number(match: re.Match[str]) -> str:
    rounded = f"{float(match[0]):.2f}".rstrip("0").rstrip(".")
    return "0" if rounded in ("-0", "") else rounded


def _tight_style(match: re.Match[str]) -> str:
    return f' style="{match[1].replace(": ", ":").replace("; ", ";")}"'


def _short_names(text: str) -> str:
    """Drop ids that nothing refers to, and count the others through."""
    used = dict.fromkeys(found for _, found in _REFERENCE.findall(text))
    short = {name: f"a{number:x}" for number, name in enumerate(used)}
    text = _ID.sub(lambda m: f' id="{short[m[1]]}"' if m[1] in short else "", text)
    return _REFERENCE.sub(lambda m: m[1] + short[m[2]], text)
