"""The table of deliberate mistakes fits the source, and its page says that none survives."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="module")
def table(mutations: ModuleType) -> list:
    return mutations.MUTATIONS


def test_every_mistake_can_be_made_and_leaves_python(root: Path, table: list) -> None:
    for mutation in table:
        source = (root / "src" / "analysis" / mutation.file).read_text(encoding="utf-8")
        broken = mutation.apply(source)  # raises unless the text stands there once
        assert ast.dump(ast.parse(broken)) != ast.dump(ast.parse(source)), mutation.what
    assert len({(m.file, m.old, m.new) for m in table}) == len(table) > 50


def test_a_mistake_that_does_not_fit_is_said(mutations: ModuleType) -> None:
    with pytest.raises(ValueError, match="stands 2 times"):
        mutations.Mutation("x.py", "what", "a", "b").apply("a = a")


def test_page_is_fresh_and_none_survives(mutations: ModuleType, root: Path, table: list) -> None:
    page = (root / "docs" / "mutations.md").read_text(encoding="utf-8")
    assert page == mutations.page([(m, False) for m in table]), "run python scripts/mutations.py"


@pytest.mark.slow
def test_mistakes_are_noticed(root: Path) -> None:
    words = ["HAZ of -6 flagged", "complementary suppression off"]
    done = subprocess.run(
        [sys.executable, "scripts/mutations.py", *words], cwd=root, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("noticed ") == len(words)
