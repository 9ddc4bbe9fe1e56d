"""Whatever ends a run, files stay whole, the message is clear, and the next run carries on."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import tiny

pytestmark = pytest.mark.slow

PROGRAM = Path(__file__).with_name("killing.py")
ORDER = (3, 1, 4, 1)


def play(job: str, root: Path, *numbers: int) -> dict:
    """Let `killing.py` do a job; returns what it saw."""
    with tempfile.TemporaryDirectory(prefix="t") as temporary:  # short: sockets lie in it
        done = subprocess.run(
            [sys.executable, str(PROGRAM), job, str(root), *map(str, numbers)],
            env={**_without_coverage(), "TMPDIR": temporary},
            capture_output=True,
            text=True,
            timeout=600,
        )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def _without_coverage() -> dict[str, str]:
    """Environment of a program that may not write: nor may what measures its coverage."""
    return {name: text for name, text in os.environ.items() if not name.startswith("COVERAGE_")}


def undisturbed(root: Path, made: Path) -> dict[str, bytes]:
    """What a run without any fault makes of the same data."""
    shutil.copytree(made, root)
    tiny.survey(root, *ORDER)
    assert tiny.reports(root, "--quiet") == 0
    return tiny.shared(root)


@contextmanager
def mounted(folder: Path, *options: str) -> Iterator[Path]:
    """A file system of its own at `folder`; skips where that is not allowed."""
    done = subprocess.run(["mount", *options, str(folder)], capture_output=True)
    if done.returncode:
        pytest.skip("only root may mount a file system, and not everywhere")
    try:
        yield folder
    finally:
        os.chdir("/")
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.mark.parametrize(
    "rounds", [1, pytest.param(24, marks=pytest.mark.slow)], ids=["once", "24 times"]
)
def test_killed_at_random_moments(made: Path, tmp_path: Path, rounds: int) -> None:
    expected = undisturbed(tmp_path / "undisturbed", made)
    seen = play("kill", made, rounds, 20261124)
    assert seen["killed"] == rounds
    assert seen["broken"] == []
    assert seen["orphans"] == []
    assert seen["status"] == 0, seen["words"]
    assert tiny.shared(made) == expected
    assert seen["left_over"] == []
    before = tiny.state(made)
    assert tiny.reports(made, "--quiet") == 0
    assert tiny.state(made) == before


def test_two_runs_at_once_take_turns(made: Path, tmp_path: Path) -> None:
    expected = undisturbed(tmp_path / "undisturbed", made)
    seen = play("twice", made)
    assert seen["status"] == [0, 0]
    waited = ["another run is under way" in words for words in seen["words"]]
    assert sorted(waited) == [False, True]
    assert "4 unchanged" in seen["words"][waited.index(True)]
    assert tiny.shared(made) == expected
    assert seen["orphans"] == seen["left_over"] == []


def test_files_that_may_not_grow(made: Path, tmp_path: Path) -> None:
    before = tiny.shared(made)
    expected = undisturbed(tmp_path / "undisturbed", made)
    seen = play("small", made, 15_000)
    assert seen["status"] == [1, 0], seen
    assert seen["words"].count("File too large") >= 3
    assert "Traceback" not in seen["words"]
    assert seen["broken"] == []
    assert tiny.shared(made) == expected != before
    assert seen["left_over"] == []


def test_full_disk(made: Path, tmp_path: Path, capsys) -> None:
    expected = undisturbed(tmp_path / "undisturbed", made)
    disk = tmp_path / "disk"
    disk.mkdir()
    with mounted(disk, "-t", "tmpfs", "-o", "size=8m", "none"):
        root = disk / "p"
        shutil.copytree(made, root)
        before = tiny.shared(root)
        tiny.survey(root, *ORDER)
        for left in (60_000, 4_096, 0):
            (disk / "ballast").write_bytes(b"x" * (shutil.disk_usage(disk).free - left))
            assert tiny.reports(root) in (1, 2)
            said = capsys.readouterr()
            assert "No space left on device" in said.err
            assert "Traceback" not in said.err
            for name, content in tiny.shared(root).items():
                assert content in (before[name], expected[name]), name
            (disk / "ballast").unlink()
        assert tiny.reports(root) == 0
        assert tiny.shared(root) == expected
        assert not list(root.rglob(".*.tmp"))


@pytest.mark.parametrize("folder", ["reports/out", "reports/build", "data/processed"])
def test_folder_that_may_not_be_written(made: Path, capsys, folder: str) -> None:
    tiny.survey(made, 2)
    before = tiny.state(made)
    place = made / folder
    with mounted(place, "--bind", "-o", "ro", str(place)):
        assert tiny.reports(made) == 2
        assert f"{place} cannot be written" in capsys.readouterr().err
        assert tiny.state(made) == before
    assert tiny.reports(made, "--quiet") == 0


def test_index_is_mended_after_a_run_that_ended_before_it(made: Path, monkeypatch) -> None:
    from analysis.publish import site

    tiny.survey(made, *ORDER)
    with monkeypatch.context() as patch:
        patch.setattr(site, "build", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        assert tiny.reports(made, "--quiet") == 130
    assert tiny.reports(made, "--quiet") == 0
    assert tiny.main("verify", "reports/out/manifest.json") == 0
    assert '"estimate": 3,' in (made / "reports/out/index.html").read_text()
