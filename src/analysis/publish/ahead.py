"""A head start: where nothing has been made yet, kernels get ready while this program still loads."""

from __future__ import annotations

from pathlib import Path

from analysis.params import load_params
from analysis.publish.kernels.server import SERVER, available


def head_start(params_file: str) -> None:
    """Start the server of warm kernels if no brief was made before: all of them will be.

    Raises
    ------
    UserError
        The params cannot be used.
    """
    file = Path(params_file)
    if not available() or not file.is_file():  # another file is meant, or none is there
        return
    if not (file.parent / load_params(file).paths.build).exists():
        SERVER.start()
