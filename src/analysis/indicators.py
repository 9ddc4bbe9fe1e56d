"""Pillars, indicators and programmes as data.

`pillars.yaml` names every covariate the project looks at: its pillar, level,
favourable direction, place in the conceptual framework, target with status, and
the OPD that answers for it. A new determinant is a new entry there, not code.
The assignment of determinants to pillars is a proposal of this project; the
regulation does not make one.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pandas as pd
from pydantic import Field, model_validator

from analysis.errors import UserError
from analysis.messages import nearest
from analysis.params import Model, Percent, TargetStatus, Text, Year

PROGRAMME_COLUMNS = (
    "opd",
    "opd_name",
    "programme",
    "indicator",
    "target_group",
    "budget_source",
    "timing",
    "status",
)


class Target(Model):
    """What an indicator should reach."""

    value: Percent = Field(description="Percent")
    year: Year = Field(description="Year it should be reached in")
    status: TargetStatus = Field(description="How sure the number is; printed beside it")
    source: str = Field(description="Where the number was read")


class Pillar(Model):
    """One of the pillars of the strategy."""

    number: int = Field(ge=1, le=9, description="Number in the strategy")
    name: Text = Field(description="Name in the strategy")
    short: Text = Field(description="Short name, for charts")


class Indicator(Model):
    """One covariate of the `children` table.

    A `condition` is a boolean column (True as the label says); a `category` is a
    text column with `categories` from worst to best, the last being the reference;
    a `number` is numeric and enters models in standard deviations.
    """

    pillar: int | None = Field(default=None, description="Number of the pillar; none = adjust only")
    kind: Literal["condition", "category", "number"] = Field(
        default="condition", description="yes/no, text with categories, or a number"
    )
    level: Literal["child", "mother", "household", "desa"] = Field(
        description="What it is a property of"
    )
    label: Text = Field(description="What is counted, e.g. Sanitasi layak")
    unfavourable: Text | None = Field(
        default=None, description="The state that goes with risk, in words: tanpa sanitasi layak"
    )
    definition: Text = Field(description="What counts as the label says, in words")
    better: Literal["higher", "lower"] = Field(
        default="higher", description="Whether a higher share is favourable"
    )
    block: Literal["confounder", "basic", "underlying", "immediate"] = Field(
        description="Place in the conceptual framework; decides which model speaks for it"
    )
    categories: tuple[str, ...] = Field(
        default=(), description="Of a category, worst first; the last is the reference"
    )
    in_model: bool = Field(default=True, description="Enters the determinant models")
    modifiable: bool = Field(default=True, description="A programme can change it")
    ages_months: tuple[int, int] | None = Field(
        default=None, description="Defined for children of these completed months, both included"
    )
    target: Target | None = None
    opd: tuple[str, ...] = Field(default=(), description="Codes of the OPD that answer for it")
    headline: bool = Field(default=True, description="Has a row in the brief's spine chart")

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Indicator:
        if self.kind == "category" and len(self.categories) < 2:
            raise ValueError("a category needs at least two categories, worst first")
        if self.kind != "category" and self.categories:
            raise ValueError(f"categories do not belong to a {self.kind}")
        if self.kind == "condition" and self.unfavourable is None and self.in_model:
            raise ValueError("a condition in the models needs the words of its unfavourable state")
        return self


class Pillars(Model):
    """The content of pillars.yaml."""

    source: str = Field(description="Where the pillars are laid down")
    note: Text = Field(description="Printed wherever the assignment to pillars is shown")
    pillars: tuple[Pillar, ...] = Field(min_length=1)
    indicators: dict[str, Indicator]

    @model_validator(mode="after")
    def _pillars_exist(self) -> Pillars:
        known = {pillar.number for pillar in self.pillars}
        for code, indicator in self.indicators.items():
            if indicator.pillar is not None and indicator.pillar not in known:
                raise ValueError(
                    f"indicator {code} names pillar {indicator.pillar}, not in the list"
                )
        return self

    def conditions(self) -> dict[str, Indicator]:
        """Indicators that are boolean columns: the ones with a coverage."""
        return {c: i for c, i in self.indicators.items() if i.kind == "condition"}

    def in_models(self) -> dict[str, Indicator]:
        """Indicators that enter the determinant models."""
        return {c: i for c, i in self.indicators.items() if i.in_model}

    def modifiable(self) -> dict[str, Indicator]:
        """Boolean, modifiable indicators in the models."""
        return {
            c: i
            for c, i in self.indicators.items()
            if i.modifiable and i.in_model and i.kind == "condition"
        }


def load_programmes(path: Path | None, pillars: Pillars) -> pd.DataFrame:
    """Read programmes.csv: one row per OPD, programme and indicator it serves.

    Returns
    -------
    DataFrame
        Text columns `opd opd_name programme indicator target_group budget_source
        timing status`; empty when `path` is None.

    Raises
    ------
    UserError
        A column is missing, or a row names an indicator pillars.yaml does not have.
    """
    if path is None:
        return pd.DataFrame(columns=list(PROGRAMME_COLUMNS), dtype="str")
    table = read_csv_text(path, PROGRAMME_COLUMNS)
    for row, code in enumerate(table["indicator"], start=2):
        if code and code not in pillars.indicators:
            raise UserError(
                f"{path.name}, row {row}: indicator '{code}' is not in the pillars file."
                + nearest(code, list(pillars.indicators))
            )
    return table


def read_csv_text(path: Path, required: tuple[str, ...]) -> pd.DataFrame:
    """Read a small reviewed CSV as text and insist on its columns.

    Raises
    ------
    UserError
        The file is missing, empty, not UTF-8 CSV, or lacks a required column.
    """
    try:
        table = pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise UserError(f"{path}: no such file.") from error
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise UserError(f"{path.name}: this is not a readable UTF-8 CSV file.") from error
    missing = [column for column in required if column not in table.columns]
    if missing:
        raise UserError(
            f"{path.name}: column '{missing[0]}' is missing; expected {', '.join(required)}."
            + nearest(missing[0], list(table.columns))
        )
    return table
