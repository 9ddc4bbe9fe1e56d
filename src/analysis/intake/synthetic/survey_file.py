"""The survey as an office would export it.

`;` between cells, decimal comma, day-first dates, names of places as people type them,
codes instead of answers, and a few real errors.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from analysis.indicators import Indicator
from analysis.intake.synthetic import people
from analysis.intake.synthetic.population import Population
from analysis.intake.synthetic.streams import stream
from analysis.params import read_yaml
from analysis.project import Project

#: How often each error of a good survey occurs, as a share of rows.
ERRORS = {
    "length_rounded": 0.08,
    "careless_rounded": 0.6,
    "not_measured": 0.012,
    "sentinel": 0.002,
    "inches": 0.0008,
    "decimal_slip": 0.0008,
    "position_missing": 0.01,
    "answer_missing": 0.006,
    "nik_missing": 0.05,
    "birth_on_first": 0.01,
}
SENTINEL = "9999"


class Map:
    """A column map, read the other way round: canonical name → heading, value → spelling."""

    def __init__(self, content: dict[str, Any]):
        self.columns: dict[str, list[str]] = content["columns"]
        self.codes: dict[str, dict[str, list[str]]] = content.get("codes", {})

    def heading(self, name: str) -> str:
        """First heading under which a column may come."""
        return str(self.columns.get(name, [name])[0])

    def spell(self, name: str, values: pd.Series) -> pd.Series:
        """Canonical values as the file's codes; what has no code stays."""
        spelling = {v: s[0] for v, s in self.codes.get(name, {}).items()}
        return values.map(lambda v: "" if pd.isna(v) else spelling.get(v, v))


def read_map(project: Project, relative: str) -> Map:
    """Read the column map named in the params."""
    return Map(read_yaml(project.beside(relative)))


def survey_table(
    project: Project, population: Population, rows: pd.DataFrame, seed: int
) -> pd.DataFrame:
    """Text table of the survey file, under the headings of the column map."""
    rng = stream(seed, "survey file")
    columns = read_map(project, project.params.survey.columns)
    table = _identity(project, population, rows, columns, rng)
    table = table | _measures(rows, columns, rng)
    indicators = population.indicators.iloc[rows["child"].to_numpy()].reset_index(drop=True)
    for code, indicator in project.pillars.indicators.items():
        if code != "urban":
            table[code] = _answers(code, indicator, indicators[code], columns, rng)
    frame = pd.DataFrame(table).rename(columns=columns.heading)
    # Two questionnaires were entered twice.
    twice = frame.iloc[rng.integers(0, len(frame), 2)]
    return pd.concat([frame, twice], ignore_index=True)


def write_survey(table: pd.DataFrame, path: Any) -> None:
    """Write the survey file."""
    table.to_csv(path, sep=";", index=False, encoding="utf-8", lineterminator="\n")


def _identity(
    project: Project,
    population: Population,
    rows: pd.DataFrame,
    columns: Map,
    rng: np.random.Generator,
) -> dict[str, Any]:
    register = project.register
    names = register.areas["name"].to_numpy(dtype=object)
    others = [_other_names(text) for text in register.areas["aliases"]]
    village = population.villages["name"].to_numpy(dtype=object)[rows["village"]]
    sex = pd.Series(np.where(rows["sex"] == 0, "m", "f"))
    birth = rows["birth"].to_numpy(dtype="datetime64[D]")
    first = rng.random(len(rows)) < ERRORS["birth_on_first"]
    birth = np.where(first, birth.astype("datetime64[M]").astype("datetime64[D]"), birth)
    serial = rng.permutation(len(rows)) % 9000 + 1
    digits = people.nik(rows["kecamatan"].to_numpy() + 1, rows["sex"].to_numpy(), birth, serial)
    digits[rng.random(len(rows)) < ERRORS["nik_missing"]] = ""
    return {
        "kecamatan": _as_typed(names, others, rows["kecamatan"].to_numpy(), rows["psu"], rng),
        "desa": _village_as_typed(village, rng),
        "stratum": [f"{s:03d}" for s in rows["stratum"]],
        "psu": [f"{p:04d}" for p in rows["psu"]],
        "household": [f"{n:02d}" for n in rows["number"]],
        "sampling_weight": [f"{w:.4f}".replace(".", ",") for w in rows["sampling_weight"]],
        "urban": columns.spell("urban", rows["urban"].map({True: "true", False: "false"})),
        "child_name": people.child_names(rng, len(rows)),
        "nik": digits,
        "sex": columns.spell("sex", sex),
        "birth_date": people.day_first(birth),
        "visit_date": people.day_first(rows["visit"].to_numpy(dtype="datetime64[D]")),
        "team": [f"T{t:02d}" for t in rows["team"]],
    }


