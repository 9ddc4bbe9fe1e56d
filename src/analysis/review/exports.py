"""Tables for others: tidy CSV files, and one workbook with a page that explains it.

Text that comes from raw files or params is data: a cell that a spreadsheet would take for
a formula is written as text with an apostrophe before it. The same inputs give the same
bytes: no clock, no locale, no order of a set.
"""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import pandas as pd
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from analysis import artefacts
from analysis.determinants import schemas as determinants
from analysis.files import load_yaml, replacing, write_whole
from analysis.intake import schemas as intake
from analysis.prevalence import schemas as prevalence
from analysis.project import Project
from analysis.review import schemas as review
from analysis.review.tables_out import public_tables

WORKBOOK = "tables.xlsx"
WORDS = Path(__file__).parent / "export_words.yaml"
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")
_DECIMALS = 6
_WIDEST = 48


def export_tables(project: Project, out: Path | None = None) -> list[Path]:
    """Write every public table as CSV, and all of them in one workbook.

    Parameters
    ----------
    project
        Whose artefacts to read; the review must have been made.
    out
        Folder for the files; `tables` in the folder that gets shared unless given.

    Returns
    -------
    list of Path
        The files written, the workbook last. With synthetic data the CSV names end in
        `_sintetis`, and the workbook says so on every sheet.

    Raises
    ------
    UserError
        The review has not been made.
    """
    folder = out or project.out / "tables"
    folder.mkdir(parents=True, exist_ok=True)
    artefacts.read(project, "review")
    tables = {name: tidy(table) for name, table in public_tables(project).items()}
    synthetic = bool(artefacts.meta(project, "review").get("synthetic", False))
    suffix = "_sintetis" if synthetic else ""
    written = []
    for name, table in tables.items():
        target = folder / f"{name}{suffix}.csv"
        text = table.map(safe).to_csv(
            index=False, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC
        )
        written.append(write_whole(target, text))
    book = folder / WORKBOOK
    with replacing(book) as path:
        write_workbook(project, tables, path, synthetic=synthetic)
    return [*written, book]


def tidy(table: pd.DataFrame) -> pd.DataFrame:
    """Plain values: numbers rounded to six decimals, text and truth values as objects."""
    result = {}
    for column in table.columns:
        values = table[column]
        if pd.api.types.is_bool_dtype(values.dtype):
            values = values.astype("Int64")
        elif pd.api.types.is_float_dtype(values.dtype):
            values = values.astype("float64").round(_DECIMALS)
        plain = [None if pd.isna(value) else value for value in values.tolist()]
        result[column] = pd.Series(plain, dtype="object")
    return pd.DataFrame(result)


def safe(value: object) -> object:
    """Text that no spreadsheet takes for a formula; anything else as it is.

    >>> safe("=1+1")
    "'=1+1"
    >>> safe(-3)
    -3
    """
    if isinstance(value, str) and value.startswith(_DANGEROUS):
        return "'" + value
    return value


def write_workbook(
    project: Project, tables: dict[str, pd.DataFrame], path: Path, *, synthetic: bool
) -> None:
    """Write the workbook: a page to read first, one on columns, and a sheet for each table."""
    words = load_words(project.params.language)
    day = project.params.review.date
    options = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "nan_inf_to_errors": False,
    }
    with xlsxwriter.Workbook(str(path), options) as book:
        book.set_properties(
            {
                "title": words["title"].format(place=project.params.place.full_name[words["lang"]]),
                "author": project.params.review.publisher[words["lang"]],
                "created": dt.datetime(day.year, day.month, day.day),
            }
        )
        book.set_size(2400, 1600)
        formats = _formats(book)
        _first_page(book.add_worksheet(words["readme"]), project, tables, words, formats, synthetic)
        _column_page(book.add_worksheet(words["columns_sheet"]), tables, words, formats)
        for name, table in tables.items():
            sheet = book.add_worksheet(name[:31])
            _table_sheet(sheet, table, words, formats, synthetic)


def _formats(book: xlsxwriter.Workbook) -> dict[str, Format]:
    common = {"font_name": "Calibri", "font_size": 11, "valign": "top"}
    return {
        "title": book.add_format({**common, "bold": True, "font_size": 16}),
        "warning": book.add_format({**common, "bold": True, "font_color": "#B45309"}),
        "head": book.add_format(
            {**common, "bold": True, "bg_color": "#DCE6F1", "bottom": 1, "text_wrap": True}
        ),
        "text": book.add_format(common),
        "wrap": book.add_format({**common, "text_wrap": True}),
        "whole": book.add_format({**common, "num_format": "#,##0"}),
        "number": book.add_format({**common, "num_format": "#,##0.000"}),
        "share": book.add_format({**common, "num_format": "0.0%"}),
    }


