"""How good the data are: indicators with limits, verdicts and what follows from them."""

from analysis.intake.quality.limits import LIMITS, limits_with
from analysis.intake.quality.table import COLUMNS, quality, quality_table

__all__ = ["COLUMNS", "LIMITS", "limits_with", "quality", "quality_table"]
