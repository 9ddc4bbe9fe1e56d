"""Generated reference: fresh, complete, and schemas that editors can trust."""

from __future__ import annotations

import argparse
import importlib
import json
import re
from typing import Literal

import jsonschema
import pandera.pandas as pa
import pytest
import yaml
from pydantic import Field

from analysis import reference
from analysis.params import Model, Text
from analysis.reference import keys, tables
from analysis.reference.markdown import table
from analysis.schema import number, share, text, whole
from analysis.schema import table as schema_table

FILES = {
    "params": ["params/default.yaml"],
    "pillars": ["params/pillars.yaml"],
    "columns": ["params/columns/*.yaml"],
}


@pytest.mark.parametrize("path", reference.pages())
def test_generated_files_are_fresh(path, root):
    made = reference.pages()[path]
    found = (root / path).read_text(encoding="utf-8") if (root / path).exists() else ""
    assert found == made, f"{path} is stale: run `{reference.COMMAND}` and commit the result"


# --- parameters ------------------------------------------------------------------------------


class Point(Model):
    """A point."""

    year: int = Field(ge=1990, le=2100, description="Year | of it")


class Example(Model):
    """An example."""

    kind: Literal["a", "b"] = Field(default="a", description="Which")
    above: float = Field(gt=0, description="Positive")
    label: Text
    one: Point
    maybe: Point | None = Field(default=None, description="Optional")
    many: tuple[Point, ...] = Field(min_length=1)
    named: dict[str, Point] = Field(default={})


def test_keys_of_a_model_are_listed_with_what_they_allow():
    schema = Example.model_json_schema()
    found = {key.path: key for key in keys.walk(schema, schema)}
    assert list(found) == [
        *("kind", "above", "label", "one", "one.year", "maybe", "maybe.year"),
        *("many", "many[].year", "named", "named.<name>.year"),
    ]
    assert found["kind"].row()[1:] == ("text", '`"a"`', "`a`, `b`", "Which")
    assert found["above"].row()[1:4] == ("number", "*required*", "above 0")
    assert found["label"].type == "text by language"
    assert found["one.year"].allowed == "1990 to 2100"
    assert (found["maybe"].default, found["maybe"].meaning) == ("none", "Optional")
    assert (found["many"].type, found["many"].allowed) == ("list of groups", "not empty")
    assert (found["many"].meaning, found["named"].type) == ("A point.", "name → group")


def test_cells_keep_their_column():
    assert table(("a",), [("x | y\nz",)]).splitlines()[2] == "| x \\| y z |"


def test_every_key_of_the_run_is_in_the_reference(root):
    page = (root / "docs/params.md").read_text(encoding="utf-8")
    default = yaml.safe_load((root / "params/default.yaml").read_text(encoding="utf-8"))
    for group, content in default.items():
        assert f"| `{group}` |" in page
        for key in content if isinstance(content, dict) else ():
            assert f"| `{group}.{key}` |" in page


# --- JSON schemas ------------------------------------------------------------------------------


def content_of(file):
    """A YAML file as an editor sees it: dates are text."""
    return json.loads(json.dumps(yaml.safe_load(file.read_text(encoding="utf-8")), default=str))


@pytest.mark.parametrize(("name", "pattern"), [(n, p) for n, ps in FILES.items() for p in ps])
def test_schemas_accept_the_shipped_files_and_refuse_a_typo(name, pattern, root):
    schema = json.loads((root / f"params/schema/{name}.schema.json").read_text(encoding="utf-8"))
    files = sorted(root.glob(pattern))
    assert files
    for file in files:
        content = content_of(file)
        jsonschema.validate(content, schema)
        with pytest.raises(jsonschema.ValidationError, match="surveey"):
            jsonschema.validate(content | {"surveey": {}}, schema)


# --- data dictionary -----------------------------------------------------------------------------


@pytest.mark.parametrize("room", tables.ROOMS)
def test_dictionary_holds_every_column_with_its_meaning(room, root):
    page = tables.page()
    for artefact, schema in importlib.import_module(f"analysis.{room}.schemas").TABLES.items():
        section = page.split(f"\n### `{artefact}`\n")[1].split("\n### ")[0]
        assert len(section.partition("|")[0].strip()) > 20, f"{artefact} is not described"
        for column, rules in schema.columns.items():
            assert rules.description, f"{artefact}.{column} has no meaning"
            assert re.search(rf"^\| `{column}` \| .*\S \|$", section, re.M)


def test_units_come_from_name_description_and_range():
    rows = {
        "weight_kg": (number("Weight"), "kg"),
        "p": (share("Chance"), "share"),
        "rse": (number("Relative, percent", 0), "percent"),
        "rate": (number("New cases per 100 child-years"), "per 100 child-years"),
        "code": (text("Share of nothing"), ""),
        "n": (whole("Records"), ""),
    }
    for name, (column, unit) in rows.items():
        assert tables.unit_of(name, column) == unit
    frame = schema_table({"rate_kg": number("x"), "low": number("y"), "n": number("z")})
    units = [line.split(" | ")[2] for line in tables.columns(frame).splitlines()[2:]]
    assert units == ["kg", "kg", ""]


def test_ranges_and_values():
    assert tables.values(text("x", allowed=["a", "b"])) == "`a`, `b`"
    assert tables.values(number("x", 0, 2.5)) == "0 to 2.5"
    assert tables.values(whole("x")) == "at least 0"
    assert tables.values(pa.Column("string")) == ""


# --- the command ---------------------------------------------------------------------------------


def test_write_mends_what_check_finds(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(reference, "find_root", lambda: tmp_path)
    parser = reference_parser()
    asked = parser.parse_args(["docs", "--check"])
    assert asked.run(asked) == 1
    assert f"run `{reference.COMMAND}`" in capsys.readouterr().out
    assert reference.run(parser.parse_args(["docs"])) == 0
    assert "wrote docs/params.md" in capsys.readouterr().out
    assert reference.run(parser.parse_args(["docs", "--check"])) == 0
    (tmp_path / "docs/params.md").write_text("old", encoding="utf-8")
    assert reference.stale(tmp_path) == ["docs/params.md"]


def reference_parser():
    parser = argparse.ArgumentParser()
    reference.add_parser(parser.add_subparsers())
    return parser
