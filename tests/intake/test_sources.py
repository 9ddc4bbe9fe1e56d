"""Files in every format an office has, read to the same text."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import polars as pl
import pyreadstat
import pytest
import xlsxwriter

from analysis.errors import UserError
from analysis.intake.columns import ColumnMap, load_map
from analysis.intake.sources import Source, read, resolve


@pytest.fixture(scope="module")
def survey_map(root: Path) -> ColumnMap:
    return load_map(root / "params" / "columns" / "survey.yaml")


def read_all(path: Path, columns: ColumnMap) -> list[Source]:
    return list(read(path, [columns], ["columns/survey.yaml"]))


def read_one(path: Path, columns: ColumnMap) -> Source:
    (one,) = read_all(path, columns)
    return one


def workbook(
    path: Path, sheets: dict[str, Sequence[Sequence[Any]]], merge: Sequence[tuple[int, ...]] = ()
) -> Path:
    book = xlsxwriter.Workbook(str(path), {"default_date_format": "dd/mm/yyyy"})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for r, row in enumerate(rows):
            for c, cell in enumerate(row):
                if cell is not None:
                    (sheet.write_string if isinstance(cell, str) else sheet.write)(r, c, cell)
        for top, left, bottom, right in merge:
            sheet.merge_range(top, left, bottom, right, rows[top][left])
    book.close()
    return path


HEAD = ["Kecamatan", "JK", "Tgl Lahir", "Tgl Ukur", "BB", "TB"]
BODY = [["Patrang", "L", "2024-05-02", "2026-08-15", "10.5", "82.5"],
        ["Silo", "P", "2024-06-03", "2026-08-16", "9.8", "80"]]  # fmt: skip


def delimited(delimiter: str = ",", title: Sequence[str] = (), end: str = "\n") -> str:
    return end.join([*title, *[delimiter.join(row) for row in [HEAD, *BODY]], ""])


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"]
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_delimited_text_in_any_dress(
    delimiter: str, encoding: str, end: str, tmp_path: Path, survey_map: ColumnMap
) -> None:
    text = delimited(delimiter, ["REKAP; Survei – Jember", ""], end)
    if encoding != "cp1252":
        text = text.replace("–", "—")
    path = tmp_path / "survei.csv"
    path.write_bytes(text.encode(encoding))
    one = read_one(path, survey_map)
    assert one.frame["kecamatan"].to_list() == ["Patrang", "Silo"]
    assert one.frame["length_cm"].to_list() == ["82.5", "80"]
    assert one.frame["source_row"].to_list() == [4, 5]


def test_windows_1252_names_survive(tmp_path: Path, survey_map: ColumnMap) -> None:
    path = tmp_path / "survei.csv"
    path.write_bytes(delimited(";").replace("Silo", "Sïlo").encode("cp1252"))
    assert read_one(path, survey_map).frame["kecamatan"].to_list() == ["Patrang", "Sïlo"]


def test_quoted_cells_hold_delimiters_and_line_breaks(
    tmp_path: Path, survey_map: ColumnMap
) -> None:
    path = tmp_path / "survei.csv"
    path.write_text(delimited(",").replace("Silo", '"Silo,\nbagian ""timur"""'))
    one = read_one(path, survey_map)
    assert one.frame["kecamatan"].to_list() == ["Patrang", 'Silo,\nbagian "timur"']
    assert one.frame["source_row"].to_list() == [2, 3]


def test_a_quote_never_closed_swallows_nothing(tmp_path: Path, survey_map: ColumnMap) -> None:
    path = tmp_path / "survei.csv"
    path.write_text(delimited(",").replace("Patrang", '"Patrang'))
    assert read_one(path, survey_map).frame.height == 2


@pytest.mark.parametrize("carefully", [False, True])
def test_empty_rows_are_counted_and_rows_with_too_many_cells_marked(
    carefully: bool, tmp_path: Path, survey_map: ColumnMap
) -> None:
    lines = delimited(",").splitlines()
    text = "\n".join([lines[0], lines[1], "", ",,,,,", lines[2] + ",x", lines[1], ""])
    path = tmp_path / "survei.csv"
    path.write_text(text + ("\0" if carefully else ""))
    one = read_one(path, survey_map)
    assert (one.rows_read, one.empty_rows) == ((6, 3) if carefully else (5, 2))
    assert one.frame["ragged"].to_list() == [False, True, False]
    assert one.frame["source_row"].to_list() == [2, 5, 6]


