"""Writing the e-PPGBM exports: workbooks and CSV in the real generations of headings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analysis.intake.synthetic.cohort import Cohort, grow, incidence
from analysis.intake.synthetic.population import Population, sample_of
from analysis.intake.synthetic.routine_defects import spoil
from analysis.intake.synthetic.routine_forms import Form, forms
from analysis.intake.synthetic.routine_table import routine_table
from analysis.intake.synthetic.routine_text import identities
from analysis.intake.synthetic.weighing import Visits, weigh
from analysis.intake.synthetic.workbook import write_workbook
from analysis.project import Project


def write_routine(
    project: Project, population: Population, folder: Path
) -> tuple[dict[str, Path], dict[str, Any]]:
    """Write the exports, and `truth/incidence.csv`.

    Returns
    -------
    tuple
        Paths by form, and the truth of the routine data for `truth.json`.
    """
    assert project.params.routine is not None
    sample, month = sample_of(project), project.params.routine.month
    cohort = grow(population, sample.routine_children, month, sample.seed)
    visits = weigh(population, cohort, sample.seed)
    who, wrong = identities(project, population, cohort, sample.seed)
    truth = _truth(cohort, visits) | {"identity_numbers": wrong, "defects": {}}
    paths = {}
    for form in forms(month):
        clean = routine_table(project, cohort, visits, who, form, sample.seed)
        if clean.empty:
            continue
        table, counts = spoil(clean, form.name, sample.seed)
        path = folder / f"{form.name}.{form.suffix}"
        _write(table, form, path)
        paths[form.name] = path
        truth["defects"][path.name] = {"rows": len(table), **counts}
    (folder / "truth").mkdir(parents=True, exist_ok=True)
    paths["incidence"] = folder / "truth" / "incidence.csv"
    new = incidence(cohort, project.register.codes, project.whole, visits.seen)
    new.to_csv(paths["incidence"], index=False, lineterminator="\n")
    return paths, {"routine": truth}


def _truth(cohort: Cohort, visits: Visits) -> dict[str, Any]:
    """What is true, and what was recorded, of the last month."""
    last = cohort.months.size - 1
    rows = visits.rows[visits.rows["month"] == last]
    present = cohort.present[:, last]
    return {
        "children": len(cohort.children),
        "month": str(cohort.months[last]),
        "present": int(present.sum()),
        "weighed": len(rows),
        "prevalence_all": round(float((cohort.haz[present, last] < -2).mean()), 5),
        "prevalence_weighed": round(float((rows["true_haz"] < -2).mean()), 5),
        "prevalence_recorded": round(float((rows["recorded_haz"] < -2).mean()), 5),
    }


def _write(table: pd.DataFrame, form: Form, path: Path) -> None:
    named = table[list(form.headings.values())].set_axis(list(form.headings), axis=1)
    if form.suffix == "xlsx":
        write_workbook(named, form.titles, path)
    else:
        _write_csv(named, form, path)


def _write_csv(table: pd.DataFrame, form: Form, path: Path) -> None:
    if form.decimal == ",":
        table = table.apply(_with_comma)
    table.to_csv(path, sep=form.separator, index=False, encoding="utf-8", lineterminator="\n")


def _with_comma(column: pd.Series) -> pd.Series:
    """Numbers with a fraction as text with a decimal comma; texts as they are."""
    if column.dtype != float and column.dtype != object:
        return column
    place, known = pd.factorize(column, use_na_sentinel=False)
    texts = np.array([_comma(value) for value in known], dtype=object)
    return pd.Series(texts[place], index=column.index)


def _comma(value: object) -> object:
    if not isinstance(value, float):
        return value
    return "" if np.isnan(value) else str(value).replace(".", ",")