def _first_page(
    sheet: Worksheet,
    project: Project,
    tables: dict[str, pd.DataFrame],
    words: dict[str, str],
    formats: dict[str, Format],
    synthetic: bool,
) -> None:
    params, lang = project.params, words["lang"]
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 100)
    title = words["title"].format(place=params.place.full_name[lang])
    sheet.write_string(0, 0, title, formats["title"])
    row = 1
    if synthetic:
        sheet.write_string(row, 0, words["synthetic"], formats["warning"])
        row += 1
    facts = {
        "meeting": f"{params.review.meeting[lang]}, {params.review.date.isoformat()}",
        "survey": f"{params.survey.name[lang]} ({params.survey.period[lang]})",
        "routine": f"{params.routine.name[lang]} {params.routine.month}" if params.routine else "–",
        "population": params.population.source[lang],
        "parameters": project.params_hash[:16],
        "data": str(artefacts.meta(project, "review").get("inputs", {}).get("children", ""))[:16],
    }
    row += 1
    for key, value in facts.items():
        sheet.write_string(row, 0, words[f"fact_{key}"], formats["head"])
        sheet.write_string(row, 1, value, formats["wrap"])
        row += 1
    row += 1
    for line in words["reading"].strip().splitlines():
        sheet.merge_range(row, 0, row, 1, line, formats["wrap"])
        row += 1
    row += 1
    for column, key in enumerate(("sheet", "content")):
        sheet.write_string(row, column, words[key], formats["head"])
    for name in tables:
        row += 1
        sheet.write_url(row, 0, f"internal:'{name[:31]}'!A1", formats["text"], name)
        sheet.write_string(row, 1, words[f"table_{name}"], formats["wrap"])


def _column_page(
    sheet: Worksheet,
    tables: dict[str, pd.DataFrame],
    words: dict[str, str],
    formats: dict[str, Format],
) -> None:
    sheet.freeze_panes(1, 0)
    for column, (key, width) in enumerate((("sheet", 20), ("column", 28), ("meaning", 100))):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, words[key], formats["head"])
    row = 0
    for name, table in tables.items():
        for heading in table.columns:
            row += 1
            sheet.write_string(row, 0, name, formats["text"])
            sheet.write_string(row, 1, heading, formats["text"])
            sheet.write_string(row, 2, note(name, heading, words), formats["wrap"])
    sheet.autofilter(0, 0, max(row, 1), 2)


def _table_sheet(
    sheet: Worksheet,
    table: pd.DataFrame,
    words: dict[str, str],
    formats: dict[str, Format],
    synthetic: bool,
) -> None:
    """One table: headings as in the data dictionary, fixed in view, with a filter."""
    sheet.freeze_panes(1, 2 if table.shape[1] > 2 else 0)
    sheet.set_landscape()
    sheet.repeat_rows(0)
    sheet.fit_to_pages(1, 0)
    if synthetic:
        sheet.set_header(f"&C&B{words['synthetic_short']}")
    for place, column in enumerate(table.columns):
        values = table[column]
        kind = _kind(column, values)
        sheet.write_string(0, place, column, formats["head"])
        longest = max([len(column), *(len(str(v)) for v in values if v is not None)])
        sheet.set_column(place, place, min(longest if kind == "text" else len(column), _WIDEST) + 3)
        for row, value in enumerate(values, start=1):
            if value is None:
                continue
            if isinstance(value, str):
                sheet.write_string(row, place, str(safe(value)), formats["text"])
            else:
                sheet.write_number(row, place, float(value), formats[kind])
    sheet.autofilter(0, 0, len(table), table.shape[1] - 1)


_SHARES = (
    "estimate", "low", "high", "se", "target", "final_target", "probability_at_target",
    "probability_at_final", "probability_above_whole", "probability_fall", "rate",
    "routine_estimate", "weighed_share", "routine_rate", "coverage", "gap", "gap_low",
    "gap_high", "current", "share", "share_low", "share_high", "value", "change", "change_low",
    "change_high", "annual_rate", "annual_rate_needed", "borrowed", "needed", "coverage_gap",
)  # fmt: skip


def _kind(column: str, values: pd.Series) -> str:
    """Number format of a column: text, whole numbers, shares or other numbers."""
    known = [v for v in values if v is not None]
    if not known or any(isinstance(v, str) for v in known):
        return "text"
    if all(float(v).is_integer() for v in known) and column not in _SHARES:
        return "whole"
    fits = all(-1 <= float(v) <= 1 for v in known)
    return "share" if column in _SHARES and fits else "number"


def note(table: str, column: str, words: dict[str, str]) -> str:
    """What a column means: in the reader's language where it is written, else the schema's."""
    for key in (f"{table}.{column}", column):
        if key in words:
            return words[key]
    return SCHEMA_NOTES.get((table, column), "")


SCHEMA_NOTES: dict[tuple[str, str], str] = {
    (name, column): str(spec.description or "")
    for tables in (intake.TABLES, prevalence.TABLES, determinants.TABLES, review.TABLES)
    for name, schema in tables.items()
    for column, spec in schema.columns.items()
}


def load_words(language: str) -> dict[str, str]:
    """Words of the workbook and notes of its columns, flat, in a language."""
    content = load_yaml(WORDS)[language]
    return {"lang": language, **content["words"], **(content.get("columns") or {})}
