"""What an executed notebook says to a reader: its Markdown, and the metadata of the brief."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from analysis.errors import UserError

REQUIRED = ("title", "lang", "place", "code", "status", "generated", "labels")
LABELS = ("page", "of", "skip", "data", "attachment")
LANGUAGES = ("id", "en")
HIDE_TAG = "hide"


def read_notebook(path: Path) -> dict[str, Any]:
    """Read a notebook file as plain JSON.

    Raises
    ------
    UserError
        The file is missing or is no notebook.
    """
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UserError(f"{path}: no such notebook; run the brief before rendering it.") from None
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise UserError(f"{path} is not a readable notebook ({error}); run it again.") from None
    if not isinstance(notebook, dict) or not isinstance(notebook.get("cells"), list):
        raise UserError(f"{path} is not a notebook: it holds no list of cells.")
    return notebook


def check_executed(notebook: dict[str, Any], name: str) -> None:
    """Refuse a notebook that failed, stopped half-way or was never run.

    After a failing cell papermill leaves a notebook that any renderer would happily format.

    Raises
    ------
    UserError
        With the name of the notebook, the number of the cell and the error's own words.
    """
    for number, cell in enumerate(notebook["cells"], start=1):
        for output in cell.get("outputs", []):
            if output.get("output_type") == "error":
                cause = f"{output.get('ename', 'error')}: {output.get('evalue', '')}".strip()
                raise UserError(
                    f"{name}: cell {number} failed ({cause}); mend it and run the notebook again, "
                    "a failed notebook is not rendered."
                )
    run = notebook.get("metadata", {}).get("papermill", {})
    if run.get("exception") or run.get("status") in ("failed", "running", "pending"):
        raise UserError(f"{name}: its run did not end well; run the notebook again.")
    code = [c for c in notebook["cells"] if c.get("cell_type") == "code" and _text(c.get("source"))]
    if code and all(cell.get("execution_count") is None for cell in code):
        raise UserError(f"{name} has not been run; run the notebook before rendering it.")


def reader_texts(notebook: dict[str, Any]) -> Iterator[str]:
    """Yield the Markdown a reader sees, in order: Markdown cells and Markdown outputs.

    Code, printed text, pictures and HTML that cells leave behind are not part of a brief;
    nor are cells tagged ``hide``.
    """
    for cell in notebook["cells"]:
        if HIDE_TAG in cell.get("metadata", {}).get("tags", []):
            continue
        if cell.get("cell_type") == "markdown":
            texts = [_text(cell.get("source"))]
        else:
            texts = [_text(o.get("data", {}).get("text/markdown")) for o in cell.get("outputs", [])]
        yield from (text for text in texts if text.strip())


def brief_metadata(notebook: dict[str, Any], name: str) -> dict[str, Any]:
    """Return the notebook's ``brief`` metadata, checked for what every page needs.

    Raises
    ------
    UserError
        A key is missing, the language is unknown or ``generated`` is no ISO date.
    """
    brief = notebook.get("metadata", {}).get("brief")
    if not isinstance(brief, dict):
        raise UserError(
            f"{name}: the notebook's metadata holds no 'brief' (see reports/README.md)."
        )
    missing = [key for key in REQUIRED if not brief.get(key)]
    missing += [f"labels.{key}" for key in LABELS if not (brief.get("labels") or {}).get(key)]
    if brief.get("synthetic") and not brief.get("synthetic_label"):
        missing.append("synthetic_label")
    if missing:
        raise UserError(f"{name}: the metadata 'brief' lacks {', '.join(missing)}.")
    if brief["lang"] not in LANGUAGES:
        raise UserError(f"{name}: brief.lang is {brief['lang']!r}, allowed are 'id' and 'en'.")
    try:
        date.fromisoformat(str(brief["generated"]))
    except ValueError:
        raise UserError(
            f"{name}: brief.generated is {brief['generated']!r}, expected a date like 2026-08-31."
        ) from None
    return dict(brief)


def _text(source: Any) -> str:
    """Notebook text is a string or a list of lines."""
    if isinstance(source, list):
        return "".join(str(line) for line in source)
    return source if isinstance(source, str) else ""
