"""The small site: every page, every link, nothing from outside."""

from __future__ import annotations

import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import pytest

from analysis.errors import UserError


class Reader(HTMLParser):
    """Links, anchors, headings and language of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.ids: set[str] = set()
        self.lang = ""
        self.h1 = 0

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.ids.add(found.get("id") or "")
        self.h1 += tag == "h1"
        if tag == "html":
            self.lang = found["lang"]
        if tag == "a":
            self.links.append(found["href"])
        if tag in ("link", "img", "script", "iframe"):
            self.loads.append(found.get("href") or found.get("src") or "")


def read(file: Path) -> Reader:
    reader = Reader()
    reader.feed(file.read_text(encoding="utf-8"))
    return reader


@pytest.fixture(scope="module")
def site(build_docs, root, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("docs") / "site"
    build_docs.build(root, out)
    return out


def test_every_page_is_there_with_one_title_and_its_language(site, root):
    sources = [*root.glob("README*.md"), *(root / "docs").rglob("*.md"), root / "CHANGELOG.md"]
    pages = sorted(site.rglob("*.html"))
    assert len(pages) == len(sources)
    for page in pages:
        reader = read(page)
        assert reader.h1 == 1, page.name
        assert reader.lang == ("id" if page.stem.endswith(".id") else "en")
        assert len(reader.links) > len(sources), "the contents are missing"


def test_every_link_leads_somewhere(site):
    for page in site.rglob("*.html"):
        for link in read(page).links:
            if re.match(r"https?:", link):
                continue
            name, _, anchor = link.partition("#")
            target = (page.parent / name).resolve() if name else page
            assert target.is_file(), f"{page.name}: {link}"
            if anchor and target.suffix == ".html":
                assert anchor in read(target).ids, f"{page.name}: {link}"


def test_nothing_is_loaded_from_outside_the_site(site):
    files = [*site.rglob("*.html")]
    for page in files:
        for load in read(page).loads:
            assert (page.parent / load).resolve().is_relative_to(site.resolve()), load
            assert (page.parent / load).is_file(), load
    for style in site.rglob("*.css"):
        for address in re.findall(r"url\(([^)]+)\)", style.read_text(encoding="utf-8")):
            assert (style.parent / address).is_file(), address
    assert not any("<script" in page.read_text(encoding="utf-8") for page in files)


@pytest.mark.slow
def test_building_again_gives_the_same_bytes(build_docs, root, site, tmp_path):
    build_docs.build(root, tmp_path / "again")
    for file in site.rglob("*"):
        if file.is_file():
            assert file.read_bytes() == (tmp_path / "again" / file.relative_to(site)).read_bytes()


@pytest.fixture
def small(root, tmp_path) -> Path:
    """A project of one page, with what a page needs."""
    for part in ("reports/styles", "reports/fonts", "docs/theme"):
        shutil.copytree(root / part, tmp_path / part)
    shutil.copy(root / "reports/_brand.yml", tmp_path / "reports")
    return tmp_path


def test_a_link_to_nowhere_and_a_page_without_title_are_named(build_docs, small):
    page = small / "docs" / "page.md"
    page.write_text("# Page\n\n[lost](nowhere.md)\n", encoding="utf-8")
    with pytest.raises(UserError, match=r"docs/page\.md: the link to 'nowhere\.md' leads nowhere"):
        build_docs.build(small, small / "site")
    assert not (small / "site").exists()
    page.write_text("text\n", encoding="utf-8")
    with pytest.raises(UserError, match="has no title"):
        build_docs.build(small, small / "site")


def test_a_linked_file_comes_along(build_docs, small):
    (small / "docs" / "deep").mkdir()
    page = small / "docs" / "deep" / "page.md"
    page.write_text("# `A` & B\n\n[brand](../../reports/_brand.yml)\n", encoding="utf-8")
    build_docs.build(small, small / "site")
    made = (small / "site/deep/page.html").read_text(encoding="utf-8")
    assert 'href="../files/reports/_brand.yml"' in made
    assert (small / "site/files/reports/_brand.yml").is_file()
    assert "<title>A &amp; B</title>" in made
