"""Charts get smaller, never different, and can do nothing but be seen."""

from __future__ import annotations

from urllib.parse import unquote

import pytest

from analysis.errors import UserError
from analysis.publish.render.svg import compact_svg, data_url


def test_coordinates_are_rounded_and_scales_are_not() -> None:
    before = """<?xml version="1.0"?>
<!DOCTYPE svg PUBLIC "x" "http://www.w3.org/svg11.dtd">
<svg width="10pt" id="figure_1">
 <metadata><a/></metadata>
 <!-- text -->
 <path id="glyph-long-name" d="M 1.23456 -0.0001
L 2.5 3.999999
z
" style="fill: none; stroke: #fff" transform="scale(0.015625)"/>
 <use xlink:href="#glyph-long-name" x="49.7"/>
 <use xlink:href="#glyph-long-name" x="12.3456" y="7.001"/>
 <g clip-path="url(#p1)"/><clipPath id="p1"/>
</svg>
"""
    assert compact_svg(before, "x.svg") == (
        '<svg width="10pt"><path id="a0" d="M1.23 0L2.5 4z" style="fill:none;stroke:#fff"'
        ' transform="scale(0.015625)"/><use xlink:href="#a0" x="50"/>'
        '<use xlink:href="#a0" x="12.35" y="7"/><g clip-path="url(#a1)"/><clipPath id="a1"/></svg>\n'
    )


@pytest.mark.parametrize(
    "body",
    [
        "<script>alert(1)</script>",
        '<image href="https://example.org/a.png"/>',
        '<a xlink:href="file:///etc/passwd"/>',
        '<rect onload="alert(1)"/>',
        "<foreignObject/>",
    ],
)
def test_a_chart_with_an_outside_reference_is_refused(body: str) -> None:
    with pytest.raises(UserError, match=r"x\.svg holds a script or an outside reference"):
        compact_svg(f"<svg>{body}</svg>", "x.svg")


def test_what_is_no_svg_is_refused() -> None:
    with pytest.raises(UserError, match="is not an SVG picture"):
        compact_svg("\x89PNG", "x.svg")


def test_a_chart_as_an_address_reads_back_as_itself() -> None:
    text = '<svg width="9%"><a href="#b"/>&amp; Å\n</svg>\n'
    address = data_url(text)
    assert address is not None
    assert not set(address) & set('<>"#\n')
    read = unquote(address.removeprefix("data:image/svg+xml,"))
    assert read == text.rstrip().replace('"', "'")


def test_a_chart_with_both_kinds_of_quotes_is_left_to_pandoc() -> None:
    assert data_url("<svg id='a' width=\"9\"/>") is None
