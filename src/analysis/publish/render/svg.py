"""Make an SVG smaller without changing what it shows."""

from __future__ import annotations

import re

from analysis.errors import UserError

_PROLOGUE = re.compile(r"<\?xml[^>]*\?>|<!DOCTYPE[^>]*>|<!--.*?-->|<metadata>.*?</metadata>", re.S)
# In small letters: a search that ignores case takes twice as long.
_ACTIVE = re.compile(
    r"<(?:script|foreignobject|!entity)|\son\w+\s*=|href\s*=\s*[\"'](?!#|data:image/)"
)
_PATHS = re.compile(r'\b(d|points)="([^"]*)"', re.S)
_PLACES = re.compile(r'(?<= )(x|y|x1|x2|y1|y2|cx|cy)="(-?\d*\.\d{3,})"')
_GLYPH = re.compile(r'(<use (?:xlink:)?href="#[^"]+" x=")(-?[\d.]+)("/>)')
_LONG_NUMBER = re.compile(r"-?\d*\.\d{3,}")
_BESIDE_COMMAND = re.compile(r" (?=[A-Za-z])|(?<=[A-Za-z]) ")
_STYLE = re.compile(r' style="([^"]*)"')
_ID = re.compile(r' id="([^"]*)"')
_REFERENCE = re.compile(r'(href="#|url\(#)([^")]+)')
_SPACE_BETWEEN = re.compile(r">\s+<")
# What an attribute of a page or an address cannot hold as it is.
_IN_ADDRESS = {"%": "%25", "#": "%23", "<": "%3C", ">": "%3E", '"': "'", "&": "%26", "\n": "%0A"}


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
    if _ACTIVE.search(text.lower()):
        raise UserError(f"{name} holds a script or an outside reference; draw it without.")
    text = _PROLOGUE.sub("", text)
    text = _GLYPH.sub(lambda m: f"{m[1]}{round(float(m[2]))}{m[3]}", text)
    text = _PLACES.sub(lambda m: f'{m[1]}="{_round_number(m[2])}"', text)
    text = _PATHS.sub(_tight_path, text)
    text = _STYLE.sub(_tight_style, text)
    text = _SPACE_BETWEEN.sub("><", text).strip() + "\n"
    return _short_names(text)


def data_url(text: str) -> str | None:
    """Return a picture as an address that a page holds instead of a file; None if it cannot be one.

    Percent signs for the few letters that need them take a third less room than base64. Single
    quotes stand for double ones, so a picture with both cannot be written this way.
    """
    if "'" in text:
        return None
    text = text.rstrip()
    for sign, written in _IN_ADDRESS.items():
        text = text.replace(sign, written)
    return f"data:image/svg+xml,{text}"


def _tight_path(match: re.Match[str]) -> str:
    if "." not in match[2] and "\n" not in match[2]:  # a letter, tight already
        return match[0]
    value = " ".join(_LONG_NUMBER.sub(lambda m: _round_number(m[0]), match[2]).split())
    if match[1] == "d":
        value = _BESIDE_COMMAND.sub("", value)
    return f'{match[1]}="{value}"'


def _round_number(number: str) -> str:
    rounded = f"{float(number):.2f}".rstrip("0").rstrip(".")
    return "0" if rounded in ("-0", "") else rounded


def _tight_style(match: re.Match[str]) -> str:
    return f' style="{match[1].replace(": ", ":").replace("; ", ";")}"'


def _short_names(text: str) -> str:
    """Drop ids that nothing refers to, and count the others through."""
    used = dict.fromkeys(found for _, found in _REFERENCE.findall(text))
    short = {name: f"a{number:x}" for number, name in enumerate(used)}
    text = _ID.sub(lambda m: f' id="{short[m[1]]}"' if m[1] in short else "", text)
    return _REFERENCE.sub(lambda m: m[1] + short[m[2]], text)
