"""What a brief is made of: the artefacts, and where one area stands among them."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd

from analysis import artefacts
from analysis.brief.formatting import is_real
from analysis.brief.language import Language
from analysis.determinants import schemas as determinants
from analysis.errors import UserError
from analysis.indicators import Indicator
from analysis.intake import schemas as intake
from analysis.prevalence import schemas as prevalence
from analysis.project import Project
from analysis.review import schemas as review

#: Without these there is no brief; the others may be absent and leave their section out.
REQUIRED = ("review", "prevalence")
OPTIONAL = (
    "new_cases",
    "two_numbers",
    "actions",
    "priorities",
    "effects",
    "attributable",
    "variance_components",
    "data_quality",
    "benchmark",
    "series",
    "target_path",
    "figures",
)
_SCHEMAS = {**intake.TABLES, **prevalence.TABLES, **determinants.TABLES, **review.TABLES}


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
    """Artefacts and settings of one brief. Tables that were not made are empty."""

    project: Project
    code: str
    language: Language
    tables: dict[str, pd.DataFrame]
    provenance: dict[str, Any]

    def table(self, name: str) -> pd.DataFrame:
        """An artefact; empty, with its columns, where it was not made."""
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
        """Where an area stands (this brief's unless given)."""
        return standing(self.table("review"), code or self.code, self.project)

    def text(self, value: Any) -> str:
        """A parameter's text in the brief's language."""
        return str(value[self.language.code])

    def indicator(self, code: str) -> Indicator:
        """An indicator of the pillars file."""
        return self.project.pillars.indicators[code]

    def label(self, code: str) -> str:
        """Reader's name of an indicator."""
        return self.text(self.indicator(code).label)


def standing(review_table: pd.DataFrame, code: str, project: Project) -> Standing:
    """Read one row of the review.

    Raises
    ------
    UserError
        The review has no row for the area.
    """
    rows = review_table[review_table["area"] == code]
    if rows.empty:
        raise UserError(f"The review has no row for area {code}: run `make models` again.")
    row = rows.iloc[0]
    values = {
        field.name: _plain(row[field.name]) for field in fields(Standing) if field.name != "name"
    }
    return Standing(**values, name=project.area_name(code))


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
    tables = {name: _read(project, name, required=True) for name in REQUIRED}
    tables |= {name: _read(project, name) for name in OPTIONAL}
    published = tables["prevalence"]
    tables["prevalence"] = published[published["published"].fillna(False)]
    facts = [artefacts.meta(project, n) for n in (*REQUIRED, *OPTIONAL) if _made(project, n)]
    provenance = {
        **facts[0],
        "synthetic": any(f.get("synthetic", False) for f in facts),
        "data": data_hash(project),
    }
    return BriefData(project, code, Language(project.params.language), tables, provenance)


def data_hash(project: Project) -> str:
    """Hash of the data a brief rests on: of `children` where it is, else of the review."""
    for name in ("children", "review"):
        if _made(project, name):
            return artefacts.file_hash(artefacts.path(project, name))
    return ""


def _made(project: Project, name: str) -> bool:
    return artefacts.exists(project, name)


def _read(project: Project, name: str, *, required: bool = False) -> pd.DataFrame:
    if required or _made(project, name):
        return _cached(project, name).copy(deep=False)
    columns = list(_SCHEMAS[name].columns) if name in _SCHEMAS else []
    return pd.DataFrame(columns=columns)


def _cached(project: Project, name: str) -> pd.DataFrame:
    file = artefacts.path(project, name)
    if not file.exists():
        return artefacts.read(project, name)  # says what to run
    stamp = file.stat()
    return _parquet(str(file), stamp.st_mtime_ns, stamp.st_size)


@lru_cache(maxsize=64)
def _parquet(file: str, changed: int, size: int) -> pd.DataFrame:
    """Parquet file by path and state: 32 briefs of one process read each table once."""
    return pd.read_parquet(Path(file))


def _plain(value: Any) -> Any:
    """Python value of a table cell; None for anything missing."""
    if isinstance(value, str):
        return value
    if value is None or value is pd.NA or not is_real(value):
        return None
    return float(value)
