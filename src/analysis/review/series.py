"""Published survey figures over time, and which of them may be compared.

Two surveys are comparable when they carry the same name: SSGI with SSGI, but not SSGI
with SKI, SSGBI or Riskesdas, whose sample, season and instrument differ. `review.comparable`
in the params may declare others so. A rate of change is computed between comparable
surveys only; a change inside the noise is called so.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pandas as pd
from scipy import stats

from analysis.errors import UserError
from analysis.indicators import read_csv_text
from analysis.params import Thresholds
from analysis.project import Project
from analysis.review.inputs import Inputs, one_row
from analysis.review.probability import Estimate
from analysis.review.targets import annual_rate

SERIES_FILE = ("year", "survey", "area", "prevalence_pct", "n_children", "note", "source")
ADMINISTRATIVE_FILE = ("year", "period", "prevalence_pct", "note", "source")
#: Design effect assumed for published figures: ten households a block at a cluster ICC of
#: .054 give 1 + 9 × .054 (Fenn et al. 2004).
ASSUMED_DEFF = 1.5


def series_table(project: Project, inputs: Inputs) -> pd.DataFrame:
    """Published figures by place and year, with the run's own survey last.

    Returns
    -------
    DataFrame
        `scope place year survey estimate low high n n_basis comparable since change
        change_low change_high probability_fall word annual_rate break note source`:
        `since` is the year of the latest comparable survey before; `break` says that the
        figure just before is another instrument. Empty without a file and an estimate.
    """
    params = project.params
    rows = published_series(project) + own_survey(project, inputs)
    if not rows:
        return pd.DataFrame(columns=list(COLUMNS))
    groups = comparable_groups(project)
    table = pd.DataFrame(rows).sort_values(["scope", "year"], kind="stable", ignore_index=True)
    table = add_noise(table, params.estimation.level)
    parts = [
        add_changes(group, groups, params.thresholds, params.estimation.level)
        for _, group in table.groupby("scope", sort=False)
    ]
    return pd.concat(parts, ignore_index=True)[list(COLUMNS)]


COLUMNS = (
    "scope",
    "place",
    "year",
    "survey",
    "estimate",
    "low",
    "high",
    "n",
    "n_basis",
    "break",
    "since",
    "change",
    "change_low",
    "change_high",
    "probability_fall",
    "word",
    "annual_rate",
    "note",
    "source",
)


def published_series(project: Project) -> list[dict[str, object]]:
    """Rows of the series file; none when the params name no file.

    Raises
    ------
    UserError
        A year, percentage or number of children is not one.
    """
    if project.params.review.series_file is None:
        return []
    path = project.beside(project.params.review.series_file)
    table = read_csv_text(path, SERIES_FILE)
    rows: list[dict[str, object]] = []
    for line, row in enumerate(table.to_dict("records"), start=2):
        n = number(row["n_children"], path.name, line, "n_children")
        rows.append(
            {
                "scope": scope_of(project, row["area"]),
                "place": row["area"],
                "year": int(number(row["year"], path.name, line, "year")),
                "survey": row["survey"],
                "estimate": number(row["prevalence_pct"], path.name, line, "prevalence_pct") / 100,
                "n": n,
                "n_basis": "published" if n == n else "none",
                "note": row["note"],
                "source": row["source"],
            }
        )
    return rows


def number(text: str, file: str, line: int, column: str) -> float:
    """Parse a number of a reviewed CSV; NaN where it is blank.

    Raises
    ------
    UserError
        It is not one.
    """
    if not text.strip():
        return math.nan
    try:
        return float(text)
    except ValueError as error:
        raise UserError(
            f"{file}, row {line}: '{text}' in column '{column}' is not a number "
            "(write 30.4 with a point, or leave it blank)."
        ) from error


def scope_of(project: Project, place: str) -> str:
    """Return whole (this place), province or other (the nation) for a place of the series."""
    params = project.params.place
    if place in (params.name, params.full_name.id, params.full_name.en):
        return "whole"
    return "province" if place == params.province else "nation"


def own_survey(project: Project, inputs: Inputs) -> list[dict[str, object]]:
    """Return the run's own estimate as a row of the series."""
    stunting = inputs.stunting()
    if project.whole not in stunting.index:
        return []
    row, survey = one_row(stunting, project.whole), project.params.survey
    return [
        {
            "scope": "whole",
            "place": project.params.place.name,
            "year": survey.year,
            "survey": survey.name[project.params.language],
            "estimate": float(row["estimate"]),
            "low": float(row["low"]),
            "high": float(row["high"]),
            "n": float(row["n"]),
            "n_basis": "measured",
            "note": "",
            "source": "",
        }
    ]


