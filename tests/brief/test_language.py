from __future__ import annotations

import re
from pathlib import Path

import pytest

from analysis.brief import disclosure
from analysis.brief.language import LANGUAGES, Language, catalogue, places
from analysis.errors import UserError
from analysis.prevalence.schemas import PREVALENCE
from analysis.review.twonumbers import STEPS

SOURCE = Path(disclosure.__file__).parent


def test_both_languages_say_the_same_things():
    first, second = (catalogue(code) for code in LANGUAGES)
    assert first.keys() == second.keys()
    different = [key for key in first if places(first[key]) != places(second[key])]
    assert different == []
    assert all(first.values()) or [k for k in first if not first[k]] == ["two.coverage.no_routine"]


def test_every_key_the_code_names_is_there():
    known = catalogue("id")
    code = "\n".join(p.read_text(encoding="utf-8") for p in SOURCE.rglob("*.py"))
    named = set(re.findall(r'say\(\s*"([a-z_]+(?:\.[a-z_0-9]+)+)"', code))
    assert len(named) > 60
    assert named - known.keys() == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_codes_of_other_stages_have_words(language):
    known = catalogue(language)
    methods = next(c.statistics["allowed_values"] for c in PREVALENCE.columns["method"].checks)
    wanted = [f"reason.{code}" for code in disclosure.REASONS]
    wanted += [f"words.method.{code}" for code in methods]
    wanted += [f"words.method_short.{code}" for code in methods]
    wanted += [f"step.{code}" for code in STEPS]
    assert [key for key in wanted if key not in known] == []


def test_a_code_nobody_knows_is_spelt_out():
    say = Language("id")
    assert say.word("reason", "brand_new_reason") == "brand new reason"
    assert say.word("reason", None) == ""


def test_a_language_without_messages_is_one_sentence():
    with pytest.raises(UserError, match="allowed: id, en"):
        Language("jv")


@pytest.mark.parametrize("language", LANGUAGES)
def test_signs_are_those_the_fonts_have(language):
    from fontTools.ttLib import TTFont

    fonts = Path(__file__).parents[2] / "reports" / "fonts"
    letters = set("".join(catalogue(language).values()))
    for file in ("SourceSans3-Regular.ttf", "SourceSans3-SemiBold.ttf"):
        font = set(TTFont(fonts / file).getBestCmap())
        assert {c for c in letters if ord(c) not in font} == set()
