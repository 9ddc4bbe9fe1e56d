"""What a run tells: a bar on a terminal, plain lines elsewhere, and a log file beside the briefs."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING

from analysis.publish.briefs import Job, Result

if TYPE_CHECKING:  # a tenth of a second, for nothing where no bar is shown
    from rich.progress import Progress

#: Log files that are kept.
_KEPT = 20


class Log:
    """Log of one run: which jobs, how long, why they failed; made with its first line.

    A run in which nothing was made leaves no log. Paths of this machine are cut to the
    project's own; cells of a raw file never reach these lines (see `Report.failed`).
    """

    def __init__(self, folder: Path, root: Path) -> None:
        self._folder = folder
        self._root = root
        self._stream: IO[str] | None = None

    def write(self, text: str) -> None:
        """Add a line; a log that cannot be written is done without."""
        for place, name in ((self._root, ""), (Path.home(), "~/")):
            text = text.replace(f"{place}{os.sep}", name)
        with contextlib.suppress(OSError):
            stream = self._stream or self._open()
            stream.write(f"{dt.datetime.now():%H:%M:%S} {text}\n")
            stream.flush()

    def close(self) -> None:
        """Close the file."""
        if self._stream is not None:
            with contextlib.suppress(OSError):
                self._stream.close()

    def _open(self) -> IO[str]:
        self._folder.mkdir(parents=True, exist_ok=True)
        old = sorted(self._folder.glob("*.txt"))
        for file in old[: max(0, len(old) - _KEPT + 1)]:
            file.unlink(missing_ok=True)
        name = f"{dt.datetime.now():%Y%m%d-%H%M%S}-{os.getpid()}.txt"
        self._stream = (self._folder / name).open("w", encoding="utf-8")
        return self._stream


class Report:
    """Where a run's words go: standard output unless quiet, errors always, and the log."""

    def __init__(self, log: Log, *, quiet: bool = False) -> None:
        self._log = log
        self._quiet = quiet
        self._bar: Progress | None = None

    def say(self, text: str, *, log: bool = False) -> None:
        """Print a line of progress."""
        if log:
            self._log.write(text)
        if not self._quiet:
            self._print(text)

    def warn(self, text: str) -> None:
        """Print what a person should look at; quiet or not."""
        self._log.write(f"note: {text}")
        print(f"note: {text}", file=sys.stderr, flush=True)

    def failed(self, text: str, *, log: str | None = None) -> None:
        """Print why something failed; `log` is what the log says in its place."""
        self._log.write(f"error: {text if log is None else log}")
        print(f"error: {text}", file=sys.stderr, flush=True)

    @contextlib.contextmanager
    def briefs(self, total: int) -> Iterator[BriefProgress]:
        """Follow the making of `total` briefs."""
        if self._quiet or not sys.stdout.isatty():
            yield BriefProgress(self, total)
            return
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
        )

        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
        )
        with Progress(*columns, console=Console(), transient=True) as bar:
            yield BarProgress(self, total, bar)

    def line(self, text: str) -> None:
        """Log a line that a bar already shows."""
        self._log.write(text)

    def _print(self, text: str) -> None:
        print(text, flush=True)


class BriefProgress:
    """Plain lines, one for each brief that was made or failed."""

    def __init__(self, report: Report, total: int) -> None:
        self._report = report
        self._total = total
        self._done = 0

    def start(self, job: Job) -> None:
        """A brief is begun."""

    def finish(self, result: Result) -> None:
        """A brief is there, or is not going to be."""
        self._done += 1
        self._tell(result, f"{_text(result)}")

    def _tell(self, result: Result, text: str) -> None:
        self._report.say(f"[{self._done:>3}/{self._total}] {text}")
        self._report.line(f"{result.stem}: {text}")


class BarProgress(BriefProgress):
    """Bar with the briefs in hand and the time left."""

    def __init__(self, report: Report, total: int, bar: Progress) -> None:
        super().__init__(report, total)
        self._bar = bar
        self._task = bar.add_task("", total=total)
        self._in_hand: dict[str, str] = {}

    def start(self, job: Job) -> None:
        """Show the brief among those in hand."""
        self._in_hand[job.stem] = job.name
        self._show()

    def _tell(self, result: Result, text: str) -> None:
        self._in_hand.pop(result.stem, None)
        self._bar.advance(self._task)
        self._show()
        self._report.line(f"{result.stem}: {text}")

    def _show(self) -> None:
        self._bar.update(self._task, description=", ".join(list(self._in_hand.values())))


def _text(result: Result) -> str:
    seconds = f" ({result.seconds:.1f} s)" if result.status == "built" else ""
    return f"{result.name}: {result.status}{seconds}"
