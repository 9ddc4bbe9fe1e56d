"""A head start for the kernels: only where all briefs are to be made."""

from __future__ import annotations

from pathlib import Path

import pytest
import tiny

from analysis.errors import UserError
from analysis.publish import ahead
from analysis.publish.kernels import warm


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    calls: list[str] = []
    monkeypatch.setattr(ahead.SERVER, "start", lambda: calls.append("started"))
    return calls


@pytest.fixture
def params(tmp_path: Path) -> Path:
    return tiny.make(tmp_path)


def test_kernels_get_ready_where_nothing_was_made(params: Path, started: list[str]) -> None:
    ahead.head_start(str(params))
    assert started == ["started"]


def test_nothing_is_started_where_briefs_lie(params: Path, started: list[str]) -> None:
    (params.parent.parent / "reports" / "build").mkdir(parents=True)
    ahead.head_start(str(params))
    ahead.head_start(str(params.with_name("no such file.yaml")))
    assert started == []


def test_params_that_cannot_be_used_are_said_at_once(params: Path, started: list[str]) -> None:
    params.write_text(params.read_text(encoding="utf-8") + "no_such_key: 1\n", encoding="utf-8")
    with pytest.raises(UserError, match="no_such_key"):
        ahead.head_start(str(params))
    assert started == []


def test_what_no_run_uses_is_left_out_and_there_again_afterwards() -> None:
    with warm._without("this_is_no_module", "json"), pytest.raises(ImportError):
        __import__("this_is_no_module")
    import json
    import sys

    assert json.dumps([]) == "[]"
    assert "this_is_no_module" not in sys.modules
