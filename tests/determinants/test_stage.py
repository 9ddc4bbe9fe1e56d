"""The stage from artefact to artefact, whole and with much of the survey missing."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from analysis import artefacts
from analysis.determinants import attributable, imputation, stage
from analysis.determinants.schemas import TABLES
from analysis.project import Project, load_project

from .conftest import PLANTED, children

pytestmark = pytest.mark.slow

DEMOGRAPHIC = ["kecamatan", "desa", "psu", "sampling_weight", "sex", "age_days"]
OUTCOME = ["haz", "haz_flag", "stunted"]


@pytest.fixture(scope="module", autouse=True)
def few_draws() -> Iterator[None]:
    """What the tables hold is tested here, not how finely they are drawn."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(attributable, "DRAWS", 40)
        patch.setattr(imputation, "IMPUTATIONS", 2)
        patch.setattr(imputation, "BURN_IN", 1)
        yield


@pytest.fixture(scope="module")
def project(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Project:
    folder = tmp_path_factory.mktemp("run")
    shutil.copytree(root / "params", folder / "params")
    return load_project(folder / "params" / "default.yaml")


@pytest.fixture(scope="module")
def register() -> pd.Series:
    return pd.Series(2000.0, index=[f"99.{k:02d}" for k in range(1, 13)])


@pytest.fixture(scope="module")
def built(project: Project) -> dict[str, pd.DataFrame]:
    project.processed.mkdir(parents=True, exist_ok=True)
    children(5, villages=3, missing=0.01).to_parquet(artefacts.path(project, "children"))
    population = pd.DataFrame({"kecamatan": ["99.01", "99.01", "99.02"], "balita": [10.0, 20, 30]})
    population.to_parquet(artefacts.path(project, "population"))
    return stage.build(project)


def test_every_table_is_written_with_its_provenance(project, built):
    assert set(built) == set(TABLES)
    for name, table in built.items():
        assert len(table), name
        pd.testing.assert_frame_equal(artefacts.read(project, name), table, check_dtype=False)
        facts = artefacts.meta(project, name)
        assert facts["stage"] == "determinants"
        assert set(facts["inputs"]) == {"children", "population"}


def test_counts_are_scaled_to_the_population_artefact(built, project):
    assert stage.balita(project).to_dict() == {"99.01": 30.0, "99.02": 30.0}
    table = built["attributable"]
    assert (table.loc[table["area"] == "99.03", "stunted_children"] == 0).all()


def test_sensitivity_stands_beside_and_is_never_published(built):
    effects = built["effects"]
    assert {"full_weighted", "full_imputed", "basic_imputed"} <= set(effects["model"])
    beside = effects["model"].str.contains("_")
    assert not effects.loc[beside, "published"].any()
    assert set(effects.loc[effects["published"], "outcome"]) == {"stunted", "haz"}


def test_the_same_inputs_give_the_same_tables(project, register):
    """Imputation has its own test of this."""
    first, again = (
        stage.compute(project, children(5, villages=2), register, sensitivity=False)
        for _ in range(2)
    )
    for name, table in first.items():
        pd.testing.assert_frame_equal(table, again[name])


@pytest.mark.parametrize(
    ("columns", "terms"),
    [
        ([*DEMOGRAPHIC, *OUTCOME], {"male"}),
        ([*DEMOGRAPHIC, *OUTCOME, "early_marriage"], {"male", "early_marriage"}),
        ([*DEMOGRAPHIC[:3], *OUTCOME], set()),
    ],
)
def test_a_survey_with_little_in_it_gives_the_models_it_can(project, register, columns, terms):
    poor = children(5).reindex(columns=list(dict.fromkeys([*DEMOGRAPHIC, *OUTCOME, *columns])))
    if "sex" not in columns:
        poor["sex"], poor["age_days"] = None, float("nan")
        poor["sampling_weight"] = float("nan")
    tables = stage.compute(project, poor, register, sensitivity=False)
    published = tables["effects"].query("published and outcome == 'stunted'")
    assert set(published["term"]) == terms
    assert {"null", "full"} <= set(tables["variance_components"]["model"])
    left = tables["model_checks"].query("check == 'left_out'").set_index("item")["reason"]
    assert left["improved_sanitation"] == "absent"
    sets = tables["attributable"].groupby(["kind", "code"]).ngroups
    assert sets == (3 if "early_marriage" in terms else 0)  # itself, its pillar, all


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda d: d.assign(kecamatan="99.01", desa=None, psu=None), "needs groups"),
        (lambda d: d.assign(stunted=d["stunted"].mask(d["stunted"].notna())), "no child"),
        (lambda d: d.groupby("kecamatan").head(2), "needs groups"),
    ],
)
def test_no_model_at_all_gives_empty_tables_with_the_reason(project, register, change, words):
    tables = stage.compute(project, change(children(5)), register)
    assert set(tables) == set(TABLES)
    assert all(tables[name].empty for name in TABLES if name != "model_checks")
    (row,) = tables["model_checks"].to_dict("records")
    assert row["check"] == "failed"
    assert words in row["reason"]


def test_a_factor_that_decides_everything_is_left_out_and_the_rest_stays(project, register):
    data = children(5)
    data["low_birth_weight"] = data["stunted"].copy()
    tables = stage.compute(project, data, register, sensitivity=False)
    checks = tables["model_checks"].query("item == 'low_birth_weight' and check == 'left_out'")
    assert checks["reason"].tolist() == ["too_few"]
    assert "improved_sanitation" in set(tables["effects"]["term"])


def test_planted_factors_come_out_on_the_right_side(built):
    rows = built["effects"].query("published and outcome == 'stunted'").set_index("term")
    for code in ("improved_sanitation", "low_birth_weight", "early_marriage"):
        assert abs(rows.loc[code, "coefficient"] - PLANTED[code]) < 3 * rows.loc[code, "se"]
        assert rows.loc[code, "per_100"] > 0
