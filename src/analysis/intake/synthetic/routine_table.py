"""Rows of an export in the words of the form, before anything goes wrong with them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.intake.synthetic import routine_text as text
from analysis.intake.synthetic.cohort import Cohort
from analysis.intake.synthetic.routine_forms import Form
from analysis.intake.synthetic.streams import stream
from analysis.intake.synthetic.weighing import Visits
from analysis.project import Project

FROM_IDENTITY = (
    "name",
    "nik",
    "kecamatan",
    "desa",
    "posyandu",
    "rt",
    "rw",
    "address",
    "family_card",
    "parents_nik",
    "phone",
    "birth_order",
    "birth_weight_kg",
    "birth_length_cm",
    "gestation",
    "head",
    "imd",
)
FATHER_FIRST = 0.25


def routine_table(
    project: Project, cohort: Cohort, visits: Visits, who: pd.DataFrame, form: Form, seed: int
) -> pd.DataFrame:
    """Table of one export: numbers as floats, all else as text, plus `child month` for tests."""
    rng = stream(seed, form.name)
    rows = visits.rows
    last = cohort.months.size - 1
    here = rows["month"].between(last - form.months_back[0], last - form.months_back[1])
    rows = rows[here].assign(post=cohort.children["post"].to_numpy()[rows.loc[here, "child"]])
    rows = rows.sort_values(["month", "post", "child"], ignore_index=True)
    child = rows["child"].to_numpy()
    table = rows[["child", "month"]].copy()
    for column in FROM_IDENTITY:
        table[column] = who[column].to_numpy()[child]
    table["number"] = np.arange(1, len(rows) + 1)
    table["sex"] = np.where(rows["sex"] == 0, "L", "P")
    table["parents"] = _parents(who, child, rows["post"].to_numpy(), form, rng)
    if form.upper_case:
        for column in ("name", "parents", "desa", "posyandu"):
            table[column] = np.array([str(t).upper() for t in table[column]], dtype=object)
    table["province"] = project.params.place.province
    table["regency"] = project.params.place.full_name["id"]
    table["puskesmas"] = table["kecamatan"]
    birth = cohort.children["birth"].to_numpy(dtype="datetime64[D]")[child]
    table["birth_date"] = text.dates_as_typed(birth, form.dates, rng)
    table["visit_date"] = text.dates_as_typed(rows["day"].to_numpy(), form.dates, rng)
    table["age_text"] = text.age_text(rows["age_days"].to_numpy())
    for column in ("weight_kg", "length_cm", "recorded_haz", "recorded_waz", "recorded_whz"):
        table[column] = rows[column].to_numpy()
    for index in ("haz", "waz", "whz"):
        table[f"{index}_class"] = text.classes(index, table[f"recorded_{index}"].to_numpy())
    table["position"] = np.where(rows["lying"], "Terlentang", "Berdiri")
    return table.assign(**_services(rows, rng))


def _parents(
    who: pd.DataFrame, child: np.ndarray, post: np.ndarray, form: Form, rng: np.random.Generator
) -> np.ndarray:
    """Mother alone, or both; some posts write the father first."""
    mother, father = who["mother"].to_numpy()[child], who["father"].to_numpy()[child]
    if "Nama Ortu" not in form.headings:
        return np.asarray(mother + " / " + father)
    father_first = rng.random(int(post.max()) + 1)[post] < FATHER_FIRST
    return np.asarray(np.where(father_first & form.upper_case, father + " / " + mother, mother))


def _services(rows: pd.DataFrame, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Columns of services received, which no stage reads but every export has."""
    size = len(rows)
    muac = 14.2 + 0.6 * rows["recorded_whz"] + 0.02 * rows["age_days"] / 30.4375
    before = rows.groupby("child")["weight_kg"].shift()
    gain = np.where(rows["weight_kg"] > before, "N", "T")
    gain = np.where(rows["came_last_month"], gain, "O")

    def yes(share: float) -> np.ndarray:
        return np.where(rng.random(size) < share, "Ya", "Tidak")

    return {
        "muac_cm": np.round(muac.to_numpy() + rng.normal(0.0, 0.4, size), 1),
        "gain": np.where(rows["first"], "B", gain),
        "supplement_kg": np.where(rng.random(size) < 0.04, 1.0, 0.0),
        "vitamin_a": rng.integers(0, 3, size),
        "kpsp": yes(0.6),
        "kia": yes(0.85),
        "mother_class": yes(0.3),
        "mbg": yes(0.2),
        "detail": np.full(size, "Lihat", dtype=object),
    }
