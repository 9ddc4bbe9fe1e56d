"""Files are there complete or not at all."""

import os
import resource
import stat
from pathlib import Path

import pytest

from analysis import files


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_content_arrives_readable_by_all(tmp_path: Path) -> None:
    target = files.write_whole(tmp_path / "new" / "a.txt", "é")
    assert target.read_bytes() == "é".encode()
    assert stat.S_IMODE(target.stat().st_mode) == 0o644
    assert left(tmp_path) == ["a.txt"]


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_failure_leaves_the_old_file_and_nothing_else(tmp_path: Path, error) -> None:
    target = files.write_whole(tmp_path / "a.txt", "old")
    with pytest.raises(error), files.replacing(target) as temporary:
        temporary.write_text("half")
        raise error
    assert target.read_text() == "old"
    assert left(tmp_path) == ["a.txt"]


def test_files_that_belong_together_change_together(tmp_path: Path) -> None:
    first, second = tmp_path / "a.html", tmp_path / "a.pdf"
    files.write_together({first: "old", second: "old"})
    with pytest.raises(TypeError):
        files.write_together({first: "new", second: None})  # type: ignore[dict-item]
    assert (first.read_text(), second.read_text()) == ("old", "old")
    assert left(tmp_path) == ["a.html", "a.pdf"]


def test_file_larger_than_allowed_leaves_the_old_one(tmp_path: Path) -> None:
    target = files.write_whole(tmp_path / "a.txt", "old")
    child = os.fork()
    if child == 0:
        import signal

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
        try:
            files.write_whole(target, "x" * 5000)
        except OSError:
            os._exit(7)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    assert target.read_text() == "old"
    assert left(tmp_path) == ["a.txt"]


def test_same_content_is_not_touched(tmp_path: Path) -> None:
    target = files.write_if_changed(tmp_path / "a", b"same")
    before = target.stat().st_mtime_ns, target.stat().st_ino
    files.write_if_changed(target, "same")
    assert (target.stat().st_mtime_ns, target.stat().st_ino) == before
    files.write_if_changed(target, "other")
    assert target.read_text() == "other"


def test_sweep_removes_what_a_killed_run_left_and_only_that(tmp_path: Path) -> None:
    kept = [tmp_path / name for name in ("a.tmp", ".hidden", ".a.pdf.tmp", "b.pdf")]
    for file in kept:
        file.write_text("kept")
    child = os.fork()
    if child == 0:
        with files.replacing(tmp_path / "b.pdf"):
            os._exit(0)
    os.waitpid(child, 0)
    assert len(left(tmp_path)) == 5
    assert [path.name[:7] for path in files.sweep(tmp_path)] == [".b.pdf."]
    assert left(tmp_path) == sorted(file.name for file in kept)
