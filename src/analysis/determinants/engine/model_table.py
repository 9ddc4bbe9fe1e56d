"""What a formula needs of a table: its columns, complete rows, and words for what is missing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from formulaic import Formula

from analysis.determinants.engine.tree import FloatArray
from analysis.errors import UserError

ROW, TRIALS = "(row)", "(trials)"


def check_table(data: pd.DataFrame) -> None:
    """Refuse what is no table, an empty one, or one with a column name twice."""
    if not isinstance(data, pd.DataFrame):
        raise UserError(
            f"data: {type(data).__name__} given; give a pandas DataFrame with one row per child."
        )
    if data.empty:
        raise UserError("data: the table has no rows; give one row per child.")
    if data.columns.has_duplicates:
        twice = data.columns[data.columns.duplicated()][0]
        raise UserError(f"data: column `{twice}` stands twice in the table; rename one.")


def group_names(groups: Sequence[str] | str, data: pd.DataFrame) -> list[str]:
    """Names of the nested groups, outermost first, checked."""
    names = [groups] if isinstance(groups, str) else list(groups or ())
    if not 1 <= len(names) <= 3:
        raise UserError(
            f"groups: {len(names)} levels given; one, two or three nested levels are possible, "
            'outermost first, e.g. ("kecamatan", "desa").'
        )
    if len(set(names)) < len(names):
        raise UserError(f"groups: {names} names a level twice; name each level once.")
    for name in names:
        if name not in data.columns:
            raise UserError(f"groups: no column `{name}`; columns are {listed(data.columns)}.")
    return names


def variables(parsed: Formula, formula: str, data: pd.DataFrame) -> list[str]:
    """Columns a formula reads.

    formulaic overlooks columns inside calls that take a text argument, such as
    ``cr(age, constraints="center")``: a column whose name stands in the formula is read.
    """
    named = {str(v) for v in parsed.required_variables} - {"cbind"}
    unquoted = re.sub(r"\"[^\"]*\"|'[^']*'", "", formula)
    words = set(re.findall(r"[^\W\d]\w*(?!\w*\s*(?:\(|=(?!=)))", unquoted))
    named |= {name for name in data.columns if isinstance(name, str) and name in words}
    return sorted(named)


def needed_columns(
    used: list[str], data: pd.DataFrame, groups: list[str], weights: Any, trials: Any
) -> tuple[pd.DataFrame, dict[str, str]]:
    """Columns the model touches, plain numpy types, and where each weight now stands."""
    unknown = sorted(name for name in used if name not in data.columns)
    if unknown:
        raise UserError(f"formula: no column `{unknown[0]}`; columns are {listed(data.columns)}.")
    table = pd.DataFrame({name: plain(data[name]) for name in dict.fromkeys([*groups, *used])})
    _check_dates(table[used])
    table[ROW] = np.arange(len(data))
    if trials is not None:
        table[TRIALS] = _column(trials, data, "trials")
    asked: dict[str, str] = {}
    given = weights if isinstance(weights, dict) else {"level1": weights}
    for level, source in given.items():
        if source is None:
            continue
        if level not in ("level1", *groups):
            raise UserError(
                f"weights: `{level}` is no level of this model; give level1 or one of {groups}."
            )
        asked[level] = f"(weight {level})"
        table[asked[level]] = _column(source, data, f"weights of {level}")
    return table, asked


def _check_dates(table: pd.DataFrame) -> None:
    for name in table.columns:
        if table[name].dtype.kind in "mM":
            raise UserError(
                f"formula: column `{name}` holds dates or durations; give a number instead, "
                "e.g. days or months since a date."
            )


def plain(column: pd.Series) -> pd.Series:
    """Nullable, Arrow and object columns as plain numbers or text, so that missing means NaN."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column
    if pd.api.types.is_bool_dtype(column.dtype) and not column.hasnans:
        return column.astype(bool)
    if pd.api.types.is_numeric_dtype(column.dtype) and column.dtype.kind in "biuf":
        return column if isinstance(column.dtype, np.dtype) else column.astype("float64")
    if isinstance(column.dtype, (pd.StringDtype, pd.ArrowDtype)) and (
        pd.api.types.is_string_dtype(column.dtype)
    ):
        return column.astype(object).where(column.notna(), np.nan).astype("str")
    if column.dtype == object:
        filled = column.dropna()
        if filled.map(lambda v: isinstance(v, (bool, np.bool_, int, float))).all():
            return column.astype("float64")
    return column


def _column(source: Any, data: pd.DataFrame, what: str) -> FloatArray:
    if isinstance(source, str):
        if source not in data.columns:
            raise UserError(f"{what}: no column `{source}`; columns are {listed(data.columns)}.")
        source = data[source]
    values = pd.to_numeric(pd.Series(np.asarray(source)), errors="coerce").to_numpy(float)
    if len(values) != len(data):
        raise UserError(f"{what}: {len(values)} values for {len(data)} rows; give one per row.")
    if np.any(values < 0) or np.any(np.isinf(values)):
        raise UserError(f"{what}: negative or infinite values found; give values of 0 or more.")
    return values


def complete_rows(table: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, int]]:
    """Rows without a gap, and the gaps by column (a row counts once, at its first).

    Categories left without a row are forgotten, as R's ``drop.unused.levels`` does.
    """
    keep = np.ones(len(table), dtype=bool)
    dropped: dict[str, int] = {}
    for name in table.columns:
        missing = table[name].isna().to_numpy() & keep
        if missing.any():
            dropped[str(name)] = int(missing.sum())
            keep &= ~missing
    complete = table if keep.all() else table[keep]
    unused = {
        name: complete[name].cat.remove_unused_categories()
        for name in complete.columns
        if isinstance(complete[name].dtype, pd.CategoricalDtype)
    }
    return complete.assign(**unused), dropped


def without_zero_weights(
    table: pd.DataFrame, asked: dict[str, str], dropped: dict[str, int]
) -> tuple[pd.DataFrame, dict[str, int]]:
    """Leave out rows that count for nothing."""
    weighs = np.all(table[list(asked.values())].to_numpy() > 0, axis=1)
    if weighs.all():
        return table, dropped
    kept, _ = complete_rows(table[weighs])
    return kept, {**dropped, "(weight 0)": int((~weighs).sum())}


def counted(dropped: dict[str, int]) -> str:
    """Columns with the rows they cost."""
    return ", ".join(f"{re.sub('[()]', '', name)} {count}" for name, count in dropped.items())


def listed(names: Any) -> str:
    """The first twelve names, quoted."""
    shown = [f"`{name}`" for name in list(names)[:12]]
    return ", ".join(shown) + (" …" if len(names) > 12 else "")


def one_line(error: Exception) -> str:
    """An error's words without line breaks, colours and markers."""
    plain = re.sub(r"\x1b?\[[0-9;]*m", "", str(error))
    return " ".join(re.sub(r"[\u29da\u29db\x1b]", "", plain).split()).rstrip(".")
