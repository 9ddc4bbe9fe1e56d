"""Time and memory of the multilevel logit, on simulated districts.

    python benchmarks/multilevel.py               # 3,000 and 200,000 children
    python benchmarks/multilevel.py 2000000       # any number of children

Prints a Markdown table: seconds and peak memory of each size, and how far the estimates lie
from the simulated truth in standard errors. Each size runs in a process of its own, so that
the peak is its own.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time

import numpy as np
import pandas as pd

COVARIATES = 13
LIMITS = {3_000: (0.3, None), 200_000: (12.0, 1.0)}
TRUTH = np.linspace(-0.4, 0.5, COVARIATES)
SD = {"kecamatan": 0.3, "desa": 0.35}


def simulate(children: int, areas: int, villages: int, seed: int = 1) -> pd.DataFrame:
    """Children in villages of unequal size, half of the covariates binary."""
    rng = np.random.default_rng(seed)
    share = rng.dirichlet(np.full(villages, 8.0))
    desa = np.repeat(np.arange(villages), rng.multinomial(children, share))
    kecamatan = desa % areas
    x = rng.normal(size=(children, COVARIATES))
    x[:, ::2] = (x[:, ::2] > 0.5).astype(float)
    eta = -1.0 + x @ TRUTH
    eta += rng.normal(0, SD["kecamatan"], areas)[kecamatan]
    eta += rng.normal(0, SD["desa"], villages)[desa]
    table = pd.DataFrame(x, columns=[f"x{k}" for k in range(COVARIATES)])
    table["stunted"] = (rng.random(children) < 1 / (1 + np.exp(-eta))).astype(float)
    return table.assign(kecamatan=kecamatan, desa=desa)


def measure(children: int) -> str:
    """One row of the table."""
    from analysis.determinants.multilevel import fit_logit

    villages = 120 if children <= 10_000 else 248
    data = simulate(children, 31, villages)
    formula = "stunted ~ " + " + ".join(f"x{k}" for k in range(COVARIATES))
    if children <= 10_000:
        fit_logit(formula, data)  # imports and caches are not the method's time
    begin = time.perf_counter()
    result = fit_logit(formula, data)
    seconds = time.perf_counter() - begin
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    error = np.abs((result.params.to_numpy()[1:] - TRUTH) / result.bse.to_numpy()[1:]).max()
    limit, memory = LIMITS.get(children, (None, None))
    verdict = "–"
    if limit is not None:
        within = seconds <= limit and (memory is None or peak <= memory)
        verdict = "within" if within else "OVER"
    return (
        f"| {children:,} | 31 / {villages} | {seconds:.2f} | {peak:.2f} | {error:.1f} "
        f"| {result.gradient_se:.0e} | {verdict} |"
    )


def main(sizes: list[int]) -> None:
    """Print the table."""
    print(
        "| children | areas / villages | seconds | peak GB | largest error (SE) "
        "| gradient (SE) | limit |"
    )
    print("|---:|---|---:|---:|---:|---:|---|")
    for size in sizes:
        done = subprocess.run(
            [sys.executable, __file__, "--one", str(size)],
            check=True,
            capture_output=True,
            text=True,
        )
        print(done.stdout.strip(), flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(measure(int(sys.argv[2])))
    else:
        main([int(size) for size in sys.argv[1:]] or list(LIMITS))
