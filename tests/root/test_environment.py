"""One set of packages, said three times: pyproject.toml, requirements.lock, environment.yml."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import yaml

#: PyPI name → conda-forge name, where they differ.
CONDA_NAMES = {"duckdb": "python-duckdb", "matplotlib": "matplotlib-base"}
#: In environment.yml only: the interpreter, the installer and the other renderer.
CONDA_ONLY = {"python", "quarto", "pip"}


def canonical(name: str) -> str:
    """Name as package indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def requirement_name(requirement: str) -> str:
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert found, requirement
    return canonical(found.group())


@pytest.fixture(scope="module")
def project(root: Path) -> dict:
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture(scope="module")
def wanted(project: dict) -> dict[str, str]:
    """Every dependency of the project, extras included: name → requirement."""
    listed = [*project["dependencies"]]
    listed += [one for group in project["optional-dependencies"].values() for one in group]
    return {requirement_name(requirement): requirement for requirement in listed}


@pytest.fixture(scope="module")
def lock_text(root: Path) -> str:
    return (root / "requirements.lock").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def lock(lock_text: str) -> dict[str, list[str]]:
    """Pinned packages: `name==version` → lines that belong to it."""
    entries: dict[str, list[str]] = {}
    for line in lock_text.splitlines():
        pin = re.match(r"([A-Za-z0-9._-]+)==([^ ;\\]+)", line)
        if pin:
            current = entries.setdefault(f"{canonical(pin[1])}=={pin[2]}", [])
        elif line.strip().startswith("--hash"):
            current.append(line.strip())
    return entries


@pytest.fixture(scope="module")
def conda(root: Path) -> dict:
    return yaml.safe_load((root / "environment.yml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def conda_packages(conda: dict) -> list[str]:
    return [one for one in conda["dependencies"] if isinstance(one, str)]


@pytest.fixture(scope="module")
def pip_packages(conda: dict) -> list[str]:
    return next(one["pip"] for one in conda["dependencies"] if isinstance(one, dict))


def test_environment_and_pyproject_name_the_same_packages(wanted, conda_packages, pip_packages):
    pypi = {conda_name: name for name, conda_name in CONDA_NAMES.items()}
    names = [requirement_name(one) for one in conda_packages]
    names = [pypi.get(name, name) for name in names if name not in CONDA_ONLY]
    names += [requirement_name(one) for one in pip_packages if one != "-e ."]
    assert sorted(names) == sorted(set(names)), "a package stands twice in environment.yml"
    assert set(names) == set(wanted), "environment.yml and pyproject.toml disagree"
    assert "-e ." in pip_packages, "environment.yml does not install the project itself"


def test_environment_keeps_the_lower_limits(wanted, conda_packages, pip_packages):
    given = {requirement_name(one): one for one in (*conda_packages, *pip_packages)}
    for name, requirement in wanted.items():
        limit = re.search(r">=[\d.]+", requirement)
        if limit:
            assert limit.group() in given[CONDA_NAMES.get(name, name)], requirement


def test_python_is_one_the_project_takes(project, conda_packages, root):
    version = next(one for one in conda_packages if one.startswith("python=")).split("=")[1]
    assert project["requires-python"] == f">={version}"
    setup = (root / "scripts" / "setup.sh").read_text(encoding="utf-8")
    assert f"({version.replace('.', ', ')})" in setup, "setup.sh asks for another Python"
    tools = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    assert tools["mypy"]["python_version"] == version
    assert tools["ruff"]["target-version"] == "py" + version.replace(".", "")


def test_lock_pins_every_dependency(wanted, lock):
    pinned = {entry.partition("==")[0] for entry in lock}
    assert set(wanted) <= pinned, "run `make lock`"


def test_lock_holds_hashes_and_no_addresses(lock, lock_text):
    assert len(lock) > 100
    for entry, hashes in lock.items():
        assert hashes, f"{entry} has no hash"
        assert all(re.match(r"--hash=sha256:[0-9a-f]{64}( \\)?$", one) for one in hashes), entry
    assert "://" not in lock_text
    assert not re.search(r"--(index|extra|find|trusted)", lock_text)
    assert " @ " not in lock_text


def test_conda_takes_packages_from_one_place_only(conda):
    assert conda["channels"] == ["conda-forge", "nodefaults"]
