"""`python -m analysis zscores`: any file in, all its columns out, z-scores beside them."""

import argparse
import csv
import datetime as dt
import subprocess
import sys

import numpy as np
import openpyxl
import pandas as pd
import polars as pl
import pyreadstat
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import UserError
from analysis.intake.growth import zscores
from analysis.intake.zscores import command as zscores_command
from analysis.intake.zscores.spreadsheets import Table, escape_formula, stata_names, write_table

Z = ["haz", "waz", "whz", "baz"]
CHILDREN = pd.DataFrame(
    {
        "sex": ["m", "f", "m", "f"],
        "age_days": [600, 731, 900, 250],
        "weight_kg": [10.5, 9.1, 12.0, 7.5],
        "length_cm": [80.1, 79.5, 88.0, 66.4],
        "position": ["lying", "lying", "standing", "standing"],
    }
)
EXPECTED = zscores(CHILDREN)


def run(*arguments):
    parser = argparse.ArgumentParser()
    zscores_command.add_parser(parser.add_subparsers())
    args = parser.parse_args(["zscores", *map(str, arguments)])
    return args.run(args)


def written(path, text, **options):
    path.write_text(text, encoding="utf-8", **options)
    return path


def as_csv(path, frame, **options):
    frame.to_csv(path, index=False, **options)
    return path


def assert_z(frame, expected=EXPECTED, prefix=""):
    for name in Z:
        np.testing.assert_array_equal(frame[f"{prefix}{name}"].astype(float), expected[name])
        flags = frame[f"{prefix}{name}_flag"].astype(int)
        np.testing.assert_array_equal(flags, expected[f"{name}_flag"].astype(int))


# --- formats -----------------------------------------------------------------------------------


def test_csv_keeps_all_columns_as_they_were(tmp_path):
    frame = CHILDREN.assign(NIK="0035091234567890", catatan='a, "b"', weight_kg="10.50")
    source, target = as_csv(tmp_path / "in.csv", frame), tmp_path / "out.csv"
    assert run(source, "-o", target) == 0
    result = pd.read_csv(target, dtype=str)
    assert list(result.columns) == [*frame.columns, *zscores_command.ADDED]
    pd.testing.assert_frame_equal(result[list(frame.columns)], pd.read_csv(source, dtype=str))


def test_z_scores_are_those_of_growth(tmp_path):
    source, target = as_csv(tmp_path / "in.csv", CHILDREN), tmp_path / "out.csv"
    run(source, "-o", target)
    result = pd.read_csv(target)
    assert_z(result)
    corrected = result["length_corrected_cm"]
    np.testing.assert_allclose(corrected, EXPECTED["length_corrected_cm"], atol=1e-9)


def test_xlsx_in_and_out(tmp_path):
    source, target = tmp_path / "in.xlsx", tmp_path / "out.xlsx"
    CHILDREN.assign(NIK="3509123456789012", kode=7).to_excel(source, index=False)
    run(source, "-o", target)
    result = pd.read_excel(target, dtype={"NIK": str}, engine="openpyxl")
    assert_z(result)
    assert result["NIK"].tolist() == ["3509123456789012"] * 4
    assert result["kode"].dtype.kind in "if"
    assert result["weight_kg"].tolist() == CHILDREN["weight_kg"].tolist()


def test_title_rows_above_the_header_are_passed_over(tmp_path):
    source = tmp_path / "in.xlsx"
    with xlsxwriter.Workbook(str(source)) as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "LAPORAN PENIMBANGAN")
        sheet.write_row(2, 0, ["JK", "Usia Saat Ukur", "Berat", "Tinggi", "Cara Ukur"])
        row = ["L", "1 Tahun - 7 Bulan - 22 Hari", 10.5, 80.1, "Terlentang"]
        sheet.write_row(3, 0, row)
    run(source, "-o", tmp_path / "out.csv")
    result = pd.read_csv(tmp_path / "out.csv")
    assert list(result.columns[:5]) == ["JK", "Usia Saat Ukur", "Berat", "Tinggi", "Cara Ukur"]
    assert result["haz"].notna().all()


