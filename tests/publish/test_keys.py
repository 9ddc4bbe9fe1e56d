"""Content decides what is made again, never dates."""

import os
from pathlib import Path

from analysis.publish.keys import Record, combine, tree_hash


def test_key_depends_on_names_and_values() -> None:
    assert combine({"a": "1", "b": "2"}) == combine({"b": "2", "a": "1"})
    assert combine({"a": "1"}) != combine({"a": "2"})
    assert combine({"a": "1"}) != combine({"b": "1"})


def test_tree_hash_sees_content_and_names_not_dates(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("one")
    before = tree_hash(tmp_path, [file])
    os.utime(file, (1, 1))
    assert tree_hash(tmp_path, [file]) == before
    file.write_text("two")
    changed = tree_hash(tmp_path, [file])
    assert changed != before
    assert tree_hash(tmp_path, [file.rename(tmp_path / "b.txt")]) != changed


def test_record_is_fresh_only_with_its_key_and_its_files(tmp_path: Path) -> None:
    output = tmp_path / "brief.pdf"
    output.write_text("content")
    record = Record(tmp_path / "made" / "x.json")
    assert not record.fresh("k", tmp_path)
    record.write("k", tmp_path, [output])
    assert record.fresh("k", tmp_path)
    assert not record.fresh("other", tmp_path)
    output.write_text("tampered")
    assert not record.fresh("k", tmp_path)
    output.unlink()
    assert not record.fresh("k", tmp_path)


def test_half_written_record_counts_as_none(tmp_path: Path) -> None:
    file = tmp_path / "x.json"
    file.write_text('{"key": "k", "out')
    assert not Record(file).fresh("k", tmp_path)
    file.write_text('["k"]')
    assert not Record(file).fresh("k", tmp_path)
