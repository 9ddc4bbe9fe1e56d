"""Do 95 % intervals cover 95 %? Surveys redrawn from populations whose truth is known.

    python benchmarks/coverage.py [--surveys 200] [--populations 1] [--synthetic [PARAMS]]

With `--synthetic` the population is that of the synthetic sample, surveys are redrawn by
its own design, and the covariates are the run's (from the artefact `visits`, when made).

For each survey design, and with and without an area covariate: share of intervals of the
published kecamatan estimates (smoothed, benchmarked to the survey) that hold the truth,
the same in the quarter of areas where it is lowest, and the mean squared error against
that of the direct estimates.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

import numpy as np
import pandas as pd

from analysis import artefacts
from analysis.intake.synthetic import simulate
from analysis.intake.synthetic.survey import draw
from analysis.prevalence import benchmark
from analysis.prevalence.covariates import area_covariates
from analysis.prevalence.design import estimate
from analysis.prevalence.simulation import (
    Population,
    draw_district_survey,
    draw_thin_survey,
    make_population,
)
from analysis.prevalence.smoothing import smooth
from analysis.prevalence.variances import sample_areas
from analysis.project import DEFAULT_PARAMS, load_project

DESIGN = {"weight": "weight", "stratum": "stratum", "psu": "psu"}
SURVEYS: dict[str, Callable[[Population, int], pd.DataFrame]] = {
    "27 per area (3 clusters of 9)": lambda p, s: draw_district_survey(
        p, psus=3, per_psu=9, seed=s
    ),
    "about 27, thin (0-5 clusters)": lambda p, s: draw_thin_survey(p, seed=s),
    "160 per area (4 clusters of 40)": lambda p, s: draw_district_survey(
        p, psus=4, per_psu=40, seed=s
    ),
}


def published(population: Population, frame: pd.DataFrame, covariate: bool) -> pd.DataFrame:
    """Benchmarked estimate and interval per area, and the direct estimate."""
    areas = list(population.areas.index)
    sample = sample_areas(frame, "stunted", area="area", areas=areas, **DESIGN)
    covariates = population.areas.filter(like="covariate") if covariate else None
    result = smooth(sample, covariates, bootstrap=50)
    table = pd.DataFrame(
        {"estimate": result.estimate, "se": result.se, "low": result.low, "high": result.high}
    )
    whole = float(estimate(frame, "stunted", **DESIGN)["estimate"].iloc[0])
    factor = benchmark.ratio(table["estimate"], population.areas["children"], whole).factor
    return benchmark.apply(table, factor).assign(direct=sample.mean)


def synthetic(
    params: str,
) -> tuple[Population, dict[str, Callable[[Population, int], pd.DataFrame]]]:
    """The synthetic sample's population, and its survey at two sizes."""
    project = load_project(params)
    made, codes = simulate(project), project.register.codes
    stunted = (made.children["haz"] < -2).to_numpy()
    place = made.children["kecamatan"].to_numpy()
    children = np.bincount(place, minlength=len(codes))
    truth = np.bincount(place, stunted, minlength=len(codes)) / children
    areas = pd.DataFrame({"children": children, "truth": truth}, index=pd.Index(codes))
    visits = artefacts.read(project, "visits") if artefacts.exists(project, "visits") else None
    covariates, _ = area_covariates(project, visits, areas["children"].astype(float))
    areas = areas.join(covariates.add_prefix("covariate_"))

    def survey(target: int) -> Callable[[Population, int], pd.DataFrame]:
        def drawn(_: Population, seed: int) -> pd.DataFrame:
            rows = draw(made, target, 1000 + seed)
            rows["stunted"] = stunted[rows["child"].to_numpy()]
            rows["area"] = np.array(codes)[rows["kecamatan"].to_numpy()]
            return rows.rename(columns={"sampling_weight": "weight"})

        return drawn

    sizes = {f"synthetic, {n} per area": survey(n * len(codes)) for n in (27, 160)}
    return Population(pd.DataFrame(), areas), sizes


def measure(
    population: Population,
    draw: Callable[[Population, int], pd.DataFrame],
    covariate: bool,
    surveys: int,
) -> dict[str, float]:
    """Coverage and mean squared errors over redrawn surveys."""
    truth = population.areas["truth"].to_numpy()
    covered, error, direct, width = [], [], [], []
    for seed in range(surveys):
        table = published(population, draw(population, seed), covariate)
        covered.append((table["low"] <= truth) & (truth <= table["high"]))
        error.append((table["estimate"] - truth) ** 2)
        direct.append((table["direct"] - truth) ** 2)
        width.append(table["high"] - table["low"])
    by_area = np.sort(np.mean(covered, axis=0))
    quarter = by_area[: max(1, round(len(by_area) / 4))]
    return {
        "coverage": float(by_area.mean()),
        "worst_quarter": float(quarter.mean()),
        "worst_area": float(by_area[0]),
        "mse_ratio": float(np.nanmean(error) / np.nanmean(direct)),
        "width": float(np.mean(width)),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--surveys", type=int, default=200)
    parser.add_argument("--populations", type=int, default=1)
    parser.add_argument("--sd-area", type=float, default=0.30)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--synthetic", nargs="?", const=DEFAULT_PARAMS, metavar="PARAMS")
    options = parser.parse_args()
    print(f"{'survey':34}{'covariate':>10}{'population':>11}", end="")
    print(f"{'coverage':>10}{'worst 1/4':>10}{'worst':>7}{'MSE/direct':>11}{'width':>7}")
    if options.synthetic:
        population, surveys = synthetic(options.synthetic)
        populations = {"truth": population}
    else:
        seeds = range(options.first, options.first + options.populations)
        populations = {
            str(seed): make_population(seed=seed, sd_area=options.sd_area) for seed in seeds
        }
        surveys = SURVEYS
    for name, draw_one in surveys.items():
        for covariate in (False, True):
            for label, population in populations.items():
                if covariate and population.areas.filter(like="covariate").empty:
                    continue
                m = measure(population, draw_one, covariate, options.surveys)
                print(
                    f"{name:34}{'yes' if covariate else 'no':>10}{label:>11}"
                    f"{m['coverage']:>10.3f}{m['worst_quarter']:>10.3f}{m['worst_area']:>7.2f}"
                    f"{m['mse_ratio']:>11.2f}{m['width']:>7.3f}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