def test_stata_keeps_types_labels_and_dates(tmp_path):
    source, target = tmp_path / "in.dta", tmp_path / "out.dta"
    frame = pd.DataFrame(
        {
            "sex": [1.0, 2.0, 1.0],
            "birth_date": [dt.date(2024, 1, 1)] * 3,
            "visit_date": [dt.date(2025, 8, 23)] * 3,
            "weight_kg": np.array([10.5, 9.9, np.nan], dtype="float32"),
            "length_cm": np.array([80.1, 79.3, 81.0], dtype="float32"),
            "desa": ["Ajung", "", "Kaliwates"],
        }
    )
    pyreadstat.write_dta(
        frame,
        str(source),
        column_labels=["Jenis kelamin", *frame.columns[1:]],
        variable_value_labels={"sex": {1: "perempuan", 2: "laki-laki"}},
    )
    run(source, "-o", target)
    before, _ = pyreadstat.read_dta(str(source))
    after, facts = pyreadstat.read_dta(str(target))
    pd.testing.assert_frame_equal(after[list(frame.columns)], before, check_dtype=False)
    assert facts.variable_value_labels["sex"] == {1: "perempuan", 2: "laki-laki"}
    assert facts.column_names_to_labels["sex"] == "Jenis kelamin"
    # The labels say who is a girl; the codes alone would say the opposite.
    expected = zscores(
        pd.DataFrame(
            {
                "sex": ["f", "m", "f"],
                "age_days": [600] * 3,
                "weight_kg": frame["weight_kg"].astype(float),
                "length_cm": frame["length_cm"].astype(float),
            }
        )
    )
    assert_z(after, expected)


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".dta"])
def test_every_output_format_holds_the_same_z(tmp_path, suffix):
    source, target = as_csv(tmp_path / "in.csv", CHILDREN), tmp_path / f"out{suffix}"
    run(source, "-o", target)
    readers = {
        ".csv": pd.read_csv,
        ".xlsx": lambda path: pd.read_excel(path, engine="openpyxl"),
        ".dta": pd.read_stata,
    }
    result = readers[suffix](target)
    assert_z(result)
    assert result["length_cm"].astype(float).tolist() == CHILDREN["length_cm"].tolist()


def test_decimal_comma_and_semicolon_come_back_so(tmp_path):
    text = "JK;Umur Hari;Berat;Tinggi\nL;600;10,5;80,1\nP;700;9,9;79,25\n"
    target = tmp_path / "out.csv"
    run(written(tmp_path / "in.csv", text), "-o", target)
    rows = list(csv.DictReader(target.open(encoding="utf-8"), delimiter=";"))
    assert rows[0]["Berat"] == "10,5"
    z = zscores(
        pd.DataFrame({"sex": ["m"], "age_days": [600], "weight_kg": [10.5], "length_cm": [80.1]})
    ).iloc[0]
    assert rows[0]["haz"] == str(z["haz"]).replace(".", ",")
    run(tmp_path / "in.csv", "-o", tmp_path / "out.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "out.xlsx").active
    assert [cell.value for cell in sheet[2]][2:4] == [10.5, 80.1]


def test_same_input_same_bytes(tmp_path):
    source = as_csv(tmp_path / "in.csv", CHILDREN)
    for suffix in (".csv", ".xlsx"):
        first, second = tmp_path / f"a{suffix}", tmp_path / f"b{suffix}"
        run(source, "-o", first)
        run(source, "-o", second)
        assert first.read_bytes() == second.read_bytes()


def test_weights_in_single_precision_are_no_identity_numbers(tmp_path):
    source = tmp_path / "in.csv"
    as_csv(source, CHILDREN.assign(weight_kg="10.3999996185303", length_cm="80,0999984741211"))
    run(source, "-o", tmp_path / "out.csv")
    assert pd.read_csv(tmp_path / "out.csv")[Z].notna().all().all()


# --- sexes and ages ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "codes",
    [("m", "f"), ("M", "F"), (1, 2), ("L", "P"), ("l", "p"), ("male", "female"),
     ("Laki-laki", "Perempuan")],
)  # fmt: skip
def test_codes_of_sex(tmp_path, codes):
    frame = CHILDREN.assign(sex=CHILDREN["sex"].map(dict(zip("mf", codes, strict=True))))
    run(as_csv(tmp_path / "in.csv", frame), "-o", tmp_path / "out.csv")
    assert_z(pd.read_csv(tmp_path / "out.csv"))


def test_unknown_sex_gives_missing_z_and_is_told(tmp_path, capsys):
    frame = CHILDREN.assign(sex=["m", "f", "x", ""])
    run(as_csv(tmp_path / "in.csv", frame), "-o", tmp_path / "out.csv")
    result = pd.read_csv(tmp_path / "out.csv")
    assert result["haz"].isna().tolist() == [False, False, True, True]
    assert "could not be read, left out: sex 1" in capsys.readouterr().out


