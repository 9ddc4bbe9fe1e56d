"""Tables of the first notebook: every row accounted for, every verdict shown, text escaped."""

from __future__ import annotations

import pandas as pd
import pytest

from analysis.intake import views

LOG = pd.DataFrame(
    [
        ("survey", "a.csv", 0, "read", "Baris.", "read", 100, 100, 100, None),
        ("survey", "a.csv", 1, "metres", "Meter.", "mend", 100, 4, 100, "baris 3: 0,8 → 80"),
        ("survey", "a.csv", 2, "no_answer", "Kosong.", "blank", 100, 7, 100, "baris 9: 9999"),
        ("survey", "a.csv", 3, "unknown_kecamatan", "Tidak dikenal.", "set_aside", 100, 6, 94, "x"),
        ("survey", "b.csv", 0, "read", "Baris.", "read", 50, 50, 50, None),
        ("survey", "b.csv", 3, "unknown_kecamatan", "Tidak dikenal.", "set_aside", 50, 1, 49, "y"),
    ],
    columns=["scope", "source_file", "step", "rule", "reason", "action", "rows_before", "affected",
             "rows_after", "examples"],
)  # fmt: skip


def quality_row(area: str, indicator: str, value: float | None, verdict: str, unit: str = ""):
    return {
        "scope": "survey", "kecamatan": area, "unit": unit, "indicator": indicator, "value": value,
        "threshold": 0.01, "n": 120, "verdict": verdict, "consequence": "none", "source": "WHO",
    }  # fmt: skip


QUALITY = pd.DataFrame(
    [
        quality_row("1", "flagged_haz", 0.0234, "poor"),
        quality_row("1", "haz_sd", 1.234, "good"),
        quality_row("1", "haz_sd", 1.9, "poor", unit="tim 3"),
        quality_row("1", "age_ratio_p", 0.0004, "good"),
        quality_row("2", "flagged_haz", None, "not_computed"),
    ]
)


def test_rows_read_are_rows_set_aside_and_rows_kept() -> None:
    table = views.account(LOG)
    assert table["berkas"].tolist() == ["a.csv", "b.csv"]
    assert (table["dibaca"] == table["disisihkan"] + table["dipakai"]).all()
    assert table["disisihkan"].tolist() == [6, 1]
    assert table["baris diperbaiki"].tolist() == [4, 0]
    assert table["baris dengan sel dikosongkan"].tolist() == [7, 0]


def test_a_rule_is_counted_over_all_files() -> None:
    table = views.rules_applied(LOG).set_index("aturan")
    assert table.index.tolist() == ["metres", "no_answer", "unknown_kecamatan"]
    assert table.loc["unknown_kecamatan", "baris"] == 7
    assert table.loc["unknown_kecamatan", "contoh"] == "x"
    assert table["tindakan"].notna().all()


def test_quality_of_an_area_is_that_of_its_whole_in_the_reader_s_numbers() -> None:
    table = views.quality_of(QUALITY, "survey", "1")
    assert len(table) == 3, "a team is not the area"
    assert table["nilai"].tolist() == ["2,3\u00a0%", "1,23", "< 0,001"]
    assert table["penilaian"].notna().all()
    assert views.quality_of(QUALITY, "survey", "2")["nilai"].tolist() == ["–"]
    assert views.quality_of(QUALITY, "routine", "1").empty


def test_grid_shows_what_warns_somewhere_and_nothing_else() -> None:
    grid = views.quality_grid(QUALITY, "survey", {"1": "Utara", "2": "Selatan"})
    assert grid["kecamatan"].tolist() == ["Selatan", "Utara"]
    assert grid.shape == (2, 2)
    assert set(grid.iloc[:, 1]) == {"○", "–"}


def test_linkage_says_how_many_were_found_by_each_way() -> None:
    visits = pd.DataFrame(
        {"linked_by": ["nik", "nik", "name", "single"], "child_id": ["a", "a", "b", "c"]}
    )
    sentence = views.linkage(visits)
    assert sentence.startswith("4 pengukuran dari 3 anak: 50,0\u00a0% ditautkan lewat NIK")
    assert "25,0\u00a0% tanpa pasangan" in sentence


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "a & b"])
def test_text_of_raw_files_is_escaped(text: str) -> None:
    shown = views.styled(pd.DataFrame({"contoh": [text], "baris": [12345]})).to_html()
    assert text not in shown
    assert "12.345" in shown
