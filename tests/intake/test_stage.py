"""The stage from raw files to artefacts: accounting, linking, population, errors, privacy."""

from __future__ import annotations

import csv
import datetime as dt
import re
import stat
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from analysis import artefacts
from analysis.errors import UserError
from analysis.intake.inputs import find_inputs
from analysis.intake.schemas import TABLES
from analysis.intake.stage import build
from analysis.project import Project

pytestmark = pytest.mark.slow

MakeProject = Callable[..., Project]


def survey_file(rows: SimpleNamespace, *changes: dict[str, Any], size: int = 12) -> str:
    """`size` good rows, and one more for each of `changes`."""
    records = [rows.survey(i) for i in range(1, size + 1)]
    records += [rows.survey(size + 1 + i, **one) for i, one in enumerate(changes)]
    return str(rows.csv(records))


def test_a_survey_alone_gives_all_tables(make_project: MakeProject, rows: SimpleNamespace) -> None:
    project = make_project({"survei.csv": survey_file(rows)})
    tables = build(project)
    assert set(tables) == set(TABLES)
    children = artefacts.read(project, "children")
    assert len(children) == 12
    assert children["kecamatan"].unique().tolist() == ["35.09.20"]
    assert children["haz"].notna().all()
    assert children["improved_water"].tolist() == [True] * 12
    assert children["mother_education"].unique().tolist() == ["sma"]
    assert children["month"].unique().tolist() == ["2026-08"]
    assert children["sampling_weight"].unique().tolist() == [31.5]
    assert artefacts.read(project, "visits").empty
    assert artefacts.read(project, "risk_families").empty
    for name, schema in TABLES.items():
        assert list(artefacts.read(project, name).columns)[: len(schema.columns)] == list(
            schema.columns
        )
    meta = artefacts.meta(project, "children")
    assert meta["synthetic"] is False
    assert meta["survey_weights"] is True
    assert set(meta["raw"]) == {"survei.csv"}


def test_rows_in_are_rows_out_and_rows_set_aside(
    make_project: MakeProject, rows: SimpleNamespace
) -> None:
    first = survey_file(rows, {"kecamatan": "Atlantis"}, {"tgl_lahir": "01/01/2019"})
    again = rows.survey(3)
    second = rows.csv([rows.survey(50), again, rows.survey(51), again])
    visits = [rows.visit(i, month) for i in range(1, 9) for month in (6, 7, 8)]
    visits += [rows.visit(2, 7, Berat="11.9"), rows.visit(9, Kec="?"), rows.visit(1, 8, NIK="")]
    project = make_project(
        {"survei_1.csv": first, "survei_2.csv": second + "\n;;;;\n", "e.csv": rows.csv(visits)},
        survey=["survei_*.csv"],
        routine=["e.csv"],
    )
    tables = build(project)
    log = tables["cleaning_log"]
    for table, scope in (("children", "survey"), ("visits", "routine")):
        for file, entries in log[log["scope"] == scope].groupby("source_file"):
            read, last = entries.iloc[0], entries.iloc[-1]
            aside = entries.loc[entries["action"] == "set_aside", "affected"].sum()
            kept = (tables[table]["source_file"] == file).sum()
            assert read["rows_before"] == kept + aside
            assert last["rows_after"] == kept
            assert (
                entries["rows_before"].iloc[1:].to_numpy() == entries["rows_after"].iloc[:-1]
            ).all()
            assert (entries["rows_before"] - entries["rows_after"]
                    == entries["affected"].where(entries["action"] == "set_aside", 0)).all()  # fmt: skip
    assert len(tables["children"]) == 12 + 2  # one child is in both files
    assert len(tables["visits"]) == 24
    kept = tables["visits"].query("child_id == child_id")
    assert kept.groupby("child_id").size().tolist() == [3] * 8


def test_files_of_one_name_in_two_folders(make_project: MakeProject, rows: SimpleNamespace) -> None:
    project = make_project({"survei.csv": survey_file(rows)}, routine=["*/e.csv"])
    for year, month in (("2025", 6), ("2026", 7)):
        (project.raw / year).mkdir()
        (project.raw / year / "e.csv").write_text(rows.csv([rows.visit(1, month)]))
    visits = build(project)["visits"]
    assert visits["source_file"].tolist() == ["2025/e.csv", "2026/e.csv"]