def test_age_from_dates(tmp_path):
    frame = CHILDREN.drop(columns="age_days").assign(
        **{"Tgl Lahir": "31/12/2023", "Tanggal Pengukuran": ["2025-08-22"] * 4}
    )
    run(as_csv(tmp_path / "in.csv", frame), "-o", tmp_path / "out.csv")
    assert_z(pd.read_csv(tmp_path / "out.csv"), zscores(CHILDREN.assign(age_days=600)))


def test_age_in_months_is_exact(tmp_path):
    months = pd.Series([24.0, 8.99, 60.0, 59.99])
    frame = CHILDREN.drop(columns="age_days").assign(age_months=months)
    run(as_csv(tmp_path / "in.csv", frame), "-o", tmp_path / "out.csv")
    result = pd.read_csv(tmp_path / "out.csv")
    assert_z(result, zscores(CHILDREN.assign(age_days=months * 30.4375)))
    assert result["haz"].isna().tolist() == [False, False, True, False]


def test_dates_come_before_days_and_months(tmp_path):
    frame = CHILDREN.assign(
        age_days=[600, 1200, 1200, 1200],
        age_months=5,
        birth_date=["2024-01-01", None, None, None],
        visit_date="2024-04-10",
    )
    run(as_csv(tmp_path / "in.csv", frame), "-o", tmp_path / "out.csv")
    expected = zscores(CHILDREN.assign(age_days=[100, 1200, 1200, 1200]))
    assert_z(pd.read_csv(tmp_path / "out.csv"), expected)


def test_oedema_is_read(tmp_path):
    frame = CHILDREN.assign(edema=["Ya", "tidak", "n", "y"])
    run(as_csv(tmp_path / "in.csv", frame), "-o", tmp_path / "out.csv")
    result = pd.read_csv(tmp_path / "out.csv")
    assert result["waz"].isna().tolist() == [True, False, False, True]
    assert result["haz"].notna().all()


# --- columns -----------------------------------------------------------------------------------


def test_a_map_names_the_columns_and_codes(tmp_path):
    frame = CHILDREN.rename(columns={"sex": "kel", "weight_kg": "gram"})
    frame = frame.assign(kel=frame["kel"].map({"m": "a", "f": "b"}), gram=frame["gram"] * 1000)
    columns = written(
        tmp_path / "map.yaml",
        "kind: survey\n"
        "columns: {sex: [kel], age_days: [age_days], weight_kg: [gram], length_cm: [length_cm],"
        " position: [position]}\n"
        "codes: {sex: {m: [a], f: [b]}}\n"
        "units: {weight_kg: g}\n",
    )
    source = as_csv(tmp_path / "in.csv", frame)
    run(source, "-o", tmp_path / "out.csv", "--columns", columns)
    assert_z(pd.read_csv(tmp_path / "out.csv"))


def test_missing_columns_are_named_with_the_nearest_heading(tmp_path):
    frame = CHILDREN.rename(columns={"sex": "sexx", "weight_kg": "weigt"})
    with pytest.raises(UserError) as error:
        run(as_csv(tmp_path / "in.csv", frame), "-o", tmp_path / "out.csv")
    message = str(error.value)
    assert message.startswith("in.csv, row 1: no column for sex, weight_kg")
    assert "'sexx' looks like sex" in message
    assert "'weigt' looks like weight_kg" in message
    assert "\n" not in message
    assert not (tmp_path / "out.csv").exists()


def test_missing_age_lists_the_ways_to_give_one(tmp_path):
    source = as_csv(tmp_path / "in.csv", CHILDREN.drop(columns="age_days"))
    with pytest.raises(UserError, match="birth_date with visit_date or age_days or age_months"):
        run(source, "-o", tmp_path / "out.csv")


def test_a_file_of_something_else(tmp_path):
    source = written(tmp_path / "in.csv", "a,b\n1,2\n")
    with pytest.raises(UserError, match=r"no column for sex, .* among the headings \(a, b\)"):
        run(source, "-o", tmp_path / "out.csv")


def test_a_heading_that_stands_twice_is_refused_an_alike_one_is_not(tmp_path):
    text = "sex,age_days,weight_kg,length_cm,{}\nm,600,10.5,80.1,99\n"
    run(written(tmp_path / "in.csv", text.format("_length_cm")), "-o", tmp_path / "out.csv")
    assert pd.read_csv(tmp_path / "out.csv")["length_corrected_cm"].tolist() == [80.1]
    with pytest.raises(UserError, match="'length_cm' stands more than once"):
        run(written(tmp_path / "in.csv", text.format("length_cm")), "-o", tmp_path / "out.csv")


