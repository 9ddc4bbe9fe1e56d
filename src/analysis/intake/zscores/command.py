"""``python -m analysis zscores FILE -o OUT``: WHO z-scores beside every column of a file."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import polars as pl

from analysis.errors import UserError
from analysis.intake.cleaning.values import decimal_sign
from analysis.intake.columns import load_map
from analysis.intake.growth import INDICES, zscores
from analysis.intake.reading import delimited, labelled
from analysis.intake.sources import shown
from analysis.intake.zscores.input import USED, USUAL, ChildFile, children_of, read_child_file
from analysis.intake.zscores.spreadsheets import SUFFIXES, Table, write_table

ADDED = (*INDICES, *(f"{name}_flag" for name in INDICES), "length_corrected_cm")


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = subparsers.add_parser(
        "zscores",
        help="WHO z-scores for a file of children",
        description="Adds WHO 2006 z-scores and flags to a CSV, XLSX or Stata file.",
    )
    parser.add_argument("file", metavar="FILE", help="file of children (CSV, XLSX, Stata, …)")
    parser.add_argument(
        "-o", "--out", required=True, metavar="OUT", help=f"result: {', '.join(SUFFIXES)}"
    )
    parser.add_argument(
        "--columns", metavar="MAP.yaml", help="which column is which, as in params/columns/"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Compute and write; returns 0.

    Raises
    ------
    UserError
        The file cannot be read, a column is missing, or the result cannot be written.
    """
    source, target = Path(args.file), Path(args.out)
    if target.exists() and source.exists() and target.samefile(source):
        raise UserError(f"{target}: the result must not replace the file it is made from.")
    columns = load_map(Path(args.columns)) if args.columns else USUAL
    read = read_child_file(source, columns)
    children = children_of(read)
    z = zscores(children)
    _write(read, z, target)
    _report(read, z, target)
    return 0


def _write(read: ChildFile, z: pd.DataFrame, target: Path) -> None:
    headings = list(read.matching.headings)
    added = [pl.Series(z[n].astype("int8") if n.endswith("_flag") else z[n]) for n in ADDED]
    delimiter = read.sheet.delimiter if isinstance(read.sheet, delimited.Delimited) else ","
    table = Table(
        headings=[*headings, *_free_names(headings)],
        columns=[*read.rows.get_columns(), *added],
        decimal=_decimal(read, delimiter),
    )
    stata = isinstance(read.sheet, labelled.Typed) and read.sheet.file.suffix.lower() == ".dta"
    source = read.sheet.file if stata else None
    write_table(table, target, delimiter=delimiter, source=source)


def _free_names(headings: Sequence[str]) -> list[str]:
    """Names of the added columns; with `who_` in front where the file has such a column."""
    taken = {heading.strip().lower() for heading in headings}
    prefix = ""
    while any(f"{prefix}{name}" in taken for name in ADDED):
        prefix += "who_"
    return [f"{prefix}{name}" for name in ADDED]


def _decimal(read: ChildFile, delimiter: str) -> str:
    """The decimal sign of the file's own measures."""
    if delimiter == ",":
        return "."
    measures = [read.typed[f"{n}_raw"].drop_nulls() for n in ("weight_kg", "length_cm")]
    return "," if decimal_sign([t for column in measures for t in column]) == "comma" else "."


def _report(read: ChildFile, z: pd.DataFrame, target: Path) -> None:
    """Say what was used, computed, flagged and not read."""
    heading = read.matching.headings
    used = ", ".join(
        f"{name} = {' + '.join(shown(heading[p], 30) for p in places)}"
        for name, places in read.matching.found.items()
        if name in USED
    )
    print(f"columns: {used}")
    for name in INDICES:
        known, flagged = int(z[name].notna().sum()), int(z[f"{name}_flag"].sum())
        print(f"{name}: {known:,} of {len(z):,} computed, {flagged:,} flagged as implausible")
    problems = {
        name: int((read.typed[f"{name}_problem"].fill_null("no_answer") != "no_answer").sum())
        for name in read.matching.found
        if f"{name}_problem" in read.typed.columns
    }
    unread = ", ".join(f"{name} {count:,}" for name, count in problems.items() if count)
    if unread:
        print(f"cells that could not be read, left out: {unread}")
    if read.ragged:
        print(f"rows with more cells than headings, the rest cut off: {read.ragged:,}")
    print(f"written: {target}")
