import math

import pandas as pd
import pytest

from analysis.review import answers

ROW = {
    "word": "not_reached", "estimate": 0.3076, "low": 0.292, "high": 0.3234, "target": 0.1765,
    "target_status": "derived", "probability_at_target": 0.0, "stunted": 47978.0,
    "stunted_low": 45600.0, "stunted_high": 50400.0, "balita": 155999.0, "final_year": 2029,
    "final_target": 0.142, "children_to_prevent": 25826.0, "annual_reduction_needed": 5.52,
}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "Prevalensi stunting X 30,8 % (29,2 % sampai 32,3 %); belum mencapai target 2026 "
             "(17,7 %, diturunkan): peluang sudah tercapai kurang dari 1 %."),
        ({"word": "undetermined", "probability_at_target": 0.42, "target_status": "confirmed"},
         "Prevalensi stunting X 30,8 % (29,2 % sampai 32,3 %); belum dapat dibedakan dari target "
         "2026 (17,7 %): peluang sudah tercapai 42 %."),
        ({"word": "reached", "probability_at_target": 0.999}, "lebih dari 99 %"),
        ({"word": "no_target"}, "belum ada target untuk tahun ini."),
        ({"word": "no_estimate"}, "X: tidak ada perkiraan yang dapat ditampilkan."),
    ],
)  # fmt: skip
def test_standing(changes: dict[str, object], expected: str) -> None:
    assert expected in answers.standing(pd.Series({**ROW, **changes}), "X", 2026)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "Sekitar 47.978 balita stunting di X (45.600 sampai 50.400) dari 155.999 balita. "
             "Untuk 14,2 % pada 2029, 25.826 balita di antaranya tidak lagi stunting: 5,5 poin per tahun."),
        ({"annual_reduction_needed": math.nan}, "Jalur target sudah berakhir (2029)."),
        ({"stunted": math.nan}, "tidak diketahui"),
    ],
)  # fmt: skip
def test_children(changes: dict[str, object], expected: str) -> None:
    assert expected in answers.children(pd.Series({**ROW, **changes}), "X")


def test_tally() -> None:
    review = pd.DataFrame(
        {
            "level": ["area"] * 3 + ["whole"],
            "word": ["reached", "not_reached", "not_reached", "reached"],
        }
    )
    assert answers.tally(review) == (
        "Dari 3 wilayah: 1 sudah mencapai target; 2 belum mencapai target."
    )


CASES = {
    "area": "w", "month": "all", "child_years": 100.0, "new": 16, "rate": 16.0, "low": 9.1, "high": 26.0,
    "window_start": "2024-08", "window_end": "2026-08", "rate_corrected": 13.0,
    "corrected_low": 8.0, "corrected_high": 20.0, "correction": "error_and_offset", "offset_cm": 1.2,
}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {},
            "16 kasus baru pada 2024-08 sampai 2026-08: 16,0 per 100 tahun-anak (9,1 sampai 26,0)",
        ),
        ({}, "galat ukur dikeluarkan: 13,0 (8,0 sampai 20,0)"),
        ({}, "pembacaan rutin rata-rata 1,2 cm lebih panjang"),
        ({"correction": "error_only", "offset_cm": math.nan}, "tidak dapat diperkirakan."),
        ({"correction": "error_only"}, "tidak dapat diperkirakan"),
        ({"rate_corrected": math.nan}, "seperti terukur."),
        ({"child_years": 0.0}, "tidak dihitung"),
        ({"area": "other"}, "tidak dihitung"),
    ],
)
def test_incidence(changes: dict[str, object], expected: str) -> None:
    assert expected in answers.incidence(pd.DataFrame([{**CASES, **changes}]), "w")


def bridge(**changes: dict[str, object]) -> pd.DataFrame:
    rows = {
        "recorded": {"value": 0.10, "status": "computed", "basis": "ok"},
        "recomputed": {"value": 0.17, "change": 0.07, "status": "computed"},
        "composition": {"value": 0.16, "change": -0.01, "status": "computed"},
        "not_weighed": {"status": "bounded", "needed": 1.4},
        "remainder": {"value": 0.31, "change": 0.15, "status": "computed"},
        "survey": {"value": 0.31, "status": "computed", "basis": "survey_direct"},
    }
    rows = {step: {**row, **changes.get(step, {})} for step, row in rows.items()}
    columns = ["value", "change", "status", "basis", "needed"]
    return pd.DataFrame(rows).T.reindex(columns=columns).rename_axis("step").reset_index()


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {},
            "Rutin 10,0 %, survei 31,0 %: ulang +7,0 poin; composition −1,0 poin; remainder +15,0 poin.",
        ),
        ({}, "sekalipun semuanya stunting"),
        ({"not_weighed": {"needed": 0.6}}, "60 % dari mereka harus stunting."),
        (
            {"recorded": {"status": "not_computed", "basis": "no_routine"}},
            "tidak dihitung (no_routine)",
        ),
        (
            {"survey": {"status": "not_computed", "basis": "survey_suppressed"}},
            "(survey_suppressed)",
        ),
    ],
)
def test_difference(changes: dict[str, dict[str, object]], expected: str) -> None:
    assert expected in answers.difference(bridge(**changes), {"recomputed": "ulang"})


def test_first() -> None:
    table = pd.DataFrame(
        {
            "kind": ["area", "area", "village", "village"], "area": ["a", "b", "a", "a"],
            "by_score": [1, 2, None, None], "by_number": [2, 1, None, None],
            "by_rate": [1, 2, None, None], "locus": pd.array([None, None, True, False], "boolean"),
        }
    )  # fmt: skip
    found = answers.first(table, {"a": "Utara", "b": "Tengah"}, 1)
    assert found == (
        "Menurut jumlah: Tengah. Menurut prevalensi: Utara. Menurut skor: Utara. "
        "Lokus: 1 dari 2 desa/kelurahan."
    )
    assert "tidak dihitung" in answers.first(table[table["kind"] == "village"], {})


def test_who() -> None:
    actions = pd.DataFrame(
        {"area": ["w", "w", "w"], "rank": [2, 1, 0], "indicator": ["x", "y", "z"], "coverage": [0.5, 0.6, 0.7],
         "opd_name": ["Dinas A", None, "Dinas B"], "evidence": [2, 3, 1]}
    )  # fmt: skip
    assert answers.who(actions, "w", {"y": "Sanitasi"}) == (
        "1. Sanitasi (60 %), OPD belum tercatat, bukti ●●●; 2. x (50 %), Dinas A, bukti ●●○."
    )
    assert answers.who(actions, "v", {}) == "Tidak ada celah layanan yang dapat dihitung."


@pytest.mark.parametrize(
    ("value", "text"), [(0.001, "kurang dari 1 %"), (0.995, "lebih dari 99 %"), (0.5, "50 %")]
)
def test_chance(value: float, text: str) -> None:
    assert answers.chance(value) == text
