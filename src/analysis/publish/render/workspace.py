"""Lay out a private folder in which one brief is rendered, by either engine."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from analysis.errors import UserError
from analysis.files import load_yaml
from analysis.publish.render.svg import compact_svg, data_url

SHARED = ("_quarto.yml", "templates", "filters", "styles", "fonts")


@dataclass(frozen=True)
class Fit:
    """How tightly a side is set: factor of the gaps (1 normal), factor of the pictures."""

    gap: float = 1.0
    zoom: float = 1.0


@dataclass(frozen=True)
class Workspace:
    """One brief, ready to be rendered: ``root`` holds the shared files, ``folder`` the brief.

    ``root`` is the project folder of Quarto and the root of Typst; ``folder`` is ``root/<stem>``.
    """

    root: Path
    stem: str
    brief: dict[str, Any]

    @property
    def folder(self) -> Path:
        """Folder of the brief, the working directory of both engines."""
        return self.root / self.stem

    def write_brief(self) -> None:
        """Write ``brief.json``: what the filter puts around the content."""
        self._write("brief.json", self.brief)

    def write_fit(self, fits: Sequence[Fit]) -> None:
        """Write ``fit.json``: how tightly each side is set; the last stands for all after it."""
        self._write("fit.json", [{"gap": fit.gap, "zoom": fit.zoom} for fit in fits])

    def _write(self, name: str, content: Any) -> None:
        text = json.dumps(content, ensure_ascii=False, sort_keys=True, indent=1)
        (self.folder / name).write_text(text, encoding="utf-8")


def shared_files() -> Path:
    """Folder with templates, filter, styles and fonts: ``reports/`` of the project."""
    folder = Path(__file__).resolve().parents[4] / "reports"
    if not (folder / "_brand.yml").is_file():
        raise UserError(f"{folder}: templates not found; run from a checkout of the project.")
    return folder


@cache
def read_palette(shared: Path) -> dict[str, str]:
    """Colours by name from ``_brand.yml``, as ``#rrggbb``."""
    brand = load_yaml(shared / "_brand.yml")
    return {str(name): str(value) for name, value in brand["color"]["palette"].items()}


@contextmanager
def laid_out(
    folder: Path, brief: dict[str, Any], texts: Sequence[str], shared: Path | None = None
) -> Iterator[Workspace]:
    """Yield a `Workspace` in a temporary folder that is removed afterwards.

    Parameters
    ----------
    folder
        The brief's own folder, ``<build>/<stem>/``; only read.
    brief
        Checked metadata of the notebook.
    texts
        Markdown of the reader's cells, in order.
    shared
        Folder of the shared files, `shared_files` by default.
    """
    shared = shared or shared_files()
    with TemporaryDirectory(prefix="brief-") as temporary:
        root = Path(temporary).resolve()
        for name in SHARED:
            _place(shared / name, root / name)
        palette = json.dumps(read_palette(shared), sort_keys=True)
        (root / "templates" / "palette.json").write_text(palette, encoding="utf-8")
        (root / folder.name).mkdir()
        _copy_figures(folder, root / folder.name)
        attachments = _copy_data(folder, root / folder.name, brief)
        # For the index page and the card; Pandoc's metadata cannot take tiny floats.
        apart = ("numbers", "card")
        words = {key: value for key, value in brief.items() if key not in apart}
        page = words | {
            "palette": read_palette(shared),
            "head": head_lines(brief),
            "running": [str(brief[key]) for key in ("place", "code", "status")],
            "attachments": attachments,
        }
        work = Workspace(root, folder.name, {k: v for k, v in page.items() if v is not None})
        work.write_brief()
        work.write_fit([Fit()])
        _write_notebook(work, texts)
        yield work


def head_lines(brief: dict[str, Any]) -> list[dict[str, str]]:
    """Labelled lines of the head: ``brief.head`` when given, else those with a label and a value."""
    if brief.get("head"):
        return [{"label": str(i["label"]), "value": str(i["value"])} for i in brief["head"]]
    labels = brief["labels"]
    keys = ("code", "meeting", "period", "audience")
    return [
        {"label": str(labels[key]), "value": str(brief[key])}
        for key in keys
        if labels.get(key) and brief.get(key)
    ]


def _place(source: Path, target: Path) -> None:
    """Copy a shared file or folder; copies, since a link may lead out of an engine's root."""
    if source.is_dir():
        shutil.copytree(source, target)
    else:
        shutil.copyfile(source, target)


def _copy_figures(folder: Path, target: Path) -> None:
    (target / "figures").mkdir()
    for path in sorted((folder / "figures").glob("*.svg")):
        text = compact_svg(path.read_text(encoding="utf-8"), f"{folder.name}/figures/{path.name}")
        (target / "figures" / path.name).write_text(text, encoding="utf-8")
        address = data_url(text)
        if address is not None:  # here, since the filter would take ten times as long for it
            (target / "figures" / f"{path.name}.url").write_text(address, encoding="utf-8")


def _copy_data(folder: Path, target: Path, brief: dict[str, Any]) -> list[dict[str, str]]:
    """Copy the CSV files to attach; return path and description of each."""
    files = sorted((folder / "data").glob("*.csv"))
    if files:
        (target / "data").mkdir()
    for path in files:
        shutil.copyfile(path, target / "data" / path.name)
    description = str(brief["labels"]["attachment"])
    return [{"path": f"data/{path.name}", "description": description} for path in files]


def _write_notebook(work: Workspace, texts: Sequence[str]) -> None:
    """Write the notebook that both engines read: the reader's Markdown, nothing else.

    The raw first cell keeps Quarto from taking a heading for the title; Pandoc reads it as a
    cell of unknown format and shows nothing.
    """
    title = json.dumps(work.stem)
    front = f"---\ntitle: {title}\nlang: {work.brief['lang']}\n---\n"
    cells: list[dict[str, Any]] = [
        {"cell_type": "raw", "id": "front", "metadata": {}, "source": front}
    ]
    cells += [
        {"cell_type": "markdown", "id": f"text-{n}", "metadata": {}, "source": _no_shortcodes(text)}
        for n, text in enumerate(texts, start=1)
    ]
    notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    text = json.dumps(notebook, ensure_ascii=False, indent=1)
    (work.folder / f"{work.stem}.ipynb").write_text(text, encoding="utf-8")


def _no_shortcodes(text: str) -> str:
    """Quarto looks for ``{{<`` before it reads Markdown; an escaped sign prints the same."""
    return text.replace("{{<", "{{\\<").replace(">}}", "\\>}}")
