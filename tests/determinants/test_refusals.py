"""What cannot be fitted is refused in one sentence; what can be, is."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis.determinants.multilevel import fit_linear, fit_logit
from analysis.errors import UserError

REFUSED = {
    "crossed": ("y ~ x", lambda d: d.assign(desa=d.index % 7), r"'0' lies under more than one"),
    "same groups": ("y ~ x", lambda d: d.assign(desa=d["kecamatan"] + 9), "the same groups"),
    "one group": ("y ~ x", lambda d: d.assign(kecamatan=1), "one group only"),
    "rows of their own": ("y ~ x", lambda d: d.assign(desa=range(len(d))), "holds one row"),
    "constant": ("y ~ x + k", lambda d: d.assign(k=3), "`k` has one value only"),
    "all zero": ("y ~ x + k", lambda d: d.assign(k=0), "`k` is 0 in every"),
    "duplicate": ("y ~ x + k", lambda d: d.assign(k=2 * d["x"] + 1), "`k` is a combination"),
    "empty cell": (
        "y ~ b * q",
        lambda d: d.assign(q=np.where(d["b"], "u", np.where(d["x"] > 0, "u", "v"))),
        "is 0 in every complete row",
    ),
    "separation": (
        "y ~ x + s",
        lambda d: d.assign(s=((d["y"] == 1) & (d["x"] > 1)).astype(int)),
        "`s` predicts the response perfectly",
    ),
    "complete separation": ("y ~ x", lambda d: d.assign(x=2 * d["y"] - 1), "`x` predicts"),
    "no event": ("y ~ x", lambda d: d.assign(y=0), "no row has the event"),
    "all events": ("y ~ x", lambda d: d.assign(y=1), "every row has the event"),
    "not binary": ("y ~ x", lambda d: d.assign(y=d["y"] + 1), "holds 2"),
    "three categories": ("t ~ x", lambda d: d.assign(t=pd.cut(d["x"], 3, labels=list("abc"))), "3"),
    "nothing complete": ("y ~ x", lambda d: d.assign(x=np.nan), "no row is complete"),
    "infinite": ("y ~ x", lambda d: d.assign(x=d["x"].where(d.index != 3, np.inf)), "not a finite"),
    "unknown column": ("y ~ nope", lambda d: d, "no column `nope`"),
    "no response": ("~ x", lambda d: d, "has no response"),
    "not a formula": ("y ~ x + (", lambda d: d, "cannot be read"),
    "power as in R": ("y ~ I(x^2)", lambda d: d, r"write powers as x\*\*2"),
    "no rows": ("y ~ x", lambda d: d.head(0), "no rows"),
    "twin columns": ("y ~ x", lambda d: pd.concat([d, d[["x"]]], axis=1), "stands twice"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_with_a_sentence(district, case):
    formula, change, sentence = REFUSED[case]
    with pytest.raises(UserError, match=sentence):
        fit_logit(formula, change(district))


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"quadrature": 0}, "whole number from 1"),
        ({"quadrature": 3}, "too few with 2 levels"),
        ({"groups": ("a", "b", "c", "d")}, "4 levels"),
        ({"groups": ("kecamatan", "kecamatan")}, "twice"),
        ({"groups": ("nowhere",)}, "no column `nowhere`"),
        ({"weights": "x"}, "negative"),
        ({"weights": {"psu": "b"}}, "`psu` is no level"),
        ({"weights": np.ones(3)}, "3 values for"),
    ],
)
def test_wrong_arguments_are_refused(district, arguments, sentence):
    with pytest.raises(UserError, match=sentence):
        fit_logit("y ~ x", district, **arguments)


def test_labels_repeated_under_two_areas_can_be_mended_as_the_sentence_says(district):
    repeated = district.assign(desa=district["desa"] % 4)
    with pytest.raises(UserError, match=r"make the label its own within kecamatan"):
        fit_logit("y ~ x", repeated)
    mended = repeated.assign(
        desa=repeated["kecamatan"].astype(str) + "/" + repeated["desa"].astype(str)
    )
    assert fit_logit("y ~ x", mended).loglik == pytest.approx(fit_logit("y ~ x", district).loglik)


def test_a_level_without_rows_changes_nothing(district):
    z = np.where(district["x"] > 0.4, "c", np.where(district["x"] > -0.4, "b", "a"))
    plain = fit_logit("y ~ z", district.assign(z=z))
    empty = fit_logit("y ~ z", district.assign(z=pd.Categorical(z, list("abcd"))))
    pd.testing.assert_series_equal(plain.params, empty.params)


@pytest.mark.parametrize("dtype", ["object", "boolean", "Float64"])
def test_missing_rows_are_dropped_and_counted_once(district, dtype):
    holes = district.assign(b=district["b"].astype(float if dtype == "Float64" else bool))
    holes["b"] = holes["b"].astype(dtype)
    holes.loc[::10, "b"] = None
    holes.loc[::20, "x"] = np.nan
    holes["desa"] = holes["desa"].astype(float)
    holes.loc[5, "desa"] = np.nan
    result = fit_logit("y ~ x + b", holes)
    keep = ~(district.index % 10 == 0) & (district.index != 5)
    expected = fit_logit("y ~ x + b", district[keep])
    assert result.nobs == keep.sum() == len(district) - result.n_dropped
    np.testing.assert_allclose(result.params, expected.params, rtol=1e-6)
    assert result.params.index.tolist() == ["Intercept", "x", "b"]


@pytest.mark.parametrize(
    "formula",
    ['y ~ cr(x, df=3, constraints="center")', "y ~ I(x == 2)", "y ~ C(x > 0)", "y ~ bs(x, df=4)"],
)
def test_gaps_are_seen_inside_calls(district, formula):
    holes = district.copy()
    holes.loc[1::7, "x"] = 2.0
    holes.loc[::10, "x"] = np.nan
    result = fit_logit(formula, holes)
    assert result.dropped == {"x": len(district.iloc[::10])}


def small_groups(variance: float) -> pd.DataFrame:
    rng = np.random.default_rng(4)
    group = np.repeat(np.arange(1595), rng.integers(1, 3, 1595))
    x = rng.normal(size=len(group))
    eta = -0.5 + 0.4 * x + rng.normal(0, variance, 1595)[group]
    y = (rng.random(len(group)) < 1 / (1 + np.exp(-eta))).astype(int)
    return pd.DataFrame({"group": group, "x": x, "y": y})


def test_1595_groups_of_one_or_two():
    """Laplace's bias is warned of; quadrature finds the truth within its error."""
    data = small_groups(0.8)
    laplace, exact = (fit_logit("y ~ x", data, "group", quadrature=q) for q in (1, 15))
    assert laplace.converged and exact.converged
    assert any("too small" in note for note in laplace.notes)
    assert abs(exact.sd.iloc[0] - 0.8) < 2.5 * exact.sd_bse.iloc[0]
    assert abs(exact.params["x"] - 0.4) < 2.5 * exact.bse["x"]
    assert laplace.sd.iloc[0] < exact.sd.iloc[0]


