"""A real survey from another country, through everything, with parameters alone.

2,267 children of Nampula and Zambezia; no routine data, no covariates, no register of children.
The prevalence was computed by others with R's survey package 4.1.1.
"""

import re
import shutil
from pathlib import Path

import pdfplumber
import pytest

from analysis import artefacts
from analysis.cli import main
from analysis.project import load_project

PARAMS = Path(__file__).parent / "mozambique"


@pytest.fixture(scope="module")
def run(golden: Path, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("mozambique")
    shutil.copytree(PARAMS, folder / "params")
    (folder / "data" / "raw").mkdir(parents=True)
    shutil.copy(golden / "mozambique" / "children.csv", folder / "data" / "raw")
    assert main(["reports", "--quiet", "--params", str(folder / "params" / "default.yaml")]) == 0
    return folder


def page_text(file: Path) -> str:
    with pdfplumber.open(file) as pdf:
        text = " ".join(page.extract_text() for page in pdf.pages)
    return re.sub(r"\s+", " ", text)


@pytest.mark.slow
def test_overall_prevalence_is_the_published_one(run: Path) -> None:
    project = load_project(run / "params" / "default.yaml")
    table = artefacts.read(project, "prevalence")
    whole = table[
        (table["area"] == "MZ") & (table["indicator"] == "stunted") & (table["method"] == "direct")
    ].iloc[0]
    assert whole["estimate"] == pytest.approx(0.492099, abs=5e-7)
    assert whole["se"] == pytest.approx(0.014766, abs=5e-7)
    assert (whole["low"], whole["high"]) == pytest.approx((0.463106, 0.521146), abs=2e-6)


@pytest.mark.slow
def test_overview_brief_shows_it(run: Path) -> None:
    text = page_text(next((run / "reports" / "out").glob("2025_MZ_*.pdf")))
    assert "49.2%" in text
    assert "46.3–52.1%" in text


@pytest.mark.slow
def test_every_area_has_its_brief_and_says_what_is_left_out(run: Path) -> None:
    out = run / "reports" / "out"
    briefs = sorted(out.glob("2025_MZ[0-9]*.pdf"))
    assert len(briefs) == 4
    for file in briefs:
        text = page_text(file)
        assert "DATA SINTETIS" not in text.upper()
        assert "synthetic" not in text.lower()
        assert re.search(r"no routine", text, re.IGNORECASE), file.name
        with pdfplumber.open(file) as pdf:
            assert len(pdf.pages) == 2
    index = (out / "index.html").read_text(encoding="utf-8")
    for file in briefs:
        assert file.name in index
