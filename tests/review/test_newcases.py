import dataclasses
import math

import numpy as np
import pandas as pd
import pytest

from analysis.project import Project
from analysis.review.inputs import Inputs
from analysis.review.newcases import by_age, new_cases_table, rate_interval
from analysis.review.routine import age_group, month_number, month_text
from analysis.review.transitions import intervals, valid_measurements

from .conftest import AREAS, WHOLE, frame, history, population, visit


@pytest.mark.parametrize(
    ("haz", "new", "recovered", "persistent", "relapsed", "at_risk", "days"),
    [
        ((-1.0,), 0, 0, 0, 0, 0, 0.0),  # measured once: never a new case
        ((-2.5,), 0, 0, 0, 0, 0, 0.0),
        ((-1.0, -1.1), 0, 0, 0, 0, 1, 30.0),
        ((-1.9, -2.0), 0, 0, 0, 0, 1, 30.0),  # −2.00 is not stunted
        ((-1.9, -2.01), 1, 0, 0, 0, 1, 15.0),
        ((-1.9, -1.8, -2.1, -2.2), 1, 0, 1, 0, 2, 45.0),
        ((-2.5, -2.4), 0, 0, 1, 0, 0, 0.0),  # first met stunted: prevalent
        ((-2.5, -1.5), 0, 1, 0, 0, 0, 0.0),
        ((-2.5, -1.5, -2.5), 0, 1, 0, 1, 0, 0.0),  # stunted again is not new
        ((-1.5, -2.5, -1.5, -2.5), 1, 1, 0, 1, 1, 15.0),
        ((-2.5, -1.5, -2.5, -1.5), 0, 1, 0, 1, 0, 0.0),  # recovered once
        ((-1.5, None, None, -2.5), 1, 0, 0, 0, 1, 45.0),
        ((-1.5, -7.0, -2.5), 1, 0, 0, 0, 1, 30.0),  # implausible: not a measurement
    ],
)
def test_what_happened_to_a_child(
    haz: tuple[float | None, ...],
    new: int,
    recovered: int,
    persistent: int,
    relapsed: int,
    at_risk: int,
    days: float,
) -> None:
    steps = intervals(valid_measurements(frame("visits", history("a", *haz))))
    found = steps[["new", "recovered", "persistent", "relapsed", "at_risk"]].sum().tolist()
    assert found == [new, recovered, persistent, relapsed, at_risk]
    assert steps["child_days"].sum() == pytest.approx(days)


def test_children_do_not_run_into_each_other() -> None:
    rows = history("a", -1.0, -1.0) + history("b", -2.5, -2.5) + history("c", -1.0, -2.5)
    steps = intervals(valid_measurements(frame("visits", rows[::-1])))
    assert steps.groupby("child_id")["new"].sum().to_dict() == {"a": 0, "b": 0, "c": 1}


def test_of_several_records_in_a_month_the_last_counts() -> None:
    rows = [
        visit("a", "2026-04", 300, -2.5, source_row=2),
        visit("a", "2026-04", 305, -1.0, source_row=3),
    ]
    measured = valid_measurements(frame("visits", rows))
    assert measured["haz"].tolist() == [-1.0]


def test_time_by_month_where_the_age_does_not_advance() -> None:
    rows = [visit("a", "2026-04", 300, -1.0), visit("a", "2026-06", 290, -1.0)]
    steps = intervals(valid_measurements(frame("visits", rows)))
    assert steps["days"].tolist() == [pytest.approx(2 * 30.4375)]


@pytest.mark.parametrize(
    ("events", "low", "high"),
    [
        (0, 0.0, 3.688879),
        (1, 0.025318, 5.571643),
        (10, 4.795389, 18.390356),
        (100, 81.363991, 121.626794),
    ],
)
def test_exact_poisson_limits_as_tabulated(events: int, low: float, high: float) -> None:
    """Garwood 1936, by the chi-square identity; 3.69, 5.57, 18.39 stand in every table."""
    rate, found_low, found_high = rate_interval(events, 100.0, 0.95)
    assert (rate, found_low, found_high) == pytest.approx((events, low, high), abs=1e-5)


def test_no_time_no_rate() -> None:
    assert all(math.isnan(x) for x in rate_interval(0, 0.0, 0.95))


