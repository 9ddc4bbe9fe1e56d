"""Pictures for the researcher's notebook: one function a picture, no estimate computed here.

Blue for what is measured, orange for what is aimed at or asks for attention, grey for the rest;
shape and line style carry the same meaning, so that a grey copy can be read.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

BLUE, ORANGE, GREY, LIGHT = "#1F5A94", "#C65102", "#6B7280", "#D1D5DB"
_MARKS = {"SSGI": "o", "SKI": "s", "Riskesdas": "^", "SSGBI": "D"}


def _frame(width: float, height: float) -> tuple[Figure, Axes]:
    figure, axes = plt.subplots(figsize=(width, height), layout="constrained")
    plt.close(figure)  # or a notebook shows it once more by itself
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="both", color=LIGHT, linewidth=0.6)
    axes.set_axisbelow(True)
    return figure, axes


def target_chart(series: pd.DataFrame, path: pd.DataFrame, labels: dict[str, str]) -> Figure:
    """Published series of each place with its breaks of instrument, and the selected path.

    Parameters
    ----------
    series, path
        Tables `series` and `target_path`.
    labels
        Words by key: `y`, `target`, `break`.
    """
    figure, axes = _frame(8.5, 4.2)
    colours = {"whole": BLUE, "province": GREY, "nation": GREY}
    styles = {"whole": "-", "province": "--", "nation": ":"}
    for scope, group in series.groupby("scope", sort=False):
        colour, style = colours[str(scope)], styles[str(scope)]
        for start, end in _joined(group):
            axes.plot(*zip(start, end, strict=True), color=colour, linestyle=style, linewidth=1.8)
        for _, row in group.iterrows():
            mark = _MARKS.get(str(row["survey"]), "*")
            axes.plot(row["year"], 100 * row["estimate"], mark, color=colour, markersize=7)
            if pd.notna(row["low"]):
                limits = (100 * row["low"], 100 * row["high"])
                axes.vlines(row["year"], *limits, color=colour, linewidth=1.2)
        last = group.iloc[-1]
        axes.annotate(
            str(last["place"]), (last["year"], 100 * last["estimate"]), (6, 4),
            textcoords="offset points", color=colour,
        )  # fmt: skip
    chosen = path[path["selected"]]
    axes.plot(
        chosen["year"], 100 * chosen["target"], color=ORANGE, linewidth=1.8, label=labels["target"]
    )
    points = chosen[chosen["target_kind"] == "point"]
    axes.plot(points["year"], 100 * points["target"], "D", color=ORANGE, markersize=6)
    used = [s for s in _MARKS if s in set(series["survey"])]
    for survey in used:
        axes.plot([], [], _MARKS[survey], color=GREY, label=survey)
    axes.plot([], [], "*", color=BLUE, label=labels["own"])
    axes.set_ylim(0)
    axes.set_ylabel(labels["y"])
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.legend(loc="lower left", frameon=False, ncols=2, fontsize=9)
    return figure


def _joined(group: pd.DataFrame) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    """Lines between figures that may be compared; across a break there is none."""
    by_year = group.set_index("year")["estimate"]
    rows = group[group["since"].notna()]
    return [
        ((int(s), 100 * by_year[int(s)]), (int(y), 100 * e))
        for s, y, e in zip(rows["since"], rows["year"], rows["estimate"], strict=True)
    ]


def caterpillar(review: pd.DataFrame, names: dict[str, str], labels: dict[str, str]) -> Figure:
    """Estimates with intervals, sorted; whole place dashed, target in orange."""
    areas = review[(review["level"] == "area") & (review["verdict"] != "suppress")]
    areas = areas.sort_values("estimate")
    whole = review[review["level"] == "whole"].iloc[0]
    figure, axes = _frame(7.5, max(3.0, 0.22 * len(areas) + 1.2))
    place = np.arange(len(areas))
    colours = [BLUE if w in ("higher", "lower") else GREY for w in areas["against_whole"]]
    axes.hlines(place, 100 * areas["low"], 100 * areas["high"], color=colours, linewidth=1.6)
    marks = {"higher": "^", "lower": "v", "similar": "o", "not_compared": "o"}
    for i, (_, row) in enumerate(areas.iterrows()):
        axes.plot(
            100 * row["estimate"], i, marks[row["against_whole"]], color=colours[i], markersize=6
        )
    axes.axvline(
        100 * whole["estimate"], color=BLUE, linestyle="--", linewidth=1.2, label=labels["whole"]
    )
    if pd.notna(whole["target"]):
        axes.axvline(100 * whole["target"], color=ORANGE, linewidth=1.4, label=labels["target"])
    axes.set_yticks(place, [names.get(a, a) for a in areas["area"]], fontsize=8)
    axes.set_xlabel(labels["x"])
    axes.legend(loc="lower right", frameon=False, fontsize=9)
    return figure


def new_cases_chart(new_cases: pd.DataFrame, whole: str, labels: dict[str, str]) -> Figure:
    """New cases, recoveries and lost children of the whole place by month."""
    months = new_cases[(new_cases["area"] == whole) & (new_cases["month"] != "all")]
    figure, axes = _frame(8.5, 3.4)
    place = np.arange(len(months))
    axes.bar(place, months["new"].astype(float), color=ORANGE, width=0.7, label=labels["new"])
    axes.bar(
        place, -months["recovered"].astype(float), color=BLUE, width=0.7, label=labels["recovered"]
    )
    axes.plot(place, months["lost"].astype(float), "x", color="black", label=labels["lost"])
    axes.axhline(0, color="black", linewidth=0.8)
    axes.set_xticks(place, months["month"], rotation=60, fontsize=8, ha="right")
    axes.set_ylabel(labels["y"])
    ticks = axes.get_yticks()
    axes.set_yticks(ticks, [f"{abs(t):g}" for t in ticks])
    axes.legend(frameon=False, fontsize=9, ncols=3)
    return figure


def bridge_chart(bridge: pd.DataFrame, words: dict[str, str], label: str) -> Figure:
    """Waterfall from the routine figure to the survey's; bounds as a line, unknown steps open."""
    rows = bridge.sort_values("order")
    figure, axes = _frame(8.5, 3.6)
    before = 0.0
    for i, (_, row) in enumerate(rows.iterrows()):
        value, total = 100 * row["value"], row["step"] in ("recorded", "survey")
        if row["status"] == "not_computed":
            axes.text(i, before + 1, "–", ha="center", color=GREY)
            continue
        if row["status"] == "bounded":
            axes.vlines(
                i, 100 * row["low"], 100 * row["high"], color=GREY, linewidth=2, linestyle=":"
            )
            axes.plot([i, i], [100 * row["low"], 100 * row["high"]], "_", color=GREY, markersize=14)
            continue
        start = 0.0 if total else before
        axes.bar(i, value - start, bottom=start, width=0.6, color=BLUE if total else ORANGE)
        text = f"{value:.1f}" if total else f"{value - before:+.1f}"
        axes.text(i, max(value, start) + 0.5, text.replace(".", ","), ha="center", fontsize=9)
        before = value
    told = [textwrap.fill(words.get(s, s), 16) for s in rows["step"]]
    axes.set_xticks(range(len(rows)), told, fontsize=8)
    axes.set_ylabel(label)
    axes.grid(axis="x", visible=False)
    return figure


