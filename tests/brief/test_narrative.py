"""Sentences case by case: above, below, cannot be told apart, suppressed, not sampled, …"""

from __future__ import annotations

import dataclasses

import pytest

from analysis.brief import narrative as tell
from analysis.brief.data import Standing
from analysis.brief.language import Language

ID, EN = Language("id"), Language("en")
BASE = Standing(
    area="35.09.20", name="Patrang", level="area", method="benchmarked",
    estimate=0.24, low=0.19, high=0.30, n=168, psus=4, villages_sampled=4, villages=8,
    rse=11.0, verdict="show", reason="ok", confidence="medium", balita=6330,
    stunted=1519, stunted_low=1203, stunted_high=1899, target=0.1765, target_status="derived",
    probability_at_target=0.12, word="undetermined", probability_above_whole=0.3,
    against_whole="similar", annual_reduction_needed=3.27, final_target=0.142, final_year=2029,
    children_to_prevent=620, children_to_prevent_low=300, children_to_prevent_high=1000,
    routine_estimate=0.092, routine_n=5203, weighed_share=0.82, weighed_basis="registered",
    confidence_reason="rse_middling",
)  # fmt: skip
GAPS = ["sanitasi", "kehadiran posyandu"]


def s(**changes: object) -> Standing:
    return dataclasses.replace(BASE, **changes)  # type: ignore[arg-type]


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("changes", "indonesian", "english"),
    [
        ({}, "Sekitar 1 dari 4 balita di Patrang stunting (24 %, kemungkinan besar 19–30 %).",
         "About 1 in 4 children under five in Patrang are stunted (24%, most likely 19–30%)."),
        ({"low": 0.22, "high": 0.26}, "Sekitar 1 dari 4 balita di Patrang stunting (24,0 %, kemungkinan besar 22,0–26,0 %).",
         "About 1 in 4 children under five in Patrang are stunted (24.0%, most likely 22.0–26.0%)."),
        ({"verdict": "suppress", "reason": "high_rse"},
         "Angka stunting Patrang tidak ditampilkan: galatnya terlalu besar.",
         "The stunting figure of Patrang is not shown: its error is too large."),
        ({"verdict": "suppress", "reason": "not_sampled", "estimate": None, "low": None, "high": None},
         "Belum ada angka stunting untuk Patrang: tidak ada balita yang diukur di sini.",
         "There is no stunting figure for Patrang: no child was measured here."),
        ({"verdict": "caution", "reason": "model_only"},
         "Menurut model, sekitar 1 dari 4 balita di Patrang stunting (24 %, kemungkinan besar 19–30 %); tidak ada balita yang diukur di sini.",
         "By the model, about 1 in 4 children under five in Patrang are stunted (24%, most likely 19–30%); none was measured here."),
        ({"verdict": "caution", "reason": "high_rse"},
         "Sekitar 1 dari 4 balita di Patrang stunting (24 %, kemungkinan besar 19–30 %); baca dengan hati-hati.",
         "About 1 in 4 children under five in Patrang are stunted (24%, most likely 19–30%); read with caution."),
    ],
)  # fmt: skip
def test_where_the_area_stands(changes, indonesian, english):
    assert plain(tell.stand(s(**changes), ID)) == indonesian
    assert plain(tell.stand(s(**changes), EN)) == english


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({}, "Angka ini belum dapat dibedakan dari rata-rata kabupaten, dan peluang sudah mencapai target 2026 sekitar 1 dari 10."),
        ({"against_whole": "higher", "probability_at_target": 0.001, "word": "not_reached"},
         "Angka ini lebih tinggi daripada rata-rata kabupaten, dan peluang sudah mencapai target 2026 hampir tidak ada (di bawah 1 dari 100)."),
        ({"against_whole": "lower", "probability_at_target": 0.93, "word": "reached"},
         "Angka ini lebih rendah daripada rata-rata kabupaten, dan target 2026 kemungkinan besar sudah tercapai."),
        ({"against_whole": "not_compared"},
         "Angka ini tidak dibandingkan dengan rata-rata kabupaten, dan peluang sudah mencapai target 2026 sekitar 1 dari 10."),
        ({"target": None, "probability_at_target": None, "word": "no_target"},
         "Angka ini belum dapat dibedakan dari rata-rata kabupaten; target 2026 belum ditetapkan."),
        ({"verdict": "suppress", "reason": "few_children"},
         "Karena itu posisi terhadap rata-rata kabupaten dan target tidak dinilai."),
        ({"level": "whole"}, "Peluang sudah mencapai target 2026 (17,7 %) sekitar 1 dari 10."),
        ({"level": "whole", "word": "reached", "probability_at_target": 0.97},
         "Target 2026 (17,7 %) kemungkinan besar sudah tercapai."),
        ({"level": "whole", "target": None}, "Target 2026 belum ditetapkan."),
    ],
)  # fmt: skip
def test_how_sure_that_is(changes, sentence):
    assert plain(tell.sureness(s(**changes), 2026, "kabupaten", ID)) == sentence


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        (GAPS, "Celah layanan terbesar: sanitasi dan kehadiran posyandu."),
        (["sanitasi"], "Celah layanan terbesar: sanitasi."),
        ([], "Semua layanan yang diukur sudah mencapai target atau rata-rata kabupaten."),
        (None, "Celah layanan belum dapat dinilai karena survei ini tidak memuat data layanan."),
    ],
)
def test_what_is_to_be_decided(names, sentence):
    assert tell.gaps(names, "kabupaten", ID) == sentence


