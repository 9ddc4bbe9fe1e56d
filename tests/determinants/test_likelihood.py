"""The likelihood against brute force: dense matrices, and integrals on a fine grid."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize
from scipy.special import expit, logsumexp

from analysis.determinants.engine.laplace import LaplaceLikelihood, Problem
from analysis.determinants.engine.optimise import total_gradient
from analysis.determinants.engine.quadrature import NestedQuadratureLikelihood, QuadratureLikelihood
from analysis.determinants.engine.tree import build_tree
from analysis.determinants.multilevel import fit_logit

from .conftest import simulate


def problem(levels: int, *, weighted: bool, seed: int = 0) -> Problem:
    """A small problem with one to three levels and, when asked, a weight at every level."""
    rng = np.random.default_rng(seed)
    desa = np.repeat(np.arange(18), 9)
    labels = {"kecamatan": desa // 3, "desa": desa, "household": np.arange(len(desa)) // 3}
    chosen = {1: ["desa"], 2: ["kecamatan", "desa"], 3: list(labels)}[levels]
    tree, _ = build_tree(pd.DataFrame({name: labels[name] for name in chosen}))
    n = len(desa)
    x = np.column_stack([np.ones(n), rng.normal(size=n)])
    eta = x @ [-0.3, 0.6] + rng.normal(0, 0.6, 18)[desa]
    trials = rng.integers(1, 4, n).astype(float)
    successes = rng.binomial(trials.astype(int), expit(eta)).astype(float)
    node_weights = []
    for level in range(levels):
        size = len(tree.labels[level])
        own = rng.uniform(0.5, 2, size) if weighted else np.ones(size)
        node_weights.append(own * (tree.down(level - 1, node_weights[-1]) if level else 1))
    rows = tree.down(levels - 1, node_weights[-1])
    if weighted:
        rows = rows * rng.uniform(0.5, 2, n)
    return Problem(x, successes, trials, rows, tuple(node_weights), tree, 0.0)


def conditional(p: Problem, eta: np.ndarray) -> np.ndarray:
    return p.successes * eta - p.trials * np.logaddexp(0, eta)


def dense_laplace(p: Problem, theta: np.ndarray) -> float:
    """Laplace's method with one full matrix of all random effects, by a general optimiser."""
    beta, sd = p.split(theta)
    blocks = []
    for level in range(p.tree.depth):
        starts = np.append(p.tree.row_starts(level), len(p.x))
        node = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
        blocks.append(sd[level] * np.eye(len(starts) - 1)[node])
    z = np.hstack(blocks)

    def negative(u):
        eta = p.x @ beta + z @ u
        gradient = u - z.T @ (p.successes - p.trials * expit(eta))
        return 0.5 * u @ u - conditional(p, eta).sum(), gradient

    mode = minimize(negative, np.zeros(z.shape[1]), jac=True, method="BFGS", options={"gtol": 1e-9})
    prob = expit(p.x @ beta + z @ mode.x)
    hessian = np.eye(z.shape[1]) + (z.T * (p.trials * prob * (1 - prob))) @ z
    return -mode.fun - 0.5 * np.linalg.slogdet(hessian)[1]


def exact(p: Problem, theta: np.ndarray, grid: int = 80) -> float:
    """Integrate one or two levels on a fixed fine grid (weights at every level allowed)."""
    beta, sd = p.split(theta)
    nodes, weights = np.polynomial.hermite_e.hermegauss(grid)
    log_w = np.log(weights / weights.sum())
    fixed = p.x @ beta
    own = p.row_weights / p.tree.down(p.tree.depth - 1, p.node_weights[-1])

    def innermost(shift):
        eta = fixed[:, None] + shift + sd[-1] * nodes
        rows = own[:, None] * (
            p.successes[:, None] * eta - p.trials[:, None] * np.logaddexp(0, eta)
        )
        return logsumexp(p.tree.up(p.tree.depth - 1, rows) + log_w, axis=1)

    if p.tree.depth == 1:
        return float(p.node_weights[0] @ innermost(0.0))
    conditional_weight = p.node_weights[1] / p.tree.down(0, p.node_weights[0])
    outer = [p.tree.up(0, conditional_weight * innermost(sd[0] * v)) for v in nodes]
    return float(p.node_weights[0] @ logsumexp(np.column_stack(outer) + log_w, axis=1))


THETA = {1: [-0.2, 0.4, 0.6], 2: [-0.2, 0.4, 0.6, 0.5], 3: [-0.2, 0.4, 0.6, 0.5, 0.4]}


