"""The slides as files: everything in its place, nothing lost, the same bytes each time."""

from __future__ import annotations

import argparse
import io
import zipfile
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pandas as pd
import pdfplumber
import pikepdf
import pytest
from pptx import Presentation
from pptx.enum.shapes import MSO_SHAPE_TYPE
from pptx.util import Emu
from tests.brief.conftest import SUPPRESSED, make_project, make_tables, write_tables

from analysis.brief.deck import Deck, make_deck
from analysis.brief.deck.parts import Bars, Picture, Table, Words, drawn, full, picture_of
from analysis.brief.deck.parts import Path as TargetPath
from analysis.errors import UserError
from analysis.publish import manifest
from analysis.publish.slides import command as slides_command
from analysis.publish.slides import deck as slides
from analysis.publish.slides import layout, measure
from analysis.publish.slides import record as slides_record
from analysis.publish.slides.pdf import to_pdf
from analysis.publish.slides.pptx import to_pptx

pytestmark = pytest.mark.slow

AREAS = ["35.09.20", SUPPRESSED]
PT_MM = 25.4 / 72


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    made = make_project(tmp_path_factory.mktemp("slides"))
    write_tables(made, make_tables(made))
    return made


@pytest.fixture(scope="module")
def deck(project, tmp_path_factory) -> Deck:
    return make_deck(project, tmp_path_factory.mktemp("deck"), AREAS)


@pytest.fixture(scope="module")
def pages(deck):
    return [layout.lay_out(slide) for slide in deck.slides]


@pytest.fixture(scope="module")
def pptx(deck, pages) -> bytes:
    return to_pptx(deck, pages)


@pytest.fixture(scope="module")
def show(pptx):
    return Presentation(io.BytesIO(pptx))


@pytest.fixture(scope="module")
def pdf(deck, pages) -> bytes:
    return to_pdf(deck, pages)


def text_of(slide) -> str:
    texts = []
    for shape in slide.shapes:
        if shape.has_text_frame:
            texts.append(shape.text_frame.text)
        if getattr(shape, "has_table", False) and shape.has_table:
            texts += [cell.text for row in shape.table.rows for cell in row.cells]
    return "\n".join(texts)


# ---- Layout ------------------------------------------------------------------------------------


def test_everything_finds_its_room(pages):
    assert [p.slide.key for p in pages if not p.fits] == []
    assert slides.remarks(pages) == []


def test_parts_stay_on_the_slide_and_apart(pages):
    for page in pages:
        boxes = [placed.box for placed in page.placed]
        for box in boxes:
            assert box.x >= layout.MARGIN - 0.01 and box.y >= page.title.y + page.title.height
            assert box.x + box.width <= layout.WIDTH - layout.MARGIN + 0.01
            assert box.y + box.height <= layout.BODY_END + 0.01
        for a, b in combinations(boxes, 2):
            beside = a.x + a.width <= b.x + 0.01 or b.x + b.width <= a.x + 0.01
            below = a.y + a.height <= b.y + 0.01 or b.y + b.height <= a.y + 0.01
            assert beside or below, page.slide.key


def test_type_and_pictures_can_be_read_from_the_back_row(pages):
    for page in pages:
        assert page.title_size >= 22
        for placed in page.placed:
            part = placed.part
            if isinstance(part, Words | Table):
                assert placed.size(part.size) >= measure.LEAST
            if drawn(part):
                box = layout.picture_box(part, placed.box, placed.factor)
                assert box.width > 90 or box.height > 60
                assert box.y + box.height <= placed.box.y + placed.box.height + 0.01
                ratio = measure.shape_of(picture_of(part).svg)
                assert box.height / box.width == pytest.approx(ratio)


def test_lines_are_counted_as_they_break():
    assert measure.line_count("satu", 50, 18) == 1
    assert measure.line_count("satu dua tiga empat lima", 20, 18) >= 3
    assert measure.line_count("Dana Desa/APBDes", 34, 18) == 2  # after the stroke
    assert measure.line_count("x" * 100, 40, 18) > 3  # no place to break


def test_a_slide_that_is_too_full_is_said(pages):
    long = ("kata " * 30).strip()
    table = Table(("A",), tuple((long,) for _ in range(20)), (100,), "l", "t")
    page = layout.lay_out(replace(pages[-1].slide, rows=(full(table),)))
    assert not page.fits
    assert "too full" in slides.remarks([*pages, page])[0]


