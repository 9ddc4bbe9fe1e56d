"""What a person at a terminal sees of a run, and what is left when that person stops it."""

from __future__ import annotations

import contextlib
import os
import pty
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import tiny

pytestmark = pytest.mark.slow

PROGRAM = Path(__file__).with_name("terminal.py")


@contextlib.contextmanager
def run(root: Path, **streams: int) -> Iterator[subprocess.Popen[bytes]]:
    """A run in a process of its own, known by a mark in its environment."""
    with tempfile.TemporaryDirectory(prefix="t") as temporary:  # short: sockets lie in it
        environment = {
            **os.environ,
            "TMPDIR": temporary,
            "TINY_PROJECT": str(root),
            "TERM": "xterm",
        }
        command = [sys.executable, str(PROGRAM), str(root)]
        with subprocess.Popen(command, env=environment, start_new_session=True, **streams) as made:
            try:
                yield made
            finally:
                made.kill()
        assert not list(Path(temporary).iterdir())


def processes(root: Path) -> list[int]:
    """Processes of runs of `root` that are there, other than zombies."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            ours = f"TINY_PROJECT={root}".encode() in (process / "environ").read_bytes()
            state = (process / "stat").read_text().rsplit(") ", 1)[1][0]
            found += [int(process.name)] if ours and state != "Z" else []
    return found


def test_a_terminal_shows_a_bar_with_the_briefs_in_hand(made: Path) -> None:
    tiny.survey(made, 2)
    ours, theirs = pty.openpty()
    with run(made, stdout=theirs, stderr=theirs, stdin=theirs) as process:
        os.close(theirs)
        shown = b""
        with contextlib.suppress(OSError):  # the end of a terminal is an error
            while part := os.read(ours, 65536):
                shown += part
        assert process.wait() == 0
    os.close(ours)
    text = shown.decode()
    assert "━" in text  # the bar
    assert "/4" in text
    assert any(name in text for name in ("Jombang", "Kencong"))
    assert "[  1/4]" not in text  # no plain lines beside it
    assert "briefs: 4 built, 0 unchanged, 0 failed" in text


def test_plain_lines_where_there_is_no_terminal(made: Path, capsys) -> None:
    tiny.survey(made, 2)
    assert tiny.reports(made) == 0
    said = capsys.readouterr().out
    assert "\x1b" not in said
    assert "\r" not in said
    assert said.count("built (") == 4
    assert said.splitlines()[-1].endswith("open reports/out/index.html")


@pytest.mark.parametrize("where", ["brief", "stage"])
def test_stopped_by_hand_leaves_nothing_running_and_says_so(made: Path, where: str) -> None:
    tiny.survey(made, 2)
    before = tiny.shared(made)
    tiny.fault(made, **{"35.09.01" if where == "brief" else "intake": "hang"})
    with run(made, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        waiting = made / "hanging"
        until = time.monotonic() + 60
        while not waiting.exists() and time.monotonic() < until:
            time.sleep(0.05)
        assert waiting.exists()
        os.kill(process.pid, signal.SIGINT)
        _, errors = process.communicate(timeout=20)
        assert process.returncode == 130
    assert errors.decode().splitlines() == [
        "stopped; finished files stay, the next run carries on."
    ]
    until = time.monotonic() + 5
    while processes(made) and time.monotonic() < until:
        time.sleep(0.1)
    assert processes(made) == []
    after = tiny.shared(made)
    name = "2026_350901_jombang_ringkasan-stunting.html"
    assert after[name] == before[name]
    (made / "fault.json").unlink()
    assert tiny.reports(made, "--quiet") == 0
    assert b"value 2" in tiny.shared(made)[name]