def comparable_groups(project: Project) -> tuple[frozenset[str], ...]:
    """Groups of surveys the params declare comparable, beyond surveys of one name."""
    declared: Sequence[Sequence[str]] = project.params.review.comparable
    return tuple(frozenset(group) for group in declared)


def are_comparable(first: str, second: str, groups: Sequence[frozenset[str]]) -> bool:
    """Whether two surveys may be compared."""
    return first == second or any({first, second} <= group for group in groups)


def add_noise(table: pd.DataFrame, level: float) -> pd.DataFrame:
    """Give intervals to figures published without, from their number of children.

    Where a place's number is published for one year only, the same is assumed for its
    other years of the same survey (`n_basis` assumed); where for none, there is no interval.
    """
    table = table.copy()
    for column in ("low", "high"):
        if column not in table:
            table[column] = math.nan
    known = table[table["n_basis"] == "published"].groupby(["scope", "survey"])["n"].median()
    assumed = {key: float(n) for key, n in known.items()}
    rows: list[dict[str, Any]] = table.to_dict("records")  # type: ignore[assignment]
    for row in rows:
        key = (row["scope"], row["survey"])
        if math.isnan(row["n"]) and key in assumed:
            row["n"], row["n_basis"] = assumed[key], "assumed"
        if not math.isnan(row["n"]) and math.isnan(row["low"]):
            row["low"], row["high"] = published_interval(row["estimate"], row["n"], level)
    return pd.DataFrame(rows)


def published_interval(share: float, n: float, level: float) -> tuple[float, float]:
    """Logit interval of a published share of `n` children at the assumed design effect."""
    z = float(stats.norm.ppf((1 + level) / 2))
    half = z * math.sqrt(ASSUMED_DEFF / (n * share * (1 - share)))
    odds = share / (1 - share)
    low, high = odds * math.exp(-half), odds * math.exp(half)
    return low / (1 + low), high / (1 + high)


def add_changes(
    series: pd.DataFrame, groups: Sequence[frozenset[str]], thresholds: Thresholds, level: float
) -> pd.DataFrame:
    """Change of one place's figures since the latest comparable survey."""
    rows: list[dict[str, Any]] = series.to_dict("records")  # type: ignore[assignment]
    for i, row in enumerate(rows):
        before = rows[i - 1] if i else None
        row["break"] = bool(before and not are_comparable(before["survey"], row["survey"], groups))
        earlier = [r for r in rows[:i] if are_comparable(r["survey"], row["survey"], groups)]
        row.update(change_since(earlier[-1] if earlier else None, row, thresholds, level))
        if not i:
            row["word"] = "first"
    return pd.DataFrame(rows)


def change_since(
    before: dict[str, Any] | None,
    now: dict[str, Any],
    thresholds: Thresholds,
    level: float,
) -> dict[str, Any]:
    """Change, its interval, the probability of a fall, the word, and the yearly rate."""
    blank = dict.fromkeys(("change", "change_low", "change_high", "probability_fall"), math.nan)
    if before is None:
        return {**blank, "since": None, "annual_rate": math.nan, "word": "not_comparable"}
    start, end = float(before["estimate"]), float(now["estimate"])
    years = int(now["year"]) - int(before["year"])
    errors = [_standard_error(row, level) for row in (before, now)]
    se = math.hypot(*errors)
    z = float(stats.norm.ppf((1 + level) / 2))
    chance = float(stats.norm.cdf((start - end) / se)) if se > 0 else math.nan
    return {
        "since": before["year"],
        "change": end - start,
        "change_low": end - start - z * se,
        "change_high": end - start + z * se,
        "probability_fall": chance,
        "word": change_word(chance, thresholds),
        "annual_rate": annual_rate(start, end, years),
    }


def _standard_error(row: dict[str, Any], level: float) -> float:
    value, low, high = (float(row[c]) for c in ("estimate", "low", "high"))
    estimate = Estimate(value, low, high, level)
    return estimate.logit_se() * value * (1 - value) if estimate.known else math.nan


def change_word(probability_fall: float, thresholds: Thresholds) -> str:
    """fell, rose, within_noise, or noise_unknown where no number of children is published."""
    if math.isnan(probability_fall):
        return "noise_unknown"
    if probability_fall >= thresholds.probability_high:
        return "fell"
    return "rose" if probability_fall <= thresholds.probability_low else "within_noise"
