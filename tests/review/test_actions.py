import dataclasses
import math

import pytest

from analysis.project import Project, load_project
from analysis.review.actions import (
    actions_table,
    choose,
    effect_reason,
    evidence,
)
from analysis.review.inputs import Inputs
from analysis.review.programmes import action_matrix

from .conftest import AREAS


def test_gap_against_target_and_in_its_absence(project: Project, full: Inputs) -> None:
    table = actions_table(project, full).set_index(["area", "indicator"])
    own = table.loc[(AREAS[0], "sanitation")]
    assert own[["coverage", "target", "gap"]].tolist() == pytest.approx([0.6, 0.9, 0.3])
    assert (own["gap_low"], own["gap_high"]) == pytest.approx((0.26, 0.34))
    assert (own["target_status"], own["target_basis"]) == ("confirmed", "target")
    assert own[["children", "children_gap"]].tolist() == [400, 300]
    lower = table.loc[(AREAS[0], "early_marriage")]  # 40 % married early: 60 % favourable
    assert lower[["coverage", "target", "gap"]].tolist() == pytest.approx([0.6, 0.8, 0.2])
    assert (lower["target_status"], lower["target_basis"]) == ("assumed", "best_quarter")
    none = table.loc[(AREAS[0], "egg")]
    assert none["target"] == pytest.approx(1.45 / 3)
    assert (none["target_status"], none["target_basis"]) == ("none", "whole_coverage")


def test_children_of_the_ages_an_indicator_is_for(project: Project, full: Inputs) -> None:
    table = actions_table(project, full).set_index(["area", "indicator"])
    assert table.loc[(AREAS[0], "breastfed"), "children"] == 30  # 30 % of 100 under 6 months


def test_suppressed_coverage_leaves_no_number(project: Project, full: Inputs) -> None:
    prevalence = full.prevalence.copy()
    here = (prevalence["indicator"] == "egg") & (prevalence["area"] == AREAS[0])
    prevalence.loc[here, "verdict"] = "suppress"
    table = actions_table(project, dataclasses.replace(full, prevalence=prevalence))
    row = table.set_index(["area", "indicator"]).loc[(AREAS[0], "egg")]
    assert row[["coverage", "low", "high", "gap", "children"]].isna().all()
    assert row["rank"] == 0


def test_three_decisions_of_other_agencies(project: Project, full: Inputs) -> None:
    """A clear effect comes first, however many children an unclear one would promise."""
    table = actions_table(project, full)
    for area in AREAS:
        own = table[(table["area"] == area) & (table["rank"] > 0)].sort_values("rank")
        assert own["rank"].tolist() == list(range(1, len(own) + 1))
        assert own["opd"].dropna().is_unique
    first = table[(table["area"] == AREAS[0]) & (table["rank"] > 0)].sort_values("rank")
    assert first["indicator"].tolist() == ["sanitation", "early_marriage", "egg"]


@pytest.mark.parametrize(
    ("effect", "reason"),
    [
        (None, "no_effect_estimate"),
        ((math.nan, 1.0), "no_effect_estimate"),
        ((0.5, 3.0), "effect_clear"),
        ((-0.5, 3.0), "effect_unclear"),
        ((-3.0, -0.5), "effect_opposite"),
    ],
)
def test_effect_reason(effect: tuple[float, float] | None, reason: str) -> None:
    assert effect_reason(effect) == reason


CLEAR = (1.0, 3.0)


@pytest.mark.parametrize(
    ("effect", "quality", "verdict", "status", "strength", "reasons"),
    [
        (CLEAR, "good", "show", "confirmed", 3, "effect_clear data_sound target_confirmed"),
        (CLEAR, "good", "show", "unverified", 2, "effect_clear data_sound target_unverified"),
        (CLEAR, "poor", "show", "confirmed", 2, "effect_clear quality_poor target_confirmed"),
        (CLEAR, "good", "caution", "none", 1, "effect_clear coverage_uncertain target_none"),
        (None, "caution", "show", "confirmed", 2, "no_effect_estimate data_sound target_confirmed"),
        ((-1, 3), "poor", "show", "assumed", 1, "effect_unclear quality_poor target_assumed"),
    ],
)
def test_evidence(
    effect: tuple[float, float] | None,
    quality: str,
    verdict: str,
    status: str,
    strength: int,
    reasons: str,
) -> None:
    found = evidence(effect=effect, quality=quality, verdict=verdict, target_status=status)
    assert (found.strength, " ".join(found.reasons)) == (strength, reasons)


@pytest.mark.parametrize(
    ("candidates", "chosen"),
    [
        ([], []),
        ([(1, "a", 3)], [1]),
        ([(1, "a", 3), (2, "a", 3), (3, "b", 3), (4, "c", 4)], [1, 4, 3]),
        ([(1, "a", 3), (2, "a", 3), (3, "a", 3), (4, "a", 3)], [1, 2, 3]),
        ([(1, "a", 3), (2, "b", 3), (3, "c", 3), (4, "a", 4)], [1, 2, 3]),
    ],
)
def test_choose(candidates: list[tuple[int, str, int]], chosen: list[int]) -> None:
    assert choose(candidates) == chosen


def test_programmes_and_matrix(project: Project, full: Inputs) -> None:
    table = actions_table(project, full)
    own = table.set_index(["area", "indicator"]).loc[(AREAS[0], "sanitation")]
    assert (own["opd"], own["programme"], own["opd_others"]) == ("works", "Jamban", "health")
    matrix = action_matrix(table, project.programmes)
    sanitation = matrix[(matrix["area"] == AREAS[0]) & (matrix["indicator"] == "sanitation")]
    assert sanitation["programme"].tolist() == ["STBM", "Jamban"]
    assert (matrix["gap"] > 0).all()


def test_without_programmes_the_answering_agency_stays(make_project, full: Inputs) -> None:
    project = make_project(programmes_file=None)
    table = actions_table(project, full)
    assert len(table) == 16
    own = table.set_index(["area", "indicator"]).loc[(AREAS[0], "sanitation")]
    assert (own["opd"], own["opd_others"]) == ("works", "health")
    assert table[["opd_name", "programme", "budget_source"]].isna().all(axis=None)
    assert action_matrix(table, project.programmes).empty


def test_without_coverage_no_rows(project: Project, inputs: Inputs) -> None:
    assert actions_table(project, inputs).empty


def test_shipped_programmes_name_the_sixteen_agencies_of_the_meeting() -> None:
    project = load_project()
    programmes = project.programmes
    agencies = programmes.drop_duplicates("opd").set_index("opd")["opd_name"]
    assert len(agencies.drop("kemenag")) >= 16  # the ministry's office is a partner, no OPD
    assert {"inspektorat", "rsd", "kecamatan", "setda", "bappeda", "dp3akb"} <= set(agencies.index)
    assert programmes.groupby("opd")["opd_name"].nunique().eq(1).all()
    for opd, own in programmes.groupby("opd"):
        assert set(own["indicator"]) <= set(project.pillars.indicators), opd
        assert (own["indicator"] != "").all(), opd
    assert (programmes["status"] == "unverified").all()  # no list of Jember's is published
    assert not programmes.duplicated(["opd", "programme", "indicator"]).any()
