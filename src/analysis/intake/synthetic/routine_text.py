"""The words of an e-PPGBM row: who the child is, ages, dates, classes."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.intake.synthetic import people
from analysis.intake.synthetic.cohort import Cohort
from analysis.intake.synthetic.population import Population
from analysis.intake.synthetic.streams import Floats, Ints, stream
from analysis.project import Project

#: Cut-offs and names of Permenkes 2/2020: a value belongs to the first class whose
#: upper limit it lies below (the last limits are included in the class they close).
CLASSES = {
    "haz": ((-3.0, -2.0, 3.0), ("Sangat Pendek", "Pendek", "Normal", "Tinggi")),
    "waz": (
        (-3.0, -2.0, 1.0),
        (
            "Berat Badan Sangat Kurang",
            "Berat Badan Kurang",
            "Berat Badan Normal",
            "Risiko Berat Badan Lebih",
        ),
    ),
    "whz": (
        (-3.0, -2.0, 1.0, 2.0, 3.0),
        (
            "Gizi Buruk",
            "Gizi Kurang",
            "Gizi Baik",
            "Risiko Gizi Lebih",
            "Gizi Lebih",
            "Obesitas",
        ),
    ),
}
NIK_DEFECTS = {
    "nik_blank": 0.03,
    "nik_wrong_length": 0.015,
    "nik_dummy": 0.004,
    "nik_shared": 0.003,
}
EXCEL_DAY_ZERO = np.datetime64("1899-12-30")


def classes(index: str, z: Floats) -> np.ndarray:
    """Class of each z, as the application writes it."""
    limits, names = CLASSES[index]
    upper = np.array(limits)
    place = np.searchsorted(upper, z, side="right")
    closed = np.isin(z, upper[upper > 0])
    return np.asarray(np.array(names, dtype=object)[place - closed])


def age_text(days: Ints) -> np.ndarray:
    """Ages as `3 Tahun - 5 Bulan - 21 Hari`."""
    months = np.floor(days / 30.4375).astype(int)
    rest = (days - months * 30.4375).astype(int)
    return np.array(
        [f"{m // 12} Tahun - {m % 12} Bulan - {d} Hari" for m, d in zip(months, rest, strict=True)],
        dtype=object,
    )


def dates_as_typed(
    dates: np.ndarray, shares: tuple[float, float, float], rng: np.random.Generator
) -> np.ndarray:
    """Dates day-first, ISO, or as Excel serial numbers, in the shares given."""
    days = dates.astype("datetime64[D]")
    known, place = np.unique(days, return_inverse=True)
    forms = np.stack(
        [
            people.day_first(known),
            np.datetime_as_string(known).astype(object),
            (known - EXCEL_DAY_ZERO).astype(np.int64).astype(object),
        ]
    )
    return np.asarray(forms[rng.choice(3, days.size, p=shares), place])


def identities(
    project: Project, population: Population, cohort: Cohort, seed: int
) -> tuple[pd.DataFrame, dict[str, int]]:
    """Who each child of the cohort is, and how many identity numbers are wrong.

    Columns: `nik name mother father address rt rw posyandu kecamatan desa family_card
    parents_nik phone birth_order birth_weight_kg birth_length_cm gestation head imd`.
    """
    rng = stream(seed, "identities")
    children = cohort.children
    size = len(children)
    place = population.villages.iloc[children["village"]].reset_index(drop=True)
    mother = children["mother"].to_numpy()
    post = children["post"].to_numpy()
    area = children["kecamatan"].to_numpy() + 1
    rows = pd.DataFrame(
        {
            "name": people.child_names(rng, size),
            "mother": people.parent_names(rng, size)[mother],
            "father": np.char.add("Bapak ", (rng.permutation(size) % 900 + 100).astype(str)).astype(
                object
            )[mother],
            "kecamatan": np.array(project.register.areas["name"], dtype=object)[area - 1],
            "desa": place["name"].to_numpy(),
            "posyandu": np.array([f"Melati {p % 3 + 1}" for p in post], dtype=object),
            "rt": np.array([f"{r:03d}" for r in rng.integers(1, 13, size)], dtype=object)[mother],
            "rw": np.array([f"{r:03d}" for r in rng.integers(1, 7, size)], dtype=object)[mother],
            "birth_order": rng.integers(1, 4, size),
        }
    )
    rows["address"] = np.array(
        [f"Dusun Contoh {d}" for d in rng.integers(1, 40, size)], dtype=object
    )[mother]
    rows["family_card"] = [f"99{a:04d}{m:010d}" for a, m in zip(area, mother, strict=True)]
    rows["parents_nik"] = [f"99{a:04d}4101{m:06d}" for a, m in zip(area, mother, strict=True)]
    rows["phone"] = [f"0800000{p:05d}" for p in rng.integers(0, 100_000, size)[mother]]
    rows = rows.join(_birth(population, children, rng))
    rows["nik"], wrong = _identity_numbers(children, rng)
    return rows, wrong


def _birth(
    population: Population, children: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    small = population.drawn.at("low_birth_weight", "child")[children["person"].to_numpy()]
    size = len(children)
    weight = np.where(small, rng.uniform(1.6, 2.49, size), 2.5 + rng.gamma(4.0, 0.15, size))
    return pd.DataFrame(
        {
            "birth_weight_kg": np.round(weight, 1),
            "birth_length_cm": np.round(49.0 + 2.2 * (weight - 3.0) + rng.normal(0, 1.2, size), 0),
            "gestation": np.where(small, rng.integers(33, 39, size), rng.integers(37, 42, size)),
            "head": np.round(33.5 + rng.normal(0.0, 1.0, size), 1),
            "imd": np.where(rng.random(size) < 0.7, "Ya", "Tidak"),
        }
    )


def _identity_numbers(
    children: pd.DataFrame, rng: np.random.Generator
) -> tuple[np.ndarray, dict[str, int]]:
    """Identity numbers, some blank, cut short, dummies, or another child's; twins blank."""
    size = len(children)
    birth = children["birth"].to_numpy(dtype="datetime64[D]")
    area, sex = children["kecamatan"].to_numpy() + 1, children["sex"].to_numpy()
    digits = people.nik(area, sex, birth, np.arange(size) + 1)
    wrong = {}
    fate = rng.random(size)
    start = 0.0
    for defect, share in NIK_DEFECTS.items():
        here = np.flatnonzero((fate >= start) & (fate < start + share))
        start += share
        wrong[defect] = here.size
        if defect == "nik_blank":
            digits[here] = ""
        elif defect == "nik_wrong_length":
            digits[here] = [
                text[:15] if i % 2 else text + "1"
                for i, text in zip(here, digits[here], strict=True)
            ]
        elif defect == "nik_dummy":
            digits[here] = np.where(here % 2 == 0, "9999999999999999", "0000000000000000")
        else:
            digits[here] = digits[(here + 1) % size]
    twin = children["twin"].to_numpy()
    digits[twin] = ""
    return digits, wrong | {"twins_without_nik": int(twin.sum())}
