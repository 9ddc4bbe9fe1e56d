"""What a brief is made of: the artefacts, and where one area stands among them."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import pandas as pd

from analysis import artefacts
from analysis.brief.formatting import is_real
from analysis.brief.language import Language
from analysis.brief.reading import data_hash, is_synthetic, read_tables
from analysis.errors import UserError
from analysis.indicators import Indicator
from analysis.project import Project


@dataclass(frozen=True)
class Standing:
    """One area's row of the review; numbers that are missing are None."""

    area: str
    name: str
    level: str
    method: str | None
    estimate: float | None
    low: float | None
    high: float | None
    n: float | None
    psus: float | None
    villages_sampled: float | None
    villages: float | None
    rse: float | None
    verdict: str
    reason: str | None
    confidence: str
    balita: float | None
    stunted: float | None
    stunted_low: float | None
    stunted_high: float | None
    target: float | None
    target_status: str | None
    probability_at_target: float | None
    word: str
    probability_above_whole: float | None
    against_whole: str
    annual_reduction_needed: float | None
    final_target: float | None
    final_year: float | None
    children_to_prevent: float | None
    children_to_prevent_low: float | None
    children_to_prevent_high: float | None
    routine_estimate: float | None
    routine_n: float | None
    weighed_share: float | None
    weighed_basis: str | None
    confidence_reason: str | None

    @property
    def shown(self) -> bool:
        """Whether the estimate may be printed."""
        return self.verdict != "suppress" and self.estimate is not None

    @property
    def modelled(self) -> bool:
        """Whether the figure is not the survey's direct one."""
        return self.method not in (None, "direct")


@dataclass(frozen=True)
class BriefData:
    """Settings of one brief and what it reads of the artefacts (see `analysis.brief.reading`).

    Tables that were not made are empty.
    """

    project: Project
    code: str
    language: Language
    tables: dict[str, pd.DataFrame]
    provenance: dict[str, Any]

    def table(self, name: str) -> pd.DataFrame:
        """What the brief reads of an artefact; empty, with its columns, where it was not made."""
        return self.tables[name]

    def here(self, name: str, column: str = "area") -> pd.DataFrame:
        """Rows of an artefact that are about this brief's area."""
        table = self.tables[name]
        return table[table[column] == self.code]

    @property
    def is_whole(self) -> bool:
        """Whether the brief is about the whole place."""
        return self.code == self.project.whole

    @property
    def name(self) -> str:
        """Name of the brief's area."""
        return self.project.area_name(self.code)

    @property
    def synthetic(self) -> bool:
        """Whether the data are synthetic."""
        return bool(self.provenance.get("synthetic", False))

    def standing(self, code: str | None = None) -> Standing:
        """Where an area stands (this brief's unless given).

        Raises
        ------
        UserError
            The review has no row for the area.
        """
        area = code or self.code
        if area not in self._review:
            raise UserError(f"The review has no row for area {area}: run `make models` again.")
        if area not in self._standings:
            self._standings[area] = standing(self._review[area], self.project)
        return self._standings[area]

    @cached_property
    def _standings(self) -> dict[str, Standing]:
        return {}

    @cached_property
    def _review(self) -> dict[str, dict[str, Any]]:
        """Rows of the review by area, taken out of the table once for all."""
        return {row["area"]: row for row in records(self.table("review"))}

    def text(self, value: Any) -> str:
        """A parameter's text in the brief's language."""
        return str(value[self.language.code])

    def indicator(self, code: str) -> Indicator:
        """An indicator of the pillars file."""
        return self.project.pillars.indicators[code]

    def label(self, code: str) -> str:
        """Reader's name of an indicator."""
        return self.text(self.indicator(code).label)


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows of a table as dictionaries."""
    return [{str(key): value for key, value in row.items()} for row in table.to_dict("records")]


def standing(row: dict[str, Any], project: Project) -> Standing:
    """One row of the review as the brief reads it."""
    names = [field.name for field in fields(Standing) if field.name != "name"]
    values = {name: _plain(row[name]) for name in names}
    return Standing(**values, name=project.area_name(row["area"]))


def load(project: Project, code: str) -> BriefData:
    """Read what the brief of area `code` (or of the whole place) is made of.

    `code` may also be a name or alias of the register.

    Raises
    ------
    UserError
        A needed artefact is missing, or no area is called so.
    """
    if code != project.whole:
        code = project.register.find(code)
    provenance = {
        "synthetic": is_synthetic(project),
        "data": data_hash(project, code),
        "code": artefacts.code_hash(),
    }
    say = Language(project.params.language)
    return BriefData(project, code, say, read_tables(project, code), provenance)


def _plain(value: Any) -> Any:
    """Python value of a table cell; None for anything missing."""
    if isinstance(value, str):
        return value
    if value is None or value is pd.NA or not is_real(value):
        return None
    return float(value)
