"""A run as a person sees it: stages, briefs, index, a summary and an exit status."""

from __future__ import annotations

import contextlib
import fcntl
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from analysis.errors import UserError
from analysis.project import Project, load_project
from analysis.publish import briefs, manifest, render, site, stages
from analysis.publish.execute import NotebookFailed

_ALL = tuple(stage.name for stage in stages.STAGES)


def run_stages(params_file: str, names: Sequence[str], *, quiet: bool = False) -> int:
    """Run stages up to and including the named ones; returns the exit status."""
    project = load_project(params_file)
    last = max(_ALL.index(name) for name in names)
    with _alone(project):
        return 0 if _stages(project, _ALL[: last + 1], quiet) else 1


def run_reports(
    params_file: str,
    areas: Sequence[str] = (),
    *,
    engine: briefs.Engine = "auto",
    jobs: int | None = None,
    quiet: bool = False,
) -> int:
    """Make everything up to the briefs and the index; returns the exit status.

    Raises
    ------
    UserError
        Params or raw files cannot be used, or an area is not in the register.
    """
    project = load_project(params_file)
    codes = _codes(project, areas)
    started = time.monotonic()
    with _alone(project):
        if not _stages(project, _ALL, quiet):
            return 1
        every = briefs.plan(project, engine)
        wanted = every if codes is None else [j for j in every if j.code in {*codes, project.whole}]
        results = _briefs(wanted, jobs, quiet)
        made = [file for job in every for file in briefs.outputs(job)]
        made += site.build(project, every)
        manifest.write(project, made, render.engine_version(engine))
    return _summary(project, results, time.monotonic() - started, quiet)


def _codes(project: Project, areas: Sequence[str]) -> list[str] | None:
    """Codes of the named areas; a name may come as several words."""
    if not areas:
        return None
    text = " ".join(areas)
    if "," in text:
        return [project.register.find(part.strip()) for part in text.split(",") if part.strip()]
    try:
        return [project.register.find(word) for word in areas]
    except UserError:
        if len(areas) == 1:
            raise
        try:
            return [project.register.find(text)]  # `make reports KECAMATAN="Sumber Baru"`
        except UserError:
            pass
        raise


def _stages(project: Project, names: Sequence[str], quiet: bool) -> bool:
    """Run the named stages, those that do not read each other side by side."""
    for wave in stages.waves(names):
        failed = False
        with ThreadPoolExecutor(len(wave)) as pool:
            running = {pool.submit(_timed, project, stage): stage for stage in wave}
            for future in as_completed(running):
                name = running[future].name
                try:
                    _say(f"{name:<13} {future.result()}", quiet)
                except NotebookFailed as error:
                    _complain(name, error)
                    failed = True
        if failed:
            return False
    return True


def _timed(project: Project, stage: stages.Stage) -> str:
    started = time.monotonic()
    made = stages.run(project, stage)
    return f"{time.monotonic() - started:.1f} s" if made else "unchanged"


def _complain(name: str, error: NotebookFailed) -> None:
    """Print why a stage stopped: the user's error as it is, a defect with where to look."""
    user = "UserError: "
    if error.cause.startswith(user):
        print(f"error: {error.cause.removeprefix(user)}", file=sys.stderr)
    else:
        print(f"error: stage {name} failed: {error.cause} (see {error.notebook})", file=sys.stderr)


def _briefs(jobs: list[briefs.Job], workers: int | None, quiet: bool) -> list[briefs.Result]:
    results = []
    with _progress(len(jobs), quiet) as advance:
        for result in briefs.make_all(jobs, workers):
            advance(result)
            results.append(result)
    return results


@contextlib.contextmanager
def _progress(total: int, quiet: bool) -> Iterator[Callable[[briefs.Result], None]]:
    """Bar on a terminal, plain lines elsewhere, nothing when quiet."""
    if quiet or not sys.stdout.isatty():
        count = [0]

        def line(result: briefs.Result) -> None:
            count[0] += 1
            if result.status != "unchanged":
                _say(f"[{count[0]:>3}/{total}] {result.name}: {result.status}", quiet)

        yield line
        return
    columns = (
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=Console()) as bar:
        task = bar.add_task("", total=total)
        yield lambda result: bar.update(task, advance=1, description=result.name)


def _summary(project: Project, results: list[briefs.Result], seconds: float, quiet: bool) -> int:
    failed = [result for result in results if result.status == "failed"]
    counts = {s: sum(r.status == s for r in results) for s in ("built", "unchanged", "failed")}
    _say(
        f"briefs: {counts['built']} built, {counts['unchanged']} unchanged, "
        f"{counts['failed']} failed in {seconds:.0f} s; open {project.out / 'index.html'}",
        quiet,
    )
    for result in sorted(failed, key=lambda r: r.stem):
        print(f"error: {result.name}: {result.cause}", file=sys.stderr)
    return 1 if failed else 0


@contextlib.contextmanager
def _alone(project: Project) -> Iterator[None]:
    """Hold the project's lock: two runs at once take turns."""
    lock = project.processed / ".lock"
    try:
        lock.parent.mkdir(parents=True, exist_ok=True)
        stream = lock.open("a")
    except OSError as error:
        raise UserError(
            f"{Path(error.filename).parent} cannot be written: {error.strerror}."
        ) from error
    with stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("another run is under way in this folder; waiting for it to end ...", flush=True)
            fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def _say(text: str, quiet: bool) -> None:
    if not quiet:
        print(text, flush=True)