def test_a_crowded_slide_gets_smaller_type_before_it_is_too_full(pages):
    table = Table(("A",), tuple(("kata " * 12,) for _ in range(13)), (100,), "l", "t", size=17)
    page = layout.lay_out(replace(pages[-1].slide, rows=(full(table),)))
    assert page.fits and page.placed[0].factor < 1


# ---- PowerPoint --------------------------------------------------------------------------------


def test_wide_slides_one_for_each_message(show, deck):
    assert (show.slide_width, show.slide_height) == (Emu(12192000), Emu(6858000))
    assert len(show.slides) == len(deck.slides)
    for slide, wanted in zip(show.slides, deck.slides, strict=True):
        assert slide.shapes.title.text_frame.text == wanted.title


def test_band_number_and_notes_on_every_slide(show, deck):
    for slide, wanted in zip(show.slides, deck.slides, strict=True):
        text = text_of(slide)
        assert "DATA SINTETIS" in text and "DRAF" in text
        fields = slide.shapes._spTree.xpath(".//a:fld[@type='slidenum']")
        assert len(fields) == 1
        assert slide.notes_slide.notes_text_frame.text == "\n".join(wanted.notes)


def test_words_and_cells_are_all_there(show, deck):
    for slide, wanted in zip(show.slides, deck.slides, strict=True):
        text = text_of(slide)
        for part in (p for row in wanted.rows for c in row for p in c.parts):
            if isinstance(part, Words):
                assert all(p in text for p in part.paragraphs)
            if isinstance(part, Table):
                assert all(cell in text for row in part.rows for cell in row)


def test_pictures_charts_tables_and_circles_have_alternative_texts(show):
    kinds = (
        MSO_SHAPE_TYPE.PICTURE,
        MSO_SHAPE_TYPE.CHART,
        MSO_SHAPE_TYPE.TABLE,
        MSO_SHAPE_TYPE.GROUP,
    )
    shapes = [s for slide in show.slides for s in slide.shapes if s.shape_type in kinds]
    assert {s.shape_type for s in shapes} == set(kinds)
    for shape in shapes:
        alt = shape._element.xpath(".//p:cNvPr")[0].get("descr")
        assert alt and len(alt) > 15, shape.name


def test_shapes_lie_within_the_slide(show):
    for slide in show.slides:
        for shape in slide.shapes:
            assert shape.left >= 0 and shape.top >= 0
            assert shape.left + shape.width <= show.slide_width + 2
            assert shape.top + shape.height <= show.slide_height + 2


def test_charts_can_be_edited_and_hold_the_deck_s_numbers(show, deck):
    charts = {
        wanted.key: shape.chart
        for slide, wanted in zip(show.slides, deck.slides, strict=True)
        for shape in slide.shapes
        if shape.has_chart
    }
    parts = [p for s in deck.slides for row in s.rows for c in row for p in c.parts]
    bars = next(p for p in parts if isinstance(p, Bars))
    path = next(p for p in parts if isinstance(p, TargetPath))
    assert tuple(charts["factors"].plots[0].series[0].values) == bars.values
    assert tuple(charts["factors"].plots[0].categories) == bars.categories
    target, figure = charts["picture"].plots[0].series
    assert tuple(target.values) == path.targets
    assert [v for v in figure.values if v is not None] == [path.figure[0]]
    book = charts["factors"].part.chart_workbook.xlsx_part.blob
    sheet = pd.read_excel(io.BytesIO(book), index_col=0)
    assert list(sheet.iloc[:, 0]) == list(bars.values) and list(sheet.index) == list(
        bars.categories
    )


def test_intervals_are_drawn_to_the_limits(show, deck):
    bars = next(
        p for s in deck.slides for row in s.rows for c in row for p in c.parts
        if isinstance(p, Bars)
    )  # fmt: skip
    place = [s.key for s in deck.slides].index("factors")
    chart = next(s.chart for s in show.slides[place].shapes if s.has_chart)
    space = chart._chartSpace
    for side, limits in (("plus", bars.high), ("minus", bars.low)):
        found = [float(v.text) for v in space.xpath(f".//c:errBars/c:{side}//c:v")]
        wanted = [abs(limit - v) for limit, v in zip(limits, bars.values, strict=True)]
        assert found == pytest.approx(wanted, rel=1e-4)
    assert chart.value_axis.maximum_scale >= max(bars.high)
    assert chart.value_axis.minimum_scale <= min(0, *bars.low)