def number_and_rate(
    priorities: pd.DataFrame, names: dict[str, str], labels: dict[str, str]
) -> Figure:
    """Number against rate of the areas: two ways to ask where first."""
    areas = priorities[(priorities["kind"] == "area") & (priorities["verdict"] != "suppress")]
    figure, axes = _frame(7.5, 4.6)
    first = areas["by_score"] <= max(3, round(len(areas) / 6))
    for chosen, colour, mark in ((~first, GREY, "o"), (first, ORANGE, "D")):
        rows = areas[chosen.fillna(False)]
        axes.plot(
            100 * rows["rate"], rows["stunted"], mark, color=colour, markersize=7, linestyle=""
        )
        for _, row in rows.iterrows():
            axes.annotate(
                names.get(row["area"], row["area"]), (100 * row["rate"], row["stunted"]), (4, 3),
                textcoords="offset points", fontsize=7, color=colour,
            )  # fmt: skip
    axes.set_xlabel(labels["x"])
    axes.set_ylabel(labels["y"])
    return figure


def matrix_chart(
    matrix: pd.DataFrame, names: dict[str, str], agencies: Sequence[str], labels: dict[str, str]
) -> Figure:
    """Agency × area: how many children the agency's gaps concern; decisions are marked."""
    shown = matrix[matrix["verdict"] != "suppress"].drop_duplicates(["opd", "area", "indicator"])
    counts = shown.astype({"children_gap": "float64"}).pivot_table(
        index="area", columns="opd", values="children_gap", aggfunc="max"
    )
    decided = shown.assign(chosen=(shown["rank"] > 0).astype("float64")).pivot_table(
        index="area", columns="opd", values="chosen", aggfunc="max"
    )
    counts = counts.reindex(columns=[a for a in agencies if a in counts])
    decided = decided.reindex_like(counts)
    figure, axes = plt.subplots(
        figsize=(0.62 * counts.shape[1] + 2.4, 0.22 * len(counts) + 1.6), layout="constrained"
    )
    plt.close(figure)
    image = axes.imshow(counts.to_numpy(dtype=float), cmap="Blues", aspect="auto", vmin=0)
    rows, columns = np.nonzero(decided.fillna(0).to_numpy(dtype=float) > 0)
    axes.plot(columns, rows, "D", color=ORANGE, markersize=5)
    axes.set_xticks(range(counts.shape[1]), counts.columns, rotation=45, ha="right", fontsize=8)
    axes.set_yticks(range(len(counts)), [names.get(a, a) for a in counts.index], fontsize=8)
    figure.colorbar(image, ax=axes, label=labels["colour"], shrink=0.6)
    return figure
