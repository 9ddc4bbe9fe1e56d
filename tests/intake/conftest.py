"""Small projects with raw files of one's own, for tests of intake."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from analysis.project import Project, load_project

ROOT = Path(__file__).parents[2]
SURVEY_HEADINGS = [
    "kecamatan",
    "desa",
    "strata",
    "no_bs",
    "no_rt",
    "bobot",
    "nama_anak",
    "nik",
    "jk",
    "tgl_lahir",
    "tgl_ukur",
    "bb",
    "tb",
    "cara_ukur",
    "edema",
    "tim",
    "pendidikan_ibu",
    "air_layak",
]
CLASSIC_HEADINGS = [
    "No",
    "NIK",
    "Nama",
    "JK",
    "Tgl Lahir",
    "BB Lahir",
    "TB Lahir",
    "Nama Ortu",
    "Prov",
    "Kab/Kota",
    "Kec",
    "Pukesmas",
    "Desa/Kel",
    "Posyandu",
    "RT",
    "RW",
    "Alamat",
    "Usia Saat Ukur",
    "Tanggal Pengukuran",
    "Berat",
    "Tinggi",
    "Cara Ukur",
    "LiLA",
    "BB/U",
    "ZS BB/U",
    "TB/U",
    "ZS TB/U",
    "BB/TB",
    "ZS BB/TB",
    "Naik Berat Badan",
    "PMT Diterima (kg)",
    "Jml Vit A",
    "KPSP",
    "KIA",
    "Detail",
]

Row = dict[str, Any]


def survey_row(number: int = 1, **changes: Any) -> Row:
    """One good row of a survey, under its headings; `number` makes it another child."""
    row = {
        "kecamatan": "Patrang",
        "desa": "Bintoro",
        "strata": "191",
        "no_bs": f"{number % 5:03d}",
        "no_rt": str(number),
        "bobot": "31,5",
        "nama_anak": f"Melati Nomor {number}",
        "nik": f"99091912{number:07d}7",
        "jk": "P" if number % 2 else "L",
        "tgl_lahir": f"{number % 27 + 1:02d}/05/2024",
        "tgl_ukur": "15/08/2026",
        "bb": f"{10 + number % 30 / 10:.1f}".replace(".", ","),
        "tb": f"{80 + number % 50 / 10:.1f}".replace(".", ","),
        "cara_ukur": "Berdiri",
        "edema": "Tidak",
        "tim": "T01",
        "pendidikan_ibu": "sma",
        "air_layak": "Ya",
    }
    return row | changes


def visit_row(number: int = 1, month: int = 8, **changes: Any) -> Row:
    """One good row of a classic e-PPGBM export, under its headings."""
    row = dict.fromkeys(CLASSIC_HEADINGS, "")
    row |= {
        "No": str(number),
        "NIK": f"99091912{number:07d}7",
        "Nama": f"Melati Nomor {number}",
        "JK": "P" if number % 2 else "L",
        "Tgl Lahir": f"2024-05-{number % 27 + 1:02d}",
        "Nama Ortu": f"Ibu Arum {number} / Bapak {number}",
        "Kec": "PATRANG",
        "Pukesmas": "PATRANG",
        "Desa/Kel": "BINTORO",
        "Posyandu": "Anggrek 1",
        "Alamat": "Dusun Krajan",
        "Tanggal Pengukuran": f"2026-{month:02d}-15",
        "Berat": "10.5",
        "Tinggi": "82.5",
        "Cara Ukur": "Berdiri",
        "TB/U": "Normal",
        "ZS TB/U": "-1.2",
    }
    return row | changes


def as_csv(rows: Sequence[Row], delimiter: str = ";", headings: Sequence[str] | None = None) -> str:
    """Rows as delimited text, cells quoted where needed."""
    names = list(headings or rows[0])
    lines = [names, *[[str(row.get(name, "")) for name in names] for row in rows]]

    def cell(text: str) -> str:
        special = any(c in text for c in (delimiter, '"', "\n", "\r"))
        return '"' + text.replace('"', '""') + '"' if special else text

    return "\n".join(delimiter.join(cell(text) for text in line) for line in lines) + "\n"


MakeProject = Callable[..., Project]


@pytest.fixture(scope="session")
def rows() -> SimpleNamespace:
    """`rows.survey(1, bb="12")`, `rows.visit(1, month=7)` and `rows.csv([...])`."""
    return SimpleNamespace(survey=survey_row, visit=visit_row, csv=as_csv)


@pytest.fixture
def make_project(tmp_path: Path) -> MakeProject:
    """Make a project from raw files: `make_project({"survei.csv": text_or_bytes, …}, routine=[…])`.

    Params are the repository's own, without sample, population file and risk families unless given.
    """

    def make(
        files: dict[str, str | bytes],
        survey: Sequence[str] = ("survei.csv",),
        routine: Sequence[str] = (),
        map_text: str | None = None,
        corrections: str | None = None,
        **population: str,
    ) -> Project:
        shutil.copytree(ROOT / "params", tmp_path / "params", dirs_exist_ok=True)
        raw = tmp_path / "data" / "raw"
        raw.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            data = content.encode() if isinstance(content, str) else content
            (raw / name).write_bytes(data)
        path = tmp_path / "params" / "default.yaml"
        params = yaml.safe_load(path.read_text(encoding="utf-8"))
        params["survey"]["files"] = list(survey)
        params.pop("sample", None)
        if map_text is not None:
            (tmp_path / "params" / "columns" / "own.yaml").write_text(map_text, encoding="utf-8")
            params["survey"]["columns"] = "columns/own.yaml"
        if routine:
            params["routine"]["files"] = list(routine)
        else:
            params.pop("routine")
        source = params["population"]["source"]
        params["population"] = {"source": source, **population}
        path.write_text(yaml.safe_dump(params, allow_unicode=True), encoding="utf-8")
        if corrections is not None:
            (tmp_path / "params" / "corrections.csv").write_text(corrections, encoding="utf-8")
        return load_project(path)

    return make
