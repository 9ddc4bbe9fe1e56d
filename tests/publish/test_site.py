"""The index page: every number comes from a brief, and it works in a real browser from a folder."""

import re
import shutil
from pathlib import Path

import pytest

from analysis.project import load_project
from analysis.publish import site
from analysis.publish.briefs import Job
from analysis.publish.keys import Record

CHROMIUM = shutil.which("chromium")
NAMES = {"35.09.20": 0.31, "35.09.30": 0.42, "35.09.03": 0.18}


def brief(code: str, name: str, estimate: float) -> dict:
    return {
        "title": f"Ringkasan {name}",
        "synthetic": True,
        "synthetic_label": "DATA SINTETIS",
        "hashes": {"data": "abcdef"},
        "numbers": {
            "estimate": estimate,
            "low": estimate - 0.05,
            "high": estimate + 0.05,
            "estimate_text": f"{estimate:.0%}",
            "interval_text": f"{estimate - 0.05:.0%}–{estimate + 0.05:.0%}",
            "stunted": 1000 * estimate,
            "stunted_text": f"{1000 * estimate:.0f}",
            "word": "not_reached" if estimate > 0.2 else "undetermined",
            "word_text": "belum mencapai" if estimate > 0.2 else "belum dapat dipastikan",
        },
    }


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """A folder with three briefs, the kabupaten's, and the index over them."""
    import dataclasses

    base = load_project()
    folder = tmp_path_factory.mktemp("site")
    paths = base.params.paths.model_copy(
        update={"out": str(folder / "out"), "build": str(folder / "build")}
    )
    project = dataclasses.replace(base, params=base.params.model_copy(update={"paths": paths}))
    project.out.mkdir(parents=True)
    jobs = []
    for code in [*project.register.codes, project.whole]:
        stem = f"2026_{code.replace('.', '')}_x"
        job = Job(
            params_file=project.params_file, code=code, name=project.area_name(code), stem=stem,
            notebook=Path("n"), folder=project.build / stem, out=project.out, key="k",
            shared="s", engine="pandoc", engine_version="x", timeout=1,
        )  # fmt: skip
        jobs.append(job)
        if code not in NAMES and code != project.whole:
            continue
        job.folder.mkdir(parents=True)
        facts = brief(code, job.name, NAMES.get(code, 0.3))
        files = [project.out / f"{stem}{suffix}" for suffix in (".html", ".pdf", ".csv")]
        for file in files:
            file.write_text(f"{file.name}", encoding="utf-8")
        Record(job.folder / "made.json").write("k", project.out, files, brief=facts)
    return project, jobs


def test_index_lists_every_area_and_links_only_what_is_there(shared) -> None:
    project, jobs = shared
    index, bundle = site.build(project, jobs)
    html = index.read_text(encoding="utf-8")
    for name in project.register.areas["name"]:
        assert name in html
    for target in re.findall(r'href="([^"#]+)"', html):
        assert (project.out / target).is_file(), target
    assert html.count('<td class="files">belum dibuat') == 28
    assert "DATA SINTETIS" in html
    assert bundle.name == "2026_3509_semua_sintetis.zip"


def test_index_asks_the_network_for_nothing(shared) -> None:
    html = site.build(*shared)[0].read_text(encoding="utf-8")
    assert not re.search(r'(?:src|href)="(?:https?:)?//', html)
    assert "default-src 'none'" in html
    assert "url(" not in re.sub(r"url\(data:", "", html)


def test_building_again_touches_nothing(shared) -> None:
    files = site.build(*shared)
    before = [file.stat().st_mtime_ns for file in files]
    assert [file.stat().st_mtime_ns for file in site.build(*shared)] == before


def test_hostile_name_stays_a_name(shared) -> None:
    project, jobs = shared
    areas = project.register.areas.copy()
    areas.loc["35.09.20", "name"] = "</script><b>x"
    import dataclasses

    register = dataclasses.replace(project.register, areas=areas)
    html = site.build(dataclasses.replace(project, register=register), jobs)[0].read_text("utf-8")
    assert "</script><b>x" not in html
    assert "&lt;/script&gt;&lt;b&gt;x" in html
    site.build(project, jobs)


@pytest.fixture
def page(shared):
    if CHROMIUM is None:
        pytest.skip("Debian's chromium is not installed")
    from playwright.sync_api import sync_playwright

    project, jobs = shared
    index = site.build(project, jobs)[0]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-background-networking"]
        )
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        requests: list[str] = []
        page.on("request", lambda request: requests.append(request.url))
        page.goto(index.as_uri())
        yield page
        assert all(url.startswith(("file:", "data:")) for url in requests), requests
        browser.close()


def names(page) -> list[str]:
    return page.locator("#tabel tbody tr:visible th").all_inner_texts()


@pytest.mark.browser
def test_search_and_filter(page) -> None:
    page.fill("#cari", "sumber b")
    assert names(page) == ["Sumberbaru"]
    assert page.inner_text("#jumlah") == "1 ditampilkan"
    page.fill("#cari", "zzz")
    assert page.is_visible("#kosong")
    page.fill("#cari", "")
    page.select_option("#saring", "not_reached")
    assert names(page) == ["Patrang", "Silo"]


@pytest.mark.browser
def test_sorting_by_estimate_puts_areas_without_one_last(page) -> None:
    heading = page.locator("#tabel th[data-key=estimate] button")
    heading.click()
    assert names(page)[:3] == ["Sumberbaru", "Patrang", "Silo"]
    heading.click()
    assert names(page)[:3] == ["Silo", "Patrang", "Sumberbaru"]
    assert page.get_attribute("#tabel th[data-key=estimate]", "aria-sort") == "descending"


@pytest.mark.browser
def test_two_areas_side_by_side(page) -> None:
    page.select_option("#banding-a", "35.09.20")
    page.select_option("#banding-b", "35.09.30")
    cards = page.locator("#hasil .card").all_inner_texts()
    assert "Patrang" in cards[0]
    assert "31%" in cards[0]
    assert "Silo" in cards[1]
    assert "37%–47%" in cards[1]


@pytest.mark.browser
def test_downloads_arrive(page) -> None:
    with page.expect_download() as caught:
        page.click("a[href$='.zip']")
    assert caught.value.suggested_filename == "2026_3509_semua_sintetis.zip"


@pytest.mark.browser
@pytest.mark.parametrize("width", [360, 768, 1280])
def test_no_sideways_scroll_and_no_violation(page, width: int) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page.set_viewport_size({"width": width, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    found = Axe().run(page).response["violations"]
    assert found == [], [(v["id"], [n["target"] for n in v["nodes"]][:3]) for v in found]
