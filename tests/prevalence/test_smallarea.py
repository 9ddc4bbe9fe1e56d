"""The Fay-Herriot model against R's sae, by hand, and at its edges."""

import numpy as np
import pandas as pd
import pytest
from scipy import integrate, stats

from analysis.errors import UserError
from analysis.prevalence.mixture import ADJUSTMENT, mix, quantiles
from analysis.prevalence.smallarea import fay_herriot, independent_columns


@pytest.mark.parametrize("method", ["reml", "ml", "fh"])
def test_milk_as_in_r(milk, golden_frame, method):
    """R stops at a relative change of 1e-4; its A agrees to a few parts in 100,000."""
    expected, data = milk[method.upper()], golden_frame("sae/milk.csv")
    regions = pd.get_dummies(data["MajorArea"], drop_first=True).astype(float)
    fit = fay_herriot(data["yi"], data["SD"] ** 2, regions, method=method)
    assert fit.area_variance == pytest.approx(expected["A"], rel=2e-5)
    np.testing.assert_allclose(fit.coefficients, expected["beta"], atol=1e-6)
    np.testing.assert_allclose(fit.std_errors, expected["beta_se"], rtol=1e-5)
    np.testing.assert_allclose(fit.estimate, expected["eblup"], atol=2e-6)
    np.testing.assert_allclose(fit.mse, expected["mse"], rtol=2e-5)
    assert fit.converged
    assert np.isnan(fit.loglik) == (method == "fh")


def test_reml_maximises_the_density_of_contrasts():
    """The restricted likelihood is that of residuals free of the covariates."""
    rng = np.random.default_rng(12)
    d, covariate = rng.uniform(0.05, 0.3, 30), rng.standard_normal((30, 2))
    y = 1 + covariate @ [0.3, -0.2] + 0.4 * rng.standard_normal(30)
    y = y + np.sqrt(d) * rng.standard_normal(30)
    x = np.column_stack([np.ones(len(y)), covariate])
    contrasts = np.linalg.svd(x)[0][:, x.shape[1] :].T
    fit = fay_herriot(y, d, covariate)
    assert fit.area_variance > 0.02

    def density(a):
        covariance = contrasts @ np.diag(a + d) @ contrasts.T
        return stats.multivariate_normal(np.zeros(len(contrasts)), covariance).logpdf(contrasts @ y)

    best = density(fit.area_variance)
    assert best > density(fit.area_variance * 1.02)
    assert best > density(fit.area_variance * 0.98)
    # Equal up to the constant ½ log|X'X|.
    constant = 0.5 * np.linalg.slogdet(x.T @ x)[1]
    assert fit.loglik == pytest.approx(best - constant, abs=1e-8)


@pytest.mark.parametrize("method", ["reml", "ml", "fh"])
def test_equal_variances_have_a_closed_form(method):
    """With D alike everywhere all three methods give the variance of the areas less D."""
    rng = np.random.default_rng(13)
    y, d = rng.standard_normal(25), 0.2
    fit = fay_herriot(y, np.full(25, d), method=method)
    divisor = 25 if method == "ml" else 24
    a = ((y - y.mean()) ** 2).sum() / divisor - d
    assert fit.area_variance == pytest.approx(a, rel=1e-6)
    np.testing.assert_allclose(fit.estimate, y.mean() + a / (a + d) * (y - y.mean()), rtol=1e-6)
    # Prasad and Rao: g1 + g2 + 2 g3, every term written out.
    if method == "reml":
        g1, g2, g3 = (
            a * d / (a + d),
            d**2 / (a + d) / 25,
            d**2 / (a + d) ** 3 * 2 * (a + d) ** 2 / 25,
        )
        np.testing.assert_allclose(fit.mse, g1 + g2 + 2 * g3, rtol=1e-6)


@pytest.mark.parametrize("method", ["reml", "ml", "fh"])
def test_areas_that_do_not_differ_have_no_area_variance(method):
    rng = np.random.default_rng(1)
    y = 0.3 + 0.01 * rng.standard_normal(20)
    fit = fay_herriot(y, np.full(20, 0.04), method=method)
    assert fit.area_variance == pytest.approx(0.0, abs=1e-8)
    np.testing.assert_allclose(fit.estimate, y.mean(), atol=1e-6)
    assert (fit.mse > 0).all()


def test_the_adjusted_likelihood_keeps_the_area_variance_above_nought():
    y = np.full(20, 0.3)
    assert fay_herriot(y, np.full(20, 0.04), method="adjusted").area_variance > 1e-5


def test_one_area_is_its_own_estimate():
    fit = fay_herriot([0.3], [0.01])
    assert fit.estimate[0] == pytest.approx(0.3)
    assert fit.mse[0] == pytest.approx(0.01)
    assert (fit.area_variance, fit.converged) == (0.0, False)


