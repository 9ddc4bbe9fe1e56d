"""The table the models are fitted to, and what could not enter it, each with its reason."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from analysis.determinants.engine.design_matrix import aliased
from analysis.determinants.pillars import SEX, Term, terms_of, unfavourable
from analysis.errors import UserError
from analysis.indicators import Indicator, Pillars

DAYS_PER_MONTH = 30.4375
AGE = "age_months"
MISSING_LIMIT = 0.20  # above this share missing an indicator would cost too many children
FEWEST = 10  # children in each state, and stunted and not stunted among them at least a few
FEWEST_OUTCOMES = 3
FEWEST_PER_GROUP = 3  # children on average: below, a spread between groups is mostly guesswork
SPLINE_AGES = 12  # distinct ages from which a curve can be drawn
AGE_CURVE = 'cr(age_months, df=4, constraints="center")'


@dataclass(frozen=True)
class ModelFrame:
    """Children ready for the models.

    Attributes
    ----------
    data
        One row per child with an outcome: ``stunted`` (0/1) and ``haz``, the groups,
        ``age_months``, ``weight`` (sampling weight, mean 1), and one column per term.
    terms
        Terms that can be fitted, in the order of the pillars file; sex first.
    age
        Formula of the age curve; empty when ages are not known.
    groups
        Usable grouping columns, outermost first.
    left_out
        Indicator (or part) -> code of the reason it is not in the models.
    """

    data: pd.DataFrame
    terms: list[Term]
    age: str
    groups: tuple[str, ...]
    weighted: bool
    left_out: dict[str, str] = field(default_factory=dict)

    @property
    def complete(self) -> pd.DataFrame:
        """Children with every covariate: the same ones for each model of the series."""
        columns = [term.name for term in self.terms] + ([AGE] if self.age else [])
        return self.data.dropna(subset=[*columns, "stunted", *self.groups])

    def formula(self, outcome: str, terms: list[Term] | None) -> str:
        """Formula of a model; None for the null model, which has no covariate at all."""
        if terms is None:
            return f"{outcome} ~ 1"
        parts = [self.age] if self.age else []
        parts += [f"`{term.name}`" for term in terms]
        return f"{outcome} ~ {' + '.join(parts) if parts else '1'}"


def model_frame(children: pd.DataFrame, pillars: Pillars) -> ModelFrame:
    """Build the models' table from ``children``.

    Raises
    ------
    UserError
        When there is nothing to model: no child with a known outcome, or no groups.
    """
    known = children[children["stunted"].notna()].reset_index(drop=True)
    if known.empty:
        raise UserError("children: no child has a plausible height-for-age; nothing to model.")
    data, groups, left_out = _base(known)
    if not groups:
        raise UserError(
            "children: neither kecamatan, desa nor psu makes two groups or more of three children "
            "on average; a multilevel model needs groups."
        )
    terms: list[Term] = []
    sex = known["sex"].map({"m": 1.0, "f": 0.0}).to_frame(SEX.name)
    candidates = [(SEX.name, [SEX], sex)]
    for code, indicator in pillars.in_models().items():
        if code not in known.columns or known[code].isna().all():
            left_out[code] = "absent"
            continue
        columns = unfavourable(known[code], code, indicator, data[AGE])
        candidates.append((code, *_merge_rare(code, indicator, columns)))
    for code, found, columns in candidates:
        reason = _reason(columns, data["stunted"], found)
        if reason:
            left_out[code] = reason
            continue
        data = pd.concat([data, columns], axis=1)
        terms += found
    age, reason = _age_curve(data[AGE])
    if reason:
        left_out["age"] = reason
    frame = ModelFrame(data, terms, age, groups, bool(data["weight"].std() > 0), left_out)
    return _without_aliases(frame)


def _base(known: pd.DataFrame) -> tuple[pd.DataFrame, tuple[str, ...], dict[str, str]]:
    data = pd.DataFrame(index=known.index)
    data["stunted"] = known["stunted"].astype(float)
    data["haz"] = known["haz"].where(~known["haz_flag"].fillna(False).astype(bool)).astype(float)
    data[AGE] = known["age_days"].astype(float) / DAYS_PER_MONTH
    weight = known["sampling_weight"].astype(float)
    data["weight"] = (weight / weight.mean()).fillna(1.0) if weight.notna().any() else 1.0
    data["kecamatan"] = known["kecamatan"].astype("str")
    left_out: dict[str, str] = {}
    village = "desa" if known["desa"].notna().any() else "psu"
    if village == "psu":
        left_out["desa"] = "absent"
    data["area"] = data["kecamatan"]
    inner = known[village]
    data[village] = (data["kecamatan"] + "/" + inner.astype("str")).where(inner.notna())
    levels = ["kecamatan", village]
    if "household" in known and known["household"].notna().any():
        home = known["household"]
        data["household"] = (data[village] + "/" + home.astype("str")).where(home.notna())
        levels.append("household")
    groups: list[str] = []
    for name in levels:
        count = data[name].nunique()
        if count < 2:
            left_out[name] = "one_group"
        elif groups and count == data[groups[-1]].nunique():
            left_out[name] = "same_groups"
        elif data[name].notna().sum() < FEWEST_PER_GROUP * count:
            left_out[name] = "small_groups"
        else:
            groups.append(name)
    return data, tuple(groups), left_out


def _merge_rare(
    code: str, indicator: Indicator, columns: pd.DataFrame
) -> tuple[list[Term], pd.DataFrame]:
    """Join a category too small to estimate to the next better one."""
    terms = terms_of(code, indicator)
    kept: list[Term] = []
    carried = pd.Series(0.0, index=columns.index)
    columns = columns.copy()
    for term in terms:
        merged = columns[term.name] + carried
        if term.kind == "category" and merged.sum() < FEWEST:
            carried = merged
            continue
        columns[term.name], carried = merged, pd.Series(0.0, index=columns.index)
        kept.append(term)
    return kept, columns[[term.name for term in kept]]


def _reason(columns: pd.DataFrame, stunted: pd.Series, terms: list[Term]) -> str | None:
    """Why an indicator cannot enter the models, or None."""
    if not terms:
        return "too_few"
    missing = columns.isna().any(axis=1)
    if missing.mean() > MISSING_LIMIT:
        return "missing"
    rows = columns[~missing]
    if len(rows) == 0 or bool((rows.nunique() < 2).any()):
        return "constant"
    outcome = stunted[~missing] == 1
    if terms[0].kind == "number":
        return None
    states = [rows[name] == 1 for name in rows.columns]
    states.append((rows == 0).all(axis=1))
    for state in states:
        cases = int((state & outcome).sum())
        others = int((state & ~outcome).sum())
        if cases + others < FEWEST or min(cases, others) < FEWEST_OUTCOMES:
            return "too_few"
    return None


def _age_curve(age: pd.Series) -> tuple[str, str | None]:
    if age.isna().mean() > MISSING_LIMIT:
        return "", "missing"
    distinct = age.nunique()
    if distinct < 2:
        return "", "constant"
    return (AGE_CURVE, None) if distinct >= SPLINE_AGES else (AGE, None)


def _without_aliases(frame: ModelFrame) -> ModelFrame:
    """Leave out terms that, among complete children, repeat those before them."""
    complete = frame.complete
    if complete.empty or not frame.terms:
        return frame
    names = [term.name for term in frame.terms]
    columns = np.column_stack([np.ones(len(complete)), complete[names].to_numpy(float)])
    repeated = {names[k - 1] for k in aliased(columns) if k > 0}
    doomed = {term.indicator for term in frame.terms if term.name in repeated}
    left_out = {**frame.left_out, **dict.fromkeys(doomed, "collinear")}
    kept = [term for term in frame.terms if term.indicator not in doomed]
    return ModelFrame(frame.data, kept, frame.age, frame.groups, frame.weighted, left_out)
