"""Agreement of the multilevel logit with lme4, glmmTMB and WeMix, as a Markdown table.

    python benchmarks/multilevel_agreement.py

Reads the published numbers in tests/golden/glmm.json and, beside the checkout, the data they
were made from (../shared/golden); cases whose data are not there are named and left out.
Columns: log-likelihood ours less theirs, largest difference of fixed effects in standard
errors, largest relative difference of standard errors, largest difference of standard
deviations, and the largest gradient left in standard errors.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import binom

from analysis.determinants.multilevel import fit_linear, fit_logit
from analysis.determinants.results import MultilevelResult

REPO = Path(__file__).parents[1]
DATA = REPO.parent / "shared" / "golden"
CONTRACEPTION = "use ~ age + I(age**2) + urban + livch"
MOZAMBIQUE = "st ~ ac + I(ac**2) + C(sex) + strata"


def cbpp(quadrature: int) -> MultilevelResult:
    """Binomial counts of ill cattle in herds."""
    data = pd.read_csv(DATA / "glmm" / "cbpp.csv")
    return fit_logit("incidence ~ C(period)", data, "herd", trials="size", quadrature=quadrature)


def contraception(quadrature: int) -> MultilevelResult:
    """Use of contraception in districts of Bangladesh."""
    data = pd.read_csv(DATA / "glmm" / "contraception.csv")
    return fit_logit(CONTRACEPTION, data, "district", quadrature=quadrature)


def children() -> pd.DataFrame:
    """Surveyed children of Mozambique with a height-for-age."""
    data = pd.read_csv(DATA / "mozambique" / "children.csv").dropna(subset=["st"])
    weight = data.groupby("cluster")["wtfactor"].mean()
    return data.assign(ac=(data["age"] - 24) / 12, w2=data["cluster"].map(weight / weight.mean()))


def mozambique(quadrature: int, weights: dict[str, str] | None = None) -> MultilevelResult:
    """Stunting in clusters, unweighted or weighted at the cluster."""
    return fit_logit(MOZAMBIQUE, children(), "cluster", quadrature=quadrature, weights=weights)


def haz() -> MultilevelResult:
    """Height-for-age in clusters."""
    return fit_linear(MOZAMBIQUE.replace("st ~", "zlen ~"), children(), "cluster")


def saturated() -> float:
    """Log-likelihood of the saturated binomial model, which lme4 leaves out with nAGQ > 1."""
    data = pd.read_csv(DATA / "glmm" / "cbpp.csv")
    y, m = data["incidence"], data["size"]
    return float(binom.logpmf(y, m, y / m).sum())


CASES: dict[str, tuple[str, Callable[[], MultilevelResult]]] = {
    "cbpp_nAGQ1": ("lme4, Laplace", lambda: cbpp(1)),
    "cbpp_tmb": ("glmmTMB, Laplace", lambda: cbpp(1)),
    "cbpp_nAGQ9": ("lme4, 9 nodes", lambda: cbpp(9)),
    "cbpp_nAGQ25": ("lme4, 25 nodes", lambda: cbpp(25)),
    "Contraception_nAGQ1": ("lme4, Laplace", lambda: contraception(1)),
    "Contraception_tmb": ("glmmTMB, Laplace", lambda: contraception(1)),
    "Contraception_nAGQ9": ("lme4, 9 nodes", lambda: contraception(9)),
    "moz_glmer": ("lme4, Laplace", lambda: mozambique(1)),
    "moz_glmer_q9": ("lme4, 9 nodes", lambda: mozambique(9)),
    "moz_wemix": ("WeMix, weights at the cluster", lambda: mozambique(13, {"cluster": "w2"})),
    "moz_lmer": ("lme4 lmer, REML", haz),
}


def row(name: str, label: str, fit: Callable[[], MultilevelResult], theirs: dict[str, Any]) -> str:
    """One line of the table."""
    begin = time.perf_counter()
    ours = fit()
    seconds = time.perf_counter() - begin
    shift = saturated() if name in ("cbpp_nAGQ9", "cbpp_nAGQ25") else 0.0
    bse = np.array(theirs["bse"])
    fixed = np.abs((ours.params.to_numpy() - theirs["params"]) / bse).max()
    errors = np.abs(ours.bse.to_numpy() / bse - 1).max()
    sd = np.abs(ours.sd.to_numpy() - theirs["sd"]).max()
    data = name.split("_", maxsplit=1)[0]
    return (
        f"| {data} | {label} | {ours.loglik - shift - theirs['loglik']:+.1e} | {fixed:.4f} "
        f"| {100 * errors:.2f} % | {sd:.5f} | {ours.gradient_se:.0e} | {seconds:.2f} |"
    )


def main() -> None:
    """Print the table."""
    golden = json.loads((REPO / "tests" / "golden" / "glmm.json").read_text())
    print("| data | against | log-likelihood | fixed effects (SE) | SE | SD | gradient | seconds |")
    print("|---|---|---:|---:|---:|---:|---:|---:|")
    for name, (label, fit) in CASES.items():
        try:
            print(row(name, label, fit, golden[name]))
        except FileNotFoundError as missing:
            print(f"| {name} | {label} | data not beside the checkout: {missing.filename} |")


if __name__ == "__main__":
    main()
