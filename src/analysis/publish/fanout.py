"""Many briefs at once: on the cores of this machine, or on the workers of a cluster."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence

from joblib import Parallel, delayed, parallel_config

from analysis.errors import UserError
from analysis.publish.briefs import Job, Result, make
from analysis.publish.kernels.server import SERVER, available


def make_all(
    jobs: Sequence[Job],
    workers: int | None = None,
    scheduler: str | None = None,
    started: Callable[[Job], None] = lambda job: None,
    note: Callable[[str], None] = lambda text: None,
) -> Iterator[Result]:
    """Make the briefs side by side; results come as they are ready, in any order.

    Parameters
    ----------
    workers
        Briefs in hand at once on this machine.
    scheduler
        Address of a Dask scheduler; its workers see this package and the same folders.
    started
        Called when a brief is begun on this machine.
    note
        Called with what a person should know: the cluster was lost, the rest is made here.

    Raises
    ------
    UserError
        No scheduler answers, or the package to talk to one is not installed.
    """
    left = {job.stem: job for job in jobs}
    if scheduler is not None:
        for result in _on_cluster(jobs, scheduler, note):
            left.pop(result.stem)
            yield result
    for result in _here(list(left.values()), workers, started):
        yield result


def _here(
    jobs: Sequence[Job], workers: int | None, started: Callable[[Job], None]
) -> Iterator[Result]:
    """Threads are enough: the work is done in kernels, Pandoc and Typst, each a process
    or native code of its own. One more than cores, since each waits for its kernel at times.
    """  # noqa: D205
    if not jobs:
        return
    if available():
        SERVER.start(params_file=jobs[0].params_file)

    def one(job: Job) -> Result:
        started(job)
        return make(job)

    count = workers or (os.cpu_count() or 1) + 1
    runner = Parallel(n_jobs=count, backend="threading", return_as="generator_unordered")
    yield from runner(delayed(one)(job) for job in jobs)


def _on_cluster(
    jobs: Sequence[Job], scheduler: str, note: Callable[[str], None]
) -> Iterator[Result]:
    """Results from the workers of a cluster, as long as it is there.

    A worker that dies loses nothing: its briefs are made by another one. Should the cluster
    itself fail, the results so far count and the caller makes the rest.
    """
    try:
        from distributed import Client
    except ImportError as error:
        raise UserError(
            "--scheduler needs the package distributed: install this project with its extra "
            "`distributed`."
        ) from error
    try:
        client = Client(scheduler, timeout=10)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        raise UserError(
            f"no Dask scheduler answers at {scheduler}: start one with `dask scheduler`, and "
            "workers with `dask worker ADDRESS` where these folders are."
        ) from error
    with client, parallel_config(backend="dask", client=client, n_jobs=-1):
        try:
            runner = Parallel(return_as="generator_unordered", batch_size=1)
            yield from runner(delayed(make)(job) for job in jobs)
        except Exception as error:
            kind = type(error).__name__
            note(f"the cluster at {scheduler} failed ({kind}); the other briefs are made here")