def test_the_key_message_of_the_specification():
    text = plain(" ".join(tell.key_message(BASE, GAPS, 2026, "kabupaten", ID)))
    assert text == (
        "Sekitar 1 dari 4 balita di Patrang stunting (24 %, kemungkinan besar 19–30 %). "
        "Angka ini belum dapat dibedakan dari rata-rata kabupaten, dan peluang sudah mencapai "
        "target 2026 sekitar 1 dari 10. "
        "Celah layanan terbesar: sanitasi dan kehadiran posyandu."
    )


def test_the_key_message_drops_the_second_gap_before_it_grows_too_long():
    long = ["dua belas kata yang panjang sekali " * 2, "gap kedua"]
    worst = s(name="Sumber Panjang Sekali", verdict="caution", reason="model_only",
              probability_at_target=0.001)  # fmt: skip
    text = " ".join(tell.key_message(worst, long, 2026, "kabupaten", ID))
    assert "gap kedua" not in text
    assert tell.words(text) <= tell.MOST_WORDS


@pytest.mark.parametrize(
    ("share", "words"),
    [(0.03, "di bawah 1 dari 20"), (0.06, "sekitar 1 dari 17"), (0.10, "sekitar 1 dari 10"),
     (0.19, "sekitar 1 dari 5"), (0.24, "sekitar 1 dari 4"), (0.29, "sekitar 3 dari 10"),
     (0.34, "sekitar 1 dari 3"), (0.41, "sekitar 2 dari 5"), (0.52, "sekitar 1 dari 2")],
)  # fmt: skip
def test_shares_in_words(share, words):
    assert tell.around(share, ID) == words


@pytest.mark.parametrize(
    ("p", "words"),
    [(0.0, "hampir tidak ada (di bawah 1 dari 100)"), (0.03, "di bawah 1 dari 20"),
     (0.06, "sekitar 1 dari 10"), (0.45, "sekitar 5 dari 10"), (0.94, "sekitar 9 dari 10"),
     (0.97, "di atas 19 dari 20"), (1.0, "hampir pasti (di atas 99 dari 100)")],
)  # fmt: skip
def test_probabilities_in_words_are_never_certain(p, words):
    assert tell.chance(p, ID) == words


def test_target_sentences():
    first, second = (plain(t) for t in tell.target_sentences(BASE, 2026, ID))
    assert first == "Peluang sudah mencapai target 2026 (17,7 %): **sekitar 1 dari 10**."
    assert second == (
        "Perlu turun 3,3 poin per tahun agar 14,2 % tercapai pada 2029: "
        "620 balita (300–1.000) harus terhindar dari stunting."
    )
    met = tell.target_sentences(s(annual_reduction_needed=0.0), 2026, ID)
    assert "sudah terlampaui" in met[1]
    assert len(tell.target_sentences(s(target=None), 2026, ID)) == 1
    hidden = tell.target_sentences(s(verdict="suppress", reason="high_rse"), 2026, ID)
    assert len(hidden) == 1
    assert "tidak dinilai" in hidden[0]


