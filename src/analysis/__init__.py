"""Stunting evidence for a district review: from raw survey files to one brief per kecamatan.

What a researcher needs from Python is here by name, and is loaded when it is first used:

=================  ==========================================================================
`start_project`    a project of one's own around a survey file
`load_project`     params, register and pillars of a run
`read_artefact`    a table a stage has written (`children`, `prevalence`, `review`, …)
`zscores`          WHO growth standards: sex, age, weight and height to z-scores and flags
`age_in_days`      age from dates or months, as the standards want it
`estimate`         prevalence or mean with design effect and interval
`fay_herriot`      small areas: direct estimates that borrow strength from each other
`fit_logit`        multilevel logit (lme4's `glmer`, Stata's `melogit`)
`fit_linear`       multilevel linear model (`lmer`, `mixed`)
`rate_interval`    new cases per 100 child-years with an exact interval
`verdict`          whether a figure may be printed, and why
`run_reports`      everything, up to the briefs
=================  ==========================================================================

Each has examples in its own docstring and in `docs/api.md`.

>>> import pandas as pd
>>> from analysis import zscores
>>> girl = pd.DataFrame(
...     {"sex": ["f"], "age_days": [730], "weight_kg": [10.2], "length_cm": [80.0]})
>>> zscores(girl)["haz"].tolist()
[-1.98]
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from analysis.artefacts import read as read_artefact
    from analysis.brief.disclosure import verdict
    from analysis.determinants.linear import fit_linear
    from analysis.determinants.multilevel import fit_logit
    from analysis.errors import UserError
    from analysis.intake.growth import age_in_days, zscores
    from analysis.prevalence.design import estimate
    from analysis.prevalence.smallarea import fay_herriot
    from analysis.project import Project, load_project
    from analysis.publish.run import run_reports
    from analysis.review.newcases import rate_interval
    from analysis.start import start_project

#: Public name → module and name there. Loaded on first use, so that `import analysis` is quick.
_PLACES = {
    "Project": ("analysis.project", "Project"),
    "UserError": ("analysis.errors", "UserError"),
    "age_in_days": ("analysis.intake.growth", "age_in_days"),
    "estimate": ("analysis.prevalence.design", "estimate"),
    "fay_herriot": ("analysis.prevalence.smallarea", "fay_herriot"),
    "fit_linear": ("analysis.determinants.linear", "fit_linear"),
    "fit_logit": ("analysis.determinants.multilevel", "fit_logit"),
    "load_project": ("analysis.project", "load_project"),
    "rate_interval": ("analysis.review.newcases", "rate_interval"),
    "read_artefact": ("analysis.artefacts", "read"),
    "run_reports": ("analysis.publish.run", "run_reports"),
    "start_project": ("analysis.start", "start_project"),
    "verdict": ("analysis.brief.disclosure", "verdict"),
    "zscores": ("analysis.intake.growth", "zscores"),
}

__all__ = [
    "Project",
    "UserError",
    "age_in_days",
    "estimate",
    "fay_herriot",
    "fit_linear",
    "fit_logit",
    "load_project",
    "rate_interval",
    "read_artefact",
    "run_reports",
    "start_project",
    "verdict",
    "zscores",
]


def __getattr__(name: str) -> Any:
    """Load a public name from its place (PEP 562)."""
    if name not in _PLACES:
        raise AttributeError(f"module 'analysis' has no attribute '{name}'")
    module, attribute = _PLACES[name]
    value = getattr(import_module(module), attribute)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
