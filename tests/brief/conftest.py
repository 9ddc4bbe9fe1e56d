"""A full, consistent set of artefacts for 31 areas, made by hand and checked by the schemas."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pandera.pandas as pa
import pytest
import yaml

from analysis import artefacts
from analysis.determinants.schemas import TABLES as DETERMINANTS
from analysis.intake.schemas import TABLES as INTAKE
from analysis.prevalence.schemas import TABLES as PREVALENCE
from analysis.project import Project, load_project
from analysis.review.schemas import TABLES as REVIEW

ROOT = Path(__file__).parents[2]
MONTHS = [str(p) for p in pd.period_range("2024-09", "2026-08", freq="M")]
SCHEMAS = {**INTAKE, **PREVALENCE, **DETERMINANTS, **REVIEW}
#: Areas with a special case: nothing shown, from the model alone, and shown in brackets.
SUPPRESSED, MODEL_ONLY, CAUTION = "35.09.18", "35.09.14", "35.09.31"


def make_project(folder: Path, **changes: object) -> Project:
    """The shipped parameters with their folders (and `changes`) in `folder`."""
    shutil.copytree(ROOT / "params", folder / "params")
    file = folder / "params" / "default.yaml"
    settings = yaml.safe_load(file.read_text(encoding="utf-8"))
    settings["paths"] = {
        "raw": "../raw",
        "processed": "../processed",
        "out": "../out",
        "build": "../build",
    }
    settings.update(changes)
    file.write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")
    return load_project(file)


def review_table(project: Project, rng: np.random.Generator) -> pd.DataFrame:
    """Review rows: estimates around 30 %, counts that add up to the whole place."""
    areas = project.register.areas
    estimate = np.clip(rng.normal(0.30, 0.05, len(areas)), 0.15, 0.45)
    se = 0.028 + 0.01 * rng.random(len(areas))
    table = pd.DataFrame(
        {
            "area": areas.index,
            "level": "area",
            "method": "benchmarked",
            "estimate": estimate,
            "low": estimate - 1.96 * se,
            "high": estimate + 1.96 * se,
            "n": rng.integers(110, 210, len(areas)),
            "psus": 4,
            "villages_sampled": 4,
            "villages": areas["villages"].to_numpy(),
            "rse": 100 * se / estimate,
            "verdict": "show",
            "reason": "ok",
            "confidence": np.where(se < 0.033, "high", "medium"),
            "balita": areas["balita"].astype(float).to_numpy(),
        }
    )
    table["stunted"] = table["estimate"] * table["balita"]
    above = np.clip(0.5 + (estimate - 0.30) / (4 * se), 0.001, 0.999)
    table["probability_above_whole"] = above
    table["against_whole"] = np.select(
        [above >= 0.9, above <= 0.1], ["higher", "lower"], default="similar"
    )
    weighed = np.clip(rng.normal(0.82, 0.06, len(areas)), 0.6, 0.98)
    table["routine_estimate"] = np.clip(estimate * 0.35 + rng.normal(0, 0.01, len(areas)), 0.02, 1)
    table["routine_n"] = (table["balita"] * weighed).round().astype("Int64")
    table["weighed_share"] = weighed
    table.loc[table["area"] == MODEL_ONLY, ["n", "psus", "villages_sampled"]] = 0
    table.loc[table["area"] == MODEL_ONLY, ["verdict", "reason", "confidence"]] = [
        "caution",
        "model_only",
        "low",
    ]
    table.loc[table["area"] == CAUTION, ["verdict", "reason", "confidence"]] = [
        "caution",
        "high_rse",
        "low",
    ]
    table.loc[table["area"] == SUPPRESSED, ["verdict", "reason", "confidence"]] = [
        "suppress",
        "high_rse",
        "low",
    ]
    whole = table.sum(numeric_only=True)
    p = whole["stunted"] / whole["balita"]
    total = pd.DataFrame(
        {
            "area": [project.whole],
            "level": ["whole"],
            "method": ["direct"],
            "estimate": [p],
            "low": [p - 0.02],
            "high": [p + 0.02],
            "n": [int(whole["n"])],
            "psus": [120],
            "villages_sampled": [120],
            "villages": [int(whole["villages"])],
            "rse": [100 * 0.0102 / p],
            "verdict": ["show"],
            "reason": ["ok"],
            "confidence": ["high"],
            "balita": [whole["balita"]],
            "stunted": [whole["stunted"]],
            "against_whole": ["not_compared"],
            "routine_estimate": [0.105],
            "routine_n": [int(whole["routine_n"])],
            "weighed_share": [0.83],
        }
    )
    table = pd.concat([table, total], ignore_index=True)
    table["stunted_low"] = table["low"] * table["balita"]
    table["stunted_high"] = table["high"] * table["balita"]
    table["target"], table["target_status"] = 0.1765, "derived"
    se = (table["high"] - table["low"]) / 3.92
    table["probability_at_target"] = np.clip(0.5 - (table["estimate"] - 0.1765) / (4 * se), 0, 1)
    p_at = table["probability_at_target"]
    table["word"] = np.select(
        [p_at >= 0.9, p_at <= 0.1], ["reached", "not_reached"], default="undetermined"
    )
    table["final_target"], table["final_year"] = 0.142, 2029
    table["annual_reduction_needed"] = (table["estimate"] - 0.142).clip(lower=0) * 100 / 3
    table["children_to_prevent"] = (table["estimate"] - 0.142).clip(lower=0) * table["balita"]
    table["children_to_prevent_low"] = 0.7 * table["children_to_prevent"]
    table["children_to_prevent_high"] = 1.3 * table["children_to_prevent"]
    return table


def prevalence_table(project: Project, review: pd.DataFrame, rng: np.random.Generator):
    """Published rows: stunted as in the review, and every condition of the pillars file."""
    rows = []
    for code in ("stunted", *project.pillars.conditions()):
        base = 0.3 if code == "stunted" else rng.uniform(0.2, 0.85)
        for _, area in review.iterrows():
            whole = area["level"] == "whole"
            p = area["estimate"] if code == "stunted" else base + rng.normal(0, 0.07) * (not whole)
            p = float(np.clip(p, 0.03, 0.97))
            half = 0.015 if whole else 0.05 + 0.03 * rng.random()
            n = int(area["n"])
            ages = None if code == "stunted" else project.pillars.indicators[code].ages_months
            n = n if ages is None else n // 8
            verdict, reason = "show", "ok"
            if not whole and n < 25:
                verdict, reason = "suppress", "few_children" if n else "not_sampled"
            elif not whole and n < 50:
                verdict, reason = "caution", "low_children"
            rows.append(
                {
                    "area": area["area"],
                    "level": area["level"],
                    "indicator": code,
                    "method": "direct",
                    "unit": "share",
                    "estimate": p,
                    "se": half / 1.96,
                    "low": max(p - half, 0),
                    "high": min(p + half, 1),
                    "n": n,
                    "missing": 2,
                    "psus": int(area["psus"]),
                    "df": 3.0,
                    "deff": 1.4,
                    "rse": 100 * half / 1.96 / p,
                    "verdict": verdict,
                    "reason": reason,
                    "published": True,
                }
            )
    return pd.DataFrame(rows)


def effects_table(project: Project, rng: np.random.Generator) -> pd.DataFrame:
    """One published row per modifiable indicator."""
    rows = []
    for code, indicator in project.pillars.modifiable().items():
        b, se = rng.normal(0.25, 0.15), 0.09
        rows.append(
            {
                "outcome": "stunted",
                "model": indicator.block,
                "term": code,
                "indicator": code,
                "category": None,
                "pillar": indicator.pillar,
                "coefficient": b,
                "se": se,
                "odds_ratio": np.exp(b),
                "or_low": np.exp(b - 1.96 * se),
                "or_high": np.exp(b + 1.96 * se),
                "per_100": 20 * b,
                "per_100_low": 20 * (b - 1.96 * se),
                "per_100_high": 20 * (b + 1.96 * se),
                "p_value": 0.01,
                "n": 4870,
                "dropped": 112,
                "published": True,
                "why": indicator.block,
            }
        )
    return pd.DataFrame(rows)


def attributable_table(project: Project, review: pd.DataFrame, effects: pd.DataFrame):
    """Children that go with each factor, by area, and by pillar."""
    rows = []
    for _, area in review.iterrows():
        pillars: dict[int, float] = {}
        for _, effect in effects.iterrows():
            children = max(effect["per_100"], 0.2) / 100 * area["balita"] * 0.3
            pillars[effect["pillar"]] = pillars.get(effect["pillar"], 0) + children
            rows.append(
                (area["area"], "indicator", effect["indicator"], effect["pillar"], children)
            )
        rows += [(area["area"], "pillar", str(k), k, v) for k, v in pillars.items()]
    table = pd.DataFrame(rows, columns=["area", "kind", "code", "pillar", "stunted_children"])
    table["current"], table["target"], table["target_status"] = 0.6, 0.9, "assumed"
    table["low"], table["high"] = table["stunted_children"] * 0.5, table["stunted_children"] * 1.5
    stunted = table["area"].map(review.set_index("area")["stunted"])
    for name, source in (
        ("share", "stunted_children"),
        ("share_low", "low"),
        ("share_high", "high"),
    ):
        table[name] = table[source] / stunted
    return table


def actions_table(project: Project, review: pd.DataFrame, prevalence: pd.DataFrame):
    """Every indicator below its target, with its programmes; the widest three are decisions."""
    rows = []
    seen = prevalence.set_index(["area", "indicator"])
    for _, area in review.iterrows():
        gaps = []
        for code, indicator in project.pillars.conditions().items():
            if indicator.pillar is None:
                continue
            p = seen.loc[(area["area"], code)]
            coverage, low, high = p["estimate"], p["low"], p["high"]
            if indicator.better == "lower":
                coverage, low, high = 1 - coverage, 1 - high, 1 - low
            target = indicator.target.value / 100 if indicator.target else np.nan
            reference = target if indicator.target else 0.7
            if reference > coverage and p["verdict"] != "suppress":
                gaps.append((reference - coverage, code, coverage, low, high, target))
        gaps.sort(reverse=True)
        for place, (gap, code, coverage, low, high, target) in enumerate(gaps, start=1):
            indicator = project.pillars.indicators[code]
            programmes = project.programmes[project.programmes["indicator"] == code]
            for _, programme in programmes.iterrows():
                rows.append(
                    {
                        "area": area["area"],
                        "indicator": code,
                        "pillar": indicator.pillar,
                        "rank": place if place <= 3 else 0,
                        "coverage": coverage,
                        "low": low,
                        "high": high,
                        "target": target,
                        "target_status": indicator.target.status if indicator.target else "none",
                        "gap": gap,
                        "children": (1 - coverage) * area["balita"],
                        "stunted_children": gap * 0.1 * area["balita"],
                        "evidence": 1 + place % 3,
                        "evidence_reason": "",
                        "opd": programme["opd"],
                        "opd_name": programme["opd_name"],
                        "programme": programme["programme"],
                        "target_group": programme["target_group"],
                        "budget_source": programme["budget_source"],
                        "timing": programme["timing"],
                        "programme_status": programme["status"],
                        "verdict": "show",
                    }
                )
    return pd.DataFrame(rows)


def new_cases_table(review: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Two years of months for each area, and their sum."""
    rows = []
    for _, area in review.iterrows():
        scale = 30 if area["level"] == "whole" else 1
        months = []
        for month in MONTHS:
            new = int(rng.poisson(6 * scale))
            months.append(
                (month, 170 * scale, new, int(rng.poisson(4 * scale)), int(rng.poisson(15 * scale)))
            )
        rows += [(area["area"], *m) for m in months]
        rows.append(
            (area["area"], "all", 190 * scale, *(sum(m[i] for m in months) for i in (2, 3, 4)))
        )
    table = pd.DataFrame(rows, columns=["area", "month", "at_risk", "new", "recovered", "lost"])
    table["child_years"] = np.where(
        table["month"] == "all", table["at_risk"] * 1.5, table["at_risk"] / 12
    )
    table["rate"] = 100 * table["new"] / table["child_years"]
    table["low"], table["high"] = table["rate"] * 0.8, table["rate"] * 1.2
    table["persistent"], table["never_measured"], table["once"] = 9, 21, 12
    return table


