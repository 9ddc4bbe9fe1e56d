"""A brief as a whole: what it shows, what it must not show, what it does without."""

from __future__ import annotations

import dataclasses
import json
import re
import time
from pathlib import Path

import pandas as pd
import pytest

from analysis import artefacts
from analysis.brief import content, narrative
from analysis.brief.content import Brief, kabupaten_brief, kecamatan_brief, load
from analysis.brief.data import BriefData
from analysis.brief.metadata import slug
from analysis.brief.sections import (
    closing,
    decisions,
    factors,
    number,
    routine,
    services,
    trend,
)
from analysis.brief.tables import Ledger
from analysis.errors import UserError

#: Special areas of conftest.
SUPPRESSED, MODEL_ONLY, CAUTION = "35.09.18", "35.09.14", "35.09.31"
BLOCKS = {
    "message", "facts", "card", "columns", "column", "side", "section", "decision", "table",
    "compact", "data-table", "reading", "note", "caution", "missing", "foot",
}  # fmt: skip


@pytest.fixture(scope="module")
def made(project, tmp_path_factory):
    """Briefs of the shared project by area, each made once."""
    cache: dict[str, tuple[BriefData, Brief, Path]] = {}

    def get(area: str) -> tuple[BriefData, Brief, Path]:
        if area not in cache:
            data, folder = load(project, area), tmp_path_factory.mktemp("area")
            make = kabupaten_brief if data.is_whole else kecamatan_brief
            cache[area] = data, make(data, folder), folder
        return cache[area]

    return get


def without(data: BriefData, *names: str) -> BriefData:
    """The same data with tables that were never made."""
    empty = {name: data.tables[name].iloc[:0] for name in names}
    return dataclasses.replace(data, tables={**data.tables, **empty})


@pytest.mark.slow
def test_every_area_has_a_message_of_sixty_words(project):
    for code in [*project.register.codes, project.whole]:
        text = number.message(load(project, code)).split("\n\n")[1].splitlines()[0]
        assert 15 < narrative.words(text) <= 60


@pytest.mark.slow
def test_every_area_has_a_brief(project, tmp_path):
    for code in project.register.codes:
        brief = kecamatan_brief(load(project, code), tmp_path / code)
        assert json.loads(json.dumps(brief.metadata)) == brief.metadata


@pytest.mark.parametrize("area", ["Patrang", "35.09"])
def test_blocks_and_figures_are_those_of_the_page(made, area):
    _, brief, folder = made(area)
    for name, text in brief.sections.items():
        used = set(re.findall(r"^:+ \{\.([^ }]+)(?: \.([^ }]+))?", text, flags=re.M))
        assert {c for pair in used for c in pair if c} <= BLOCKS, name
        opened = len(re.findall(r"^:+ \{", text, flags=re.M))
        closed = len(re.findall(r"^:+$", text, flags=re.M))
        assert opened == closed, name
        for image in re.findall(r"!\[.*?\]\((figures/[a-z]+\.svg)\)\{([^}]*)\}", text):
            assert (folder / image[0]).exists()
            assert re.search(r'alt="[^"]{20,}"', image[1]), image


def test_alternative_texts_hold_the_numbers(made):
    data, brief, _ = made("Patrang")
    text = brief.markdown
    s = data.standing()
    alts = dict(re.findall(r'figures/([a-z]+)\.svg\)\{[^}]*alt="([^"]*)"', text))
    percent = narrative.percent(s, data.language)
    assert percent in alts["caterpillar"]
    assert percent in alts["ruler"]
    assert narrative.interval(s, data.language) in alts["ruler"]
    assert "10 indikator" in alts["spine"]


def test_a_suppressed_estimate_is_nowhere(made):
    data, brief, folder = made(SUPPRESSED)
    s = data.standing()
    assert s.estimate is not None and s.stunted is not None
    told = brief.markdown + json.dumps(brief.metadata, ensure_ascii=False)
    told += (folder / "data" / f"{brief.metadata['stem']}.csv").read_text(encoding="utf-8")
    assert narrative.interval(s, data.language) not in told
    assert data.language.format.count(s.stunted) not in told
    assert brief.metadata["numbers"]["estimate"] is None
    assert brief.metadata["numbers"]["word"] == "no_estimate"
    assert "galatnya terlalu besar" in brief.sections["message"]
    row = brief.numbers[(brief.numbers["section"] == "areas") & (brief.numbers["shown"] == "*")]
    assert len(row) == 1
    assert row["value"].isna().all()


def test_a_suppressed_area_is_hidden_in_the_briefs_of_others(made):
    data, brief, _ = made("Patrang")
    hidden = data.standing(SUPPRESSED)
    assert hidden.low is not None and hidden.high is not None
    table = brief.sections["areas"]
    line = next(x for x in table.splitlines() if x.startswith(f"| {hidden.name} "))
    assert "%" not in line
    assert "tidak dibandingkan" in line


