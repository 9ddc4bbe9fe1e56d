"""Two builds give the same bytes, and a check of that which would see one that differs."""

from __future__ import annotations

from pathlib import Path

import pytest
import tiny

pytestmark = pytest.mark.slow


def test_two_builds_of_a_small_project_agree(made: Path, capsys) -> None:
    before = tiny.state(made)
    assert tiny.main("verify") == 0
    assert "two builds, the same bytes" in capsys.readouterr().out
    assert tiny.state(made) == before  # both were made elsewhere


def test_a_planted_difference_is_named(made: Path, capsys, monkeypatch: pytest.MonkeyPatch) -> None:
    from analysis.publish.render import documents as render

    names: list[str] = []

    def restless(folder: Path, **options: object) -> render.Documents:
        names.append(folder.name)
        contents = tiny.documents(folder).contents
        if folder.name.startswith("2026_350902") and names.count(folder.name) == 2:
            contents["pdf"] = contents["pdf"].replace(b"xxx", b"xyx", 1)
        return render.Documents(contents)

    monkeypatch.setattr(render, "documents", restless)
    assert tiny.main("verify") == 1
    said = capsys.readouterr().out.splitlines()
    assert "2026_350902_kencong_ringkasan-stunting.pdf: bytes differ" in said
    assert "manifest.json: bytes differ" in said  # it holds the hash
    assert not any("jombang" in line or ".html" in line for line in said)


def test_a_shared_folder_that_was_touched_is_told_file_by_file(made: Path, capsys) -> None:
    out = made / "reports" / "out"
    (out / "2026_350901_jombang_ringkasan-stunting.pdf").write_bytes(b"PDF of someone else")
    (out / "2026_350903_sumberbaru_ringkasan-stunting.csv").unlink()
    (out / "note.txt").write_text("hello")
    assert tiny.main("verify", "reports/out/manifest.json") == 1
    assert capsys.readouterr().out.splitlines() == [
        "2026_350901_jombang_ringkasan-stunting.pdf: changed since it was made",
        "2026_350903_sumberbaru_ringkasan-stunting.csv: missing",
        "note.txt: not in the manifest",
    ]
