import dataclasses
import math

import pytest

from analysis.project import Project
from analysis.review.headline import routine_headline
from analysis.review.inputs import Inputs
from analysis.review.twonumbers import (
    STEPS,
    Setting,
    Step,
    not_weighed_step,
    two_numbers_table,
    wilson,
)

from .conftest import AREAS, WHOLE, children_rows, frame, population, visit


def records(area: str, normal: int, stunted: int, **more: object) -> list[dict[str, object]]:
    rows = [visit(f"{area}n{i}", "2026-08", 400.0, -1.0, area=area, **more) for i in range(normal)]
    rows += [
        visit(f"{area}s{i}", "2026-08", 400.0, -2.5, area=area, **more) for i in range(stunted)
    ]
    return rows


def test_each_step_by_hand(project: Project, inputs: Inputs) -> None:
    """Area 1: 90 normal, 10 stunted of whom 6 recorded as normal; one measured twice.

    Area 2: 20 normal, 30 stunted. The register says 300 and 700.
    """
    rows = records(AREAS[0], 90, 10)
    for row in rows[-6:]:
        row["recorded_stunted"] = False
    rows.append(
        {**rows[0], "age_days": 380.0, "haz": -3.0, "stunted": True, "recorded_stunted": True}
    )
    rows += records(AREAS[1], 20, 30)
    counts = {AREAS[0]: 100 / 0.2, AREAS[1]: 100 / 0.2}
    cells = population(counts)
    given = dataclasses.replace(inputs, visits=frame("visits", rows), population=cells)
    table = two_numbers_table(project, given)
    whole = table[table["area"] == WHOLE].set_index("step")
    assert whole.loc["recorded", "value"] == pytest.approx((4 + 1 + 30) / 151)
    assert whole.loc["recomputed", "value"] == pytest.approx(41 / 151)
    assert whole.loc["one_per_child", "value"] == pytest.approx(40 / 150)
    # half the register's children live in each area; all measured are boys of 12–23 months
    assert whole.loc["composition", "value"] == pytest.approx(0.5 * 0.1 + 0.5 * 0.6)
    assert whole.loc["survey", "value"] == pytest.approx(0.23)
    assert whole.loc["remainder", "change"] == pytest.approx(0.23 - 0.35)
    assert whole["order"].tolist() == list(range(7))
    assert tuple(whole.index) == STEPS


def test_steps_add_up_to_the_survey(project: Project, inputs: Inputs) -> None:
    rows = records(AREAS[0], 60, 30) + records(AREAS[1], 70, 10)
    given = dataclasses.replace(inputs, visits=frame("visits", rows))
    table = two_numbers_table(project, given)
    for area in (WHOLE, AREAS[0], AREAS[1]):
        own = table[table["area"] == area].set_index("step")
        total = own.loc["recorded", "value"] + own["change"].fillna(0).sum()
        assert total == pytest.approx(own.loc["survey", "value"]), area


def test_bounds_of_the_children_not_weighed() -> None:
    setting = Setting(200.0, "registered", "", 0.95, "")
    step = not_weighed_step(0.10, 150, setting, 0.25)
    assert (step.low, step.high) == pytest.approx((0.075, 0.325))
    assert step.extra["needed"] == pytest.approx((0.25 - 0.075) / 0.25)
    assert (step.status, step.basis) == ("bounded", "of_registered")
    assert math.isnan(step.change)


@pytest.mark.parametrize(
    ("due", "reason"),
    [
        (math.nan, "no_register"),
        (0.0, "no_register"),
        (100.0, "more_weighed_than_registered"),
    ],
)
def test_bounds_that_cannot_be_computed(due: float, reason: str) -> None:
    step = not_weighed_step(0.10, 150, Setting(due, "registered", "", 0.95, ""), 0.25)
    assert (step.status, step.basis) == ("not_computed", reason)


def test_a_recorded_score_stands_in_for_a_class(project: Project, inputs: Inputs) -> None:
    rows = records(AREAS[0], 25, 25)
    for row in rows:
        row["recorded_stunted"] = None
    rows[0]["recorded_haz"] = None
    table = two_numbers_table(project, dataclasses.replace(inputs, visits=frame("visits", rows)))
    first = table[(table["area"] == AREAS[0]) & (table["step"] == "recorded")].iloc[0]
    assert (first["value"], first["n"]) == (pytest.approx(25 / 49), 49)


