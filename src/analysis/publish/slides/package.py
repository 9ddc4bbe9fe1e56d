"""What python-pptx leaves open: theme, alternative texts, table rules, and fixed bytes."""

from __future__ import annotations

import io
import re
import zipfile
from copy import deepcopy
from typing import Any

from pptx.dml.color import RGBColor
from pptx.opc.constants import RELATIONSHIP_TYPE as RT
from pptx.opc.oxml import serialize_part_xml
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls, qn
from pptx.util import Emu, Mm, Pt

FONT = "Calibri"
#: 13.33 by 7.5 inches, in English Metric Units.
SIZE = (Emu(12192000), Emu(6858000))
TITLE_ONLY = "Title Only"
#: A table without a style of its own: no fills, no rules but those set on its cells.
NO_STYLE = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"
_TIME = (2000, 1, 1, 0, 0, 0)
_STAMP = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(<)")
#: Theme colours by the palette's names.
THEME = {
    "dk1": "ink",
    "lt1": "white",
    "dk2": "blue",
    "lt2": "blue-tint",
    "accent1": "blue",
    "accent2": "orange",
    "accent3": "blue-mid",
    "accent4": "orange-light",
    "accent5": "muted",
    "accent6": "blue-light",
    "hlink": "blue",
    "folHlink": "muted",
}


def blank(show: Any, palette: dict[str, str], title: tuple[float, float, float, float]) -> Any:
    """Turn python-pptx's own template into an empty deck of 16:9 in the brand's colours."""
    stretch = SIZE[0] / show.slide_width
    show.slide_width, show.slide_height = SIZE
    show.element.sldSz.attrib.pop("type", None)  # says 4:3
    package = show.part.package
    for key, relation in list(package._rels.items()):
        if relation.reltype == RT.THUMBNAIL:  # of the empty template
            package.drop_rel(key)
    for kept in list(show.slide_layouts):
        if kept.name != TITLE_ONLY:
            show.slide_layouts.remove(kept)
    for sheet in (show.slide_master, *show.slide_layouts):
        for shape in list(sheet.placeholders):
            kind = shape.element.find(f".//{qn('p:ph')}").get("type")
            if kind == "title":
                shape.left, shape.top, shape.width, shape.height = (Mm(v) for v in title)
            elif kind in ("dt", "ftr", "sldNum"):
                shape.element.getparent().remove(shape.element)
            else:
                shape.left, shape.width = int(shape.left * stretch), int(shape.width * stretch)
    _paint(show.slide_master, palette)
    return show


def _paint(master: Any, palette: dict[str, str]) -> None:
    """Give the theme the brand's colours and font."""
    part = master.part.part_related_by(RT.THEME)
    theme: Any = parse_xml(part.blob)
    for name, color in THEME.items():
        slot = theme.find(f".//{qn(f'a:{name}')}")
        for child in list(slot):
            slot.remove(child)
        slot.append(parse_xml(f'<a:srgbClr {nsdecls("a")} val="{hexadecimal(palette[color])}"/>'))
    for kind in ("majorFont", "minorFont"):
        theme.find(f".//{qn(f'a:{kind}')}/{qn('a:latin')}").set("typeface", FONT)
    part._blob = serialize_part_xml(theme)
    style = master.element.find(f".//{qn('p:titleStyle')}/{qn('a:lvl1pPr')}")
    style.set("algn", "l")


def hexadecimal(color: str) -> str:
    """Colour as Open XML writes it.

    >>> hexadecimal("#114e7f")
    '114E7F'
    """
    return color.lstrip("#").upper()


def rgb(color: str) -> Any:
    """Colour of a `#rrggbb` text."""
    make: Any = RGBColor
    return make.from_string(hexadecimal(color))


def describe(shape: Any, alt: str) -> None:
    """Set the alternative text of a shape, picture, chart, table or group."""
    shape._element.xpath(".//p:cNvPr")[0].set("descr", alt)


def number_field(paragraph: Any, number: int) -> None:
    """Put the slide's own number, which follows when slides are moved, after the first run."""
    first = paragraph.runs[0]._r
    field = parse_xml(
        f'<a:fld {nsdecls("a")} id="{{B6F15528-21DE-4FAA-801E-634DDDAF4B2B}}" type="slidenum">'
        f"<a:t>{number}</a:t></a:fld>"
    )
    field.insert(0, deepcopy(first.find(qn("a:rPr"))))
    first.addnext(field)


def unshaded(shape: Any) -> None:
    """Take the theme's shadow and gradient from a shape."""
    style = shape._element.find(qn("p:style"))
    shape._element.remove(style)


def bullet(paragraph: Any) -> None:
    """Give a paragraph a hanging bullet, where the schema wants it: after the spacings."""
    properties = paragraph._p.get_or_add_pPr()
    properties.set("marL", str(Mm(5)))
    properties.set("indent", str(-Mm(5)))
    spacings = [properties.find(qn(f"a:{name}")) for name in ("lnSpc", "spcBef", "spcAft")]
    place = sum(element is not None for element in spacings)
    properties.insert(place, parse_xml(f'<a:buChar {nsdecls("a")} char="•"/>'))


def unstyled(table: Any) -> Any:
    """Take a table's style away; its first row stays marked as the head."""
    table.first_row, table.horz_banding = True, False
    table._tbl.tblPr.find(qn("a:tableStyleId")).text = NO_STYLE
    return table


def rule_below(cell: Any, color: str) -> None:
    """Draw a thin line under a cell, where the schema wants it: before the fill."""
    properties = cell._tc.get_or_add_tcPr()
    line = parse_xml(
        f'<a:lnB {nsdecls("a")} w="{int(Pt(0.75))}"><a:solidFill><a:srgbClr '
        f'val="{hexadecimal(color)}"/></a:solidFill></a:lnB>'
    )
    properties.insert(0, line)


def settled(package: bytes, day: str) -> bytes:
    """Return an Office file whose bytes depend on its content alone.

    Archive times are fixed; sheets inside are settled too, and say the day of the data.
    """
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(package)) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in _order(source.namelist()):
            content = source.read(name)
            if name.endswith(".xlsx"):
                content = settled(content, day)
            elif name == "docProps/core.xml":
                stamp = f"{day}T00:00:00Z".encode()
                content = _STAMP.sub(rb"\g<1>" + stamp + rb"\g<2>", content)
            elif name == "docProps/app.xml":
                content = content.replace(b"On-screen Show (4:3)", b"Widescreen")
            entry = zipfile.ZipInfo(name, _TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            target.writestr(entry, content)
    return out.getvalue()


def _order(names: list[str]) -> list[str]:
    """Content types first, as Office expects; the rest by name."""
    return sorted(names, key=lambda name: (name != "[Content_Types].xml", name))
