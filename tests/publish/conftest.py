"""A small project that is made in full, once, and copied for each test."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import tiny


@pytest.fixture(scope="session")
def server() -> Iterator[object]:
    """A server of warm kernels for stand-ins, shared by all tests."""
    from analysis.publish.kernels import server as kernels

    made = kernels.Server(tiny.modules())
    yield made
    made.stop()


@pytest.fixture
def stand_in(server: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand-ins for renderer and kernel server."""
    tiny.stand_in(server, monkeypatch.setattr)


@pytest.fixture(scope="session")
def _made(server: object, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("tiny") / "project"
    tiny.make(root)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        tiny.stand_in(server, patch.setattr)
        assert tiny.reports(root, "--quiet") == 0
    return root


@pytest.fixture
def made(_made: Path, stand_in: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Root of a small project whose reports are made; it is the working folder."""
    root = tmp_path / "p"
    shutil.copytree(_made, root)
    monkeypatch.chdir(root)
    return root