def test_caution_stands_in_brackets_with_its_reason(project, tmp_path):
    modelled = load(project, MODEL_ONLY)
    text = number.number(modelled, tmp_path, Ledger())
    assert "sepenuhnya dari model" in text
    assert "tidak ada balita yang diukur di sini" in text
    assert "Menurut model" in number.message(modelled)
    cautious = number.number(load(project, CAUTION), tmp_path, Ledger())
    assert re.search(r"\[\(\d+\u00a0%\)\]\{\.value\}", cautious)


def test_villages_hide_small_numbers(project, made):
    data, brief, _ = made("Patrang")
    rows = data.here("priorities")
    rows = rows[rows["kind"] == "village"]
    hidden = rows[rows["verdict"] == "suppress"]
    assert len(hidden) > 0
    lines = brief.sections["routine"].splitlines()
    for code in hidden["village"]:
        name = project.register.villages.at[code, "name"]
        line = next(x for x in lines if x.startswith(f"| {name} "))
        assert line.count("{.suppressed}") == 1
        assert "%" not in line


def test_new_cases_of_one_to_four_children_are_stars(made):
    text = made("Patrang")[1].sections["routine"]
    block = text[text.index('summary="Kasus baru') :]
    block = block[: block.index(":::")]
    cells = re.findall(r"^\| [^|]*\d\d \| ([^|]+) \| ([^|]+) \|", block, flags=re.M)
    assert len(cells) >= 4
    for cell in (c.strip() for pair in cells for c in pair):
        assert cell == "\\*" or int(cell) not in range(1, 5)


def test_absent_inputs_leave_one_sentence_each(made, tmp_path):
    data, ledger = made("Patrang")[0], Ledger()
    said = {
        "Kasus baru tidak dapat dihitung": routine.new_cases(
            without(data, "new_cases"), tmp_path, ledger
        ),
        "Data desa/kelurahan tidak tersedia": routine.villages(without(data, "priorities"), ledger),
        "Hubungan dengan stunting tidak dihitung": factors.factors(
            without(data, "effects"), tmp_path, ledger
        ),
        "Keputusan tidak diusulkan": decisions.decisions(without(data, "actions"), ledger),
        "Survei ini tidak memuat indikator layanan": services.indicators(
            without(data, "prevalence"), tmp_path, ledger
        ),
        "belum ada dua survei": trend.trend(without(data, "series")),
    }
    for sentence, text in said.items():
        assert sentence in text
        assert text.count("{.missing}") == 1
        assert "|" not in text
    assert "Celah layanan belum dapat dinilai" in number.message(without(data, "actions"))


@pytest.mark.slow
def test_a_survey_alone_still_makes_both_briefs(new_project, tmp_path):
    made = new_project(
        drop=("new_cases", "priorities", "effects", "attributable", "actions", "two_numbers",
              "data_quality", "variance_components", "series", "target_path"),
        routine=None,
    )  # fmt: skip
    area = kecamatan_brief(load(made, "Patrang"), tmp_path)
    assert "{.missing}" in area.sections["areas"]
    whole = kabupaten_brief(load(made, made.whole), tmp_path)
    assert "{.missing}" in whole.sections["programmes"]


@pytest.mark.slow
def test_synthetic_data_say_so_in_name_and_on_the_page(made, new_project, tmp_path):
    brief = made("Patrang")[1]
    assert brief.metadata["stem"] == "2026_350920_patrang_ringkasan-stunting_sintetis"
    assert brief.metadata["synthetic_label"] == "DATA SINTETIS"
    assert "data sintetis" in brief.sections["foot"]
    real = new_project(synthetic=False)
    assert content.stem(real, "35.09.20") == "2026_350920_patrang_ringkasan-stunting"
    assert "sintetis" not in closing.foot(load(real, "Patrang"), tmp_path)


@pytest.mark.slow
def test_english_is_whole(new_project, tmp_path):
    made = new_project(language="en")
    for code in ("Patrang", made.whole):
        data = load(made, code)
        brief = (kabupaten_brief if data.is_whole else kecamatan_brief)(data, tmp_path)
        assert brief.metadata["lang"] == "en"
        left = re.sub(r"\|[^\n]*\||figures/\S+", "", brief.markdown)  # programmes are as listed
        for word in (" balita", "peluang", "menurut", "tidak ditampilkan", "kabupaten", "sekitar"):
            assert word not in left, word
    assert content.stem(made, "35.09.20") == "2026_350920_patrang_stunting-brief_synthetic"


def test_the_csv_holds_the_numbers_of_the_page(made):
    _, brief, folder = made("Patrang")
    table = pd.read_csv(folder / "data" / f"{brief.metadata['stem']}.csv", dtype="str")
    assert list(table.columns)[:4] == ["bagian", "butir", "ukuran", "tertulis"]
    page = brief.markdown
    for row in table.to_dict("records"):
        if row["bagian"] in ("estimate", "children", "target", "areas"):
            for part in str(row["tertulis"]).strip("()").replace(" (", ";").split(";"):
                assert part.strip(" )") in page.replace("\\*", "*"), row


