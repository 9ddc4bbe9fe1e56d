"""Tables as they come: each ends in the right answer or in one sentence.

Right answers are those of statsmodels (where the groups leave no variance, or for MixedLM), of
quadrature written out here, or of the same model on a plain table.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

from analysis.determinants.multilevel import fit_linear, fit_logit
from analysis.errors import UserError

from .conftest import simulate

Change = Callable[[pd.DataFrame], pd.DataFrame]
FORMULAS = {fit_logit: "y ~ x + b + c", fit_linear: "haz ~ x + b + c"}


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    data = simulate(7)
    rng = np.random.default_rng(0)
    data["c"] = rng.choice(["a", "b", "c"], len(data))
    return data.assign(u=rng.uniform(0.5, 2, len(data)))


def arrow_text(column: pd.Series) -> pd.Series:
    return column.astype(str).astype("string[pyarrow]")


#: Changes that carry the same information: the answer stays what it is on the plain table.
SAME: dict[str, Change] = {
    "nullable": lambda d: d.assign(b=d["b"].astype("boolean"), x=d["x"].astype("Float64")),
    "arrow": lambda d: d.assign(b=d["b"].astype("bool[pyarrow]"), x=d["x"].astype("double[pyarrow]")),
    "objects": lambda d: d.assign(b=d["b"].astype(object), x=d["x"].astype(object)),
    "arrow text": lambda d: d.assign(c=arrow_text(d["c"]), desa=arrow_text(d["desa"])),
    "python text": lambda d: d.assign(c=d["c"].astype("string[python]")),
    "nullable group": lambda d: d.assign(desa=d["desa"].astype("Int64")),
    "unused category": lambda d: d.assign(c=pd.Categorical(d["c"], list("abcz"))),
    "unused reference": lambda d: d.assign(c=pd.Categorical(d["c"], list("zabc"))),
    "unused group": lambda d: d.assign(desa=pd.Categorical(d["desa"], range(200))),
    "repeated index": lambda d: d.set_index(pd.Index([f"r{i % 9}" for i in range(len(d))])),
    "two-level index": lambda d: d.set_index([d.index % 2, d.index]).rename_axis([None, None]),
    "shuffled": lambda d: d.sample(frac=1, random_state=1),
}  # fmt: skip


@pytest.mark.parametrize("fit", [fit_logit, fit_linear])
@pytest.mark.parametrize("case", SAME)
def test_same_information_same_answer(table, case, fit):
    plain, found = (fit(FORMULAS[fit], data) for data in (table, SAME[case](table)))
    assert found.converged and found.nobs == len(table)
    np.testing.assert_allclose(found.params, plain.params, rtol=1e-6)
    np.testing.assert_allclose(found.bse, plain.bse, rtol=1e-5)
    assert found.params.index.tolist() == plain.params.index.tolist()
    assert found.predict().index.equals(SAME[case](table).index)


#: Changes that take rows away: the answer is that of the rows that are left.
FEWER: dict[str, Change] = {
    "text": lambda d: d.assign(c=arrow_text(d["c"]).where(d.index % 10 > 0)),
    "boolean": lambda d: d.assign(b=d["b"].astype("boolean").where(d.index % 10 > 0)),
    "number": lambda d: d.assign(x=d["x"].astype("Float64").where(d.index % 10 > 0)),
    "group": lambda d: d.assign(desa=d["desa"].where(d.index % 10 > 0)),
    "outer group": lambda d: d.assign(kecamatan=d["kecamatan"].where(d.index % 10 > 0)),
}


@pytest.mark.parametrize("fit", [fit_logit, fit_linear])
@pytest.mark.parametrize("case", FEWER)
def test_gaps_leave_rows_out_and_say_so(table, case, fit):
    found = fit(FORMULAS[fit], FEWER[case](table))
    plain = fit(FORMULAS[fit], table[table.index % 10 > 0])
    np.testing.assert_allclose(found.params, plain.params, rtol=1e-6)
    assert list(found.dropped.values()) == [72]
    assert any("72 rows incomplete" in note for note in found.notes)


@pytest.mark.parametrize(
    "make",
    [
        lambda y: y == 1,
        lambda y: (y == 1).astype("boolean"),
        lambda y: (y == 1).astype("bool[pyarrow]"),
        lambda y: (y == 1).astype(object),
        lambda y: y.astype("Int64"),
        lambda y: y.map({0: "tidak", 1: "ya"}),
        lambda y: arrow_text(y.map({0: "tidak", 1: "ya"})),
        lambda y: pd.Categorical(y.map({0: "no", 1: "but yes"}), ["no", "but yes"]),
    ],
)
def test_every_form_of_yes_and_no(table, make):
    plain = fit_logit("y ~ x", table)
    found = fit_logit("s ~ x", table.assign(s=make(table["y"])))
    np.testing.assert_allclose(found.params, plain.params, rtol=1e-8)


@pytest.mark.parametrize("fit", [fit_logit, fit_linear])
@pytest.mark.parametrize("factor", [1e6, 1e-6, 1e-12])
def test_units_of_a_column_change_its_coefficient_alone(table, fit, factor):
    formula = FORMULAS[fit].removesuffix(" + c")
    plain, found = fit(formula, table), fit(formula, table.assign(x=factor * table["x"]))
    assert found.converged
    assert found.params["x"] * factor == pytest.approx(plain.params["x"], rel=1e-6)
    assert found.bse["x"] * factor == pytest.approx(plain.bse["x"], rel=1e-5)
    assert found.params["b"] == pytest.approx(plain.params["b"], rel=1e-6)


def test_a_response_far_from_nought_costs_no_digits(table):
    plain = fit_linear("haz ~ x + b", table)
    found = fit_linear("far ~ x + b", table.assign(far=1e6 + 1e3 * table["haz"]))
    np.testing.assert_allclose(found.bse / 1e3, plain.bse, rtol=1e-5)
    np.testing.assert_allclose(found.sd / 1e3, plain.sd, rtol=1e-4)


@pytest.mark.parametrize(
    "terms",
    [
        "x + C(c, Treatment('b'))",
        "x + C(c, contr.treatment('b'))",
        "x * b + c",
        "bs(x, df=4) + b",
        'cr(x, df=4, constraints="center") + c:b',
        "poly(x, 2) + np.log(u)",
        "0 + C(c) + x",
        "x + I(x**2)",
        "1",
    ],
)
def test_formulas_against_statsmodels(table, terms):
    """Without variance between groups the model is an ordinary logit, whatever the terms."""
    rows = table.assign(group=np.arange(len(table)) // 20, y=np.arange(len(table)) % 2)
    found = fit_logit(f"y ~ {terms}", rows, "group")
    assert found.sd.iloc[0] == 0
    plain = smf.logit("y ~ x", rows).fit(disp=False).model.__class__(
        rows["y"].to_numpy(float), found.exog.to_numpy()
    ).fit(disp=False, tol=1e-12)  # fmt: skip
    np.testing.assert_allclose(found.params, plain.params, rtol=1e-5, atol=1e-8)
    np.testing.assert_allclose(found.bse, plain.bse, rtol=1e-4)
    again = found.predict(rows.sample(frac=0.3, random_state=2), effects="zero")
    np.testing.assert_allclose(again, found.predict(effects="zero")[again.index], rtol=1e-9)


def test_treatment_reference_is_the_one_asked_for(table):
    found = fit_logit("y ~ C(c, Treatment('b'))", table)
    plain = fit_logit("y ~ c", table)
    assert found.params.iloc[1] == pytest.approx(-plain.params["c[T.b]"], rel=1e-6)


def test_very_wide_groups_against_quadrature_written_out():
    """A spread of 5 logits: 51 nodes equal a fine grid over each group."""
    data = simulate(3, areas=60, villages=1, children=20, sd=(5.0, 0.0))
    found = fit_logit("y ~ x + b", data, "kecamatan", quadrature=51)
    grid = np.linspace(-9, 9, 20_001)
    total, sd = 0.0, found.sd.iloc[0]
    for _, rows in data.assign(eta=found.fixed_linear).groupby("kecamatan"):
        eta = rows["eta"].to_numpy()[:, None] + sd * grid
        log = (rows["y"].to_numpy()[:, None] * eta - np.logaddexp(0, eta)).sum(axis=0)
        total += np.log(np.trapezoid(np.exp(log - grid**2 / 2) / np.sqrt(2 * np.pi), grid))
    assert found.converged
    assert found.loglik == pytest.approx(total, abs=2e-3)
    assert abs(sd - 5) < 2.5 * found.sd_bse.iloc[0]


def test_linear_against_mixedlm(table):
    found = fit_linear("haz ~ x + b + c", table, "kecamatan", reml=True)
    plain = smf.mixedlm("haz ~ x + b + c", table, groups="kecamatan").fit(reml=True)
    names = found.params.index
    beside = plain.params.rename({"b[T.True]": "b"})
    np.testing.assert_allclose(found.params, beside[names], rtol=1e-4)
    assert found.loglik >= plain.llf - 1e-6
    assert found.loglik == pytest.approx(plain.llf, abs=1e-4)


REFUSED: dict[str, tuple[str | None, Change, str]] = {
    "one kecamatan in every kabupaten": ("x", lambda d: d.assign(kab=d["kecamatan"]), "the same groups"),
    "crossed outermost": ("x", lambda d: d.assign(kab=d.index % 3), "not nested in `kab`"),
    "dates": ("x + t", lambda d: d.assign(t=pd.Timestamp("2024-01-01")), "`t` holds dates"),
    "random effect in the formula": ("x + (1|desa)", lambda d: d, "named in groups="),
    "absent": ("x + nope", lambda d: d, "no column `nope`"),
    "no group filled": ("x", lambda d: d.assign(desa=np.nan), "no row is complete"),
    "not a table": ("x", lambda d: d.to_dict("list"), "dict given"),
    "no formula": (None, lambda d: d, "write text"),
    "more terms than rows": ("bs(x, df=6) + u", lambda d: d[d.index % 15 < 2].head(8), "for 8 complete"),
    "collinear": ("x + b + k", lambda d: d.assign(k=d["x"] - 2 * d["b"]), "`k` is a combination"),
}  # fmt: skip


@pytest.mark.parametrize("fit", [fit_logit, fit_linear])
@pytest.mark.parametrize("case", REFUSED)
def test_refused_in_one_sentence(table, case, fit):
    terms, change, sentence = REFUSED[case]
    changed = change(table)
    formula = None if terms is None else f"{'y' if fit is fit_logit else 'haz'} ~ {terms}"
    groups = ("kab", "kecamatan", "desa") if "kab" in changed else ("kecamatan", "desa")
    if case == "more terms than rows":
        groups = ("desa",)
        changed = changed.assign(desa=changed.index % 2)
    with pytest.raises(UserError, match=sentence) as refusal:
        fit(formula, changed, groups)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("fit", [fit_logit, fit_linear])
@pytest.mark.parametrize(
    ("weights", "sentence"),
    [
        (lambda d: np.zeros(len(d)), "no row is complete"),
        (lambda d: np.full(len(d), np.nan), "no row is complete"),
        (lambda d: np.where(d["b"], 1.0, -1.0), "negative or infinite"),
        (lambda d: np.where(d["b"], 1.0, np.inf), "negative or infinite"),
        (lambda d: np.ones(3), "3 values for 720 rows"),
        (lambda d: "nope", "no column `nope`"),
        (lambda d: {"desa": "u"}, "has more than one weight"),
        (lambda d: {"psu": "u"}, "`psu` is no level"),
    ],
)
def test_weights_refused(table, fit, weights, sentence):
    with pytest.raises(UserError, match=sentence):
        fit(FORMULAS[fit], table, weights=weights(table))


@pytest.mark.parametrize("fit", [fit_logit, fit_linear])
@pytest.mark.parametrize("empty", [0.0, np.nan])
def test_rows_without_weight_are_left_out(table, fit, empty):
    found = fit(FORMULAS[fit], table, weights=np.where(table.index % 5, table["u"], empty))
    rows = table[table.index % 5 > 0]
    plain = fit(FORMULAS[fit], rows, weights=rows["u"])
    np.testing.assert_allclose(found.params, plain.params, rtol=1e-7)
    np.testing.assert_allclose(found.bse, plain.bse, rtol=1e-6)
    assert found.n_dropped == 144


@pytest.mark.parametrize(
    ("formula", "change", "sentence"),
    [
        ("C(y) ~ x", lambda d: d, "name a 0/1 or two-category column"),
        ("y ~ x", lambda d: d.assign(y=d["y"] * 0.5), "holds 0.5"),
        ("y ~ x", lambda d: d.assign(y=-d["y"]), "holds -1"),
        ("c ~ x", lambda d: d, "3 categories"),
    ],
)
def test_outcomes_that_are_not_yes_or_no(table, formula, change, sentence):
    with pytest.raises(UserError, match=sentence):
        fit_logit(formula, change(table))


@pytest.mark.parametrize(
    ("formula", "sentence"),
    [("cbind(y, x) ~ b", "one numeric response"), ("k ~ x + b", "response exactly")],
)
def test_linear_outcomes_refused(table, formula, sentence):
    with pytest.raises(UserError, match=sentence):
        fit_linear(formula, table.assign(k=3 + 2 * table["x"] - table["b"]))


def test_a_level_with_one_group_each_time_but_one(table):
    """Three levels, and all but one kabupaten hold one kecamatan: fitted, not refused."""
    kab = table["kecamatan"].clip(lower=1)
    found = fit_logit("y ~ x + b", table.assign(kab=kab), ("kab", "kecamatan", "desa"))
    assert found.converged
    assert found.loglik >= fit_logit("y ~ x + b", table).loglik - 1e-4


def test_prediction_for_groups_and_rows_not_seen(table):
    result = fit_logit("y ~ x + b", table)
    new = table.head(4).assign(desa=[999, 999, 0, 1], kecamatan=[0, 999, 999, 0])
    shift = result.predict(new, linear=True) - result.predict(new, effects="zero", linear=True)
    kecamatan, desa = (result.random_effects[name]["effect"] for name in ("kecamatan", "desa"))
    np.testing.assert_allclose(
        shift, [kecamatan[0], 0, desa[0], kecamatan[0] + desa[1]], atol=1e-12
    )
    gap = result.predict(new.assign(b=pd.array([True, None, False, True], dtype="boolean")))
    assert gap.isna().tolist() == [False, True, False, False]
    with pytest.raises(UserError, match="one of modes, zero, marginal"):
        result.predict(new, effects="nope")
    with pytest.raises(UserError, match="does not fit the model"):
        result.predict(new.drop(columns="x"))
