"""From covariates to the latent tendency to stunting, and from it to HAZ."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

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
    """HAZ of a latent value; above 0 it is below −2, so P(HAZ < −2) has the log-odds aimed at."""
    below, above, join = (
        effects.HAZ_SLOPE_BELOW,
        effects.HAZ_SLOPE_ABOVE,
        effects.HAZ_JOIN,
    )
    bend = np.logaddexp(0.0, latent / join) - np.log(2.0)
    return np.asarray(-2.0 - above * latent + (above - below) * join * bend)
