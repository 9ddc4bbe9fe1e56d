"""From nothing to two briefs and an index: the synthetic sample through everything."""

import json
from pathlib import Path

import pytest

from analysis.cli import main

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
