"""All briefs: which are to be made, each made on its own, failures kept apart."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from joblib import Parallel, delayed

import analysis
from analysis.artefacts import file_hash
from analysis.brief.content import fingerprint, stem
from analysis.errors import UserError
from analysis.files import write_together
from analysis.project import Project, find_root
from analysis.publish import card, keys
from analysis.publish.execute import NotebookFailed, execute
from analysis.publish.render import documents, engine_version

Engine = Literal["auto", "quarto", "pandoc"]


@dataclass(frozen=True)
class Job:
    """One brief to be made."""

    params_file: Path
    code: str
    name: str
    stem: str
    notebook: Path
    folder: Path
    out: Path
    key: str
    engine: Engine
    timeout: int


@dataclass(frozen=True)
class Result:
    """What became of a job: why it failed, or what a person should know of its documents."""

    name: str
    stem: str
    status: Literal["built", "unchanged", "failed"]
    cause: str = ""
    notes: tuple[str, ...] = ()
    seconds: float = 0.0


def plan(project: Project, engine: Engine, timeout: int = 300) -> list[Job]:
    """One job for each area and one for the whole place."""
    notebooks = find_root() / "notebooks"
    shared = _shared_key(engine)
    jobs = []
    for code in [*project.register.codes, project.whole]:
        whole = code == project.whole
        notebook = notebooks / ("brief_kabupaten.ipynb" if whole else "brief_kecamatan.ipynb")
        name = stem(project, code)
        key = keys.combine(
            {
                "content": fingerprint(project, code),
                "notebook": file_hash(notebook),
                "shared": shared,
            }
        )
        jobs.append(
            Job(
                params_file=project.params_file,
                code=code,
                name=project.area_name(code),
                stem=name,
                notebook=notebook,
                folder=project.build / name,
                out=project.out,
                key=key,
                engine=engine,
                timeout=timeout,
            )
        )
    return jobs


def make_all(jobs: Sequence[Job], workers: int | None = None) -> Iterator[Result]:
    """Make the briefs side by side; results come as they are ready.

    Threads are enough: the work is done in kernels, Pandoc and Typst, each a
    process or native code of its own.
    """
    count = workers or os.cpu_count() or 1
    runner = Parallel(n_jobs=count, backend="threading", return_as="generator_unordered")
    yield from runner(delayed(make)(job) for job in jobs)


def make(job: Job) -> Result:
    """Make one brief unless it is there already; never raises for what went wrong in it."""
    started = time.monotonic()
    if fresh(job):
        return Result(job.name, job.stem, "unchanged", notes=notes(job))
    try:
        remarks = _make(job)
    except NotebookFailed as error:
        return Result(job.name, job.stem, "failed", f"{error.cause} (see {error.notebook})")
    except (UserError, OSError, RuntimeError, ValueError) as error:
        line = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        return Result(job.name, job.stem, "failed", line)
    seconds = time.monotonic() - started
    return Result(job.name, job.stem, "built", notes=remarks, seconds=seconds)


def fresh(job: Job) -> bool:
    """Whether the brief is there as it would be made now."""
    return _record(job).fresh(job.key, job.out)


def outputs(job: Job) -> list[Path]:
    """Files of the brief as it was last made, those that are there."""
    made = _record(job).read() or {"outputs": {}}
    return [job.out / name for name in made["outputs"] if (job.out / name).is_file()]


def metadata(job: Job) -> dict[str, Any]:
    """Metadata of the brief as it was last made; empty when it never was."""
    return dict((_record(job).read() or {}).get("brief", {}))


def notes(job: Job) -> tuple[str, ...]:
    """Remarks on the documents of the brief as it was last made."""
    return tuple((_record(job).read() or {}).get("notes", ()))


def _make(job: Job) -> tuple[str, ...]:
    """Run the notebook, render it, put the files in their places; returns remarks on them."""
    parameters: dict[str, Any] = {"params_file": str(job.params_file)}
    if job.notebook.name == "brief_kecamatan.ipynb":
        parameters["kecamatan"] = job.code
    for left in ("figures", "data"):  # of another version of the notebook
        shutil.rmtree(job.folder / left, ignore_errors=True)
    executed = execute(
        job.notebook,
        job.folder / f"{job.stem}.ipynb",
        parameters,
        folder=job.folder,
        timeout=job.timeout,
    )
    made = documents(job.folder, engine=job.engine)
    contents = {job.out / f"{job.stem}.{fmt}": data for fmt, data in made.contents.items()}
    for table in sorted((job.folder / "data").glob("*.csv")):
        contents[job.out / table.name] = table.read_bytes()
    if words := executed.metadata["brief"].get("card"):
        contents[job.out / f"{job.stem}.png"] = card.picture(words)
    write_together(contents)
    # Last: whatever ends the program before this line, the next run makes the brief again.
    _record(job).write(
        job.key, job.out, contents, brief=executed.metadata["brief"], notes=made.notes
    )
    return made.notes


def _record(job: Job) -> keys.Record:
    return keys.Record(job.folder / "made.json")


def _shared_key(engine: Engine) -> str:
    """Hash of what all briefs share: templates, filter, fonts, styles, code of words and formats."""
    root = find_root()
    reports = root / "reports"
    package = Path(analysis.__file__).parent
    shared = [
        file
        for part in ("templates", "filters", "styles", "fonts", "_quarto.yml", "_brand.yml")
        for file in (
            [reports / part] if (reports / part).is_file() else (reports / part).rglob("*")
        )
        if file.is_file()
    ]
    code = [*package.glob("*.py")]
    for room in ("brief", "publish"):
        code += [f for f in (package / room).rglob("*") if f.suffix in (".py", ".yaml", ".json")]
    return keys.combine(
        {
            "reports": keys.tree_hash(reports, shared),
            "code": keys.tree_hash(package, code),
            "engine": engine_version(engine),
        }
    )
