"""Validation errors as one sentence a researcher can act on."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError


def nearest(name: str, candidates: Sequence[str]) -> str:
    """Return ` Did you mean …?` for the nearest candidate, or nothing."""
    close = difflib.get_close_matches(name.lower(), [c.lower() for c in candidates], n=1)
    if not close:
        return ""
    original = next(c for c in candidates if c.lower() == close[0])
    return f" Did you mean '{original}'?"


def explain_validation(error: ValidationError, file: str, model: type[BaseModel]) -> str:
    """Turn the first problem of a pydantic error into one sentence.

    The sentence names the file, the dotted key, what was found and what is
    allowed; how many further problems there are follows in brackets.
    """
    problems = error.errors()
    first = problems[0]
    key = ".".join(str(part) for part in first["loc"]) or "the file"
    more = len(problems) - 1
    tail = f" ({more} more problem{'s' if more > 1 else ''} in this file.)" if more else ""
    return f"{file}: {_sentence(first, key, model)}{tail}"


def _sentence(problem: Any, key: str, model: type[BaseModel]) -> str:
    kind = problem["type"]
    if kind == "extra_forbidden":
        siblings = _fields_at(model, problem["loc"][:-1])
        hint = nearest(str(problem["loc"][-1]), siblings)
        return f"unknown key '{key}'; allowed here: {', '.join(siblings)}.{hint}"
    if kind == "missing":
        return f"key '{key}' is missing."
    found = _short(problem.get("input"))
    message = problem["msg"].removeprefix("Value error, ")
    message = message[:1].lower() + message[1:]
    return f"'{key}' is {found}, but {message}."


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _fields_at(model: type[BaseModel], path: Sequence[str | int]) -> list[str]:
    """Names of the keys allowed at `path` inside `model`."""
    current: Any = model
    for part in path:
        if get_origin(current) in (dict, tuple, list):  # the part is a key or place, not a field
            current = _model_in(current)
            continue
        inside = _model_in(current)
        field = inside.model_fields.get(str(part)) if inside else None
        current = field.annotation if field else None
    found = _model_in(current)
    return list(found.model_fields) if found else []


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """First model named in an annotation such as `Text | None` or `tuple[Point, ...]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for argument in get_args(annotation):
        found = _model_in(argument)
        if found is not None:
            return found
    return None