def test_the_last_of_two_entries_stands(make_project: MakeProject, rows: SimpleNamespace) -> None:
    visits = [rows.visit(1, 8, Berat="9.9"), rows.visit(1, 7), rows.visit(1, 8, Berat="11.1")]
    project = make_project(
        {"survei.csv": survey_file(rows), "e.csv": rows.csv(visits)}, routine=["e.csv"]
    )
    table = build(project)["visits"]
    assert sorted(table.loc[table["month"] == "2026-08", "weight_kg"]) == [11.1]


def test_one_child_has_one_hash_in_survey_and_routine(
    make_project: MakeProject, rows: SimpleNamespace
) -> None:
    project = make_project(
        {"survei.csv": survey_file(rows), "e.csv": rows.csv([rows.visit(3), rows.visit(99)])},
        routine=["e.csv"],
    )
    tables = build(project)
    known = set(tables["children"]["child_id"])
    assert [child in known for child in tables["visits"]["child_id"]] == [True, False]
    assert tables["children"]["child_id"].is_unique


def test_where_no_class_was_recorded_the_recorded_z_tells(
    make_project: MakeProject, rows: SimpleNamespace
) -> None:
    cases = [("Pendek", "-1.0"), ("Normal", "-2.5"), ("", "-2.5"), ("", "-2.0"), ("", "")]
    visits = [rows.visit(i, **{"TB/U": c, "ZS TB/U": z}) for i, (c, z) in enumerate(cases, 1)]
    project = make_project(
        {"survei.csv": survey_file(rows), "e.csv": rows.csv(visits)}, routine=["e.csv"]
    )
    recorded = build(project)["visits"]["recorded_stunted"]
    assert recorded.tolist()[:4] == [True, False, True, False]
    assert recorded.isna().tolist()[4]


def test_the_key_is_made_once_and_is_its_owners_alone(
    make_project: MakeProject, rows: SimpleNamespace
) -> None:
    project = make_project({"survei.csv": survey_file(rows)})
    first = build(project)["children"]["child_id"].tolist()
    key = project.raw / ".hash.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert build(project)["children"]["child_id"].tolist() == first
    key.write_text("00" * 32)
    assert build(project)["children"]["child_id"].tolist() != first
    key.write_text("not hex")
    with pytest.raises(UserError, match="key is damaged"):
        build(project)


def test_the_same_files_give_the_same_bytes(
    make_project: MakeProject, rows: SimpleNamespace
) -> None:
    files = {"survei.csv": survey_file(rows), "e.csv": rows.csv([rows.visit(1), rows.visit(2)])}
    project = make_project(files, routine=["e.csv"])
    build(project)
    first = {f.name: f.read_bytes() for f in sorted(project.processed.iterdir())}
    build(project)
    assert {f.name: f.read_bytes() for f in sorted(project.processed.iterdir())} == first


def test_a_team_called_by_a_name_is_coded(make_project: MakeProject, rows: SimpleNamespace) -> None:
    teams = ["T01", "Tim 3", "A", "Siti Aminah", "Siti Aminah", "Budi"]
    records = [rows.survey(i, tim=team) for i, team in enumerate(teams, 1)]
    found = build(make_project({"survei.csv": rows.csv(records)}))["children"]["team"].tolist()
    assert found[:3] == ["T01", "Tim 3", "A"]
    assert found[3] == found[4] != found[5]
    assert not any("Siti" in team or "Budi" in team for team in found)


REGISTER = "kecamatan,jenis_kelamin,kelompok_umur,jumlah_balita\n"


def test_population_from_a_register(make_project: MakeProject, rows: SimpleNamespace) -> None:
    text = REGISTER + "Patrang,L,0-5,300\nPatrang,P,12-23,500\nSilo,L,,600\nAtlantis,L,0-5,9\n"
    project = make_project(
        {"survei.csv": survey_file(rows), "r.csv": text},
        file="r.csv",
        columns="columns/register.yaml",
    )
    tables = build(project)
    table = tables["population"]
    assert table.groupby("kecamatan")["balita"].sum().to_dict() == {
        "35.09.20": 800,
        "35.09.30": 600,
    }
    assert table.groupby("status")["balita"].sum().to_dict() == {
        "registered": 800,
        "approximation": 600,
    }
    log = tables["cleaning_log"].query("scope == 'register'")
    assert log.iloc[-1]["rows_after"] == 3