STEPS = [("recorded", None, "computed"), ("recomputed", 0.07, "computed"),
         ("composition", -0.01, "computed"), ("not_weighed", None, "bounded"),
         ("remainder", 0.08, "computed"), ("survey", None, "computed")]  # fmt: skip


def test_two_numbers_names_the_widest_step_and_the_rest():
    text = plain(" ".join(tell.two_numbers(BASE, "e-PPGBM", STEPS, ID)))
    assert text == (
        "Survei mengukur sampel dari semua balita; e-PPGBM mencatat yang datang ditimbang "
        "(82 dari 100 sasaran, D/S 82 %). Langkah terbesar: status dihitung ulang dari hasil "
        "ukur (WHO 2006), +7,0 poin; sisanya 8,0 poin dari cara mengukur dan siapa yang tidak datang."
    )


def test_two_numbers_without_routine_data_or_without_a_survey_figure():
    assert tell.two_numbers(s(routine_estimate=None), "e-PPGBM", [], ID) == [
        "Tidak ada data penimbangan rutin untuk Patrang, sehingga hanya angka survei yang ditampilkan."
    ]
    hidden = tell.two_numbers(s(verdict="suppress", reason="high_rse"), "e-PPGBM", STEPS, ID)
    assert hidden == ["Angka survei tidak ditampilkan; angka rutin tidak menggantikannya."]


def test_a_falling_step_has_its_sign():
    text = " ".join(tell.two_numbers(BASE, "x", [("recomputed", -0.03, "computed")], ID))
    assert "−3,0 poin" in text


def test_new_cases_hide_small_tallies():
    assert tell.new_cases(None, 12, 9, 24, None, ID) == [
        "Jumlah kasus baru terlalu kecil untuk ditampilkan."
    ]
    assert tell.new_cases(0, 12, 9, 24, None, ID) == ["Tidak ada kasus baru dalam 24 bulan."]
    shown = tell.new_cases(39, None, 6, 24, (14.2, 10.1, 19.4), ID)
    assert shown[0] == "Dalam 24 bulan 39 kasus baru, 1–4 pulih, 6 tidak ditimbang lagi."
    assert shown[1] == "Laju: 14,2 kasus baru per 100 balita per tahun (10,1–19,4)."
    wide = tell.new_cases(24, 33, 6, 24, (18.2, 11.7, 27.1), ID, (11.6, 6.2, 21.8))
    assert wide[1].endswith("18 kasus baru per 100 balita per tahun (12–27).")
    assert wide[2] == "Setelah galat ukur dikeluarkan: 12 (6–22)."


def test_trend_is_refused_with_its_reason():
    text = " ".join(tell.trend_refusal("Patrang", "Kabupaten Jember", [(0.304, "SSGI", 2024)], ID))
    assert "belum ada dua survei dengan cara ukur yang sama" in text
    assert "30,4\u00a0% (SSGI 2024)" in text
    assert len(tell.trend_refusal("Patrang", "Kabupaten Jember", [], ID)) == 1


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (0.19, 0.30, "sedang sampai sangat tinggi"),
        (0.21, 0.29, "tinggi"),
        (0.30, 0.4, "sangat tinggi"),
    ],
)
def test_who_bands_are_those_the_interval_touches(low, high, words):
    assert tell.bands(s(low=low, high=high), ID) == words


def test_measured_says_villages_or_clusters_or_nobody():
    assert tell.measured(BASE, "desa", ID) == "168 balita diukur di 4 dari 8 desa"
    assert tell.measured(s(villages=None, villages_sampled=None), "desa", ID) == (
        "168 balita diukur di 4 klaster"
    )
    assert tell.measured(s(n=0), "desa", ID) == "tidak ada balita yang diukur di sini"


@pytest.mark.parametrize("state", ["higher", "similar", "lower", "not_compared"])
def test_titles_are_active_and_no_ranking(state):
    title = tell.areas_title(s(against_whole=state), "kabupaten", ID)
    assert title.startswith("Patrang ")
    assert "peringkat" not in title