@pytest.mark.parametrize("levels", [1, 2, 3])
def test_elimination_up_the_tree_equals_the_dense_matrix(levels):
    p, theta = problem(levels, weighted=False), np.array(THETA[levels])
    assert LaplaceLikelihood(p).evaluate(theta).loglik == pytest.approx(
        dense_laplace(p, theta), abs=1e-8
    )


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(
    ("levels", "kind", "nodes", "tolerance"),
    [
        (1, "laplace", 1, 1e-6),
        (2, "laplace", 1, 1e-6),
        (3, "laplace", 1, 1e-6),
        (1, "quadrature", 2, 1e-6),
        (1, "quadrature", 9, 1e-6),
        (2, "nested", 21, 1e-6),
        (3, "nested", 21, 1e-6),
    ],
)
def test_gradient_is_exact(levels, kind, nodes, tolerance, weighted):
    p, theta = problem(levels, weighted=weighted), np.array(THETA[levels])
    likelihood = {
        "laplace": lambda: LaplaceLikelihood(p),
        "quadrature": lambda: QuadratureLikelihood(p, nodes),
        "nested": lambda: NestedQuadratureLikelihood(p, nodes),
    }[kind]()
    found = total_gradient(p, likelihood.evaluate(theta))
    step = 1e-5 * np.eye(len(theta))
    expected = [
        (likelihood.evaluate(theta + s).loglik - likelihood.evaluate(theta - s).loglik) / 2e-5
        for s in step
    ]
    np.testing.assert_allclose(found, expected, atol=tolerance * 10, rtol=tolerance)


@pytest.mark.parametrize("weighted", [False, True])
def test_quadrature_of_one_level_is_the_exact_integral(weighted):
    p, theta = problem(1, weighted=weighted), np.array(THETA[1])
    found = QuadratureLikelihood(p, 25).evaluate(theta).loglik
    assert found == pytest.approx(exact(p, theta), abs=1e-7)


@pytest.mark.parametrize("weighted", [False, True])
def test_quadrature_within_two_levels_comes_closer_than_laplace(weighted):
    p, theta = problem(2, weighted=weighted), np.array(THETA[2])
    truth = exact(p, theta)
    laplace = abs(LaplaceLikelihood(p).evaluate(theta).loglik - truth)
    nested = abs(NestedQuadratureLikelihood(p, 15).evaluate(theta).loglik - truth)
    assert nested < 0.2 * laplace
    assert nested < 0.05


def test_maximum_and_errors_equal_those_of_the_exact_integral():
    """The whole way, against a general optimiser on the brute-force likelihood."""
    data = simulate(3, areas=25, villages=1, children=8, sd=(0.9, 0.0))
    result = fit_logit("y ~ x + b", data, "kecamatan", quadrature=25)
    tree, order = build_tree(data[["kecamatan"]])
    x = np.column_stack([np.ones(len(data)), data["x"], data["b"]]).astype(float)[order]
    y = data["y"].to_numpy(float)[order]
    ones = np.ones(len(y))
    p = Problem(x, y, ones, ones, (np.ones(25),), tree, 0.0)
    best = minimize(lambda t: -exact(p, t), [0, 0, 0, 0.5], method="BFGS", options={"gtol": 1e-6})
    assert result.loglik == pytest.approx(-best.fun, abs=1e-7)
    np.testing.assert_allclose(result.params, best.x[:3], atol=1e-4)
    assert result.sd.iloc[0] == pytest.approx(abs(best.x[3]), abs=1e-4)
    h = 1e-3
    e = h * np.eye(4)
    hessian = [
        [
            (
                exact(p, best.x + a + b)
                - exact(p, best.x + a - b)
                - exact(p, best.x - a + b)
                + exact(p, best.x - a - b)
            )
            / (4 * h * h)
            for a in e
        ]
        for b in e
    ]
    errors = np.sqrt(np.diag(np.linalg.inv(-np.array(hessian))))
    np.testing.assert_allclose(result.bse, errors[:3], rtol=1e-3)
    assert result.sd_bse.iloc[0] == pytest.approx(errors[3], rel=1e-3)


def test_no_overflow_far_from_the_maximum():
    p = problem(2, weighted=False)
    found = LaplaceLikelihood(p).evaluate(np.array([400.0, -300.0, 30.0, 20.0]))
    assert np.isfinite(found.loglik)
    assert np.all(np.isfinite(found.row_scores))
