import math
from collections.abc import Callable

import pytest

from analysis.errors import UserError
from analysis.params import Thresholds
from analysis.project import Project
from analysis.review.figures import comparison_reason, figures_table, split_bound
from analysis.review.inputs import Inputs
from analysis.review.series import (
    are_comparable,
    change_word,
    published_interval,
    series_table,
)
from analysis.review.status import review_table

from .conftest import WHOLE  # noqa: F401


def test_changes_only_between_comparable_surveys(project: Project, inputs: Inputs) -> None:
    table = series_table(project, inputs)
    own = table[table["scope"] == "whole"].set_index("year")
    assert own["survey"].tolist() == ["SSGI", "SSGI", "SKI", "SSGI", "Survei Contoh"]
    assert own["break"].tolist() == [False, False, True, True, True]
    assert own["since"].fillna(0).tolist() == [0, 2021, 0, 2022, 0]
    assert own["word"].tolist() == ["first", "rose", "not_comparable", "fell", "not_comparable"]
    assert own.loc[2024, "annual_rate"] == pytest.approx(0.0667, abs=1e-4)
    assert math.isnan(own.loc[2023, "annual_rate"])
    assert own["n_basis"].tolist() == ["assumed", "assumed", "none", "published", "measured"]


def test_unknown_number_of_children_means_unknown_noise(project: Project, inputs: Inputs) -> None:
    table = series_table(project, inputs)
    province = table[table["scope"] == "province"].iloc[-1]
    assert province["word"] == "noise_unknown"
    assert province["annual_rate"] == pytest.approx(1 - (14.7 / 19.2) ** 0.5)
    assert table[table["scope"] == "nation"]["word"].tolist() == ["first"]


def test_published_interval_at_the_assumed_design_effect() -> None:
    """Facts: 836 children, 30.4 %, design effect 1.5 give 26.6 to 34.2 on the plain scale."""
    low, high = published_interval(0.304, 836, 0.95)
    assert (low, high) == pytest.approx((0.267, 0.343), abs=0.002)


@pytest.mark.parametrize(
    ("first", "second", "groups", "expected"),
    [
        ("SSGI", "SSGI", (), True),
        ("SSGI", "SKI", (), False),
        ("SSGI", "SKI", (frozenset({"SSGI", "SKI"}),), True),
        ("SSGI", "Riskesdas", (frozenset({"SSGI", "SKI"}),), False),
    ],
)
def test_comparable(
    first: str, second: str, groups: tuple[frozenset[str], ...], expected: bool
) -> None:
    assert are_comparable(first, second, groups) is expected


@pytest.mark.parametrize(
    ("probability", "word"),
    [(0.95, "fell"), (0.5, "within_noise"), (0.05, "rose"), (math.nan, "noise_unknown")],
)
def test_change_word(probability: float, word: str) -> None:
    assert change_word(probability, Thresholds()) == word


def test_a_number_that_is_none_names_file_and_row(
    make_project: Callable[..., Project], inputs: Inputs
) -> None:
    project = make_project()
    path = project.beside("series.csv")
    path.write_text(path.read_text().replace("34.9", "34;9"), encoding="utf-8")
    with pytest.raises(UserError, match=r"series\.csv, row 3: .*prevalence_pct"):
        series_table(project, inputs)


def test_figures_side_by_side(project: Project, inputs: Inputs) -> None:
    series = series_table(project, inputs)
    table = figures_table(project, review_table(project, inputs), series)
    survey = table[table["kind"] == "survey"]
    assert survey["place"].tolist() == ["Contoh", "Contoh", "Provinsi", "Indonesia"]
    assert survey["comparable"].tolist() == [True, False, False, False]
    office = table[table["kind"] == "administrative"]
    assert office["qualifier"].tolist() == ["<", ""]
    assert office["estimate"].tolist() == pytest.approx([0.10, 0.114])
    assert not office["comparable"].any()


@pytest.mark.parametrize(
    ("scope", "same_instrument", "same_year", "reason"),
    [
        ("whole", True, False, "same_instrument"),
        ("whole", False, True, "other_instrument"),
        ("nation", True, False, "other_place_and_year"),
        ("nation", True, True, "same_instrument"),
    ],
)
def test_comparison_reason(scope: str, same_instrument: bool, same_year: bool, reason: str) -> None:
    found = comparison_reason(scope=scope, same_instrument=same_instrument, same_year=same_year)
    assert found == reason


@pytest.mark.parametrize(
    ("text", "expected"), [("11.4", ("", 0.114)), ("<10", ("<", 0.10)), ("≈ 9", ("", math.nan))]
)
def test_split_bound(text: str, expected: tuple[str, float]) -> None:
    found = split_bound(text)
    assert found[0] == expected[0]
    assert found[1] == pytest.approx(expected[1], nan_ok=True)
