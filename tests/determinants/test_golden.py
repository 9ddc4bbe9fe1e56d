"""Agreement with lme4, glmmTMB and WeMix on data of theirs.

glmmTMB inverts the full joint Hessian, as this engine does, and agrees to six digits; lme4's
own standard errors in these results hold the variance components fixed, hence the 1.5 % on
cbpp under Laplace (glmmTMB and lme4's quadrature agree with us to 0.1 %).
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from analysis.determinants.multilevel import fit_linear, fit_logit
from analysis.determinants.results import MultilevelResult

from .conftest import shared_table

CONTRACEPTION = "use ~ age + I(age**2) + urban + livch"
MOZAMBIQUE = "st ~ ac + I(ac**2) + C(sex) + strata"


def assert_agrees(
    result: MultilevelResult, expected: dict, *, saturated: float = 0.0, bse: float = 0.01
) -> None:
    assert result.converged
    assert result.gradient_se < 1e-5
    assert result.loglik - saturated == pytest.approx(expected["loglik"], abs=1e-3)
    errors = np.array(expected["bse"])
    off = np.abs(result.params.to_numpy() - expected["params"]) / errors
    assert off.max() < 0.01
    assert np.abs(result.bse.to_numpy() / errors - 1).max() < bse
    assert np.abs(result.sd.to_numpy() - expected["sd"]).max() < 0.002


@pytest.mark.parametrize(("case", "bse"), [("cbpp_nAGQ1", 0.015), ("cbpp_tmb", 0.001)])
def test_cbpp_laplace(published, case, bse):
    data = shared_table("glmm/cbpp.csv")
    result = fit_logit("incidence ~ C(period)", data, "herd", trials="size")
    assert_agrees(result, published[case], bse=bse)


@pytest.mark.parametrize("nodes", [9, 25])
def test_cbpp_quadrature_up_to_the_saturated_model(published, nodes):
    """Ours is the true log-likelihood; lme4 leaves out that of the saturated model here."""
    data = shared_table("glmm/cbpp.csv")
    formula = "cbind(incidence, size - incidence) ~ C(period)"
    result = fit_logit(formula, data, ["herd"], quadrature=nodes)
    y, m = data["incidence"], data["size"]
    saturated = float(binom.logpmf(y, m, y / m).sum())
    assert_agrees(result, published[f"cbpp_nAGQ{nodes}"], saturated=saturated, bse=0.001)


def test_counts_and_single_animals_give_the_same_estimates():
    """A count of 2 in 14 is 14 animals, 2 of them ill: only the constant differs."""
    data = shared_table("glmm/cbpp.csv")
    counts = fit_logit("incidence ~ C(period)", data, "herd", trials="size")
    animals = data.loc[data.index.repeat(data["size"])].copy()
    animals["ill"] = animals.groupby(level=0).cumcount() < animals["incidence"]
    single = fit_logit("ill ~ C(period)", animals, "herd")
    np.testing.assert_allclose(single.params, counts.params, rtol=1e-6)
    np.testing.assert_allclose(single.bse, counts.bse, rtol=1e-5)


@pytest.mark.parametrize(
    ("case", "nodes"),
    [("Contraception_nAGQ1", 1), ("Contraception_tmb", 1), ("Contraception_nAGQ9", 9)],
)
def test_contraception(published, case, nodes):
    data = shared_table("glmm/contraception.csv")
    assert_agrees(fit_logit(CONTRACEPTION, data, "district", quadrature=nodes), published[case])


def mozambique():
    data = shared_table("mozambique/children.csv").dropna(subset=["st"])
    weight = data.groupby("cluster")["wtfactor"].mean()
    return data.assign(ac=(data["age"] - 24) / 12, w2=data["cluster"].map(weight / weight.mean()))


@pytest.mark.parametrize(("case", "nodes"), [("moz_glmer", 1), ("moz_glmer_q9", 9)])
def test_mozambique(published, case, nodes):
    assert_agrees(fit_logit(MOZAMBIQUE, mozambique(), "cluster", quadrature=nodes), published[case])


def test_mozambique_weighted_at_the_cluster_equals_wemix(published):
    """WeMix integrates by adaptive quadrature; errors are clustered, with G / (G - 1)."""
    result = fit_logit(
        MOZAMBIQUE, mozambique(), "cluster", weights={"cluster": "w2"}, quadrature=13
    )
    assert_agrees(result, published["moz_wemix"], bse=0.001)
    assert result.covariance_type.startswith("robust")


def test_mozambique_linear(published):
    result = fit_linear("zlen ~ ac + I(ac**2) + C(sex) + strata", mozambique(), "cluster")
    assert_agrees(result, published["moz_lmer"], bse=0.001)
    assert np.sqrt(result.scale) == pytest.approx(published["moz_lmer"]["sigma"], abs=1e-4)
