"""Exports mangled in hundreds of ways: clean records with an exact account, or one sentence."""

from __future__ import annotations

import datetime as dt
import io
import random
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.errors import UserError
from analysis.intake.children import children_table
from analysis.intake.cleaning import engine as cleaning
from analysis.intake.cleaning import record_rules
from analysis.intake.cleaning.cells import Types
from analysis.intake.cleaning.engine import Log
from analysis.intake.cleaning.records import Setting, clean
from analysis.intake.columns import load_map
from analysis.intake.linking import link, with_way
from analysis.intake.schemas import TABLES
from analysis.intake.sources import read
from analysis.intake.visits import visits_table
from analysis.project import Project, load_project

Table = list[list[str]]
NASTY = [
    "", " ", "0", "-", "8888", "9999", "n/a", "#REF!", "#N/A", "=1+1", '=HYPERLINK("x")', "<script>",
    "#import", "../../x", "\x00", "\x1f\x7f", "081234567890", "3509191203240001", "3.50919E+15", "46238",
    "1e308", "-5", "12,5", "12.5", "1.234,5", "NaN", "inf", "Infinity", "None", "31/12/2026", "2026-13-45",
    "00/00/0000", "08/25/2026", "15 Agustus 2026", "L", "P", "PATRANG", "Atlantis", "ya", "tidak tahu",
    "é\u0301ü", "\u202e", "😀", "N" * 40_000, '"', "'", ";", ",", "\t", "a\nb", "a\r\nb", "|", "\\",
]  # fmt: skip
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "cp1252", "latin-1"]

cell_changes = st.tuples(st.integers(0, 200), st.integers(0, 60), st.sampled_from(NASTY))
row_changes = st.sampled_from(
    ["blank", "header again", "short", "long", "footer", "twice", "none", "title", "reversed"]
)
heading_changes = st.sampled_from(
    ["none", "upper", "spaces", "punctuation", "drop", "twice", "shuffle", "rename", "empty"]
)
byte_changes = st.sampled_from(["none"] * 4 + ["cut", "flip", "nul", "garbage", "quotes", "cr"])


@st.composite
def manglings(draw: st.DrawFn) -> dict[str, Any]:
    return {
        "scope": draw(st.sampled_from(["survey", "routine"])),
        "cells": draw(st.lists(cell_changes, max_size=12)),
        "rows": draw(st.lists(row_changes, max_size=3)),
        "headings": draw(heading_changes),
        "bytes": draw(byte_changes),
        "container": draw(st.sampled_from(["csv", "csv", "xlsx", "parquet"])),
        "delimiter": draw(st.sampled_from([",", ";", "\t", "|"])),
        "encoding": draw(st.sampled_from(ENCODINGS)),
        "seed": draw(st.integers(0, 10_000)),
    }


