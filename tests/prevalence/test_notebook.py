"""Sentences, tables and pictures of notebook 2, and the notebook itself."""

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient

from analysis import artefacts
from analysis.prevalence import notebook, plots, telling

WORDS = dict.fromkeys(
    [
        "x",
        "y",
        "whole",
        "direct",
        "hidden",
        "smoothed",
        "published",
        "show",
        "caution",
        "suppress",
        "n",
        "limits",
        "limit",
        "fitted",
        "residual",
        "normal",
    ],
    "word",
)


@pytest.fixture
def run(stage_run):
    return stage_run


@pytest.fixture(scope="module")
def names(project):
    return {code: project.area_name(code) for code in [*project.register.codes, project.whole]}


def test_benchmark_sentences():
    fact = {
        "indicator": "stunted", "against": "official", "figure": 0.304, "before": 0.3084,
        "factor": 0.98574, "source": "SSGI 2024",
    }  # fmt: skip
    assert telling.benchmark_sentence(fact, "id") == (
        "Angka semua kecamatan dikalikan 0,986 supaya, bila ditimbang dengan jumlah balita, jumlahnya "
        "sama dengan angka resmi (SSGI 2024): dari 30,8 % menjadi 30,4 %."
    )
    survey = telling.benchmark_sentence({**fact, "against": "survey"}, "en")
    assert survey.startswith("Every area's figure was multiplied by 0.986")
    assert "the survey's own figure" in survey


@pytest.mark.parametrize("language", ["id", "en"])
def test_every_note_has_a_sentence(run, language):
    codes = [
        *run.notes, "no_weights", "no_strata", "no_psu", "blank_psu:5", "blank_stratum:1",
        "blank_sampling_weight:2", "children_from:areas_file", "children_from:sampling_weights",
        "covariate_left_out:poverty", "unit_level_without_register", "unit_level_not_fitted",
        "unit_level_not_converged",
    ]  # fmt: skip
    sentences = [telling.note_sentence(code, language) for code in codes]
    assert all(sentence.endswith(".") for sentence in sentences)
    assert "5" in telling.note_sentence("blank_psu:5", language)


def test_suppressed_figures_are_blank_in_tables(run, project, names):
    table = run.tables["prevalence"]
    shown = notebook.estimates_table(table, "stunted", names, "hidden")
    direct = table.query("indicator == 'stunted' and method == 'direct' and level == 'area'")
    suppressed = (direct["verdict"] == "suppress").to_numpy()
    assert suppressed.any()
    assert ((shown["direct"] == "hidden").to_numpy() == suppressed).all()
    percent = notebook.percent(table)
    assert percent.loc[table["verdict"] == "suppress", notebook.FIGURES].isna().all(axis=None)
    overview = notebook.overview(table, project)
    assert overview.loc["stunted", "estimate"] == pytest.approx(
        100 * table.query("indicator == 'stunted' and level == 'whole'")["estimate"].iloc[0]
    )
    assert overview.loc["haz", "estimate"] < 0  # a mean is not made a percentage
    assert notebook.verdict_table(table)["figures"].sum() == len(table)
    model = notebook.model_table(run.results["stunted"].smoothed)
    assert "coefficient routine_prevalence" in model.index


def test_pictures_show_every_area_once(run, names):
    table = run.tables["prevalence"]
    figure = plots.shrinkage(table, names, WORDS)
    rings = sum(len(collection.get_offsets()) for collection in figure.axes[0].collections[1:3])
    sampled = table.query("indicator == 'stunted' and method == 'direct' and level == 'area'")
    assert rings == len(sampled)
    assert [t.get_text() for t in figure.axes[0].get_yticklabels()].count(names["35.09.08"]) == 1
    figure = plots.caterpillar(table, names, WORDS)
    points = sum(len(line.get_xdata()) for line in figure.axes[0].lines[:2])
    assert points == len(sampled)


def test_other_pictures_draw(run, names):
    table = run.tables["prevalence"]
    limits = plots.funnel(table, names, WORDS).axes[0].lines
    assert len(limits) >= 5
    assert plots.relative_errors(table, names, 25, WORDS).axes[0].get_xlim()[0] == 0
    pairs = {"benchmarked": "a", "unit_level": "b", "absent": "c"}
    assert len(plots.side_by_side(table, pairs, WORDS).axes) == 2
    fit = run.results["stunted"].smoothed
    right = plots.diagnostics(fit, WORDS).axes[1]
    drawn = right.collections[0].get_offsets()[:, 1]
    assert (np.diff(drawn) >= 0).all()
    assert len(drawn) == np.isfinite(fit.direct).sum()


@pytest.mark.slow
def test_the_notebook_runs_and_writes_its_artefacts(project, place, root):
    for name, table in zip(("children", "visits", "population"), place, strict=True):
        file = artefacts.path(project, name)
        file.parent.mkdir(parents=True, exist_ok=True)
        table.to_parquet(file)
    document = nbformat.read(root / "notebooks" / "2_prevalence.ipynb", as_version=4)
    tagged = [c for c in document.cells if "parameters" in c.metadata.get("tags", [])]
    assert [c.source.splitlines()[-1] for c in tagged] == ['params_file = "params/default.yaml"']
    kept = [c for c in document.cells if c.get("outputs")]
    assert all("keep_output" in c.metadata["tags"] for c in kept)
    tagged[0].source = f"params_file = {str(project.params_file)!r}"
    NotebookClient(document, timeout=300, kernel_name="python3").execute()
    assert artefacts.exists(project, "benchmark")
    pictures = [
        o for c in document.cells for o in c.get("outputs", []) if "image/png" in o.get("data", {})
    ]
    assert len(pictures) == 6
