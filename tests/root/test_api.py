"""The public names: each is there, is what its room calls it, and its examples are true."""

from __future__ import annotations

import doctest
import importlib
import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

import analysis

FUNCTIONS = [name for name in analysis.__all__ if name[0].islower()]
#: Need a project that has been run; the tutorial and the end-to-end tests are their examples.
WITHOUT_EXAMPLE = {"read_artefact", "run_reports"}
ROOMS = ("brief", "determinants", "intake", "prevalence", "publish", "review")


@pytest.mark.parametrize("name", analysis.__all__)
def test_a_public_name_is_the_room_s_own(name: str) -> None:
    module, attribute = analysis._PLACES[name]
    assert getattr(analysis, name) is getattr(importlib.import_module(module), attribute)
    assert name in dir(analysis)


def test_every_place_is_public_and_no_room_is_hidden_by_a_name() -> None:
    assert set(analysis._PLACES) == set(analysis.__all__)
    assert not set(analysis.__all__) & set(ROOMS)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_types_and_docstring_are_complete(name: str) -> None:
    function = getattr(analysis, name)
    signature = inspect.signature(function)
    assert signature.return_annotation is not inspect.Parameter.empty
    for parameter in signature.parameters.values():
        assert parameter.annotation is not inspect.Parameter.empty, parameter
    assert len(function.__doc__.splitlines()[0]) > 10


@pytest.mark.parametrize("name", sorted(set(FUNCTIONS) - WITHOUT_EXAMPLE))
def test_examples_of_a_function_are_true(name: str) -> None:
    function = getattr(analysis, name)
    module = importlib.import_module(analysis._PLACES[name][0])
    examples = doctest.DocTestFinder(recurse=False).find(function, name, globs=vars(module).copy())
    assert sum(len(one.examples) for one in examples) >= 1
    for one in examples:
        assert doctest.DocTestRunner().run(one).failed == 0


@pytest.mark.parametrize("page", ["docs/api.md"])
def test_examples_of_the_page_are_true(root: Path, page: str) -> None:
    text = re.sub(r"^```.*$", "", (root / page).read_text(encoding="utf-8"), flags=re.M)
    test = doctest.DocTestParser().get_doctest(text, {}, page, page, 0)
    assert len(test.examples) > 15
    assert doctest.DocTestRunner().run(test).failed == 0


def test_examples_of_the_package_are_true() -> None:
    assert doctest.testmod(analysis).failed == 0


def test_page_names_every_public_function(root: Path) -> None:
    text = (root / "docs" / "api.md").read_text(encoding="utf-8")
    for name in FUNCTIONS:
        assert f"`{name}`" in text, name
        assert f"`{name}`" in analysis.__doc__, name


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'zscore'"):
        _ = analysis.zscore  # type: ignore[attr-defined]


def test_importing_the_package_loads_no_library() -> None:
    code = "import sys, analysis; print(sorted({'pandas', 'numpy', 'scipy'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
