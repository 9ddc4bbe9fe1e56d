"""The chapter runs, on full inputs and on a survey alone, and defines nothing."""

from __future__ import annotations

import ast
import contextlib
import io
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest

from analysis import artefacts
from analysis.project import Project
from analysis.review.inputs import SCHEMAS, Inputs

pytestmark = pytest.mark.slow

NOTEBOOK = Path("notebooks") / "4_review.ipynb"


def cells(root: Path) -> list[nbformat.NotebookNode]:
    return [c for c in nbformat.read(root / NOTEBOOK, 4).cells if c.cell_type == "code"]


def run(root: Path, project: Project) -> str:
    """Run the code cells one after the other; what they display as text."""
    space: dict[str, object] = {}
    told = io.StringIO()
    with contextlib.redirect_stdout(told):
        for cell in cells(root):
            exec(compile(cell.source, NOTEBOOK.name, "exec"), space)
            if "parameters" in cell.metadata.get("tags", []):
                space["params_file"] = str(project.params_file)
            last = ast.parse(cell.source).body[-1]
            if isinstance(last, ast.Expr):
                eval(compile(ast.Expression(last.value), NOTEBOOK.name, "eval"), space)
    return told.getvalue()


def test_chapter_on_full_inputs(root: Path, made: Project) -> None:
    run(root, made)
    assert (made.out / "tables" / "tables.xlsx").exists()


def test_chapter_on_a_survey_alone(
    root: Path, make_project: Callable[..., Project], inputs: Inputs
) -> None:
    project = make_project(routine=None, programmes_file=None)
    for name in ("children", "prevalence"):
        artefacts.write(project, name, getattr(inputs, name), SCHEMAS[name], {"synthetic": False})
    run(root, project)


def test_only_the_params_file_is_a_parameter(root: Path) -> None:
    tagged = [c.source for c in cells(root) if "parameters" in c.metadata.get("tags", [])]
    assert len(tagged) == 1
    assert ast.unparse(ast.parse(tagged[0])) == "params_file = 'params/default.yaml'"


@pytest.mark.parametrize("kind", [ast.FunctionDef, ast.ClassDef, ast.For, ast.While])
def test_chapter_holds_no_logic(root: Path, kind: type[ast.AST]) -> None:
    for cell in cells(root):
        assert not [node for node in ast.walk(ast.parse(cell.source)) if isinstance(node, kind)]


def test_notebook_is_kept_without_outputs(root: Path) -> None:
    for cell in cells(root):
        assert not cell.outputs or "keep_output" in cell.metadata.get("tags", [])
        assert cell.execution_count is None