def test_columns_of_the_same_name_are_kept_beside(tmp_path):
    frame = CHILDREN.assign(haz=-9.0, Z_note="x")
    run(as_csv(tmp_path / "in.csv", frame), "-o", tmp_path / "out.csv")
    result = pd.read_csv(tmp_path / "out.csv")
    assert (result["haz"] == -9).all()
    assert_z(result, prefix="who_")


# --- files -------------------------------------------------------------------------------------


def test_input_is_never_replaced(tmp_path):
    source = as_csv(tmp_path / "in.csv", CHILDREN)
    before = source.read_bytes()
    with pytest.raises(UserError, match="must not replace"):
        run(source, "-o", tmp_path / "." / "in.csv")
    assert source.read_bytes() == before


@pytest.mark.parametrize("name", ["out.txt", "out", "nowhere/out.csv"])
def test_results_that_cannot_be_written(tmp_path, name):
    source = as_csv(tmp_path / "in.csv", CHILDREN)
    with pytest.raises(UserError):
        run(source, "-o", tmp_path / name)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.csv"]


def test_missing_file(tmp_path):
    with pytest.raises(UserError, match=r"nothing\.csv"):
        run(tmp_path / "nothing.csv", "-o", tmp_path / "out.csv")


def test_the_report_tells_what_was_done_and_nothing_personal(tmp_path, capsys):
    frame = CHILDREN.assign(Nama="Siti", NIK="3509123456789012")
    run(as_csv(tmp_path / "in.csv", frame), "-o", tmp_path / "out.csv")
    out = capsys.readouterr().out
    assert "haz: 4 of 4 computed, 0 flagged" in out
    assert "sex = sex" in out
    assert "Siti" not in out
    assert "3509123456789012" not in out


# --- formula injection -------------------------------------------------------------------------

ATTACKS = ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", " =1+1", "=HYPERLINK(\"x\")",
           "-2+3+cmd|' /C calc'!A0", "＝1+1", "+a", "-", "--x", "@"]  # fmt: skip
HARMLESS = [
    "-1.5",
    "-.57",
    "+62812345678",
    "1e-5",
    "-1,5",
    "Ajung",
    "",
    "-",
    "12",
    " -3 ",
    "1.234,5",
]


@pytest.mark.parametrize("text", [a for a in ATTACKS if a not in HARMLESS])
def test_formulas_are_escaped(text):
    assert escape_formula(text) == "'" + text


@pytest.mark.parametrize("text", HARMLESS)
def test_numbers_and_names_are_not(text):
    assert escape_formula(text) == text


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_no_cell_or_heading_runs_as_a_formula(tmp_path, suffix):
    frame = pd.concat([CHILDREN] * 4, ignore_index=True).head(len(ATTACKS))
    frame["=evil()"] = ATTACKS
    source, target = tmp_path / "in.csv", tmp_path / f"out{suffix}"
    as_csv(source, frame, quoting=csv.QUOTE_ALL)
    run(source, "-o", target)
    if suffix == ".csv":
        rows = list(csv.reader(target.open(encoding="utf-8", newline="")))
    else:
        sheet = openpyxl.load_workbook(target).active
        assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
        rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    place = rows[0].index("'=evil()")
    cells = [row[place] for row in rows[1:]]
    assert len(cells) == len(ATTACKS)
    for attack, cell in zip(ATTACKS, cells, strict=True):
        if attack != "-":
            assert cell.startswith("'"), (attack, cell)


@given(st.lists(st.text(alphabet="=+-@\t 1,.aE'\"", max_size=6), min_size=1, max_size=8))
@settings(max_examples=60, deadline=None)
def test_whole_columns_are_escaped_as_single_cells_are(tmp_path_factory, texts):
    target = tmp_path_factory.mktemp("escape") / "out.csv"
    write_table(Table(["x", "y"], [pl.Series(texts), pl.Series([1.0] * len(texts))]), target)
    rows = list(csv.reader(target.open(encoding="utf-8", newline="")))
    assert [row[0] for row in rows[1:]] == [escape_formula(text) for text in texts]


def test_stata_names_are_valid_and_distinct():
    names = stata_names(["Berat (kg)", "Berat [kg]", "", "2024", "x" * 40, "x" * 41, "_a"])
    assert len(set(names)) == len(names)
    assert all(len(name) <= 32 and name[0].isalpha() for name in names)


# --- the real command --------------------------------------------------------------------------


@pytest.mark.slow
def test_the_command_line_ends_in_one_sentence(tmp_path):
    source = as_csv(tmp_path / "in.csv", CHILDREN.drop(columns="sex"))
    command = [sys.executable, "-m", "analysis", "zscores", str(source), "-o", "out.csv"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "no column for sex" in done.stderr
    assert "Traceback" not in done.stderr
