"""The run's parameters: one YAML file, read once, checked, frozen.

A params file says where data lie, which survey and which routine export they
are, which target path is looked at, and where the thresholds are. Paths in it
are relative to the file itself. Nothing about a particular place stands in the
code: another kabupaten, or another country's survey, is another params file.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated, Literal, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from analysis.errors import UserError
from analysis.files import load_yaml
from analysis.messages import explain_validation

Share = Annotated[float, Field(ge=0, le=1)]
Percent = Annotated[float, Field(ge=0, le=100)]
Year = Annotated[int, Field(ge=1990, le=2100)]
TargetStatus = Literal["confirmed", "derived", "unverified"]
M = TypeVar("M", bound=BaseModel)


class Model(BaseModel):
    """Frozen, and refuses keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Text(Model):
    """A reader's text in the languages of the briefs."""

    id: str = Field(description="Bahasa Indonesia")
    en: str = Field(description="English")

    def __getitem__(self, language: str) -> str:
        return str(getattr(self, language))


class Place(Model):
    """The district (or survey area) the run is about, and what its areas are called."""

    name: str = Field(description="Name as used in sentences, e.g. Jember")
    full_name: Text = Field(description="Full name, e.g. Kabupaten Jember")
    province: str = Field(description="Province, as readers know it")
    code: str = Field(description="Code of the whole place, text; also its row in tables")
    level: Text = Field(description="What the whole place is called, e.g. kabupaten")
    area_level: Text = Field(description="What one area of a brief is called, e.g. Kecamatan")
    village_level: Text = Field(description="What the unit below is called, e.g. desa/kelurahan")
    register_file: str = Field(
        description="CSV of areas: codes, names, aliases, balita, tile place"
    )
    villages_file: str | None = Field(default=None, description="CSV of villages: code, area, name")
    boundaries_file: str | None = Field(
        default=None, description="GeoJSON of area boundaries with a `code` property; optional"
    )


class Paths(Model):
    """Folders, relative to the params file."""

    raw: str = Field(default="../data/raw", description="Raw inputs; never changed by code")
    processed: str = Field(default="../data/processed", description="Artefacts; rebuilt by code")
    out: str = Field(default="../reports/out", description="Rendered briefs; what gets shared")
    build: str = Field(default="../reports/build", description="Executed notebooks and figures")


class Survey(Model):
    """The household survey."""

    name: Text = Field(description="Name as printed under estimates")
    year: Year = Field(description="Year of measurement")
    period: Text = Field(description="Period of data collection, e.g. Agustus-September 2026")
    files: tuple[str, ...] = Field(description="Files or patterns under the raw folder")
    columns: str = Field(description="Column map (YAML), relative to the params file")


#: Routine files that know fewer than this share of the registered children hold a part of the place.
PARTIAL_FILES = 0.5


class Routine(Model):
    """Routine weighing (e-PPGBM exports)."""

    name: Text = Field(description="Name as printed beside the routine figure")
    files: tuple[str, ...] = Field(description="Files or patterns under the raw folder")
    columns: tuple[str, ...] = Field(description="Column maps (YAML); the header decides which")
    month: str = Field(
        pattern=r"^\d{4}-\d{2}$", description="Weighing month compared with the survey, YYYY-MM"
    )
    window_months: int = Field(
        default=1, ge=1, le=6, description="Months up to `month` whose last visit counts"
    )


class Population(Model):
    """Children under five per area."""

    file: str | None = Field(
        default=None,
        description="CSV under the raw folder: kecamatan, sex, age_group, balita; optional",
    )
    columns: str | None = Field(default=None, description="Column map of that file")
    source: Text = Field(description="Where the counts come from, printed with them")
    risk_families_file: str | None = Field(
        default=None,
        description="CSV under the raw folder: village code, keluarga_berisiko; optional",
    )


class TargetPoint(Model):
    """One year of a target path."""

    year: Year = Field(description="Year of the target")
    value: Percent = Field(description="Stunting prevalence aimed at, percent")
    status: TargetStatus = Field(description="confirmed, derived or unverified")
    source: str = Field(description="Where the number was read")


class TargetPath(Model):
    """A target path; years between its points are interpolated in a straight line."""

    label: Text = Field(description="Name of the path, as printed")
    points: tuple[TargetPoint, ...] = Field(min_length=1, description="Years in ascending order")

    @model_validator(mode="after")
    def _years_ascend(self) -> TargetPath:
        years = [point.year for point in self.points]
        if years != sorted(set(years)):
            raise ValueError("points must have ascending years, each once")
        return self


class Targets(Model):
    """Target paths and the one the run reports against."""

    selected: str = Field(description="Key of the path in `paths`")
    paths: dict[str, TargetPath] = Field(description="Paths by a key you choose")

    @model_validator(mode="after")
    def _selected_exists(self) -> Targets:
        if self.selected not in self.paths:
            raise ValueError(f"selected must be one of {', '.join(sorted(self.paths))}")
        return self

    @property
    def path(self) -> TargetPath:
        """The selected path."""
        return self.paths[self.selected]


class OfficialFigure(Model):
    """A published figure for the whole place to which estimates may be benchmarked."""

    value: Percent = Field(description="Stunting prevalence, percent")
    year: Year = Field(description="Year of the survey")
    survey: str = Field(description="Name of the survey")
    source: str = Field(description="Where the number was read")
    n: int | None = Field(default=None, ge=1, description="Children measured, where published")