def test_without_a_register_file_balita_are_shared_out(
    make_project: MakeProject, rows: SimpleNamespace
) -> None:
    project = make_project({"survei.csv": survey_file(rows)})
    table = build(project)["population"]
    assert set(table["status"]) == {"approximation"}
    expected = project.register.areas["balita"].astype(float)
    assert table.groupby("kecamatan")["balita"].sum().to_dict() == pytest.approx(expected.to_dict())
    one = table[table["kecamatan"] == "35.09.20"].set_index(["sex", "age_group"])["balita"]
    assert one["m", "12-23"] == pytest.approx(6330 * 12 / 60 / 2)


def test_a_register_with_a_group_twice_is_refused(
    make_project: MakeProject, rows: SimpleNamespace
) -> None:
    text = REGISTER + "Patrang,L,0-5,300\nPatrang,L,0-5,300\n"
    project = make_project(
        {"survei.csv": survey_file(rows), "r.csv": text},
        file="r.csv",
        columns="columns/register.yaml",
    )
    with pytest.raises(UserError, match=r"r\.csv: the same kecamatan, sex and age group"):
        build(project)


def test_risk_families_by_code_of_the_desa(
    make_project: MakeProject, rows: SimpleNamespace
) -> None:
    text = "kode_desa,keluarga_berisiko\n35.09.20.1005,612\n35.09.20.1004,abc\n35.09.99.1,4\n"
    project = make_project(
        {"survei.csv": survey_file(rows), "k.csv": text}, risk_families_file="k.csv"
    )
    table = build(project)["risk_families"]
    assert table.to_dict("records") == [
        {"kecamatan": "35.09.20", "desa": "35.09.20.1005", "families": 612}
    ]


@pytest.mark.parametrize(
    ("files", "options", "words"),
    [
        ({}, {}, "survey.files names survei.csv"),
        ({"survei.csv": "@"}, {"routine": ["eppgbm_*.xlsx"]}, "routine.files names"),
        ({"survei.csv": "@"}, {"file": "r.csv"}, "population.file names r.csv"),
        ({"survei.csv": "@"}, {"risk_families_file": "k.csv"}, "risk_families_file names k.csv"),
    ],
)
def test_a_named_file_that_is_not_there_is_an_error(
    files: dict[str, str], options: dict[str, Any], words: str,
    make_project: MakeProject, rows: SimpleNamespace,
) -> None:  # fmt: skip
    project = make_project({name: survey_file(rows) for name in files}, **options)
    with pytest.raises(UserError, match=words) as caught:
        build(project)
    assert "put it there, correct the name, or remove the key" in str(caught.value)


def test_a_survey_of_which_no_row_can_be_used_says_why(
    make_project: MakeProject, rows: SimpleNamespace
) -> None:
    records = [rows.survey(i, kecamatan="Patrong") for i in range(1, 5)]
    project = make_project({"survei.csv": rows.csv(records)})
    with pytest.raises(UserError, match=r"no row .* 'unknown_kecamatan' .*mungkin Patrang"):
        build(project)
    assert not project.processed.exists() or not list(project.processed.glob("*.parquet"))


def test_an_export_without_rows_is_no_error(
    make_project: MakeProject, rows: SimpleNamespace
) -> None:
    empty = rows.csv([rows.visit()]).splitlines()[0] + "\n"
    project = make_project({"survei.csv": survey_file(rows), "e.csv": empty}, routine=["e.csv"])
    assert build(project)["visits"].empty


DHS = {
    "v001": [1, 1, 2], "v002": [1, 2, 1], "v005": [1_250_000, 800_000, 1_000_000],
    "v021": [11, 11, 12], "v022": [1, 1, 2], "v024": [1, 1, 2], "v025": [1, 2, 2],
    "b1": [5, 5, 1], "b2": [2024, 2024, 2023], "b4": [1, 2, 1], "hw1": [27, 27, 43],
    "hw2": [105, 9996, 141], "hw3": [825, 830, 9998], "hw15": [2, 1, 9], "hw16": [2, 98, 10],
    "hw17": [15, 15, 16], "hw18": [8, 8, 8], "hw19": [2026, 2026, 2026], "v190": [1, 5, 3],
}  # fmt: skip


