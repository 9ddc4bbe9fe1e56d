"""The Fay-Herriot area-level model: direct estimates borrow strength from all areas.

    direct_i = x_i'β + u_i + e_i,   u_i ~ N(0, A),   e_i ~ N(0, D_i) with D_i known

Fay and Herriot (1979); mean squared errors after Prasad and Rao (1990) and Datta and
Lahiri (2000), as in R's `sae`. The adjusted likelihood of Yoshimori and Lahiri (2014)
keeps A above zero, so that intervals do not collapse when areas look alike by chance.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import linalg, optimize

from analysis.errors import UserError

Floats = npt.NDArray[np.float64]
Method = Literal["reml", "ml", "fh", "adjusted"]
METHODS = ("reml", "ml", "fh", "adjusted")


@dataclass(frozen=True)
class FayHerriot:
    """A fitted area-level model; arrays in the order of the areas given.

    Attributes
    ----------
    area_variance
        A, the variance between areas that the covariates leave.
    coefficients, std_errors
        β and its standard errors by name; a column that adds nothing to the others
        (a constant, a copy) has NaN.
    estimate, mse
        Empirical best linear unbiased prediction and its estimated mean squared error.
        Areas without a direct estimate have the synthetic x'β.
    synthetic
        x'β for every area.
    shrinkage
        Weight of the direct estimate, A / (A + D); 0 without one.
    leading
        Leading term of the mean squared error, A D / (A + D); A without a direct estimate.
    loglik
        Maximised (restricted, where so fitted) log-likelihood; NaN for `fh`.
    converged
        Whether A was found; False where areas are too few to estimate it (then A is 0).
    """

    method: str
    area_variance: float
    coefficients: pd.Series
    std_errors: pd.Series
    estimate: Floats
    mse: Floats
    synthetic: Floats
    shrinkage: Floats
    leading: Floats
    loglik: float
    converged: bool
    design: Floats = field(repr=False)
    residuals: Floats = field(repr=False)


def fay_herriot(
    direct: npt.ArrayLike,
    variance: npt.ArrayLike,
    covariates: pd.DataFrame | npt.ArrayLike | None = None,
    *,
    method: str = "reml",
) -> FayHerriot:
    """Fit the Fay-Herriot model.

    Parameters
    ----------
    direct
        Direct estimate per area; NaN where there is none.
    variance
        Its sampling variance; NaN, with `direct`, where there is none.
    covariates
        Area covariates without the intercept (always added), one row per area.
    method
        ``reml``, ``ml``, ``fh`` (moments) or ``adjusted`` (Yoshimori-Lahiri: A > 0).

    Raises
    ------
    UserError
        Lengths differ, a variance is not positive, a covariate is missing for an area,
        the method is unknown, or no area has a direct estimate.

    Examples
    --------
    The area measured least precisely moves most; the one not measured gets the mean.

    >>> fit = fay_herriot(
    ...     [0.30, 0.22, 0.41, 0.28, np.nan], [0.002, 0.001, 0.004, 0.001, np.nan])
    >>> fit.estimate.round(3).tolist()
    [0.295, 0.238, 0.339, 0.282, 0.289]
    >>> fit.shrinkage.round(2).tolist()
    [0.59, 0.74, 0.41, 0.74, 0.0]
    """
    y, d = np.asarray(direct, dtype=float), np.asarray(variance, dtype=float)
    x, names = design_matrix(covariates, len(y))
    _check(y, d, x, method)
    seen = np.isfinite(y)
    kept = independent_columns(x[seen])
    xs, ys, ds = x[np.ix_(seen, kept)], y[seen], d[seen]
    estimable = len(ys) > xs.shape[1]
    a = estimate_area_variance(ys, ds, xs, method) if estimable else 0.0
    return _predict(y, d, x[:, kept], a, names, kept, method, estimable)


def design_matrix(
    covariates: pd.DataFrame | npt.ArrayLike | None, rows: int
) -> tuple[Floats, list[str]]:
    """Return the covariates with an intercept in front, and the names."""
    if covariates is None:
        return np.ones((rows, 1)), ["intercept"]
    if isinstance(covariates, pd.DataFrame):
        names, values = [str(c) for c in covariates.columns], covariates.to_numpy(dtype=float)
    else:
        values = np.asarray(covariates, dtype=float)
        values = values[:, None] if values.ndim == 1 else values
        names = [f"x{i + 1}" for i in range(values.shape[1])]
    if len(values) != rows:
        raise UserError(f"covariates have {len(values)} rows, but there are {rows} areas.")
    return np.column_stack([np.ones(rows), values]), ["intercept", *names]


def _check(y: Floats, d: Floats, x: Floats, method: str) -> None:
    if method not in METHODS:
        raise UserError(f"method is '{method}', but must be one of {', '.join(METHODS)}.")
    if len(y) != len(d):
        raise UserError(f"there are {len(y)} direct estimates, but {len(d)} variances.")
    seen = np.isfinite(y)
    if not seen.any():
        raise UserError("no area has a direct estimate, so there is nothing to model.")
    if not (np.isfinite(d[seen]) & (d[seen] > 0)).all():
        raise UserError(
            "every direct estimate needs a sampling variance above zero; "
            f"{int((~(d[seen] > 0)).sum())} have none. Smooth the variances first."
        )
    if not np.isfinite(x).all():
        raise UserError("a covariate is missing for some area; leave it out or fill it.")


def independent_columns(x: Floats) -> list[int]:
    """Columns of `x`, from the left, that no earlier ones make redundant."""
    scale = np.linalg.norm(x, axis=0)
    kept: list[int] = []
    for j in range(x.shape[1]):
        if scale[j] == 0:
            continue
        basis, column = x[:, kept] / scale[kept], x[:, j] / scale[j]
        rest = column - basis @ linalg.lstsq(basis, column)[0] if kept else column
        if np.linalg.norm(rest) > 1e-8:
            kept.append(j)
    return kept[: len(x)]


def estimate_area_variance(y: Floats, d: Floats, x: Floats, method: str) -> float:
    """Estimate A; zero where the areas differ no more than sampling explains."""
    if method == "fh":
        return _moment_variance(y, d, x)
    grid = variance_grid(y, d)
    values = profile(grid, y[:, None], d, x, method)[:, 0]
    best = int(np.argmax(values))
    low, high = grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)]
    found = optimize.minimize_scalar(
        lambda a: -profile(np.array([a]), y[:, None], d, x, method)[0, 0],
        bounds=(low, high),
        method="bounded",
        options={"xatol": 1e-10 * max(high, 1e-12), "maxiter": 200},
    )
    return float(found.x) if -found.fun > values[best] else float(grid[best])


def variance_grid(y: Floats, d: Floats, points: int = 61) -> Floats:
    """Candidate values of A: zero, then logarithmic up to beyond the whole variance."""
    top = 4 * max(float(np.var(y)), float(np.median(d))) + 1e-12
    return np.concatenate([[0.0], np.geomspace(top * 1e-5, top, points - 1)])


def profile(grid: Floats, y: Floats, d: Floats, x: Floats, method: str) -> Floats:
    """Profile log-likelihood, β maximised out; columns of `y` are separate data sets.

    Returns
    -------
    array of shape (len(grid), y.shape[1])
    """
    m, p = x.shape
    result = np.empty((len(grid), y.shape[1]))
    for k, a in enumerate(grid):
        w = 1 / (a + d)
        xw = x * w[:, None]
        information = x.T @ xw
        xy = xw.T @ y
        quadratic = w @ (y * y) - np.einsum("pb,pb->b", xy, np.linalg.solve(information, xy))
        logdet = -np.log(w).sum()
        if method == "ml":
            result[k] = -0.5 * (m * np.log(2 * np.pi) + logdet + quadratic)
            continue
        restricted = logdet + np.linalg.slogdet(information)[1]
        result[k] = -0.5 * ((m - p) * np.log(2 * np.pi) + restricted + quadratic)
        if method == "adjusted":
            with np.errstate(divide="ignore"):
                result[k] += np.log(np.arctan((a * w).sum())) / m
    return result


def _moment_variance(y: Floats, d: Floats, x: Floats) -> float:
    """Fay and Herriot's moment estimator: the weighted residual sum equals m − p."""

    def excess(a: float) -> float:
        w = 1 / (a + d)
        beta = np.linalg.solve((x.T * w) @ x, (x.T * w) @ y)
        return float((w * (y - x @ beta) ** 2).sum() - (len(y) - x.shape[1]))

    if excess(0.0) <= 0:
        return 0.0
    top = float(np.var(y) + d.max())
    while excess(top) > 0:
        top *= 4
    return float(optimize.brentq(excess, 0.0, top, xtol=1e-14))


