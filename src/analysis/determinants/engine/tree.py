"""Nested groups as a tree, and the sums up and down it that a multilevel model needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.errors import UserError

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class GroupTree:
    """Groups nested in groups, outermost first, over rows sorted in tree order.

    Children of a node lie side by side, so a sum over children is one ``reduceat``
    and the way back is one ``repeat``: every step costs what the table is long.

    Attributes
    ----------
    names
        Column of each level, outermost first.
    labels
        Label of each node, level by level.
    starts, sizes
        First child and number of children of each node. The children of the
        innermost level are rows.
    """

    names: tuple[str, ...]
    labels: tuple[pd.Index, ...]
    starts: tuple[IntArray, ...]
    sizes: tuple[IntArray, ...]

    @property
    def depth(self) -> int:
        """Number of levels."""
        return len(self.names)

    def up(self, level: int, values: FloatArray) -> FloatArray:
        """Sum the children's values into each node of ``level`` (first axis)."""
        return np.add.reduceat(values, self.starts[level], axis=0)

    def down(self, level: int, values: FloatArray) -> FloatArray:
        """Give every child of ``level`` its node's value."""
        return np.repeat(values, self.sizes[level], axis=0)

    def totals(self, innermost: FloatArray) -> list[FloatArray]:
        """Sums at every level, outermost first, from sums at the innermost nodes."""
        sums = [innermost]
        for level in range(self.depth - 2, -1, -1):
            sums.insert(0, self.up(level, sums[0]))
        return sums

    def paths(self, per_level: Sequence[FloatArray]) -> FloatArray:
        """Add up each innermost node's value with those of all its ancestors."""
        total = per_level[0]
        for level in range(1, self.depth):
            total = self.down(level - 1, total) + per_level[level]
        return total

    def row_starts(self, level: int) -> IntArray:
        """First row of each node of ``level``."""
        first = self.starts[level]
        for below in range(level + 1, self.depth):
            first = self.starts[below][first]
        return first

    def without_innermost(self) -> GroupTree:
        """The tree whose rows are the innermost groups of this one."""
        return GroupTree(self.names[:-1], self.labels[:-1], self.starts[:-1], self.sizes[:-1])

    def innermost_alone(self) -> GroupTree:
        """The innermost groups as a tree of one level."""
        return GroupTree(self.names[-1:], self.labels[-1:], self.starts[-1:], self.sizes[-1:])


def build_tree(groups: pd.DataFrame) -> tuple[GroupTree, IntArray]:
    """Order rows by nested groups and describe the tree.

    Parameters
    ----------
    groups
        One column of labels per level, outermost first, nothing missing.

    Returns
    -------
    tuple
        The tree, and the order that sorts the rows into it.

    Raises
    ------
    UserError
        When a level is not nested in the one before, repeats it, or has one group only.
    """
    names = tuple(str(name) for name in groups.columns)
    factors = [pd.factorize(groups[name], sort=True) for name in groups.columns]
    codes = [np.asarray(code, dtype=np.int64) for code, _ in factors]
    order = np.lexsort(codes[::-1]).astype(np.int64)
    ordered = [code[order] for code in codes]
    firsts = [_first_rows(code) for code in ordered]
    for level, (_, labels) in enumerate(factors):
        _check_level(names, level, labels, ordered, firsts)
    tree = GroupTree(
        names=names,
        labels=tuple(
            pd.Index(factors[level][1])[ordered[level][first]] for level, first in enumerate(firsts)
        ),
        starts=_child_starts(firsts),
        sizes=_child_sizes(firsts, len(order)),
    )
    return tree, order


def _first_rows(code: IntArray) -> IntArray:
    change = np.flatnonzero(np.diff(code)) + 1
    return np.concatenate([[0], change]).astype(np.int64)


def _child_starts(firsts: list[IntArray]) -> tuple[IntArray, ...]:
    outer = [np.searchsorted(firsts[k + 1], firsts[k]) for k in range(len(firsts) - 1)]
    return (*(start.astype(np.int64) for start in outer), firsts[-1])


def _child_sizes(firsts: list[IntArray], n_rows: int) -> tuple[IntArray, ...]:
    ends = [len(first) for first in firsts[1:]] + [n_rows]
    starts = _child_starts(firsts)
    return tuple(np.diff(np.append(start, end)) for start, end in zip(starts, ends, strict=True))


def _check_level(
    names: tuple[str, ...],
    level: int,
    labels: pd.Index,
    ordered: list[IntArray],
    firsts: list[IntArray],
) -> None:
    name = names[level]
    if len(labels) < 2:
        raise UserError(
            f"groups: `{name}` has one group only ({labels[0]} in every row), so its variance "
            f"cannot be estimated; leave `{name}` out of groups, or give data with more groups."
        )
    runs = len(firsts[level])
    if level == 0:
        return
    outer = names[level - 1]
    if runs > len(labels):
        code = ordered[level][firsts[level]]
        split = labels[np.bincount(code) > 1][0]
        raise UserError(
            f"groups: `{name}` is not nested in `{outer}`: {name} '{split}' lies under more than "
            f"one {outer} ({runs - len(labels)} such crossings); make the label its own within "
            f'{outer}, e.g. data["{name}"] = data["{outer}"].astype(str) + "/" + '
            f'data["{name}"].astype(str); groups that truly cross cannot be fitted together.'
        )
    if runs == len(firsts[level - 1]):
        raise UserError(
            f"groups: `{name}` and `{outer}` are the same groups under two names (one {name} in "
            f"every {outer}), so their variances cannot be told apart; keep one of the two."
        )
