"""What goes with stunting: differences per 100 children, and children here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from analysis.brief import narrative as tell
from analysis.brief import tables as md
from analysis.brief.charts import effects as chart
from analysis.brief.charts.style import load_style
from analysis.brief.data import BriefData, records
from analysis.brief.formatting import escape, is_real
from analysis.brief.sections.places import FULL, level_word
from analysis.brief.tables import Ledger

EFFECT_ROWS = 8


def factors(data: BriefData, folder: Path, ledger: Ledger, most: int = EFFECT_ROWS) -> str:
    """What goes with stunting: differences per 100 children, and children here."""
    say = data.language
    title = f"### {say.say('sections.effects')}"
    rows = _effect_rows(data)
    if not rows:
        return md.join(title, md.block("missing", say.say("effects.absent")))
    for row, raw in rows:
        ledger.add(
            "effects", row.label, say.say("effects.heads.value"), row.value_text,
            row.value, row.low, row.high, raw["n"], note=raw["full"],
        )  # fmt: skip
    kept = sorted(rows, key=lambda r: -r[1]["order"])[:most]
    paper = [row for row, raw in rows if any(row is k for k, _ in kept)]
    heads = [say.say(f"effects.heads.{k}") for k in ("label", "picture", "value", "count")]
    drawing = chart.effects(paper, heads, load_style(), say.format, FULL)
    told = [
        say.say(
            "effects.alt_row", faktor=r.label, nilai=say.format.number(r.value, 1),
            rentang=say.format.range(r.low, r.high, 1),
        )
        for r in paper
    ]  # fmt: skip
    caption = say.say("effects.caption", nama=data.name)
    body = [[escape(r.label), r.value_text, raw["full"].replace("*", "\\*")] for r, raw in rows]
    return md.join(
        title,
        say.say("effects.intro", tingkat=level_word(data), n=say.format.number(rows[0][1]["n"])),
        md.picture(
            drawing, folder, "effects", say.say("effects.alt", isi="; ".join(told)), classes="wide"
        ),
        md.block("reading", caption),
        md.data_table(say.say("effects.summary"), [heads[0], heads[2], heads[3]], body, "lrr"),
    )


def _effect_rows(data: BriefData) -> list[tuple[chart.EffectRow, dict[str, Any]]]:
    """Published effects of modifiable conditions, in the order of the pillars file."""
    table = data.table("effects")
    table = table[
        (table["outcome"] == "stunted")
        & table["published"].fillna(False).astype(bool)
        & table["category"].isna()
    ]
    rows_here = data.here("attributable")
    here = {str(r["code"]): r for r in records(rows_here[rows_here["kind"] == "indicator"])}
    shorts = {p.number: data.text(p.short) for p in data.project.pillars.pillars}
    wanted = data.project.pillars.modifiable()
    hidden = not data.standing().shown
    rows = []
    for raw in records(table):
        code = str(raw["indicator"])
        indicator = wanted.get(code)
        if indicator is None or indicator.pillar is None or not is_real(raw["per_100"]):
            continue
        form = data.language.format
        value, low, high = (float(raw[k]) for k in ("per_100", "per_100_low", "per_100_high"))
        sign = "+" if value > 0 else ""
        children = here.get(code)
        label = indicator.unfavourable or indicator.label
        row = chart.EffectRow(
            label=tell.capital(data.text(label)),
            group=shorts[indicator.pillar],
            value=value,
            low=low,
            high=high,
            value_text=data.language.say(
                "effects.value",
                tanda=sign,
                nilai=form.number(value, 1),
                rentang=form.range(low, high, 1),
            ),
            count_text=_attributable(data, children, hidden),
        )
        # Clear ones first, then the larger: paper has room for the first few.
        order = value + 1000.0 * (low > 0)
        place = list(wanted).index(code)
        numbers = {
            "order": order,
            "n": float(raw["n"]),
            "full": _attributable(data, children, hidden, words=False),
        }
        rows.append((indicator.pillar, place, row, numbers))
    rows.sort(key=lambda r: (r[0], r[1]))
    return [(row, numbers) for _, _, row, numbers in rows]


def _attributable(
    data: BriefData, row: dict[str, Any] | None, hidden: bool, *, words: bool = True
) -> str:
    """Stunted children here that go with a factor; in words where the sign is not clear."""
    say = data.language
    if hidden:
        return say.say("effects.count_hidden")
    if row is None or not is_real(row["stunted_children"]):
        return say.say("words.no_value")
    value, low, high = (float(row[k]) for k in ("stunted_children", "low", "high"))
    if words and value == low == high == 0:
        return say.say("effects.count_met")
    if words and low < 0 < high:
        return say.say("effects.count_unclear")
    limits = say.format.count_range(low, high)
    return say.say("effects.count", anak=say.format.count(value), rentang=limits)
