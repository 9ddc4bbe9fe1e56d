"""On paper: exactly two pages for an area and four for the whole place, whatever is in them."""

from __future__ import annotations

import dataclasses
import warnings
from pathlib import Path

import nbformat
import pikepdf
import pytest

from analysis.brief.content import Brief, kabupaten_brief, kecamatan_brief, load
from analysis.brief.data import BriefData
from analysis.publish.render.documents import render

#: Suppressed; model alone; the most villages; the longest name; little of everything.
AREAS = ("35.09.18", "35.09.14", "35.09.08", "35.09.31", "35.09.25")


def rendered(brief: Brief, folder: Path) -> Path:
    """PDF of a brief, by the embedded engine, from a notebook that only shows it."""
    v4 = nbformat.v4
    cells = [v4.new_markdown_cell(text) for text in brief.sections.values()]
    stem = str(brief.metadata["stem"])
    notebook = v4.new_notebook(cells=cells, metadata={"brief": brief.metadata})
    nbformat.write(notebook, folder / stem / f"{stem}.ipynb")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the page count is what the test looks at
        return render(folder / stem, out=folder / "out", engine="pandoc", formats=("pdf",))["pdf"]


@pytest.mark.slow
@pytest.mark.parametrize("area", AREAS)
def test_two_pages_for_every_area(project, tmp_path, area):
    data = load(project, area)
    folder = tmp_path / "stem"
    brief = kecamatan_brief(data, folder)
    folder.rename(tmp_path / str(brief.metadata["stem"]))
    pdf = rendered(brief, tmp_path)
    with pikepdf.open(pdf) as document:
        assert len(document.pages) == 2
    assert pdf.stat().st_size <= 300_000


@pytest.mark.slow
@pytest.mark.parametrize("language", ["id", "en"])
def test_four_pages_for_the_whole_place(new_project, tmp_path, language):
    """With the sixteen agencies of the shipped list, whose names and programmes are long."""
    made = new_project(language=language)
    assert made.programmes["opd"].nunique() >= 16
    folder = tmp_path / "stem"
    brief = kabupaten_brief(load(made, made.whole), folder)
    folder.rename(tmp_path / str(brief.metadata["stem"]))
    pdf = rendered(brief, tmp_path)
    with pikepdf.open(pdf) as document:
        assert len(document.pages) == 4
    assert pdf.stat().st_size <= 300_000


def wordy(data: BriefData) -> BriefData:
    """The same with decisions of three lines and agencies of four."""
    actions = data.tables["actions"].copy()
    actions["programme"] = "Penyuluhan keluarga di posyandu"
    actions["opd_name"] = "Dinas Perumahan Rakyat, Kawasan Permukiman dan Cipta Karya"
    actions["budget_source"] = "Dana Desa/APBD"
    return dataclasses.replace(data, tables={**data.tables, "actions": actions})


@pytest.mark.slow
@pytest.mark.parametrize("missing", ["", "new_cases", "priorities", "effects", "two_numbers"])
def test_two_pages_with_long_decisions_or_a_section_missing(project, tmp_path, missing):
    """The longest name throughout."""
    data = load(project, "35.09.31")
    if missing:
        empty = data.tables[missing].iloc[:0]
        data = dataclasses.replace(data, tables={**data.tables, missing: empty})
    folder = tmp_path / "stem"
    brief = kecamatan_brief(wordy(data), folder)
    folder.rename(tmp_path / str(brief.metadata["stem"]))
    with pikepdf.open(rendered(brief, tmp_path)) as document:
        assert len(document.pages) == 2
