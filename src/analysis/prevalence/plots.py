"""Pictures of notebook 2: one function a picture, no estimate computed here.

Blue is the small-area estimate, orange what asks for care or is aimed at, grey the direct
estimate; marks differ in shape too, so that a grey copy can be read. A direct estimate
that may not be printed is an empty ring. Words come from the caller, by key.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy import special, stats

from analysis.files import load_yaml
from analysis.prevalence.smoothing import Smoothed
from analysis.project import find_root

Words = Mapping[str, str]


@lru_cache(maxsize=1)
def palette() -> dict[str, str]:
    """Colours of the brand, by name."""
    file = find_root(Path(__file__)) / "reports" / "_brand.yml"
    colours = load_yaml(file)["color"]["palette"]
    return {str(name): str(value) for name, value in colours.items()}


def _canvas(width: float, height: float, columns: int = 1) -> tuple[Figure, list[Axes]]:
    colours = palette()
    style = {
        "axes.edgecolor": colours["rule"], "grid.color": colours["grid"],
        "text.color": colours["ink"], "axes.labelcolor": colours["ink"],
        "xtick.color": colours["muted"], "ytick.color": colours["ink"],
    }  # fmt: skip
    with sns.axes_style("whitegrid", rc=style):
        figure, axes = plt.subplots(1, columns, figsize=(width, height), layout="constrained")
    plt.close(figure)  # the notebook shows what is returned, once
    found = [axes] if columns == 1 else list(axes)
    for one in found:
        sns.despine(ax=one, left=True)
    return figure, found


def _wide(table: pd.DataFrame, indicator: str) -> dict[str, pd.DataFrame]:
    """Rows of the areas by method, indexed by area."""
    rows = table[(table["indicator"] == indicator) & (table["level"] == "area")]
    return {str(m): part.set_index("area") for m, part in rows.groupby("method", observed=True)}


def _whole(table: pd.DataFrame, indicator: str) -> pd.Series:
    rows = table[(table["indicator"] == indicator) & (table["level"] == "whole")]
    return rows.iloc[0]


def shrinkage(table: pd.DataFrame, names: Mapping[str, str], words: Words) -> Figure:
    """How far each direct estimate is drawn towards the model.

    Parameters
    ----------
    table
        The artefact `prevalence`.
    names
        Area code → name.
    words
        `x direct hidden smoothed whole`.
    """
    colours, by_method = palette(), _wide(table, "stunted")
    direct, smoothed = by_method["direct"], by_method["smoothed"].sort_values("estimate")
    figure, (axes,) = _canvas(7.5, 7.6)
    height = np.arange(len(smoothed))
    start = direct["estimate"].reindex(smoothed.index)
    axes.hlines(
        height, 100 * start, 100 * smoothed["estimate"], color=colours["rule"], linewidth=1.5
    )
    shown = (direct["verdict"].reindex(smoothed.index) != "suppress").to_numpy()
    for mask, face, label in ((shown, colours["other"], "direct"), (~shown, "none", "hidden")):
        axes.scatter(
            100 * start[mask], height[mask], s=30, facecolor=face, edgecolor=colours["other"],
            label=words[label], zorder=3,
        )  # fmt: skip
    axes.scatter(
        100 * smoothed["estimate"], height, marker="D", s=26, color=colours["blue"],
        label=words["smoothed"], zorder=4,
    )  # fmt: skip
    _whole_line(axes, table, words)
    axes.set_yticks(height, [names[code] for code in smoothed.index])
    axes.set_xlabel(words["x"])
    figure.legend(loc="outside lower center", ncols=4, frameon=False)
    return figure


def _whole_line(axes: Axes, table: pd.DataFrame, words: Words) -> None:
    value = 100 * float(_whole(table, "stunted")["estimate"])
    axes.axvline(value, color=palette()["ink"], linestyle="--", linewidth=1, label=words["whole"])


def caterpillar(table: pd.DataFrame, names: Mapping[str, str], words: Words) -> Figure:
    """Published estimates with their intervals, in order of the estimate.

    Words: `x whole show caution suppress`; a suppressed area keeps its line, empty.
    """
    colours = palette()
    rows = table[
        (table["indicator"] == "stunted") & (table["level"] == "area") & table["published"]
    ]
    rows = rows.sort_values("estimate", na_position="first")
    figure, (axes,) = _canvas(7.5, 7.6)
    height = np.arange(len(rows))
    look = {"show": ("blue", "o"), "caution": ("orange", "s")}
    for verdict, (colour, mark) in look.items():
        mask = (rows["verdict"] == verdict).to_numpy()
        part = rows[mask]
        axes.hlines(height[mask], 100 * part["low"], 100 * part["high"], color=colours[colour])
        axes.plot(
            100 * part["estimate"], height[mask], mark, color=colours[colour], markersize=5,
            label=words[verdict],
        )  # fmt: skip
    for position in height[(rows["verdict"] == "suppress").to_numpy()]:
        axes.text(100 * float(_whole(table, "stunted")["estimate"]), position, words["suppress"],
                  va="center", color=colours["muted"])  # fmt: skip
    _whole_line(axes, table, words)
    axes.set_yticks(height, [names[code] for code in rows["area"]])
    axes.set_xlabel(words["x"])
    figure.legend(loc="outside lower center", ncols=4, frameon=False)
    return figure


def funnel(table: pd.DataFrame, names: Mapping[str, str], words: Words) -> Figure:
    """Direct estimates against effective sample size, with the limits of chance alone.

    Words: `n y direct hidden limits`. Areas outside the 99.8 % limits are named, if they
    may be shown.
    """
    colours, direct = palette(), _wide(table, "stunted")["direct"]
    whole = float(_whole(table, "stunted")["estimate"])
    effective = direct["n"].astype(float) / direct["deff"].clip(lower=1)
    figure, (axes,) = _canvas(7.5, 4.6)
    sizes = np.linspace(max(5.0, float(effective.min()) * 0.8), float(effective.max()) * 1.1, 200)
    for level, style in ((0.95, "--"), (0.998, "-")):
        half = stats.norm.ppf((1 + level) / 2) * np.sqrt(whole * (1 - whole) / sizes)
        for sign in (-1, 1):
            axes.plot(sizes, 100 * np.clip(whole + sign * half, 0, 1), style,
                      color=colours["muted"], linewidth=1)  # fmt: skip
    axes.axhline(100 * whole, color=colours["ink"], linewidth=1)
    shown = direct["verdict"] != "suppress"
    for mask, face, label in ((shown, colours["blue"], "direct"), (~shown, "none", "hidden")):
        axes.scatter(effective[mask], 100 * direct["estimate"][mask], s=28, facecolor=face,
                     edgecolor=colours["blue"], label=words[label], zorder=3)  # fmt: skip
    limit = stats.norm.ppf(0.999) * np.sqrt(whole * (1 - whole) / effective)
    for code in direct.index[shown & ((direct["estimate"] - whole).abs() > limit)]:
        axes.annotate(names[code], (effective[code], 100 * float(direct["estimate"][code])), (5, 3),
                      textcoords="offset points", color=colours["ink"])  # fmt: skip
    axes.set(xlabel=words["n"], ylabel=words["y"])
    axes.plot([], [], "--", color=colours["muted"], label=words["limits"])
    figure.legend(loc="outside lower center", ncols=4, frameon=False)
    return figure


def relative_errors(
    table: pd.DataFrame, names: Mapping[str, str], limit: float, words: Words
) -> Figure:
    """Relative standard error of each area, direct and published, against the limit.

    Words: `x direct published limit`.
    """
    colours, by_method = palette(), _wide(table, "stunted")
    published = table[
        (table["indicator"] == "stunted") & (table["level"] == "area") & table["published"]
    ]
    published = published.set_index("area").sort_index(ascending=False)
    figure, (axes,) = _canvas(7.5, 7.6)
    height = np.arange(len(published))
    before = by_method["direct"]["rse"].reindex(published.index)
    axes.hlines(height, published["rse"], before, color=colours["rule"])
    axes.scatter(before, height, s=26, facecolor="none", edgecolor=colours["muted"],
                 label=words["direct"], zorder=3)  # fmt: skip
    axes.scatter(published["rse"], height, marker="D", s=26, color=colours["blue"],
                 label=words["published"], zorder=3)  # fmt: skip
    axes.axvline(limit, color=colours["orange"], linestyle="--", label=words["limit"])
    axes.set_yticks(height, [names[code] for code in published.index])
    axes.set_xlabel(words["x"])
    axes.set_xlim(left=0)
    figure.legend(loc="outside lower center", ncols=4, frameon=False)
    return figure


def side_by_side(table: pd.DataFrame, pairs: Mapping[str, str], words: Words) -> Figure:
    """Other methods against the smoothed estimate, a panel each.

    Parameters
    ----------
    pairs
        Method → title of its panel; methods that are not in the table are left out.
    words
        `x` and `y`.
    """
    colours, by_method = palette(), _wide(table, "stunted")
    kept = {method: title for method, title in pairs.items() if method in by_method}
    figure, axes = _canvas(3.7 * max(len(kept), 1), 3.9, max(len(kept), 1))
    base = by_method["smoothed"]["estimate"]
    for one, (method, title) in zip(axes, kept.items(), strict=False):
        other = by_method[method]["estimate"].reindex(base.index)
        low, high = 100 * np.nanmin([base, other]), 100 * np.nanmax([base, other])
        one.plot([low, high], [low, high], color=colours["muted"], linewidth=1)
        one.scatter(100 * base, 100 * other, s=24, color=colours["blue"])
        one.set(title=title, xlabel=words["x"], ylabel=words["y"])
    return figure


def diagnostics(fit: Smoothed, words: Words) -> Figure:
    """Residuals of a share's area model: against the fitted value, and against the normal.

    Words: `fitted residual normal`.
    """
    colours, model = palette(), fit.model
    spread = np.sqrt(model.area_variance + fit.variance)
    standard = model.residuals / spread
    seen = np.isfinite(standard)
    figure, (left, right) = _canvas(8, 3.8, 2)
    left.axhline(0, color=colours["muted"], linewidth=1)
    left.scatter(
        100 * special.expit(model.synthetic[seen]), standard[seen], s=24, color=colours["blue"]
    )
    left.set(xlabel=words["fitted"], ylabel=words["residual"])
    ordered = np.sort(standard[seen])
    expected = stats.norm.ppf((np.arange(1, len(ordered) + 1) - 0.375) / (len(ordered) + 0.25))
    right.plot(expected, expected, color=colours["muted"], linewidth=1)
    right.scatter(expected, ordered, s=24, color=colours["blue"])
    right.set(xlabel=words["normal"], ylabel=words["residual"])
    return figure
