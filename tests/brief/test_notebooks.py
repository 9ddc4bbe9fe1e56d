"""The notebooks show every section, once and in order, and know no parameter but theirs."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest

from analysis.brief.content import kabupaten_brief, kecamatan_brief, load
from analysis.brief.notebook import plain_view, screen_view

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


@pytest.mark.parametrize(
    ("name", "area", "parameters"),
    [
        ("brief_kecamatan", "35.09.20", {"params_file", "kecamatan"}),
        ("brief_kabupaten", "35.09", {"params_file"}),
    ],
)
def test_notebooks_show_every_section(project, tmp_path, name, area, parameters):
    notebook = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    given = next(c for c in code if "parameters" in c.metadata.get("tags", []))
    assert set(re.findall(r"^(\w+) =", given.source, flags=re.M)) == parameters
    shown = re.findall(r'"(\w+)"', "\n".join(c.source for c in code if "show(brief" in c.source))
    data = load(project, area)
    brief = (kabupaten_brief if data.is_whole else kecamatan_brief)(data, tmp_path)
    assert shown == list(brief.sections)
    assert all(not cell.get("outputs") for cell in code)


def test_the_view_on_screen_has_figures_and_tables_and_no_layout_words():
    text = (
        '::: {.columns}\n[24 %]{.value}\n\n![Judul](figures/a.svg){#fig-a alt="x"}\n\n'
        "| a | b |\n|---|---|\n| \\<script\\> | 2 |\n:::"
    )
    assert ":::" not in plain_view(text)
    view = screen_view(text)
    assert view is not None
    assert '<img src="figures/a.svg"' in view
    assert "<table>" in view
    assert "<script" not in view
