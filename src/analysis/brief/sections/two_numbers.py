"""Why survey and routine differ: side by side, and the bridge between them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from analysis.brief import narrative as tell
from analysis.brief import tables as md
from analysis.brief.charts import bridge as chart
from analysis.brief.charts.style import load_style
from analysis.brief.data import BriefData, Standing, records
from analysis.brief.disclosure import verdict
from analysis.brief.formatting import escape, is_real
from analysis.brief.sections.places import FULL
from analysis.brief.tables import Ledger


def two_numbers(data: BriefData, ledger: Ledger) -> str:
    """Survey and routine figure side by side, D/S, and the bridge in a sentence."""
    s, say = data.standing(), data.language
    params = data.project.params
    routine = data.text(params.routine.name) if params.routine else ""
    bridge = data.here("two_numbers").sort_values("order")
    steps = [
        (str(step), float(change) if is_real(change) else None, str(status))
        for step, change, status in zip(
            bridge["step"], bridge["change"], bridge["status"], strict=True
        )
    ]
    heading = f"## {say.say('sections.two_numbers')}"
    sentences = tell.two_numbers(s, routine, steps, say)
    if s.routine_estimate is None or params.routine is None:
        return md.join(heading, md.block("missing", sentences[0]))
    share, weighed = _routine_texts(data, s, ledger)
    survey = say.say("words.suppressed"), say.say("card.hidden")
    if s.shown:
        survey = tell.percent(s, say), tell.interval(s, say)
    parts = [
        md.card(say.say("card.survey"), *survey),
        md.card(f"{say.say('card.routine')}: {escape(routine)}", share, note=weighed),
    ]
    if s.weighed_share is not None:
        ds = say.format.percent(s.weighed_share)
        ledger.add("two_numbers", s.name, "D/S", ds, s.weighed_share)
    return md.join(heading, md.cards(parts, 2), " ".join(sentences))


def _routine_texts(data: BriefData, s: Standing, ledger: Ledger) -> tuple[str, str]:
    """Routine percentage (suppressed when few) and the children weighed."""
    say = data.language
    n = s.routine_n or 0
    assert s.routine_estimate is not None
    decision = verdict(kind="routine", n=n, events=round(s.routine_estimate * n))
    label = say.say("card.routine")
    if decision.verdict == "suppress":
        ledger.add("two_numbers", s.name, label, "*", n=n, note=tell.reason(decision.reason, say))
        return say.say("words.suppressed"), tell.reason(decision.reason, say)
    text = say.format.percent(s.routine_estimate, 1)
    ledger.add("two_numbers", s.name, label, text, s.routine_estimate, n=n)
    return text, say.say("card.routine_note", n=say.format.number(n))


def bridge(data: BriefData, folder: Path, ledger: Ledger) -> str:
    """Bridge from the routine figure to the survey's."""
    say, form = data.language, data.language.format
    title = f"### {say.say('sections.two_numbers')}"
    table = data.here("two_numbers").sort_values("order")
    s = data.standing()
    if table.empty or s.routine_estimate is None or not s.shown:
        return md.join(title, md.block("missing", say.say("two.no_routine", nama=s.name)))
    steps = bridge_steps(data, table)
    drawing = chart.bridge(steps, load_style(), form, FULL)
    told = "; ".join(f"{step.label}: {step.text}" for step in steps)
    alt = say.say("two.alt", rutin=steps[0].text, survei=steps[-1].text, langkah=told)
    rows = [[escape(step.label), step.text] for step in steps]
    for step, row in zip(steps, records(table), strict=False):
        ledger.add(
            "bridge", step.label, "", step.text, row["value"], row["low"], row["high"], row["n"]
        )
    return md.join(
        title,
        say.say("two.both"),
        md.picture(drawing, folder, "bridge", alt, say.say("two.caption"), classes="wide"),
        md.data_table(say.say("two.summary"), ["", ""], rows, "lr"),
    )


def bridge_steps(data: BriefData, table: pd.DataFrame) -> list[chart.Step]:
    """Rows of the bridge as steps with ready words; first and last are totals."""
    say, form = data.language, data.language.format
    steps, before = [], None
    for row in records(table):
        code, status = str(row["step"]), str(row["status"])
        value = float(row["value"]) if is_real(row["value"]) else None
        label = say.word("step", code)
        low = float(row["low"]) if is_real(row["low"]) else None
        high = float(row["high"]) if is_real(row["high"]) else None
        if status == "not_computed" or value is None:
            why = say.word("basis", str(row["basis"]))
            text = say.say("two.not_computed", alasan=why)
            steps.append(chart.Step(label, "not_computed", before, None, None, None, text))
            continue
        if code in ("recorded", "survey"):
            text = form.percent(value, 1)
            if code == "survey" and low is not None and high is not None:
                text += f" ({form.range(low * 100, high * 100, 1)})"
            steps.append(chart.Step(label, "total", None, value, low, high, text))
        elif status == "bounded" and low is not None and high is not None:
            text = say.say("two.bounds", rentang=form.percent_range(low, high))
            steps.append(chart.Step(label, "bounded", before, before, low, high, text))
            continue
        else:
            change = float(row["change"]) if is_real(row["change"]) else value - (before or 0)
            sign = "+" if change >= 0 else "−"
            text = say.say("two.points", tanda=sign, poin=form.points(change))
            steps.append(chart.Step(label, "computed", before, value, low, high, text))
        before = value
    return steps
