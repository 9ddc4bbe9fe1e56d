"""The message card as a PNG of 1080 × 1350 pixels, small enough to be sent on by phone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any, Literal

import typst
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from analysis.errors import UserError
from analysis.files import write_whole
from analysis.publish.render.typeset import shipped_fonts
from analysis.publish.render.workspace import read_palette, shared_files

WIDTH, HEIGHT = 1080, 1350
#: A card is letters and flat tints: so many shades keep their edges smooth.
COLORS = 128


def picture(card: Mapping[str, Any]) -> bytes:
    """Return the card as a PNG; the same card gives the same bytes.

    Parameters
    ----------
    card
        Fields of `analysis.brief.card.Card`. Words are set as they are, never as markup.

    Raises
    ------
    UserError
        Typst refuses the card, or its words do not fit on it.
    """
    return _small(typeset(card, "png"), str(card["alt"]))


def typeset(card: Mapping[str, Any], kind: Literal["png", "pdf"]) -> bytes:
    """Return the card as Typst sets it, one point a pixel; raises as `picture`."""
    shared = shared_files()
    inputs = {
        "card": json.dumps(dict(card), ensure_ascii=False, sort_keys=True),
        "palette": json.dumps(read_palette(shared), sort_keys=True),
    }
    try:
        made = typst.compile(
            str(shared / "templates" / "card.typ"),
            root=str(shared),
            font_paths=shipped_fonts(shared / "fonts"),
            format=kind,
            ppi=72.0,
            sys_inputs=inputs,
        )
    except typst.TypstError as error:
        raise UserError(f"card of {card['place']} could not be set: {error.message}") from None
    if not isinstance(made, bytes):  # a second page
        raise UserError(f"card of {card['place']}: its words do not fit on one picture.")
    return made


def render(card: Mapping[str, Any], target: Path) -> Path:
    """Write the card as a PNG to `target`; errors as `picture`."""
    return write_whole(target, picture(card))


def from_metadata(metadata: Mapping[str, Any], target: Path) -> Path | None:
    """Write the card of a brief beside it; None where the metadata hold none."""
    return render(metadata["card"], target) if metadata.get("card") else None


def _small(png: bytes, alt: str) -> bytes:
    """Return the picture with a palette of its own; its alternative text travels in the file."""
    with Image.open(BytesIO(png)) as image:
        flat = image.convert("RGB")
    if flat.size != (WIDTH, HEIGHT):
        raise ValueError(f"card is {flat.size}, expected {(WIDTH, HEIGHT)}")
    facts = PngInfo()
    facts.add_itxt("Description", alt)
    out = BytesIO()
    # An octree takes a fifth of the time of median cuts and stays nearer to the picture: no tint
    # is off by more than 15 of 255. Pressed harder, it would take twice as long for 7 % less.
    flat.quantize(COLORS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(
        out, "PNG", pnginfo=facts, compress_level=4
    )
    return out.getvalue()