def test_a_label_that_looks_like_a_formula_stays_a_label(deck):
    parts = [p for s in deck.slides for row in s.rows for c in row for p in c.parts]
    bars = next(p for p in parts if isinstance(p, Bars))
    odd = replace(bars, categories=("=1+1", *bars.categories[1:]))
    slide = replace(deck.slides[0], rows=(full(odd),), subtitle="")
    made = to_pptx(replace(deck, slides=(slide,)), [layout.lay_out(slide)])
    chart = next(s.chart for s in Presentation(io.BytesIO(made)).slides[0].shapes if s.has_chart)
    book = zipfile.ZipFile(io.BytesIO(chart.part.chart_workbook.xlsx_part.blob))
    assert b"<f>" not in book.read("xl/worksheets/sheet1.xml")


def test_same_deck_same_bytes_dated_by_the_data(deck, pages, pptx):
    assert to_pptx(deck, pages) == pptx
    with zipfile.ZipFile(io.BytesIO(pptx)) as package:
        assert {entry.date_time[0] for entry in package.infolist()} == {2000}
        assert package.namelist()[0] == "[Content_Types].xml"
        cores = [package.read("docProps/core.xml")]
        for name in package.namelist():
            if name.endswith(".xlsx"):
                book = zipfile.ZipFile(io.BytesIO(package.read(name)))
                assert {entry.date_time[0] for entry in book.infolist()} == {2000}
                cores.append(book.read("docProps/core.xml"))
    assert len(cores) == 3
    assert all(core.count(f"{deck.day}T00:00:00Z".encode()) >= 1 for core in cores)


def test_small_enough_to_be_sent(pptx, pdf):
    assert len(pptx) < 1_000_000 and len(pdf) < 1_000_000


def test_colours_and_font_are_the_theme_s(pptx):
    with zipfile.ZipFile(io.BytesIO(pptx)) as package:
        theme = package.read("ppt/theme/theme1.xml").decode()
        slide = package.read("ppt/slides/slide2.xml").decode()
    assert theme.count('typeface="Calibri"') == 2 and "114E7F" in theme
    assert "<a:latin" not in slide  # nothing departs from the theme's font


# ---- PDF ---------------------------------------------------------------------------------------


def test_pdf_is_tagged_titled_and_speaks_its_language(pdf, deck):
    with pikepdf.open(io.BytesIO(pdf)) as document:
        assert len(document.pages) == len(deck.slides)
        root = document.Root
        assert bool(root.MarkInfo.Marked) and str(root.Lang) == "id"
        with document.open_metadata() as facts:
            assert facts["dc:title"] == deck.title
            assert facts.get("pdfuaid:part") == "1"


def test_pdf_pictures_have_their_alternative_texts(pdf, deck):
    with pikepdf.open(io.BytesIO(pdf)) as document:
        alts = {str(o.Alt) for o in document.objects if _has_alt(o)}
    wanted = {
        picture_of(part).alt
        for slide in deck.slides for row in slide.rows for column in row for part in column.parts
        if isinstance(part, Picture | Bars | TargetPath)
    }  # fmt: skip
    assert wanted <= alts


def _has_alt(thing: object) -> bool:
    return isinstance(thing, pikepdf.Dictionary) and "/Alt" in thing


def test_pdf_says_everything_within_its_boxes(pdf, deck, pages):
    with pdfplumber.open(io.BytesIO(pdf)) as document:
        for sheet, slide, page in zip(document.pages, deck.slides, pages, strict=True):
            assert sheet.width * PT_MM == pytest.approx(layout.WIDTH, abs=0.1)
            letters = sheet.chars
            text = "".join("".join(c["text"] for c in letters).split())
            assert "".join(slide.title.split()) in text and "DATASINTETIS" in text
            title = page.title.y + page.title.height
            top = layout.COVER_BODY[0] - 3 if slide.subtitle else title + 1
            free = [c for c in letters if top < _top(c)]
            free = [c for c in free if c["bottom"] * PT_MM < layout.FOOT[0] - 0.3]
            assert len(free) > 100
            for letter in free:
                assert any(_inside(letter, placed.box) for placed in page.placed), (
                    slide.key, letter["text"], _top(letter),
                )  # fmt: skip


def _top(letter: dict) -> float:
    return letter["top"] * PT_MM


def _inside(letter: dict, box: layout.Box) -> bool:
    middle = (letter["x0"] + letter["x1"]) / 2 * PT_MM
    height = (letter["top"] + letter["bottom"]) / 2 * PT_MM
    return (
        box.x - 0.5 <= middle <= box.x + box.width + 0.5
        and box.y - 0.5 <= height <= box.y + box.height + 0.5
    )


def test_pdf_embeds_only_the_shipped_font(pdf):
    with pdfplumber.open(io.BytesIO(pdf)) as document:
        fonts = {c["fontname"].split("+")[-1] for page in document.pages for c in page.chars}
    assert fonts and all("SourceSans3" in name for name in fonts), fonts


