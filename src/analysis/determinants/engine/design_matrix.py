"""From a formula and a table to the rows of a multilevel model: what is kept, dropped, refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from formulaic import Formula, ModelSpec
from formulaic.errors import FormulaicError

from analysis.determinants.engine.model_table import (
    ROW,
    TRIALS,
    check_table,
    complete_rows,
    counted,
    group_names,
    listed,
    needed_columns,
    one_line,
    variables,
    without_zero_weights,
)
from analysis.determinants.engine.tree import FloatArray, GroupTree, IntArray, build_tree
from analysis.determinants.engine.weights import Weights, read_weights
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
    check_table(data)
    names = group_names(groups, data)
    parsed = _parse(formula)
    table, asked = needed_columns(variables(parsed, formula, data), data, names, weights, trials)
    complete, dropped = complete_rows(table)
    if weights is not None and len(complete):
        complete, dropped = without_zero_weights(complete, asked, dropped)
    if complete.empty:
        raise UserError(
            f"formula `{formula}`: no row is complete ({counted(dropped)}); leave out the column "
            "that is never filled in, or fill it in."
        )
    tree, order = build_tree(complete[names])
    complete = complete.iloc[order]
    response, event = _response(parsed, complete, formula)
    matrix = _materialise(parsed.rhs, complete, formula)
    x = np.asarray(matrix, dtype=float)
    columns = [str(name) for name in matrix.columns]
    _check_columns(x, columns)
    positions = np.asarray(complete[ROW], dtype=np.int64)
    read = read_weights(weights, complete, asked, tree)
    notes = [*event, *read.notes]
    if dropped:
        notes.append(f"{sum(dropped.values())} rows incomplete and left out: {counted(dropped)}")
    return Design(
        x=x,
        names=columns,
        response=response,
        trials=np.asarray(complete[TRIALS], dtype=float) if trials is not None else None,
        tree=tree,
        order=positions,
        index=data.index[positions],
        weights=read,
        spec=matrix.model_spec,
        dropped=dropped,
        notes=tuple(notes),
    )


def _parse(formula: str) -> Formula:
    if not isinstance(formula, str):
        raise UserError(f"formula: {formula!r} given; write text such as `response ~ term + term`.")
    try:
        parsed = Formula(formula)
    except FormulaicError as error:
        hint = " (random intercepts are named in groups=, not in the formula)"
        raise UserError(
            f"formula `{formula}` cannot be read{hint if '|' in formula else ''}: "
            f"{one_line(error)}."
        ) from error
    if not (hasattr(parsed, "lhs") and hasattr(parsed, "rhs")):
        raise UserError(f"formula `{formula}` has no response; write `response ~ term + term`.")
    return parsed


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
    if lhs.shape[1] > 1 and not name.startswith("cbind("):
        raise UserError(
            f"formula `{formula}`: the response gives {lhs.shape[1]} columns "
            f"({listed(lhs.columns)}); name a 0/1 or two-category column itself."
        )
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
            f"formula `{formula}` cannot be evaluated{hint}: {one_line(error)}."
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
        reason = f"is a combination of {listed(names[:k])}"
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
