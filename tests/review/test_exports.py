import hashlib
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from analysis import artefacts
from analysis.project import Project
from analysis.review.exports import export_tables, load_words, note, safe, tidy
from analysis.review.inputs import SCHEMAS, Inputs
from analysis.review.schemas import TABLES
from analysis.review.stage import build
from analysis.review.tables_out import aksi1_annex, public_new_cases, public_tables

from .conftest import AREAS, WHOLE, write_all

pytestmark = pytest.mark.slow


def test_one_csv_per_table_and_a_workbook(made: Project, tmp_path: Path) -> None:
    files = export_tables(made, tmp_path / "t")
    assert files[-1].name == "tables.xlsx"
    names = {file.stem for file in files[:-1]}
    assert {"aksi1_annex", "review", "new_cases", "two_numbers", "actions", "series"} <= names
    book = openpyxl.load_workbook(files[-1])
    assert book.sheetnames[:2] == ["BACA DULU", "KOLOM"]
    assert set(book.sheetnames[2:]) == {name[:31] for name in names}
    for name in names:
        csv = pd.read_csv(tmp_path / "t" / f"{name}.csv", dtype="str")
        assert [cell.value for cell in book[name[:31]][1]] == list(csv.columns)
        assert book[name[:31]].max_row == len(csv) + 1


def test_same_inputs_same_bytes(made: Project, tmp_path: Path) -> None:
    first = [
        hashlib.sha256(f.read_bytes()).hexdigest() for f in export_tables(made, tmp_path / "a")
    ]
    again = [
        hashlib.sha256(f.read_bytes()).hexdigest() for f in export_tables(made, tmp_path / "b")
    ]
    assert first == again


def test_no_cell_is_a_formula(made: Project, tmp_path: Path) -> None:
    files = export_tables(made, tmp_path)
    book = openpyxl.load_workbook(files[-1])
    cells = [c for sheet in book for row in sheet.iter_rows() for c in row]
    assert not [c for c in cells if c.data_type == "f"]
    assert any(c.value == "'=HYPERLINK(1)" for c in cells)
    raw = (tmp_path / "action_matrix.csv").read_text(encoding="utf-8")
    assert '"\'=HYPERLINK(1)"' in raw and '"=HYPERLINK' not in raw


@pytest.mark.parametrize(
    ("value", "expected"),
    [("=1+1", "'=1+1"), ("+62", "'+62"), ("-x", "'-x"), ("@a", "'@a"), ("\tx", "'\tx"),
     ("a=b", "a=b"), (-1.5, -1.5), (None, None), ("", "")],
)  # fmt: skip
def test_safe(value: object, expected: object) -> None:
    assert safe(value) == expected


def test_a_suppressed_area_leaves_no_number(made: Project) -> None:
    tables = public_tables(made)
    for name in ("review", "aksi1_annex", "prevalence"):
        rows = tables[name]
        own = rows[(rows["area"] == AREAS[0]) & (rows["verdict"] == "suppress")]
        assert len(own) >= 1
        assert own[["estimate", "low", "high"]].isna().all(axis=None), name
    assert (
        tables["review"]
        .set_index("area")
        .loc[AREAS[0], ["stunted", "children_to_prevent"]]
        .isna()
        .all()
    )
    assert AREAS[0] not in set(tables["attributable"]["area"])


def test_small_counts_go_with_what_gives_them_away(made: Project) -> None:
    """Three new cases in one area: hidden, and another area with it, for the sum is shown."""
    table = public_tables(made)["new_cases"].set_index(["area", "month"])
    assert table.loc[(WHOLE, "all"), "new"] == 73
    hidden = table.loc[[(AREAS[1], "all"), (AREAS[2], "all")]]
    assert hidden[["new", "rate", "low", "high"]].isna().all(axis=None)
    assert table.loc[(AREAS[0], "all"), "new"] == 40
    assert all(month == "all" for area, month in table.index if area != WHOLE)


def test_new_cases_of_an_empty_table() -> None:
    empty = pd.DataFrame(columns=list(TABLES["new_cases"].columns))
    assert public_new_cases(empty, WHOLE).empty


def test_aksi1_annex_marks_hotspots_without_ranking() -> None:
    review = pd.DataFrame(
        {
            "area": ["a", "b", "c", "d", "w"], "level": ["area"] * 4 + ["whole"],
            "balita": 1000.0, "n": 200, "estimate": [0.3, 0.2, 0.2, 0.4, 0.25], "low": 0.1, "high": 0.5,
            "stunted": [300.0, 500.0, 100.0, 50.0, 950.0], "stunted_low": 1.0, "stunted_high": 2.0,
            "verdict": ["show", "show", "show", "suppress", "show"], "reason": "ok",
            "confidence": "high", "against_whole": ["higher", "similar", "lower", "higher", "not_compared"],
        }
    )  # fmt: skip
    table = aksi1_annex(review)
    assert table["area"].tolist() == ["a", "b", "c", "d"]
    assert table["hotspot_rate"].fillna(False).tolist() == [True, False, False, False]
    assert table["hotspot_number"].fillna(False).tolist() == [False, True, False, False]
    assert table.loc[3, ["estimate", "stunted"]].isna().all()
    assert table["hotspot_rate"].isna().tolist() == [False, False, False, True]


def test_names_stand_beside_codes(made: Project) -> None:
    tables = public_tables(made)
    assert tables["review"]["area_name"].tolist() == ["Utara", "Tengah", "Selatan", "Contoh"]
    labels = tables["actions"].set_index("indicator")["indicator_label"].to_dict()
    assert labels["sanitation"] == "Sanitasi"


@pytest.mark.parametrize("language", ["id", "en"])
def test_every_column_has_a_note(made: Project, language: str) -> None:
    words = load_words(language)
    for name, table in public_tables(made).items():
        assert words[f"table_{name}"]
        missing = [c for c in table.columns if not note(name, c, words)]
        assert not missing, (name, missing)
        if language == "id":
            untold = [c for c in table.columns if c not in words and f"{name}.{c}" not in words]
            assert not untold, (name, untold)


def test_synthetic_data_say_so(
    make_project: Callable[..., Project], inputs: Inputs, tmp_path: Path
) -> None:
    project = make_project()
    write_all(project, inputs, synthetic=True)
    build(project)
    files = export_tables(project, tmp_path)
    assert all(file.stem.endswith("_sintetis") for file in files[:-1])
    book = openpyxl.load_workbook(files[-1])
    assert "DATA SINTETIS" in book["BACA DULU"]["A2"].value
    assert "DATA SINTETIS" in book["review"].oddHeader.center.text


def test_tidy_rounds_and_blanks() -> None:
    table = pd.DataFrame(
        {"a": [0.1234567891, float("nan")], "b": pd.array([True, None], "boolean")}
    )
    assert tidy(table).to_dict("list") == {"a": [0.123457, None], "b": [1, None]}


def test_default_folder_is_what_gets_shared(made: Project) -> None:
    assert {f.parent for f in export_tables(made)} == {made.out / "tables"}


def test_estimates_alone_are_enough(make_project: Callable[..., Project], inputs: Inputs) -> None:
    """Only children and prevalence, as a survey without routine data or register gives."""
    project = make_project()
    for name in ("children", "prevalence"):
        artefacts.write(project, name, getattr(inputs, name), SCHEMAS[name], {"synthetic": False})
    tables = build(project)
    assert set(tables) == set(TABLES)
    assert tables["new_cases"].empty and tables["actions"].empty
    assert len(tables["review"]) == 4
