"""What holds for every survey: bounds, complements, parts of a whole."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.prevalence.design import estimate

DESIGN = {"weight": "weight", "stratum": "stratum", "psu": "psu"}
METHODS = st.sampled_from(["logit", "beta", "wilson"])


@st.composite
def surveys(draw) -> pd.DataFrame:
    """A small stratified cluster sample with an outcome, some of it missing."""
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    strata, clusters, take = draw(st.integers(1, 4)), draw(st.integers(2, 5)), 6
    n = strata * clusters * take
    stunted = pd.array(rng.random(n) < draw(st.floats(0.05, 0.95)), dtype="boolean")
    stunted[rng.random(n) < 0.1] = pd.NA
    return pd.DataFrame(
        {
            "stratum": np.repeat(np.arange(strata), clusters * take),
            "psu": np.repeat(np.arange(strata * clusters), take),
            "weight": np.repeat(rng.uniform(0.2, 5, strata * clusters), take),
            "area": rng.choice(["a", "b"], n),
            "stunted": stunted,
        }
    )


@settings(max_examples=40, deadline=None)
@given(surveys(), METHODS, st.floats(0.5, 0.99))
def test_an_interval_lies_in_0_to_1_around_its_estimate(frame, interval, level) -> None:
    row = estimate(frame, "stunted", interval=interval, level=level, **DESIGN).iloc[0]
    seen = frame.dropna(subset="stunted")
    assert row["estimate"] == pytest.approx(
        np.average(seen["stunted"].astype(float), weights=seen["weight"])
    )
    assert 0 <= row["low"] <= row["estimate"] + 1e-12
    assert row["estimate"] - 1e-12 <= row["high"] <= 1
    assert row["n"] + row["missing"] == len(frame)


@settings(max_examples=30, deadline=None)
@given(surveys(), METHODS)
def test_the_complement_mirrors_the_estimate(frame, interval) -> None:
    frame = frame.assign(other=~frame["stunted"])
    one, other = (
        estimate(frame, name, interval=interval, **DESIGN).iloc[0] for name in ("stunted", "other")
    )
    assert other["estimate"] == pytest.approx(1 - one["estimate"], abs=1e-9)
    assert other["se"] == pytest.approx(one["se"], abs=1e-9)
    assert (other["low"], other["high"]) == pytest.approx(
        (1 - one["high"], 1 - one["low"]), abs=1e-7
    )


@settings(max_examples=30, deadline=None)
@given(surveys())
def test_domains_add_up_to_the_whole(frame) -> None:
    parts = estimate(frame, "stunted", by="area", **DESIGN)
    whole = estimate(frame, "stunted", **DESIGN).iloc[0]
    seen = frame.dropna(subset="stunted").groupby("area")["weight"].sum()
    shares = parts.set_index("area")["estimate"].dropna()
    joined = (shares * seen.reindex(shares.index)).sum() / seen.sum()
    assert joined == pytest.approx(whole["estimate"])
    assert parts["n"].sum() == whole["n"]


@settings(max_examples=30, deadline=None)
@given(surveys(), st.floats(0.5, 0.9))
def test_a_higher_level_gives_a_wider_interval(frame, level) -> None:
    narrow, wide = (estimate(frame, "stunted", level=v, **DESIGN).iloc[0] for v in (level, 0.95))
    assert wide["low"] <= narrow["low"] + 1e-12
    assert narrow["high"] <= wide["high"] + 1e-12


@pytest.mark.parametrize("interval", ["logit", "beta", "wilson"])
def test_clusters_of_one_mean_do_not_make_an_estimate_certain(interval: str) -> None:
    frame = pd.DataFrame(
        {
            "stunted": [True, False, False] * 4,
            "weight": [4.815955] * 6 + [3.678992] * 6,
            "psu": [0] * 6 + [1] * 6,
        }
    )
    row = estimate(frame, "stunted", weight="weight", psu="psu", interval=interval).iloc[0]
    assert row["se"] == 0
    assert row["low"] < 0.2 < 0.5 < row["high"]
