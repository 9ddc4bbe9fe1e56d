"""Charts get smaller, never different, and can do nothing but be seen."""

from __future__ import annotations

import pytest

from analysis.errors import UserError
from analysis.publish.svg import compact_svg


def test_coordinates_are_rounded_and_scales_are_not() -> None:
    before = (
        '<?xml version="1.0"?>\n<!DOCTYPE svg PUBLIC "x" "http://www.w3.org/svg11.dtd">\n'
        '<svg width="10pt">\n <metadata><a/></metadata>\n <!-- text -->\n'
        ' <path d="M 1.23456 -0.0001 &#10;L 2.5 3.999999"\n transform="scale(0.015625)"/>\n'
        ' <use x="12.000001" xlink:href="#a"/>\n</svg>\n'
    )
    assert compact_svg(before, "x.svg") == (
        '<svg width="10pt"><path d="M 1.23 0 &#10;L 2.5 4"\n transform="scale(0.015625)"/>'
        '<use x="12" xlink:href="#a"/></svg>\n'
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
