"""A run as a person sees it: stages, briefs, index, a summary and an exit status."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from analysis.errors import UserError
from analysis.project import Project, load_project
from analysis.publish import briefs, keys, manifest, stages, stopping
from analysis.publish.alone import alone
from analysis.publish.failure import NotebookFailed
from analysis.publish.progress import Log, Report
from analysis.publish.slides import record as slides_record

#: Briefs of an earlier state named in the summary; the manifest has them all.
_NAMED = 3
_ALL = tuple(stage.name for stage in stages.STAGES)


def run_stages(params_file: str, names: Sequence[str], *, quiet: bool = False) -> int:
    """Run stages up to and including the named ones; returns the exit status.

    Raises
    ------
    UserError
        Params or raw files cannot be used, or a folder cannot be written.
    """
    project = load_project(params_file)
    last = max(_ALL.index(name) for name in names)
    with _reporting(project, quiet) as report, alone(project, report.say):
        return 0 if _stages(project, _ALL[: last + 1], report) else 1


def run_reports(
    params_file: str,
    areas: Sequence[str] = (),
    *,
    engine: briefs.Engine = "auto",
    jobs: int | None = None,
    scheduler: str | None = None,
    quiet: bool = False,
) -> int:
    """Make everything up to the briefs and the index; returns the exit status.

    Parameters
    ----------
    areas
        Names or codes; the brief of the whole place is always made with them. All when empty.
    jobs
        Briefs in hand at once on this machine.
    scheduler
        Address of a Dask scheduler whose workers see the same folders; None for this machine.

    Raises
    ------
    UserError
        Params or raw files cannot be used, an area is not in the register, or a folder
        cannot be written.
    """
    project = load_project(params_file)
    named = {*project.areas_named(areas), project.whole} if areas else None
    started = time.monotonic()
    with _reporting(project, quiet) as report, alone(project, report.say):
        if not _stages(project, _ALL, report):
            return 1
        every = briefs.plan(project, engine)
        wanted = [job for job in every if named is None or job.code in named]
        results = _briefs(wanted, jobs, scheduler, report)
        outdated = _shared_folder(project, every, results)
        return _summary(project, results, outdated, time.monotonic() - started, report)


@contextlib.contextmanager
def _reporting(project: Project, quiet: bool) -> Iterator[Report]:
    """Words of a run; a full disk or a lost folder ends in one sentence."""
    log = Log(project.out / "log", project.params_file.parents[1])
    try:
        with stopping.by_hand():
            yield Report(log, quiet=quiet)
    except OSError as error:
        if error.filename is None and error.errno is None:
            raise
        where = f"{error.filename}: " if error.filename else ""
        raise UserError(
            f"{where}{error.strerror}; what was finished stays, the next run carries on."
        ) from error
    finally:
        log.close()


def _stages(project: Project, names: Sequence[str], report: Report) -> bool:
    """Run the named stages, those that do not read each other side by side.

    Raises
    ------
    UserError
        A stage stopped at something the user can mend.
    """
    for wave in stages.waves(names):
        failures: list[NotebookFailed] = []
        with ThreadPoolExecutor(len(wave)) as pool:
            running = {pool.submit(_timed, project, stage): stage for stage in wave}
            for future in as_completed(running):
                name = running[future].name
                try:
                    seconds = future.result()
                except NotebookFailed as error:
                    failures.append(error)
                    if error.advice is None:
                        _complain(name, error, report)
                    continue
                text = "unchanged" if seconds is None else f"{seconds:.1f} s"
                report.say(f"{name:<13} {text}", log=seconds is not None)
        if failures:
            advice = [error.advice for error in failures if error.advice is not None]
            for text in advice[:-1]:
                report.failed(text)
            if advice:
                report.line(f"error: {advice[-1]}")
                raise UserError(advice[-1])
            return False
    return True


def _timed(project: Project, stage: stages.Stage) -> float | None:
    """Seconds the stage took; None when it had not to run."""
    started = time.monotonic()
    return time.monotonic() - started if stages.run(project, stage) else None


def _complain(name: str, error: NotebookFailed, report: Report) -> None:
    """Say which stage broke and where to look; the log is shared, so without the error's words."""
    kind = error.cause.partition(":")[0]
    report.failed(
        f"stage {name} failed: {error.cause} (see {error.notebook})",
        log=f"stage {name} failed: {kind} (see {error.notebook})",
    )


def _briefs(
    wanted: Sequence[briefs.Job], workers: int | None, scheduler: str | None, report: Report
) -> list[briefs.Result]:
    """Make what is not there yet; results of all that are wanted."""
    results = [briefs.unchanged(job) for job in wanted if briefs.fresh(job)]
    known = {result.stem for result in results}
    stale = [job for job in wanted if job.stem not in known]
    if not stale:
        return results
    from analysis.publish import site  # noqa: F401  # needed last, loaded while kernels get ready
    from analysis.publish.fanout import make_all

    with report.briefs(len(stale)) as progress:
        for result in make_all(stale, workers, scheduler, progress.start, report.warn):
            progress.finish(result)
            results.append(result)
    return results


def _shared_folder(
    project: Project, every: Sequence[briefs.Job], results: Sequence[briefs.Result]
) -> list[str]:
    """Write index, bundle and manifest; returns the briefs of an earlier state of the data."""
    current = {result.stem for result in results if result.status != "failed"}
    made = {job.stem: briefs.outputs(job) for job in every}
    outdated = [
        job.stem
        for job in every
        if made[job.stem] and job.stem not in current and not briefs.fresh(job)
    ]
    files = [file for found in made.values() for file in found] + stages.shared_files(project)
    files += _index(project, every, files)
    files += slides_record.files(project)
    outdated += slides_record.outdated(project)
    manifest.write(project, files, every[0].engine_version, outdated)
    return outdated


def _index(project: Project, every: Sequence[briefs.Job], files: Sequence[Path]) -> list[Path]:
    """Index and bundle; made again only when a brief or a table is another."""
    record = keys.Record(project.build / "index.json")
    key = keys.combine(
        {
            "files": keys.tree_hash(project.out, set(files)),
            "briefs": briefs.described(every),
            "shared": every[0].shared,
            "params": project.params_hash,
        }
    )
    if not record.fresh(key, project.out):
        from analysis.publish import site

        record.write(key, project.out, site.build(project, every))
    made = record.read()
    assert made is not None
    return [project.out / name for name in made["outputs"]]


def _summary(
    project: Project,
    results: Sequence[briefs.Result],
    outdated: Sequence[str],
    seconds: float,
    report: Report,
) -> int:
    counts = {s: sum(r.status == s for r in results) for s in ("built", "unchanged", "failed")}
    counted = ", ".join(f"{count} {status}" for status, count in counts.items())
    index = project.out / "index.html"
    if index.is_relative_to(Path.cwd()):
        index = index.relative_to(Path.cwd())
    busy = counts["built"] + counts["failed"] > 0
    for result in sorted(results, key=lambda r: r.stem):
        for note in result.notes:
            report.warn(f"{result.name}: {note}")
    if outdated:
        listed = ", ".join(outdated[:_NAMED])
        more = f" and {len(outdated) - _NAMED} more" if len(outdated) > _NAMED else ""
        report.warn(f"made from an earlier state of the data: {listed}{more}")
    report.say(f"briefs: {counted}; {seconds:.1f} s; open {index}", log=busy)
    for result in sorted(results, key=lambda r: r.stem):
        if result.status == "failed":
            report.failed(f"{result.name}: {result.cause}")
    return 1 if counts["failed"] else 0
