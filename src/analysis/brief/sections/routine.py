"""What routine weighing shows: new cases, and villages."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.brief import narrative as tell
from analysis.brief import tables as md
from analysis.brief.charts import newcases
from analysis.brief.charts.style import load_style
from analysis.brief.data import BriefData, records
from analysis.brief.disclosure import suppress_counts
from analysis.brief.formatting import escape, is_real
from analysis.brief.sections.places import HALF, village_word
from analysis.brief.tables import Ledger
from analysis.review.routine import month_number, month_text

VILLAGE_ROWS = 12


def new_cases(data: BriefData, folder: Path, ledger: Ledger) -> str:
    """New cases, recoveries and children not weighed again, by month or longer."""
    say = data.language
    title = f"### {say.say('sections.new_cases')}"
    table = data.here("new_cases")
    months = table[table["month"] != "all"].sort_values("month")
    overall = table[table["month"] == "all"]
    if months.empty or overall.empty:
        return md.join(title, md.block("missing", say.say("new.absent")))
    periods, unit = _periods(data, months)
    total = overall.iloc[0]
    new, recovered, lost = (_tally(total[k]) for k in ("new", "recovered", "lost"))
    rate = None
    if is_real(total["rate"]) and new is not None:
        rate = (float(total["rate"]), float(total["low"]), float(total["high"]))
        ledger.add(
            "new_cases",
            data.name,
            say.say("new.measure.rate"),
            say.format.number(rate[0], 1),
            *rate,
            total["at_risk"],
        )
    for key, value in (("new", new), ("recovered", recovered), ("lost", lost)):
        ledger.add(
            "new_cases",
            data.name,
            say.say(f"new.measure.{key}"),
            "*" if value is None else str(value),
            value,
        )
    corrected = None
    if rate is not None and is_real(total.get("rate_corrected")):
        corrected = (
            float(total["rate_corrected"]),
            float(total["corrected_low"]),
            float(total["corrected_high"]),
        )
        shown = say.format.number(corrected[0], 1)
        ledger.add("new_cases", data.name, say.say("new.measure.corrected"), shown, *corrected)
    span = _months(total, months)
    sentences = tell.new_cases(new, recovered, lost, span, rate, say, corrected)
    word = say.say(f"new.unit.{unit}")
    legend = (
        say.say("new.legend.new"),
        say.say("new.legend.recovered"),
        say.say("new.legend.zero"),
    )
    star = "*"
    told = [
        say.say(
            "new.alt_row", label=p.label, baru=star if p.new is None else p.new,
            pulih=star if p.recovered is None else p.recovered,
        )
        for p in periods
    ]  # fmt: skip
    alt = say.say(
        "new.alt", satuan=word, awal=periods[0].label, akhir=periods[-1].label, isi="; ".join(told)
    )
    body = [
        [
            p.label,
            *(say.say("words.suppressed") if v is None else str(v) for v in (p.new, p.recovered)),
        ]
        for p in periods
    ]
    picture = [md.block("reading", say.say("new.too_few"))]
    if _tells(periods):
        drawing = newcases.newcases(periods, legend, load_style(), say.format, HALF, 32)
        picture = [
            md.picture(drawing, folder, "newcases", alt),
            md.block("reading", _caption(data, periods, word)),
        ]
    return md.join(
        title,
        " ".join(sentences),
        *picture,
        md.data_table(
            say.say("new.summary", satuan=word), [tell.capital(word), *legend[:2]], body, "lrr"
        ),
    )


def _caption(data: BriefData, periods: list[newcases.Period], unit: str) -> str:
    """What the bars count, and what a star or a gap means where there is one."""
    say = data.language
    parts = [say.say("new.caption", satuan=unit)]
    if any(p.new is None or p.recovered is None for p in periods):
        parts.append(say.say("new.caption_hidden"))
    if periods[-1].at + 1 > len(periods):
        parts.append(say.say("new.gaps"))
    return " ".join(parts)


def _months(total: pd.Series, months: pd.DataFrame) -> int:
    """Months from the first to the last record."""
    ends = month_number(pd.Series([total.get("window_start"), total.get("window_end")]))
    if ends.isna().any():
        ends = month_number(months["month"])
    return int(ends.iloc[-1] - ends.iloc[0])


def _tally(value: Any) -> int | None:
    """Return a count of children, None where it is 1 to 4 or unknown."""
    if not is_real(value):
        return None
    count = int(value)
    return None if suppress_counts([count]) == (True,) else count


def _tells(periods: Sequence[newcases.Period]) -> bool:
    """Whether a picture has a bar to show, or shows that there was no case at all."""
    shown = [count for p in periods for count in (p.new, p.recovered)]
    return any(shown) or None not in shown


def _periods(data: BriefData, months: pd.DataFrame) -> tuple[list[newcases.Period], str]:
    """Months, or quarters or half-years where months would mostly be suppressed."""
    for unit, size in (("month", 1), ("quarter", 3), ("half", 6)):  # noqa: B007
        periods = _grouped(data, months, size)
        hidden = sum(p.new is None for p in periods)
        if hidden <= len(periods) / 3 and _tells(periods):
            break
    return periods, unit


def _grouped(data: BriefData, months: pd.DataFrame, size: int) -> list[newcases.Period]:
    """Tallies of `size` months together, small ones hidden."""
    number = month_number(months["month"]).astype(int)
    sums = (
        months.assign(_place=number // size)
        .groupby("_place", sort=True)[["new", "recovered"]]
        .sum()
    )
    new, recovered = ([int(x) for x in sums[k]] for k in ("new", "recovered"))
    hidden = suppress_counts(new), suppress_counts(recovered)
    ends = int(number.min()), int(number.max())
    place = [int(x) for x in sums.index]
    return [
        newcases.Period(
            _period_label(data, at * size, at * size + size - 1, ends),
            None if h0 else n,
            None if h1 else r,
            at - place[0],
        )
        for at, n, r, h0, h1 in zip(place, new, recovered, *hidden, strict=True)
    ]


def _period_label(data: BriefData, first: int, last: int, ends: tuple[int, int]) -> str:
    """Months of a period, as far as the records reach."""
    say = data.language
    first, last = max(first, ends[0]), min(last, ends[1])
    start, end = (say.format.month(month_text(m), short=True) for m in (first, last))
    return end if first == last else say.say("new.span", awal=start.split(" ")[0], akhir=end)


def villages(data: BriefData, ledger: Ledger) -> str:
    """Routine figures by village, small numbers hidden, lokus marked."""
    say, params = data.language, data.project.params
    word = village_word(data)
    title = f"### {say.say('sections.villages_of', tingkat_desa=tell.capital(word))}"
    table = data.here("priorities")
    table = table[table["kind"] == "village"]
    if table.empty or params.routine is None:
        return md.join(title, md.block("missing", say.say("villages.absent", tingkat_desa=word)))
    names = data.project.register.villages["name"]
    named = [str(names.get(code, code)) for code in table["village"]]
    table = table.assign(_name=named).sort_values("_name")
    families = "families" in table and table["families"].notna().any()
    keys = ("name", "weighed", "stunted", *(("families",) if families else ()))
    head = [say.say(f"villages.head.{k}", tingkat_desa=tell.capital(word)) for k in keys]
    body = [_village(data, row, ledger)[: len(keys)] for row in records(table)]
    notes = [say.say("villages.hidden_note")]
    if families and table["locus"].notna().any():
        limit = say.format.number(params.thresholds.family_risk)
        notes.append(say.say("villages.rule", n=limit))
    if len(body) > VILLAGE_ROWS:
        notes.append(say.say("villages.more", n=len(body) - VILLAGE_ROWS))
    return md.join(
        title,
        md.block(
            "table compact",
            md.pipe_table(head, body[:VILLAGE_ROWS], "lrrr"),
            widths="30 18.5 20 31.5" if families else "46 26 28",
        ),
        md.block(
            "reading",
            " ".join(
                [say.say("villages.intro", rutin=escape(data.text(params.routine.name))), *notes]
            ),
        ),
    )


def _village(data: BriefData, row: dict[str, Any], ledger: Ledger) -> list[str]:
    say, form = data.language, data.language.format
    name = str(row["_name"])
    star = f"[{say.say('words.suppressed')}]{{.suppressed}}"
    hidden = row["verdict"] == "suppress" or not is_real(row["rate"])
    mark = " " + say.say("villages.locus") if row["locus"] is True or row["locus"] == True else ""  # noqa: E712
    weighed = form.number(float(row["n"])) if is_real(row["n"]) else star
    count = row.get("families")
    families = say.say("words.no_value")
    if count is not None and is_real(count):
        families = form.number(float(count))
    label = escape(name) + mark
    if hidden:
        ledger.add("villages", name, say.say("villages.head.stunted"), "*", n=row["n"])
        return [label, weighed, star, families]
    rate = float(row["rate"])
    key = "villages.stunted_caution" if row["verdict"] == "caution" else "villages.stunted"
    shown = say.say(
        key,
        n=form.number(float(row["stunted"])),
        persen=form.percent(rate),
    )
    ledger.add("villages", name, say.say("villages.head.stunted"), shown, rate, n=row["n"])
    return [label, weighed, shown, families]
