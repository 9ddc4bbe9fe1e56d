"""Names of levels, and how one estimate is written."""

from __future__ import annotations

from analysis.brief import narrative as tell
from analysis.brief.data import BriefData, Standing
from analysis.brief.formatting import escape
from analysis.indicators import Indicator

FULL, LEFT, RIGHT, HALF = 180.0, 105.0, 70.0, 87.0


def level_word(data: BriefData) -> str:
    """What the whole place is called, e.g. kabupaten."""
    return data.text(data.project.params.place.level)


def area_word(data: BriefData) -> str:
    """What an area is called inside a sentence, e.g. kecamatan."""
    return data.text(data.project.params.place.area_level).lower()


def village_word(data: BriefData) -> str:
    """What the unit below an area is called."""
    return data.text(data.project.params.place.village_level)


def short_label(text: str) -> str:
    """Label without its bracketed remark, with a small first letter."""
    return tell.uncapital(text.split(" (")[0])


def gap_name(data: BriefData, code: str) -> str:
    """Name of an indicator inside a sentence; its label where the catalogue has none."""
    key = f"gap.{code}"
    if data.language.known(key):
        return data.language.say(key)
    return escape(short_label(data.label(code)))


def standings(data: BriefData) -> list[Standing]:
    """Every area of the review."""
    rows = data.table("review")
    codes = rows[rows["level"] == "area"]["area"]
    return [data.standing(code) for code in codes]


def estimate_text(s: Standing, data: BriefData) -> str:
    """Estimate with interval; brackets for caution, a star where it is not shown."""
    say = data.language
    if not s.shown or s.low is None or s.high is None:
        return f"[{say.say('words.suppressed')}]{{.suppressed}}"
    value, limits = tell.percent(s, say), tell.interval(s, say)
    return f"({value}; {limits})" if s.verdict == "caution" else f"{value} ({limits})"


def state_text(state: str, data: BriefData) -> str:
    """Three-state word with its sign, as a coloured span."""
    classes = {
        "higher": "higher",
        "lower": "lower",
        "similar": "same",
        "not_compared": "not-compared",
    }
    return f"[{data.language.say(f'spine.sign.{state}')}]{{.{classes[state]}}}"


def share_as_labelled(indicator: Indicator, share: float) -> float:
    """A share in the favourable state turned into what the label counts."""
    return float(share) if indicator.better == "higher" else 1 - float(share)


def as_labelled(
    indicator: Indicator, coverage: float, low: float, high: float
) -> tuple[float, float, float]:
    """Coverage of the favourable state, and its limits, turned into what the label counts."""
    value, low, high = (share_as_labelled(indicator, x) for x in (coverage, low, high))
    return (value, low, high) if indicator.better == "higher" else (value, high, low)