def test_a_workbook_with_title_rows_dates_numbers_and_text(
    tmp_path: Path, survey_map: ColumnMap
) -> None:
    rows = [
        ["LAPORAN SURVEI"],
        [None, "Kabupaten Jember"],
        HEAD,
        ["Patrang", "L", dt.date(2024, 5, 2), dt.datetime(2026, 8, 15), 10.5, 82.5],
        [None] * 6,
        ["Silo", "P", 45446, "16/08/2026", "9,8", 80],
    ]
    path = workbook(tmp_path / "survei.xlsx", {"Data": rows, "Catatan": [["tidak", "ada"]]})
    one = read_one(path, survey_map)
    assert one.file == "survei.xlsx"
    assert one.frame["birth_date"].to_list() == ["2024-05-02", "45446"]
    assert one.frame["visit_date"].to_list() == ["2026-08-15", "16/08/2026"]
    assert one.frame["weight_kg"].to_list() == ["10.5", "9,8"]
    assert one.frame["length_cm"].to_list() == ["82.5", "80"]
    assert one.frame["source_row"].to_list() == [4, 6]
    assert one.empty_rows == 1


def test_every_sheet_with_the_headings_is_read(tmp_path: Path, survey_map: ColumnMap) -> None:
    sheets = {"Januari": [HEAD, BODY[0]], "Info": [["x"]], "Februari": [["judul"], HEAD, BODY[1]]}
    found = read_all(workbook(tmp_path / "survei.xlsx", sheets), survey_map)
    assert [one.file for one in found] == ["survei.xlsx [Januari]", "survei.xlsx [Februari]"]
    assert [one.frame["kecamatan"][0] for one in found] == ["Patrang", "Silo"]


def test_a_summary_beside_the_data_is_passed_over_but_no_sheet_of_data(
    tmp_path: Path, survey_map: ColumnMap
) -> None:
    summary = [["Kecamatan", "BB"], ["Patrang", "10"]]
    sheets = {"Rekap": summary, "Data": [HEAD, *BODY]}
    assert read_one(workbook(tmp_path / "a.xlsx", sheets), survey_map).frame.height == 2
    renamed = [[name.replace("JK", "Kelamin?") for name in HEAD], BODY[1]]
    path = workbook(tmp_path / "b.xlsx", {"Januari": [HEAD, BODY[0]], "Februari": renamed})
    with pytest.raises(UserError, match=r"b\.xlsx \[Februari\], row 1: no column for sex"):
        read_all(path, survey_map)


def test_the_map_may_name_the_sheet(tmp_path: Path, survey_map: ColumnMap) -> None:
    sheets = {"Januari": [HEAD, BODY[0]], "Februari": [HEAD, BODY[1]]}
    columns = survey_map.model_copy(update={"sheets": ("februari",)})
    one = read_one(workbook(tmp_path / "survei.xlsx", sheets), columns)
    assert one.frame["kecamatan"].to_list() == ["Silo"]


def test_merged_cells_hold_for_all_their_rows(tmp_path: Path, survey_map: ColumnMap) -> None:
    rows = [
        ["Kecamatan", "JK", "Tgl Lahir", "Pengukuran", "", ""],
        ["", "", "", "Tgl Ukur", "BB", "TB"],
        BODY[0],
        ["", *BODY[1][1:]],
    ]
    merge = [(0, 0, 1, 0), (0, 1, 1, 1), (0, 2, 1, 2), (0, 3, 0, 5), (2, 0, 3, 0)]
    one = read_one(workbook(tmp_path / "survei.xlsx", {"Data": rows}, merge), survey_map)
    assert one.frame["kecamatan"].to_list() == ["Patrang", "Patrang"]
    assert one.frame["weight_kg"].to_list() == ["10.5", "9.8"]
    assert one.frame["source_row"].to_list() == [3, 4]


def test_a_workbook_with_the_ending_csv_is_still_a_workbook(
    tmp_path: Path, survey_map: ColumnMap
) -> None:
    path = workbook(tmp_path / "survei.xlsx", {"Data": [HEAD, *BODY]})
    path = path.rename(tmp_path / "survei.csv")
    assert read_one(path, survey_map).frame.height == 2


def test_text_with_the_ending_xls_is_still_text(tmp_path: Path, survey_map: ColumnMap) -> None:
    path = tmp_path / "survei.xls"
    path.write_text(delimited("\t"))
    assert read_one(path, survey_map).frame.height == 2


def write_stata(table: pd.DataFrame, path: Path) -> None:
    pyreadstat.write_dta(table, str(path), variable_value_labels={"jk": {1: "L", 2: "P"}})


