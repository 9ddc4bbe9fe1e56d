"""Column maps and the headings they find."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from analysis.errors import UserError
from analysis.intake.columns import (
    KNOWN,
    ColumnMap,
    choose_map,
    find_header,
    heading_key,
    load_map,
    match,
    missing_groups,
    nearest_heading,
)
from analysis.project import load_project

CLASSIC_HEADINGS = [
    "No", "NIK", "Nama", "JK", "Tgl Lahir", "BB Lahir", "TB Lahir", "Nama Ortu", "Prov", "Kab/Kota",
    "Kec", "Pukesmas", "Desa/Kel", "Posyandu", "RT", "RW", "Alamat", "Usia Saat Ukur",
    "Tanggal Pengukuran", "Berat", "Tinggi", "Cara Ukur", "LiLA", "BB/U", "ZS BB/U", "TB/U",
    "ZS TB/U", "BB/TB", "ZS BB/TB", "Naik Berat Badan", "PMT Diterima (kg)", "Jml Vit A", "KPSP",
    "KIA", "Detail",
]  # fmt: skip
H2025 = [h for h in CLASSIC_HEADINGS if h not in ("PMT Diterima (kg)", "Detail")]
H2025 += ["Kelas Ibu Balita", "MBG", "Detail"]
H2026 = [
    "Nama Anak", "Jenis Kelamin", "Tanggal Lahir", "NIK", "Nomor KK", "Anak Ke",
    "Nama Orang Tua (Ibu/Ayah)", "NIK Orang Tua", "No HP Orang Tua", "Alamat", "RT", "Kecamatan",
    "Puskesmas", "Kelurahan", "Posyandu", "Usia Kehamilan (minggu)", "Berat Lahir - Sasaran (kg)",
    "Panjang Lahir - Sasaran (cm)", "Lingkar Kepala Lahir (cm)", "IMD", "Tanggal Pengukuran",
    "Berat (kg)", "Tinggi (cm)", "Cara Ukur", "LiLA (cm)", "ZS BB/U", "ZS TB/U", "ZS BB/TB",
    "Naik Berat Badan", "Jml Vit A", "Kelas Ibu Balita", "MBG",
]  # fmt: skip


@pytest.fixture(scope="module")
def generations(root: Path) -> list[ColumnMap]:
    names = ("eppgbm_classic", "eppgbm_2025", "eppgbm_2026")
    return [load_map(root / "params" / "columns" / f"{name}.yaml") for name in names]


@pytest.mark.parametrize(("headings", "index"), [(CLASSIC_HEADINGS, 0), (H2025, 1), (H2026, 2)])
def test_the_three_generations_are_told_apart_by_their_headings(
    headings: list[str], index: int, generations: list[ColumnMap]
) -> None:
    chosen, _ = choose_map(headings, generations)
    assert chosen == index
    found = match(headings, generations[chosen]).found
    assert missing_groups(list(found), "routine") == []
    assert {"nik", "child_name", "kecamatan", "desa", "posyandu", "recorded_haz"} <= set(found)


def test_an_early_export_without_position_is_still_classic(generations: list[ColumnMap]) -> None:
    headings = [h for h in CLASSIC_HEADINGS if h != "Cara Ukur"]
    chosen, _ = choose_map(headings, generations)
    assert chosen == 0
    assert missing_groups(list(match(headings, generations[0]).found), "routine") == []


@pytest.mark.parametrize(
    "written", ["DESA / KEL", "desa_kel", " Desa/Kel. ", "Dèsa-Kel", "desakel"]
)
def test_case_spaces_accents_and_punctuation_of_headings_do_not_matter(written: str) -> None:
    assert heading_key(written) == heading_key("Desa/Kel")


def test_the_header_is_found_below_title_rows(generations: list[ColumnMap]) -> None:
    preview = [["LAPORAN PENGUKURAN", ""], ["Kabupaten Jember", "2026"], [], CLASSIC_HEADINGS]
    header = find_header(preview, generations)
    assert header is not None
    assert (header.row, header.map_index) == (3, 0)


def test_a_sheet_of_anything_else_has_no_header(generations: list[ColumnMap]) -> None:
    assert find_header([["a", "b"], ["1", "2"]], generations) is None


def test_a_heading_that_stands_twice_is_told(generations: list[ColumnMap]) -> None:
    assert match([*CLASSIC_HEADINGS, "berat"], generations[0]).twice == ("Berat",)
    assert match([*CLASSIC_HEADINGS, "Detail", "LiLA"], generations[0]).twice == ()


def test_the_nearest_heading_is_suggested(generations: list[ColumnMap]) -> None:
    assert (
        nearest_heading("visit_date", generations[0], ["Tgl Pengukuran", "Foo"]) == "Tgl Pengukuran"
    )
    assert nearest_heading("visit_date", generations[0], ["Warna"]) is None


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"kind": "survey", "columns": {"sex": ["JK"], "nik": ["jk"]}}, "claimed by both"),
        ({"kind": "survey", "columns": {"sex": ["--"]}}, "no letter or digit"),
        ({"kind": "survai", "columns": {}}, "'kind'"),
        ({"kind": "survey", "columns": {}, "code": {}}, "unknown key 'code'"),
        (
            {"kind": "survey", "columns": {}, "codes": {"sex": {"m": ["1"], "f": ["1.0"]}}},
            "means both",
        ),
        (
            {"kind": "survey", "columns": {"sex": ["a"]}, "combine": {"sex": ["a", "b"]}},
            "both in columns and in combine",
        ),
        ({"kind": "survey", "columns": {}, "units": {"weight_kg": "pound"}}, "units.weight_kg"),
    ],
)
def test_a_map_that_contradicts_itself_is_refused(
    content: dict[str, object], words: str, tmp_path: Path
) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    with pytest.raises(UserError, match=words):
        load_map(path)


def test_the_maps_of_the_repository_name_only_known_columns(root: Path) -> None:
    known = KNOWN | set(load_project(root / "params" / "default.yaml").pillars.indicators)
    files = sorted((root / "params" / "columns").glob("*.yaml"))
    assert len(files) >= 7
    for file in files:
        assert set(load_map(file).canonical) <= known, file.name