def test_a_dhs_file_is_read_by_its_map(
    make_project: MakeProject, tmp_path: Path, root: Path
) -> None:
    import pyreadstat

    labels = {"v024": {1: "Patrang", 2: "Silo"}}
    pyreadstat.write_dta(pd.DataFrame(DHS), str(tmp_path / "kr.dta"), variable_value_labels=labels)
    columns = (root / "params" / "columns" / "dhs.yaml").read_text(encoding="utf-8")
    project = make_project(
        {"kr.dta": (tmp_path / "kr.dta").read_bytes()}, survey=["kr.dta"], map_text=columns
    )
    table = build(project)["children"]
    assert table["kecamatan"].tolist() == ["35.09.20", "35.09.20", "35.09.30"]
    assert table["psu"].tolist() == ["11", "11", "12"]
    assert table["sampling_weight"].tolist() == pytest.approx([1.25, 0.8, 1.0])
    assert table["weight_kg"].tolist()[::2] == pytest.approx([10.5, 14.1])
    assert table["length_cm"].tolist()[:2] == pytest.approx([82.5, 83.0])
    assert table[["weight_kg", "length_cm"]].isna().sum().tolist() == [1, 1]
    born = dt.date(2024, 5, 2)
    # Without a day of birth the age is the one in months, 27 × 30.4375 days.
    assert table["age_days"].tolist()[:2] == [(dt.date(2026, 8, 15) - born).days, 822.0]
    assert table["wealth_quintile"].tolist() == ["q1", "q5", "q3"]
    assert table["position"].tolist()[:2] == ["standing", "lying"]


MICS = {
    "HH1": [1, 1, 2], "HH2": [1, 2, 1], "HH6": [1, 2, 2], "HH7": [1, 1, 2], "HL4": [1, 2, 1],
    "CAGE": [27, 13, 97], "CAGED": [835, 400, 9999], "AN8": [10.5, 99.3, 14.1],
    "AN11": [82.5, 75.0, 999.9], "AN12": [2, 1, 3], "chweight": [1.25, 0.8, 1.0],
    "stratum": [1, 1, 2], "PSU": [1, 1, 2], "windex5": [1, 0, 5], "UF6": [12, 12, 14],
}  # fmt: skip


def test_a_mics_file_is_read_by_its_map(
    make_project: MakeProject, tmp_path: Path, root: Path
) -> None:
    import pyreadstat

    labels = {"HH7": {1: "Patrang", 2: "Silo"}}
    pyreadstat.write_sav(pd.DataFrame(MICS), str(tmp_path / "ch.sav"), variable_value_labels=labels)
    columns = (root / "params" / "columns" / "mics.yaml").read_text(encoding="utf-8")
    project = make_project(
        {"ch.sav": (tmp_path / "ch.sav").read_bytes()}, survey=["ch.sav"], map_text=columns
    )
    table = build(project)["children"]
    assert table["kecamatan"].tolist() == ["35.09.20", "35.09.20", "35.09.30"]
    assert table["age_days"].tolist()[:2] == [835.0, 400.0]
    assert table["weight_kg"].isna().tolist() == [False, True, False]
    assert table["length_cm"].isna().tolist() == [False, False, True]
    assert table["position"].tolist()[:2] == ["standing", "lying"]
    assert table["wealth_quintile"].isna().tolist() == [False, True, False]
    assert table["urban"].tolist() == [True, False, False]
    assert table["haz"].notna().tolist() == [True, True, False]


def test_units_and_decimal_sign_of_a_map(make_project: MakeProject) -> None:
    own = (
        "kind: survey\ncolumns: {kecamatan: [area], sex: [s], age_months: [m], weight_kg: [w],"
        " length_cm: [l]}\nunits: {weight_kg: g, length_cm: mm}\ndecimal: comma\n"
    )
    text = "area;s;m;w;l\nPatrang;L;24;10.500;825\nPatrang;P;25,5;9.850,5;80,5\n"
    table = build(make_project({"survei.csv": text}, map_text=own))["children"]
    assert table["weight_kg"].tolist() == pytest.approx([10.5, 9.8505])
    assert table["length_cm"].tolist()[0] == pytest.approx(82.5)
    assert table["age_days"].tolist() == [731.0, 776.0]


def test_counts_may_come_in_several_sheets_and_files(
    make_project: MakeProject, rows: SimpleNamespace
) -> None:
    files = {"survei.csv": survey_file(rows), "r1.csv": REGISTER + "Patrang,L,0-5,300\n",
             "r2.csv": REGISTER + "Silo,P,0-5,200\n"}  # fmt: skip
    project = make_project(files, file="r*.csv", columns="columns/register.yaml")
    assert build(project)["population"]["balita"].sum() == 500


