"""Nutritional status from z-scores: Permenkes 2/2020 categories and WHO outcomes.

Sources: Peraturan Menteri Kesehatan 2/2020 on child anthropometry (categories); WHO/UNICEF 2019
recommendations and anthro 1.1.0 (which children count in a prevalence, and oedema).
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.errors import UserError

HAZ_CATEGORIES = ("Sangat Pendek", "Pendek", "Normal", "Tinggi")
WAZ_CATEGORIES = (
    "Berat Badan Sangat Kurang",
    "Berat Badan Kurang",
    "Berat Badan Normal",
    "Risiko Berat Badan Lebih",
)
WHZ_CATEGORIES = (
    "Gizi Buruk",
    "Gizi Kurang",
    "Gizi Baik",
    "Berisiko Gizi Lebih",
    "Gizi Lebih",
    "Obesitas",
)

#: Outcome: index, comparison, limit.
OUTCOMES: dict[str, tuple[str, Callable[..., npt.NDArray[np.bool_]], float]] = {
    "stunted": ("haz", operator.lt, -2.0),
    "severely_stunted": ("haz", operator.lt, -3.0),
    "wasted": ("whz", operator.lt, -2.0),
    "severely_wasted": ("whz", operator.lt, -3.0),
    "underweight": ("waz", operator.lt, -2.0),
    "overweight": ("whz", operator.gt, 2.0),
}
#: A child with oedema counts as lying below −3, up to this day of age (60 months).
OEDEMA_COUNTS_AS = -3.1
OEDEMA_LAST_DAY = 1826


def classify_haz(z: pd.Series) -> pd.Series:
    """Permenkes 2/2020 category of height-for-age (TB/U).

    Below −3 *Sangat Pendek*; −3 to below −2 *Pendek*; −2 to +3 *Normal*; above +3 *Tinggi*.
    Returns an ordered categorical with the same index; missing z stays missing.
    """
    return _classified(z, HAZ_CATEGORIES, below=(-3.0, -2.0), above=(3.0,))


def classify_waz(z: pd.Series) -> pd.Series:
    """Permenkes 2/2020 category of weight-for-age (BB/U); see `classify_haz` for the shape.

    Below −3 very low; −3 to below −2 low; −2 to +1 normal; above +1 at risk of overweight.
    """
    return _classified(z, WAZ_CATEGORIES, below=(-3.0, -2.0), above=(1.0,))


def classify_whz(z: pd.Series) -> pd.Series:
    """Permenkes 2/2020 category of weight-for-height (BB/TB); see `classify_haz` for the shape.

    Below −3 *Gizi Buruk*; −3 to below −2 *Gizi Kurang*; −2 to +1 *Gizi Baik*; above +1 to +2
    *Berisiko Gizi Lebih*; above +2 to +3 *Gizi Lebih*; above +3 *Obesitas*.
    """
    return _classified(z, WHZ_CATEGORIES, below=(-3.0, -2.0), above=(1.0, 2.0, 3.0))


def _classified(
    z: pd.Series, names: Sequence[str], below: Sequence[float], above: Sequence[float]
) -> pd.Series:
    """Category by counting the limits passed.

    A limit in `below` belongs to the category over it, one in `above` to the one under it.
    """
    z = pd.Series(z)
    values = z.to_numpy(dtype=np.float64, na_value=np.nan)
    passed = np.zeros(len(values), dtype=np.int8)
    for limit in below:
        passed += values >= limit
    for limit in above:
        passed += values > limit
    codes = np.where(np.isnan(values), -1, passed)
    kind = pd.CategoricalDtype(list(names), ordered=True)
    return pd.Series(pd.Categorical.from_codes(codes, dtype=kind), index=z.index, name=z.name)


def outcomes(z: pd.DataFrame) -> pd.DataFrame:
    """Yes, no or missing for each outcome of a table of z-scores.

    Parameters
    ----------
    z
        `haz waz whz` and their `_flag` columns, as `growth.zscores` returns them; optional
        `oedema` (bool) and `age_days`.

    Returns
    -------
    pandas.DataFrame
        Nullable booleans `stunted severely_stunted wasted severely_wasted underweight
        overweight`; same index. Missing where z is missing or flagged. A child with oedema
        under 60 months counts as wasted, severely wasted and underweight, as WHO counts it.

    Raises
    ------
    UserError
        A z-score or flag column is absent.
    """
    needed = [name for index in ("haz", "waz", "whz") for name in (index, f"{index}_flag")]
    absent = [name for name in needed if name not in z.columns]
    if absent:
        raise UserError(f"outcomes need the columns {', '.join(absent)}; compute z-scores first.")
    oedema = _oedema(z)
    result = pd.DataFrame(index=z.index)
    for name, (index, passes, limit) in OUTCOMES.items():
        values = _unflagged(z, index)
        if index != "haz":
            values = np.where(oedema, OEDEMA_COUNTS_AS, values)
        missing = np.isnan(values)
        result[name] = pd.arrays.BooleanArray(passes(values, limit) & ~missing, missing)
    return result


def _unflagged(z: pd.DataFrame, index: str) -> npt.NDArray[np.float64]:
    values = z[index].to_numpy(dtype=np.float64, na_value=np.nan, copy=True)
    values[z[f"{index}_flag"].fillna(False).to_numpy(dtype=bool)] = np.nan
    return values


def _oedema(z: pd.DataFrame) -> npt.NDArray[np.bool_]:
    if "oedema" not in z.columns:
        return np.zeros(len(z), dtype=bool)
    oedema = np.asarray((z["oedema"] == True).fillna(False), dtype=bool)  # noqa: E712
    if "age_days" not in z.columns:
        return oedema
    age = z["age_days"].to_numpy(dtype=np.float64, na_value=np.nan)
    return oedema & ~(age > OEDEMA_LAST_DAY)


__all__ = [
    "HAZ_CATEGORIES",
    "OUTCOMES",
    "WAZ_CATEGORIES",
    "WHZ_CATEGORIES",
    "classify_haz",
    "classify_waz",
    "classify_whz",
    "outcomes",
]
