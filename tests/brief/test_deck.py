"""The slides' content: the brief's own words and numbers, and what is left out when absent."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.brief.conftest import CAUTION, SUPPRESSED

from analysis.brief import narrative as tell
from analysis.brief.content import kabupaten_brief, kecamatan_brief, load
from analysis.brief.deck import Deck, Slide, make_deck
from analysis.brief.deck import markdown as read
from analysis.brief.deck.evidence import proposals
from analysis.brief.deck.parts import Bars, Cards, Message, Part, Picture, Table, Words
from analysis.brief.deck.parts import Path as TargetPath
from analysis.brief.tables import plain
from analysis.errors import UserError

pytestmark = pytest.mark.slow

AREA = "35.09.20"
ALL = ["cover", "picture", "areas", "two_numbers", "factors", "pillars", "agencies", "quality", "ask"]  # fmt: skip
CAUSAL = ("menyebabkan", "disebabkan", "akibat", "berdampak", "menurunkan stunting")


@pytest.fixture(scope="module")
def deck(project, tmp_path_factory) -> Deck:
    return make_deck(project, tmp_path_factory.mktemp("deck"), ["Patrang", SUPPRESSED])


@pytest.fixture(scope="module")
def brief(project, tmp_path_factory):
    return kabupaten_brief(load(project, project.whole), tmp_path_factory.mktemp("whole"))


def parts(slide: Slide, kind: type) -> list:
    found: list[Part] = [p for row in slide.rows for column in row for p in column.parts]
    return [part for part in found if isinstance(part, kind)]


def kept(text: object) -> str:
    """A printed text as slides have it: the sign stays with its number."""
    return str(text).replace("≈ ", "≈\u00a0")


def slide(deck: Deck, key: str) -> Slide:
    return next(s for s in deck.slides if s.key == key)


def words(s: Slide) -> str:
    """Everything a slide says, for searching."""
    return repr((s.title, s.subtitle, s.rows))


def test_slides_come_in_the_order_of_the_meeting(deck):
    keys = [s.key for s in deck.slides]
    assert keys == [*ALL, f"area-{AREA}", f"area-{SUPPRESSED}"]


def test_titles_are_messages_of_at_most_two_lines(deck):
    titles = [s.title for s in deck.slides[1:]]
    assert all(20 <= len(t) <= 140 and len(t.split()) >= 4 for t in titles)
    assert not any(t.endswith(".") for t in titles)
    assert len(set(titles)) == len(titles)


def test_key_message_is_that_of_the_brief(deck, brief):
    [box] = parts(slide(deck, "cover"), Message)
    assert box.text in plain(brief.sections["message"])
    assert tell.words(box.text) <= tell.MOST_WORDS


def test_number_and_target_are_those_of_the_brief(deck, brief):
    numbers = brief.metadata["numbers"]
    [cards] = parts(slide(deck, "picture"), Cards)
    shown = {card.value for card in cards.cards}
    assert {numbers["estimate_text"], numbers["target_text"]} <= shown
    assert kept(f"≈ {numbers['stunted_text']}") in shown
    assert cards.cards[0].interval == numbers["interval_text"]
    assert cards.cards[-1].circles_alt
    [path] = parts(slide(deck, "picture"), TargetPath)
    rows = brief.numbers[brief.numbers["section"] == "path"]
    assert dict(zip(path.years, path.targets, strict=True)) | {} == {
        str(year): value for year, value in zip(rows["item"], rows["value"], strict=True)
    }
    assert path.figure == pytest.approx(tuple(numbers[k] for k in ("estimate", "low", "high")))
    assert numbers["interval_text"] in slide(deck, "picture").title


def test_bars_are_the_effects_of_the_csv(deck, brief):
    [bars] = parts(slide(deck, "factors"), Bars)
    table = brief.numbers[brief.numbers["section"] == "effects"].set_index("item")
    assert len(bars.values) == 10
    for category, value, low, high, sure in zip(
        bars.categories, bars.values, bars.low, bars.high, bars.sure, strict=True
    ):
        item, _, shown = category.rpartition(": ")
        row = table.loc[item]
        assert (value, low, high) == (row["value"], row["low"], row["high"])
        assert shown == row["shown"].removeprefix("'") and sure == (low > 0 or high < 0)
        assert item in bars.picture.alt  # the drawing of the PDF has the same rows
    clear = int((table["low"] > 0).sum())
    assert slide(deck, "factors").title.startswith(f"{clear} faktor")


def test_decisions_are_those_of_the_brief(deck, brief):
    [table] = parts(slide(deck, "ask"), Table)
    rows = brief.numbers[brief.numbers["section"] == "decisions"]
    assert [row[0] for row in table.rows] == list(rows["measure"])
    assert [row[1] for row in table.rows] == [kept(text) for text in rows["shown"]]
    assert all(row[-1] == "☐" for row in table.rows)
    assert "tiga keputusan" in slide(deck, "ask").title


def test_proposals_are_counted_from_the_areas_decisions(deck, project):
    actions = load(project, project.whole).table("actions")
    asked = proposals(actions, project.whole)
    counts: dict[str, set[str]] = {}
    for row in actions.to_dict("records"):
        if row["area"] != project.whole and row["rank"] > 0 and row["verdict"] != "suppress":
            counts.setdefault(row["indicator"], set()).add(row["area"])
    assert dict(zip(asked["indicator"], asked["areas"], strict=True)) == {
        code: len(areas) for code, areas in counts.items()
    }
    [table] = parts(slide(deck, "agencies"), Table)
    most = max(len(areas) for areas in counts.values())
    assert f"{most} dari 31" in slide(deck, "agencies").title
    assert {row[3] for row in table.rows} <= {f"{len(a)} dari 31" for a in counts.values()}
    together = [row[0] for row in table.rows]  # an agency's rows stand together
    assert together == sorted(together, key=together.index)


def test_area_slide_has_the_numbers_of_its_brief(deck, project, tmp_path):
    own = kecamatan_brief(load(project, AREA), tmp_path)
    numbers = own.metadata["numbers"]
    s = slide(deck, f"area-{AREA}")
    [cards] = parts(s, Cards)
    assert cards.cards[0].value == numbers["estimate_text"]
    assert cards.cards[0].interval == numbers["interval_text"]
    assert numbers["interval_text"] in s.title
    [table] = parts(s, Table)
    shown = own.numbers[own.numbers["section"] == "decisions"]["shown"]
    assert [row[1] for row in table.rows] == [kept(text) for text in shown]


def test_suppressed_area_shows_no_number(deck, project):
    s = slide(deck, f"area-{SUPPRESSED}")
    hidden = load(project, SUPPRESSED)
    standing = hidden.standing()
    assert "tidak ditampilkan" in s.title
    assert tell.percent(standing, hidden.language) not in words(s).replace("svg=", "")
    [cards] = parts(s, Cards)
    assert cards.cards[0].value == "*" and cards.cards[-1].circles is None


def test_quality_counts_what_is_shown(deck, project):
    s = slide(deck, "quality")
    [cards] = parts(s, Cards)
    assert [c.value for c in cards.cards] == ["28 dari 31", "2 dari 31", "1 dari 31"]
    assert s.title.startswith("Angka 30 dari 31 kecamatan") and CAUTION in project.register.codes


def test_association_is_never_worded_as_cause(deck):
    for s in deck.slides:
        text = words(s).lower() + " ".join(s.notes).lower()
        assert not any(word in text for word in CAUSAL), s.key
    for key in ("factors", "pillars"):
        s = slide(deck, key)
        assert "bukan bukti sebab" in words(s) and "bukan bukti sebab" in " ".join(s.notes)


def test_every_slide_has_notes_with_its_source(deck):
    for s in deck.slides:
        text = " ".join(s.notes)
        assert "Sumber:" in text and "Survei Status Gizi" in text and "Data " in text
        assert "data sintetis" in text and len(s.notes[0]) > 30
    assert "patrang" in " ".join(slide(deck, f"area-{AREA}").notes)


def test_every_picture_has_a_full_alternative_text(deck):
    pictures = [p for s in deck.slides for p in parts(s, Picture)]
    pictures += [p.picture for s in deck.slides for p in (*parts(s, Bars), *parts(s, TargetPath))]
    assert len(pictures) >= 6
    for picture in pictures:
        assert len(picture.alt) > 40 and picture.alt.endswith(".")
        assert picture.svg.lstrip().startswith(("<?xml", "<svg"))


def test_no_markup_is_left_in_the_words(deck):
    for s in deck.slides:
        texts = [p for w in parts(s, Words) for p in w.paragraphs]
        texts += [cell for t in parts(s, Table) for row in (t.head, *t.rows) for cell in row]
        texts += [s.title, *s.notes]
        assert not [t for t in texts if "**" in t or "\\" in t or "]{" in t], s.key


NO_SERVICES = ("effects", "attributable", "actions", "variance_components")
NO_ROUTINE = ("two_numbers", "new_cases", "priorities")


@pytest.mark.parametrize(
    ("drop", "gone"),
    [
        ((*NO_SERVICES, *NO_ROUTINE, "series", "target_path", "data_quality"),
         {"two_numbers", "factors", "pillars", "agencies", "ask"}),
        pytest.param(NO_ROUTINE, {"two_numbers"}, marks=pytest.mark.slow),
        pytest.param(("effects",), {"factors"}, marks=pytest.mark.slow),
        pytest.param(("attributable",), {"pillars"}, marks=pytest.mark.slow),
        pytest.param(("actions",), {"agencies", "ask"}, marks=pytest.mark.slow),
    ],
)  # fmt: skip
def test_absent_data_leave_their_slide_out(new_project, tmp_path, drop, gone):
    made = make_deck(new_project(drop=drop), tmp_path / "deck", [AREA])
    keys = {s.key for s in made.slides}
    assert keys == {*ALL, f"area-{AREA}"} - gone


def test_english_without_synthetic_data(new_project, tmp_path):
    made = make_deck(new_project(language="en", synthetic=False), tmp_path / "deck", [AREA])
    assert made.lang == "en" and made.band == "" and made.stem == "2026_3509_review-slides"
    titles = " ".join(s.title for s in made.slides)
    assert "stunting" in titles.lower() and "kecamatan" not in titles and "balita" not in titles
    assert "sintetis" not in " ".join(note for s in made.slides for note in s.notes)


def test_name_of_the_file_explains_itself(deck):
    assert deck.stem == "2026_3509_paparan-rakor_sintetis"


def test_an_area_nobody_knows_is_one_sentence(project, tmp_path):
    with pytest.raises(UserError):
        make_deck(project, tmp_path, ["Atlantis"])


def test_pipes_spans_and_escapes_are_read_back():
    table = "::: {.table}\n| A | B |\n| --- | ---: |\n| x\\|y | [▲ 3 %]{.higher} |\n:::"
    assert read.pipe_table(table) == [("A", "B"), ("x|y", "▲ 3 %")]
    card = "::: {.card}\n[L]{.label}\n\n[1 %]{.value} [0–2 %]{.interval}\n\n[n\\*]{.note}\n:::"
    [made] = read.cards(f":::: {{.facts}}\n{card}\n::::")
    assert (made.label, made.value, made.interval, made.note) == ("L", "1 %", "0–2 %", "n*")
    assert read.pictures("no picture here", Path()) == {}
    assert read.sentences("text", "reading") == ""