def _other_names(aliases: str) -> list[str]:
    return [a.strip() for a in aliases.split(";") if a.strip() and not a.strip().isdigit()]


def _as_typed(
    names: np.ndarray,
    others: list[list[str]],
    area: np.ndarray,
    typist: pd.Series,
    rng: np.random.Generator,
) -> np.ndarray:
    """Names of kecamatan as the person who entered the block types them."""
    habit = rng.choice(5, int(typist.max()) + 1, p=[0.6, 0.2, 0.08, 0.06, 0.06])
    typed = []
    for i, person in zip(area, typist, strict=True):
        name = str(names[i])
        typed.append(
            [
                name,
                name.upper(),
                f"Kec. {name}",
                f" {name.lower()} ",
                others[i][0] if others[i] else name,
            ][habit[person]]
        )
    return np.array(typed, dtype=object)


def _village_as_typed(names: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    habit = rng.choice(3, names.size, p=[0.8, 0.15, 0.05])
    return np.array(
        [[name, str(name).upper(), f"{name} "][h] for name, h in zip(names, habit, strict=True)],
        dtype=object,
    )


def _measures(rows: pd.DataFrame, columns: Map, rng: np.random.Generator) -> dict[str, Any]:
    size = len(rows)
    length, weight = rows["length_cm"].to_numpy().copy(), rows["weight_kg"].to_numpy().copy()
    habit = np.where(rows["careless"], ERRORS["careless_rounded"], ERRORS["length_rounded"])
    rounded = rng.random(size) < habit
    length[rounded] = np.round(length[rounded] * 2) / 2
    inches = rng.random(size) < ERRORS["inches"]
    length[inches] = np.round(length[inches] / 2.54, 1)
    slip = rng.random(size) < ERRORS["decimal_slip"]
    weight[slip] = weight[slip] * 10
    texts = {"length_cm": _comma(length), "weight_kg": _comma(weight)}
    for text in texts.values():
        text[rng.random(size) < ERRORS["sentinel"]] = SENTINEL
    absent = rng.random(size) < ERRORS["not_measured"]
    for text in texts.values():
        text[absent] = ""
    position = pd.Series(np.where(rows["standing"], "standing", "lying"), dtype="object")
    position[absent | (rng.random(size) < ERRORS["position_missing"])] = None
    oedema = np.where(rng.random(size) < 0.0006, "Ya", "Tidak")
    return texts | {"position": columns.spell("position", position), "oedema": oedema}


def _comma(values: np.ndarray) -> np.ndarray:
    return np.array([f"{v:.1f}".replace(".", ",") for v in values], dtype=object)


def _answers(
    code: str,
    indicator: Indicator,
    values: pd.Series,
    columns: Map,
    rng: np.random.Generator,
) -> np.ndarray:
    """Answers as coded in the file; few are missing, `tidak tahu` or 9999."""
    if indicator.kind == "condition":
        yes, no = ("Ya", "Tidak") if indicator.level in ("household", "desa") else ("1", "2")
        text = np.array([_coded(v, yes, no) for v in values], dtype=object)
    else:
        text = columns.spell(code, values).astype(str).to_numpy(dtype=object)
    if indicator.level != "desa":
        asked = text != ""
        lost = asked & (rng.random(text.size) < ERRORS["answer_missing"])
        text[lost] = np.array(["", "tidak tahu", SENTINEL], dtype=object)[
            rng.choice(3, int(lost.sum()), p=[0.5, 0.3, 0.2])
        ]
    return np.asarray(text)


def _coded(value: object, yes: str, no: str) -> str:
    if value is pd.NA or value is None:
        return ""
    return yes if value else no
