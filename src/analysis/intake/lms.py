"""WHO's LMS tables, and the z-score that follows from L, M and S.

Source: WHO Child Growth Standards: methods and development (2006), chapter 7.
The tables are WHO's own, shipped unchanged in ``who_lms.csv.gz``.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]

SEXES = ("m", "f")
ROWS_PER_CM = 10


@cache
def table(name: str) -> tuple[float, npt.NDArray[np.float64]]:
    """One WHO table as an array.

    Parameters
    ----------
    name
        ``haz``, ``waz``, ``baz`` (by day of age), ``wfl`` or ``wfh`` (by 0.1 cm).

    Returns
    -------
    tuple
        Its first index (days or cm), and L, M, S with shape ``(3, 2, rows)``: boys, then girls.
    """
    rows = _all_rows().loc[name]
    lms = np.stack([rows.loc[sex, ["l", "m", "s"]].to_numpy().T for sex in SEXES], axis=1)
    lms = np.ascontiguousarray(lms, dtype=np.float64)
    lms.setflags(write=False)
    return float(rows["x"].iloc[0]), lms


@cache
def _all_rows() -> pd.DataFrame:
    source = files("analysis.intake") / "who_lms.csv.gz"
    with source.open("rb") as stream:
        rows = pd.read_csv(stream, comment="#", compression="gzip")
    return (
        rows.set_index(["table", "sex"]).sort_values("x", kind="stable").sort_index(kind="stable")
    )


def at_age(name: str, sex: Ints, day: Ints) -> Floats:
    """L, M, S (rows) at whole days of age; `sex` is 0 for boys, 1 for girls."""
    return table(name)[1][:, sex, day]


def at_length(name: str, sex: Ints, length_cm: Floats) -> Floats:
    """L, M, S (rows) at lengths inside the table, linear between its 0.1 cm rows.

    The two rows are found by WHO's own arithmetic, to the last bit: where 103.1 − 0.7 cm falls
    a hair below 102.4, WHO interpolates from 102.3 to 102.5, and a published z rests on that.
    """
    first, values = table(name)
    start = round(first * ROWS_PER_CM)
    below = np.trunc(length_cm * ROWS_PER_CM)
    above = np.trunc(length_cm * ROWS_PER_CM + 1.0)
    part = (length_cm - below / ROWS_PER_CM) / 0.1
    low = below.astype(np.intp) - start
    high = np.minimum(above.astype(np.intp) - start, values.shape[2] - 1)
    at_low = values[:, sex, low]
    return np.asarray(at_low + part * (values[:, sex, high] - at_low))


def z_score(y: Floats, lms: Floats) -> Floats:
    """Z of the measures `y`, by the LMS formula without extension."""
    power, median, spread = lms
    return np.asarray(((y / median) ** power - 1.0) / (spread * power))


def z_score_extended(y: Floats, lms: Floats) -> Floats:
    """Z of weight-based measures: beyond ±3 in steps of the distance from 2 to 3 SD.

    WHO restricts the LMS formula for weight-based indices to −3…+3, since the tails
    of skewed measures beyond it rest on no data.
    """
    z = z_score(y, lms)
    out = np.flatnonzero(np.abs(z) > 3.0)
    if out.size:
        z[out] = _extended(np.sign(z[out]), y[out], lms[:, out])
    return z


def _extended(side: Floats, y: Floats, lms: Floats) -> Floats:
    power, median, spread = lms
    sd3 = median * (1.0 + power * spread * 3.0 * side) ** (1.0 / power)
    sd2 = median * (1.0 + power * spread * 2.0 * side) ** (1.0 / power)
    return np.asarray(3.0 * side + (y - sd3) / np.abs(sd3 - sd2))
