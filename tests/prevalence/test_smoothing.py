"""Smoothed variances and small-area estimates: known answers, edges, and coverage."""

import importlib.util

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special

from analysis.errors import UserError
from analysis.prevalence.simulation import draw_district_survey, draw_thin_survey, make_population
from analysis.prevalence.smoothing import back_transform, smooth
from analysis.prevalence.variances import own_share, pooled_correlation, sample_areas

DESIGN = {"weight": "weight", "stratum": "stratum", "psu": "psu"}


def read(frame, population, outcome="stunted", **design):
    areas = list(population.areas.index)
    return sample_areas(frame, outcome, area="area", areas=areas, **(design or DESIGN))


# --- variances ----------------------------------------------------------------------------------


def test_the_pooled_correlation_is_found_again():
    rng = np.random.default_rng(1)
    areas, clusters, size, rho = 40, 5, 20, 0.15
    area = np.repeat(np.arange(areas), clusters * size)
    cell = np.repeat(np.arange(areas * clusters), size)
    between = np.sqrt(rho) * rng.standard_normal(areas * clusters)
    values = between[cell] + np.sqrt(1 - rho) * rng.standard_normal(len(cell))
    owner = np.repeat(np.arange(areas), clusters)
    found, variance = pooled_correlation(values, area, areas, cell, owner)
    assert found == pytest.approx(rho, abs=0.03)
    assert variance == pytest.approx(1.0, abs=0.05)


def test_effective_size_of_equal_clusters_is_the_textbook():
    population = make_population(areas=5, seed=2)
    frame = draw_district_survey(population, psus=4, per_psu=10, seed=2).assign(weight=1.0)
    sample = read(frame, population)
    np.testing.assert_allclose(sample.effective_n, 40 / (1 + 9 * sample.correlation))


def test_without_psu_there_is_no_correlation():
    population = make_population(areas=5, seed=2)
    frame = draw_district_survey(population, psus=4, per_psu=10, seed=2)
    sample = read(frame, population, weight="weight")
    kish = frame.groupby("area")["weight"].agg(lambda w: w.sum() ** 2 / (w**2).sum())
    assert sample.correlation == 0
    np.testing.assert_allclose(sample.effective_n, kish)


def test_what_a_whole_cluster_shares_counts_clusters():
    population = make_population(areas=6, seed=3)
    frame = draw_district_survey(population, psus=4, per_psu=10, seed=3).assign(weight=1.0)
    frame["shared"] = frame["psu"].map(lambda p: int(p[-1]) % 2 == 0)
    sample = read(frame, population, "shared")
    assert sample.correlation == pytest.approx(1.0)
    np.testing.assert_allclose(sample.effective_n, 4.0)


def test_stratification_within_areas_lowers_the_pooled_level():
    """An outcome fixed within strata has hardly any sampling variance."""
    population = make_population(areas=10, seed=4)
    frame = draw_district_survey(population, psus=6, per_psu=10, seed=4)
    half = frame["psu"].str[-1].astype(int) < 3
    frame["stratum"] = frame["area"] + np.where(half, "u", "r")
    rng = np.random.default_rng(4)
    frame["outcome"] = rng.random(len(frame)) < np.where(half, 0.9, 0.1)
    plain, stratified = (
        read(frame.assign(stratum=frame["area"]), population, "outcome"),
        read(frame, population, "outcome"),
    )
    assert own_share(stratified)[0].mean() < 0.6 * own_share(plain)[0].mean()


# --- smoothing ----------------------------------------------------------------------------------


def test_estimates_lie_between_direct_and_synthetic():
    population = make_population(seed=5)
    sample = read(draw_district_survey(population, psus=4, per_psu=20, seed=5), population)
    result = smooth(sample, bootstrap=50)
    middle = result.estimate.mean()
    closer = np.abs(result.estimate - middle) < np.abs(sample.mean - middle)
    assert closer.mean() > 0.9
    assert ((result.low < result.estimate) & (result.estimate < result.high)).all()


def test_areas_never_sampled_get_a_wider_synthetic_estimate():
    population = make_population(seed=6)
    frame = draw_district_survey(population, psus=4, per_psu=20, seed=6)
    absent = population.areas.index[[2, 17]]
    sample = read(frame[~frame["area"].isin(absent)], population)
    result = smooth(sample, population.areas[["covariate"]], bootstrap=50)
    gone = population.areas.index.isin(absent)
    assert sample.n[gone].sum() == 0
    assert np.isfinite(result.estimate).all()
    assert (result.high - result.low)[gone].min() > np.median((result.high - result.low)[~gone])


