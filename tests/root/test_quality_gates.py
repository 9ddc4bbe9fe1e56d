"""The gates a commit passes: their configuration is valid, and what it calls is in the lock."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml


@pytest.fixture(scope="module")
def hooks(root: Path) -> list[dict]:
    content = yaml.safe_load((root / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    assert [repo["repo"] for repo in content["repos"]] == ["local"], "hooks must fetch nothing"
    return content["repos"][0]["hooks"]


def test_hooks_call_programs_of_the_lock(root: Path, hooks: list[dict]) -> None:
    lock = (root / "requirements.lock").read_text(encoding="utf-8")
    for hook in hooks:
        program = hook["entry"].split()[0]
        assert program.startswith(".venv/bin/")
        assert re.search(rf"^{Path(program).name}==", lock, flags=re.M), program
        assert hook["language"] == "system"
        re.compile(hook.get("files", ""))


def test_configuration_of_pre_commit_is_valid(root: Path) -> None:
    program = root / ".venv" / "bin" / "pre-commit"
    if not program.exists():
        pytest.skip("pre-commit is not in .venv")
    done = subprocess.run(
        [program, "validate-config"], cwd=root, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_coverage_is_held_to_95_percent_of_src(root: Path) -> None:
    makefile = (root / "Makefile").read_text(encoding="utf-8")
    assert "--cov-fail-under=95" in makefile
    tools = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    assert tools["coverage"]["run"]["source"] == ["analysis"]
    assert tools["coverage"]["run"]["branch"] is True
    assert tools["mypy"]["strict"] is True
