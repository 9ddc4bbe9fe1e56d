"""From the pillars file to terms of a model: a new determinant is a row there, not code."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from analysis.indicators import Indicator

Block = Literal["confounder", "basic", "underlying", "immediate"]

#: Order of the conceptual framework: what stands later may be a mediator of what stands earlier.
BLOCKS: tuple[Block, ...] = ("confounder", "basic", "underlying", "immediate")

#: Model that speaks for a block: everything before it adjusted for, its mediators not.
MODEL_OF_BLOCK: dict[Block, str] = {
    "confounder": "confounders",
    "basic": "basic",
    "underlying": "underlying",
    "immediate": "full",
}

#: Code of the reason, printed beside the estimate.
WHY_OF_BLOCK: dict[Block, str] = {
    "confounder": "confounder",
    "basic": "mediators_not_adjusted",
    "underlying": "mediators_not_adjusted",
    "immediate": "all_adjusted",
}

MALE = "male"


@dataclass(frozen=True)
class Term:
    """One column of a model: an unfavourable state (1) against the favourable one (0).

    Attributes
    ----------
    name
        Column of the model frame and name of the coefficient.
    indicator
        Code in the pillars file (or ``male``).
    category
        Category the column stands for, None unless the indicator has categories.
    """

    name: str
    indicator: str
    category: str | None
    pillar: int | None
    block: Block
    kind: Literal["condition", "category", "number"]
    modifiable: bool


def terms_of(code: str, indicator: Indicator) -> list[Term]:
    """Columns an indicator brings: one, or one per category but the last (the reference)."""
    categories: tuple[str | None, ...] = (None,)
    if indicator.kind == "category":
        categories = indicator.categories[:-1]
    return [
        Term(
            name=code if category is None else f"{code}_{category}",
            indicator=code,
            category=category,
            pillar=indicator.pillar,
            block=indicator.block,
            kind=indicator.kind,
            modifiable=indicator.modifiable and indicator.kind == "condition",
        )
        for category in categories
    ]


SEX = Term(MALE, MALE, None, None, "confounder", "condition", modifiable=False)


def unfavourable(
    values: pd.Series, code: str, indicator: Indicator, age_months: pd.Series
) -> pd.DataFrame:
    """Columns of an indicator, 1 where its state is the unfavourable one, missing kept.

    A number enters in standard deviations, turned so that more is worse. Outside the ages an
    indicator is defined for it is 0: such children carry no information about it, and the age
    curve takes their level.

    Parameters
    ----------
    values
        The indicator's column of ``children``.
    age_months
        Age of each child, for indicators defined at some ages only.
    """
    names = [term.name for term in terms_of(code, indicator)]
    if indicator.kind == "condition":
        flag = values.astype("boolean").astype("Float64").astype("float64")
        columns = [flag if indicator.better == "lower" else 1 - flag]
    elif indicator.kind == "category":
        known = values.isin(list(indicator.categories))
        columns = [
            (values == category).astype(float).where(known)
            for category in indicator.categories[:-1]
        ]
    else:
        number = pd.to_numeric(values, errors="coerce").astype(float)
        scaled = (number - number.mean()) / number.std()
        columns = [scaled if indicator.better == "lower" else -scaled]
    table = pd.DataFrame(dict(zip(names, columns, strict=True)), index=values.index)
    if indicator.ages_months is not None:
        low, high = indicator.ages_months
        table = table.where((age_months >= low) & (age_months < high + 1), 0.0)
    return table


def blocks_up_to(terms: Iterable[Term], block: Block) -> list[Term]:
    """Terms of a block and of those before it, in the order of the framework."""
    wanted = BLOCKS[: BLOCKS.index(block) + 1]
    return [term for name in wanted for term in terms if term.block == name]
