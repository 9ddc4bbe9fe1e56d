"""From covariates to the latent tendency to stunting, and from it to HAZ."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri, stdtr, stdtrit

from analysis.intake.synthetic import effects
from analysis.intake.synthetic.covariates import Draw
from analysis.intake.synthetic.streams import Floats, centre_to_share, sigmoid, stream


@dataclass(frozen=True)
class Tendency:
    """Log-odds of being stunted, per child.

    `fixed` holds intercept, covariates and random intercepts but not age, `age` the
    age curve; a child is stunted where `fixed + age + logistic noise > 0`.
    """

    intercept: float
    fixed: Floats
    age: Floats
    area: Floats

    @property
    def chance(self) -> Floats:
        """Probability of being stunted."""
        return sigmoid(self.fixed + self.age)


def age_effect(months: Floats) -> Floats:
    """Log-odds that go with age in months."""
    return np.asarray(np.interp(months, *effects.AGE_CURVE))


def tendency(drawn: Draw, areas: int, seed: int) -> Tendency:
    """Log-odds of every child; the intercept makes the mean equal `effects.PREVALENCE`."""
    rng = stream(seed, "random intercepts")
    variances = effects.VARIANCES
    area = rng.normal(0.0, np.sqrt(variances["kecamatan"]), areas)
    desa = rng.normal(0.0, np.sqrt(variances["desa"]), len(drawn.rows["desa"]))
    home = rng.normal(0.0, np.sqrt(variances["household"]), len(drawn.rows["household"]))
    village = drawn.to_village["child"]
    children = drawn.rows["child"]
    months = children["age_days"].to_numpy() / 30.4375
    random = area[drawn.rows["desa"]["kecamatan"].to_numpy()[village]] + desa[village]
    random = random + home[children["household"].to_numpy()]
    fixed = random + fixed_effects(drawn, months)
    age = age_effect(months)
    intercept = centre_to_share(fixed + age, effects.PREVALENCE)
    return Tendency(intercept, fixed + intercept, age, area)


def fixed_effects(drawn: Draw, months: Floats) -> Floats:
    """Sum of the direct effects of `effects.EFFECTS` on each child's log-odds."""
    total = np.zeros(months.size)
    for effect in effects.EFFECTS:
        if effect.indicator == "male":
            here = drawn.rows["child"]["sex"].to_numpy() == 0
        else:
            here = drawn.at(effect.indicator, "child") == effect.state
        if effect.indicator in effects.ACTS_AT:
            low, high = effects.ACTS_AT[effect.indicator]
            here = here & (months >= low) & (months < high + 1)
        total += effect.log_odds * here
    neither = ~drawn.at("improved_water", "child") & ~drawn.at("improved_sanitation", "child")
    return np.asarray(total + effects.WATER_AND_LATRINE * neither)


def haz_from_latent(latent: Floats) -> Floats:
    """HAZ of a latent value; above 0 it is below −2, so P(HAZ < −2) has the log-odds aimed at.

    Quantile by quantile, from the distribution of the latent values to that of HAZ, so
    that the order of children is kept and HAZ has the shape of surveys.
    """
    scale = effects.LATENT_SD * np.sqrt((effects.LATENT_DF - 2) / effects.LATENT_DF)
    centre = scale * stdtrit(effects.LATENT_DF, effects.PREVALENCE)
    lower = stdtr(effects.LATENT_DF, -(latent - centre) / scale)
    at_cut_off = two_piece_quantile(np.array([effects.PREVALENCE]))
    return np.asarray(two_piece_quantile(lower) - at_cut_off - 2.0)


def two_piece_quantile(share: Floats) -> Floats:
    """Quantile of two half normals joined at 0, with the SDs of `effects`."""
    below, above = effects.HAZ_SD_BELOW, effects.HAZ_SD_ABOVE
    peak = below / (below + above)
    share = np.clip(share, 1e-9, 1 - 1e-9)
    low = below * ndtri(np.minimum(share / (2 * peak), 0.5))
    high = above * ndtri(0.5 + np.maximum(share - peak, 0.0) / (2 * (1 - peak)))
    return np.asarray(low + high)
