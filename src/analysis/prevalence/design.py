"""Direct survey estimates: proportions and means with their design-based errors.

Variances are Taylor-linearised under strata, primary sampling units (PSU) and
weights; domains are estimated within the whole sample (domain method), so that
PSUs without a child of the domain still count. Agrees with R's `survey`
(`svymean`, `svyby`, `svyciprop`) with `survey.lonely.psu = "adjust"`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.errors import UserError
from analysis.prevalence.intervals import METHODS, mean_interval, proportion_interval

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]
COLUMNS = ["estimate", "se", "low", "high", "n", "missing", "psus", "strata", "df", "deff"]

#: Weights that sum to less than this many times the rows are relative weights: they do
#: not count children, and no finite-population term may be taken from them.
EXPANSION = 1.5
#: A variance below this share of the spread of children is that of rounding.
_ROUNDING = 1e-20


@dataclass(frozen=True)
class Design:
    """The sample's design as arrays, one entry per row of the frame."""

    weight: Floats
    psu: Codes  # unique over strata
    stratum_of_psu: Codes
    psus_in_stratum: Codes
    expansion: bool


def read_design(
    frame: pd.DataFrame, weight: str | None, stratum: str | None, psu: str | None
) -> Design:
    """Collect weights, strata and PSUs of `frame`; a PSU lies within one stratum.

    Without `psu` each row is its own PSU, without `stratum` there is one stratum,
    without `weight` all rows weigh alike.

    Raises
    ------
    UserError
        A named column is absent, or holds missing or negative values.
    """
    rows = len(frame)
    weights = np.ones(rows) if weight is None else _weights(frame, weight)
    strata = np.zeros(rows, dtype=np.int64) if stratum is None else _codes(frame, stratum)
    own = np.arange(rows) if psu is None else _codes(frame, psu)
    pairs = strata * (own.max(initial=0) + 1) + own
    unique, code = np.unique(pairs, return_inverse=True)
    stratum_of_psu = unique // (own.max(initial=0) + 1)
    counts = np.bincount(stratum_of_psu, minlength=strata.max(initial=-1) + 1)
    expansion = bool(weights.sum() > EXPANSION * rows)
    return Design(weights, code.reshape(-1), stratum_of_psu, counts, expansion)


def _column(frame: pd.DataFrame, name: str) -> pd.Series:
    if name not in frame.columns:
        raise UserError(
            f"column '{name}' is not in the table; it has: {', '.join(map(str, frame.columns))}."
        )
    return frame[name]


def _weights(frame: pd.DataFrame, name: str) -> Floats:
    values = pd.to_numeric(_column(frame, name), errors="coerce").to_numpy(dtype=float)
    bad = ~np.isfinite(values) | (values < 0)
    if bad.any():
        raise UserError(
            f"column '{name}': {int(bad.sum())} of {len(values)} rows have no usable weight; "
            "a sampling weight is a number of zero or more. Fill or drop these rows."
        )
    return values


def _codes(frame: pd.DataFrame, name: str) -> Codes:
    codes, _ = pd.factorize(_column(frame, name))
    if (codes < 0).any():
        raise UserError(
            f"column '{name}': {int((codes < 0).sum())} of {len(codes)} rows are blank; "
            "every child belongs to one. Fill or drop these rows."
        )
    return np.asarray(codes, dtype=np.int64)


def outcome_values(column: pd.Series) -> tuple[Floats, bool]:
    """Return the outcome as floats (NaN where missing) and whether it is a proportion."""
    kept = column.dropna()
    text_like = not pd.api.types.is_numeric_dtype(column.dtype)
    is_boolean = pd.api.types.is_bool_dtype(column.dtype) or (
        text_like and len(kept) > 0 and bool(kept.map(type).isin([bool, np.bool_]).all())
    )
    if text_like and not is_boolean and len(kept):
        raise UserError(
            f"column '{column.name}' is {column.dtype}; an outcome is true/false (a proportion) "
            "or a number (a mean)."
        )
    numeric = column.astype("boolean" if is_boolean else "Float64")
    values = numeric.astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    return np.asarray(values, dtype=float), bool(is_boolean)


