"""Hand-written pages say what is true: files, commands and numbers they name exist."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest

from analysis.brief import disclosure
from analysis.determinants import attributable
from analysis.intake.linking import pairs
from analysis.prevalence import variances
from analysis.project import load_project
from analysis.review import series

ROOT = Path(__file__).parents[2]
GENERATED = {"params.md", "data-dictionary.md", "agreement.md", "timings.md", "mutations.md"}
PAGES = [
    *sorted(ROOT.glob("README*.md")),
    *[page for page in sorted((ROOT / "docs").rglob("*.md")) if page.name not in GENERATED],
]
#: What appears only when something is run, or when a user makes it.
MADE = re.compile(r"^(data/|reports/out|reports/build|wheelhouse|site/|\.venv)|<|\*|…")
ROOMS = ("intake", "prevalence", "determinants", "review", "brief", "publish", "reference")
PLACES = ("params", "src", "tests", "docs", "scripts", "notebooks", "benchmarks", "reports")


def spans(page: Path) -> list[str]:
    text = page.read_text(encoding="utf-8")
    return re.findall(r"`([^`\n]+)`", re.sub(r"^ *```.*?^ *```$", "", text, flags=re.M | re.S))


def commands(page: Path) -> set[str]:
    """Targets of make that a page names, in code."""
    text = page.read_text(encoding="utf-8")
    return set(re.findall(r"(?:`|^ *|&& |and )make ([a-z][a-z-]+)\b", text, flags=re.M))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_files_and_commands_that_a_page_names_exist(page):
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.M))
    for command in commands(page):
        assert command in targets, f"{page.name} names `make {command}`"
    for span in spans(page):
        name = span.strip()
        if MADE.search(name) or " " in name:
            continue
        first = name.split("/")[0]
        if "/" in name and first in PLACES:
            assert (ROOT / name).exists(), f"{page.name} names `{name}`"
        elif "/" in name and first in ROOMS and not name.endswith("/"):
            assert (ROOT / "src/analysis" / name).exists(), f"{page.name} names `{name}`"
        elif re.fullmatch(r"analysis(\.[a-z_]+)+", name) and "stage" not in name:
            assert importlib.util.find_spec(name), f"{page.name} names `{name}`"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_pages_are_about_the_project_alone(page):
    text = page.read_text(encoding="utf-8")
    for word in ("/work/", "/tmp/", "/opt/", "shared/", "TODO", "FIXME", "issue #"):
        assert word not in text, f"{page.name} holds '{word}'"


def row(page: str, words: str) -> str:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    return next(line for line in text.splitlines() if words in line)


def test_numbers_of_the_assumptions_are_those_of_the_code():
    limits = row("assumptions.md", "Linking limits")
    assert f"{pairs.ACCEPT:.2f} and {pairs.DOUBT:.2f}" in limits
    assert f"less alike than {pairs.NAME_LEAST:.2f}" in limits
    few, many = disclosure.FEWEST_CHILDREN, disclosure.FEW_CHILDREN
    counts = disclosure.SMALL_COUNTS
    assert f"{few}, {many} children; {counts[0]}–{counts[-1]} hidden" in row(
        "assumptions.md", "Limits of disclosure"
    )
    pooled = row("assumptions.md", "within-cluster correlation")
    assert f"against {variances.POOLED_DF:.0f} degrees" in pooled
    assert f"design effect {series.ASSUMED_DEFF}" in row("assumptions.md", "Surveys of one name")
    assert load_project().params.review.lost_after_months == 3
    assert "three months" in row("assumptions.md", "is lost")
    assert attributable.BEST_QUARTER == 0.75
    assert "best quarter" in row("assumptions.md", "without a target")


def test_assumptions_are_numbered_and_rated():
    text = (ROOT / "docs/assumptions.md").read_text(encoding="utf-8")
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    numbered = [cells for cells in rows if cells[0].isdigit()]
    assert [int(cells[0]) for cells in numbered] == list(range(1, len(numbered) + 1))
    for cells in numbered:
        assert cells[2] in ("good", "fair", "weak", "–"), cells
        assert cells[3] in ("high", "medium", "low", "–"), cells


def test_both_readmes_say_the_same():
    english, indonesian = ROOT / "README.md", ROOT / "README.id.md"
    assert commands(english) == commands(indonesian), "README.id.md is behind README.md"
    count = [
        len(re.findall(r"^(?:\||#)", page.read_text(encoding="utf-8"), re.M))
        for page in (english, indonesian)
    ]
    assert count[0] == count[1], "a heading or a row of a table is in one README only"


def test_both_lists_of_what_not_to_conclude_are_as_long():
    counts = [
        len(re.findall(r"^\d+\. ", (ROOT / "docs" / name).read_text(encoding="utf-8"), re.M))
        for name in ("not-to-conclude.md", "not-to-conclude.id.md")
    ]
    assert counts[0] == counts[1] > 5


@pytest.mark.slow
def test_agreement_tables_are_fresh(golden):
    done = subprocess.run(
        [sys.executable, "scripts/agreement.py", "--golden", str(golden), "--check"],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_differences_are_rounded_up(agreement):
    assert agreement.rounded(0.00123) == "0.002"
    assert agreement.rounded(0.002) == "0.002"
    assert agreement.rounded(1.01) == "2"
    assert agreement.rounded(1e-9) == "< 1e-05"
