"""The message card: the words and numbers of the brief, on one picture for a phone."""

from __future__ import annotations

from dataclasses import asdict, replace
from io import BytesIO

import pdfplumber
import pytest
from PIL import Image
from tests.brief.conftest import CAUTION, MODEL_ONLY, SUPPRESSED

from analysis.brief import narrative as tell
from analysis.brief.card import Card, card
from analysis.brief.content import load
from analysis.brief.metadata import metadata
from analysis.brief.sections import number
from analysis.brief.tables import plain
from analysis.publish import card as publish

pytestmark = pytest.mark.slow

AREA = "35.09.20"


@pytest.fixture(scope="module")
def patrang(project) -> Card:
    return card(load(project, AREA))


def test_says_what_the_brief_says(project, patrang):
    data = load(project, AREA)
    facts = metadata(data, 2)
    box = plain(number.message(data))
    assert patrang.message in box and tell.words(patrang.message) <= tell.MOST_WORDS
    assert patrang.estimate == facts["numbers"]["estimate_text"]
    assert facts["numbers"]["interval_text"] in patrang.interval
    assert facts["numbers"]["stunted_text"] in patrang.children
    assert patrang.target == facts["numbers"]["target_text"]
    assert patrang.place == facts["place"] and patrang.status == facts["status"]
    assert facts["card"] == asdict(patrang)


def test_alternative_text_is_full_sentences_with_the_numbers(patrang):
    assert patrang.alt.startswith("DATA SINTETIS. ") and patrang.alt.endswith(".")
    for part in (patrang.place, patrang.message, "DRAF", patrang.estimate):
        assert part in patrang.alt


def test_band_only_for_synthetic_data(new_project):
    real = card(load(new_project(synthetic=False), AREA))
    assert real.band == "" and "SINTETIS" not in real.alt


def test_suppressed_number_stays_away(project):
    s = load(project, SUPPRESSED).standing()
    hidden = card(load(project, SUPPRESSED))
    assert hidden.estimate == "*" and hidden.circles is None
    assert hidden.interval == "tidak ditampilkan" and "galat" in hidden.children
    assert tell.percent(s, load(project, SUPPRESSED).language) not in str(asdict(hidden))


@pytest.mark.parametrize("code", [CAUTION, MODEL_ONLY])
def test_caution_is_bracketed(project, code):
    assert card(load(project, code)).estimate.startswith("(")


@pytest.mark.parametrize("code", [SUPPRESSED, MODEL_ONLY, CAUTION, AREA, "35.09"])
def test_card_fits(project, code):
    check_page(card(load(project, code)))


@pytest.mark.slow
def test_every_area_has_a_card_that_fits(project):
    for code in project.register.codes:
        check_page(card(load(project, code)))


def check_page(words: Card) -> None:
    """One page, no letter under 34 pixels or over the edge, no words lost."""
    with pdfplumber.open(BytesIO(publish.typeset(asdict(words), "pdf"))) as pdf:
        assert len(pdf.pages) == 1
        page = pdf.pages[0]
        assert (page.width, page.height) == (publish.WIDTH, publish.HEIGHT)
        letters = page.chars
        assert min(c["size"] for c in letters) >= 34 - 1e-6
        assert all(c["x0"] >= 0 and c["x1"] <= 1080 for c in letters)
        assert all(c["top"] >= 0 and c["bottom"] <= 1350 for c in letters)
        text = "".join(c["text"] for c in letters)
    for part in (words.place, words.message, words.estimate, words.interval, words.chance,
                 words.source, words.meeting, words.measured, words.band, words.status):  # fmt: skip
        assert "".join(part.split()) in "".join(text.split()), part


def test_longest_words_still_fit(patrang):
    sentence = "Sekitar 1 dari 4 balita di Kecamatan Nama Panjang Sekali stunting menurut survei "
    longest = replace(
        patrang,
        place="Kecamatan Sumberwringin Kalibaruwetan Selatan",
        message=(sentence * 5)[:470].strip(),
        source="Survei Status Gizi Balita dan Ibu Kabupaten Jember Gelombang Kedua 2026 (Agustus)",
        children="≈ 147.980 balita (145.570–150.460)",
        chance="peluang sudah tercapai: hampir pasti (di atas 99 dari 100)",
    )
    check_page(longest)


@pytest.mark.parametrize("times", [3, 6, 8, 9])
def test_message_keeps_its_distance_from_the_edge_of_its_box(patrang, times):
    words = replace(patrang, message=("Sekitar 1 dari 4 balita di Jember stunting " * times)[:430])
    with pdfplumber.open(BytesIO(publish.typeset(asdict(words), "pdf"))) as pdf:
        page = pdf.pages[0]
        box = max((r for r in page.rects if 900 < r["width"] < 1000), key=lambda r: r["height"])
        inside = [c for c in page.chars if box["top"] < c["top"] < box["bottom"]]
    assert max(c["bottom"] for c in inside) <= box["bottom"] - 14
    assert max(c["x1"] for c in inside) <= box["x1"] - 14


def test_picture_is_the_right_size_small_and_the_same_twice(patrang, tmp_path):
    first = publish.picture(asdict(patrang))
    assert first == publish.picture(asdict(patrang))
    assert len(first) <= 150_000
    with Image.open(BytesIO(first)) as image:
        assert image.size == (1080, 1350) and image.format == "PNG"
        assert image.text["Description"] == patrang.alt
        band = image.convert("RGB").getpixel((20, 20))
    assert band[0] > 120 and band[2] < 40  # the orange band of synthetic data
    target = publish.from_metadata({"card": asdict(patrang)}, tmp_path / "a" / "card.png")
    assert target is not None and target.read_bytes() == first
    assert publish.from_metadata({}, tmp_path / "none.png") is None


def test_foreign_text_is_set_as_letters(patrang):
    odd = replace(patrang, place='Kecamatan #read("x") *a* $b$ <c>')
    check_page(odd)


@pytest.mark.parametrize("code", [AREA, "35.09"])
def test_english(new_project, code):
    made = card(load(new_project(language="en"), code))
    assert made.band == "SYNTHETIC DATA" and made.heading == "Key message"
    assert "balita" not in made.message
    check_page(made)