def two_numbers_table(review: pd.DataFrame) -> pd.DataFrame:
    """The bridge: routine figure, its steps, the survey's figure."""
    steps = [
        ("recorded", 0.0, "computed", "status_as_recorded"),
        ("recomputed", 0.04, "computed", "who_2006"),
        ("one_per_child", -0.005, "computed", "ok"),
        ("composition", 0.01, "computed", "age_sex_area"),
        ("not_weighed", 0.0, "bounded", "worst_and_best_case"),
        ("remainder", np.nan, "computed", "measurement_and_selection"),
        ("survey", np.nan, "computed", "survey_direct"),
    ]
    rows = []
    for _, area in review.iterrows():
        value = area["routine_estimate"]
        for order, (step, change, status, basis) in enumerate(steps):
            if step == "remainder":
                change, value = area["estimate"] - value, area["estimate"]
            elif step != "survey":
                value += change
            rows.append(
                {
                    "area": area["area"],
                    "order": order,
                    "step": step,
                    "value": value,
                    "change": change,
                    "low": value - 0.02,
                    "high": min(value + 0.02, 1),
                    "n": 300,
                    "status": status,
                    "basis": basis,
                }
            )
    table = pd.DataFrame(rows)
    table["low"] = table["low"].clip(lower=0)
    return table


