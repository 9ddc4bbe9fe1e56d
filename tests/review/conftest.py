"""A small project and small frames that obey the schemas of the earlier stages."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from analysis import artefacts
from analysis.project import Project, load_project
from analysis.review.inputs import NAMES, SCHEMAS, Inputs, empty
from analysis.review.stage import build

AREAS = ("11.01", "11.02", "11.03")
WHOLE = "11"

PILLARS = {
    "source": "regulation",
    "note": {"id": "catatan", "en": "note"},
    "pillars": [
        {"number": n, "name": {"id": f"Pilar {n}", "en": f"Pillar {n}"}, "short": {"id": "P", "en": "P"}}
        for n in (2, 3, 4)
    ],
    "indicators": {
        "sanitation": {
            "pillar": 3, "level": "household", "block": "underlying",
            "label": {"id": "Sanitasi", "en": "Sanitation"},
            "unfavourable": {"id": "tanpa sanitasi", "en": "no sanitation"},
            "definition": {"id": "d", "en": "d"},
            "target": {"value": 90, "year": 2024, "status": "confirmed", "source": "rule"},
            "opd": ["works", "health"],
        },
        "early_marriage": {
            "pillar": 2, "level": "mother", "block": "basic", "better": "lower",
            "label": {"id": "Nikah dini", "en": "Early marriage"},
            "unfavourable": {"id": "nikah dini", "en": "early marriage"},
            "definition": {"id": "d", "en": "d"}, "opd": ["family"],
        },
        "breastfed": {
            "pillar": 3, "level": "child", "block": "immediate", "in_model": False,
            "label": {"id": "ASI", "en": "Breastfed"}, "definition": {"id": "d", "en": "d"},
            "ages_months": [0, 5],
            "target": {"value": 80, "year": 2024, "status": "confirmed", "source": "rule"},
            "opd": ["health"],
        },
        "egg": {
            "pillar": 4, "level": "household", "block": "immediate",
            "label": {"id": "Telur", "en": "Egg"},
            "unfavourable": {"id": "tanpa telur", "en": "no egg"},
            "definition": {"id": "d", "en": "d"}, "opd": ["food"],
        },
    },
}  # fmt: skip

PARAMS = {
    "place": {
        "name": "Contoh", "full_name": {"id": "Kabupaten Contoh", "en": "Contoh District"},
        "province": "Provinsi", "code": WHOLE, "level": {"id": "kabupaten", "en": "district"},
        "area_level": {"id": "Kecamatan", "en": "Subdistrict"},
        "village_level": {"id": "desa", "en": "village"}, "register_file": "areas.csv",
    },
    "paths": {"raw": "raw", "processed": "processed", "out": "out", "build": "build"},
    "survey": {
        "name": {"id": "Survei Contoh", "en": "Sample survey"}, "year": 2026,
        "period": {"id": "Agustus 2026", "en": "August 2026"},
        "files": ["s.csv"], "columns": "map.yaml",
    },
    "routine": {
        "name": {"id": "Rutin", "en": "Routine"}, "files": ["r.csv"], "columns": ["map.yaml"],
        "month": "2026-08",
    },
    "population": {"source": {"id": "register", "en": "register"}},
    "review": {
        "year": 2026, "meeting": {"id": "Rapat", "en": "Meeting"}, "date": "2026-12-10",
        "status": "draft", "audience": {"id": "OPD", "en": "agencies"},
        "publisher": {"id": "Bappeda", "en": "Bappeda"},
        "series_file": "series.csv", "administrative_file": "administrative.csv",
    },
    "targets": {
        "selected": "plan",
        "paths": {
            "plan": {
                "label": {"id": "Rencana", "en": "Plan"},
                "points": [
                    {"year": 2025, "value": 18.8, "status": "confirmed", "source": "a"},
                    {"year": 2029, "value": 14.2, "status": "confirmed", "source": "b"},
                ],
            },
            "old": {
                "label": {"id": "Lama", "en": "Old"},
                "points": [{"year": 2024, "value": 14.0, "status": "confirmed", "source": "c"}],
            },
        },
    },
    "pillars_file": "pillars.yaml",
    "programmes_file": "programmes.csv",
}  # fmt: skip

SERIES = """year,survey,area,prevalence_pct,n_children,note,source
2021,SSGI,Contoh,23.9,,,a
2022,SSGI,Contoh,34.9,,,a
2023,SKI,Contoh,29.7,,,b
2024,SSGI,Contoh,30.4,836,,c
2022,SSGI,Provinsi,19.2,,,a
2024,SSGI,Provinsi,14.7,,,c
2024,SSGI,Indonesia,19.8,,,c
"""
PROGRAMMES = """opd,opd_name,programme,indicator,target_group,budget_source,timing,status
works,Dinas PU,Jamban,sanitation,rumah tangga,DAK,2027,unverified
health,Dinas Kesehatan,STBM,sanitation,rumah tangga,BOK,2027,unverified
family,Dinas KB,=HYPERLINK(1),early_marriage,remaja,APBD,2027,confirmed
health,Dinas Kesehatan,Konseling,breastfed,ibu,BOK,2027,unverified
"""


def write_place(folder: Path, **changes: object) -> Project:
    """Write the params of a place with three areas; `changes` replace top-level keys."""
    params = {k: v for k, v in {**PARAMS, **changes}.items() if v is not None}
    (folder / "params.yaml").write_text(yaml.safe_dump(params), encoding="utf-8")
    (folder / "pillars.yaml").write_text(yaml.safe_dump(PILLARS), encoding="utf-8")
    (folder / "map.yaml").write_text("kind: survey\n", encoding="utf-8")
    (folder / "areas.csv").write_text(
        "code,name,aliases,villages,balita,balita_status,tile_row,tile_col\n"
        "11.01,Utara,,2,1000,registered,0,0\n11.02,Tengah,,2,2000,registered,1,0\n"
        "11.03,Selatan,,2,1000,registered,2,0\n",
        encoding="utf-8",
    )
    (folder / "series.csv").write_text(SERIES, encoding="utf-8")
    (folder / "administrative.csv").write_text(
        "year,period,prevalence_pct,note,source\n2024,2024-05,<10,,t\n2024,2024-11,11.4,,u\n",
        encoding="utf-8",
    )
    (folder / "programmes.csv").write_text(PROGRAMMES, encoding="utf-8")
    return load_project(folder / "params.yaml")


@pytest.fixture
def make_project(tmp_path: Path) -> Callable[..., Project]:
    """Write the params of a place of this test's own; keyword arguments replace keys."""
    return functools.partial(write_place, tmp_path)


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The place with three areas as it is, shared: tests that write make their own."""
    return write_place(tmp_path_factory.mktemp("place"))


def frame(name: str, rows: list[Mapping[str, object]]) -> pd.DataFrame:
    """Rows of an artefact; columns they leave out are missing; checked against its schema."""
    if not rows:
        return empty(name)
    schema = SCHEMAS[name]
    table = pd.DataFrame(rows)
    for column in schema.columns:
        if column not in table:
            table[column] = None
    return schema.validate(table)


def estimate_row(
    area: str, indicator: str, p: float, half: float = 0.04, **more: object
) -> dict[str, object]:
    """A published row of `prevalence` with an interval of ± `half`."""
    se = half / 1.96
    return {
        "area": area, "level": "whole" if area == WHOLE else "area", "indicator": indicator,
        "method": "direct" if area == WHOLE else "benchmarked", "unit": "share", "estimate": p,
        "se": se, "low": p - half, "high": p + half, "n": 200, "missing": 0, "psus": 8,
        "deff": 1.5, "rse": 100 * se / p, "verdict": "show", "reason": "ok", "published": True,
        **more,
    }  # fmt: skip


def stunting_rows(values: Mapping[str, float], half: float = 0.04) -> list[dict[str, object]]:
    """Published stunting rows, the whole's interval half as wide."""
    return [
        estimate_row(a, "stunted", p, half / 2 if a == WHOLE else half) for a, p in values.items()
    ]