# --- privacy ---------------------------------------------------------------------------------


def identifiers(folder: Path) -> set[str]:
    """Everything in the raw files that tells who somebody is."""
    from python_calamine import load_workbook

    headings = re.compile(r"nik\b|nama|ortu|orang tua|alamat|\bhp\b|\bkk\b|lahir$", re.IGNORECASE)
    found: set[str] = set()
    for path in sorted(folder.glob("*")):
        if path.suffix == ".csv":
            delimiter = (
                ";" if path.read_text(encoding="utf-8").split("\n")[0].count(";") > 3 else ","
            )
            with path.open(encoding="utf-8", newline="") as stream:
                table: list[list[Any]] = list(csv.reader(stream, delimiter=delimiter))
        elif path.suffix == ".xlsx":
            book = load_workbook(str(path))
            table = book.get_sheet_by_name(book.sheet_names[0]).to_python()
        else:
            continue
        top = next(i for i, row in enumerate(table) if sum(bool(c) for c in row) > 2)
        places = [
            i for i, heading in enumerate(table[top])
            if headings.search(str(heading)) and not re.search("desa|kec|berat|bb|tb|pos", str(heading), re.I)
        ]  # fmt: skip
        for row in table[top + 1 :]:
            found |= {str(row[i]).strip() for i in places if i < len(row)}
    # Whole names, numbers and dates; short cells occur in any text.
    return {text for text in found if len(text) >= 8}


@pytest.fixture(scope="module")
def sample_project(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The synthetic sample, small, through the whole stage."""
    import shutil

    import yaml

    from analysis.project import load_project

    folder = tmp_path_factory.mktemp("sample")
    shutil.copytree(root / "params", folder / "params")
    path = folder / "params" / "default.yaml"
    params = yaml.safe_load(path.read_text(encoding="utf-8"))
    params["sample"] = {"children": 600, "routine_children": 300, "seed": 1}
    path.write_text(yaml.safe_dump(params, allow_unicode=True), encoding="utf-8")
    project = load_project(path)
    build(project)
    return project


def test_no_identifier_of_the_raw_files_is_in_any_artefact(sample_project: Project) -> None:
    secret = identifiers(sample_project.raw / "sample")
    assert len(secret) > 1000
    files = sorted(sample_project.processed.iterdir())
    assert len(files) == len(TABLES) + 1
    for file in files:
        frame = pd.read_parquet(file) if file.suffix == ".parquet" else pd.read_csv(file, dtype=str)
        for column in frame.columns:
            if frame[column].dtype.kind in "OTU" or frame[column].dtype in ("string", "str"):
                texts = frame[column].dropna().astype(str).unique()
                assert not secret & set(texts), (file.name, column)
                everything = "\n".join(texts)
                if len(everything) < 2_000_000:
                    leaked = [s for s in secret if s in everything]
                    assert not leaked, (file.name, column, leaked[:3])
        assert not [
            c for c in frame.columns if c in ("nik", "child_name", "birth_date", "visit_date")
        ]


@pytest.mark.slow
def test_no_identifier_of_the_raw_files_is_in_the_executed_notebook(
    sample_project: Project, root: Path, tmp_path: Path
) -> None:
    import papermill

    out = tmp_path / "out.ipynb"
    papermill.execute_notebook(
        str(root / "notebooks" / "1_intake.ipynb"),
        str(out),
        {"params_file": str(sample_project.params_file)},
        progress_bar=False,
        kernel_name="python3",
    )
    text = out.read_text(encoding="utf-8")
    assert "DATA SINTETIS" in text
    assert not [secret for secret in identifiers(sample_project.raw / "sample") if secret in text]


@pytest.mark.slow
def test_the_sample_is_marked_synthetic_and_made_once(
    sample_project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert artefacts.meta(sample_project, "visits")["synthetic"] is True
    monkeypatch.setattr(artefacts, "code_hash", lambda: "one state of the code")
    folder = sample_project.raw / "sample"
    find_inputs(sample_project)
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}
    assert find_inputs(sample_project).synthetic
    assert {path: path.stat().st_mtime_ns for path in before} == before
    victim = next(folder.glob("survei*.csv"))
    good = victim.read_bytes()
    victim.write_text("changed")
    find_inputs(sample_project)
    assert victim.read_bytes() == good
    assert not (sample_project.raw / ".hash.key").exists()
