"""The synthetic population: every child under five of every area, with its truth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.intake.synthetic.covariates import Draw, draw_covariates, indicator_columns
from analysis.intake.synthetic.outcome import Tendency, haz_from_latent, tendency
from analysis.intake.synthetic.places import make_households, make_villages
from analysis.intake.synthetic.streams import stream
from analysis.params import Sample
from analysis.project import Project


@dataclass(frozen=True)
class Population:
    """Villages, households and children, linked by position.

    `children` has `household village kecamatan sex age_days twin haz` (age and HAZ at
    the reference day); `indicators` the canonical covariates of the same rows.
    """

    villages: pd.DataFrame
    households: pd.DataFrame
    children: pd.DataFrame
    indicators: pd.DataFrame
    drawn: Draw
    tendency: Tendency


def seed_of(project: Project) -> int:
    """Seed of the sample."""
    return sample_of(project).seed


def sample_of(project: Project) -> Sample:
    """Sizes and seed of the sample, by default where the params have none."""
    return project.params.sample or Sample()


def simulate(project: Project) -> Population:
    """Simulate the whole population of the project's register."""
    seed = seed_of(project)
    areas = len(project.register.areas)
    villages = make_villages(project.register, seed)
    households, children = make_households(villages, seed)
    drawn = draw_covariates(villages, households, children, areas, seed)
    children["village"] = drawn.to_village["child"]
    children["kecamatan"] = villages["kecamatan"].to_numpy()[children["village"].to_numpy()]
    log_odds = tendency(drawn, areas, seed)
    noise = stream(seed, "child").logistic(0.0, 1.0, len(children))
    children["haz"] = np.clip(haz_from_latent(log_odds.fixed + log_odds.age + noise), -5.5, 5.0)
    indicators = indicator_columns(project.pillars, drawn, seed)
    return Population(villages, households, children, indicators, drawn, log_odds)
