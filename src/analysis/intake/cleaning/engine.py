"""The engine of cleaning: rules are data; every row they touch is counted.

A rule names the columns it looks at and a condition for each. What it does with the rows or
cells that meet the condition is its action: `mend`, `blank`, `set_aside` or only `keep` (count).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import polars as pl

from analysis.intake.cleaning.values import masked

Action = Literal["read", "mend", "blank", "set_aside", "keep"]
EXAMPLES = 3


@dataclass(frozen=True)
class Rule:
    """One reviewed rule.

    `where` maps the column shown in examples to the condition; `to` maps columns to their mended
    values (for `mend`). A column that the frame lacks, or a condition on such a column, is passed
    over.
    """

    name: str
    reason: str
    action: Action
    where: Mapping[str, pl.Expr]
    to: Mapping[str, pl.Expr] = field(default_factory=dict)


@dataclass
class Log:
    """Counts of what happened to one raw table, in order."""

    scope: str
    file: str
    entries: list[dict[str, object]] = field(default_factory=list)

    def add(
        self,
        rule: Rule | str,
        action: Action,
        reason: str,
        rows: tuple[int, int, int],
        examples: Sequence[str] = (),
    ) -> None:
        """Record `rows` = (before, affected, after)."""
        before, affected, after = rows
        self.entries.append(
            {
                "scope": self.scope,
                "source_file": self.file,
                "step": len(self.entries),
                "rule": rule if isinstance(rule, str) else rule.name,
                "reason": reason,
                "action": action,
                "rows_before": before,
                "affected": affected,
                "rows_after": after,
                "examples": "; ".join(examples) or None,
            }
        )

    @property
    def rows(self) -> int:
        """Rows left."""
        return int(str(self.entries[-1]["rows_after"])) if self.entries else 0


def apply(frame: pl.DataFrame, rules: Iterable[Rule], log: Log) -> pl.DataFrame:
    """Run rules in order; those that touch nothing leave no entry."""
    for rule in rules:
        frame = _apply_one(frame, rule, log)
    return frame


def _apply_one(frame: pl.DataFrame, rule: Rule, log: Log) -> pl.DataFrame:
    conditions = {
        column: expression
        for column, expression in rule.where.items()
        if set(expression.meta.root_names()) | {column} <= set(frame.columns)
    }
    if not conditions or frame.is_empty():
        return frame
    hits = frame.select(
        **{column: expression.fill_null(False) for column, expression in conditions.items()}
    )
    touched = hits.select(pl.any_horizontal(pl.all())).to_series()
    affected = int(touched.sum())
    if not affected:
        return frame
    changed = _changed(frame, hits, rule)
    examples = _examples(frame, changed, hits, touched, rule)
    log.add(rule, rule.action, rule.reason, (frame.height, affected, changed.height), examples)
    return changed


def _changed(frame: pl.DataFrame, hits: pl.DataFrame, rule: Rule) -> pl.DataFrame:
    if rule.action == "set_aside":
        return frame.filter(~hits.select(pl.any_horizontal(pl.all())).to_series())
    if rule.action == "blank":
        return frame.with_columns(
            pl.when(hits[column]).then(None).otherwise(pl.col(column)).alias(column)
            for column in hits.columns
        )
    if rule.action == "mend":
        any_hit = hits.select(pl.any_horizontal(pl.all())).to_series()
        return frame.with_columns(
            pl.when(hits[column] if column in hits.columns else any_hit)
            .then(value)
            .otherwise(pl.col(column))
            .alias(column)
            for column, value in rule.to.items()
            if set(value.meta.root_names()) | {column} <= set(frame.columns)
        )
    return frame


def _examples(
    before: pl.DataFrame, after: pl.DataFrame, hits: pl.DataFrame, touched: pl.Series, rule: Rule
) -> list[str]:
    """Up to three anonymous examples: row, column, masked cell, and what became of it."""
    result = []
    for row in touched.arg_true().head(EXAMPLES).to_list():
        column = next(name for name in hits.columns if hits[name][row])
        raw = f"{column}_raw" if f"{column}_raw" in before.columns else column
        text = f"baris {before['source_row'][row]}: {column} {_shown(before[raw][row])}"
        if rule.action == "mend" and column in after.columns:
            text += f" → {_shown(after[column][row])}"
        elif rule.action == "blank":
            text += " → kosong"
        result.append(text)
    return result


def _shown(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.4g}".replace(".", ",")
    return masked(None if value is None else str(value))


def apply_across(frame: pl.DataFrame, rules: Iterable[Rule], logs: Sequence[Log]) -> pl.DataFrame:
    """Run `set_aside` and `keep` rules over records of several files; each file has its own count."""
    by_file = {log.file: log for log in logs}
    for rule in rules:
        conditions = [
            expression
            for column, expression in rule.where.items()
            if set(expression.meta.root_names()) | {column} <= set(frame.columns)
        ]
        if not conditions or frame.is_empty():
            continue
        touched = frame.select(pl.any_horizontal(conditions).fill_null(False)).to_series()
        hits = (
            frame.filter(touched)
            .group_by("source_file")
            .agg(pl.len(), pl.col("source_row").head(EXAMPLES))
        )
        for file, affected, rows in sorted(hits.rows()):
            log = by_file[file]
            left = log.rows - (affected if rule.action == "set_aside" else 0)
            examples = [f"baris {row}" for row in rows]
            log.add(rule, rule.action, rule.reason, (log.rows, affected, left), examples)
        if rule.action == "set_aside":
            frame = frame.filter(~touched)
    return frame
