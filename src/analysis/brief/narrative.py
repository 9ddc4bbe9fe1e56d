"""Sentences of the brief: each a pure function of numbers and a language.

Nothing here reads a table or knows a layout. Names that come from data are escaped
by the caller where the text becomes Markdown.
"""

from __future__ import annotations

from collections.abc import Sequence

from analysis.brief.data import Standing
from analysis.brief.formatting import decimals_for, is_real
from analysis.brief.language import Language

#: Fractions that read well: "1 in 4", "3 in 10".
_FRACTIONS = ((1, 10), (1, 8), (1, 6), (1, 5), (1, 4), (3, 10), (1, 3), (2, 5), (1, 2))
_MORE = ((3, 5), (2, 3), (7, 10), (3, 4), (4, 5), (9, 10))
MOST_WORDS = 60


def around(share: float, say: Language) -> str:
    """A share as 'about 1 in 4'."""
    if share < 0.05:
        return say.say("words.around.few", b=20)
    if share < 0.09:
        return say.say("words.around.of", a=1, b=say.format.number(1 / share))
    a, b = min((*_FRACTIONS, *_MORE), key=lambda f: abs(f[0] / f[1] - share))
    return say.say("words.around.of", a=a, b=b)


def chance(probability: float, say: Language) -> str:
    """A probability in words; never 'certain', never 'impossible'."""
    if probability < 0.01:
        return say.say("words.chance.none")
    if probability < 0.05:
        return say.say("words.chance.small")
    if probability > 0.99:
        return say.say("words.chance.sure")
    if probability > 0.95:
        return say.say("words.chance.large")
    return say.say("words.chance.of", a=min(max(int(probability * 10 + 0.5), 1), 9))


def percent(s: Standing, say: Language) -> str:
    """The estimate, with a decimal only where its interval is narrow."""
    assert s.estimate is not None
    return say.format.percent(s.estimate, decimals_for(s.low, s.high))


def interval(s: Standing, say: Language) -> str:
    """The interval of the estimate."""
    assert s.low is not None and s.high is not None
    return say.format.percent_range(s.low, s.high, decimals_for(s.low, s.high))


def reason(code: str | None, say: Language) -> str:
    """Words for the reason of a verdict."""
    return say.word("reason", code) if code else ""


def target_percent(share: float, say: Language) -> str:
    """A target: one decimal unless it is a whole number."""
    return say.format.percent(share, 0 if abs(share * 100 - round(share * 100)) < 1e-6 else 1)


def capital(text: str) -> str:
    """Text with its first letter as a capital."""
    return text[:1].upper() + text[1:]


def uncapital(text: str) -> str:
    """Text with a small first letter, unless it begins with an abbreviation.

    >>> uncapital("Sanitasi layak"), uncapital("KB pascapersalinan")
    ('sanitasi layak', 'KB pascapersalinan')
    """
    return text if len(text) > 1 and text[1].isupper() else text[:1].lower() + text[1:]


def stand(s: Standing, say: Language) -> str:
    """First sentence: where the area stands."""
    if s.estimate is None or s.reason == "not_sampled":
        return say.say("message.stand_not_sampled", nama=s.name)
    if not s.shown or s.low is None or s.high is None:
        return say.say("message.stand_suppressed", nama=s.name, alasan=reason(s.reason, say))
    key = "stand"
    if s.verdict == "caution":
        key = "stand_model_only" if s.reason == "model_only" else "stand_caution"
    sentence = say.say(
        f"message.{key}",
        sekitar=around(s.estimate, say),
        nama=s.name,
        persen=percent(s, say),
        rentang=interval(s, say),
    )
    return capital(sentence)


