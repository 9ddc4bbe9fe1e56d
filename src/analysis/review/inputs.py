"""What review reads: the artefacts to its left, empty where there are none."""

from __future__ import annotations

from dataclasses import dataclass, fields

import pandas as pd
import pandera.pandas as pa

from analysis import artefacts
from analysis.determinants import schemas as determinants
from analysis.intake import schemas as intake
from analysis.prevalence import schemas as prevalence
from analysis.project import Project

SCHEMAS: dict[str, pa.DataFrameSchema] = {
    **intake.TABLES,
    **prevalence.TABLES,
    **determinants.TABLES,
}


@dataclass(frozen=True)
class Inputs:
    """Artefacts of the earlier stages; each an empty table with its columns when absent."""

    children: pd.DataFrame
    visits: pd.DataFrame
    population: pd.DataFrame
    risk_families: pd.DataFrame
    data_quality: pd.DataFrame
    prevalence: pd.DataFrame
    benchmark: pd.DataFrame
    effects: pd.DataFrame
    attributable: pd.DataFrame

    def stunting(self) -> pd.DataFrame:
        """Published stunting estimates, indexed by area."""
        return self.published("stunted").set_index("area")

    def published(self, indicator: str) -> pd.DataFrame:
        """Published rows of one indicator."""
        table = self.prevalence
        return table[(table["indicator"] == indicator) & table["published"].fillna(False)]


#: Without these there is nothing to review.
REQUIRED = ("children", "prevalence")
NAMES = tuple(field.name for field in fields(Inputs))


def read_inputs(project: Project) -> Inputs:
    """Read every artefact review uses.

    Raises
    ------
    UserError
        `children` or `prevalence` has not been made.
    """
    frames = {}
    for name in NAMES:
        required = name in REQUIRED
        have = required or artefacts.exists(project, name)
        frames[name] = artefacts.read(project, name) if have else empty(name)
    return Inputs(**frames)


def one_row(table: pd.DataFrame, label: str) -> pd.Series:
    """Return the one row of a table indexed by area."""
    found = table.loc[label]
    assert isinstance(found, pd.Series), f"{label} stands more than once"
    return found


def empty(name: str) -> pd.DataFrame:
    """An empty artefact with its columns and types."""
    schema = SCHEMAS[name]
    frame = pd.DataFrame({column: [] for column in schema.columns})
    return schema.validate(frame)


def balita_by_area(project: Project, population: pd.DataFrame) -> pd.Series:
    """Children under five per area: the population table's, else the register's; NaN if neither.

    Returns
    -------
    Series
        float, indexed by the register's codes.
    """
    register = pd.to_numeric(project.register.areas["balita"], errors="coerce").astype("float64")
    if population.empty:
        return register
    counted = population.groupby("kecamatan")["balita"].sum()
    return counted.reindex(register.index).fillna(register).astype("float64")
