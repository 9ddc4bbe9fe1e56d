"""What a verdict rests on where all children of a cluster share the value."""

import pandas as pd
import pytest

from analysis.prevalence.rows import COLUMNS, finish
from analysis.project import load_project

ROW = {
    "area": "A", "level": "area", "indicator": "village_team", "method": "direct", "unit": "share",
    "estimate": 0.16, "se": 0.01, "low": 0.14, "high": 0.18, "n": 190, "missing": 0, "psus": 5,
    "df": 3.0, "deff": 0.4,
}  # fmt: skip


@pytest.mark.parametrize(
    ("of_desa", "verdict"), [(frozenset({"village_team"}), "suppress"), (frozenset(), "caution")]
)
def test_a_villages_value_counts_once_a_cluster(of_desa, verdict) -> None:
    rows = pd.DataFrame([ROW]).reindex(columns=[c for c in COLUMNS if c in ROW])
    found = finish(rows, load_project().params, of_desa).iloc[0]
    assert found["verdict"] == verdict
    if of_desa:
        assert found["reason"] == "low_effective_n"
