"""From nothing to two briefs and an index: the synthetic sample through everything."""

import importlib.util
import json
import re
from pathlib import Path

import pdfplumber
import pytest
from tests.end_to_end import agreement

from analysis.cli import main
from analysis.project import load_project

SMALL = {
    "sample": {"children": 1500, "routine_children": 800},
    "estimation": {"bootstrap": 50},
}


@pytest.mark.slow
def test_whole_run_then_nothing_to_do(root: Path, own_project, capsys) -> None:
    params = own_project(root / "params", SMALL)
    command = ["reports", "--params", str(params), "Patrang", "Sumber", "Baru"]
    with pytest.raises(SystemExit):
        main(["reports", "--engine", "word"])
    assert main([*command[:3], "Patrang", "35.09.30"]) == 0, capsys.readouterr().err
    out = params.parents[1] / "reports" / "out"
    names = {file.name for file in out.iterdir()}
    for stem in ("2026_350920_patrang", "2026_350930_silo", "2026_3509_"):
        for suffix in (".html", ".pdf", ".csv"):
            assert any(n.startswith(stem) and n.endswith(suffix) for n in names), (stem, suffix)
    assert all("_sintetis" in name for name in names if name.startswith("2026"))
    assert "DATA SINTETIS" in (out / "index.html").read_text(encoding="utf-8")
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["synthetic"] is True
    assert set(manifest["outputs"]) <= {str(f.relative_to(out)) for f in out.rglob("*")}
    capsys.readouterr()

    before = {file: file.stat().st_mtime_ns for file in out.rglob("*") if file.name[0] != "."}
    assert main([*command[:3], "Patrang", "35.09.30"]) == 0
    printed = capsys.readouterr().out
    assert "0 built, 3 unchanged, 0 failed" in printed
    after = {file: file.stat().st_mtime_ns for file in before if "log" not in file.parts}
    assert after == {file: before[file] for file in after}
    assert_nobody_is_named(params.parents[1])

    # The other areas: then every number is looked up in every format.
    assert main(command[:3]) == 0
    assert "29 built, 3 unchanged, 0 failed" in capsys.readouterr().out
    project = load_project(params)
    areas = [*project.register.codes, project.whole]
    assert agreement.disagreements(project, areas) == []
    for name, formats in agreement.planted(project).items():
        every = {"html", "pdf", "attached csv", "csv", "card", "index", "workbook", "tables"}
        assert formats >= (every if name == "artefact" else {name}), (name, formats)


def assert_nobody_is_named(project: Path) -> None:
    """No identifier of the raw files stands in any artefact, notebook, log or report."""
    import pandas as pd

    identifiers = load_identifiers()

    wanted = identifiers(project / "data" / "raw" / "sample")
    # 9999… is also how the log masks; dates (searched for in the artefacts by the tests of
    # intake) also stand in the sources of published figures.
    wanted = {t for t in wanted if len(set(t)) > 1 and not re.fullmatch(r"[\d/-]{10}", t)}
    assert len(wanted) > 1000
    for file in sorted(project.rglob("*")):
        if not file.is_file() or "raw" in file.parts or file.suffix in (".zip", ".png", ".xlsx"):
            continue
        if file.suffix == ".parquet":
            text = pd.read_parquet(file).astype("str").to_csv()
        elif file.suffix == ".pdf":
            with pdfplumber.open(file) as pdf:
                text = " ".join(page.extract_text() for page in pdf.pages)
        else:
            text = file.read_text(encoding="utf-8", errors="ignore")
        found = [name for name in wanted if name in text]
        assert not found, (
            f"{file.name} shows {len(found)} identifiers, e.g. of {len(found[0])} letters"
        )


def load_identifiers():
    """Return the function of the intake tests that lists who is named in raw files."""
    spec = importlib.util.spec_from_file_location(
        "intake_stage_tests", Path(__file__).parents[1] / "intake" / "test_stage.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.identifiers
