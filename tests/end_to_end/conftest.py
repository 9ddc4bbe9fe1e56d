"""A project of its own for each test: params copied, folders fresh."""

import shutil
from pathlib import Path

import pytest
import yaml


@pytest.fixture
def own_project(tmp_path: Path):
    """Copy a params folder to a fresh project; returns its params file."""

    def make(params: Path, changes: dict | None = None) -> Path:
        shutil.copytree(params, tmp_path / "params", dirs_exist_ok=True)
        (tmp_path / "data" / "raw").mkdir(parents=True, exist_ok=True)
        file = tmp_path / "params" / "default.yaml"
        if changes:
            content = yaml.safe_load(file.read_text(encoding="utf-8"))
            for key, values in changes.items():
                content[key] = {**(content.get(key) or {}), **values}
            file.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
        return file

    return make
