"""From a formula and a table to the rows of a multilevel model: what is kept, dropped, refused."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from formulaic import Formula, ModelSpec
from formulaic.errors import FormulaicError

from analysis.determinants.tree import FloatArray, GroupTree, IntArray, build_tree
from analysis.determinants.weights import Weights, read_weights
from analysis.errors import UserError

ALIAS_TOLERANCE = 1e-10  # share of a column's length left over by the columns before it


@dataclass(frozen=True)
class Design:
    """Rows used by a model, in tree order.

    Attributes
    ----------
    x, names
        Fixed-effects matrix and its column names.
    response
        Response columns as numbers: one, or events and non-events.
    trials
        Trials of each row where given, else None.
    order
        Position in the original table of each row, in tree order.
    weights
        Weights of rows and nodes.
    dropped
        Rows left out, by the column that was missing (a row counts once, at the first).
    notes
        What a reader should know of how the table was read.
    """

    x: FloatArray
    names: list[str]
    response: FloatArray
    trials: FloatArray | None
    tree: GroupTree
    order: IntArray
    index: pd.Index
    weights: Weights
    spec: ModelSpec
    dropped: dict[str, int]
    notes: tuple[str, ...]

    def column(self, values: FloatArray) -> pd.Series:
        """Values of the rows, put back into the table's own order and index."""
        back = np.argsort(self.order)
        return pd.Series(np.asarray(values)[back], index=self.index[back])

    def matrix(self) -> pd.DataFrame:
        """The fixed-effects matrix in the table's own order."""
        back = np.argsort(self.order)
        return pd.DataFrame(self.x[back], index=self.index[back], columns=self.names)

    def labels(self) -> pd.DataFrame:
        """Label of each row's group at every level, in the table's own order."""
        columns = {}
        for level, name in enumerate(self.tree.names):
            starts = np.append(self.tree.row_starts(level), len(self.x))
            columns[name] = self.column(
                np.repeat(self.tree.labels[level].to_numpy(), np.diff(starts))
            )
        return pd.DataFrame(columns)


def cbind(*columns: Any) -> FloatArray:
    """Bind columns side by side, so that ``cbind(events, others) ~ x`` reads as in R."""
    return np.column_stack([np.asarray(column, dtype=float) for column in columns])


def build_design(
    formula: str,
    data: pd.DataFrame,
    groups: Sequence[str] | str,
    *,
    weights: Any = None,
    trials: Any = None,
) -> Design:
    """Read a formula over a table, drop incomplete rows, and order the rest by groups.

    Parameters
    ----------
    formula
        Two-sided Wilkinson formula as formulaic reads it.
    data
        One row per observation.
    groups
        Nested grouping columns, outermost first; one to three.
    weights, trials
        See :func:`analysis.determinants.multilevel.fit_logit`.

    Raises
    ------
    UserError
        Naming the column and the way to mend it.
    """
    _check_table(data)
    names = _group_names(groups, data)
    parsed = _parse(formula)
    table, asked = _needed_columns(_variables(parsed, formula, data), data, names, weights, trials)
    complete, dropped = _complete_rows(table)
    if weights is not None and len(complete):
        complete, dropped = _without_zero_weights(complete, asked, dropped)
    if complete.empty:
        raise UserError(
            f"formula `{formula}`: no row is complete ({_counts(dropped)}); leave out the column "
            "that is never filled in, or fill it in."
        )
    tree, order = build_tree(complete[names])
    complete = complete.iloc[order]
    response, event = _response(parsed, complete, formula)
    matrix = _materialise(parsed.rhs, complete, formula)
    x = np.asarray(matrix, dtype=float)
    columns = [str(name) for name in matrix.columns]
    _check_columns(x, columns)
    positions = np.asarray(complete[_ROW], dtype=np.int64)
    read = read_weights(weights, complete, asked, tree)
    notes = [*event, *read.notes]
    if dropped:
        notes.append(f"{sum(dropped.values())} rows incomplete and left out: {_counts(dropped)}")
    return Design(
        x=x,
        names=columns,
        response=response,
        trials=np.asarray(complete[_TRIALS], dtype=float) if trials is not None else None,
        tree=tree,
        order=positions,
        index=data.index[positions],
        weights=read,
        spec=matrix.model_spec,
        dropped=dropped,
        notes=tuple(notes),
    )