def domains(frame: pd.DataFrame, by: str | Sequence[str] | None) -> tuple[Codes, pd.DataFrame]:
    """Return a domain code per row (−1: none) and a table of the domains' labels.

    Categories of a categorical column that no row has are kept, as empty domains.
    """
    names = [] if by is None else [by] if isinstance(by, str) else list(by)
    if not names:
        return np.zeros(len(frame), dtype=np.int64), pd.DataFrame(index=[0])
    for name in names:
        _column(frame, name)
    if len(names) == 1:
        category = frame[names[0]].astype("category")
        labels = pd.DataFrame({names[0]: category.cat.categories})
        return np.asarray(category.cat.codes, dtype=np.int64), labels
    grouped = frame.groupby(names, observed=True, dropna=True)
    codes = np.asarray(grouped.ngroup(), dtype=np.int64)
    return codes, grouped.size().reset_index()[names]


def estimate(
    frame: pd.DataFrame,
    outcome: str,
    *,
    weight: str | None = None,
    stratum: str | None = None,
    psu: str | None = None,
    by: str | Sequence[str] | None = None,
    interval: str = "logit",
    level: float = 0.95,
) -> pd.DataFrame:
    """Estimate a proportion (boolean outcome) or mean (numeric outcome) per domain.

    Parameters
    ----------
    frame
        One row per child of the whole sample; do not filter it to a domain, name the
        domain in `by`.
    outcome
        Column; missing values leave the domain and are counted.
    weight, stratum, psu
        Columns of the design; each may be left out.
    by
        Column or columns whose values are the domains; None for the whole frame.
    interval
        ``logit``, ``beta`` (Korn-Graubard) or ``wilson``, for proportions. At 0 %
        and 100 %, and where all PSUs have one mean, Wilson's is used.
    level
        Confidence level.

    Returns
    -------
    pandas.DataFrame
        One row per domain: the columns of `by`, then `estimate`, `se`, `low`, `high`
        (proportions as 0 to 1), `n` (children with an outcome and a positive weight),
        `missing` (children without), `psus` and `strata` the domain lies in, `df` (its
        own PSUs minus strata) and `deff` (R's `deff=TRUE`). A domain within a single
        PSU has an estimate, but no standard error and no interval.

    Raises
    ------
    UserError
        A column is absent or unusable, or an option is unknown.

    Notes
    -----
    Lumley (2010), *Complex Surveys*; single-PSU strata are centred on the mean of the
    whole domain. Weights that do not count children (they sum to about the number of
    rows) have no population size in them: `deff` is then against sampling with
    replacement, where R gives NA.

    Examples
    --------
    >>> survey = pd.DataFrame(
    ...     {"stunted": [True, True, False, False, True, False, False, False],
    ...      "bobot": [1.0, 1.0, 2.0, 2.0, 1.0, 1.0, 2.0, 2.0],
    ...      "klaster": [1, 1, 2, 2, 3, 3, 4, 4], "kecamatan": list("AAAABBBB")})
    >>> whole = estimate(survey, "stunted", weight="bobot", psu="klaster").round(3)
    >>> whole[["estimate", "low", "high", "deff"]].to_dict("records")
    [{'estimate': 0.25, 'low': 0.01, 'high': 0.914, 'deff': 1.556}]
    >>> estimate(survey, "stunted", by="kecamatan")["estimate"].tolist()
    [0.5, 0.25]
    """
    if interval not in METHODS:
        raise UserError(f"interval is '{interval}', but must be one of {', '.join(METHODS)}.")
    if not 0 < level < 1:
        raise UserError(f"level is {level}, but must lie between 0 and 1, e.g. 0.95.")
    values, is_proportion = outcome_values(_column(frame, outcome))
    design = read_design(frame, weight, stratum, psu)
    codes, labels = domains(frame, by)
    parts = _linearise(values, design, codes, len(labels))
    table = pd.DataFrame(parts)
    arrays = {name: table[name].to_numpy(dtype=float) for name in ("estimate", "se", "n", "df")}
    if is_proportion:
        low, high = proportion_interval(
            arrays["estimate"],
            arrays["se"],
            arrays["n"],
            arrays["df"],
            method=interval,
            level=level,
            reference_deff=_frame_deff(values, design, table),
        )
    else:
        low, high = mean_interval(arrays["estimate"], arrays["se"], arrays["df"], level)
    table["low"], table["high"] = low, high
    return pd.concat([labels.reset_index(drop=True), table[COLUMNS]], axis=1)


