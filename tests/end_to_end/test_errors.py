"""What a user can get wrong ends in one sentence, a non-zero exit, and nothing half-written."""

from pathlib import Path

import pytest
import yaml

from analysis.cli import main

HEADER = "no_bs;strata;bobot;kec;jk;tgl_lahir;tgl_ukur;bb;tb"
ROW = "1;kota;12,5;Patrang;L;01/02/2023;03/09/2026;13,2;91,4"


def fails(params: Path, capsys, *words: str, arguments: tuple[str, ...] = ()) -> str:
    status = main(["reports", "--quiet", "--params", str(params), *arguments])
    printed = capsys.readouterr()
    assert status != 0
    lines = [line for line in printed.err.splitlines() if line.strip()]
    assert len(lines) == 1, printed.err
    assert lines[0].startswith("error: ")
    assert "Traceback" not in printed.err + printed.out
    for word in words:
        assert word in lines[0], lines[0]
    project = params.parents[1]
    assert not list((project / "data" / "processed").glob("*.parquet"))
    shared = [f for f in (project / "reports" / "out").rglob("*") if "log" not in f.parts]
    assert not [file for file in shared if file.is_file()]
    return lines[0]


@pytest.fixture
def survey(root: Path, own_project):
    def make(name: str, content: bytes) -> Path:
        params = own_project(root / "params", {"survey": {"files": [name]}})
        settings = yaml.safe_load(params.read_text(encoding="utf-8"))
        del settings["routine"]
        settings["population"] = {"source": settings["population"]["source"]}
        params.write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")
        (params.parents[1] / "data" / "raw" / name).write_bytes(content)
        return params

    return make


def test_unknown_kecamatan_on_the_command_line(root: Path, own_project, capsys) -> None:
    params = own_project(root / "params")
    fails(params, capsys, "Patran", "Did you mean 'Patrang'", arguments=("Patran",))


def test_params_typo(root: Path, own_project, capsys) -> None:
    params = own_project(root / "params", {"estimation": {"bootstrapp": 9}})
    fails(params, capsys, "default.yaml", "estimation.bootstrapp", "'bootstrap'")


def test_missing_params_file(tmp_path: Path, capsys) -> None:
    assert main(["reports", "--params", str(tmp_path / "none.yaml")]) == 2
    assert "no such file" in capsys.readouterr().err


@pytest.mark.slow
def test_empty_file(survey, capsys) -> None:
    fails(survey("anak.csv", b""), capsys, "anak.csv")


@pytest.mark.slow
def test_header_without_rows(survey, capsys) -> None:
    fails(survey("anak.csv", (HEADER + "\n").encode()), capsys, "anak.csv")


@pytest.mark.slow
def test_misspelt_column_names_the_nearest(survey, capsys) -> None:
    content = f"{HEADER}\n{ROW}\n".replace("tgl_lahir", "tgl_lahr")
    fails(survey("anak.csv", content.encode()), capsys, "anak.csv", "tgl_lahr")


@pytest.mark.slow
def test_unreadable_workbook(survey, capsys) -> None:
    fails(survey("anak.xlsx", b"PK\x03\x04 this is no workbook"), capsys, "anak.xlsx")


@pytest.mark.slow
def test_no_row_of_a_known_area(survey, capsys) -> None:
    content = f"{HEADER}\n{ROW}\n".replace("Patrang", "Negeri Dongeng")
    fails(survey("anak.csv", content.encode()), capsys, "anak.csv", "unknown_kecamatan")


@pytest.mark.slow
def test_no_file_and_no_sample(root: Path, own_project, capsys) -> None:
    params = own_project(root / "params")
    content = yaml.safe_load(params.read_text(encoding="utf-8"))
    del content["sample"]
    params.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    fails(params, capsys, "survei_balita.csv")