def priorities_table(project: Project, review: pd.DataFrame, rng: np.random.Generator):
    """Areas and villages, some of them too small to show."""
    rows = [
        ("area", r["area"], None, int(r["n"]), r["stunted"], r["estimate"], False, r["verdict"])
        for _, r in review[review["level"] == "area"].iterrows()
    ]
    for code, village in project.register.villages.iterrows():
        n = int(rng.integers(15, 60))
        stunted = int(rng.binomial(n, 0.11))
        verdict = "suppress" if n < 25 or 1 <= stunted <= 4 else "caution" if n < 50 else "show"
        rows.append(
            (
                "village",
                village["kecamatan"],
                code,
                n,
                stunted,
                stunted / n,
                rng.random() < 0.12,
                verdict,
            )
        )
    table = pd.DataFrame(
        rows, columns=["kind", "area", "village", "n", "stunted", "rate", "locus", "verdict"]
    )
    for kind in ("area", "village"):
        part = table["kind"] == kind
        table.loc[part, "by_number"] = table.loc[part, "stunted"].rank(
            ascending=False, method="first"
        )
        table.loc[part, "by_rate"] = table.loc[part, "rate"].rank(ascending=False, method="first")
    table["score"], table["score_low"], table["score_high"] = 0.5, 0.4, 0.6
    return table