def sureness(s: Standing, year: int, level: str, say: Language) -> str:
    """Second sentence: against the whole place, and the chance of the target."""
    if not s.shown:
        return say.say("message.sure_hidden", tingkat=level)
    p = s.probability_at_target
    known = s.target is not None and p is not None
    target = target_percent(s.target, say) if s.target is not None else ""
    if s.level == "whole":
        if not known:
            return say.say("message.whole_no_target", tahun=year)
        key = "whole_reached" if s.word == "reached" else "whole_chance"
        words = chance(p, say) if p is not None else ""
        return say.say(f"message.{key}", tahun=year, target=target, peluang=words)
    compared = say.say(f"message.against.{s.against_whole}", tingkat=level)
    if not known:
        return say.say("message.and_no_target", banding=compared, tahun=year)
    key = "and_reached" if s.word == "reached" else "and_chance"
    words = chance(p, say) if p is not None else ""
    return say.say(f"message.{key}", banding=compared, tahun=year, peluang=words)


def gaps(names: Sequence[str] | None, level: str, say: Language) -> str:
    """Third sentence: the widest gaps in services; None when they were not measured."""
    if names is None:
        return say.say("message.gaps_absent")
    if not names:
        return say.say("message.gaps_none", tingkat=level)
    return say.say("message.gaps", celah=say.format.items(list(names)))


def key_message(
    s: Standing, gap_names: Sequence[str] | None, year: int, level: str, say: Language
) -> list[str]:
    """The three sentences of the box, at most 60 words together.

    Of two gaps the second is left out where the words would not fit.
    """
    first = [stand(s, say), sureness(s, year, level, say)]
    for count in (2, 1):
        names = None if gap_names is None else list(gap_names)[:count]
        sentences = [*first, gaps(names, level, say)]
        if words(" ".join(sentences)) <= MOST_WORDS:
            break
    return sentences


def words(text: str) -> int:
    """Count words as a reader does: a number with its sign is one."""
    return len([w for w in text.replace("\u00a0", "").split() if any(c.isalnum() for c in w)])


def measured(s: Standing, village_level: str, say: Language) -> str:
    """Children measured, and in how many villages or clusters."""
    form = say.format
    if not s.n:
        return say.say("card.confidence_note_none")
    count = form.number(s.n)
    if s.villages_sampled is not None and s.villages:
        return say.say(
            "card.confidence_note",
            n=count,
            desa=form.number(s.villages_sampled),
            semua=form.number(s.villages),
            tingkat_desa=village_level,
        )
    return say.say("card.confidence_note_psus", n=count, psu=form.number(s.psus or 0))


def bands(s: Standing, say: Language) -> str:
    """WHO bands the interval touches, in words."""
    edges = (0.025, 0.10, 0.20, 0.30)
    names = [say.say(f"ruler.bands.b{i}") for i in range(1, 6)]
    assert s.low is not None and s.high is not None
    first = sum(s.low >= e for e in edges)
    last = sum(s.high >= e for e in edges)
    if first == last:
        return say.say("ruler.band_one", a=names[first])
    return say.say("ruler.band_two", a=names[first], b=names[last])


def target_sentences(s: Standing, year: int, say: Language) -> list[str]:
    """What the target asks: the chance of having reached it, and the reduction still needed."""
    form = say.format
    if s.target is None:
        return [say.say("target.none", tahun=year)]
    target = target_percent(s.target, say)
    if not s.shown or s.probability_at_target is None:
        return [say.say("target.hidden", tahun=year, target=target)]
    sentences = [
        say.say(
            "target.chance",
            tahun=year,
            target=target,
            peluang=chance(s.probability_at_target, say),
        )
    ]
    if s.final_target is None or s.final_year is None or s.annual_reduction_needed is None:
        return sentences
    final = {"akhir": target_percent(s.final_target, say), "tahun_akhir": int(s.final_year)}
    if s.annual_reduction_needed <= 0:
        return [*sentences, say.say("target.met", **final)]
    count = s.children_to_prevent
    if count is None:
        rate = form.number(s.annual_reduction_needed, 1)
        return [*sentences, say.say("target.need_rate", poin=rate, **final)]
    need = say.say(
        "target.need",
        poin=form.number(s.annual_reduction_needed, 1),
        cegah=form.count(count),
        rentang=form.count_range(
            count if s.children_to_prevent_low is None else s.children_to_prevent_low,
            count if s.children_to_prevent_high is None else s.children_to_prevent_high,
        ),
        **final,
    )
    return [*sentences, need]


