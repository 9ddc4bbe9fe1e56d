"""Programmes by agency: none disappears, each beside the service it is to raise."""

from __future__ import annotations

import dataclasses
import re

import pandas as pd
import pytest

from analysis.brief.content import load
from analysis.brief.sections import programmes
from analysis.brief.sections.programmes import PROGRAMMES_AT_MOST
from analysis.brief.tables import Ledger


def cells(text: str) -> list[list[str]]:
    lines = [x for x in text.splitlines() if x.startswith("| ")][2:]
    return [[c.strip() for c in x.strip("|").split(" | ")] for x in lines]


@pytest.fixture(scope="module")
def whole(project):
    return load(project, project.whole)


def with_programmes(data, table: pd.DataFrame):
    return dataclasses.replace(data, project=dataclasses.replace(data.project, programmes=table))


def test_every_listed_programme_stands_under_its_agency(whole):
    ledger = Ledger()
    rows = cells(programmes.programmes(whole, ledger))
    listed = whole.project.programmes
    assert len(rows) == len(listed) <= PROGRAMMES_AT_MOST
    assert sorted(r[0] for r in rows if r[0]) == sorted(set(listed["opd_name"]))
    agency, seen = "", set()
    for row in rows:
        agency = row[0] or agency
        seen.add((agency, row[1].replace("\\", "")))
    assert seen == set(zip(listed["opd_name"], listed["programme"], strict=True))
    assert len(ledger.frame()) == len(listed)


def test_figure_interval_and_target_are_those_of_the_artefact(whole):
    actions = whole.tables["actions"].copy()
    none = actions["indicator"] == "animal_protein"
    actions.loc[none, ["target", "target_basis"]] = [0.9, "best_quarter"]
    data = dataclasses.replace(whole, tables={**whole.tables, "actions": actions})
    rows = {r[1]: r for r in cells(programmes.programmes(data, Ledger()))}
    own = whole.here("actions").drop_duplicates("indicator").set_index("indicator")
    row = own.loc["improved_sanitation"]
    low, high, value = (round(100 * row[k]) for k in ("low", "high", "coverage"))
    assert rows["Pemicuan STBM"][3] == f"{value} ({low}–{high}) → 90†"
    assert rows["Gemarikan"][3].endswith("→ 90¹")  # no official target
    assert rows["Tablet tambah darah ibu hamil"][3].endswith("→ 80")  # a confirmed one


def test_what_is_hidden_reached_or_not_measured_says_so(whole):
    actions = whole.tables["actions"].copy()
    here = actions["area"] == whole.project.whole
    actions.loc[here & (actions["indicator"] == "diarrhoea"), "verdict"] = "suppress"
    actions.loc[here & (actions["indicator"] == "improved_water"), "gap"] = -0.01
    actions = actions[actions["indicator"] != "immunised"]
    data = dataclasses.replace(whole, tables={**whole.tables, "actions": actions})
    text = programmes.programmes(data, Ledger())
    rows = {r[1]: r[3] for r in cells(text)}
    assert rows["Manajemen terpadu balita sakit"] == r"[\*]{.suppressed}"
    assert rows["Jaringan air bersih perdesaan"].startswith("✓ ")
    assert rows["Imunisasi dasar lengkap"] == "tidak diukur"
    assert "tidak ditampilkan" in text and "✓ sudah tercapai" in text


def test_a_list_too_long_keeps_every_agency_and_counts_the_rest(whole):
    listed = whole.project.programmes
    more = pd.concat([listed, listed.assign(programme=listed["programme"] + " II")])
    text = programmes.programmes(with_programmes(whole, more), Ledger())
    rows = cells(text)
    assert len(rows) == PROGRAMMES_AT_MOST
    assert {r[0] for r in rows if r[0]} == set(listed["opd_name"])
    assert f"{len(more) - PROGRAMMES_AT_MOST} program lain ada di tables.xlsx" in text


def test_marks_single_programmes_only_where_some_are_confirmed(whole):
    listed = whole.project.programmes
    assert "‡" not in programmes.programmes(whole, Ledger())
    some = listed.assign(status=["confirmed", *listed["status"][1:]])
    text = programmes.programmes(with_programmes(whole, some), Ledger())
    assert len(re.findall("‡ \\|", text)) == len(listed) - 1


def test_the_usual_time_is_said_once(whole):
    text = programmes.programmes(whole, Ledger())
    when = {r[1]: r[4] for r in cells(text)}
    assert when["Rembuk stunting desa"] == "APBDes; triwulan I"
    assert when["Pemicuan STBM"] == "BOK"
    assert "Waktu: 2027 bila tidak disebut lain." in text