@pytest.fixture
def followed(inputs: Inputs) -> Inputs:
    """Thirty children in two areas: 20 followed without event, 6 new, and others."""
    rows: list[dict[str, object]] = []
    for i in range(20):
        rows += history(f"n{i}", -1.0, -1.0, -1.1, -1.0, -1.2, area=AREAS[i % 2])
    for i in range(6):
        rows += history(f"c{i}", -1.0, -1.5, -2.5, -2.5, -2.5, area=AREAS[0])
    rows += history("prevalent", -2.5, -2.5, -2.5, -2.5, -2.5, area=AREAS[0])
    rows += history("recovered", -2.5, -1.5, -1.5, -1.5, -1.5, area=AREAS[0])
    rows += history("lost", -1.5, None, None, None, None, area=AREAS[0])
    rows += history("too old", -1.5, None, None, None, None, start=1750, area=AREAS[0])
    counts = population({AREAS[0]: 25, AREAS[1]: 15, AREAS[2]: 5})
    return dataclasses.replace(inputs, visits=frame("visits", rows), population=counts)


def test_counts_of_the_whole_window(project: Project, followed: Inputs) -> None:
    table = new_cases_table(project, followed).set_index(["area", "month"])
    whole = table.loc[(WHOLE, "all")]
    counts = whole[
        ["at_risk", "new", "recovered", "persistent", "relapsed", "lost", "once", "measured"]
    ]
    assert counts.tolist() == [26, 6, 1, 7, 0, 1, 2, 30]
    assert whole["child_years"] == pytest.approx((20 * 120 + 6 * 45) / 365.25)
    assert whole["rate"] == pytest.approx(100 * 6 / whole["child_years"])
    assert (whole["window_start"], whole["window_end"]) == ("2026-04", "2026-08")
    assert whole["never_measured"] == 45 - 29  # one has passed 60 months meanwhile
    assert AREAS[2] not in table.index.get_level_values("area")


def test_months_and_areas_add_up(project: Project, followed: Inputs) -> None:
    table = new_cases_table(project, followed)
    months = table[table["month"] != "all"]
    for column in ("new", "recovered", "relapsed", "child_years", "lost"):
        whole = table[(table["area"] == WHOLE) & (table["month"] == "all")][column].iloc[0]
        assert months[months["area"] == WHOLE][column].sum() == pytest.approx(whole), column
        assert months[months["area"] != WHOLE][column].sum() == pytest.approx(whole), column


def test_by_age_adds_up(project: Project, followed: Inputs) -> None:
    ages = by_age(project, followed)
    whole = new_cases_table(project, followed).set_index(["area", "month"]).loc[(WHOLE, "all")]
    assert ages["new"].sum() == whole["new"] == 6
    assert ages["child_years"].sum() == pytest.approx(whole["child_years"])


def test_few_cases_are_not_shown(project: Project, followed: Inputs) -> None:
    table = new_cases_table(project, followed).set_index(["area", "month"])
    assert table.loc[(WHOLE, "all"), "verdict"] == "caution"
    assert table.loc[(AREAS[1], "all"), "verdict"] == "suppress"


def test_a_part_of_the_place_says_nothing_of_never_measured(
    project: Project, followed: Inputs
) -> None:
    many = dataclasses.replace(followed, population=population(dict.fromkeys(AREAS, 1000)))
    assert new_cases_table(project, many)["never_measured"].isna().all()


def test_no_routine_no_rows(project: Project, inputs: Inputs) -> None:
    assert new_cases_table(project, inputs).empty
    assert by_age(project, inputs).empty


def test_weighing_twice_a_year_does_not_lose_children(project: Project, inputs: Inputs) -> None:
    rows = [
        visit(f"c{i}", m, a, -1.0)
        for i in range(30)
        for m, a in (("2025-08", 200), ("2026-02", 380))
    ]
    rows += [visit("d", "2026-08", 400, -1.0)]
    table = new_cases_table(project, dataclasses.replace(inputs, visits=frame("visits", rows)))
    assert table["lost_after_months"].unique().tolist() == [6]


def test_months() -> None:
    found = month_number(pd.Series(["2026-08", "2025-12", None, "August"]))
    assert found.tolist()[:2] == [2026 * 12 + 7, 2025 * 12 + 11]
    assert found.isna().tolist() == [False, False, True, True]
    assert month_text(2025 * 12 + 11) == "2025-12"


def test_age_groups_end_at_completed_months() -> None:
    days = pd.Series([0, 6 * 30.4375 - 0.1, 6 * 30.4375, 60 * 30.4375 - 0.1, 60 * 30.4375, np.nan])
    assert age_group(days).fillna("").tolist() == ["0-5", "0-5", "6-11", "48-59", "", ""]