def test_composition_falls_back_to_the_survey(project: Project, inputs: Inputs) -> None:
    children = frame("children", children_rows(AREAS[0], 100) + children_rows(AREAS[1], 100))
    given = dataclasses.replace(
        inputs,
        children=children,
        population=population(dict.fromkeys(AREAS, 300), "approximation"),
        visits=frame("visits", records(AREAS[0], 30, 30)),
    )
    table = two_numbers_table(project, given)
    whole = table[table["area"] == WHOLE].set_index("step").loc["composition"]
    assert whole["basis"] == "survey_composition"
    assert whole["borrowed"] > 0.5  # no weighed child in the second area


@pytest.mark.parametrize(("routine", "reason"), [(True, "no_routine"), (False, "no_routine")])
def test_without_routine_data_the_steps_say_so(
    make_project, inputs: Inputs, routine: bool, reason: str
) -> None:
    project = make_project() if routine else make_project(routine=None)
    table = two_numbers_table(project, inputs)
    assert set(table.loc[table["step"] != "survey", "status"]) == {"not_computed"}
    assert set(table.loc[table["step"] != "survey", "basis"]) == {reason}
    assert (table.loc[table["step"] == "survey", "status"] == "computed").all()
    headline = routine_headline(project, inputs)
    assert headline[["routine_estimate", "routine_n", "weighed_share"]].isna().all(axis=None)


def test_few_children_and_another_month(project: Project, inputs: Inputs) -> None:
    rows = records(AREAS[0], 10, 10) + records(AREAS[1], 30, 30)
    rows += [visit("x", "2026-07", 400, -1.0, area=AREAS[2])]
    table = two_numbers_table(project, dataclasses.replace(inputs, visits=frame("visits", rows)))
    basis = table[table["step"] == "recorded"].set_index("area")["basis"]
    assert basis[AREAS[0]] == "few_children"
    assert basis[AREAS[2]] == "no_records_in_window"
    assert basis[AREAS[1]] == "ok"


def test_a_suppressed_survey_figure_leaves_no_remainder(project: Project, inputs: Inputs) -> None:
    prevalence = inputs.prevalence.copy()
    prevalence.loc[prevalence["area"] == AREAS[0], "verdict"] = "suppress"
    given = dataclasses.replace(
        inputs, prevalence=prevalence, visits=frame("visits", records(AREAS[0], 30, 30))
    )
    table = two_numbers_table(project, given).set_index(["area", "step"])
    assert table.loc[(AREAS[0], "survey"), "basis"] == "survey_suppressed"
    assert table.loc[(AREAS[0], "remainder"), "status"] == "not_computed"
    assert math.isnan(table.loc[(AREAS[0], "not_weighed"), "needed"])


def test_d_over_s(project: Project, inputs: Inputs) -> None:
    rows = records(AREAS[0], 40, 10) + records(AREAS[0], 0, 1)
    given = dataclasses.replace(
        inputs,
        visits=frame("visits", rows),
        population=population({AREAS[0]: 60, AREAS[1]: 20, AREAS[2]: 10}),
    )
    table = routine_headline(project, given).set_index("area")
    assert table.loc[AREAS[0], "weighed_share"] == pytest.approx(50 / 60)
    assert table.loc[WHOLE, "weighed_share"] == pytest.approx(50 / 90)
    assert table.loc[AREAS[1], "routine_n"] == 0
    assert set(table["weighed_basis"]) == {"registered"}


def test_wilson_as_published() -> None:
    """Newcombe 1998, table I: 81/263, 15/148, 0/20."""
    assert wilson(81 / 263, 263, 0.95) == pytest.approx((0.2553, 0.3662), abs=1e-4)
    assert wilson(15 / 148, 148, 0.95) == pytest.approx((0.0624, 0.1605), abs=1e-4)
    assert wilson(0.0, 20, 0.95) == pytest.approx((0.0, 0.1611), abs=1e-4)


def test_a_step_knows_nothing_by_default() -> None:
    assert math.isnan(Step("x").value)
