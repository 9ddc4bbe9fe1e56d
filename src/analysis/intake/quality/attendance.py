"""D/S: children weighed or measured in a month, of all who ought to come."""

from __future__ import annotations

import pandas as pd

from analysis.intake.quality.checks import Found
from analysis.params import PARTIAL_FILES

ESTIMATED = "penyebutnya perkiraan"
LISTED = "berkas memuat sebagian anak; penyebutnya anak yang tercatat di dalamnya"
_NOTHING = Found(float("nan"), 0)


def attendance(
    visits: pd.DataFrame, register: pd.DataFrame | None, whole: str
) -> tuple[list[tuple[str, Found]], str]:
    """Mean over the months of children seen, as a share of the registered ones.

    Where the files know fewer than half of the registered children they hold a part of the
    place only; a child missing from them need not be one not weighed, and the children they
    know are the denominator.

    Parameters
    ----------
    visits
        `kecamatan child_id month`, and `weight_kg length_cm` where measured.
    register
        `kecamatan balita`, and `status` (registered or an estimate).
    whole
        Code of the whole place.

    Returns
    -------
    list
        Area and what was found there, the whole place first; one empty row without a register.
    str
        What the denominator rests on, for the reader; empty for registered children.
    """
    balita, seen = _registered(register), _monthly_children(visits)
    if balita is None or seen is None or register is None:
        return [(whole, _NOTHING)], ""
    estimated = "status" in register and bool((register["status"] != "registered").any())
    remark = ESTIMATED if estimated else ""
    known = visits.groupby(visits["kecamatan"].astype(str))["child_id"].nunique().astype(float)
    if known.sum() < PARTIAL_FILES * balita.sum():
        balita, remark = known, LISTED
    balita = balita.reindex(balita.index.union(seen.index))
    seen = seen.reindex(balita.index, fill_value=0.0)
    both = balita.notna()
    pairs = [(whole, float(seen[both].sum()), float(balita.sum()))]
    pairs += [(str(area), float(seen[area]), float(balita[area])) for area in balita.index]
    return [(area, _share(children, due)) for area, children, due in pairs], remark


def _share(seen: float, due: float) -> Found:
    return Found(seen / due, round(due)) if due > 0 else _NOTHING


def _registered(register: pd.DataFrame | None) -> pd.Series | None:
    if register is None or not {"kecamatan", "balita"} <= set(register.columns):
        return None
    keys = register["kecamatan"].astype(str)
    return register["balita"].astype(float).groupby(keys).sum(min_count=1)


def _monthly_children(visits: pd.DataFrame) -> pd.Series | None:
    """Children seen in a month by area: the mean over the months the file has."""
    if not {"kecamatan", "child_id", "month"} <= set(visits.columns):
        return None
    measures = [name for name in ("weight_kg", "length_cm") if name in visits]
    seen = visits[visits[measures].notna().any(axis=1)] if measures else visits
    seen = seen[["kecamatan", "child_id", "month"]].dropna().drop_duplicates()
    months = seen["month"].nunique()
    if not months:
        return None
    return seen.groupby(seen["kecamatan"].astype(str)).size() / months
