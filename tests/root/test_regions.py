"""Names of areas are matched to codes; near misses are suggested, never accepted."""

import pytest

from analysis.errors import UserError
from analysis.project import load_project
from analysis.regions import normalise


@pytest.mark.parametrize(
    ("spelling", "code"),
    [
        ("Patrang", "35.09.20"),
        ("PATRANG ", "35.09.20"),
        ("Kec. Sumber Baru", "35.09.03"),
        ("SUMBERBARU", "35.09.03"),
        ("gumuk mas", "35.09.04"),
        ("35.09.30", "35.09.30"),
        ("3509070", "35.09.30"),
    ],
)
def test_spellings_find_their_area(spelling: str, code: str) -> None:
    assert load_project().register.find(spelling) == code


def test_near_miss_is_suggested_not_accepted() -> None:
    with pytest.raises(UserError, match="Did you mean 'Patrang'"):
        load_project().register.find("Patrangg")


def test_far_miss_has_no_suggestion() -> None:
    with pytest.raises(UserError) as caught:
        load_project().register.find("Xyzzy")
    assert "Did you mean" not in str(caught.value)


def test_every_spelling_belongs_to_one_area() -> None:
    register = load_project().register
    assert len(register.names()) >= 2 * len(register.codes)
    assert set(register.names().values()) == set(register.codes)


def test_normalise_keeps_a_name_that_is_only_a_generic_word() -> None:
    assert normalise("Desa") == "desa"
    assert normalise("Desa Suci") == "suci"


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        (["Patrang", "Silo"], ["35.09.20", "35.09.30"]),
        (["Sumber", "Baru"], ["35.09.03"]),
        (["Sumber", "Baru,", "Silo"], ["35.09.03", "35.09.30"]),
        (["Silo", "Silo"], ["35.09.30"]),
    ],
)
def test_names_on_a_command_line(words: list[str], codes: list[str]) -> None:
    assert load_project().register.find_all(words) == codes


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        (["Jember"], []),
        (["kabupaten", "jember"], []),
        (["35.09"], []),
        (["Jember", "Silo"], ["35.09.30"]),
        (["Sumber", "Baru"], ["35.09.03"]),
    ],
)
def test_whole_place_on_a_command_line(words: list[str], codes: list[str]) -> None:
    assert load_project().areas_named(words) == codes


def test_one_unknown_name_among_several_is_named() -> None:
    with pytest.raises(UserError, match="'Silu'"):
        load_project().register.find_all(["Patrang", "Silu"])
