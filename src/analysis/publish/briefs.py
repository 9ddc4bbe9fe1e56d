"""All briefs: which are to be made, each made on its own, failures kept apart."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from joblib import Parallel, delayed

import analysis
from analysis.artefacts import file_hash
from analysis.brief import content
from analysis.errors import UserError
from analysis.project import Project, find_root
from analysis.publish import keys, render
from analysis.publish.execute import NotebookFailed, execute, write_atomically

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
    """What became of a job."""

    name: str
    stem: str
    status: Literal["built", "unchanged", "failed"]
    cause: str = ""


def plan(project: Project, engine: Engine, timeout: int = 300) -> list[Job]:
    """One job for each area and one for the whole place."""
    notebooks = find_root() / "notebooks"
    shared = _shared_key(engine)
    jobs = []
    for code in [*project.register.codes, project.whole]:
        whole = code == project.whole
        notebook = notebooks / ("brief_kabupaten.ipynb" if whole else "brief_kecamatan.ipynb")
        stem = content.stem(project, code)
        key = keys.combine(
            {
                "content": content.fingerprint(project, code),
                "notebook": file_hash(notebook),
                "shared": shared,
            }
        )
        jobs.append(
            Job(
                params_file=project.params_file,
                code=code,
                name=project.area_name(code),
                stem=stem,
                notebook=notebook,
                folder=project.build / stem,
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
    if _record(job).fresh(job.key, job.out):
        return Result(job.name, job.stem, "unchanged")
    try:
        made = _make(job)
    except NotebookFailed as error:
        return Result(job.name, job.stem, "failed", f"{error.cause} (see {error.notebook})")
    except (UserError, OSError, RuntimeError, ValueError) as error:
        line = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        return Result(job.name, job.stem, "failed", line)
    _record(job).write(job.key, job.out, made)
    return Result(job.name, job.stem, "built")


def outputs(job: Job) -> list[Path]:
    """Files of the brief as it was last made, those that are there."""
    made = _record(job).read() or {"outputs": {}}
    return [job.out / name for name in made["outputs"] if (job.out / name).is_file()]


def metadata(job: Job) -> dict[str, Any]:
    """Metadata of a made brief, as its notebook gave it."""
    return dict(json.loads((job.folder / "brief.json").read_text(encoding="utf-8")))


def _make(job: Job) -> list[Path]:
    parameters: dict[str, Any] = {"params_file": str(job.params_file)}
    if job.notebook.name == "brief_kecamatan.ipynb":
        parameters["kecamatan"] = job.code
    executed = execute(
        job.notebook,
        job.folder / f"{job.stem}.ipynb",
        parameters,
        folder=job.folder,
        timeout=job.timeout,
    )
    facts = json.dumps(executed.metadata["brief"], indent=1, sort_keys=True, ensure_ascii=False)
    write_atomically(job.folder / "brief.json", facts + "\n")
    job.out.mkdir(parents=True, exist_ok=True)
    rendered = render.render(job.folder, out=job.out, engine=job.engine)
    files = list(rendered.values())
    for table in sorted((job.folder / "data").glob("*.csv")):
        target = job.out / table.name
        write_atomically(target, table.read_bytes())
        files.append(target)
    return files


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
            "engine": render.engine_version(engine),
        }
    )
