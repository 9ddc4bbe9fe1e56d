"""Length and weight of given z-scores: the LMS formula of WHO turned round."""

from __future__ import annotations

import numpy as np

from analysis.intake import lms
from analysis.intake.synthetic import effects
from analysis.intake.synthetic.streams import Floats, Ints

FIRST_DAY_STANDING = 731
LAST_DAY = 1856


def length_of(haz: Floats, sex: Ints, age_days: Ints) -> Floats:
    """Length (under 731 days) or height in cm of a HAZ at an age in days."""
    day = np.clip(age_days, 0, LAST_DAY)
    return _inverse(haz, lms.at_age("haz", sex, day))


def weight_of(whz: Floats, sex: Ints, age_days: Ints, length_cm: Floats) -> Floats:
    """Weight in kg of a WHZ at a length, by the length or the height table after age."""
    lying = age_days < FIRST_DAY_STANDING
    by_length = lms.at_length("wfl", sex, np.clip(length_cm, 45.0, 109.9))
    by_height = lms.at_length("wfh", sex, np.clip(length_cm, 65.0, 119.9))
    return _inverse(np.clip(whz, -3.6, 3.6), np.where(lying, by_length, by_height))


def _inverse(z: Floats, values: Floats) -> Floats:
    power, median, spread = values
    return np.asarray(median * (1.0 + power * spread * z) ** (1.0 / power))


def draw_whz(haz: Floats, rng: np.random.Generator) -> Floats:
    """WHZ that goes a little with HAZ."""
    noise = rng.normal(0.0, effects.WHZ_SD, haz.shape)
    return np.asarray(effects.WHZ_MEAN + effects.WHZ_ON_HAZ * (haz + 1.4) + noise)
