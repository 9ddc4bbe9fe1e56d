"""Run one notebook through papermill and keep only a complete, clean result."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
import papermill
from nbformat import NotebookNode
from papermill.engines import NBClientEngine, papermill_engines
from papermill.exceptions import PapermillExecutionError

from analysis.errors import UserError
from analysis.files import write_whole
from analysis.publish.failure import NotebookFailed
from analysis.publish.kernels.forked import WarmKernelManager
from analysis.publish.kernels.server import available

BRIEF_MIMETYPE = "application/vnd.stunting.brief+json"
#: Until the first kernel answers, on a busy machine; the libraries are loaded meanwhile.
_START_S = 300


class WarmEngine(NBClientEngine):
    """Papermill engine that runs notebooks in warm kernels."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **kwargs: Any) -> Any:
        """Execute as papermill does, with a forked kernel that is ended without ceremony."""
        kwargs.setdefault("shutdown_kernel", "immediate")
        return super().execute_managed_notebook(
            nb_man, kernel_name, kernel_manager_class=WarmKernelManager, **kwargs
        )


papermill_engines.register("warm", WarmEngine)


def execute(
    notebook: Path,
    output: Path,
    parameters: Mapping[str, Any],
    *,
    folder: Path,
    timeout: int = 600,
) -> NotebookNode:
    """Run `notebook` with `parameters` in `folder` and write the result to `output`.

    The result appears at `output` only when every cell succeeded; times and ids
    that differ from run to run are removed, so the same inputs give the same bytes.

    Parameters
    ----------
    timeout
        Seconds one cell may take.

    Raises
    ------
    UserError
        A parameter is not one of the notebook's own.
    NotebookFailed
        A cell raised, hung, or its kernel died; the notebook as far as it came lies
        beside `output` with the suffix `.failed.ipynb`.
    """
    _refuse_unknown_parameters(notebook, parameters)
    folder.mkdir(parents=True, exist_ok=True)
    output.parent.mkdir(parents=True, exist_ok=True)
    failed = output.with_suffix(".failed.ipynb")
    # What goes wrong is told once, by whoever asked for the notebook.
    logging.getLogger("papermill").setLevel(logging.CRITICAL)
    node = nbformat.read(notebook, as_version=4)
    # papermill keeps the outputs of a run that breaks only in a file of its own.
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            done = papermill.execute_notebook(
                node,
                str(failed),
                parameters=dict(parameters),
                engine_name="warm" if available() else None,
                kernel_name="python3",
                # The kernel's folder; papermill's own `cwd` would change that of the whole
                # process, and several notebooks run at once.
                resources={"metadata": {"path": str(folder)}},
                progress_bar=False,
                request_save_on_cell_execute=False,
                autosave_cell_every=0,
                execution_timeout=timeout,
                start_timeout=max(timeout, _START_S),
            )
    except PapermillExecutionError as error:
        raise NotebookFailed(failed, f"{error.ename}: {error.evalue}") from error
    except Exception as error:  # kernel died, cell timed out, disk full: all end the notebook
        first = str(error).strip().splitlines()[0] if str(error).strip() else "no message"
        raise NotebookFailed(failed, f"{type(error).__name__}: {first}") from error
    failed.unlink(missing_ok=True)
    clean(done)
    write_whole(output, nbformat.writes(done) + "\n")
    return done


def clean(notebook: NotebookNode) -> NotebookNode:
    """Remove what differs between two runs, and move the brief's metadata to its place."""
    notebook.metadata.pop("papermill", None)
    for number, cell in enumerate(notebook.cells):
        cell.metadata.pop("papermill", None)
        cell.metadata.pop("execution", None)
        cell["id"] = f"cell-{number:03d}"
        for output in cell.get("outputs", []):
            brief = output.get("data", {}).get(BRIEF_MIMETYPE)
            if brief is not None:
                notebook.metadata["brief"] = brief
    return notebook


def _refuse_unknown_parameters(notebook: Path, parameters: Mapping[str, Any]) -> None:
    known = set(papermill.inspect_notebook(str(notebook)))
    for name in parameters:
        if name not in known:
            raise UserError(
                f"{notebook.name} has no parameter '{name}'; it knows {', '.join(sorted(known))}."
            )