def data_quality_table(review: pd.DataFrame) -> pd.DataFrame:
    """A few findings for every area."""
    rows = []
    for area in review["area"]:
        rows += [
            ("survey", area, None, "flagged_share", 0.4, 168, 1.0, "good", "WHO/UNICEF 2019", None),
            (
                "survey",
                area,
                None,
                "haz_sd",
                1.34,
                168,
                1.3,
                "caution",
                "WHO/UNICEF 2019",
                "wider_tails",
            ),
            (
                "routine",
                area,
                None,
                "digit_preference_length",
                62.0,
                1200,
                20.0,
                "poor",
                "NiPN",
                "rounding",
            ),
        ]
    return pd.DataFrame(
        rows,
        columns=[
            "scope", "kecamatan", "unit", "indicator", "value", "n", "threshold", "verdict",
            "source", "consequence",
        ],
    )  # fmt: skip


def series_table(review: pd.DataFrame) -> pd.DataFrame:
    """Published figures of the whole place, the run's own last."""
    whole = review[review["level"] == "whole"].iloc[0]
    rows = [
        (2021, "SSGI", 0.239, "none"),
        (2022, "SSGI", 0.349, "none"),
        (2023, "SKI", 0.297, "none"),
        (2024, "SSGI", 0.304, "published"),
        (2026, "Survei Status Gizi Balita Kabupaten 2026", whole["estimate"], "measured"),
    ]
    table = pd.DataFrame(rows, columns=["year", "survey", "estimate", "n_basis"])
    known = table["n_basis"] != "none"
    table["low"] = (table["estimate"] - 0.03).where(known)
    table["high"] = (table["estimate"] + 0.03).where(known)
    table["scope"], table["place"], table["n"], table["break"] = "whole", "Jember", 836, False
    table["word"] = "not_comparable"
    return table


