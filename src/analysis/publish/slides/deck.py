"""The review meeting's slides, as PowerPoint that can be edited and as PDF."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from analysis.brief.deck import make_deck
from analysis.files import write_together
from analysis.project import Project
from analysis.publish.slides import record as slides_record
from analysis.publish.slides.layout import Page, lay_out
from analysis.publish.slides.pdf import to_pdf
from analysis.publish.slides.pptx import to_pptx


def make(project: Project, areas: Sequence[str] = ()) -> tuple[list[Path], list[str]]:
    """Write `<stem>.pptx` and `<stem>.pdf` to the shared folder.

    Parameters
    ----------
    areas
        Codes or names of the areas that get a slide of their own.

    Returns
    -------
    files, remarks
        The files, and a sentence for each slide whose parts did not find their room.

    Raises
    ------
    UserError
        An artefact is missing, no area is called so, or the slides there were edited.
    """
    with TemporaryDirectory(prefix="slides-") as folder:
        deck = make_deck(project, Path(folder), areas)
    pages = [lay_out(slide) for slide in deck.slides]
    targets = [project.out / f"{deck.stem}.{kind}" for kind in ("pptx", "pdf")]
    slides_record.check_unedited(project, targets)
    contents = (to_pptx(deck, pages), to_pdf(deck, pages))
    made = write_together(dict(zip(targets, contents, strict=True)))
    slides_record.write(project, areas, made)
    return made, remarks(pages)


def remarks(pages: Sequence[Page]) -> list[str]:
    """One sentence for each slide that is too full."""
    return [
        f"slide {number} ('{page.slide.title}') is too full: shorten it in PowerPoint."
        for number, page in enumerate(pages, start=1)
        if not page.fits
    ]
