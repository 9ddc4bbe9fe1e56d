"""Who answers for a gap: agencies and programmes beside the coverage, and the matrix of both."""

from __future__ import annotations

import pandas as pd

from analysis.project import Project

PROGRAMME = ("opd", "opd_name", "programme", "target_group", "budget_source", "timing")


def add_programmes(rows: pd.DataFrame, project: Project) -> pd.DataFrame:
    """Add the lead agency's programme; every other agency's code stands in `opd_others`.

    The lead is the first row of programmes.csv for the indicator; without one, the first
    agency of pillars.yaml answers for it, with no programme.
    """
    named = project.programmes.rename(columns={"status": "programme_status"})
    named = named[named["indicator"] != ""]
    lead = named.drop_duplicates("indicator").set_index("indicator")
    columns = [*PROGRAMME, "programme_status"]
    rows = rows.join(lead[columns], on="indicator")
    answering = {
        code: [*dict.fromkeys([*named.loc[named["indicator"] == code, "opd"], *indicator.opd])]
        for code, indicator in project.pillars.indicators.items()
    }
    agencies = named.drop_duplicates("opd").set_index("opd")["opd_name"]
    first = rows["indicator"].map({code: opd[0] for code, opd in answering.items() if opd})
    rows["opd"] = rows["opd"].fillna(first)
    rows["opd_name"] = rows["opd_name"].fillna(rows["opd"].map(agencies))
    rows["opd_others"] = rows["indicator"].map({c: " ".join(o[1:]) for c, o in answering.items()})
    return rows


def action_matrix(actions: pd.DataFrame, programmes: pd.DataFrame) -> pd.DataFrame:
    """OPD × area: every programme against the gap it answers to, one row each.

    Returns
    -------
    DataFrame
        `opd opd_name area indicator pillar programme target_group budget_source timing
        programme_status gap children_gap stunted_children rank evidence verdict`; only
        where there is a gap.
    """
    gaps = actions[actions["gap"] > 0]
    columns = ["area", "indicator", "pillar", "gap", "children_gap", "stunted_children"]
    columns += ["rank", "evidence", "verdict"]
    named = programmes.rename(columns={"status": "programme_status"})
    table = named.merge(gaps[columns], on="indicator", how="inner")
    order = ["opd", "opd_name", "area", "indicator", "pillar", "programme"]
    table = table[[*order, *(c for c in table.columns if c not in order)]]
    return table.sort_values(["opd", "area", "indicator", "programme"], ignore_index=True)
