"""What holds for every child: the taller, the higher; the heavier, the higher."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.intake.growth import FLAGS, zscores
from analysis.intake.status import classify_haz, outcomes

SEX = st.sampled_from(["m", "f"])
DAYS = st.integers(0, 1826)


def z_of(**columns: object) -> pd.DataFrame:
    return zscores(pd.DataFrame(columns))


@settings(max_examples=25, deadline=None)
@given(SEX, DAYS, st.floats(40, 125), st.floats(0.1, 20))
def test_the_taller_child_has_the_higher_height_for_age(sex, day, length, more) -> None:
    z = z_of(sex=[sex] * 2, age_days=[day] * 2, weight_kg=[10.0] * 2,
             length_cm=[length, length + more])  # fmt: skip
    assert z["haz"].iloc[0] <= z["haz"].iloc[1]


@settings(max_examples=25, deadline=None)
@given(SEX, DAYS, st.floats(1.5, 25), st.floats(0.1, 10))
def test_the_heavier_child_has_the_higher_weight_for_age_and_height(sex, day, weight, more) -> None:
    z = z_of(sex=[sex] * 2, age_days=[day] * 2, weight_kg=[weight, weight + more],
             length_cm=[80.0] * 2)  # fmt: skip
    for name in ("waz", "whz", "baz"):
        assert z[name].iloc[0] <= z[name].iloc[1], name


@settings(max_examples=25, deadline=None)
@given(SEX, st.integers(731, 1826), st.floats(70, 118))
def test_lying_is_seven_millimetres_more_than_standing(sex, day, height) -> None:
    z = z_of(sex=[sex] * 2, age_days=[day] * 2, weight_kg=[12.0] * 2,
             length_cm=[height, height + 0.7], position=["standing", "lying"])  # fmt: skip
    np.testing.assert_allclose(z.loc[0, ["haz", "whz"]].astype(float),
                               z.loc[1, ["haz", "whz"]].astype(float), atol=0.0101)  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(SEX, DAYS, st.floats(30, 140), st.floats(0.5, 40))
def test_flag_class_and_outcome_say_what_z_says(sex, day, length, weight) -> None:
    z = z_of(sex=[sex], age_days=[day], weight_kg=[weight], length_cm=[length])
    for name, (low, high) in FLAGS.items():
        value = z[name].iloc[0]
        assert bool(z[f"{name}_flag"].iloc[0]) == bool(value < low or value > high)
    found = outcomes(z).iloc[0]
    flagged, value = bool(z["haz_flag"].iloc[0]), z["haz"].iloc[0]
    assert pd.isna(found["stunted"]) == (flagged or np.isnan(value))
    if not flagged:
        assert found["stunted"] == (value < -2)
        assert (classify_haz(z["haz"]).iloc[0] in ("Pendek", "Sangat Pendek")) == (value < -2)
        assert not found["severely_stunted"] or found["stunted"]
