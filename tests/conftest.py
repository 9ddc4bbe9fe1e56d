"""Shared by all tests: where things are, and what is skipped when it is absent."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"


@pytest.fixture(scope="session")
def root() -> Path:
    """Root of the repository."""
    return ROOT


@pytest.fixture(scope="session")
def golden() -> Path:
    """Folder of golden data that are not in the repository; skips when it is not there."""
    folder = SHARED / "golden"
    if not folder.is_dir():
        pytest.skip("the shared golden data are not beside this checkout")
    return folder
