"""The scripts of the documentation, loaded as modules."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest


def load_script(root: Path, name: str) -> ModuleType:
    """A file of `scripts/` as a module."""
    spec = importlib.util.spec_from_file_location(name, root / "scripts" / f"{name}.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def build_docs(root: Path) -> ModuleType:
    return load_script(root, "build_docs")


@pytest.fixture(scope="session")
def agreement(root: Path) -> ModuleType:
    return load_script(root, "agreement")


@pytest.fixture(scope="session")
def mutations(root: Path) -> ModuleType:
    return load_script(root, "mutations")
