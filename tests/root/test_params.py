"""Parameters: what is wrong in them is said in one sentence naming file, key and what is allowed."""

import os
import shutil
from pathlib import Path

import pytest
import yaml

from analysis.errors import UserError
from analysis.project import Project, load_project


@pytest.fixture
def params_copy(root: Path, tmp_path: Path) -> Path:
    """A copy of params/ that a test may break."""
    shutil.copytree(root / "params", tmp_path / "params")
    return tmp_path / "params"


def edit(file: Path, change) -> None:
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    change(content)
    file.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")


def load_error(folder: Path) -> str:
    with pytest.raises(UserError) as caught:
        load_project(folder / "default.yaml")
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_default_params_load() -> None:
    project = load_project()
    assert len(project.register.codes) == 31
    assert len(project.register.villages) == 248
    assert project.register.areas["balita"].sum() == pytest.approx(156_000, rel=0.01)
    assert set(project.programmes["indicator"]) <= set(project.pillars.indicators)
    assert [p.number for p in project.pillars.pillars] == [1, 2, 3, 4, 5]


def test_a_project_is_read_again_when_one_of_its_files_is_another(params_copy: Path) -> None:
    file, pillars = params_copy / "default.yaml", params_copy / "pillars.yaml"
    first = load_project(file)
    assert load_project(file) is first
    times = (pillars.stat().st_atime_ns, pillars.stat().st_mtime_ns)
    text = pillars.read_text(encoding="utf-8")
    pillars.write_text(text.replace("Sanitasi", "Santiasi"), encoding="utf-8")
    os.utime(pillars, ns=times)
    second = load_project(file)
    assert second is not first
    assert second.pillars != first.pillars
    pillars.unlink()
    assert "pillars.yaml" in load_error(params_copy)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda p: p.update(langauge="id"), ["langauge", "language"]),
        (lambda p: p["survey"].pop("files"), ["survey.files", "missing"]),
        (lambda p: p["estimation"].update(level=95), ["estimation.level", "95", "1"]),
        (lambda p: p["estimation"].update(bootstrap="many"), ["estimation.bootstrap", "many"]),
        (lambda p: p["review"].update(status="finished"), ["review.status", "draft", "final"]),
        (lambda p: p["routine"].update(month="Aug 2026"), ["routine.month", "Aug 2026"]),
        (lambda p: p["targets"].update(selected="rpjm"), ["targets", "perpres72", "rpjmn"]),
        (lambda p: p["place"]["level"].update(fr="district"), ["place.level.fr", "id, en"]),
        (lambda p: p.update(pillars_file="pilar.yaml"), ["pilar.yaml"]),
    ],
)
def test_broken_params_are_one_sentence(params_copy: Path, change, words: list[str]) -> None:
    edit(params_copy / "default.yaml", change)
    message = load_error(params_copy)
    for word in words:
        assert word in message


def test_unreadable_yaml_names_the_line(params_copy: Path) -> None:
    file = params_copy / "default.yaml"
    file.write_text("language: id\nplace: [unclosed\n", encoding="utf-8")
    assert "default.yaml, line" in load_error(params_copy)


def test_target_path_years_must_ascend(params_copy: Path) -> None:
    edit(
        params_copy / "default.yaml",
        lambda p: p["targets"]["paths"]["rpjmn"]["points"].reverse(),
    )
    assert "ascending years" in load_error(params_copy)


def test_misspelt_indicator_key_suggests(params_copy: Path) -> None:
    edit(
        params_copy / "pillars.yaml",
        lambda p: p["indicators"]["improved_water"].update(modifable=True),
    )
    message = load_error(params_copy)
    assert "indicators.improved_water.modifable" in message
    assert "'modifiable'" in message


def test_indicator_of_unknown_pillar(params_copy: Path) -> None:
    edit(params_copy / "pillars.yaml", lambda p: p["indicators"]["improved_water"].update(pillar=7))
    assert "improved_water names pillar 7" in load_error(params_copy)


def test_programme_of_unknown_indicator(params_copy: Path) -> None:
    file = params_copy / "programmes.csv"
    text = file.read_text(encoding="utf-8").replace("improved_water", "improved_watr")
    file.write_text(text, encoding="utf-8")
    message = load_error(params_copy)
    assert "improved_watr" in message
    assert "'improved_water'" in message


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("35.09.02,", "35.09.01,", ["35.09.01", "more than once"]),
        (",4367,", ",many,", ["many", "balita", "35.09.02"]),
        ("tile_row", "tilerow", ["tile_row", "missing", "tilerow"]),
    ],
)
def test_broken_register(params_copy: Path, old: str, new: str, words: list[str]) -> None:
    file = params_copy / "kecamatan.csv"
    file.write_text(file.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    message = load_error(params_copy)
    for word in words:
        assert word in message


def test_params_hash_follows_content(params_copy: Path) -> None:
    before = load_project(params_copy / "default.yaml").params_hash
    edit(params_copy / "default.yaml", lambda p: p["estimation"].update(bootstrap=600))
    assert load_project(params_copy / "default.yaml").params_hash != before


def test_paths_are_relative_to_the_params_file(params_copy: Path) -> None:
    project: Project = load_project(params_copy / "default.yaml")
    assert project.raw == params_copy.parent / "data" / "raw"
    assert project.out == params_copy.parent / "reports" / "out"