def path_table() -> pd.DataFrame:
    """The selected target path by year."""
    rows = [(2025, 0.188, "confirmed", "point"), (2026, 0.1765, "derived", "interpolated"),
            (2029, 0.142, "confirmed", "point")]  # fmt: skip
    table = pd.DataFrame(rows, columns=["year", "target", "target_status", "target_kind"])
    return table.assign(path="rpjmn", selected=True, source="")


def make_tables(project: Project, seed: int = 1) -> dict[str, pd.DataFrame]:
    """Every artefact a brief reads."""
    rng = np.random.default_rng(seed)
    review = review_table(project, rng)
    prevalence = prevalence_table(project, review, rng)
    effects = effects_table(project, rng)
    return {
        "review": review,
        "prevalence": prevalence,
        "effects": effects,
        "attributable": attributable_table(project, review, effects),
        "actions": actions_table(project, review, prevalence),
        "new_cases": new_cases_table(review, rng),
        "two_numbers": two_numbers_table(review),
        "priorities": priorities_table(project, review, rng),
        "data_quality": data_quality_table(review),
        "series": series_table(review),
        "target_path": path_table(),
        "variance_components": pd.DataFrame(
            {
                "outcome": "stunted",
                "model": ["null", "null"],
                "group": ["kecamatan", "desa"],
                "groups": [31, 120],
                "sd": [0.28, 0.36],
                "icc": [0.022, 0.059],
                "median_odds_ratio": [1.31, 1.41],
                "change": [0.0, 0.0],
                "loglik": [-2900.0, -2900.0],
                "n": [4870, 4870],
                "converged": [True, True],
                "gradient_se": [1e-6, 1e-6],
            }
        ),
    }


def completed(frame: pd.DataFrame, schema: pa.DataFrameSchema) -> pd.DataFrame:
    """Add the schema's columns no brief looks at: missing, or a first allowed value."""
    frame = frame.copy()
    for name, column in schema.columns.items():
        if name in frame:
            continue
        allowed = [c.statistics["allowed_values"] for c in column.checks if c.name == "isin"]
        if column.nullable:
            frame[name] = None
        elif allowed:
            frame[name] = next(iter(allowed[0]))
        else:
            frame[name] = "" if str(column.dtype).startswith("str") else 0
    return frame


def write_tables(
    project: Project, tables: dict[str, pd.DataFrame], *, synthetic: bool = True
) -> None:
    """Write the artefacts through their schemas."""
    for name, frame in tables.items():
        frame = completed(frame, SCHEMAS[name])
        facts = artefacts.provenance(project, "test", []) | {"synthetic": synthetic}
        artefacts.write(project, name, frame, SCHEMAS[name], facts)


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The shipped parameters with a full set of artefacts in a temporary folder."""
    made = make_project(tmp_path_factory.mktemp("brief"))
    write_tables(made, make_tables(made))
    return made


@pytest.fixture
def new_project(tmp_path: Path) -> Callable[..., Project]:
    """Make a project of one's own: changed parameters, chosen artefacts."""

    def build(drop: tuple[str, ...] = (), synthetic: bool = True, **changes: object) -> Project:
        made = make_project(tmp_path / "own", **changes)
        tables = {k: v for k, v in make_tables(made).items() if k not in drop}
        write_tables(made, tables, synthetic=synthetic)
        return made

    return build