def mangled_table(table: Table, how: dict[str, Any]) -> Table:
    """Change cells, rows and headings; the header stays the first row unless titles go above it."""
    chance = random.Random(how["seed"])
    head, body = list(table[0]), [list(row) for row in table[1:]]
    for row, column, text in how["cells"]:
        body[row % len(body)][column % len(head)] = text
    place = chance.randrange(len(head))
    change = how["headings"]
    if change == "upper":
        head = [name.upper() for name in head]
    elif change == "spaces":
        head = [f"  {name} " for name in head]
    elif change == "punctuation":
        head = [name.replace("_", " - ") + "." for name in head]
    elif change == "drop":
        head, body = head[:place] + head[place + 1 :], [r[:place] + r[place + 1 :] for r in body]
    elif change == "twice":
        head, body = [*head, head[place]], [[*row, row[place]] for row in body]
    elif change == "rename":
        head[place] = chance.choice(NASTY)
    elif change == "empty":
        head = [""] * len(head)
    elif change == "shuffle":
        order = chance.sample(range(len(head)), len(head))
        head, body = [head[i] for i in order], [[row[i] for i in order] for row in body]
    above: Table = []
    for change in how["rows"]:
        at = chance.randrange(len(body) + 1)
        if change == "blank":
            body.insert(at, [""] * len(head))
        elif change == "header again":
            body.insert(at, list(head))
        elif change == "short":
            body.insert(at, body[at % len(body)][: len(head) // 2])
        elif change == "long":
            body.insert(at, [*body[at % len(body)], "lebih", "lagi"])
        elif change == "footer":
            body.append(["Jumlah", *[""] * (len(head) - 1)])
        elif change == "twice":
            body.insert(at, list(body[at % len(body)]))
        elif change == "title":
            above += [["LAPORAN"], [""]]
        elif change == "reversed":
            body.reverse()
    return [*above, head, *body]


def as_bytes(table: Table, how: dict[str, Any], text_of: Callable[..., str]) -> bytes:
    """The table in its container, bytes then mangled."""
    if how["container"] == "xlsx":
        stream = io.BytesIO()
        book = xlsxwriter.Workbook(stream, {"in_memory": True})
        sheet = book.add_worksheet("Data")
        for r, row in enumerate(table):
            for c, cell in enumerate(row):
                number = cell.replace(".", "", 1).isdigit() and len(cell) < 12 and how["seed"] % 2
                (sheet.write_number if number else sheet.write_string)(
                    r, c, float(cell) if number else cell[:32_000]
                )
        book.close()
        data = stream.getvalue()
    elif how["container"] == "parquet":
        width = max(map(len, table))
        names = [
            f"{name}" if table[0].count(name) == 1 else f"{name}{i}"
            for i, name in enumerate(table[0])
        ]
        names += [f"kolom_{i}" for i in range(len(names), width)]
        rows = [row + [""] * (width - len(row)) for row in table[1:]]
        stream = io.BytesIO()
        pl.DataFrame({n: [row[i] for row in rows] for i, n in enumerate(names)}).write_parquet(
            stream
        )
        data = stream.getvalue()
    else:
        data = text_of(table, how["delimiter"]).encode(how["encoding"], errors="replace")
    return mangled_bytes(data, how)


def mangled_bytes(data: bytes, how: dict[str, Any]) -> bytes:
    chance = random.Random(how["seed"])
    change, at = how["bytes"], chance.randrange(len(data))
    if change == "cut":
        return data[:at]
    if change == "flip":
        return data[:at] + bytes([data[at] ^ (1 << chance.randrange(8))]) + data[at + 1 :]
    if change == "nul":
        return data[:at] + b"\0" * 5 + data[at:]
    if change == "garbage":
        return data[:at] + chance.randbytes(200) + data[at:]
    if change == "quotes":
        return data[:at] + b'"' + data[at:]
    if change == "cr":
        return data.replace(b"\n", b"\r")
    return data


def rectangular(table: Table, delimiter: str) -> str:
    """Rows as text, cells quoted where needed."""

    def cell(text: str) -> str:
        special = any(c in text for c in (delimiter, '"', "\n", "\r"))
        return '"' + text.replace('"', '""') + '"' if special else text

    return "".join(delimiter.join(map(cell, row)) + "\n" for row in table)


def through(path: Path, scope: str, project: Project) -> tuple[int, list[Log]]:
    """All of the stage but the files; returns rows handed on and the logs."""
    names = ["survey"] if scope == "survey" else ["eppgbm_classic", "eppgbm_2025", "eppgbm_2026"]
    maps = [load_map(project.beside(f"columns/{name}.yaml")) for name in names]
    setting = Setting(project.register, Types.of(project.pillars), dt.date(2026, 12, 31))
    frames, logs = [], []
    for source in read(path, maps, names):
        frame, log = clean(source, scope, setting)
        assert log.entries[0]["rows_before"] == source.rows_read
        frames.append(frame)
        logs.append(log)
    frame = pl.concat(frames, how="diagonal_relaxed")
    if scope == "survey":
        frame = cleaning.apply_across(frame, record_rules.survey_duplicates(), logs)
        table = children_table(frame, project.pillars, b"k" * 32)
        TABLES["children"].validate(table)
    else:
        frame = cleaning.apply_across(link(frame).frame, record_rules.routine_duplicates(), logs)
        table = visits_table(
            cleaning.apply_across(with_way(frame), record_rules.linkage(), logs), b"k" * 32
        )
        TABLES["visits"].validate(table)
    return len(table), logs


@pytest.fixture(scope="module")
def project(root: Path) -> Project:
    return load_project(root / "params" / "default.yaml")


def check(how: dict[str, Any], project: Project, rows: SimpleNamespace) -> str:
    """Run one case; returns `clean` or `sentence`."""
    if how["scope"] == "survey":
        records = [rows.survey(i) for i in range(1, 9)]
    else:
        records = [rows.visit(i, month) for i in range(1, 5) for month in (7, 8)]
    table = [list(records[0]), *[[str(cell) for cell in row.values()] for row in records]]
    table = mangled_table(table, how)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"data.{how['container']}"
        path.write_bytes(as_bytes(table, how, rectangular))
        try:
            handed_on, logs = through(path, how["scope"], project)
        except UserError as error:
            assert "\n" not in str(error)
            assert len(str(error)) < 700
            assert str(error).endswith((".", "?"))
            return "sentence"
    entries = [entry for log in logs for entry in log.entries]
    read_rows = sum(int(log.entries[0]["rows_before"]) for log in logs)  # type: ignore[call-overload]
    aside = sum(int(e["affected"]) for e in entries if e["action"] == "set_aside")  # type: ignore[call-overload]
    assert read_rows == handed_on + aside
    if how["bytes"] == "none" and how["headings"] != "empty" and "\x00" not in str(how["cells"]):
        # Nothing was lost on the way in: every row that holds anything was read.
        head = next(i for i, row in enumerate(table) if len(row) > 3)
        filled = sum(any(cell.strip() for cell in row) for row in table[head + 1 :])
        empty = sum(int(e["affected"]) for e in entries if e["rule"] == "empty_row")  # type: ignore[call-overload]
        assert read_rows - empty == filled
    return "clean"


QUIET = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]


@settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=QUIET)
@given(how=manglings())
def test_some_mangled_exports(how: dict[str, Any], project: Project, rows: SimpleNamespace) -> None:
    check(how, project, rows)


@pytest.mark.slow
@settings(max_examples=250, deadline=None, derandomize=True, suppress_health_check=QUIET)
@given(how=manglings())
def test_many_mangled_exports(how: dict[str, Any], project: Project, rows: SimpleNamespace) -> None:
    check(how, project, rows)


@pytest.mark.slow
def test_most_mildly_mangled_exports_are_read(project: Project, rows: SimpleNamespace) -> None:
    """The other tests would pass if every file were refused: here none may be."""
    for seed in range(40):
        how = {
            "scope": ["survey", "routine"][seed % 2],
            "cells": [(seed, seed * 7, NASTY[seed % len(NASTY)])],
            "rows": [["blank", "title", "footer", "twice"][seed % 4]],
            "headings": ["none", "upper", "spaces", "punctuation", "shuffle"][seed % 5],
            "bytes": "none",
            "container": ["csv", "xlsx"][seed // 2 % 2],
            "delimiter": ";,\t|"[seed % 4],
            "encoding": ENCODINGS[seed % len(ENCODINGS)],
            "seed": seed,
        }
        assert check(how, project, rows) == "clean", how