class Review(Model):
    """The meeting the briefs are for."""

    year: Year = Field(description="Year whose target is asked about")
    meeting: Text = Field(description="Name of the meeting")
    date: dt.date = Field(description="Date of the meeting")
    status: Literal["draft", "final"] = Field(description="Printed as DRAF or FINAL")
    audience: Text = Field(description="For whom the brief is")
    publisher: Text = Field(description="Who publishes, for header and citation")
    url: str | None = Field(default=None, description="Address of the shared folder, for the QR")
    series_file: str | None = Field(
        default=None, description="CSV of published survey figures, beside the params file"
    )
    lost_after_months: int = Field(
        default=3, ge=1, le=24, description="Months without a weighing after which a child is lost"
    )
    comparable: tuple[tuple[str, ...], ...] = Field(
        default=(), description="Groups of surveys declared comparable, e.g. [[SSGI, SKI]]"
    )
    administrative_file: str | None = Field(
        default=None, description="CSV of published routine figures, beside the params file"
    )


class Thresholds(Model):
    """Where words change. All are printed with what they decide."""

    probability_high: Share = Field(default=0.90, description="At or above: the claim is made")
    probability_low: Share = Field(default=0.10, description="At or below: the opposite is made")
    rse_caution: Percent = Field(default=25.0, description="RSE above which a model figure warns")
    flagged_share: Percent = Field(default=1.0, description="Implausible z, percent, that warns")
    haz_sd_high: float = Field(default=1.3, gt=0, description="SD of HAZ above which it warns")
    family_risk: int = Field(default=500, ge=0, description="Keluarga berisiko that make a lokus")


class Estimation(Model):
    """How estimates are made."""

    level: Share = Field(default=0.95, description="Level of intervals")
    interval: Literal["logit", "beta", "wilson"] = Field(
        default="logit", description="Interval of direct proportions"
    )
    bootstrap: int = Field(default=500, ge=50, le=20000, description="Bootstrap replicates")
    covariates: tuple[str, ...] = Field(
        default=(), description="Area covariates of the small-area model, by artefact column"
    )
    official: OfficialFigure | None = Field(
        default=None, description="Official figure for a second benchmark; optional"
    )
    seed: int = Field(default=20261124, ge=0, description="Seed of everything random")


class Sample(Model):
    """The synthetic sample that stands in when no raw file is there."""

    children: int = Field(default=5000, ge=300, le=200000, description="Surveyed children, about")
    routine_children: int = Field(default=6000, ge=0, le=400000, description="Children in routine")
    seed: int = Field(default=350900, ge=0, description="Seed of the sample")


AREA_CRITERIA = ("stunted", "rate", "routine_rate", "new_case_rate", "coverage_gap", "families")
VILLAGE_CRITERIA = ("stunted", "rate", "families")


class Priorities(Model):
    """How areas and villages are ordered for attention."""

    area_weights: dict[str, float] = Field(
        default={"stunted": 2.0, "rate": 2.0, "coverage_gap": 1.0, "families": 1.0},
        description="Criterion → weight for areas: " + ", ".join(AREA_CRITERIA),
    )
    village_weights: dict[str, float] = Field(
        default={"stunted": 1.0, "rate": 1.0, "families": 1.0},
        description="Criterion → weight for villages: " + ", ".join(VILLAGE_CRITERIA),
    )
    village_months: int = Field(
        default=6, ge=1, le=24, description="Months whose last record counts for villages"
    )

    @model_validator(mode="after")
    def _weights_make_sense(self) -> Priorities:
        for name, weights, known in (
            ("area_weights", self.area_weights, AREA_CRITERIA),
            ("village_weights", self.village_weights, VILLAGE_CRITERIA),
        ):
            unknown = sorted(set(weights) - set(known))
            if unknown:
                raise ValueError(f"{name} has '{unknown[0]}'; allowed: {', '.join(known)}")
            if any(w < 0 for w in weights.values()) or not sum(weights.values()) > 0:
                raise ValueError(f"{name} must be zero or more, and not all zero")
        return self


class Params(Model):
    """Everything a run is told."""

    language: Literal["id", "en"] = Field(default="id", description="Language of the briefs")
    place: Place
    paths: Paths = Paths()
    survey: Survey
    routine: Routine | None = Field(default=None, description="Leave out when there is none")
    population: Population
    review: Review
    targets: Targets
    thresholds: Thresholds = Thresholds()
    estimation: Estimation = Estimation()
    priorities: Priorities = Priorities()
    pillars_file: str = Field(description="Pillars and indicators (YAML)")
    programmes_file: str | None = Field(default=None, description="Programmes by OPD (CSV)")
    sample: Sample | None = Field(
        default=None, description="Synthetic sample used when no survey file is found; optional"
    )


def read_yaml(path: Path) -> dict[str, object]:
    """Read a YAML mapping.

    Raises
    ------
    UserError
        The file is missing, is not YAML, or does not hold a mapping.
    """
    try:
        content = load_yaml(path)
    except FileNotFoundError as error:
        raise UserError(f"{path}: no such file.") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        raise UserError(f"{path.name}{where}: this is not readable YAML.") from error
    if not isinstance(content, dict):
        raise UserError(f"{path.name}: expected keys with values, found {type(content).__name__}.")
    return content


def load_model(model: type[M], path: Path) -> M:
    """Read `path` into `model`; anything wrong is one sentence naming file and key.

    Raises
    ------
    UserError
        The file cannot be read or does not fit the model.
    """
    try:
        return model.model_validate(read_yaml(path))
    except ValidationError as error:
        raise UserError(explain_validation(error, path.name, model)) from error


def load_params(path: Path) -> Params:
    """Read a params file (see `Params` for its keys)."""
    return load_model(Params, path)
