"""Data dictionary: every artefact's columns, from the schemas beside the code that writes them."""

from __future__ import annotations

import importlib
import inspect
import re
from types import ModuleType

import pandera.pandas as pa

from analysis.reference.markdown import code, table

#: Rooms that hand on artefacts, in the order of the data's way.
ROOMS = ("intake", "prevalence", "determinants", "review")
INTRO = """\
# Data dictionary

The tables in `data/processed/`, one Parquet file each, in the order in which they are made.
Codes are text, shares lie between 0 and 1, a missing value is one that cannot be known.
Each file also carries, in its own metadata, the hashes of what it was made from.
"""
_TYPES = {"Int64": "whole number", "float64": "number", "boolean": "yes/no"}
_NAMED_UNITS = {
    "kg": "kg",
    "cm": "cm",
    "days": "days",
    "months": "months",
    "z": "z",
    "haz": "z",
    "waz": "z",
    "whz": "z",
    "baz": "z",
    "year": "year",
    "share": "share",
}
_SAID_UNITS = (
    (r"per 100 child-years", "per 100 child-years"),
    (r"Child-years", "child-years"),
    (r"children per 100", "children per 100"),
    (r"percent", "percent"),
    (r"\bshare\b|^Share\b", "share"),
    (r"^(Stunted c|C)hildren\b", "children"),
)
_LIMIT = re.compile(r"(^|_)(low|high|se)$")


def page() -> str:
    """Markdown page over all artefacts."""
    return INTRO + "".join(room(name) for name in ROOMS)


def room(name: str) -> str:
    """Artefacts of one room."""
    module = importlib.import_module(f"analysis.{name}.schemas")
    about = descriptions(module)
    text = f"\n## {name}\n"
    for artefact, schema in module.TABLES.items():
        text += f"\n### {code(artefact)}\n\n{about.get(artefact, '')}\n\n" + columns(schema)
    return text


def descriptions(module: ModuleType) -> dict[str, str]:
    """What each artefact is: the `#:` comment above its schema."""
    source = inspect.getsource(module)
    found = re.findall(r"((?:^#: .*\n)+)^(\w+)\b", source, flags=re.M)
    comments = {name: " ".join(re.findall(r"#: (.*)", comment)) for comment, name in found}
    return {
        artefact: comments.get(name, "")
        for artefact, schema in module.TABLES.items()
        for name, value in vars(module).items()
        if value is schema
    }


def columns(schema: pa.DataFrameSchema) -> str:
    """Table of a schema's columns."""
    rows = []
    unit = ""
    for name, column in schema.columns.items():
        own = unit_of(name, column)
        unit = own or (unit if _LIMIT.search(name) else "")
        rows.append(
            (
                code(name),
                _TYPES.get(str(column.dtype), "text"),
                unit,
                values(column),
                "yes" if column.nullable else "no",
                column.description or "",
            )
        )
    text = table(("column", "type", "unit", "values", "may be missing", "meaning"), rows)
    if not schema.strict:
        text += "\nFurther columns: the indicators of the pillars file that the survey has, by their code.\n"
    return text


def unit_of(name: str, column: pa.Column) -> str:
    """Unit of a number: from its name, its description, or its range 0 to 1."""
    if str(column.dtype) not in ("float64", "Int64"):
        return ""
    last = name.rpartition("_")[2]
    if last in _NAMED_UNITS:
        return _NAMED_UNITS[last]
    for pattern, unit in _SAID_UNITS:
        if re.search(pattern, column.description or ""):
            return unit
    low, high, _ = limits(column)
    return "share" if (low, high) == (0, 1) else ""


def values(column: pa.Column) -> str:
    """Values or range a column is held to."""
    low, high, allowed = limits(column)
    if allowed:
        return ", ".join(code(value) for value in allowed)
    if low is not None and high is not None:
        return f"{low:g} to {high:g}"
    return f"at least {low:g}" if low is not None else ""


def limits(column: pa.Column) -> tuple[float | None, float | None, list[str]]:
    """Lowest value, highest value and list of values of a column's checks."""
    facts: dict[str, object] = {}
    for check in column.checks:
        facts |= check.statistics or {}
    low, high = facts.get("min_value"), facts.get("max_value")
    allowed = facts.get("allowed_values")
    return (
        float(str(low)) if low is not None else None,
        float(str(high)) if high is not None else None,
        [str(value) for value in allowed] if isinstance(allowed, list | tuple) else [],
    )