_ROW, _TRIALS = "(row)", "(trials)"


def _check_table(data: pd.DataFrame) -> None:
    if data.empty:
        raise UserError("data: the table has no rows; give one row per child.")
    if data.columns.has_duplicates:
        twice = data.columns[data.columns.duplicated()][0]
        raise UserError(f"data: column `{twice}` stands twice in the table; rename one.")


def _group_names(groups: Sequence[str] | str, data: pd.DataFrame) -> list[str]:
    names = [groups] if isinstance(groups, str) else list(groups)
    if not 1 <= len(names) <= 3:
        raise UserError(
            f"groups: {len(names)} levels given; one, two or three nested levels are possible, "
            'outermost first, e.g. ("kecamatan", "desa").'
        )
    if len(set(names)) < len(names):
        raise UserError(f"groups: {names} names a level twice; name each level once.")
    for name in names:
        if name not in data.columns:
            raise UserError(f"groups: no column `{name}`; columns are {_listed(data.columns)}.")
    return names


def _parse(formula: str) -> Formula:
    try:
        parsed = Formula(formula)
    except FormulaicError as error:
        raise UserError(f"formula `{formula}` cannot be read: {_one_line(error)}.") from error
    if not (hasattr(parsed, "lhs") and hasattr(parsed, "rhs")):
        raise UserError(f"formula `{formula}` has no response; write `response ~ term + term`.")
    return parsed


def _variables(parsed: Formula, formula: str, data: pd.DataFrame) -> list[str]:
    """Columns a formula reads.

    formulaic overlooks columns inside calls that take a text argument, such as
    ``cr(age, constraints="center")``: a column whose name stands in the formula is read.
    """
    named = {str(v) for v in parsed.required_variables} - {"cbind"}
    unquoted = re.sub(r"\"[^\"]*\"|'[^']*'", "", formula)
    words = set(re.findall(r"[^\W\d]\w*(?!\w*\s*[(=])", unquoted))
    named |= {name for name in data.columns if isinstance(name, str) and name in words}
    return sorted(named)


def _needed_columns(
    used: list[str], data: pd.DataFrame, groups: list[str], weights: Any, trials: Any
) -> tuple[pd.DataFrame, dict[str, str]]:
    """Columns the model touches, plain numpy types, and where each weight now stands."""
    unknown = sorted(name for name in used if name not in data.columns)
    if unknown:
        raise UserError(f"formula: no column `{unknown[0]}`; columns are {_listed(data.columns)}.")
    table = pd.DataFrame({name: _plain(data[name]) for name in dict.fromkeys([*groups, *used])})
    table[_ROW] = np.arange(len(data))
    if trials is not None:
        table[_TRIALS] = _column(trials, data, "trials")
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


def _plain(column: pd.Series) -> pd.Series:
    """Nullable and object columns as plain numbers or text, so that missing means NaN."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column
    if pd.api.types.is_bool_dtype(column.dtype) and not column.hasnans:
        return column.astype(bool)
    if pd.api.types.is_numeric_dtype(column.dtype) and column.dtype.kind in "biuf":
        return column if isinstance(column.dtype, np.dtype) else column.astype("float64")
    if column.dtype == object:
        filled = column.dropna()
        if filled.map(lambda v: isinstance(v, (bool, np.bool_, int, float))).all():
            return column.astype("float64")
    return column


def _column(source: Any, data: pd.DataFrame, what: str) -> FloatArray:
    if isinstance(source, str):
        if source not in data.columns:
            raise UserError(f"{what}: no column `{source}`; columns are {_listed(data.columns)}.")
        source = data[source]
    values = pd.to_numeric(pd.Series(np.asarray(source)), errors="coerce").to_numpy(float)
    if len(values) != len(data):
        raise UserError(f"{what}: {len(values)} values for {len(data)} rows; give one per row.")
    if np.any(values < 0) or np.any(np.isinf(values)):
        raise UserError(f"{what}: negative or infinite values found; give values of 0 or more.")
    return values


def _complete_rows(table: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, int]]:
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


def _without_zero_weights(
    table: pd.DataFrame, asked: dict[str, str], dropped: dict[str, int]
) -> tuple[pd.DataFrame, dict[str, int]]:
    counted = np.all(table[list(asked.values())].to_numpy() > 0, axis=1)
    if counted.all():
        return table, dropped
    kept, _ = _complete_rows(table[counted])
    return kept, {**dropped, "(weight 0)": int((~counted).sum())}


def _response(parsed: Formula, table: pd.DataFrame, formula: str) -> tuple[FloatArray, list[str]]:
    """The response as numbers; of two categories the second in order is the event, as in R."""
    name = str(parsed.lhs).strip()
    if name in table.columns and not pd.api.types.is_numeric_dtype(table[name].dtype):
        categories = _categories(table[name])
        if len(categories) > 2:
            raise UserError(
                f"formula `{formula}`: the response `{name}` has {len(categories)} categories; "
                "a logit needs two (yes/no, 0/1)."
            )
        event = categories[-1]
        coded = (table[name] == event).to_numpy(float)[:, None]
        return coded, [f"event: {name} = {event}"]
    lhs = _materialise(parsed.lhs, table, formula)
    return np.asarray(lhs, dtype=float), []


def _categories(column: pd.Series) -> list[Any]:
    """Categories present, in their own order where they have one."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return list(column.cat.remove_unused_categories().cat.categories)
    return sorted(column.unique().tolist(), key=str)


