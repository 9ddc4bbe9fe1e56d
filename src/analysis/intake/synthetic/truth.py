"""The truth behind the sample, for tests: written beside it, read by no stage."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analysis.intake.synthetic import effects
from analysis.intake.synthetic.population import Population, sample_of
from analysis.project import Project


def write_truth(
    project: Project, population: Population, folder: Path, more: dict[str, Any]
) -> dict[str, Path]:
    """Write `truth.json` and `areas.csv` into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    haz = population.children["haz"]
    facts = {
        "seed": sample_of(project).seed,
        "prevalence": round(float((haz < -2).mean()), 5),
        "severe": round(float((haz < -3).mean()), 5),
        "haz_mean": round(float(haz.mean()), 4),
        "haz_sd": round(float(haz.std()), 4),
        "intercept": round(population.tendency.intercept, 5),
        "variances": effects.VARIANCES,
        "effects": [asdict(effect) for effect in effects.EFFECTS],
        "water_and_latrine": effects.WATER_AND_LATRINE,
        "age_curve": {"months": effects.AGE_CURVE[0], "log_odds": effects.AGE_CURVE[1]},
        **more,
    }
    truth = folder / "truth.json"
    truth.write_text(json.dumps(facts, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    areas = folder / "areas.csv"
    area_truth(project, population).to_csv(areas, index=False, lineterminator="\n")
    return {"truth": truth, "areas": areas}


def area_truth(project: Project, population: Population) -> pd.DataFrame:
    """Per area and for the whole place: children, prevalence, random intercept, coverages.

    Shares are of all children for whom the indicator is defined; categories give one
    column per category.
    """
    children = population.children
    parts = {
        "balita": pd.Series(1.0, index=children.index),
        "stunted": (children["haz"] < -2).astype(float),
        "severely_stunted": (children["haz"] < -3).astype(float),
    }
    for code, indicator in project.pillars.indicators.items():
        column = population.indicators[code]
        if indicator.kind == "category":
            for category in indicator.categories:
                parts[f"{code}={category}"] = (column == category).astype(float)
        else:
            parts[code] = column.astype("Float64").astype(float)
    table = pd.DataFrame(parts)
    by_area = table.groupby(children["kecamatan"].to_numpy()).mean()
    by_area["balita"] = np.bincount(children["kecamatan"], minlength=len(by_area))
    by_area["random_intercept"] = population.tendency.area[by_area.index]
    by_area.insert(0, "kecamatan", np.array(project.register.codes)[by_area.index])
    whole = table.mean().to_frame().T.assign(kecamatan=project.whole, balita=len(table))
    return pd.concat([by_area, whole], ignore_index=True).round(5)
