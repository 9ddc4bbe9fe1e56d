"""A shared folder can be checked against its manifest; old files do not linger."""

import json
from pathlib import Path

import pytest

from analysis.cli import main
from analysis.errors import UserError
from analysis.publish import manifest, verify


def folder_with_manifest(folder: Path) -> Path:
    (folder / "a.pdf").write_text("A")
    (folder / "b.html").write_text("B")
    outputs = {name: manifest.artefacts.file_hash(folder / name) for name in ("a.pdf", "b.html")}
    file = folder / "manifest.json"
    file.write_text(json.dumps({"outputs": outputs}))
    return file


def test_untouched_folder_agrees(tmp_path: Path, capsys) -> None:
    file = folder_with_manifest(tmp_path)
    assert manifest.check(file) == []
    assert main(["verify", str(file)]) == 0
    assert "every file is as it was made" in capsys.readouterr().out


def test_each_difference_is_named(tmp_path: Path, capsys) -> None:
    file = folder_with_manifest(tmp_path)
    (tmp_path / "a.pdf").write_text("changed")
    (tmp_path / "b.html").unlink()
    (tmp_path / "c.txt").write_text("new")
    assert manifest.check(file) == [
        "a.pdf: changed since it was made",
        "b.html: missing",
        "c.txt: not in the manifest",
    ]
    assert main(["verify", str(file)]) == 1
    assert "b.html: missing" in capsys.readouterr().out


@pytest.mark.parametrize("content", ["", "[]", '{"outputs": 1}'])
def test_what_is_no_manifest_is_said(tmp_path: Path, content: str) -> None:
    file = tmp_path / "manifest.json"
    file.write_text(content)
    with pytest.raises(UserError, match="not a manifest"):
        manifest.check(file)


def test_missing_manifest_is_one_sentence(tmp_path: Path, capsys) -> None:
    assert main(["verify", str(tmp_path / "none.json")]) == 2
    assert "no such file" in capsys.readouterr().err


def test_two_builds_are_compared_byte_by_byte(tmp_path: Path) -> None:
    for name, content in (("one", "same"), ("two", "same")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x").write_text(content)
    assert verify.compare(tmp_path / "one", tmp_path / "two") == []
    (tmp_path / "two" / "x").write_text("other")
    (tmp_path / "two" / "y").write_text("")
    assert verify.compare(tmp_path / "one", tmp_path / "two") == [
        "y: in one build only",
        "x: bytes differ",
    ]
