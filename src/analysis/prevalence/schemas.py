"""Schemas of what prevalence hands on: prevalence and benchmark."""

from __future__ import annotations

import pandera.pandas as pa

from analysis.schema import boolean, number, table, text, whole

#: area × indicator × method.
PREVALENCE = table(
    {
        "area": text("Code of the area, or of the whole place"),
        "level": text("area or whole", allowed=["area", "whole"]),
        "indicator": text("stunted, …, haz, or the code of an indicator of the pillars file"),
        "method": text(
            "How it was estimated",
            allowed=["direct", "smoothed", "benchmarked", "benchmarked_official", "unit_level"],
        ),
        "unit": text("share (0–1) or mean", allowed=["share", "mean"]),
        "estimate": number("The estimate"),
        "se": number("Standard error", 0),
        "low": number("Lower limit of the interval"),
        "high": number("Upper limit of the interval"),
        "n": whole("Children with the value"),
        "missing": whole("Children of the domain without it"),
        "psus": whole("Sampled clusters with such children"),
        "df": number("Degrees of freedom of the domain"),
        "deff": number("Design effect as R's deff=TRUE"),
        "rse": number("Relative standard error, percent", 0),
        "verdict": text("What may be printed", allowed=["show", "caution", "suppress"]),
        "reason": text("Code of the reason of the verdict", nullable=True),
        "published": boolean("The row to print for this area and indicator"),
    }
)

#: What benchmarking did to each indicator.
BENCHMARK = table(
    {
        "indicator": text("Indicator benchmarked"),
        "against": text("survey or official", allowed=["survey", "official"]),
        "figure": number("The figure the areas must add up to, share"),
        "before": number("What they added up to, share"),
        "factor": number("figure / before"),
        "source": text("Where the figure comes from"),
    }
)

TABLES: dict[str, pa.DataFrameSchema] = {"prevalence": PREVALENCE, "benchmark": BENCHMARK}
