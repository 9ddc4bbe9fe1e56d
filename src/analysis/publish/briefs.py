"""All briefs: which are to be made, each made on its own, failures kept apart.

Of the heavy imports none is at the top: when nothing has changed a run needs none of them.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import analysis
from analysis.artefacts import code_hash, file_hash
from analysis.errors import UserError
from analysis.files import write_together
from analysis.project import Project, find_root
from analysis.publish import keys, prints
from analysis.publish.failure import NotebookFailed
from analysis.publish.render.documents import engine_version

Engine = Literal["auto", "quarto", "pandoc"]


@dataclass(frozen=True)
class Job:
    """One brief to be made.

    `key` is the hash of all it is made of, `shared` the part of it that all briefs have.
    """

    params_file: Path
    code: str
    name: str
    stem: str
    notebook: Path
    folder: Path
    out: Path
    key: str
    shared: str
    engine: Engine
    engine_version: str
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
    """One job for the whole place, which takes longest and so comes first, and one for each area."""
    notebooks = find_root() / "notebooks"
    version = engine_version(engine)
    shared = _shared_key(version)
    known = prints.of_all(project, shared)
    jobs = []
    for code in [project.whole, *project.register.codes]:
        whole = code == project.whole
        notebook = notebooks / ("brief_kabupaten.ipynb" if whole else "brief_kecamatan.ipynb")
        name, fingerprint = known[code]
        key = keys.combine(
            {
                "content": fingerprint,
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
                shared=shared,
                engine=engine,
                engine_version=version,
                timeout=timeout,
            )
        )
    return jobs


def make(job: Job) -> Result:
    """Make one brief unless it is there already; never raises for what went wrong in it."""
    started = time.monotonic()
    if fresh(job):
        return unchanged(job)
    try:
        remarks = _make(job)
    except NotebookFailed as error:
        cause = error.advice or f"{error.cause} (see {error.notebook})"
        return Result(job.name, job.stem, "failed", cause)
    except UserError as error:
        return Result(job.name, job.stem, "failed", str(error))
    except Exception as error:  # whatever it is, it must not take the other briefs with it
        first = next(iter(str(error).strip().splitlines()), "")
        return Result(job.name, job.stem, "failed", f"{type(error).__name__}: {first}")
    seconds = time.monotonic() - started
    return Result(job.name, job.stem, "built", notes=remarks, seconds=seconds)


def unchanged(job: Job) -> Result:
    """Return the result of a job that is done already."""
    return Result(job.name, job.stem, "unchanged", notes=notes(job))


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


def described(jobs: Sequence[Job]) -> str:
    """Hash of the metadata of briefs as they were last made: what an index shows of them."""
    return keys.combine({job.stem: json.dumps(metadata(job), sort_keys=True) for job in jobs})


def notes(job: Job) -> tuple[str, ...]:
    """Remarks on the documents of the brief as it was last made."""
    return tuple((_record(job).read() or {}).get("notes", ()))


def _make(job: Job) -> tuple[str, ...]:
    """Run the notebook, render it, put the files in their places; returns remarks on them."""
    from analysis.publish import card
    from analysis.publish.execute import execute
    from analysis.publish.render.documents import documents

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
    words = executed.metadata["brief"].get("card")
    with ThreadPoolExecutor(1) as beside:
        picture = beside.submit(card.picture, words) if words else None
        made = documents(job.folder, engine=job.engine)
    contents = {job.out / f"{job.stem}.{fmt}": data for fmt, data in made.contents.items()}
    for table in sorted((job.folder / "data").glob("*.csv")):
        contents[job.out / table.name] = table.read_bytes()
    if picture is not None:
        contents[job.out / f"{job.stem}.png"] = picture.result()
    write_together(contents)
    # Last: whatever ends the program before this line, the next run makes the brief again.
    _record(job).write(
        job.key, job.out, contents, brief=executed.metadata["brief"], notes=made.notes
    )
    return made.notes


def _record(job: Job) -> keys.Record:
    return keys.Record(job.folder / "made.json")


def _shared_key(version: str) -> str:
    """Hash of what all briefs share: templates, filter, fonts, styles, all code, the engine."""
    reports = find_root() / "reports"
    package = Path(analysis.__file__).parent
    shared = [
        file
        for part in ("templates", "filters", "styles", "fonts", "_quarto.yml", "_brand.yml")
        for file in (
            [reports / part] if (reports / part).is_file() else (reports / part).rglob("*")
        )
        if file.is_file()
    ]
    # Every brief prints the hash of all code; catalogues of words are not in that one.
    words = [f for f in (package / "brief").rglob("*") if f.suffix in (".yaml", ".json")]
    return keys.combine(
        {
            "reports": keys.tree_hash(reports, shared),
            "code": code_hash() + keys.tree_hash(package, words),
            "engine": version,
        }
    )
