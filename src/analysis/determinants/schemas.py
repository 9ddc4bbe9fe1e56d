"""Schemas of what determinants hands on: effects, variance_components, attributable, model_checks."""

from __future__ import annotations

import pandera.pandas as pa

from analysis.schema import boolean, number, share, table, text, whole

#: One row per model and term. `published` marks the model that speaks for an indicator.
EFFECTS = table(
    {
        "outcome": text("stunted or haz", allowed=["stunted", "haz"]),
        "model": text(
            "confounders, basic, underlying or full (immediate factors too); with the suffix "
            "_weighted or _imputed a sensitivity variant"
        ),
        "term": text("Term of the model"),
        "indicator": text("Code of the indicator, or of the confounder"),
        "category": text("Category of the indicator the term stands for", nullable=True),
        "pillar": whole("Pillar of the indicator", nullable=True),
        "coefficient": number("Log odds ratio of the unfavourable state (or z units for haz)"),
        "se": number("Its standard error", 0),
        "odds_ratio": number("Odds ratio, unfavourable against favourable", 0),
        "or_low": number("Lower limit", 0),
        "or_high": number("Upper limit", 0),
        "per_100": number("Average marginal effect: stunted children per 100"),
        "per_100_low": number("Lower limit"),
        "per_100_high": number("Upper limit"),
        "p_value": share("Two-sided Wald"),
        "n": whole("Children in the model"),
        "dropped": whole("Children left out for missing covariates"),
        "published": boolean("This model speaks for the indicator"),
        "why": text("Code of the reason this model speaks for it", nullable=True),
    }
)

#: One row per model and grouping level.
VARIANCE_COMPONENTS = table(
    {
        "outcome": text("stunted or haz", allowed=["stunted", "haz"]),
        "model": text("Model, null first"),
        "group": text("kecamatan or desa"),
        "groups": whole("Number of groups"),
        "sd": number("Standard deviation of the random intercepts", 0),
        "icc": share("Intraclass correlation on the latent scale, this level and those above"),
        "median_odds_ratio": number("Median odds ratio", 1),
        "change": number("Proportional change in variance, (null - model) / null"),
        "loglik": number("Log-likelihood of the model"),
        "n": whole("Children in the model"),
        "converged": boolean("Whether the fit converged"),
        "gradient_se": number("Largest gradient in standard-error units", 0),
    }
)

#: Stunted children that go with the gap between today's and target coverage.
ATTRIBUTABLE = table(
    {
        "area": text("Code of the area, or of the whole place"),
        "kind": text(
            "indicator, pillar (its factors together) or all (every factor together)",
            allowed=["indicator", "pillar", "all"],
        ),
        "code": text("Code of the indicator, number of the pillar, or all"),
        "pillar": whole("Pillar", nullable=True),
        "current": share("Coverage of the favourable state today"),
        "target": share("Coverage it is set to"),
        "target_status": text("confirmed, derived, unverified, or assumed", nullable=True),
        "stunted_children": number("Children, from the register"),
        "low": number("Lower limit"),
        "high": number("Upper limit"),
        "share": number("Share of the area's stunted children"),
        "share_low": number("Lower limit"),
        "share_high": number("Upper limit"),
    }
)

#: What to look at before believing the models, and what is not in them with its reason.
MODEL_CHECKS = table(
    {
        "model": text("Model looked at"),
        "check": text(
            "vif: variance inflation of a term; calibration: a tenth of the predictions; auc: "
            "area under the ROC curve; influence: an area's largest shift of a coefficient; "
            "residual: dispersion of a logit's residuals, shape of a linear model's; "
            "left_out: not in the models; failed: a model that could not be had",
            allowed=["vif", "calibration", "auc", "influence", "residual", "left_out", "failed"],
        ),
        "item": text("Term, tenth, area, indicator or model"),
        "value": number(
            "Factor, observed share, area under the curve, shift in errors, or residuals' measure"
        ),
        "reference": number("Predicted share, for calibration"),
        "n": whole("Children, for calibration and residuals", nullable=True),
        "reason": text(
            "Term most shifted; code or sentence of the reason for what is not there",
            nullable=True,
        ),
    }
)

TABLES: dict[str, pa.DataFrameSchema] = {
    "effects": EFFECTS,
    "variance_components": VARIANCE_COMPONENTS,
    "attributable": ATTRIBUTABLE,
    "model_checks": MODEL_CHECKS,
}