def _predict(
    y: Floats,
    d: Floats,
    x: Floats,
    a: float,
    names: list[str],
    kept: list[int],
    method: str,
    estimable: bool,
) -> FayHerriot:
    """Predictions and their mean squared errors at area variance `a`."""
    seen = np.isfinite(y)
    ys, ds, xs = y[seen], d[seen], x[seen]
    w = np.asarray(1 / (a + ds), dtype=float)
    covariance: Floats = np.linalg.inv((xs.T * w) @ xs)
    beta = covariance @ ((xs.T * w) @ ys)
    fixed = x @ beta
    b = np.where(seen, np.divide(d, a + d, where=seen, out=np.ones(len(y))), 1.0)
    residuals = np.where(seen, y - fixed, np.nan)
    estimate = fixed + np.where(seen, (1 - b) * np.nan_to_num(residuals), 0.0)
    leading = a * b
    mse = leading + b**2 * np.einsum("ij,jk,ik->i", x, covariance, x)
    if estimable:
        mse = mse + _variance_of_a(w, xs, covariance, b, seen, d, a, method)
    loglik = np.nan
    if method != "fh" and estimable:
        loglik = float(profile(np.array([a]), ys[:, None], ds, xs, method)[0, 0])
    columns = [names[j] for j in kept]
    return FayHerriot(
        method=method,
        area_variance=a,
        coefficients=pd.Series(beta, index=columns).reindex(names),
        std_errors=pd.Series(np.sqrt(np.diag(covariance)), index=columns).reindex(names),
        estimate=estimate,
        mse=mse,
        synthetic=fixed,
        shrinkage=1 - b,
        leading=leading,
        loglik=loglik,
        converged=estimable,
        design=x,
        residuals=residuals,
    )


def _variance_of_a(
    w: Floats, x: Floats, covariance: Floats, b: Floats, seen: npt.NDArray[np.bool_], d: Floats,
    a: float, method: str,
) -> Floats:  # fmt: skip
    """What not knowing A adds to the mean squared error: 2 g3, less the bias of g1."""
    sum1, sum2 = w.sum(), (w**2).sum()
    variance = 2 * len(w) / sum1**2 if method == "fh" else 2 / sum2
    total = np.where(seen, a + np.nan_to_num(d), np.inf)
    g3 = b**2 * variance / total
    bias = 0.0
    if method == "ml":
        bias = -np.trace(covariance @ ((x.T * w**2) @ x)) / sum2
    elif method == "fh":
        bias = 2 * (len(w) * sum2 - sum1**2) / sum1**3
    return np.asarray(2 * g3 - np.where(seen, bias * b**2, 0.0))
