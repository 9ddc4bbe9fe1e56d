"""Pandocs that stay: each formats one brief after another and pays for its start once.

A quarter of the time of a short Pandoc is its start: the pages of a program of 160 MB are touched
for the first time. What a brief leaves in it is gone with the next one (see `filters/write.lua`).
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_REPLY = "reply "


class WriterEnded(Exception):
    """The program ended instead of answering; the message holds its last words."""


class Writer:
    """A program that answers requests until its input ends, so it never outlives this one.

    Parameters
    ----------
    program
        Command line of what reads a request a line, as JSON, and answers with a line: ``reply``
        and, as JSON, what went wrong, empty when nothing did.

    Raises
    ------
    FileNotFoundError
        There is no such program.
    """

    def __init__(self, program: Sequence[str]) -> None:
        self._process = subprocess.Popen(
            program,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
        )

    def ask(self, request: Mapping[str, Any], seconds: float) -> str:
        """Return what went wrong, in the program's own words; empty when nothing did.

        Raises
        ------
        TimeoutError
            There was no answer within `seconds`; the program is ended.
        WriterEnded
            The program ended by itself.
        """
        late = threading.Event()

        def end() -> None:
            late.set()
            self._process.kill()

        clock = threading.Timer(seconds, end)
        clock.daemon = True
        clock.start()
        try:
            return self._answer(json.dumps(request))
        except WriterEnded:
            if late.is_set():
                raise TimeoutError from None
            raise
        finally:
            clock.cancel()

    def _answer(self, request: str) -> str:
        assert self._process.stdin is not None and self._process.stdout is not None
        with contextlib.suppress(BrokenPipeError):  # it has ended: its last words are read below
            self._process.stdin.write(request + "\n")
            self._process.stdin.flush()
        said = []
        for line in self._process.stdout:
            if line.startswith(_REPLY):
                return str(json.loads(line.removeprefix(_REPLY)))
            said.append(line)
        raise WriterEnded("".join(said))

    def close(self) -> None:
        """Let the program end and wait for it."""
        with contextlib.suppress(BrokenPipeError):
            self._process.communicate()


_idle: list[Writer] = []


@contextlib.contextmanager
def borrowed(program: Sequence[str]) -> Iterator[Writer]:
    """Yield a writer that has nothing to do, a new one when there is none.

    It is kept for the next one, unless the block raises.
    """
    try:
        writer = _idle.pop()
    except IndexError:
        writer = Writer(program)
    try:
        yield writer
    except BaseException:
        writer.close()
        raise
    _idle.append(writer)


@atexit.register
def close_all() -> None:
    """End all writers that have nothing to do."""
    while _idle:
        _idle.pop().close()


if hasattr(os, "register_at_fork"):  # a copy of this program would keep them from ending
    os.register_at_fork(after_in_child=lambda: _idle.clear())
