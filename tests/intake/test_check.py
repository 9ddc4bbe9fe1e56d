"""`python -m analysis check`."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from types import SimpleNamespace

import pytest

from analysis.errors import UserError
from analysis.intake import check
from analysis.project import Project

MakeProject = Callable[..., Project]


def run(project: Project) -> int:
    parser = argparse.ArgumentParser()
    check.add_parser(parser.add_subparsers())
    args = parser.parse_args(["check", "--params", str(project.params_file)])
    return int(args.run(args))


def test_all_there(
    make_project: MakeProject, rows: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    project = make_project(
        {"survei.csv": rows.csv([rows.survey(1)]), "e.csv": rows.csv([rows.visit()])},
        routine=["e.csv"],
    )
    assert run(project) == 0
    printed = capsys.readouterr().out
    assert "survei.csv: survey, header in row 1, read by columns/survey.yaml" in printed
    assert "e.csv: routine, header in row 1, read by columns/eppgbm_classic.yaml" in printed
    assert "unused headings: No, PMT Diterima (kg), KPSP, KIA, Detail" in printed
    assert "needed for indicator: Sanitasi layak" in printed
    assert not list(project.raw.parent.glob("processed/*"))


def test_what_is_missing_what_for_and_what_is_nearest(
    make_project: MakeProject, rows: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    text = rows.csv([rows.survey(1)]).replace("tgl_ukur", "tgl_ukurr").replace("bobot", "bobott")
    assert run(make_project({"survei.csv": text})) == 1
    lines = {line.split()[0]: line for line in capsys.readouterr().out.splitlines() if line.strip()}
    assert "MISSING" in lines["visit_date"]
    assert "nearest heading: 'tgl_ukurr'" in lines["visit_date"]
    assert "absent" in lines["sampling_weight"]
    assert "weighted estimates" in lines["sampling_weight"]
    assert "'bobott'" in lines["sampling_weight"]
    assert "columns:" in lines
    assert lines["visit_date:"].strip() == "visit_date: […, tgl_ukurr]"


def test_a_heading_twice(
    make_project: MakeProject, rows: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "\n".join(
        line + ";" + line.split(";")[12] for line in rows.csv([rows.survey(1)]).splitlines()
    )
    assert run(make_project({"survei.csv": text})) == 1
    assert "TWICE" in capsys.readouterr().out


def test_nothing_there_yet(make_project: MakeProject, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(make_project({})) == 1
    assert "No file named in default.yaml" in capsys.readouterr().out


def test_a_map_with_a_column_nobody_knows(make_project: MakeProject, rows: SimpleNamespace) -> None:
    own = "kind: survey\ncolumns: {kecamatan: [kecamatan], weigth_kg: [bb]}\n"
    project = make_project({"survei.csv": rows.csv([rows.survey(1)])}, map_text=own)
    with pytest.raises(UserError, match=r"'weigth_kg' is neither .* Did you mean 'weight_kg'\?"):
        run(project)
