"""Which routine records are one child's."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import polars as pl
import pytest

from analysis.intake.linking import link, with_way
from analysis.intake.linking.names import likeness, name_key

Visit = dict[str, Any]
DAY = dt.date(2024, 5, 2)


def visit(**changes: Any) -> Visit:
    usual = {
        "nik": "9909191203240001",
        "child_name": "Melati Biru Kenanga",
        "parents": "Ibu Arum / Bapak Wijaya",
        "sex": "f",
        "birth_date": DAY,
        "visit_date": dt.date(2026, 8, 15),
        "kecamatan": "35.09.20",
        "desa": "35.09.20.1005",
    }
    return usual | changes


def table(*visits: Visit) -> pl.DataFrame:
    """Visits on successive months unless told otherwise."""
    dated = [
        v | {"visit_date": v["visit_date"] + dt.timedelta(days=31 * i)}
        if "same_day" not in v
        else v
        for i, v in enumerate(visits)
    ]
    frame = pl.DataFrame(
        [{k: x for k, x in v.items() if k != "same_day"} for v in dated],
        schema_overrides={"nik": pl.String, "child_name": pl.String, "parents": pl.String,
                          "birth_date": pl.Date, "desa": pl.String},
    )  # fmt: skip
    return frame.with_columns(
        pl.lit("a.csv").alias("source_file"),
        pl.int_range(2, len(visits) + 2, dtype=pl.UInt32).alias("source_row"),
    )


def groups(*visits: Visit) -> list[int]:
    """Number of the child of each visit, counted in order of first appearance."""
    children = link(table(*visits)).frame["child"].to_list()
    return [list(dict.fromkeys(children)).index(child) for child in children]


ONE_CHILD: list[tuple[str, Visit]] = [
    ("same NIK, all else the same", {}),
    ("same NIK, name misspelt", {"child_name": "Melati Bru Kenanga"}),
    ("same NIK, baby named later", {"child_name": "By. Ny. Arum"}),
    ("same NIK, birth date slipped", {"birth_date": dt.date(2024, 5, 3)}),
    ("same NIK, sex mistaken", {"sex": "m"}),
    ("NIK blank, all else the same", {"nik": None}),
    ("NIK blank, name misspelt", {"nik": None, "child_name": "Melati Bru Kenanga"}),
    ("NIK blank, words exchanged", {"nik": None, "child_name": "KENANGA, Melati Biru"}),
    ("NIK blank, title and case", {"nik": None, "child_name": "An. MELATI BIRU KENANGA"}),
    ("NIK blank, day and month exchanged", {"nik": None, "birth_date": dt.date(2024, 2, 5)}),
    ("NIK blank, year slipped in a same block", {"nik": None, "birth_date": dt.date(2024, 6, 2)}),
    ("NIK blank, mother not given", {"nik": None, "parents": None}),
    ("other NIK, all else the same", {"nik": "9909191203240099"}),
]


@pytest.mark.parametrize(("story", "changes"), ONE_CHILD, ids=[s for s, _ in ONE_CHILD])
def test_one_child(story: str, changes: Visit) -> None:
    assert groups(visit(), visit(**changes)) == [0, 0]


TWO_CHILDREN: list[tuple[str, Visit]] = [
    ("other NIK and name", {"nik": "9909191203240099", "child_name": "Seruni Jingga"}),
    ("other NIK, same name, other birth date",
     {"nik": "9909191203240099", "birth_date": dt.date(2025, 1, 9)}),
    ("NIK blank, twin: other name, same mother and day", {"nik": None, "child_name": "Mawar Putih"}),
    ("NIK blank, twin with a like name", {"nik": None, "child_name": "Melati Jingga Dahlia"}),
    ("NIK blank, namesake elsewhere",
     {"nik": None, "birth_date": dt.date(2023, 1, 1), "parents": "Ibu Sri", "desa": "35.09.20.1004"}),
    ("same NIK, other child altogether",
     {"child_name": "Topan Zamrud", "birth_date": dt.date(2022, 1, 9), "sex": "m"}),
    ("same NIK, namesake with another mother and birth date",
     {"parents": "Ibu Sri Wahyuni / Bapak Joko", "birth_date": dt.date(2022, 1, 9)}),
    ("no identity at all", {"nik": None, "child_name": None, "parents": None, "birth_date": None}),
]  # fmt: skip


@pytest.mark.parametrize(("story", "changes"), TWO_CHILDREN, ids=[s for s, _ in TWO_CHILDREN])
def test_two_children(story: str, changes: Visit) -> None:
    assert groups(visit(), visit(**changes)) == [0, 1]


def test_twins_entered_under_one_nik_are_told_apart_by_being_weighed_together() -> None:
    twin = visit(child_name="Mawar Putih", same_day=True)
    assert groups(visit(same_day=True), twin) == [0, 1]
    linked = link(table(visit(same_day=True), twin))
    assert linked.doubtful["reason"].to_list() == ["nik_conflict"]


def test_two_much_alike_on_one_day_are_left_to_a_person() -> None:
    a = visit(nik=None, same_day=True)
    b = visit(nik=None, child_name="Melati Bru Kenanga", same_day=True)
    linked = link(table(a, b))
    assert linked.frame["child"].n_unique() == 2
    assert linked.doubtful["reason"].to_list() == ["same_day"]


def test_the_way_of_linking() -> None:
    blank = visit(nik=None)
    alone = visit(nik="9909191203240077", child_name="Seruni", birth_date=dt.date(2025, 1, 1))
    linked = with_way(link(table(visit(), visit(), blank, alone)).frame)
    assert linked["linked_by"].to_list() == ["nik", "nik", "name", "single"]


def test_review_holds_no_name_and_no_nik() -> None:
    linked = link(
        table(visit(nik=None), visit(nik=None, child_name="Melati Bru K", parents="Ibu Ar"))
    )
    assert set(linked.doubtful.columns) == {
        "reason", "score", "name", "birth", "mother", "desa", "child_a", "file_a", "row_a",
        "visits_a", "child_b", "file_b", "row_b", "visits_b",
    }  # fmt: skip
    assert linked.doubtful.schema["name"].is_float()


def test_without_any_identity_every_record_is_a_child() -> None:
    frame = table(visit(), visit()).drop("nik", "child_name", "parents", "birth_date", "desa")
    assert link(frame).frame["child"].n_unique() == 2


def test_an_empty_table() -> None:
    linked = link(table(visit()).head(0))
    assert linked.frame.is_empty()
    assert linked.doubtful.is_empty()


def simulated(rng: np.random.Generator, children: int) -> tuple[pl.DataFrame, list[int]]:
    """Visits of known children with the errors of real lists: blank NIK, misspelt names, slips."""
    first = ["Melati", "Kenanga", "Anggrek", "Dahlia", "Seruni", "Mawar", "Bayu", "Guntur", "Fajar"]
    last = ["Biru", "Jingga", "Nila", "Ungu", "Perak", "Emas", "Zamrud", "Safir", "Delima", "Giok"]
    more = ["Lestari", "Permai", "Rahayu", "Utami", "Waras", "Cerah", "Damai", "Indah", "Asri"]
    visits, truth = [], []
    for child in range(children):
        name = f"{rng.choice(first)} {rng.choice(last)} {rng.choice(more)}"
        born = dt.date(2022, 1, 1) + dt.timedelta(days=int(rng.integers(0, 1600)))
        about = visit(
            nik=f"99091912{child:07d}7" if rng.random() > 0.15 else None,
            child_name=name,
            parents=f"Ibu {rng.choice(more)} {rng.choice(last)}",
            sex=str(rng.choice(["m", "f"])),
            birth_date=born,
            desa=f"35.09.20.{rng.integers(1001, 1009)}",
        )
        for month in range(int(rng.integers(2, 7))):
            wrong = dict(about, visit_date=dt.date(2025, 1, 10) + dt.timedelta(days=30 * month))
            if rng.random() < 0.05:
                wrong["nik"] = None
            if rng.random() < 0.05:
                place = int(rng.integers(1, len(name)))
                wrong["child_name"] = name[:place] + name[place + 1 :]
            if rng.random() < 0.02 and born.day <= 12:
                wrong["birth_date"] = dt.date(born.year, born.day, born.month)
            visits.append(wrong | {"same_day": True})
            truth.append(child)
    return table(*visits), truth


def test_on_simulated_lists_few_pairs_are_wrong_and_few_missed() -> None:
    frame, truth = simulated(np.random.default_rng(7), 1500)
    found = link(frame).frame["child"].to_list()
    together: dict[str, int] = {"both": 0, "found": 0, "true": 0}
    pairs = pl.DataFrame({"found": found, "true": truth})
    for name, keys in (("found", ["found"]), ("true", ["true"]), ("both", ["found", "true"])):
        sizes = pairs.group_by(keys).len()["len"].to_numpy()
        together[name] = int((sizes * (sizes - 1) // 2).sum())
    precision = together["both"] / together["found"]
    recall = together["both"] / together["true"]
    assert precision > 0.999, precision
    assert recall > 0.98, recall


def test_names_are_made_comparable() -> None:
    raw = pl.Series(["An. MOH. Rizki  Putra", "Bayi Ny. Sri", "H. M. Ali's", "...", "Ѓеорги", None])
    assert name_key(raw).to_list() == ["m rizki putra", "sri", "m alis", None, "ѓеорги", None]
    assert likeness(["a b", None], ["b a", "x"])[0] == 1.0
    assert np.isnan(likeness([None], ["x"])[0])