def visit(child: str, month: str, age_days: float, haz: float, **more: object) -> dict[str, object]:
    """One routine record; `recorded_stunted` as measured unless given."""
    return {
        "child_id": child, "linked_by": "nik", "source_file": "r.csv",
        "source_row": more.pop("source_row", 2), "kecamatan": more.pop("area", AREAS[0]),
        "desa": "A", "month": month, "sex": "m", "age_days": age_days, "haz": haz,
        "haz_flag": abs(haz) > 6, "stunted": None if abs(haz) > 6 else haz < -2,
        "severely_stunted": haz < -3, "recorded_haz": haz, "recorded_stunted": haz < -2, **more,
    }  # fmt: skip


@pytest.fixture(scope="session")
def inputs() -> Inputs:
    """Stunting estimates of three areas and the whole; nothing else."""
    values = {AREAS[0]: 0.10, AREAS[1]: 0.24, AREAS[2]: 0.34, WHOLE: 0.23}
    frames = {f.name: empty(f.name) for f in dataclasses.fields(Inputs)}
    return Inputs(**{**frames, "prevalence": frame("prevalence", stunting_rows(values))})


def population(balita: Mapping[str, float], status: str = "registered") -> pd.DataFrame:
    """Children under five shared evenly over sexes and months of age."""
    months = {"0-5": 6, "6-11": 6, "12-23": 12, "24-35": 12, "36-47": 12, "48-59": 12}
    return frame(
        "population",
        [
            {"kecamatan": a, "sex": s, "age_group": g, "balita": n * m / 120, "status": status}
            for a, n in balita.items()
            for s in ("m", "f")
            for g, m in months.items()
        ],
    )


