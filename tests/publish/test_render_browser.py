"""The HTML in a real browser: no sideways scroll, no request, no barrier, and on paper like the PDF."""

from __future__ import annotations

import importlib.util
import io
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pdfplumber
import pytest

from analysis.publish.render.documents import render

CHROMIUM = shutil.which("chromium")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Debian's Chromium is not installed"),
]


def _load_sample() -> Any:
    """The sample's module: tests are no package, so it is found by its path, and once."""
    if "brief_sample" not in sys.modules:
        path = Path(__file__).with_name("brief_sample.py")
        spec = importlib.util.spec_from_file_location("brief_sample", path)
        assert spec and spec.loader
        module = importlib.util.module_from_spec(spec)
        sys.modules["brief_sample"] = module
        spec.loader.exec_module(module)
    return sys.modules["brief_sample"]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    root = tmp_path_factory.mktemp("browser")
    folder = _load_sample().build(root / "build")
    return render(folder, formats=["html"], engine="pandoc", out=root / "out")["html"].as_uri()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-background-networking"]
        )
        yield chromium
        chromium.close()


@pytest.mark.parametrize("width", [320, 360, 390, 768, 1280])
def test_fits_the_screen_and_has_no_barrier(browser: Any, address: str, width: int) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = browser.new_page(viewport={"width": width, "height": 900})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address)
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert [url for url in asked if not url.startswith("data:")] == [address]
    result = Axe().run(page)
    assert result.violations_count == 0, result.generate_report()
    page.close()


def test_the_keyboard_reaches_the_content_first_and_the_tables(browser: Any, address: str) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 900})
    page.goto(address)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "isi"
    details = page.locator("details").first
    details.locator("summary").focus()
    page.keyboard.press("Enter")
    assert details.locator("table").is_visible()
    page.close()


def test_prints_as_two_pages_with_band_and_foot(browser: Any, address: str) -> None:
    page = browser.new_page()
    page.goto(address)
    paper = page.pdf(prefer_css_page_size=True, print_background=True)
    with pdfplumber.open(io.BytesIO(paper)) as pdf:
        assert len(pdf.pages) == 2
        assert pdf.pages[0].width == pytest.approx(595, abs=1)
        for number, sheet in enumerate(pdf.pages, start=1):
            words = sheet.extract_text()
            assert "DATA SINTETIS" in words and f"Halaman {number} dari 2" in words
            assert "Data grafik 31 kecamatan" not in words
    page.close()
