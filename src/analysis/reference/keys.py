"""Reference of the parameter files' keys, from the JSON schemas of their models."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from analysis.params import Model
from analysis.reference.markdown import code, table

Schema = dict[str, Any]

INTRO = """\
# Reference of the parameters

Every key a parameter file may hold. An unknown key, a wrong type or a value that is not
allowed stops the run with one sentence that names the file and the key. Paths are relative
to the params file. `<name>` stands for a key you choose, `[]` for each entry of a list;
*text by language* is written `{id: …, en: …}`.

An editor that reads YAML schemas completes and checks these files when their first line is
`# yaml-language-server: $schema=` followed by the path of the schema named below.
"""
_TYPES = {"string": "text", "number": "number", "integer": "whole number", "boolean": "yes/no"}
_HEADINGS = ("key", "type", "default", "allowed", "meaning")


@dataclass(frozen=True)
class Key:
    """One line of the reference."""

    path: str
    type: str
    default: str
    allowed: str
    meaning: str

    def row(self) -> tuple[str, ...]:
        """Cells of its line."""
        return (code(self.path), self.type, self.default, self.allowed, self.meaning)


def page(models: Sequence[tuple[str, type[Model]]]) -> str:
    """Markdown page over all parameter files."""
    return INTRO + "".join(section(file, model) for file, model in models)


def section(file: str, model: type[Model]) -> str:
    """One file: its own keys, then one table for each group of keys."""
    schema = model.model_json_schema()
    name = {"Params": "params", "Pillars": "pillars", "ColumnMap": "columns"}[model.__name__]
    head = (
        f"\n## {code(file)}\n\n{_first_line(schema)} Schema: `params/schema/{name}.schema.json`.\n"
    )
    groups: dict[str, list[Key]] = {"": []}
    for key in walk(schema, schema):
        group = key.path.partition(".")[0].partition("[")[0]
        groups.setdefault(group if "." in key.path else "", []).append(key)
    text = head + "\n" + table(_HEADINGS, [key.row() for key in groups.pop("")])
    for group, found in groups.items():
        target = _resolve(schema["properties"][group], schema)
        about = _first_line(_inside(target, schema)[0] or target)
        text += f"\n### {code(group)}\n\n{about}\n\n"
        text += table(_HEADINGS, [key.row() for key in found])
    return text


def walk(schema: Schema, whole: Schema, prefix: str = "") -> Iterator[Key]:
    """Keys of an object schema, nested ones with dotted paths, in the model's order."""
    required = schema.get("required", [])
    for name, field in schema["properties"].items():
        target = _resolve(field, whole)
        path = f"{prefix}{name}"
        nested, suffix = _inside(target, whole)
        yield Key(
            path,
            _type(target, whole),
            _default(field, name in required),
            _allowed(target),
            field.get("description") or (_first_line(nested) if nested else ""),
        )
        if nested is not None:
            yield from walk(nested, whole, f"{path}{suffix}.")


def _resolve(field: Schema, whole: Schema) -> Schema:
    """Schema behind a reference, null beside it left out."""
    if "anyOf" in field:
        field = next(option for option in field["anyOf"] if option.get("type") != "null")
    if "$ref" in field:
        found: Schema = whole["$defs"][field["$ref"].rpartition("/")[2]]
        return found
    return field


def _inside(target: Schema, whole: Schema) -> tuple[Schema | None, str]:
    """Object whose keys are listed under this one, and what its path adds."""
    if _by_language(target):
        return None, ""
    if "properties" in target:
        return target, ""
    for key, suffix in (("items", "[]"), ("additionalProperties", ".<name>")):
        if isinstance(target.get(key), dict):
            inner = _resolve(target[key], whole)
            if "properties" in inner and not _by_language(inner):
                return inner, suffix
    return None, ""


def _by_language(schema: Schema) -> bool:
    return set(schema.get("properties", ())) == {"id", "en"}


def _type(target: Schema, whole: Schema) -> str:
    if _by_language(target):
        return "text by language"
    if "properties" in target:
        return "group"
    if "prefixItems" in target:
        return f"list of {len(target['prefixItems'])} " + _plural(
            _type(target["prefixItems"][0], whole)
        )
    if target.get("type") == "array":
        return "list of " + _plural(_type(_resolve(target["items"], whole), whole))
    if target.get("type") == "object":
        inner = target.get("additionalProperties")
        return "name → " + (_type(_resolve(inner, whole), whole) if inner else "anything")
    if target.get("format") == "date":
        return "date"
    return _TYPES[target.get("type", "string")]


def _plural(name: str) -> str:
    return name if name in ("text", "text by language") else f"{name}s"


def _default(field: Schema, required: bool) -> str:
    if required:
        return "*required*"
    value = field.get("default")
    if value is None:
        return "none"
    if isinstance(value, dict):
        return "as below" if value else "empty"
    return code(json.dumps(value, ensure_ascii=False)) if value != [] else "empty"


def _allowed(target: Schema) -> str:
    if "enum" in target:
        return ", ".join(code(value) for value in target["enum"])
    if "pattern" in target:
        return code(target["pattern"])
    item = target.get("items", {})
    if isinstance(item, dict) and "enum" in item:
        return ", ".join(code(value) for value in item["enum"])
    low = target.get("minimum", target.get("exclusiveMinimum"))
    high = target.get("maximum")
    if low is not None and high is not None:
        return f"{low:g} to {high:g}"
    if low is not None:
        return f"{'at least' if 'minimum' in target else 'above'} {low:g}"
    return "" if "prefixItems" in target or "minItems" not in target else "not empty"


def _first_line(schema: Schema) -> str:
    return str(schema.get("description", "")).partition("\n\n")[0].replace("\n", " ")
