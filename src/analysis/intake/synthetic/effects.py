"""What the synthetic population is made of: causal order, coverages, effects, variances.

Everything a test may want to recover stands here as data. The log-odds are those of
published Indonesian studies (see docs/synthetic.md for each); where no estimate was
found the value is a modest assumption and is marked so there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Level = Literal["desa", "household", "child"]


@dataclass(frozen=True)
class Node:
    """One yes/no covariate: its coverage and what it depends on.

    `share` is the coverage aimed at over those it is defined for; `depends` gives
    log-odds per unit of each earlier variable (conditions as 0/1, `wealth`,
    `development` and `remoteness` in standard deviations, `education` 0–3).
    """

    level: Level
    share: float
    depends: dict[str, float] = field(default_factory=dict)
    cluster_sd: float = 0.3


#: In causal order: a node may depend only on what stands above it.
CAUSES: dict[str, Node] = {
    # basic
    "village_budget": Node("desa", 0.62, {"development": 0.4}),
    "village_team": Node("desa", 0.48, {"village_budget": 0.9, "development": 0.2}),
    "village_odf": Node("desa", 0.65, {"village_budget": 0.4, "development": 0.5}),
    "early_marriage": Node(
        "household", 0.28, {"education": -0.7, "wealth": -0.25, "remoteness": 0.2}
    ),
    "mother_short": Node("household", 0.27, {"wealth": -0.25, "education": -0.1}, 0.2),
    "health_insurance": Node("household", 0.72, {"wealth": 0.1}),
    "food_aid": Node("household", 0.55, {"wealth": -0.5, "village_budget": 0.1}),
    # underlying
    "stunting_knowledge": Node(
        "household", 0.45, {"education": 0.5, "village_team": 0.35, "wealth": 0.1}
    ),
    "anc_complete": Node("household", 0.82, {"wealth": 0.3, "education": 0.3, "remoteness": -0.35}),
    "iron_tablets": Node("household", 0.55, {"anc_complete": 1.0, "stunting_knowledge": 0.4}),
    "postpartum_contraception": Node(
        "household", 0.52, {"anc_complete": 0.4, "education": 0.1, "early_marriage": -0.1}
    ),
    "handwashing": Node("household", 0.62, {"wealth": 0.4, "stunting_knowledge": 0.4}),
    "improved_water": Node(
        "household", 0.83, {"wealth": 0.45, "urban": 0.3, "remoteness": -0.4}, 0.5
    ),
    "improved_sanitation": Node(
        "household", 0.70, {"wealth": 0.6, "village_odf": 0.9, "urban": 0.2}, 0.4
    ),
    "family_assistance": Node("household", 0.38, {"wealth": -0.3, "village_team": 0.6}, 0.5),
    "food_secure": Node("household", 0.78, {"wealth": 0.8, "food_aid": 0.2}),
    "home_garden": Node(
        "household", 0.42, {"urban": -0.9, "village_team": 0.2, "stunting_knowledge": 0.2}
    ),
    "posyandu_attended": Node(
        "child", 0.66, {"stunting_knowledge": 0.4, "remoteness": -0.4, "urban": -0.2}, 0.4
    ),
    "immunised": Node("child", 0.72, {"anc_complete": 0.4, "education": 0.2, "remoteness": -0.3}),
    # immediate
    "low_birth_weight": Node(
        "child",
        0.085,
        {
            "iron_tablets": -0.3,
            "anc_complete": -0.3,
            "mother_short": 0.35,
            "early_marriage": 0.3,
            "wealth": -0.1,
        },
        0.15,
    ),
    "exclusive_breastfeeding": Node("child", 0.62, {"stunting_knowledge": 0.5}),
    "diarrhoea": Node(
        "child",
        0.12,
        {"improved_water": -0.3, "improved_sanitation": -0.3, "handwashing": -0.3},
        0.2,
    ),
    "animal_protein": Node(
        "household", 0.58, {"wealth": 0.5, "food_secure": 0.6, "stunting_knowledge": 0.3}
    ),
    "diverse_diet": Node(
        "child", 0.47, {"animal_protein": 0.9, "wealth": 0.3, "stunting_knowledge": 0.3}
    ),
}

#: Ages (completed months, both included) at which a node acts on growth, where not all.
ACTS_AT = {"diverse_diet": (6, 23), "exclusive_breastfeeding": (0, 5)}

#: Shares of the mother's education and of the wealth quintiles, lowest first.
EDUCATION_SHARES = (0.42, 0.27, 0.23, 0.08)
WEALTH_SHARES = (0.2, 0.2, 0.2, 0.2, 0.2)


@dataclass(frozen=True)
class Effect:
    """Log-odds of stunting that go directly with a state of a covariate."""

    indicator: str
    state: bool | int
    log_odds: float
    source: Literal["published", "assumed"]


#: Direct effects: all others held. `state` of a category is its rank, 0 the lowest.
EFFECTS: tuple[Effect, ...] = (
    Effect("male", True, 0.15, "published"),
    Effect("urban", True, -0.15, "published"),
    Effect("mother_short", True, 0.55, "published"),
    Effect("mother_education", 0, 0.50, "published"),
    Effect("mother_education", 1, 0.35, "published"),
    Effect("mother_education", 2, 0.15, "published"),
    Effect("wealth_quintile", 0, 0.65, "published"),
    Effect("wealth_quintile", 1, 0.45, "published"),
    Effect("wealth_quintile", 2, 0.25, "published"),
    Effect("wealth_quintile", 3, 0.10, "assumed"),
    Effect("early_marriage", True, 0.30, "published"),
    Effect("village_team", False, 0.10, "assumed"),
    Effect("village_odf", False, 0.10, "assumed"),
    Effect("stunting_knowledge", False, 0.10, "assumed"),
    Effect("handwashing", False, 0.10, "assumed"),
    Effect("posyandu_attended", False, 0.05, "assumed"),
    Effect("anc_complete", False, 0.20, "published"),
    Effect("iron_tablets", False, 0.10, "assumed"),
    Effect("improved_sanitation", False, 0.30, "published"),
    Effect("food_secure", False, 0.20, "assumed"),
    Effect("low_birth_weight", True, 0.75, "published"),
    Effect("exclusive_breastfeeding", True, -0.05, "published"),
    Effect("diarrhoea", True, 0.20, "assumed"),
    Effect("animal_protein", False, 0.20, "assumed"),
    Effect("diverse_diet", False, 0.30, "published"),
)

#: Added where both water and sanitation are unimproved.
WATER_AND_LATRINE = 0.15

#: Log-odds by age in months, straight lines between: low in early infancy, a peak at
#: two to three years, then falling, as SSGI 2024 shows it.
AGE_CURVE = (
    (0.0, 3.0, 6.0, 9.0, 12.0, 18.0, 24.0, 30.0, 36.0, 48.0, 60.0),
    (-0.70, -0.50, -0.20, 0.00, 0.22, 0.50, 0.62, 0.62, 0.48, 0.35, 0.22),
)

#: Variances of the random intercepts on the latent (logit) scale.
VARIANCES = {"kecamatan": 0.08, "desa": 0.12, "household": 0.10}

#: Share of stunted children in the whole place.
PREVALENCE = 0.30

#: The latent values of the population lie like Student's t with these degrees of freedom
#: and this SD: logistic noise has heavier tails than the normal, effects thin them.
LATENT_DF, LATENT_SD = 12, 2.05
#: HAZ lies like two halves of normals with one peak and these SDs below and above it. The
#: lower half is the tighter: 3.9 of 30.4 stunted per hundred are severely so (SSGI 2024).
HAZ_SD_BELOW, HAZ_SD_ABOVE = 0.73, 1.40

#: Weight-for-height: mean, regression on HAZ, and residual SD.
WHZ_MEAN, WHZ_ON_HAZ, WHZ_SD = -0.40, 0.12, 1.0