def _frame_deff(values: Floats, design: Design, table: pd.DataFrame) -> float:
    """Design effect of the whole frame, for domains whose PSUs do not differ at all."""
    at_edge = table["estimate"].isin([0.0, 1.0]) | (table["se"] == 0)
    if len(table) == 1 or not at_edge.any():
        return 1.0
    whole = _linearise(values, design, np.zeros(len(values), dtype=np.int64), 1)
    return float(whole["deff"][0])


def _linearise(
    values: Floats, design: Design, codes: Codes, count: int
) -> dict[str, npt.NDArray[np.generic]]:
    """Estimate, standard error, counts and design effect of each domain."""
    in_domain = codes >= 0
    used = in_domain & np.isfinite(values) & (design.weight > 0)
    missing = np.bincount(codes[in_domain & ~np.isfinite(values)], minlength=count)
    d, w, y = codes[used], design.weight[used], values[used]
    n = np.bincount(d, minlength=count)
    with np.errstate(divide="ignore", invalid="ignore"):
        total = np.bincount(d, w, minlength=count).astype(float)
        mean = np.bincount(d, w * y, minlength=count) / total
        score = w * (y - mean[d]) / total[d]
        variance, psus, strata = _variance(score, d, design.psu[used], design, count)
        spread = np.bincount(d, w * (y - mean[d]) ** 2, minlength=count) / total
        deff = variance / _srs_variance(spread, n.astype(float), total, design.expansion)
    exact = spread <= 1e-28
    mean = np.where(exact & (n > 0), np.round(mean, 14), mean)  # 0 and 1, not 0.9999999
    # PSUs with one mean differ by rounding alone: no variance, rather than one of 1e-33.
    none = exact | (variance <= _ROUNDING * spread)
    variance = np.where(psus >= 2, np.where(none, 0.0, variance), np.nan)
    deff = np.where((psus >= 2) & ~exact, deff, np.nan)
    return {
        "estimate": mean,
        "se": np.sqrt(variance),
        "n": n,
        "missing": missing,
        "psus": psus,
        "strata": strata,
        "df": psus - strata,
        "deff": deff,
    }


def _variance(
    score: Floats, d: Codes, psu: Codes, design: Design, count: int
) -> tuple[Floats, Codes, Codes]:
    """Variance of each domain's total score, and the PSUs and strata it lies in."""
    all_psus, all_strata = len(design.stratum_of_psu), len(design.psus_in_stratum)
    cells, cell = np.unique(d * all_psus + psu, return_inverse=True)
    totals = np.bincount(cell, score, minlength=len(cells))
    owner, stratum = cells // all_psus, design.stratum_of_psu[cells % all_psus]
    groups, group = np.unique(owner * all_strata + stratum, return_inverse=True)
    squares = np.bincount(group, totals**2, minlength=len(groups))
    sums = np.bincount(group, totals, minlength=len(groups))
    m = design.psus_in_stratum[groups % all_strata]
    # A stratum with one PSU in the sample keeps its score uncentred: R's "adjust".
    within = np.where(m > 1, (squares - sums**2 / m) * m / np.maximum(m - 1, 1), squares)
    holder = groups // all_strata
    variance = np.bincount(holder, within, minlength=count)
    psus, strata = (np.bincount(of, minlength=count).astype(np.int64) for of in (owner, holder))
    return np.asarray(variance, dtype=float), psus, strata


def _srs_variance(spread: Floats, n: Floats, total: Floats, expansion: bool) -> Floats:
    """Variance under simple random sampling of as many children, as R's `deff=TRUE`."""
    element: Floats = spread * n / (n - 1)
    if not expansion:
        return element / n
    finite: Floats = np.where(total > n, (total - n) / total, np.nan)
    return element / n * finite
