"""Pandocs that stay: nothing of one brief is in the next, and none is left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import brief_sample as sample
import psutil
import pytest

from analysis.errors import UserError
from analysis.publish.render import pandoc, writers
from analysis.publish.render.executed import brief_metadata, read_notebook, reader_texts
from analysis.publish.render.workspace import laid_out
from analysis.publish.render.writers import WriterEnded, borrowed

#: Answers with its process id, or does what the request says.
PROGRAM = """
import json, os, sys, time
for line in sys.stdin:
    request = json.loads(line)
    if request["do"] == "end":
        print("out of memory", file=sys.stderr)
        sys.exit(1)
    if request["do"] == "hang":
        time.sleep(60)
    print("a warning")
    print("reply", json.dumps(f"{os.getpid()} {request['do']}"), flush=True)
"""


@pytest.fixture
def program(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(writers, "_idle", [])
    yield [sys.executable, "-c", PROGRAM]
    writers.close_all()


def ask(program: list[str], do: str, seconds: float = 30) -> tuple[int, str]:
    with borrowed(program) as writer:
        pid, said = writer.ask({"do": do}, seconds).split(maxsplit=1)
    return int(pid), said


def gone(pid: int) -> bool:
    """Whether a process is gone, at last."""
    for _ in range(100):
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == "zombie":
            return True
        time.sleep(0.05)
    return False


def test_one_after_another_is_answered_by_the_same_program(program) -> None:
    first, said = ask(program, "größer")
    assert said == "größer"
    assert ask(program, "next")[0] == first


def test_two_at_once_have_a_program_each(program) -> None:
    with borrowed(program) as one, borrowed(program) as other:
        assert one.ask({"do": "x"}, 30) != other.ask({"do": "x"}, 30)
    assert len(writers._idle) == 2


def test_a_program_that_ends_tells_its_last_words_and_is_replaced(program) -> None:
    first, _ = ask(program, "x")
    with pytest.raises(WriterEnded, match="out of memory"):
        ask(program, "end")
    assert ask(program, "x")[0] != first


def test_a_program_that_hangs_is_ended(program) -> None:
    first, _ = ask(program, "x")
    with pytest.raises(TimeoutError):
        ask(program, "hang", 0.3)
    assert gone(first)


def test_a_program_ends_with_the_one_that_uses_it(tmp_path: Path) -> None:
    script = (
        "import sys, time\nfrom analysis.publish.render.writers import Writer\n"
        f"writer = Writer([sys.executable, '-c', {PROGRAM!r}])\n"
        "print(writer.ask({'do': 'x'}, 30), flush=True)\ntime.sleep(60)\n"
    )
    user = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert user.stdout is not None
    pid = int(user.stdout.readline().split()[0])
    assert psutil.pid_exists(pid)
    user.send_signal(signal.SIGKILL)
    user.communicate()
    assert gone(pid)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_forked_copy_of_the_program_holds_no_writer(program) -> None:
    ask(program, "x")
    pid = os.fork()
    if pid == 0:
        os._exit(len(writers._idle))
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert len(writers._idle) == 1


# ---- Pandoc ---------------------------------------------------------------------------------------


def written(folder: Path, texts: list[str] | None = None, **metadata: object) -> dict[str, bytes]:
    """What Pandoc writes of the sample brief, or of these texts."""
    brief = sample.build(folder, texts, **metadata)
    notebook = read_notebook(brief / f"{brief.name}.ipynb")
    facts = brief_metadata(notebook, brief.name)
    with laid_out(brief, facts, list(reader_texts(notebook))) as work:
        files = pandoc.write(work, ["html", "typst"])
        return {fmt: file.read_bytes() for fmt, file in files.items()}


@pytest.mark.slow
def test_nothing_of_a_brief_is_in_the_next(tmp_path: Path) -> None:
    writers.close_all()
    first = written(tmp_path / "first")
    other = written(
        tmp_path / "other", ["Teks lain."], title="Tempat lain", synthetic=True, synthetic_label="X"
    )
    assert b"Tempat lain" in other["html"]
    with pytest.raises(UserError, match="has no alternative text"):
        written(tmp_path / "refused", ["![](figures/bridge.svg)"])
    assert len(writers._idle) == 1
    assert written(tmp_path / "again") == first


@pytest.mark.slow
def test_one_letter_and_a_hyphen_stay_with_their_word_on_paper(tmp_path: Path) -> None:
    source = written(tmp_path, ["Data (e-PPGBM), x-ray dan A-1."])["typst"].decode()
    assert '#"(";#box("e-PPGBM");#"),";' in source
    assert source.count("#box(") == 1
