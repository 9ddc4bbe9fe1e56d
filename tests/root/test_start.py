"""A project of one's own: what is written, and what is refused in one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis.cli import main
from analysis.errors import UserError
from analysis.intake import check, stage
from analysis.project import load_project
from analysis.start import start_project

#: Areas in two spellings, headings of its own, one indicator of the pillars file.
HEAD = "wil;tipe;klaster;bobot;kelamin;umur;berat;tinggi;sanitasi_layak"
PLACES = (("Utara", "kota"), ("Selatan", "desa"), ("UTARA", "kota"), ("9999", "desa"))
COLUMNS = {
    "sex": "kelamin",
    "age_months": "umur",
    "weight_kg": "berat",
    "length_cm": "tinggi",
}


@pytest.fixture
def survey(tmp_path: Path) -> Path:
    rows = []
    for i in range(80):
        name, kind = PLACES[i % 3] if i < 79 else PLACES[3]
        months = 6 + i % 50
        height = 66 + 0.8 * (months - 6)
        rows.append(
            f"{name};{kind};k{i % 8};1,5;{'LP'[i % 2]};{months};{7 + 0.15 * months:.1f};{height:.1f};"
            f"{('ya', 'tidak')[i % 2]}".replace(".", ",")
        )
    file = tmp_path / "survei saya.csv"
    file.write_text("\n".join([HEAD, *rows]) + "\n", encoding="utf-8")
    return file


def start(survey: Path, **changes: object) -> Path:
    given = {
        "name": "Kabupaten Contoh", "year": 2026, "area": "wil", "columns": COLUMNS,
    }  # fmt: skip
    return start_project(survey.parent / "mine", survey, **{**given, **changes})


def test_what_is_written_loads_and_runs(survey: Path) -> None:
    made = start(survey)
    project = load_project(made)
    assert project.register.areas["name"].tolist() == ["Selatan", "Utara"]
    assert project.register.find("UTARA") == project.register.find("utara") == "KAB.2"
    assert list(project.pillars.indicators) == ["improved_sanitation"]
    assert set(project.programmes["indicator"]) == {"improved_sanitation"}
    assert all(report.complete for report in check.reports(project))
    children = stage.build(project)["children"]
    assert len(children) == 79, "the row without an area is set aside, none else"
    assert children["haz"].notna().all()
    assert set(children["kecamatan"]) == {"KAB.1", "KAB.2"}
    assert children["improved_sanitation"].mean() == pytest.approx(0.5, abs=0.02)


def test_an_area_may_be_named_by_two_headings(survey: Path) -> None:
    project = load_project(start(survey, area=["wil", "tipe"]))
    assert project.register.areas["name"].tolist() == ["Selatan desa", "Utara kota"]


def test_the_file_is_copied_and_the_repository_left_alone(survey: Path, root: Path) -> None:
    before = {file: file.stat().st_mtime_ns for file in (root / "params").rglob("*")}
    project = load_project(start(survey))
    assert (project.raw / survey.name).read_bytes() == survey.read_bytes()
    assert project.raw.is_relative_to(survey.parent)
    assert {file: file.stat().st_mtime_ns for file in (root / "params").rglob("*")} == before


def test_target_is_the_own_one_or_the_shipped_path(survey: Path) -> None:
    own = load_project(start(survey, target=[2030, 12.5])).params
    assert [(p.year, p.value, p.status) for p in own.targets.path.points] == [
        (2030, 12.5, "unverified")
    ]
    assert own.review.year == 2030
    shipped = load_project().params.targets
    path = load_project(start(survey, replace=True)).params.targets.path
    assert path == shipped.path


def test_codes_of_ones_own_are_understood(survey: Path) -> None:
    text = survey.read_text(encoding="utf-8").replace(";L;", ";laki;").replace(";P;", ";cewek;")
    survey.write_text(text, encoding="utf-8")
    made = start(survey, codes={"sex": {"m": ["laki"], "f": ["cewek"]}})
    assert stage.build(load_project(made))["children"]["sex"].value_counts().min() > 30


def test_params_edited_by_hand_are_not_replaced_unasked(survey: Path) -> None:
    made = start(survey)
    made.write_text(made.read_text(encoding="utf-8") + "# mine\n", encoding="utf-8")
    with pytest.raises(UserError, match=r"is there already.*replace=True"):
        start(survey)
    assert made.read_text(encoding="utf-8").endswith("# mine\n")
    start(survey, replace=True)
    assert "# mine" not in made.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"columns": {**COLUMNS, "length_cm": "tingi"}}, "length_cm"),
        ({"columns": {**COLUMNS, "team": "kelompok"}}, r"no heading 'kelompok' \(for team\)"),
        ({"columns": {**COLUMNS, "weigth_kg": "berat"}}, "Did you mean 'weight_kg'"),
        ({"area": "wilayah"}, "no column for kecamatan"),
        ({"name": " "}, "name of the place"),
        ({"year": None}, "survey year"),
        ({"target": [2030]}, "a year and a percent"),
        ({"codes": {"seks": {"m": ["1"]}}}, "'seks' is not a column"),
    ],
)
def test_what_does_not_fit_is_one_sentence(survey: Path, changes: dict, words: str) -> None:
    with pytest.raises(UserError, match=words) as caught:
        start(survey, **changes)
    assert "\n" not in str(caught.value)
    assert not (survey.parent / "mine" / "params").exists()


def test_a_column_of_names_is_no_area(survey: Path) -> None:
    lines = [HEAD] + [f"Anak {i};kota;k1;1;L;20;10;80;ya" for i in range(400)]
    survey.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(UserError, match="holds 400 different names"):
        start(survey)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"none\.csv: no such file"):
        start_project(tmp_path / "mine", tmp_path / "none.csv", name="X", year=2026)


def test_without_a_file_the_sample_is_small_and_the_params_are_the_shipped_ones(
    tmp_path: Path,
) -> None:
    params = load_project(start_project(tmp_path / "mine")).params
    assert params.sample is not None
    assert params.sample.children < 2000
    assert params.place == load_project().params.place
    with pytest.raises(UserError, match="is there already"):
        start_project(tmp_path / "mine")


def test_the_command_does_the_same(survey: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["start", str(survey), "--folder", str(survey.parent / "mine"), "--name", "Contoh",
               "--year", "2026", "--area", "wil,tipe"]  # fmt: skip
    pairs = [f"--column={name}={heading}" for name, heading in COLUMNS.items()]
    assert main([*command, *pairs]) == 0
    made = survey.parent / "mine" / "params" / "default.yaml"
    assert f"check --params {made}" in capsys.readouterr().out
    assert main(["check", "--params", str(made)]) == 0
    assert main([*command, *pairs]) == 2
    assert main([*command, "--column", "length_cm"]) == 2
    assert "NAME=HEADING" in capsys.readouterr().err