def children_rows(area: str, n: int, seed: int = 0) -> list[dict[str, object]]:
    """Surveyed children of an area."""
    rng = np.random.default_rng(seed)
    haz = rng.normal(-1.5, 1.1, n)
    return [
        {
            "child_id": f"{area}-{i}", "source_file": "s.csv", "source_row": i + 2,
            "kecamatan": area, "desa": f"D{i % 2}", "psu": f"{area}-{i % 8}",
            "sampling_weight": 1.0, "sex": "mf"[i % 2], "age_days": 30.0 + (i * 37) % 1700,
            "haz": float(haz[i]), "haz_flag": False, "stunted": bool(haz[i] < -2),
        }
        for i in range(n)
    ]  # fmt: skip


SHARES = {
    "sanitation": (0.60, 0.50, 0.80),
    "early_marriage": (0.40, 0.20, 0.15),
    "breastfed": (0.70, 0.70, 0.90),
    "egg": (0.30, 0.60, 0.55),
}


@pytest.fixture(scope="session")
def full(inputs: Inputs) -> Inputs:
    """Coverage of four indicators, effects of two, children attributable to them."""
    rows = stunting_rows({AREAS[0]: 0.10, AREAS[1]: 0.24, AREAS[2]: 0.34, WHOLE: 0.23})
    for code, shares in SHARES.items():
        rows += [estimate_row(a, code, p) for a, p in zip(AREAS, shares, strict=True)]
        rows.append(estimate_row(WHOLE, code, sum(shares) / 3))
    effects = [
        {"outcome": "stunted", "model": "m", "term": c, "indicator": c, "pillar": 3, "n": 600,
         "per_100": p, "per_100_low": low, "per_100_high": high, "published": True, "dropped": 0}
        for c, p, low, high in (("sanitation", 6.0, 2.0, 10.0), ("early_marriage", 2.0, -1.0, 5.0))
    ]  # fmt: skip
    attributable = [
        {"area": a, "kind": "indicator", "code": c, "pillar": 3, "target": 0.8, "stunted_children": n,
         "target_status": s, "low": n / 2, "high": 2 * n}
        for a in AREAS
        for c, n, s in (("sanitation", 20.0, "confirmed"), ("early_marriage", 90.0, "assumed"))
    ]  # fmt: skip
    return dataclasses.replace(
        inputs,
        prevalence=frame("prevalence", rows),
        effects=frame("effects", effects),
        attributable=frame("attributable", attributable),
        population=population({AREAS[0]: 1000, AREAS[1]: 2000, AREAS[2]: 1000}),
    )


def write_all(project: Project, inputs: Inputs, **facts: object) -> None:
    """Write every input as an artefact of the project."""
    for name in NAMES:
        table = getattr(inputs, name)
        artefacts.write(project, name, table, SCHEMAS[name], {"synthetic": False, **facts})


def history(
    child: str, *haz: float | None, start: int = 300, **more: object
) -> list[dict[str, object]]:
    """One measurement a month from April 2026; None where the child did not come."""
    months = [f"2026-{month:02d}" for month in range(4, 9)]
    return [
        visit(child, months[i], start + 30 * i, z, source_row=i + 2, **more)
        for i, z in enumerate(haz)
        if z is not None
    ]


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory, full: Inputs) -> Project:
    """A place whose review has been made: one area suppressed, few new cases in another."""
    project = write_place(tmp_path_factory.mktemp("made"))
    prevalence = full.prevalence.copy()
    here = (prevalence["area"] == AREAS[0]) & prevalence["indicator"].isin(["stunted", "egg"])
    prevalence.loc[here, ["verdict", "reason"]] = ["suppress", "few_children"]
    rows = []
    for area, cases in zip(AREAS, (40, 30, 3), strict=True):
        for i in range(60):
            second = -2.5 if i < cases else -1.0
            rows += history(f"{area}-{i}", -1.0, second, second, area=area, desa="=cmd()")
    given = dataclasses.replace(full, prevalence=prevalence, visits=frame("visits", rows))
    write_all(project, given)
    build(project)
    return project
