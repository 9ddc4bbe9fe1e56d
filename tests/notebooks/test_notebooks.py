"""Notebooks are chapters: they keep the house's form, and run alone from top to bottom."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
import yaml

ROOT = Path(__file__).parents[2]
STAGES = ("1_intake", "2_prevalence", "3_determinants", "4_review")
BRIEFS = ("brief_kecamatan", "brief_kabupaten")
ALL = STAGES + BRIEFS


def read(name: str):
    return nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4)


def code(name: str) -> list:
    return [cell for cell in read(name).cells if cell.cell_type == "code"]


@pytest.mark.parametrize("name", ALL)
def test_outputs_are_stripped(name: str) -> None:
    for cell in code(name):
        if "keep_output" not in cell.metadata.get("tags", []):
            assert cell.outputs == []
            assert cell.execution_count is None


@pytest.mark.parametrize("name", ALL)
def test_parameters_are_simple_values(name: str) -> None:
    cells = [c for c in code(name) if "parameters" in c.metadata.get("tags", [])]
    assert len(cells) == 1
    tree = ast.parse(cells[0].source)
    assert {node.targets[0].id for node in tree.body} <= {"params_file", "kecamatan"}
    for node in tree.body:
        assert isinstance(ast.literal_eval(node.value), str)


@pytest.mark.parametrize("name", ALL)
def test_no_logic_lives_in_a_notebook(name: str) -> None:
    for cell in code(name):
        for node in ast.walk(ast.parse(cell.source)):
            if isinstance(node, ast.FunctionDef):
                assert node.end_lineno - node.lineno < 4, node.name
            assert not isinstance(node, ast.ClassDef)


@pytest.mark.parametrize("name", STAGES)
def test_chapters_are_told_not_only_computed(name: str) -> None:
    prose = [cell for cell in read(name).cells if cell.cell_type == "markdown"]
    assert len(prose) >= len(code(name)) // 2
    assert sum(len(cell.source.split()) for cell in prose) > 150


@pytest.fixture(scope="module")
def small_project(tmp_path_factory) -> Path:
    """Params of a small synthetic project in a folder of its own."""
    import shutil

    folder = tmp_path_factory.mktemp("notebooks")
    shutil.copytree(ROOT / "params", folder / "params")
    file = folder / "params" / "default.yaml"
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    content["sample"].update(children=1500, routine_children=800)
    content["estimation"]["bootstrap"] = 50
    file.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return file


@pytest.mark.slow
def test_all_run_alone_in_a_fresh_kernel_from_any_folder(small_project: Path) -> None:
    folder = small_project.parents[1] / "elsewhere"
    folder.mkdir()
    files = []
    for name in ALL:
        node = read(name)
        for cell in node.cells:
            if "parameters" in cell.metadata.get("tags", []):
                cell.source = cell.source.replace("params/default.yaml", str(small_project))
        files.append(folder / f"{name}.ipynb")
        nbformat.write(node, files[-1])
    command = [
        sys.executable,
        "-m",
        "pytest",
        "--nbval-lax",
        "-q",
        "-p",
        "no:xdist",
        *map(str, files),
    ]
    done = subprocess.run(
        [*command, "--nbval-cell-timeout", "300", "-c", os.devnull, "--rootdir", str(folder)],
        cwd=folder, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:]