def write_spss(table: pd.DataFrame, path: Path) -> None:
    pyreadstat.write_sav(table, str(path), variable_value_labels={"jk": {1: "L", 2: "P"}})


def write_parquet(table: pd.DataFrame, path: Path) -> None:
    pl.from_pandas(table).write_parquet(path)


@pytest.mark.parametrize(
    ("name", "write"),
    [("s.dta", write_stata), ("s.sav", write_spss), ("s.parquet", write_parquet)],
)
def test_typed_files(
    name: str, write: Callable[[pd.DataFrame, Path], None], tmp_path: Path, survey_map: ColumnMap
) -> None:
    table = pd.DataFrame(
        {
            "kecamatan": ["Patrang", "Silo"],
            "jk": [1, 2],
            "tgl_lahir": [dt.date(2024, 5, 2), dt.date(2024, 6, 3)],
            "tgl_ukur": [dt.date(2026, 8, 15), dt.date(2026, 8, 16)],
            "bb": [10.5, None],
            "tb": [82.5, 80.0],
        }
    )
    write(table, tmp_path / name)
    one = read_one(tmp_path / name, survey_map)
    assert one.typed
    assert one.frame["sex"].to_list() == ["1", "2"]
    assert one.frame["birth_date"].to_list() == ["2024-05-02", "2024-06-03"]
    assert one.frame["weight_kg"].fill_null("").to_list() == ["10.5", ""]
    assert one.frame["source_row"].to_list() == [2, 3]
    if name != "s.parquet":
        assert one.labels["sex"] == {"1": "L", "2": "P"}


def test_files_are_resolved_once_and_in_order(tmp_path: Path) -> None:
    for name in ("b.csv", "a.csv", "~$a.csv", ".b.csv", "c.xlsx"):
        (tmp_path / name).write_text("x")
    found = resolve(tmp_path, ["*.csv", "a.csv", "nothing.csv", "*.xlsx"])
    assert [path.name for path in found] == ["a.csv", "b.csv", "c.xlsx"]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("survei.csv", b"", "is empty"),
        ("survei.csv", b"  \n \n", "is empty"),
        ("survei.xlsx", b"PK\x03\x04 broken", "not a readable workbook"),
        ("survei.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 broken", "not a readable workbook"),
        ("survei.xls", b"<html><table><tr><td>Kec</td></tr></table>", "web page"),
        ("survei.dta", b"nothing", "not a readable Stata file"),
        ("survei.sav", b"nothing", "not a readable SPSS file"),
        ("survei.parquet", b"nothing", "not a readable Parquet file"),
        ("survei.pdf", b"%PDF-1.7", "are not read"),
        ("survei.csv", b"a,b,c\n1,2,3\n", "looks like a header"),
        ("survei.csv", b"\x00\xff\xfe\x00\x01\x02" * 20, "looks like a header"),
    ],
)
def test_a_file_that_cannot_be_used_ends_in_one_sentence(
    name: str, content: bytes, words: str, tmp_path: Path, survey_map: ColumnMap
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(UserError, match=words) as caught:
        read_all(path, survey_map)
    assert str(caught.value).startswith(name)
    assert "\n" not in str(caught.value)


def test_a_missing_column_names_the_nearest_heading_and_the_map(
    tmp_path: Path, survey_map: ColumnMap
) -> None:
    path = tmp_path / "survei.csv"
    path.write_text(delimited(",").replace("Tgl Ukur", "Tgl Ukurr"))
    with pytest.raises(UserError) as caught:
        read_all(path, survey_map)
    message = str(caught.value)
    assert "survei.csv, row 1" in message
    assert "visit_date" in message
    assert "'Tgl Ukurr'" in message
    assert "columns/survey.yaml" in message


def test_a_heading_that_stands_twice_is_refused(tmp_path: Path, survey_map: ColumnMap) -> None:
    path = tmp_path / "survei.csv"
    lines = delimited(",").splitlines()
    path.write_text("\n".join(line + "," + line.split(",")[-1] for line in lines))
    with pytest.raises(UserError, match="'TB' stands more than once"):
        read_all(path, survey_map)


def test_nothing_personal_that_is_not_needed_is_read(
    root: Path, tmp_path: Path, rows: SimpleNamespace
) -> None:
    columns = load_map(root / "params" / "columns" / "eppgbm_classic.yaml")
    path = tmp_path / "eppgbm.csv"
    path.write_text(rows.csv([rows.visit()]))
    one = read_one(path, columns)
    assert not {"address", "rt", "rw", "family_card", "phone"} & set(one.frame.columns)
