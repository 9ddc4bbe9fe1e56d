"""Area covariates of the small-area model, by the names the params file uses."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.errors import UserError
from analysis.messages import nearest
from analysis.params import Routine
from analysis.project import Project

ROUTINE = ("routine_prevalence", "weighed_share")


def area_covariates(
    project: Project, visits: pd.DataFrame | None, children: pd.Series
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Collect the covariates named in `estimation.covariates`, standardised.

    `routine_prevalence` (logit of the share recorded as stunted in the weighing month)
    and `weighed_share` (children weighed of all) come from the routine visits, any other
    name from a column of the register of areas. A covariate missing for some area is
    left out.

    Returns
    -------
    DataFrame, tuple
        One row per area of the register, in order; notes on what was left out.

    Raises
    ------
    UserError
        A name is neither.
    """
    table, notes = pd.DataFrame(index=pd.Index(project.register.codes)), []
    for name in project.params.estimation.covariates:
        values = _values(project, name, visits, children)
        if values is None or values.isna().any():
            notes.append(f"covariate_left_out:{name}")
            continue
        spread = float(values.std())
        table[name] = (values - values.mean()) / (spread if spread > 0 else 1.0)
    return table, tuple(notes)


def _values(
    project: Project, name: str, visits: pd.DataFrame | None, children: pd.Series
) -> pd.Series | None:
    areas = project.register.areas
    if name in ROUTINE:
        routine = project.params.routine
        if routine is None or visits is None or visits.empty:
            return None
        weighed, stunted = routine_counts(visits, routine, list(areas.index))
        if name == "weighed_share":
            return (weighed / children.where(children > 0)).clip(upper=1.5)
        odds = (stunted + 0.5) / (weighed - stunted + 0.5)
        return pd.Series(np.log(odds.to_numpy()), index=odds.index).where(weighed > 0)
    if name not in areas.columns:
        allowed = [*ROUTINE, *(c for c in areas.columns if c not in ("name", "aliases"))]
        raise UserError(
            f"estimation.covariates: '{name}' is neither a routine figure nor a column of the "
            f"register of areas; allowed: {', '.join(allowed)}.{nearest(name, allowed)}"
        )
    return pd.to_numeric(areas[name], errors="coerce").astype(float)


def routine_counts(
    visits: pd.DataFrame, routine: Routine, areas: list[str]
) -> tuple[pd.Series, pd.Series]:
    """Children weighed and recorded as stunted per area, last visit of the window each.

    The status as recorded is used; where an export has none, the recomputed one.
    """
    last = pd.Period(routine.month, freq="M")
    window = [str(last - k) for k in range(routine.window_months)]
    rows = visits[visits["month"].isin(window)].sort_values("month", kind="stable")
    rows = rows.drop_duplicates(["kecamatan", "child_id"], keep="last")
    status = rows["recorded_stunted"].fillna(rows["stunted"])
    rows = rows.assign(status=status.astype("Float64").astype(float)).dropna(subset=["status"])
    grouped = rows.groupby("kecamatan")["status"]
    count, total = grouped.count().reindex(areas), grouped.sum().reindex(areas)
    return count.fillna(0).astype(float), total.fillna(0.0).astype(float)
