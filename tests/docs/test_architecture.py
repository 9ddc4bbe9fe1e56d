"""The map of the house and the house agree, in both directions."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

#: In the root for tools or licence, not rooms.
NOT_ROOMS = {"site", "wheelhouse"}


@pytest.fixture(scope="module")
def text(root: Path) -> str:
    return (root / "docs" / "architecture.md").read_text(encoding="utf-8")


def test_every_room_is_named_with_what_it_knows(root: Path, text: str) -> None:
    house = text[text.index("## The house") : text.index("## Parameters")]
    for folder in sorted((root / "src" / "analysis").iterdir()):
        if (folder / "__init__.py").exists():
            assert f"`{folder.name}/`" in house, f"docs/architecture.md does not name {folder.name}"


def test_every_shared_module_is_named_and_is_there(root: Path, text: str) -> None:
    row = re.search(r"^\| `src/analysis/` \| `([a-z ]+)`, shared", text, flags=re.M)
    assert row
    named = set(row[1].split())
    modules = {file.stem for file in (root / "src" / "analysis").glob("*.py")}
    assert named == {name for name in modules if not name.startswith("__")}


def test_every_folder_of_the_repository_is_named_and_is_there(root: Path, text: str) -> None:
    named = set(re.findall(r"`([a-z]+)/(?:[a-z]+/)?`", text))
    folders = {
        folder.name for folder in root.iterdir() if folder.is_dir() and folder.name[0] != "."
    }
    assert folders - NOT_ROOMS <= named
    packages = {file.parent for file in (root / "src" / "analysis").rglob("__init__.py")}
    rooms = {folder.name for folder in packages}
    assert rooms <= named | {"analysis"}
    assert named - rooms <= folders


def test_every_stage_names_its_notebook_and_package(root: Path, text: str) -> None:
    rows = re.findall(r"^\| (\w+) \| (`[^|]+`|–) \| `analysis\.(\w+)` \|", text, flags=re.M)
    assert [row[0] for row in rows] == [row[2] for row in rows]
    for _, notebooks, package in rows:
        assert (root / "src" / "analysis" / package).is_dir()
        for name in re.findall(r"`([^`]+)`", notebooks):
            assert (root / "notebooks" / name).is_file(), name
