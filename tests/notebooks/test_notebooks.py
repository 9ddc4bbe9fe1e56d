"""Notebooks are chapters: they keep the house's form, and run alone from top to bottom."""

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
import yaml
from jupyter_client.kernelspec import KernelSpecManager

ROOT = Path(__file__).parents[2]
STAGES = ("1_intake", "2_prevalence", "3_determinants", "4_review")
BRIEFS = ("brief_kecamatan", "brief_kabupaten")
TUTORIAL = "tutorial"
ALL = (*STAGES, *BRIEFS, TUTORIAL)
#: Names a parameters cell may set: simple values, so that papermill and a reader can.
PARAMETERS = {
    **{name: {"params_file"} for name in STAGES},
    **{name: {"params_file", "kecamatan"} for name in BRIEFS},
    TUTORIAL: {"file", "folder", "name", "year", "area", "columns", "target", "language", "wanted"},
}


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


@pytest.mark.parametrize("name", STAGES)
def test_numbers_that_matter_are_kept_and_checked(name: str) -> None:
    kept = [cell for cell in code(name) if "keep_output" in cell.metadata.get("tags", [])]
    assert len(kept) == 1
    assert "nbval-check-output" in kept[0].metadata["tags"]
    assert re.search(r"\d", kept[0].outputs[0]["text"])


def test_a_commit_strips_outputs_as_the_notebooks_are(tmp_path: Path) -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    hook = next(h for h in hooks["repos"][0]["hooks"] if h["id"] == "nbstripout")
    command = [str(ROOT / hook["entry"].split()[0]), *hook["entry"].split()[1:]]
    if not Path(command[0]).exists():
        pytest.skip("nbstripout is not in .venv")
    before, copies = {}, [tmp_path / f"{name}.ipynb" for name in ALL]
    for copy in copies:
        node = nbformat.read(ROOT / "notebooks" / copy.name, as_version=4)
        before[copy] = nbformat.writes(node)
        for cell in node.cells:
            if cell.cell_type == "code" and not cell.outputs:
                cell.outputs = [nbformat.v4.new_output("stream", text="rahasia")]
                cell.execution_count = 3
        nbformat.write(node, copy)
    subprocess.run([*command, *map(str, copies)], check=True)
    for copy in copies:
        assert nbformat.writes(nbformat.read(copy, as_version=4)) == before[copy], copy.name


@pytest.mark.parametrize("name", ALL)
def test_kernel_is_the_one_that_setting_up_installs(name: str) -> None:
    spec = read(name).metadata["kernelspec"]
    assert spec["name"] == "python3"
    assert KernelSpecManager().get_kernel_spec(spec["name"]).language == spec["language"]
    assert "jupyterlab --notebook-dir=notebooks" in (ROOT / "Makefile").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ALL)
def test_parameters_are_simple_values_with_a_comment(name: str) -> None:
    cells = [c for c in code(name) if "parameters" in c.metadata.get("tags", [])]
    assert len(cells) == 1
    tree = ast.parse(cells[0].source)
    assert {node.targets[0].id for node in tree.body} == PARAMETERS[name] - (
        {"kecamatan"} if name == "brief_kabupaten" else set()
    )
    lines = cells[0].source.splitlines()
    assert lines[0].startswith("# ")
    for node in tree.body:
        assert isinstance(ast.literal_eval(node.value), (str, int, list, dict))


def test_tutorial_has_ten_cells_at_most_and_touches_no_shipped_file() -> None:
    assert len(code(TUTORIAL)) <= 10
    assert "params/default.yaml" not in "".join(cell.source for cell in code(TUTORIAL))


@pytest.mark.parametrize("name", ALL)
def test_no_logic_lives_in_a_notebook(name: str) -> None:
    for cell in code(name):
        for node in ast.walk(ast.parse(cell.source)):
            if isinstance(node, ast.FunctionDef):
                assert node.end_lineno - node.lineno < 4, node.name
            assert not isinstance(node, ast.ClassDef)


@pytest.mark.parametrize("name", [*STAGES, TUTORIAL])
def test_chapters_are_told_not_only_computed(name: str) -> None:
    prose = [cell for cell in read(name).cells if cell.cell_type == "markdown"]
    assert len(prose) >= len(code(name)) // 2
    assert sum(len(cell.source.split()) for cell in prose) > 150


@pytest.fixture(scope="module")
def shipped(tmp_path_factory) -> Path:
    """The shipped params in a folder of their own, so with the seeded sample."""
    folder = tmp_path_factory.mktemp("notebooks")
    shutil.copytree(ROOT / "params", folder / "params")
    return folder / "params" / "default.yaml"


@pytest.mark.slow
@pytest.mark.parametrize("names", [STAGES + BRIEFS, (TUTORIAL,)], ids=["chapters", TUTORIAL])
def test_all_run_alone_in_a_fresh_kernel_from_any_folder(
    shipped: Path, tmp_path: Path, names: tuple[str, ...]
) -> None:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    files = []
    for name in names:
        node = read(name)
        for cell in node.cells:
            if "parameters" in cell.metadata.get("tags", []):
                cell.source = cell.source.replace("params/default.yaml", str(shipped))
                cell.source = cell.source.replace("~/", f"{folder}/")
            if cell.cell_type == "code" and cell.outputs:
                cell.execution_count = 1  # nbval compares only with cells that have been run
        files.append(folder / f"{name}.ipynb")
        nbformat.write(node, files[-1])
    command = [sys.executable, "-m", "pytest", "--nbval-lax", "-q", "-p", "no:xdist"]
    options = ["--nbval-cell-timeout", "300", "-c", os.devnull, "--rootdir", str(folder)]
    done = subprocess.run(
        [*command, *options, *map(str, files)], cwd=folder, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout[-3000:]
