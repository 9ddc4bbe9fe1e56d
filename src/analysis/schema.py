"""Short words for pandera columns, so that schemas read like a data dictionary."""

from __future__ import annotations

from collections.abc import Sequence

import pandera.pandas as pa


def text(
    meaning: str, *, allowed: Sequence[str] | None = None, nullable: bool = False
) -> pa.Column:
    """Text column; `allowed` lists its values."""
    checks = [pa.Check.isin(list(allowed))] if allowed else []
    return pa.Column("string", checks, nullable=nullable, coerce=True, description=meaning)


def number(
    meaning: str, low: float | None = None, high: float | None = None, *, nullable: bool = True
) -> pa.Column:
    """Floating-point column within [low, high]."""
    checks = []
    if low is not None:
        checks.append(pa.Check.ge(low))
    if high is not None:
        checks.append(pa.Check.le(high))
    return pa.Column("float64", checks, nullable=nullable, coerce=True, description=meaning)


def share(meaning: str, *, nullable: bool = True) -> pa.Column:
    """Proportion between 0 and 1."""
    return number(meaning, 0.0, 1.0, nullable=nullable)


def whole(meaning: str, *, nullable: bool = False) -> pa.Column:
    """Whole number of zero or more."""
    return pa.Column("Int64", pa.Check.ge(0), nullable=nullable, coerce=True, description=meaning)


def boolean(meaning: str) -> pa.Column:
    """Boolean column; missing where it cannot be known."""
    return pa.Column("boolean", nullable=True, coerce=True, description=meaning)


def table(columns: dict[str, pa.Column], *, extra_columns: bool = False) -> pa.DataFrameSchema:
    """Schema of a table; columns it does not name are refused unless `extra_columns`."""
    return pa.DataFrameSchema(columns, strict=not extra_columns)