def test_variance_at_zero_is_said_and_leaves_an_ordinary_logit():
    import statsmodels.api as sm

    rng = np.random.default_rng(11)
    x = rng.normal(size=600)
    # balanced outcomes in every group leave less than chance between groups
    data = pd.DataFrame({"group": np.arange(600) // 20, "x": x, "y": np.arange(600) % 2})
    result = fit_logit("y ~ x", data, "group")
    plain = sm.Logit(data["y"], sm.add_constant(x)).fit(disp=False)
    assert result.sd.iloc[0] == 0
    assert np.isnan(result.sd_bse.iloc[0])
    assert result.converged
    np.testing.assert_allclose(result.params, plain.params, atol=1e-6)
    np.testing.assert_allclose(result.bse, plain.bse, rtol=1e-4)
    assert any("no variance left" in note for note in result.notes)


def test_groups_that_decide_the_outcome_never_converge(district):
    result = fit_logit("y ~ x", district.assign(y=district["desa"] % 2))
    assert not result.converged
    assert "NOT CONVERGED" in result.summary()


def test_badly_scaled_columns_change_nothing(district):
    plain = fit_logit("y ~ x", district)
    huge = fit_logit("y ~ x", district.assign(x=district["x"] * 1e6 + 1e7))
    assert huge.converged
    assert huge.params["x"] * 1e6 == pytest.approx(plain.params["x"], rel=1e-5)
    assert huge.loglik == pytest.approx(plain.loglik, abs=1e-6)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda d: d.assign(haz=2.0), "nothing to explain"),
        (lambda d: d.assign(haz=np.where(d["b"], "ya", "tidak")), "one numeric response"),
        (lambda d: d.assign(desa=range(len(d))), "holds one row"),
    ],
)
def test_linear_refusals(district, change, sentence):
    with pytest.raises(UserError, match=sentence):
        fit_linear("haz ~ x", change(district))
