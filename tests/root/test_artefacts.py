"""Artefacts: checked, atomic, and carrying what they were made from."""

import dataclasses
from pathlib import Path

import pandas as pd
import pytest

from analysis import artefacts
from analysis.errors import UserError
from analysis.prevalence.schemas import BENCHMARK
from analysis.project import Project, load_project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    params = load_project().params
    paths = params.paths.model_copy(update={"processed": str(tmp_path / "processed")})
    return dataclasses.replace(load_project(), params=params.model_copy(update={"paths": paths}))


def row(**changes) -> pd.DataFrame:
    values = {
        "indicator": "stunted",
        "against": "survey",
        "figure": 0.3,
        "before": 0.31,
        "factor": 0.97,
        "source": "x",
    }
    return pd.DataFrame([{**values, **changes}])


def test_written_table_comes_back_with_its_provenance(project: Project) -> None:
    artefacts.write(project, "benchmark", row(), BENCHMARK, {"synthetic": True})
    pd.testing.assert_frame_equal(artefacts.read(project, "benchmark"), row(), check_dtype=False)
    assert artefacts.meta(project, "benchmark") == {"synthetic": True}
    assert artefacts.provenance(project, "x", ["benchmark"])["synthetic"] is True


def test_same_table_gives_the_same_bytes(project: Project) -> None:
    first = artefacts.write(project, "benchmark", row(), BENCHMARK, {}).read_bytes()
    assert artefacts.write(project, "benchmark", row(), BENCHMARK, {}).read_bytes() == first


@pytest.mark.parametrize("bad", [row(against="rumour"), row(extra=1), row().drop(columns="factor")])
def test_table_that_breaks_its_schema_is_not_written(project: Project, bad: pd.DataFrame) -> None:
    with pytest.raises(ValueError, match="artefact benchmark breaks its schema"):
        artefacts.write(project, "benchmark", bad, BENCHMARK, {})
    assert not artefacts.exists(project, "benchmark")


def test_previous_table_stays_when_writing_fails(project: Project, monkeypatch) -> None:
    target = artefacts.write(project, "benchmark", row(), BENCHMARK, {})
    before = target.read_bytes()

    def full_disk(*_args, **_kwargs) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(artefacts.parquet, "write_table", full_disk)
    with pytest.raises(OSError, match="No space"):
        artefacts.write(project, "benchmark", row(factor=2.0), BENCHMARK, {})
    assert target.read_bytes() == before
    assert [file.name for file in target.parent.iterdir()] == [target.name]


def test_missing_artefact_says_what_to_run(project: Project) -> None:
    with pytest.raises(UserError, match="make data"):
        artefacts.read(project, "benchmark")