def test_pdf_same_deck_same_bytes(deck, pages, pdf):
    assert to_pdf(deck, pages) == pdf


# ---- Without the band, and in English ----------------------------------------------------------


def test_real_data_carry_no_band(deck, pages):
    bare = replace(deck, band="")
    slide = Presentation(io.BytesIO(to_pptx(bare, pages[:1]))).slides[0]
    assert "SINTETIS" not in text_of(slide)
    with pdfplumber.open(io.BytesIO(to_pdf(bare, pages[:1]))) as document:
        assert "SINTETIS" not in document.pages[0].extract_text()


def test_foreign_text_is_set_as_letters(deck):
    odd = Words(('#read("x") *a* $b$ <script> _c_',))
    slide = replace(deck.slides[1], rows=(full(odd),))
    page = layout.lay_out(slide)
    with pdfplumber.open(io.BytesIO(to_pdf(replace(deck, slides=(slide,)), [page]))) as document:
        assert odd.paragraphs[0] in document.pages[0].extract_text()
    made = Presentation(io.BytesIO(to_pptx(replace(deck, slides=(slide,)), [page])))
    assert odd.paragraphs[0] in text_of(made.slides[0])


# ---- Command -----------------------------------------------------------------------------------


def test_command_writes_both_files(project, deck, pptx, pdf, monkeypatch, capsys):
    asked = []
    monkeypatch.setattr(
        "analysis.publish.run.run_stages", lambda *a, **k: asked.append((a, k)) or 0
    )
    parser = argparse.ArgumentParser()
    slides_command.add_parser(parser.add_subparsers())
    args = parser.parse_args(["slides", "--params", str(project.params_file), *AREAS])
    assert args.run(args) == 0
    assert asked == [((str(project.params_file), ("review",)), {"quiet": False})]
    made = [project.out / f"{deck.stem}.{kind}" for kind in ("pptx", "pdf")]
    assert [file.read_bytes() for file in made] == [pptx, pdf]
    said = capsys.readouterr().out
    assert all(str(file) in said for file in made)
    assert not list(Path(project.out).glob(".*tmp"))


def test_command_stops_when_a_stage_failed(project, monkeypatch):
    monkeypatch.setattr("analysis.publish.run.run_stages", lambda *a, **k: 1)
    args = argparse.Namespace(params=str(project.params_file), areas=[], quiet=True)
    assert slides_command.run(args) == 1


# ---- In the shared folder ----------------------------------------------------------------------


@pytest.fixture
def made(project, deck) -> list[Path]:
    """Slides in a shared folder with a manifest, made as the command makes them."""
    project.out.mkdir(parents=True, exist_ok=True)
    for old in project.out.glob("*"):
        old.unlink()
    (project.out / "index.html").write_text("index")
    manifest.write(project, [project.out / "index.html"], "engine")
    files, remarks = slides.make(project, AREAS)
    assert remarks == []
    return files


def test_manifest_knows_the_slides(project, made):
    assert manifest.check(project.out / "manifest.json") == []
    assert slides_record.files(project) == sorted(made, key=lambda f: f.name)
    assert slides_record.outdated(project) == []
    manifest.write(project, [project.out / "index.html", *slides_record.files(project)], "engine")
    assert all(file.exists() for file in made)


def test_edited_slides_are_neither_overwritten_nor_removed(project, made):
    edited = next(file for file in made if file.suffix == ".pptx")
    edited.write_bytes(b"edited by hand")
    with pytest.raises(UserError, match="edited since it was made"):
        slides.make(project, AREAS)
    assert edited not in slides_record.files(project)
    manifest.write(project, [project.out / "index.html", *slides_record.files(project)], "engine")
    assert edited.read_bytes() == b"edited by hand"
    edited.rename(edited.with_name("my slides.pptx"))
    assert slides.make(project, AREAS)[0] == made
    assert edited.with_name("my slides.pptx").exists()


def test_slides_of_other_data_are_called_outdated(project, made, monkeypatch):
    monkeypatch.setattr("analysis.brief.metadata.fingerprint", lambda *a: "other data")
    assert slides_record.outdated(project) == ["2026_3509_paparan-rakor_sintetis"]


def test_manifest_stays_away_where_there_is_none(project, made):
    (project.out / "manifest.json").unlink()
    manifest.add(project, made)
    assert not (project.out / "manifest.json").exists()
    assert slides.make(project, AREAS)[0] == made  # known from the record
