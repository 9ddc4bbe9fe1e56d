"""How long publishing takes, against the obvious loop, and where the time goes.

Prints wall time and CPU time: on a machine that is doing other things only the second says
something. `python benchmarks/publish.py` measures; `--growth` adds 31 to 666 briefs (long).
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import yaml

from analysis.params import Paths, read_yaml
from analysis.project import Project, find_root, load_project
from analysis.publish.briefs import Job

ROOT = find_root()
#: HTML, PDF and card: the loop makes what `make reports` makes of each brief.
RENDER = """
import json
import sys
from pathlib import Path
from analysis.publish.card import from_metadata
from analysis.publish.render.documents import render
folder, out = map(Path, sys.argv[1:])
render(folder, engine="pandoc", out=out)
notebook = json.loads((folder / f"{folder.name}.ipynb").read_text(encoding="utf-8"))
from_metadata(notebook["metadata"]["brief"], out / f"{folder.name}.png")
"""


def cpu() -> float:
    """CPU seconds of this process, of its children that have ended, and of Pandocs that stay."""
    both = [resource.getrusage(w) for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    stay = [child for child in psutil.Process().children() if child.name() == "pandoc"]
    used = [child.cpu_times() for child in stay]
    return sum(u.ru_utime + u.ru_stime for u in both) + sum(u.user + u.system for u in used)


class Took:
    """Wall and CPU seconds of a block."""

    wall = cpu = 0.0

    def __str__(self) -> str:
        return f"{self.wall:7.1f} s wall {self.cpu:7.1f} s CPU"


@contextmanager
def timed(label: str) -> Iterator[Took]:
    took, wall, used = Took(), time.perf_counter(), cpu()
    yield took
    took.wall, took.cpu = time.perf_counter() - wall, cpu() - used
    if label:
        print(f"{label:<58}{took}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--growth", action="store_true", help="31 to 666 briefs")
    parser.add_argument("--rounds", type=int, default=3, help="times each way is measured, in turn")
    args = parser.parse_args()
    print(f"{os.cpu_count()} cores; load {os.getloadavg()[0]:.1f} (1 means one core is taken)")
    with tempfile.TemporaryDirectory(prefix="bench") as folder:
        project = copy_project(Path(folder))
        reports = [sys.executable, "-m", "analysis", "reports", "--quiet"]
        reports += ["--params", str(project.params_file)]
        with timed("(b) from raw files to everything"):
            run(reports)
        with timed("    again, nothing changed"):
            run(reports)
        against_loop(project, reports, args.rounds)
        breakdown(project)
        if args.growth:
            growth(project)


def copy_project(folder: Path) -> Project:
    """The shipped params with their folders under `folder`."""
    shutil.copytree(ROOT / "params", folder / "params")
    file = folder / "params" / "default.yaml"
    content = {**read_yaml(file), "paths": Paths().model_dump()}
    file.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return load_project(file)


def forget_briefs(project: Project) -> None:
    shutil.rmtree(project.build)
    for file in project.out.iterdir():
        if file.is_file():
            file.unlink()


def run(command: list[str], **options: Any) -> None:
    done = subprocess.run(command, capture_output=True, text=True, **options)
    if done.returncode:
        sys.exit(f"{' '.join(command)}\n{done.stdout}{done.stderr}")


def against_loop(project: Project, reports: list[str], rounds: int) -> None:
    """All briefs, and the obvious loop on two areas and the whole place, in turn.

    The loop is papermill, then the renderer, each a new process. In turn, since a machine is
    faster at one time than at another; medians are compared.
    """
    ours, areas, wholes = [], [], []
    for turn in range(rounds):
        forget_briefs(project)
        with timed("(a) from clean artefacts: all briefs, index, manifest") as took:
            run(reports)
        ours.append(took)
        for code in (*project.register.codes[2 * turn : 2 * turn + 2], project.whole):
            with timed("") as took:
                one_by_one(project, code)
            (wholes if code == project.whole else areas).append(took)
    count = len(project.register.codes)
    loop, here = Took(), Took()
    for kind in ("wall", "cpu"):
        setattr(here, kind, middle(ours, kind))
        setattr(loop, kind, count * middle(areas, kind) + middle(wholes, kind))
    measured = f"{len(areas)} + {len(wholes)} measured, scaled to {count} + 1"
    print(f"{'    obvious loop, ' + measured:<58}{loop}")
    cores = os.cpu_count() or 1
    print(
        f"    ratio {loop.wall / here.wall:.1f} by wall time; {loop.cpu / here.cpu:.1f} by CPU time, "
        f"which {cores} cores make up to {cores * loop.cpu / here.cpu:.1f}"
    )


def middle(times: list[Took], kind: str) -> float:
    return statistics.median(getattr(took, kind) for took in times)


def one_by_one(project: Project, code: str) -> None:
    from analysis.brief.metadata import stem

    whole = code == project.whole
    notebook = ROOT / "notebooks" / f"brief_{'kabupaten' if whole else 'kecamatan'}.ipynb"
    name = stem(project, code)
    folder = project.build.with_name("loop") / name
    folder.mkdir(parents=True, exist_ok=True)
    output = folder / f"{name}.ipynb"
    command = [sys.executable, "-m", "papermill", "--no-progress-bar", str(notebook), str(output)]
    command += ["-p", "params_file", str(project.params_file), "--cwd", str(folder)]
    run(command + ([] if whole else ["-r", "kecamatan", code]))
    move_metadata(output)
    run([sys.executable, "-c", RENDER, str(folder), str(folder.with_name("out"))])


def move_metadata(notebook: Path) -> None:
    import nbformat

    from analysis.publish.execute import clean

    node = nbformat.read(notebook, as_version=4)
    nbformat.write(clean(node), notebook)


def breakdown(project: Project, count: int = 4) -> None:
    """CPU seconds a brief, by what they are spent on; one brief after another."""
    from analysis.publish import briefs, card, execute
    from analysis.publish.kernels import server as kernels
    from analysis.publish.render import documents as render
    from analysis.publish.render import pandoc

    spent: dict[str, float] = {}

    def count_in(module: Any, name: str, label: str) -> None:
        original: Callable[..., Any] = getattr(module, name)

        def counted(*args: Any, **options: Any) -> Any:
            before = cpu()
            try:
                return original(*args, **options)
            finally:
                spent[label] = spent.get(label, 0.0) + cpu() - before

        setattr(module, name, counted)

    def finish(self: kernels.Forked, original: Any = kernels.Forked._finish) -> None:
        original(self)
        spent["notebook, in its kernel"] = (
            spent.get("notebook, in its kernel", 0) + self.cpu_seconds
        )

    kernels.Forked._finish = finish  # type: ignore[method-assign]
    count_in(execute, "execute", "papermill, here")
    count_in(pandoc, "write", "Pandoc to HTML and Typst")
    count_in(pandoc, "whole_page", "style sheet into the HTML")
    count_in(render, "_fitted_pdf", "fit and PDF by Typst")
    count_in(card, "picture", "message card")
    briefs.ThreadPoolExecutor = AtOnce  # type: ignore[attr-defined]
    jobs = briefs.plan(project, "pandoc")
    first, *jobs = [dataclasses.replace(job, key="bench") for job in jobs[: count + 1]]
    kernels.SERVER.start(params_file=project.params_file)
    briefs.make(first)  # imports
    spent.clear()
    with timed("") as all_of_it:
        for job in jobs:
            assert briefs.make(job).status == "built"
    total = all_of_it.cpu + spent["notebook, in its kernel"]
    print(f"CPU seconds a brief, {len(jobs)} one after another: {total / len(jobs):.2f}")
    for label, seconds in sorted(spent.items(), key=lambda item: -item[1]):
        print(f"    {seconds / len(jobs):5.2f}  {label}")


class AtOnce(ThreadPoolExecutor):
    """Does a thing when it is asked, so that it can be told what it takes."""

    def submit(self, work: Callable[..., Any], /, *args: Any, **options: Any) -> Future[Any]:
        done: Future[Any] = Future()
        done.set_result(work(*args, **options))
        return done


def growth(project: Project) -> None:
    """Time a brief from one kabupaten to a province: the same briefs into many folders."""
    from analysis.publish import briefs
    from analysis.publish.fanout import make_all

    jobs = briefs.plan(project, "pandoc")[1:]
    for total in (31, 155, 666):
        many = [copy_of(jobs[number % len(jobs)], f"{total}-{number}") for number in range(total)]
        with timed(f"    {total} briefs") as took:
            assert all(result.status == "built" for result in make_all(many))
        print(f"        {took.wall / total:.2f} s a brief, {resident():.0f} MB here at most")


def copy_of(job: Job, number: str) -> Job:
    """The same brief under a name and in folders of its own."""
    stem, build = f"{job.stem}_{number}", job.folder.parent
    return dataclasses.replace(
        job, stem=stem, folder=build / "copies" / stem, out=build / "copies" / "out"
    )


def resident() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
