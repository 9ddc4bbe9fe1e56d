"""From an executed notebook to the documents people get: one HTML file, one PDF."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from analysis.errors import UserError
from analysis.files import write_together
from analysis.publish.render import pandoc, quarto, typeset
from analysis.publish.render.executed import (
    brief_metadata,
    check_executed,
    read_notebook,
    reader_texts,
)
from analysis.publish.render.fitting import fit_sides
from analysis.publish.render.workspace import Fit, Workspace, laid_out

FORMATS = ("html", "pdf")
ENGINES = ("auto", "quarto", "pandoc")


@dataclass(frozen=True)
class Documents:
    """The documents of one brief by format, and what a person should know about them."""

    contents: dict[str, bytes]
    notes: tuple[str, ...] = ()


def choose_engine(engine: str) -> tuple[str, str | None]:
    """Return the engine to use and, for Quarto, its program.

    ``auto`` is Quarto when it is on the PATH, else the embedded engine.

    Raises
    ------
    UserError
        The name is unknown, or Quarto is asked for but missing or too old.
    """
    if engine not in ENGINES:
        raise UserError(f"engine is {engine!r}, allowed are {', '.join(ENGINES)}.")
    program = quarto.find_quarto() if engine != "pandoc" else None
    if program is not None:
        quarto.check_version(program)
        return "quarto", program
    if engine == "quarto":
        raise UserError("Quarto is not on the PATH: install it, or render with --engine pandoc.")
    return "pandoc", None


def render(
    folder: Path,
    *,
    formats: Sequence[str] = FORMATS,
    engine: str = "auto",
    out: Path,
) -> dict[str, Path]:
    """Render one executed brief into `out`; the outputs appear whole or not at all.

    A remark on a document, such as one page too many, is a warning.

    Parameters
    ----------
    folder
        ``<build>/<stem>/`` with ``<stem>.ipynb``, ``figures/*.svg`` and optionally
        ``data/*.csv`` (see ``reports/README.md``). Only read.
    formats
        Any of ``html`` and ``pdf``.
    engine
        ``auto``, ``quarto`` or ``pandoc``.
    out
        Folder for ``<stem>.html`` and ``<stem>.pdf``; made when missing.

    Returns
    -------
    dict
        Path of each format.

    Raises
    ------
    UserError
        The notebook failed or lacks metadata, a figure is missing or has no alternative text, or
        the engine refuses the document. Earlier outputs stay as they were.
    """
    made = documents(folder, formats=formats, engine=engine)
    for note in made.notes:
        warnings.warn(f"{folder.name}: {note}", stacklevel=2)
    paths = {fmt: Path(out) / f"{Path(folder).name}.{fmt}" for fmt in made.contents}
    write_together({paths[fmt]: content for fmt, content in made.contents.items()})
    return paths


def documents(folder: Path, *, formats: Sequence[str] = FORMATS, engine: str = "auto") -> Documents:
    """Render one executed brief and return its documents; arguments and errors as `render`."""
    folder = Path(folder).resolve()
    unknown = set(formats) - set(FORMATS)
    if unknown:
        raise UserError(f"format {', '.join(sorted(unknown))} is unknown, allowed are html, pdf.")
    _, program = choose_engine(engine)
    name = f"{folder.name}.ipynb"
    notebook = read_notebook(folder / name)
    check_executed(notebook, name)
    brief = brief_metadata(notebook, name)
    with laid_out(folder, brief, list(reader_texts(notebook))) as work:
        # The embedded Typst finds the fit for Quarto too.
        needed = ["html"] if "html" in formats and program is None else []
        needed += ["typst"] if "pdf" in formats else []
        sources = pandoc.write(work, needed) if needed else {}
        contents = {fmt: _document(work, fmt, program, sources) for fmt in formats}
        notes = _notes(work, contents)
    return Documents(contents, notes)


def _document(work: Workspace, fmt: str, program: str | None, sources: Mapping[str, Path]) -> bytes:
    if fmt == "pdf":
        return _fitted_pdf(work, program, sources["typst"])
    if program:
        return quarto.render(work, fmt, program)
    return pandoc.whole_page(work, sources["html"].read_bytes())


def _notes(work: Workspace, contents: dict[str, bytes]) -> tuple[str, ...]:
    """What to say about documents that are good enough to be published."""
    wanted = int(work.brief.get("pages") or 0)
    count = typeset.page_count(contents["pdf"]) if wanted and "pdf" in contents else 0
    if count <= wanted:
        return ()
    return (f"{count} pages where {wanted} were wanted; shorten a text or a chart.",)


def _fitted_pdf(work: Workspace, program: str | None, source: Path) -> bytes:
    """Set the PDF as airily as ``brief.pages`` allows.

    The embedded Typst finds the fit for Quarto too: the page is the same, and a trial takes
    hundredths of a second instead of seconds.
    """
    wanted = int(work.brief.get("pages") or 0)
    if wanted:

        def pages(fits: Sequence[Fit]) -> list[int]:
            work.write_fit(fits)
            return typeset.side_pages(work, source)

        work.write_fit(fit_sides(pages, wanted))
    return quarto.render(work, "pdf", program) if program else typeset.to_pdf(work, source)


def engine_version(engine: str) -> str:
    """Name and version of the engine that would render: part of a brief's key and manifest.

    Raises
    ------
    UserError
        As `choose_engine`.
    """
    _, program = choose_engine(engine)
    if program is not None:
        return "quarto " + ".".join(str(part) for part in quarto.check_version(program))
    return f"pandoc {version('pypandoc-binary')}, typst {version('typst')}"
