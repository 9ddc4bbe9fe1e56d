"""What becomes known of a notebook that did not come to its end."""

from __future__ import annotations

from pathlib import Path

_USER = "UserError: "


class NotebookFailed(Exception):
    """A cell of a notebook raised; `cause` is one line, `notebook` where to look."""

    def __init__(self, notebook: Path, cause: str) -> None:
        super().__init__(cause)
        self.notebook = notebook
        self.cause = cause

    @property
    def advice(self) -> str | None:
        """The sentence for the user when the cause is theirs to mend."""
        return self.cause.removeprefix(_USER) if self.cause.startswith(_USER) else None
