"""Every rule of cleaning: what it finds, what it does, and that all rows are accounted for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

from analysis.errors import UserError
from analysis.intake.cleaning.cells import Types
from analysis.intake.cleaning.corrections import Correction
from analysis.intake.cleaning.records import Setting, clean
from analysis.intake.columns import load_map
from analysis.intake.sources import read
from analysis.project import Project, load_project

Cleaned = tuple[pl.DataFrame, pl.DataFrame]
Clean = Callable[..., Cleaned]


@pytest.fixture(scope="module")
def project(root: Path) -> Project:
    return load_project(root / "params" / "default.yaml")


@pytest.fixture
def cleaned(project: Project, tmp_path: Path, rows: SimpleNamespace) -> Clean:
    """Clean some rows; returns records and log."""

    def run(
        records: list[dict[str, Any]],
        scope: str = "survey",
        corrections: tuple[Correction, ...] = (),
    ) -> Cleaned:
        path = tmp_path / "data.csv"
        path.write_text(rows.csv(records), encoding="utf-8")
        name = "survey" if scope == "survey" else "eppgbm_classic"
        columns = load_map(project.beside(f"columns/{name}.yaml"))
        setting = Setting(
            project.register, Types.of(project.pillars), dt.date(2026, 12, 31), corrections
        )
        (source,) = read(path, [columns], [name])
        frame, log = clean(source, scope, setting)
        entries = pl.DataFrame(log.entries, infer_schema_length=None)
        assert log.rows == frame.height
        aside = entries.filter(pl.col("action") == "set_aside")["affected"].sum()
        assert source.rows_read == frame.height + aside
        return frame, entries

    return run


MENDED_OR_BLANKED = [
    # headings changed, rule, column, value afterwards
    ({"tb": "0,825"}, "length_in_metres", "length_cm", 82.5),
    ({"tb": "825"}, "length_in_millimetres", "length_cm", 82.5),
    ({"bb": "10500"}, "weight_in_grams", "weight_kg", 10.5),
    ({"bb": "82,5", "tb": "10,5"}, "weight_length_exchanged", "length_cm", 82.5),
    ({"tb": "081234567890"}, "identifier_in_measure", "length_cm", None),
    ({"bb": "3509191203240001"}, "identifier_in_measure", "weight_kg", None),
    ({"tb": "46238"}, "date_in_measure", "length_cm", None),
    ({"tb": "2026-08-15"}, "date_in_measure", "length_cm", None),
    ({"tb": "8888"}, "no_answer", "length_cm", None),
    ({"tb": "9999,0"}, "no_answer", "length_cm", None),
    ({"bb": "99,9"}, "no_answer", "weight_kg", None),
    ({"tb": "0"}, "zero_as_missing", "length_cm", None),
    ({"bb": "0,0"}, "zero_as_missing", "weight_kg", None),
    ({"tb": "tinggi"}, "unreadable", "length_cm", None),
    ({"jk": "X"}, "unreadable", "sex", None),
    ({"cara_ukur": "duduk"}, "unreadable", "position", None),
    ({"bb": "105"}, "impossible_measure", "weight_kg", None),
    ({"tb": "12"}, "impossible_measure", "length_cm", None),
    ({"bobot": "-3"}, "impossible_weight", "sampling_weight", None),
    ({"tgl_ukur": "08/25/2026"}, "month_first_date", "visit_date", dt.date(2026, 8, 25)),
    ({"tgl_ukur": "31/02/2026"}, "unreadable_date", "visit_date", None),
    ({"tgl_lahir": "05/09/2026"}, "birth_after_visit_swapped", "birth_date", dt.date(2026, 5, 9)),
    ({"tgl_lahir": "20/08/2026"}, "visit_before_birth", "birth_date", None),
    ({"tgl_ukur": "15/08/2062"}, "visit_in_future", "visit_date", None),
    ({"nik": "12345"}, "invalid_nik", "nik", None),
    ({"nik": "9999999999999999"}, "invalid_nik", "nik", None),
    ({"nik": "3509191203240000"}, "invalid_nik", "nik", None),
    ({"nik": "3,50919E+15"}, "invalid_nik", "nik", None),
    ({"desa": "Atlantis"}, "unknown_desa", "desa", None),
    ({"air_layak": "tidak tahu"}, "no_answer", "improved_water", None),
]


@pytest.mark.parametrize(("changes", "rule", "column", "value"), MENDED_OR_BLANKED)
def test_a_cell_is_mended_or_blanked_and_the_row_stays(
    changes: dict[str, str],
    rule: str,
    column: str,
    value: object,
    cleaned: Clean,
    rows: SimpleNamespace,
) -> None:
    frame, log = cleaned([rows.survey(i) for i in range(1, 6)] + [rows.survey(6, **changes)])
    assert frame.height == 6
    found = frame.filter(pl.col("source_row") == 7)[column][0]
    assert found == (pytest.approx(value) if isinstance(value, float) else value)
    entry = log.filter(pl.col("rule") == rule)
    assert entry["affected"].to_list() == [1]
    assert "baris 7" in entry["examples"][0]
    others = frame.filter(pl.col("source_row") != 7)[column]
    assert others.null_count() == 0


SET_ASIDE = [
    ({"kecamatan": "Atlantis"}, "unknown_kecamatan"),
    ({"kecamatan": ""}, "unknown_kecamatan"),
    ({"tgl_lahir": "01/05/2020"}, "sixty_months_or_older"),
    (dict.fromkeys(("nik", "nama_anak", "jk", "tgl_lahir", "bb", "tb"), ""), "no_child"),
]


@pytest.mark.parametrize(("changes", "rule"), SET_ASIDE)
def test_a_row_that_cannot_be_used_is_set_aside_and_counted(
    changes: dict[str, str], rule: str, cleaned: Clean, rows: SimpleNamespace
) -> None:
    frame, log = cleaned([rows.survey(1), rows.survey(2, **changes), rows.survey(3)])
    assert frame["source_row"].to_list() == [2, 4]
    entry = log.filter(pl.col("rule") == rule)
    assert entry.select("rows_before", "affected", "rows_after").row(0) == (3, 1, 2)


def test_a_repeated_header_is_set_aside(cleaned: Clean, rows: SimpleNamespace) -> None:
    again = {name: name for name in rows.survey()}
    frame, log = cleaned([rows.survey(1), again, rows.survey(2)])
    assert frame.height == 2
    assert log.filter(pl.col("rule") == "repeated_header")["affected"].to_list() == [1]


def test_a_near_miss_is_suggested_never_taken(cleaned: Clean, rows: SimpleNamespace) -> None:
    frame, log = cleaned([rows.survey(1), rows.survey(2, kecamatan="Patrangg")])
    assert frame.height == 1
    text = log.filter(pl.col("rule") == "unknown_kecamatan")["examples"][0]
    assert "'Patrangg' (mungkin Patrang?): 1 baris" in text


def test_a_name_in_the_kecamatan_column_is_not_shown(cleaned: Clean, rows: SimpleNamespace) -> None:
    _, log = cleaned([rows.survey(1), rows.survey(2, kecamatan="Siti Aminah")])
    assert "Siti" not in log.filter(pl.col("rule") == "unknown_kecamatan")["examples"][0]


@pytest.mark.parametrize(
    "written", ["PATRANG", " patrang ", "Kec. Patrang", "35.09.20", "3509730", "350920"]
)
def test_names_and_codes_of_a_kecamatan(
    written: str, cleaned: Clean, rows: SimpleNamespace
) -> None:
    frame, _ = cleaned([rows.survey(1, kecamatan=written)])
    assert frame["kecamatan"].to_list() == ["35.09.20"]
    assert frame["desa"].to_list() == ["35.09.20.1005"]


def test_an_empty_kecamatan_is_told_by_the_code_of_the_desa(
    cleaned: Clean, rows: SimpleNamespace
) -> None:
    frame, _ = cleaned([rows.survey(1, kecamatan="", desa="35.09.20.1005")])
    assert frame["kecamatan"].to_list() == ["35.09.20"]


def test_the_age_is_exact_days_between_the_dates(cleaned: Clean, rows: SimpleNamespace) -> None:
    frame, _ = cleaned([rows.survey(1, tgl_lahir="15/08/2024", tgl_ukur="15/08/2026")])
    assert frame["age_days"].to_list() == [730.0]


def test_the_recorded_age_tells_which_date_was_swapped(
    cleaned: Clean, rows: SimpleNamespace
) -> None:
    good = {"Tgl Lahir": "2024-05-08", "Tanggal Pengukuran": "2026-07-15"}
    told = {"Usia Saat Ukur": "2 Tahun - 2 Bulan - 7 Hari"}
    records = [
        rows.visit(1, **good, **told),
        rows.visit(2, **{**good, "Tgl Lahir": "2024-08-05"}, **told),
        rows.visit(3, **{**good, "Tanggal Pengukuran": "2026-04-03"}, **told),
    ]
    frame, log = cleaned(records, "routine")
    assert frame["birth_date"].to_list()[:2] == [dt.date(2024, 5, 8)] * 2
    assert frame["visit_date"].to_list()[2] == dt.date(2026, 4, 3)
    assert log.filter(pl.col("rule") == "birth_day_month_swapped")["affected"].to_list() == [1]


def test_an_age_that_disagrees_with_the_dates_is_counted(
    cleaned: Clean, rows: SimpleNamespace
) -> None:
    told = {"Usia Saat Ukur": "1 Tahun - 1 Bulan - 1 Hari"}
    frame, log = cleaned([rows.visit(1), rows.visit(2, **told)], "routine")
    assert frame["age_days"].to_list()[1] == 834.0
    entry = log.filter(pl.col("rule") == "age_disagrees")
    assert entry.select("action", "affected").row(0) == ("keep", 1)


def test_without_dates_the_recorded_age_is_used(cleaned: Clean, rows: SimpleNamespace) -> None:
    told = {"Tgl Lahir": "", "Usia Saat Ukur": "2 Tahun - 2 Bulan - 7 Hari"}
    frame, _ = cleaned([rows.visit(1), rows.visit(2, **told)], "routine")
    assert frame["age_days"].to_list()[1] == 798.0


def test_a_missing_position_is_counted_and_kept(cleaned: Clean, rows: SimpleNamespace) -> None:
    frame, log = cleaned([rows.survey(1), rows.survey(2, cara_ukur="")])
    assert frame.height == 2
    entry = log.filter(pl.col("rule") == "position_missing")
    assert entry.select("action", "affected").row(0) == ("keep", 1)


def test_a_recorded_z_of_zero_is_a_value(cleaned: Clean, rows: SimpleNamespace) -> None:
    frame, _ = cleaned(
        [rows.visit(1, **{"ZS TB/U": "0"}), rows.visit(2, **{"ZS TB/U": "-99"})], "routine"
    )
    assert frame["recorded_haz"].to_list() == [0.0, None]


def correction(**changes: Any) -> Correction:
    usual = {"line": 2, "file": "data.csv", "row": 3, "column": "length_cm", "expect": "82,0"}
    return Correction(**{**usual, "value": "92,0", "reason": "salah ketik", **changes})


def test_a_known_error_is_corrected_where_the_file_still_has_it(
    cleaned: Clean, rows: SimpleNamespace
) -> None:
    records = [rows.survey(1), rows.survey(2, tb="82,0")]
    frame, log = cleaned(records, corrections=(correction(),))
    assert frame["length_cm"].to_list()[1] == 92.0
    entry = log.filter(pl.col("rule") == "correction_2")
    assert entry.select("action", "reason", "affected").row(0) == ("mend", "salah ketik", 1)
    frame, _ = cleaned(records, corrections=(correction(column="*", expect="Patrang", value=""),))
    assert frame["source_row"].to_list() == [2]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"expect": "83,0"}, "the source has changed"),
        ({"row": 99}, "no record in row 99"),
        ({"column": "berat"}, "no column recognised as 'berat'"),
    ],
)
def test_a_correction_that_no_longer_fits_stops_the_run(
    changes: dict[str, Any], words: str, cleaned: Clean, rows: SimpleNamespace
) -> None:
    with pytest.raises(UserError, match=words):
        cleaned([rows.survey(1), rows.survey(2, tb="82,0")], corrections=(correction(**changes),))


HOSTILE = [
    '=HYPERLINK("http://x","y")', "<script>alert(1)</script>", "#import \"x\"", "../../x", "\x00",
    "N" * 100_000, "@SUM(1)|cmd", "Ω≈ç√∫˜µ≤", "\u202eabc", "'; DROP TABLE anak; --", "{{7*7}}",
]  # fmt: skip


@pytest.mark.parametrize("heading", ["nama_anak", "desa", "kecamatan", "tb", "tgl_lahir", "nik"])
def test_hostile_text_is_harmless_in_any_column(
    heading: str, cleaned: Clean, rows: SimpleNamespace
) -> None:
    records = [rows.survey(i, **{heading: text}) for i, text in enumerate(HOSTILE, 2)]
    _, log = cleaned([rows.survey(1), *records])
    for examples in log["examples"].drop_nulls():
        assert len(examples) < 400
        assert examples.isprintable()
