import dataclasses

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from analysis.params import Priorities
from analysis.project import Project
from analysis.review.inputs import Inputs
from analysis.review.priorities import locus, place, scale, score, variants, weighted
from analysis.review.stage import compute

from .conftest import AREAS, frame, visit


def village(area: str, desa: str, normal: int, stunted: int) -> list[dict[str, object]]:
    return [
        visit(
            f"{area}{desa}{i}", "2026-08", 400, -2.5 if i < stunted else -1.0, area=area, desa=desa
        )
        for i in range(normal + stunted)
    ]


@pytest.fixture
def given(inputs: Inputs) -> Inputs:
    rows = village(AREAS[0], "big", 70, 30) + village(AREAS[0], "bad", 20, 20)
    rows += village(AREAS[0], "few", 10, 5) + village(AREAS[0], "rare", 57, 3)
    families = [
        {"kecamatan": AREAS[0], "desa": d, "families": n}
        for d, n in (("big", 501), ("bad", 500), ("unseen", 900))
    ]
    return dataclasses.replace(
        inputs, visits=frame("visits", rows), risk_families=frame("risk_families", families)
    )


def test_villages_by_number_rate_and_lokus(project: Project, given: Inputs) -> None:
    table = compute(project, given)["priorities"]
    own = table[table["kind"] == "village"].set_index("village")
    assert own["locus"].astype("Int64").fillna(-1).to_dict() == {
        "big": 1, "bad": 0, "few": -1, "rare": -1, "unseen": 1,
    }  # fmt: skip
    assert own.loc[["big", "bad"], "by_number"].tolist() == [1, 2]
    assert own.loc[["big", "bad"], "by_rate"].tolist() == [2, 1]
    areas = table[table["kind"] == "area"].set_index("area")
    assert areas["lokus_villages"].fillna(-1).tolist() == [2, -1, -1]


def test_small_villages_are_blank_in_the_table_itself(project: Project, given: Inputs) -> None:
    table = compute(project, given)["priorities"].set_index("village")
    hidden = table.loc[["few", "rare", "unseen"]]
    assert set(hidden["verdict"]) == {"suppress"}
    assert hidden[["stunted", "rate", "by_number", "by_rate", "score"]].isna().all(axis=None)
    # three stunted in "rare" could be worked out from the area's sum if it alone were hidden
    assert (table["verdict"] == "suppress").sum() >= 2


def test_the_areas_number_is_the_reviews(project: Project, given: Inputs) -> None:
    tables = compute(project, given)
    areas = tables["priorities"].query("kind == 'area'").set_index("area")
    review = tables["review"].set_index("area")
    assert areas["stunted"].tolist() == review.loc[list(AREAS), "stunted"].tolist()
    assert areas["by_number"].tolist() == [3, 1, 2]
    assert areas["by_rate"].tolist() == [3, 2, 1]


def test_score_and_its_sensitivity_by_hand() -> None:
    table = pd.DataFrame(
        {"stunted": [10.0, 0.0, 5.0], "rate": [0.0, 1.0, 0.5], "verdict": ["show"] * 3}
    )
    found = score(table, {"stunted": 3.0, "rate": 1.0})
    assert found["score"].tolist() == pytest.approx([0.75, 0.25, 0.5])
    assert found["score_low"].tolist() == pytest.approx([0.0, 0.0, 0.5])
    assert found["score_high"].tolist() == pytest.approx([1.0, 1.0, 0.5])
    assert found["place_low"].tolist() == [1, 1, 1]  # under equal weights all are equal
    assert found["place_high"].tolist() == [3, 3, 2]
    assert found["criteria"].tolist() == ["stunted=3 rate=1"] * 3


def test_a_criterion_nobody_has_is_left_out() -> None:
    table = pd.DataFrame(
        {"stunted": [1.0, 2.0], "rate": [np.nan, np.nan], "verdict": ["show", "suppress"]}
    )
    found = score(table, {"stunted": 1.0, "rate": 1.0})
    assert found["criteria"].iloc[0] == "stunted=1"
    assert found["score"].tolist() == pytest.approx([0.5, np.nan], nan_ok=True)


def test_small_parts() -> None:
    assert scale(pd.Series([1.0, 3.0, np.nan])).tolist() == pytest.approx(
        [0, 1, np.nan], nan_ok=True
    )
    assert scale(pd.Series([2.0, 2.0])).tolist() == [0.5, 0.5]
    assert place(pd.Series([5.0, 9.0, 5.0])).tolist() == [2, 1, 2]
    assert len(variants([1.0, 2.0])) == 2 + 2 * 3
    assert len(variants([1.0])) == 2 + 2
    assert weighted(np.array([[1.0, np.nan], [0.0, 1.0]]), np.array([1.0, 3.0])).tolist() == [
        1.0,
        0.75,
    ]
    assert locus(pd.Series([501.0, 500.0, np.nan]), 500).fillna(False).tolist() == [
        True,
        False,
        False,
    ]


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ({"nonsense": 1.0}, "allowed"),
        ({"stunted": -1.0}, "zero or more"),
        ({"stunted": 0.0}, "not all zero"),
    ],
)
def test_weights_are_checked(weights: dict[str, float], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Priorities(area_weights=weights)
