"""Numbers that go with a gap, against counting by hand and by simulation."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from analysis.determinants.attributable import (
    Gap,
    Standardisation,
    attributable_table,
    find_gaps,
    outcomes,
)
from analysis.determinants.frame import model_frame
from analysis.determinants.series import fit_series

from .conftest import children

WHOLE = "99"


@pytest.fixture(scope="module")
def balita(series):
    areas = sorted(series.frame.data["area"].unique())
    return pd.Series(np.linspace(1000, 5000, len(areas)), index=areas)


@pytest.fixture(scope="module")
def table(series, pillars, balita):
    return attributable_table(series, pillars, balita, WHOLE, seed=3, level=0.95)


def test_current_coverage_is_the_weighted_share_in_the_favourable_state(series, pillars):
    gaps = {gap.term.indicator: gap for gap in find_gaps(series, pillars)}
    data = children(5)
    for area, rows in data.groupby("kecamatan"):
        share = np.average(
            rows["improved_sanitation"].astype(float), weights=rows["sampling_weight"]
        )
        assert gaps["improved_sanitation"].current[area] == pytest.approx(share)
        share = 1 - np.average(
            rows["early_marriage"].astype(float), weights=rows["sampling_weight"]
        )
        assert gaps["early_marriage"].current[area] == pytest.approx(share)


def test_targets_with_their_status(table):
    by_code = table.drop_duplicates("code").set_index("code")
    assert by_code.loc["improved_sanitation", "target"] == 0.9
    assert by_code.loc["improved_sanitation", "target_status"] == "unverified"
    assert by_code.loc["early_marriage", "target_status"] == "assumed"


def test_one_factor_by_hand(series, pillars, balita, table):
    """Every child twice: as it is, and with its chance of having been moved."""
    result = series.logit["underlying"]
    gap = next(g for g in find_gaps(series, pillars) if g.term.indicator == "improved_sanitation")
    data = series.frame.complete.loc[result.exog.index]
    effect = data["kecamatan"].map(result.random_effects["kecamatan"]["effect"])
    draws = np.random.default_rng(0).normal(0, result.sd["desa"], 4000)
    eta = (result.exog @ result.params + effect).to_numpy()
    bad = data["improved_sanitation"].to_numpy()
    now = np.array([expit(e + draws).mean() for e in eta])
    cured = np.array(
        [expit(e + draws).mean() for e in eta - bad * result.params["improved_sanitation"]]
    )
    for area in (balita.index[0], balita.index[-1]):
        here = (data["area"] == area).to_numpy()
        moved = max(0.9 - gap.current[area], 0) / (1 - gap.current[area])
        expected = balita[area] * np.average(
            moved * (now - cured)[here], weights=data["weight"].to_numpy()[here]
        )
        row = table.query("code == 'improved_sanitation' and area == @area").iloc[0]
        assert row["stunted_children"] == pytest.approx(expected, rel=0.02)
        baseline = np.average(now[here], weights=data["weight"].to_numpy()[here])
        assert row["share"] == pytest.approx(expected / balita[area] / baseline, rel=0.02)


def test_no_gap_no_number(series):
    term = next(t for t in series.frame.terms if t.name == "improved_sanitation")
    data = series.frame.complete
    lacking = data.groupby("area")["improved_sanitation"].mean()
    model = Standardisation(series.logit["full"], data["area"], data["weight"], seed=1)
    gap = Gap(term, 1 - lacking, 0.0, "confirmed")
    (found,) = outcomes(model, [[gap]])
    assert np.all(found.difference == 0)
    assert np.all(found.difference_draws == 0)


def test_the_whole_adds_up_its_areas(table, balita):
    for _, rows in table.groupby(["kind", "code"]):
        whole = rows.loc[rows["area"] == WHOLE, "stunted_children"].iloc[0]
        assert whole == pytest.approx(rows.loc[rows["area"] != WHOLE, "stunted_children"].sum())


def test_pillars_are_joint_and_not_sums(series, pillars, table):
    """All risk factors planted: together fewer than one by one, each more than none."""
    whole = table[table["area"] == WHOLE].set_index("code")
    single = whole[whole["kind"] == "indicator"]
    third = single[single["pillar"] == 3]["stunted_children"]
    assert (third > 0).all()
    joint = whole.loc["3", "stunted_children"]
    assert joint > third.max()
    everything = whole.loc["all", "stunted_children"]
    assert everything < single["stunted_children"].sum() * 1.02
    assert everything > joint


def test_intervals_hold_the_number_and_come_from_the_seed(series, pillars, balita, table):
    single = table[table["kind"] == "indicator"]
    assert (single["low"] <= single["stunted_children"] + 1e-9).all()
    assert (single["high"] >= single["stunted_children"] - 1e-9).all()
    again = attributable_table(series, pillars, balita, WHOLE, seed=3, level=0.95)
    pd.testing.assert_frame_equal(table, again)
    other = attributable_table(series, pillars, balita, WHOLE, seed=4, level=0.95)
    assert not table["low"].equals(other["low"])


def test_interval_of_a_small_number_by_the_delta_method(series, pillars, balita, table):
    """For one coefficient the number is near linear: its interval is that of the coefficient."""
    row = table.query("code == 'improved_sanitation' and area == @WHOLE").iloc[0]
    result = series.logit["underlying"]
    relative = result.bse["improved_sanitation"] / result.params["improved_sanitation"]
    half = (row["high"] - row["low"]) / 2
    assert half / row["stunted_children"] == pytest.approx(1.96 * relative, rel=0.25)


def test_an_area_not_in_the_register_counts_no_children(series, pillars, balita):
    table = attributable_table(series, pillars, balita.iloc[1:], WHOLE, seed=3, level=0.95)
    first = table[table["area"] == balita.index[0]]
    assert (first["stunted_children"] == 0).all()


def test_without_kecamatan_as_a_level_the_numbers_still_come(pillars, balita):
    data = children(6, areas=1, villages=20)
    fitted = fit_series(model_frame(data, pillars), linear=False)
    table = attributable_table(fitted, pillars, balita, WHOLE, seed=1, level=0.9)
    assert set(table["area"]) == {"99.01", WHOLE}
