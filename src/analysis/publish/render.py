"""From an executed notebook to the documents people get: one HTML file, one PDF."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from tempfile import NamedTemporaryFile

from analysis.errors import UserError
from analysis.publish import pandoc, quarto, typeset
from analysis.publish.executed import (
    brief_metadata,
    check_executed,
    read_notebook,
    reader_texts,
)
from analysis.publish.fitting import fit_sides
from analysis.publish.stage import Fit, Stage, staged

FORMATS = ("html", "pdf")
ENGINES = ("auto", "quarto", "pandoc")


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
    """Render one executed brief; the outputs appear whole or not at all.

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
    folder = Path(folder).resolve()
    unknown = set(formats) - set(FORMATS)
    if unknown:
        raise UserError(f"format {', '.join(sorted(unknown))} is unknown, allowed are html, pdf.")
    _, program = choose_engine(engine)
    name = f"{folder.name}.ipynb"
    notebook = read_notebook(folder / name)
    check_executed(notebook, name)
    brief = brief_metadata(notebook, name)
    with staged(folder, brief, list(reader_texts(notebook))) as stage:
        documents = {fmt: _document(stage, fmt, program) for fmt in formats}
    return {fmt: write_whole(out / f"{folder.name}.{fmt}", d) for fmt, d in documents.items()}


def _document(stage: Stage, fmt: str, program: str | None) -> bytes:
    if fmt == "pdf":
        return _fitted_pdf(stage, program)
    return quarto.render(stage, fmt, program) if program else pandoc.to_html(stage)


def _fitted_pdf(stage: Stage, program: str | None) -> bytes:
    """Set the PDF as airily as ``brief.pages`` allows.

    The embedded Typst finds the fit for Quarto too: the page is the same, and a trial takes
    hundredths of a second instead of seconds.
    """
    wanted = int(stage.brief.get("pages") or 0)
    source = pandoc.to_typst(stage)
    if wanted:

        def pages(fits: Sequence[Fit]) -> list[int]:
            stage.write_fit(fits)
            return typeset.side_pages(stage, source)

        stage.write_fit(fit_sides(pages, wanted))
    pdf = quarto.render(stage, "pdf", program) if program else typeset.to_pdf(stage, source)
    count = typeset.page_count(pdf)
    if wanted and count > wanted:
        warnings.warn(
            f"{stage.stem}: {count} pages where {wanted} were wanted; shorten a text or a chart.",
            stacklevel=2,
        )
    return pdf


def write_whole(path: Path, content: bytes) -> Path:
    """Write ``content`` beside ``path`` and move it there in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=path.parent, prefix=".", suffix=".part", delete=False) as file:
        temporary = Path(file.name)
        try:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            file.close()
            temporary.chmod(0o644)
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    return path


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