def test_redundant_covariates_are_left_out():
    rng = np.random.default_rng(2)
    y, d = rng.standard_normal(15), np.full(15, 0.5)
    x = rng.standard_normal(15)
    plain = fay_herriot(y, d, pd.DataFrame({"x": x}))
    more = fay_herriot(y, d, pd.DataFrame({"one": 1.0, "x": x, "copy": 2 * x + 3}))
    np.testing.assert_allclose(more.estimate, plain.estimate, atol=1e-9)
    assert list(more.coefficients.index[more.coefficients.isna()]) == ["one", "copy"]


def test_areas_without_an_estimate_are_synthetic():
    rng = np.random.default_rng(3)
    x = rng.standard_normal(30)
    y = 1 + 0.5 * x + 0.3 * rng.standard_normal(30)
    y[[4, 9]] = np.nan
    fit = fay_herriot(y, np.full(30, 0.05), pd.DataFrame({"x": x}))
    line = fit.coefficients["intercept"] + fit.coefficients["x"] * x[[4, 9]]
    np.testing.assert_allclose(fit.estimate[[4, 9]], line)
    assert (fit.shrinkage[[4, 9]] == 0).all()
    assert fit.mse[[4, 9]].min() > fit.area_variance
    assert fit.mse[[4, 9]].min() > np.delete(fit.mse, [4, 9]).max()


def test_columns_that_depend_on_others_are_found():
    x = np.column_stack([np.ones(6), np.arange(6), 2 + 3 * np.arange(6), np.arange(6) ** 2])
    assert independent_columns(x) == [0, 1, 3]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (([0.1, 0.2], [0.1]), "2 direct estimates, but 1 variances"),
        (([0.1, 0.2], [0.1, 0.0]), "variance above zero; 1 have none"),
        (([np.nan, np.nan], [0.1, 0.1]), "nothing to model"),
        (([0.1, 0.2], [0.1, 0.1], [[1.0], [np.nan]]), "a covariate is missing"),
        (([0.1, 0.2], [0.1, 0.1], [[1.0]]), "1 rows, but there are 2 areas"),
    ],
)
def test_mistakes_are_named(arguments, words):
    with pytest.raises(UserError, match=words):
        fay_herriot(*arguments)
    with pytest.raises(UserError, match="method is 'bayes'"):
        fay_herriot([0.1], [0.1], method="bayes")


# --- the mixture over A -------------------------------------------------------------------------


def test_the_mixture_is_the_integral_over_a():
    """Against adaptive quadrature of the same integral, done by brute force."""
    rng = np.random.default_rng(4)
    m = 12
    d = rng.uniform(0.1, 0.4, m)
    y = 0.3 * rng.standard_normal(m) + np.sqrt(d) * rng.standard_normal(m)
    x = np.ones((m, 1))
    mixture = mix(y, d, x, points=1000)

    def integrand(a, power):
        v = a + d
        w = 1 / v
        beta = (w * y).sum() / w.sum()
        loglik = -0.5 * (np.log(v).sum() + np.log(w.sum()) + (w * (y - beta) ** 2).sum())
        centre = beta + a / v[0] * (y[0] - beta)
        return np.exp(loglik) * a**ADJUSTMENT * centre**power

    low, high = mixture.grid[0], mixture.grid[-1]
    parts = [integrate.quad(integrand, low, high, args=(k,), limit=400)[0] for k in (0, 1)]
    assert mixture.moments()[0][0] == pytest.approx(parts[1] / parts[0], abs=1e-4)


def test_several_data_sets_are_fitted_as_one_by_one():
    rng = np.random.default_rng(5)
    d, x = np.full(9, 0.2), np.ones((9, 1))
    y = rng.standard_normal((9, 3))
    y[4] = np.nan
    within = (0.01, 5.0)
    together = mix(y, d, x, within=within).moments()
    for k in range(3):
        mean, variance = mix(y[:, k], d, x, within=within).moments()
        np.testing.assert_allclose(together[0][:, k], mean)
        np.testing.assert_allclose(together[1][:, k], variance)


def test_quantiles_enclose_the_level_of_the_mixture():
    rng = np.random.default_rng(6)
    d, x = np.full(20, 0.2), np.ones((20, 1))
    mixture = mix(rng.standard_normal(20) * 0.5, d, x)
    low, high = quantiles(mixture, (0.025, 0.975), d, np.full(20, 1e9))
    scale = np.sqrt(mixture.variance)
    for bound, level in ((low, 0.025), (high, 0.975)):
        reached = mixture.weight @ stats.norm.cdf((bound - mixture.centre) / scale)
        np.testing.assert_allclose(reached, level, atol=1e-6)
    few = quantiles(mixture, (0.025, 0.975), d, np.full(20, 3.0))
    assert ((few[1] - few[0]) > (high - low)).all()
