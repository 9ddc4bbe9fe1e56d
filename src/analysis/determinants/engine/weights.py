"""Sampling weights in multilevel models, after Rabe-Hesketh and Skrondal (2006)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from analysis.determinants.engine.tree import FloatArray, GroupTree
from analysis.errors import UserError

Scaling = Literal["none", "mean", "size", "effective"]


@dataclass(frozen=True)
class Weights:
    """Cumulative weights of rows and nodes in tree order, and whether any were given."""

    rows: FloatArray
    nodes: tuple[FloatArray, ...]
    given: bool
    notes: tuple[str, ...]


def read_weights(
    weights: Any, table: pd.DataFrame, asked: dict[str, str], tree: GroupTree
) -> Weights:
    """Multiply conditional weights from the outermost level down to the rows.

    Parameters
    ----------
    weights
        What the caller gave; None means all ones.
    table
        Complete rows in tree order.
    asked
        Column of ``table`` that holds each level's weights.
    tree
        The nested groups.

    Raises
    ------
    UserError
        When a group's weight differs between its rows.
    """
    nodes: list[FloatArray] = []
    notes: list[str] = []
    for level, name in enumerate(tree.names):
        own = np.ones(len(tree.labels[level]))
        if name in asked:
            own = _group_weights(table[asked[name]].to_numpy(float), tree, level)
        nodes.append(own if not level else tree.down(level - 1, nodes[-1]) * own)
    rows = tree.down(tree.depth - 1, nodes[-1])
    if "level1" in asked:
        level1 = table[asked["level1"]].to_numpy(float)
        rows = rows * level1
        if not 0.5 <= level1.mean() <= 2:
            notes.append(
                f"level-1 weights average {level1.mean():.4g}: they are used as given and count "
                "as that many children each; scale_weights() brings them to mean 1"
            )
    return Weights(rows, tuple(nodes), weights is not None and bool(asked), tuple(notes))


def _group_weights(values: FloatArray, tree: GroupTree, level: int) -> FloatArray:
    starts = tree.row_starts(level)
    low = np.minimum.reduceat(values, starts)
    high = np.maximum.reduceat(values, starts)
    uneven = np.flatnonzero(high - low > 1e-9 * high)
    if len(uneven):
        raise UserError(
            f"weights: {tree.names[level]} '{tree.labels[level][uneven[0]]}' has more than one "
            f"weight ({low[uneven[0]]:g} to {high[uneven[0]]:g}); a group has one weight of its "
            "own, and what differs within it belongs to level1."
        )
    return low


def scale_weights(
    weights: pd.Series, group: pd.Series | None = None, method: Scaling = "size"
) -> pd.Series:
    """Scale level-1 weights, over the whole table or within groups.

    Parameters
    ----------
    weights
        Sampling weights, one per row.
    group
        Innermost group of each row; needed by ``size`` and ``effective``.
    method
        ``mean``: mean 1 over the table. ``size``: the weights of a group add up to its number
        of rows (Pfeffermann's method 2). ``effective``: they add up to its effective number,
        ``sum(w)^2 / sum(w^2)`` (method 1). ``none``: as given.

    Returns
    -------
    Series
        Scaled weights on the same index.
    """
    if method == "none":
        return weights
    if method == "mean":
        return weights / weights.mean()
    if group is None:
        raise UserError(f"scale_weights: method {method!r} needs the group of each row.")
    by_group = weights.groupby(group)
    total = by_group.transform("sum")
    if method == "size":
        return weights * by_group.transform("count") / total
    squares = (weights**2).groupby(group).transform("sum")
    return weights * total / squares
