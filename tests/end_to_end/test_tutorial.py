"""The tutorial, followed with a survey from elsewhere as one's own file."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import papermill
import pdfplumber
import pytest

#: What a researcher fills in; names and headings as they stand in the file.
OWN = {
    "name": "Nampula and Zambezia",
    "year": 2020,
    "area": ["province", "strata"],
    "columns": {
        "psu": "cluster",
        "stratum": "stratum",
        "sampling_weight": "wtfactor",
        "age_months": "age",
        "weight_kg": "weight",
        "length_cm": "height",
        "oedema": "edema",
    },
    "target": [2025, 30],
    "language": "en",
    "wanted": "Zambezia Rural",
}


def listing(folder: Path) -> dict[Path, int]:
    return {file: file.stat().st_mtime_ns for file in folder.rglob("*") if file.is_file()}


@pytest.fixture(scope="module")
def followed(golden: Path, root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder in which the tutorial was run; the repository's own data must stay as they are."""
    folder = tmp_path_factory.mktemp("tutorial")
    before = listing(root / "params")
    papermill.execute_notebook(
        str(root / "notebooks" / "tutorial.ipynb"),
        str(folder / "done.ipynb"),
        parameters={
            **OWN,
            "file": str(golden / "mozambique" / "children.csv"),
            "folder": str(folder / "mine"),
        },
        cwd=str(folder),
        progress_bar=False,
    )
    assert listing(root / "params") == before
    return folder


@pytest.mark.slow
def test_own_brief_comes_as_html_and_pdf(followed: Path) -> None:
    out = followed / "mine" / "reports" / "out"
    briefs = sorted(file.name for file in out.iterdir() if file.suffix in (".html", ".pdf"))
    assert [name for name in briefs if "zambezia-rural" in name] == [
        "2025_NAM3_zambezia-rural_stunting-brief.html",
        "2025_NAM3_zambezia-rural_stunting-brief.pdf",
    ]
    assert "index.html" in briefs
    assert len(briefs) == 5
    with pdfplumber.open(out / "2025_NAM_nampula-and-zambezia_stunting-brief.pdf") as pdf:
        text = re.sub(r"\s+", " ", " ".join(page.extract_text() for page in pdf.pages))
    assert "49.2%" in text, "the published prevalence"
    assert "synthetic" not in text.lower()


@pytest.mark.slow
def test_numbers_on_the_way_are_the_published_ones(followed: Path) -> None:
    node = nbformat.read(followed / "done.ipynb", as_version=4)
    shown = "\n".join(
        output.get("text") or output["data"].get("text/plain", "")
        for cell in node.cells
        for output in cell.get("outputs", [])
    )
    assert re.search(r"0\.492\s+0\.0148\s+0\.463\s+0\.521", shown)
    assert "4 wilayah" in shown
    assert "berkas sendiri" in shown
    assert "anak: 2267," in shown