@pytest.mark.parametrize("value", [False, True])
def test_a_condition_nobody_or_everybody_has(value):
    population = make_population(areas=8, seed=7)
    frame = draw_district_survey(population, psus=3, per_psu=9, seed=7)
    result = smooth(read(frame.assign(stunted=value), population), bootstrap=50)
    assert np.isfinite(result.low).all()
    assert np.isfinite(result.high).all()
    assert ((result.estimate > 0.9) if value else (result.estimate < 0.1)).all()


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), areas=st.integers(1, 5), rows=st.integers(1, 25))
def test_the_smallest_surveys_still_give_numbers(seed, areas, rows):
    rng = np.random.default_rng(seed)
    codes = [f"a{k}" for k in range(areas)]
    frame = pd.DataFrame(
        {"area": rng.choice(codes, rows), "weight": rng.choice([0.1, 1, 100.0], rows)}
    )
    frame["psu"] = frame["area"] + rng.integers(0, 3, rows).astype(str)
    frame["y"] = rng.random(rows) < rng.choice([0, 0.3, 1.0])
    covariates = pd.DataFrame({"x": rng.standard_normal(areas)})
    sample = sample_areas(frame, "y", area="area", areas=codes, weight="weight", psu="psu")
    result = smooth(sample, covariates, bootstrap=50)
    for numbers in (result.estimate, result.low, result.high, result.se):
        assert np.isfinite(numbers).all()
    assert ((result.low <= result.estimate) & (result.estimate <= result.high)).all()


def test_a_mean_without_spread_cannot_be_smoothed():
    frame = pd.DataFrame({"area": ["a", "b"], "haz": [-1.0, -2.0]})
    sample = sample_areas(frame, "haz", area="area", areas=["a", "b"])
    assert not sample.can_be_smoothed
    with pytest.raises(UserError, match="too few children"):
        smooth(sample)


def test_one_area_only():
    population = make_population(areas=1, seed=8)
    frame = draw_district_survey(population, psus=4, per_psu=30, seed=8)
    sample = read(frame, population)
    result = smooth(sample, bootstrap=50)
    assert result.estimate[0] == pytest.approx(sample.mean[0], abs=0.02)
    assert result.low[0] < sample.mean[0] < result.high[0]


def test_means_are_smoothed_on_their_own_scale():
    population = make_population(seed=9)
    sample = read(draw_district_survey(population, psus=4, per_psu=30, seed=9), population, "haz")
    assert not sample.is_share
    result = smooth(sample, bootstrap=50)
    assert np.corrcoef(result.estimate, sample.mean)[0, 1] > 0.9
    assert (result.low < result.estimate).all()


def test_the_back_transformation_takes_the_expectation():
    centre, variance = np.array([-2.0, 0.0, 1.0]), np.array([0.5, 1.0, 0.2])
    rng = np.random.default_rng(1)
    draws = special.expit(
        centre[:, None] + np.sqrt(variance)[:, None] * rng.standard_normal((3, 400_000))
    )
    np.testing.assert_allclose(back_transform(centre, variance), draws.mean(axis=1), atol=5e-4)


def test_the_same_seed_gives_the_same_numbers():
    population = make_population(areas=8, seed=10)
    sample = read(draw_thin_survey(population, children=300, seed=10), population)
    first, second = (smooth(sample, bootstrap=50, seed=3) for _ in range(2))
    np.testing.assert_array_equal(first.se, second.se)


# --- coverage -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def coverage(root):
    spec = importlib.util.spec_from_file_location(
        "coverage_benchmark", root / "benchmarks" / "coverage.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.slow
@pytest.mark.parametrize("survey", [0, 1, 2])
def test_intervals_of_published_estimates_cover(coverage, survey):
    """A smaller version of benchmarks/coverage.py; bounds allow for 60 surveys only."""
    name = list(coverage.SURVEYS)[survey]
    measured = coverage.measure(make_population(seed=1), coverage.SURVEYS[name], True, 60)
    assert 0.93 <= measured["coverage"] <= 0.985
    assert measured["worst_quarter"] >= 0.86
    assert measured["mse_ratio"] <= (0.5 if "27" in name else 1.0)


@pytest.mark.slow
def test_the_bootstrap_standard_error_is_the_error(coverage):
    population = make_population(seed=2)
    truth = population.areas["truth"].to_numpy()
    errors, claimed = [], []
    for seed in range(40):
        sample = read(draw_district_survey(population, psus=4, per_psu=40, seed=seed), population)
        result = smooth(sample, population.areas[["covariate"]], bootstrap=100, seed=seed)
        errors.append((result.estimate - truth) ** 2)
        claimed.append(result.se**2)
    assert np.mean(claimed) == pytest.approx(np.mean(errors), rel=0.25)


@pytest.mark.slow
def test_the_direct_estimate_is_beaten_at_27_children():
    population = make_population(seed=3)
    truth = population.areas["truth"].to_numpy()
    ours, direct = [], []
    for seed in range(12):
        sample = read(draw_district_survey(population, psus=3, per_psu=9, seed=seed), population)
        ours.append((smooth(sample, bootstrap=50).estimate - truth) ** 2)
        direct.append((sample.mean - truth) ** 2)
    assert np.mean(ours) < 0.5 * np.mean(direct)


def test_missing_areas_are_told_by_position_not_order():
    population = make_population(areas=5, seed=11)
    frame = draw_district_survey(population, psus=3, per_psu=10, seed=11)
    areas = list(population.areas.index)[::-1]
    backwards = sample_areas(frame, "stunted", area="area", areas=areas, **DESIGN)
    forwards = read(frame, population)
    np.testing.assert_allclose(backwards.mean[::-1], forwards.mean)
