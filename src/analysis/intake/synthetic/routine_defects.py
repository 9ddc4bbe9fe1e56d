"""What is wrong in real exports, put into the clean table at known rates.

Each defect was seen in the code of real importers of e-PPGBM files. The counts are
kept with the truth, so that a test can ask whether cleaning finds them.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.intake.synthetic.streams import Ints, stream

#: Share of rows.
RATES = {
    "sentinel_weight": 0.004,
    "sentinel_length": 0.004,
    "zero_weight": 0.004,
    "zero_length": 0.006,
    "phone_in_length": 0.0006,
    "nik_in_weight": 0.0006,
    "serial_in_length": 0.0005,
    "length_in_metres": 0.001,
    "weight_in_grams": 0.0015,
    "measures_swapped": 0.001,
    "position_wrong": 0.06,
    "position_blank": 0.03,
    "visit_date_blank": 0.002,
    "visit_in_the_future": 0.0004,
    "birth_weight_in_grams": 0.03,
    "birth_weight_zero": 0.05,
    "kecamatan_unknown": 0.003,
    "nik_blank_row": 0.01,
    "duplicate_same": 0.008,
    "duplicate_revised": 0.007,
}
#: Defects after which the application could not compute a status.
NO_STATUS = ("sentinel_weight", "sentinel_length", "zero_weight", "zero_length")
NASTY_ADDRESSES = (
    '=HYPERLINK("http://contoh.invalid","klik")',
    "<script>alert(1)</script>",
    '#read("x") [tebal] $x$ | sel',
    "@SUM(1+1)*cmd|' /C calc'!A0",
)
SENTINEL = 8888
DATE_SERIAL = 46238
FUTURE = "15/08/2062"


def spoil(table: pd.DataFrame, name: str, seed: int) -> tuple[pd.DataFrame, dict[str, int]]:
    """Put the defects of `RATES` into a table; returns it with their counts."""
    rng = stream(seed, f"defects of {name}")
    spoilt = table.astype(dict.fromkeys(("weight_kg", "length_cm", "birth_weight_kg"), object))
    spoilt = spoilt.reset_index(drop=True)
    counts: dict[str, int] = {}
    _places(spoilt, counts, rng)
    touched = np.zeros(len(spoilt), dtype=bool)
    for defect in RATES:
        if not defect.startswith(("duplicate", "kecamatan")):
            free = np.flatnonzero((rng.random(len(spoilt)) < RATES[defect]) & ~touched)
            if not defect.startswith(("position", "birth", "nik_blank")):
                touched[free] = True
            _apply(spoilt, defect, free, rng)
            counts[defect] = free.size
    rows = rng.choice(len(spoilt), min(len(NASTY_ADDRESSES), len(spoilt)), replace=False)
    spoilt.loc[rows, "address"] = list(NASTY_ADDRESSES[: rows.size])
    counts["nasty_address"] = rows.size
    return _duplicated(spoilt, counts, rng), counts


def _apply(table: pd.DataFrame, defect: str, rows: Ints, rng: np.random.Generator) -> None:
    """Change the given rows in place."""
    for column, values in _wrong_values(table.loc[rows], defect, rng).items():
        table.loc[rows, column] = values  # type: ignore[call-overload]
    if defect in NO_STATUS:
        for index in ("haz", "waz", "whz"):
            table.loc[rows, f"recorded_{index}"] = np.nan
            table.loc[rows, f"{index}_class"] = ""


def _wrong_values(here: pd.DataFrame, defect: str, rng: np.random.Generator) -> dict[str, object]:
    """Column → what a defect puts there."""
    measure = "weight_kg" if defect.endswith(("weight", "grams")) else "length_cm"
    if defect.startswith(("sentinel", "zero")):
        return {measure: SENTINEL if defect.startswith("sentinel") else 0}
    if defect == "measures_swapped":
        return {
            "weight_kg": here["length_cm"].to_numpy(),
            "length_cm": here["weight_kg"].to_numpy(),
        }
    if defect == "position_wrong":
        return {"position": np.where(here["position"] == "Berdiri", "terlentang", "berdiri")}
    wrong: dict[str, tuple[str, object]] = {
        "phone_in_length": ("length_cm", here["phone"].to_numpy()),
        "nik_in_weight": ("weight_kg", here["parents_nik"].to_numpy()),
        "serial_in_length": ("length_cm", DATE_SERIAL),
        "length_in_metres": ("length_cm", _scaled(here["length_cm"], 0.01, 2)),
        "weight_in_grams": ("weight_kg", _scaled(here["weight_kg"], 1000, 0)),
        "position_blank": ("position", ""),
        "visit_date_blank": ("visit_date", ""),
        "visit_in_the_future": ("visit_date", FUTURE),
        "birth_weight_in_grams": ("birth_weight_kg", _scaled(here["birth_weight_kg"], 1000, 0)),
        "birth_weight_zero": ("birth_weight_kg", 0),
        "nik_blank_row": ("nik", ""),
    }
    column, values = wrong[defect]
    return {column: values}


def _scaled(values: pd.Series, factor: float, decimals: int) -> np.ndarray:
    numbers = pd.to_numeric(values, errors="coerce") * factor
    return numbers.round(decimals).to_numpy()


def _places(table: pd.DataFrame, counts: dict[str, int], rng: np.random.Generator) -> None:
    """Spellings of the kecamatan: upper case, spaces, prefix; and some that no list knows."""
    names = table["kecamatan"].to_numpy(dtype=object)
    habit = rng.choice(4, names.size, p=[0.78, 0.14, 0.04, 0.04])
    typed = np.array(
        [[n, str(n).upper(), f"Kec. {n}", f" {n} "][h] for n, h in zip(names, habit, strict=True)],
        dtype=object,
    )
    unknown = np.flatnonzero(rng.random(names.size) < RATES["kecamatan_unknown"])
    typed[unknown] = [
        "Luar Wilayah" if i % 3 == 0 else str(names[i])[0] + str(names[i])[2:] + "x"
        for i in unknown
    ]
    table["kecamatan"] = typed
    counts["kecamatan_unknown"] = unknown.size


def _duplicated(
    table: pd.DataFrame, counts: dict[str, int], rng: np.random.Generator
) -> pd.DataFrame:
    """Rows entered twice: alike, or first with a wrong length, then put right."""
    fate = rng.random(len(table))
    known = (table["nik"] != "") & table["length_cm"].map(lambda v: isinstance(v, float))
    same = np.flatnonzero((fate < RATES["duplicate_same"]) & known)
    limit = RATES["duplicate_same"] + RATES["duplicate_revised"]
    revised = np.flatnonzero((fate >= RATES["duplicate_same"]) & (fate < limit) & known)
    first = table.iloc[revised].copy()
    wrong = first["length_cm"].astype(float) + rng.normal(0.0, 4.0, revised.size)
    first["length_cm"] = wrong.round(1).astype(object)
    counts["duplicate_same"], counts["duplicate_revised"] = same.size, revised.size
    order = np.concatenate([np.arange(len(table)), same + 0.5, revised - 0.5])
    parts = pd.concat([table, table.iloc[same], first], ignore_index=True)
    return parts.iloc[np.argsort(order, kind="stable")].reset_index(drop=True)