def _materialise(part: Any, table: pd.DataFrame, formula: str) -> Any:
    try:
        matrix = part.get_model_matrix(
            table, na_action="ignore", context={"cbind": cbind, "np": np}
        )
    except Exception as error:  # formulaic passes on whatever the evaluated term raises
        hint = " (write powers as x**2)" if "^" in formula else ""
        raise UserError(
            f"formula `{formula}` cannot be evaluated{hint}: {_one_line(error)}."
        ) from error
    values = matrix.to_numpy(float)
    if not np.all(np.isfinite(values)):
        bad = matrix.columns[~np.isfinite(values).all(axis=0)][0]
        raise UserError(
            f"formula `{formula}`: `{bad}` is not a finite number in "
            f"{int((~np.isfinite(matrix[bad].to_numpy(float))).sum())} complete rows; "
            "mend the values or the transformation."
        )
    return matrix


def _check_columns(x: FloatArray, names: list[str]) -> None:
    """Refuse columns that carry nothing of their own, naming the first."""
    if x.shape[1] == 0:
        raise UserError("formula: no fixed effect at all; keep at least the intercept (`~ 1`).")
    if len(x) <= x.shape[1]:
        raise UserError(
            f"formula: {x.shape[1]} coefficients for {len(x)} complete rows; ask for fewer."
        )
    repeated = aliased(x)
    if not repeated:
        return
    k = repeated[0]
    if not np.any(x[:, k]):
        reason = "is 0 in every complete row (a category without rows, or a constant)"
    elif "Intercept" in names and np.ptp(x[:, k]) <= 1e-9 * abs(x[0, k]):
        reason = f"has one value only ({x[0, k]:g}) in the complete rows"
    else:
        reason = f"is a combination of {_listed(names[:k])}"
    raise UserError(f"formula: `{names[k]}` {reason}, so it has no coefficient; leave it out.")


def aliased(x: FloatArray) -> list[int]:
    """Columns that the columns before them make up to rounding (or that are 0)."""
    length = np.sqrt(np.einsum("ij,ij->j", x, x))
    scale = np.where(length > 0, length, 1.0)
    gram = (x.T @ x) / np.outer(scale, scale)
    repeated = []
    for k in range(x.shape[1]):
        if gram[k, k] > ALIAS_TOLERANCE:
            gram = gram - np.outer(gram[:, k], gram[k]) / gram[k, k]
        else:
            repeated.append(k)
    return repeated


def _counts(dropped: dict[str, int]) -> str:
    return ", ".join(f"{re.sub('[()]', '', name)} {count}" for name, count in dropped.items())


def _listed(names: Any) -> str:
    shown = [f"`{name}`" for name in list(names)[:12]]
    return ", ".join(shown) + (" …" if len(names) > 12 else "")


def _one_line(error: Exception) -> str:
    plain = re.sub(r"\x1b?\[[0-9;]*m", "", str(error))
    return " ".join(re.sub(r"[\u29da\u29db\x1b]", "", plain).split()).rstrip(".")
