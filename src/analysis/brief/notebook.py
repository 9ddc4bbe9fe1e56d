"""What the two brief notebooks call: open a brief in the working folder and show its parts."""

from __future__ import annotations

from pathlib import Path

from IPython.display import Markdown, display

from analysis.brief.content import MIMETYPE, Brief, kabupaten_brief, kecamatan_brief
from analysis.brief.data import load
from analysis.project import load_project


def open_brief(params_file: str | Path, area: str | None = None) -> Brief:
    """Assemble the brief of an area (code or name; the whole place when None).

    Figures and numbers are written beside the notebook's working folder, and the brief's
    metadata are put out for publishing.
    """
    project = load_project(params_file)
    data = load(project, project.whole if area is None else area)
    make = kabupaten_brief if data.is_whole else kecamatan_brief
    brief = make(data, Path.cwd())
    display(  # type: ignore[no-untyped-call]
        {MIMETYPE: brief.metadata, "text/plain": brief.metadata["title"]}, raw=True
    )
    return brief


def show(brief: Brief, *sections: str) -> None:
    """Show sections as Markdown, the form in which publishing takes them."""
    for name in sections:
        display(Markdown(brief.sections[name]))  # type: ignore[no-untyped-call]
