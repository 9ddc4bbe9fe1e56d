"""How long the prevalence estimates take: 31 areas and 666 areas, 20 indicators.

    python benchmarks/prevalence.py [--small | --large]

Each indicator: direct estimate of the whole place and of every area, small-area estimate
with 500 bootstrap replicates, benchmark, verdicts. Reading and writing are left out.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.params import load_params
from analysis.prevalence.children import Survey
from analysis.prevalence.rows import Setting, indicator_rows
from analysis.prevalence.simulation import draw_district_survey, make_population

PARAMS = Path(__file__).parents[1] / "params" / "default.yaml"
INDICATORS = 20


def prepare(areas: int, children: int) -> tuple[Survey, Setting]:
    """A made-up survey with stunting and further indicators that cluster alike."""
    population = make_population(areas=areas, seed=1)
    per_psu = max(2, round(children / areas / 4))
    frame = draw_district_survey(population, psus=4, per_psu=per_psu, seed=1)
    frame = frame.rename(columns={"area": "kecamatan"})
    rng = np.random.default_rng(2)
    names = ["stunted", *(f"condition_{i:02d}" for i in range(1, INDICATORS))]
    for position, name in enumerate(names[1:], start=1):
        cluster = pd.factorize(frame["psu"])[0]
        p = np.clip(
            0.1 + 0.04 * position + 0.1 * rng.standard_normal(cluster.max() + 1), 0.02, 0.98
        )
        frame[name] = rng.random(len(frame)) < p[cluster]
    design = {"weight": "weight", "stratum": "stratum", "psu": "psu"}
    survey = Survey(frame, design, dict.fromkeys(names, "share"), {}, frozenset(), ())
    setting = Setting(
        load_params(PARAMS),
        "whole",
        list(population.areas.index),
        population.areas["children"].astype(float),
        population.areas[["covariate"]],
    )
    return survey, setting


def seconds(areas: int, children: int) -> tuple[float, int]:
    """Seconds for all indicators, and rows made."""
    survey, setting = prepare(areas, children)
    start = time.perf_counter()
    rows = sum(len(indicator_rows(survey, name, setting).rows) for name in survey.indicators)
    return time.perf_counter() - start, rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="31 areas only")
    parser.add_argument("--large", action="store_true", help="666 areas only")
    options = parser.parse_args()
    cases = [(31, 5_000, 5.0), (666, 100_000, 60.0)]
    if options.small or options.large:
        cases = cases[:1] if options.small else cases[1:]
    for areas, children, allowed in cases:
        taken, rows = seconds(areas, children)
        print(
            f"{areas} areas x {INDICATORS} indicators, {children:,} children, bootstrap 500: "
            f"{taken:.1f} s ({rows} rows); allowed {allowed:.0f} s"
        )


if __name__ == "__main__":
    main()
