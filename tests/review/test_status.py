import dataclasses
from collections.abc import Callable

import pytest

from analysis.project import Project
from analysis.review.inputs import Inputs
from analysis.review.status import path_table, review_table, survey_quality, target_table

from .conftest import AREAS, WHOLE, children_rows, frame, population, stunting_rows


def test_one_row_per_area_and_the_whole(project: Project, inputs: Inputs) -> None:
    table = review_table(project, inputs).set_index("area")
    assert table.index.tolist() == [*AREAS, WHOLE]
    assert table["target"].tolist() == pytest.approx([0.1765] * 4)
    assert table["target_status"].tolist() == ["derived"] * 4
    assert table["word"].tolist() == ["reached", "not_reached", "not_reached", "not_reached"]
    assert table["against_whole"].tolist() == ["lower", "similar", "higher", "not_compared"]
    assert table.loc[AREAS[2], "annual_reduction_needed"] == pytest.approx(100 * (0.34 - 0.142) / 3)
    assert table.loc[AREAS[0], "annual_reduction_needed"] == 0
    assert table.loc[AREAS[2], "children_to_prevent"] == 340 - 142
    assert table.loc[AREAS[0], "children_to_prevent"] == 0


def test_areas_add_up_to_the_whole_exactly(project: Project, inputs: Inputs) -> None:
    values = {AREAS[0]: 0.1004, AREAS[1]: 0.2406, AREAS[2]: 0.3407, WHOLE: 0.230575}
    given = dataclasses.replace(inputs, prevalence=frame("prevalence", stunting_rows(values)))
    table = review_table(project, given).set_index("area")
    assert table.loc[list(AREAS), "stunted"].sum() == table.loc[WHOLE, "stunted"] == 922
    assert table.loc[WHOLE, "count_basis"] == "sum_of_areas"


def test_an_area_without_estimate(project: Project, inputs: Inputs) -> None:
    rows = stunting_rows({AREAS[0]: 0.10, AREAS[1]: 0.24, WHOLE: 0.20})
    given = dataclasses.replace(inputs, prevalence=frame("prevalence", rows))
    table = review_table(project, given).set_index("area")
    missing = table.loc[AREAS[2]]
    assert (missing["word"], missing["against_whole"]) == ("no_estimate", "not_compared")
    assert (missing["verdict"], missing["reason"], missing["n"]) == ("suppress", "not_sampled", 0)
    assert missing["confidence"] == "low"
    assert table.loc[WHOLE, "stunted"] == 800
    assert table.loc[WHOLE, "count_basis"] == "own_estimate"


def test_a_suppressed_estimate_gets_no_word(project: Project, inputs: Inputs) -> None:
    prevalence = inputs.prevalence.copy()
    prevalence.loc[prevalence["area"] == AREAS[0], "verdict"] = "suppress"
    table = review_table(project, dataclasses.replace(inputs, prevalence=prevalence))
    first = table.set_index("area").loc[AREAS[0]]
    assert (first["word"], first["against_whole"]) == ("no_estimate", "not_compared")


def test_no_target_yet(make_project: Callable[..., Project], inputs: Inputs) -> None:
    from .conftest import PARAMS

    project = make_project(review={**PARAMS["review"], "year": 2024})
    table = review_table(project, inputs)
    assert set(table["word"]) == {"no_target"}
    assert table["target"].isna().all()
    assert set(table["target_kind"]) == {"none"}


def test_a_path_that_has_ended_is_held(
    make_project: Callable[..., Project], inputs: Inputs
) -> None:
    from .conftest import PARAMS

    project = make_project(targets={**PARAMS["targets"], "selected": "old"})
    table = review_table(project, inputs)
    assert set(table["target_kind"]) == {"held"}
    assert table["annual_reduction_needed"].isna().sum() == 3  # no year is left to do it in
    other = target_table(make_project(), table)
    words = other[other["path"] == "old"].set_index("area")["word"]
    assert words.tolist() == table["word"].tolist()


def test_every_path_by_year(project: Project) -> None:
    table = path_table(project)
    assert table[table["path"] == "plan"]["year"].tolist() == [2025, 2026, 2027, 2028, 2029]
    assert table[table["path"] == "old"]["target_kind"].tolist() == ["point", "held", "held"]


def test_villages_sampled_and_registered_children(project: Project, inputs: Inputs) -> None:
    children = frame("children", children_rows(AREAS[0], 40) + children_rows(AREAS[1], 40))
    given = dataclasses.replace(
        inputs,
        children=children,
        population=population({AREAS[0]: 500, AREAS[1]: 800, AREAS[2]: 700}),
    )
    table = review_table(project, given).set_index("area")
    assert table["villages_sampled"].tolist() == [2, 2, 0, 4]
    assert table["villages"].tolist() == [2, 2, 2, 6]
    assert table["balita"].tolist() == pytest.approx([500, 800, 700, 2000])


def test_worst_quality_check_counts() -> None:
    rows = [
        {"scope": "survey", "kecamatan": "a", "unit": None, "indicator": i, "n": 1, "verdict": v}
        for i, v in (("x", "good"), ("y", "poor"), ("z", "caution"))
    ]
    rows.append({**rows[0], "kecamatan": "b"})
    rows.append({**rows[0], "kecamatan": "b", "unit": "team 1", "verdict": "poor"})
    rows.append({**rows[0], "kecamatan": "b", "scope": "routine", "verdict": "poor"})
    assert survey_quality(frame("data_quality", rows)) == {"a": "poor", "b": "good"}
