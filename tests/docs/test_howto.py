"""The recipes of docs/howto.md, followed to the letter."""

from __future__ import annotations

import re
import shutil
import textwrap
from pathlib import Path

import pytest

from analysis.determinants import stage as determinants
from analysis.intake import stage as intake
from analysis.prevalence import stage as prevalence
from analysis.project import load_project
from analysis.regions import AREA_COLUMNS, VILLAGE_COLUMNS


@pytest.fixture(scope="module")
def recipes(root: Path) -> str:
    return (root / "docs" / "howto.md").read_text(encoding="utf-8")


def test_columns_of_a_register_are_named_in_full(recipes):
    assert f"`{', '.join(AREA_COLUMNS)}`" in recipes
    assert f"`{', '.join(VILLAGE_COLUMNS)}`" in recipes


@pytest.mark.slow
def test_a_determinant_is_added_without_code(recipes, root, tmp_path):
    params = tmp_path / "params"
    shutil.copytree(root / "params", params)
    entry = re.search(r"```yaml\n(.*?) *```", recipes, re.S)
    heading = re.search(r"`(clean_stove: \[\w+\])`", recipes)
    assert entry and heading
    with (params / "pillars.yaml").open("a", encoding="utf-8") as file:
        file.write(textwrap.indent(textwrap.dedent(entry[1]), "  "))
    columns = params / "columns" / "survey.yaml"
    text = columns.read_text(encoding="utf-8")
    columns.write_text(text.replace("columns:\n", f"columns:\n  {heading[1]}\n", 1), "utf-8")
    default = params / "default.yaml"
    text = default.read_text(encoding="utf-8")
    text = re.sub(r"^  children: \d+", "  children: 900", text, flags=re.M)
    text = re.sub(r"^  routine_children: \d+", "  routine_children: 300", text, flags=re.M)
    default.write_text(re.sub(r"^  bootstrap: \d+", "  bootstrap: 50", text, flags=re.M), "utf-8")

    project = load_project(default)
    assert project.raw == tmp_path / "data" / "raw"
    children = intake.build(project)["children"]
    assert children["clean_stove"].notna().mean() > 0.9
    rows = prevalence.build(project)["prevalence"].query("indicator == 'clean_stove' and published")
    assert len(rows) == len(project.register.codes) + 1
    effects = determinants.build(project, sensitivity=False)["effects"]
    mine = effects[(effects["indicator"] == "clean_stove") & effects["published"]]
    assert mine["model"].tolist() == ["underlying"]
