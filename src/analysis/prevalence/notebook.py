"""Tables of notebook 2; figures that may not be printed are blank, with their reason."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.prevalence.smoothing import Smoothed
from analysis.project import Project

FIGURES = ["estimate", "se", "low", "high", "rse"]


def percent(table: pd.DataFrame) -> pd.DataFrame:
    """Shares as percent; what is suppressed loses its figures."""
    shown = table.copy()
    share = shown["unit"] == "share"
    for column in ("estimate", "se", "low", "high"):
        shown[column] = shown[column].where(~share, 100 * shown[column])
    shown.loc[shown["verdict"] == "suppress", FIGURES] = np.nan
    return shown


def overview(table: pd.DataFrame, project: Project) -> pd.DataFrame:
    """The whole place: one row per indicator, with its label."""
    rows = percent(table[(table["level"] == "whole") & table["published"]])
    language = project.params.language
    labels = {k: i.label[language] for k, i in project.pillars.indicators.items()}
    rows = rows.assign(label=[labels.get(code, code) for code in rows["indicator"]])
    columns = ["label", "unit", *FIGURES, "n", "missing", "psus", "df", "deff", "verdict", "reason"]
    return rows.set_index("indicator")[columns]


def estimates_table(
    table: pd.DataFrame, indicator: str, names: Mapping[str, str], hidden: str
) -> pd.DataFrame:
    """Direct and published figures of every area side by side, in order of the code.

    `hidden` stands for what is suppressed.
    """
    rows = percent(table[(table["indicator"] == indicator) & (table["level"] == "area")])
    direct = rows[rows["method"] == "direct"].set_index("area")
    printed = rows[rows["published"]].set_index("area").reindex(direct.index)

    def text(part: pd.DataFrame) -> list[str]:
        return [
            hidden
            if row.verdict == "suppress"
            else f"{row.estimate:.1f} ({row.low:.1f}–{row.high:.1f})"
            for row in part.itertuples()
        ]

    return pd.DataFrame(
        {
            "kecamatan": [names[code] for code in direct.index],
            "n": direct["n"],
            "psus": direct["psus"],
            "df": direct["df"],
            "direct": text(direct),
            "published": text(printed),
            "method": printed["method"],
            "rse": printed["rse"],
            "verdict": printed["verdict"],
            "reason": printed["reason"],
        }
    )


def model_table(fit: Smoothed) -> pd.DataFrame:
    """What the area model found, on its own scale, as text with four significant digits."""
    model = fit.model
    facts = {
        "area_variance_reml": model.area_variance,
        "area_variance_mean": fit.area_variance,
        "within_cluster_correlation": fit.correlation,
        "mean_shrinkage": float(np.mean(1 - model.shrinkage)),
        "loglik_reml": model.loglik,
        **{f"coefficient {k}": v for k, v in model.coefficients.items()},
        **{f"std_error {k}": v for k, v in model.std_errors.items()},
    }
    return pd.DataFrame({"value": {k: f"{v:.4g}" for k, v in facts.items()}})


def verdict_table(table: pd.DataFrame) -> pd.DataFrame:
    """How many figures of each method are shown, shown with caution, suppressed, and why."""
    counts = table.groupby(["method", "verdict", "reason"], observed=True).size()
    return counts.rename("figures").reset_index()