def test_desa_names_cannot_break_out(made):
    data, ledger = made("Patrang")[0], Ledger()
    table = data.tables["priorities"].copy()
    place = table.index[(table["kind"] == "village") & (table["area"] == "35.09.20")][0]
    table.loc[place, "village"] = '=1+<script>alert("x")</script>|*a* #read("x")'
    text = routine.villages(
        dataclasses.replace(data, tables={**data.tables, "priorities": table}), ledger
    )
    line = next(x for x in text.splitlines() if "script" in x)
    assert r"\<script\>alert(\"x\")\</script\>\|\*a\* \#read" in line
    assert len(re.findall(r"(?<!\\)\|", line)) == 4
    assert any(str(row["item"]).startswith("'=1+") for row in ledger.rows)


@pytest.mark.slow
def test_load_needs_the_review_and_a_known_name(project, new_project):
    with pytest.raises(UserError, match="Did you mean 'Patrang'"):
        load(project, "Patrng")
    with pytest.raises(UserError, match="make models"):
        load(new_project(drop=("review",)), "35.09.20")


@pytest.mark.slow
def test_fingerprint_changes_with_the_data_and_not_without(new_project):
    made = new_project()
    before = content.fingerprint(made, "35.09.20")
    assert content.fingerprint(made, "35.09.20") == before
    table = artefacts.read(made, "review")
    table.loc[0, "estimate"] += 0.001
    from analysis.review.schemas import REVIEW

    artefacts.write(made, "review", table, REVIEW, artefacts.meta(made, "review"))
    assert content.fingerprint(made, "35.09.20") != before


def test_same_inputs_same_bytes(project, made, tmp_path):
    folder = made("Patrang")[2]
    kecamatan_brief(load(project, "Patrang"), tmp_path)
    first = sorted(folder.rglob("*.*"))
    assert len(first) > 6
    for file in first:
        twin = tmp_path / file.relative_to(folder)
        assert file.read_bytes() == twin.read_bytes()


@pytest.mark.slow
def test_a_warm_brief_takes_less_than_a_second_and_a_half(project, tmp_path):
    kecamatan_brief(load(project, "Silo"), tmp_path)
    times = []
    for _ in range(3):
        start = time.process_time()
        kecamatan_brief(load(project, "Patrang"), tmp_path)
        times.append(time.process_time() - start)
    assert min(times) < 1.5


def test_slugs():
    assert slug("Cabo Delgado – urban") == "cabo-delgado-urban"
    assert slug("ñ/é") == "n-e"


@pytest.mark.parametrize(
    ("first", "last", "label"),
    [(0, 5, "Mar–Jun 24"), (6, 11, "Jul–Des 24"), (12, 17, "Jan–Feb 25"), (13, 13, "Feb 25")],
)
def test_a_period_is_named_as_far_as_the_records_reach(project, first, last, label):
    year = 12 * 2024
    data = load(project, project.whole)
    ends = (year + 2, year + 13)
    assert routine._period_label(data, year + first, year + last, ends) == label


@pytest.mark.parametrize(
    ("new", "unit", "drawn"),
    [
        ([0, 0, 0, 0, 0, 0], "month", True),  # no case at all is worth seeing
        ([7, 0, 6, 0, 0, 0], "month", True),
        ([7, 0, 2, 0, 0, 0], "quarter", True),  # a second count hides with the small one
        ([2, 0, 0, 3, 0, 0], "half", True),  # 5 in half a year
        ([0, 3, 0, 0, 0, 0], "half", False),
        ([2, 2, 2, 1, 1, 4], "quarter", True),
    ],
)
def test_new_cases_are_drawn_where_a_bar_can_be_shown(project, new, unit, drawn):
    months = pd.DataFrame(
        {"month": [f"2026-{m:02d}" for m in range(1, 7)], "new": new, "recovered": 0}
    )
    periods, found = routine._periods(load(project, project.whole), months)
    assert (found, routine._tells(periods)) == (unit, drawn)


def test_bars_with_gaps_say_what_a_gap_is(project):
    data = load(project, project.whole)
    even = [routine.newcases.Period("a", 7, 7, 0), routine.newcases.Period("b", 7, 7, 1)]
    gap = [even[0], dataclasses.replace(even[1], at=3, recovered=None)]
    assert routine._caption(data, even, "bulan") == "Balita per bulan."
    assert "1–4 balita" in routine._caption(data, gap, "bulan")
    assert "Tanpa batang" in routine._caption(data, gap, "bulan")


def test_a_published_month_is_written_in_words(project):
    data = load(project, project.whole)
    assert trend._period(data, "2024-11") == "November 2024"
    assert trend._period(data, "2024") == "2024"


def test_a_number_and_its_percent_sign_never_part(project):
    for code in ("35.09.20", project.whole):
        data = load(project, code)
        assert not re.findall(r"\d %", closing.notes(data))
