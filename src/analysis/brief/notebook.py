"""What the two brief notebooks call: open a brief in the working folder and show its parts."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

from IPython.display import display

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
    facts = {MIMETYPE: brief.metadata, "text/plain": brief.metadata["title"]}
    display(facts, raw=True)
    return brief


def show(brief: Brief, *sections: str) -> None:
    """Show sections: Markdown, which publishing takes, and a plain view for the screen."""
    for name in sections:
        text = brief.sections[name]
        outputs = {"text/markdown": text, "text/plain": plain_view(text)}
        view = screen_view(text)
        if view:
            outputs["text/html"] = view
        display(outputs, raw=True)


def plain_view(text: str) -> str:
    r"""Markdown without the words for layout, which a notebook would print as they stand.

    >>> plain_view("::: {.note}\n[24 %]{.value} ![](figures/a.svg){.wide}\n:::")
    '[24 %] ![](figures/a.svg)'
    """
    text = re.sub(r"^:{3,}.*\n?", "", text, flags=re.M)
    return re.sub(r"(?<=[\])])\{[^}]*\}", "", text).strip()


def screen_view(text: str) -> str | None:
    """HTML for JupyterLab, figures and tables in the order of the page; None without a converter."""
    convert = _converter()
    if convert is None:
        return None
    text = re.sub(r"\[([^\]]*)\](?!\()", r"\1", plain_view(text))
    return f'<div style="max-width: 48em">{convert(text)}</div>'


@lru_cache(maxsize=1)
def _converter() -> Callable[[str], Any] | None:
    try:
        import mistune
    except ImportError:
        return None
    return mistune.create_markdown(plugins=["table"])
