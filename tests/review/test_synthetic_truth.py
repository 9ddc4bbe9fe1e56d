"""The incidence built into the synthetic cohort is found again, with and without its bad scales."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from analysis.intake import lms
from analysis.intake.synthetic.cohort import Cohort, grow, incidence
from analysis.intake.synthetic.population import simulate
from analysis.intake.synthetic.weighing import Visits, weigh
from analysis.project import load_project
from analysis.review.newcases import rate_interval
from analysis.review.noise import attendance_weight, haz_offset
from analysis.review.trajectories import ALL, corrected_rates
from analysis.review.transitions import YEAR_DAYS, intervals, valid_measurements

pytestmark = pytest.mark.slow

AGES = np.array([0, 183, 365, 731, 1096, 1461, 1827])


@dataclass(frozen=True)
class Sample:
    cohort: Cohort
    visits: Visits
    truth: pd.Series
    by_area: pd.DataFrame
    survey: pd.DataFrame

    def measured(self, length: np.ndarray) -> pd.DataFrame:
        """Valid measurements if `length` had been read at every visit."""
        rows = self.visits.rows
        sex, age = rows["sex"].to_numpy(), rows["age_days"].to_numpy()
        haz = np.round(lms.z_score(length, lms.at_age("haz", sex, age)), 2)
        stunted = pd.Series(haz < -2).astype("boolean").mask(np.abs(haz) > 6)
        area = self.cohort.children["kecamatan"].to_numpy()[rows["child"]]
        table = pd.DataFrame(
            {
                "child_id": rows["child"].astype(str).to_numpy(),
                "kecamatan": area.astype(str),
                "month": self.cohort.months.astype(str)[rows["month"]],
                "age_days": age.astype(float),
                "haz": haz,
                "stunted": stunted,
                "source_file": "f",
                "source_row": np.arange(len(rows)),
            }
        )
        return valid_measurements(table)

    def weighed(self, measured: pd.DataFrame) -> pd.DataFrame:
        last = measured[measured["month_number"] == measured["month_number"].max()]
        children = self.cohort.children.iloc[last["child_id"].astype(int)]
        sex = children["sex"].map({0: "m", 1: "f"}).to_numpy()
        weight = attendance_weight(last["haz"], measured)
        return last.assign(sex=sex, cluster=children["post"].to_numpy(), weight=weight)


@pytest.fixture(scope="module")
def sample() -> Sample:
    project = load_project()
    population = simulate(project)
    cohort = grow(population, 6000, "2026-08", 1)
    visits = weigh(population, cohort, 1)
    truth = incidence(cohort, project.register.codes, project.whole, visits.seen)
    chosen = population.children.sample(5000, random_state=1)
    survey = pd.DataFrame(
        {
            "child_id": chosen.index.astype(str),
            "kecamatan": chosen["kecamatan"].astype(str),
            "psu": (chosen["village"]).astype(str),
            "sex": chosen["sex"].map({0: "m", 1: "f"}),
            "age_days": chosen["age_days"].astype(float),
            "haz": chosen["haz"],
            "haz_flag": False,
            "sampling_weight": 1.0,
        }
    )
    table = truth.set_index("kecamatan")
    return Sample(
        cohort, visits, table.loc[project.whole], table.loc[project.register.codes], survey
    )


def test_measured_without_error_the_truth_lies_in_the_interval(sample: Sample) -> None:
    rows = sample.visits.rows
    steps = intervals(sample.measured(sample.cohort.length_cm[rows["child"], rows["month"]]))
    rate, low, high = rate_interval(steps["new"].sum(), steps["child_days"].sum() / YEAR_DAYS, 0.95)
    assert low < sample.truth["seen_new_per_100_child_years"] < high
    assert low < sample.truth["new_per_100_child_years"] < high
    assert rate == pytest.approx(sample.truth["seen_new_per_100_child_years"], rel=0.03)


def test_measured_badly_the_corrected_interval_holds_the_truth(sample: Sample) -> None:
    """Scales read 1.15 cm too high, 0.9 cm reading error, stunted children staying away."""
    measured = sample.measured(sample.visits.rows["length_cm"].to_numpy())
    offset = haz_offset(sample.weighed(measured), sample.survey)
    found = corrected_rates(measured, offset, 0.95, 1)[ALL]
    assert found.low < sample.truth["seen_new_per_100_child_years"] < found.high
    steps = intervals(measured)
    years = steps["child_days"].sum() / YEAR_DAYS
    assert (
        not rate_interval(steps["new"].sum(), years, 0.95)[1]
        < sample.truth["seen_new_per_100_child_years"]
    )  # as measured it lies outside: the correction is needed


def test_measured_badly_the_truth_of_each_area_lies_in_its_interval(sample: Sample) -> None:
    measured = sample.measured(sample.visits.rows["length_cm"].to_numpy())
    offset = haz_offset(sample.weighed(measured), sample.survey)
    found = corrected_rates(measured, offset, 0.95, 1)
    truth = sample.by_area["seen_new_per_100_child_years"].to_numpy()
    own = [found[str(place)] for place in range(len(truth))]
    known = np.array([not np.isnan(x.rate) for x in own])
    inside = np.array([x.low <= t <= x.high for x, t in zip(own, truth, strict=True)])
    rates = np.array([x.rate for x in own])
    assert known.sum() >= 28
    assert inside[known].mean() >= 0.9
    assert np.corrcoef(rates[known], truth[known])[0, 1] > 0.6