def areas_title(s: Standing, level: str, say: Language) -> str:
    """Active title of the caterpillar."""
    state = s.against_whole if s.shown else "not_compared"
    return say.say(f"areas.title.{state}", nama=s.name, tingkat=level)


def areas_title_whole(states: Sequence[str], area_level: str, level: str, say: Language) -> str:
    """Active title over all areas."""
    form = say.format
    return say.say(
        "areas.title.whole",
        atas=form.number(sum(x == "higher" for x in states)),
        bawah=form.number(sum(x == "lower" for x in states)),
        sama=form.number(sum(x == "similar" for x in states)),
        tingkat=level,
        tingkat_area=area_level,
    )


def two_numbers(
    s: Standing, routine_name: str, steps: Sequence[tuple[str, float | None, str]], say: Language
) -> list[str]:
    """Why survey and routine differ: what each counts, the widest step, and what is left.

    Parameters
    ----------
    steps
        (code, change as a share, status) of the steps between the two figures; the one
        called `remainder` is what is left.
    """
    if s.routine_estimate is None:
        return [say.say("two.no_routine", nama=s.name)]
    if not s.shown:
        return [say.say("two.hidden")]
    ds = ""
    if s.weighed_share is not None:
        hundred = say.format.number(s.weighed_share * 100)
        key = f"two.coverage.{s.weighed_basis or 'registered'}"
        ds = say.say(key, ds100=hundred, ds=say.format.percent(s.weighed_share))
    sentences = [say.say("two.sentence", rutin=routine_name, ds=ds).replace(" .", ".")]
    known = [
        (code, float(change))
        for code, change, status in steps
        if status == "computed" and code != "remainder" and is_real(change) and change is not None
    ]
    left = [c for code, c, _ in steps if code == "remainder" and c is not None and is_real(c)]
    rest = say.say("two.and_rest", poin=say.format.points(left[0])) if left else ""
    if known:
        code, change = max(known, key=lambda x: abs(x[1]))
        key = "two.step_up" if change >= 0 else "two.step_down"
        words = {"langkah": uncapital(say.word("step", code)), "poin": say.format.points(change)}
        return [*sentences, say.say(key, sisa=rest, **words)]
    if left:
        sentences.append(say.say("two.rest", poin=say.format.points(left[0])))
    return sentences


def new_cases(
    new: int | None,
    recovered: int | None,
    lost: int | None,
    months: int,
    rate: tuple[float, float, float] | None,
    say: Language,
    corrected: tuple[float, float, float] | None = None,
) -> list[str]:
    """What repeated weighing shows; None where a tally is too small to print."""
    form = say.format
    if new is None:
        return [say.say("new.hidden")]
    if new == 0:
        return [say.say("new.zero", bulan=months)]
    hidden = say.say("new.few")
    sentences = [
        say.say(
            "new.title_all",
            baru=form.number(new),
            pulih=hidden if recovered is None else form.number(recovered),
            hilang=hidden if lost is None else form.number(lost),
            bulan=months,
        )
    ]
    for key, numbers in (("new.rate", rate), ("new.corrected", corrected)):
        if numbers is not None:
            laju, low, high = numbers
            digits = decimals_for(low / 100, high / 100)
            text = {"laju": form.number(laju, digits), "rentang": form.range(low, high, digits)}
            sentences.append(say.say(key, **text))
    return sentences


def trend_refusal(
    name: str, place: str, series: Sequence[tuple[float, str, int]], say: Language
) -> list[str]:
    """Why years are not compared, and what was published for the whole place."""
    sentences = [say.say("trend.refuse", nama=name)]
    if series:
        rows = [
            say.say("trend.row", persen=say.format.percent(v, 1), survei=survey, tahun=year)
            for v, survey, year in series
        ]
        sentences.append(say.say("trend.series", wilayah=place, isi=say.format.items(rows)))
    return sentences
