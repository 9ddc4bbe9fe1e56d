"""Data quality as a table: each indicator with its value, limit, verdict and consequence.

Sources: WHO/UNICEF, Recommendations for data collection, analysis and reporting on anthropometric
indicators in children under 5 years old (2019); SMART Manual 2.0 (2017); NiPN data quality toolkit.
Limits no source gives are the project's own and say so in `source`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.errors import UserError
from analysis.intake.quality.attendance import attendance
from analysis.intake.quality.checks import CHECKS, MINIMUM, Check, Found, Records, records
from analysis.intake.quality.limits import LIMITS, Limit, Verdict, limits_with

__all__ = ["COLUMNS", "LIMITS", "limits_with", "quality", "quality_table"]

Scope = Literal["survey", "routine"]
Row = tuple[object, ...]
COLUMNS = (
    "scope",
    "kecamatan",
    "unit",
    "indicator",
    "value",
    "n",
    "threshold",
    "verdict",
    "source",
    "consequence",
)


def quality_table(
    children: pd.DataFrame | None,
    visits: pd.DataFrame | None = None,
    register: pd.DataFrame | None = None,
    *,
    limits: Mapping[str, Limit] = LIMITS,
    whole: str = "all",
) -> pd.DataFrame:
    """Quality of survey and routine data, for the whole place, each area, team and posyandu.

    Parameters
    ----------
    children, visits
        Survey and routine records (see `intake.schemas`); any column may be absent.
    register
        `kecamatan`, `balita`: the denominator of D/S (see `attendance`).
    limits
        Limits by indicator; `limits_with` makes them from a run's thresholds.
    whole
        What stands in `kecamatan` for the whole place.

    Returns
    -------
    pandas.DataFrame
        `COLUMNS`; shares are between 0 and 1. `not_computed`, without value, where a column is
        absent or under 30 records are there.
    """
    tables = []
    if children is not None and len(children):
        tables.append(quality(children, by=("team",), limits=limits, whole=whole))
    if visits is not None and len(visits):
        by = [name for name in ("kecamatan", "desa", "posyandu") if name in visits]
        by = by if "posyandu" in by else []
        tables.append(quality(visits, by=by, scope="routine", limits=limits, whole=whole))
        tables.append(_attended(visits, register, limits["d_s"], whole))
    if not tables:
        return _table([])
    return pd.concat(tables, ignore_index=True)


def quality(
    frame: pd.DataFrame,
    by: Sequence[str] = (),
    *,
    scope: Scope = "survey",
    limits: Mapping[str, Limit] = LIMITS,
    whole: str = "all",
) -> pd.DataFrame:
    """Quality of one set of records, by area, and by unit where `by` names its columns.

    Parameters
    ----------
    by
        Columns that together name a unit, the unit's own name last: `("team",)` or
        `("kecamatan", "desa", "posyandu")`. Columns that are absent give no units.

    Returns
    -------
    pandas.DataFrame
        As `quality_table`.

    Raises
    ------
    UserError
        `scope` is neither `survey` nor `routine`.
    """
    if scope not in ("survey", "routine"):
        raise UserError(f"scope is '{scope}', but must be survey or routine.")
    everything = records(frame)
    asked = {name: check for name, check in CHECKS.items() if getattr(check, scope)}
    rows: list[Row] = []
    for kecamatan, part in _areas(frame, everything, whole):
        rows += _rows(scope, kecamatan, "", part, asked, limits)
    of_units = {name: check for name, check in asked.items() if check.by_unit}
    for kecamatan, unit, part in _units(frame, everything, by, whole):
        rows += _rows(scope, kecamatan, unit, part, of_units, limits)
    return _table(rows)


def _areas(frame: pd.DataFrame, r: Records, whole: str) -> Iterator[tuple[str, Records]]:
    yield whole, r
    if "kecamatan" in frame:
        for key, rows in _groups(frame, ["kecamatan"]):
            yield key[0], r.take(rows)


def _units(
    frame: pd.DataFrame, r: Records, by: Sequence[str], whole: str
) -> Iterator[tuple[str, str, Records]]:
    if not by or not set(by) <= set(frame.columns):
        return
    for key, rows in _groups(frame, list(by)):
        named = dict(zip(by, key, strict=True))
        kecamatan = named.pop("kecamatan", whole)
        # Posts of one name are many; the village tells them apart.
        yield kecamatan, " / ".join(reversed(list(named.values()))), r.take(rows)


def _groups(
    frame: pd.DataFrame, by: list[str]
) -> Iterator[tuple[tuple[str, ...], npt.NDArray[np.intp]]]:
    """Row positions of each group of known names, in the order of the names."""
    keys = frame[by].astype(object).reset_index(drop=True).dropna()
    keys = keys.astype(str)
    for key, rows in sorted(keys.groupby(by, sort=False, observed=True).indices.items()):
        names = key if isinstance(key, tuple) else (key,)
        yield tuple(map(str, names)), keys.index.to_numpy(dtype=np.intp)[rows]


def _rows(
    scope: Scope,
    kecamatan: str,
    unit: str,
    part: Records,
    checks: Mapping[str, Check],
    limits: Mapping[str, Limit],
) -> list[Row]:
    rows: list[Row] = []
    for name, check in checks.items():
        limit = limits[name]
        if not set(check.needs) <= set(part.columns):
            found = Found(float("nan"), 0)
        else:
            found = check.compute(part)
        if found.p is None or _too_few(found):
            rows.append((scope, kecamatan, unit, name, *_judged(found, limit)))
        else:
            effect, p_value = _tested(found, found.p, limit)
            rows.append((scope, kecamatan, unit, name, *effect))
            rows.append((scope, kecamatan, unit, f"{name}_p", *p_value))
    return rows


def _too_few(found: Found) -> bool:
    return found.n < MINIMUM or bool(np.isnan(found.value))


def _judged(found: Found, limit: Limit) -> Row:
    """Value, number, threshold, verdict, source and consequence; not computed for too few."""
    if _too_few(found):
        return float("nan"), found.n, float("nan"), "not_computed", limit.source, "none"
    verdict: Verdict = (
        "good" if found.negligible else limit.verdict(found.value, margin=found.margin)
    )
    threshold, consequence = limit.threshold(found.value), limit.consequence(found.value, verdict)
    return found.value, found.n, threshold, verdict, limit.source, consequence


def _tested(found: Found, p: float, limit: Limit) -> tuple[Row, Row]:
    """Rows of a test: its effect beside the expected value, its p beside the limit of p."""
    verdict: Verdict = "good" if found.negligible else limit.verdict(p)
    consequence = limit.consequence(p, verdict)
    effect = (found.value, found.n, found.expected, verdict, limit.source, consequence)
    return effect, (p, found.n, limit.threshold(p), verdict, limit.source, consequence)


def _attended(
    visits: pd.DataFrame, register: pd.DataFrame | None, limit: Limit, whole: str
) -> pd.DataFrame:
    """Rows of D/S; what the denominator rests on stands with its source."""
    found, remark = attendance(visits, register, whole)
    limit = replace(limit, source=f"{limit.source}; {remark}" if remark else limit.source)
    return _table([("routine", area, "", "d_s", *_judged(one, limit)) for area, one in found])


def _table(rows: Sequence[Row]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    types = dict.fromkeys(COLUMNS, "str")
    types |= {"value": "float64", "threshold": "float64", "n": "int64"}
    return frame.astype(types)
