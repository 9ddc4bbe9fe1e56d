"""The synthetic sample: what a district office would have, drawn from a known truth.

No line of it is about a real child. It stands in when `data/raw` holds no survey, so
that the whole way from raw file to brief can be run, tested and shown.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from analysis.intake.synthetic.people import reference_day
from analysis.intake.synthetic.population import Population, sample_of, simulate
from analysis.intake.synthetic.register_files import write_register, write_risk_families
from analysis.intake.synthetic.routine_files import write_routine
from analysis.intake.synthetic.survey import FIRST_FIELD_MONTH, draw, measure
from analysis.intake.synthetic.survey_file import survey_table, write_survey
from analysis.intake.synthetic.truth import write_truth
from analysis.project import Project

__all__ = ["Population", "simulate", "write_sample"]

README = """DATA SINTETIS - SYNTHETIC DATA

Berkas di folder ini dibuat oleh program dari bilangan acak. Tidak ada anak, ibu,
keluarga, atau alamat nyata di dalamnya. Jangan dipakai untuk keputusan apa pun.
NIK berawalan 99 (provinsi yang tidak ada).

The files in this folder were made by a program from random numbers. No real child,
mother, family or address is in them. Do not base any decision on them.
Identity numbers start with 99 (a province that does not exist).
"""


def write_sample(project: Project, folder: Path) -> dict[str, Path]:
    """Write the synthetic sample of a project into `folder`.

    The survey, the children under five and the families at risk are always written,
    the routine exports where the params have a routine part. The same params give the
    same bytes. The truth the sample was drawn from lies in `folder/truth`.

    Returns
    -------
    dict
        What was written: `survey`, `register`, `risk_families`, `truth`, … → path.
    """
    folder.mkdir(parents=True, exist_ok=True)
    population = simulate(project)
    paths = {"readme": folder / "README.txt"}
    paths["readme"].write_text(README, encoding="utf-8")
    paths["survey"] = _write_survey(project, population, folder)
    paths |= _write_registers(project, population, folder)
    more: dict[str, Any] = {}
    if project.params.routine is not None and sample_of(project).routine_children:
        routine, more = write_routine(project, population, folder)
        paths |= routine
    paths |= write_truth(project, population, folder / "truth", more)
    return paths


def _write_survey(project: Project, population: Population, folder: Path) -> Path:
    sample = sample_of(project)
    reference = np.datetime64(reference_day(project.params.survey.year, FIRST_FIELD_MONTH))
    rows = measure(
        population, draw(population, sample.children, sample.seed), reference, sample.seed
    )
    path = folder / _plain_name(project.params.survey.files[0], "survei_balita.csv")
    write_survey(survey_table(project, population, rows, sample.seed), path)
    return path


def _write_registers(project: Project, population: Population, folder: Path) -> dict[str, Path]:
    names = project.params.population
    paths = {}
    if names.file and names.columns:
        paths["register"] = folder / Path(names.file).name
        write_register(project, population, paths["register"])
    if names.risk_families_file:
        paths["risk_families"] = folder / Path(names.risk_families_file).name
        write_risk_families(population, paths["risk_families"], sample_of(project).seed)
    return paths


def _plain_name(pattern: str, otherwise: str) -> str:
    """File name of the params, unless it is a pattern or no CSV."""
    name = Path(pattern).name
    return name if name.endswith(".csv") and not set("*?[") & set(name) else otherwise
