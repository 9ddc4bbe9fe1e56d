"""Seconds and memory of intake by size: ``python benchmarks/intake.py [--rows N ...] [--xlsx]``.

Routine exports of the classic form, one CSV for each year, 24 monthly rounds of as many children
as the rows need; 5 % of NIK blank, 2 % of names misspelt, 1 % of rows twice. Each size runs in a
process of its own, from the raw files to the written artefacts. `--xlsx` reads a workbook of
150,000 rows × 36 columns instead. Nothing here is part of the tests.

Measured on two shared cores, one thread for arithmetic (seconds from files to artefacts):

====================  =======  =======  =========
rows                  seconds  rows/s   GB (peak)
====================  =======  =======  =========
103,488                   4.9   21,000       0.42
1,044,098                23.4   44,600       1.09
3,853,281               111.2   34,700       2.86
10,418,238              290.5   35,900       7.43
XLSX 150,000 × 36        32.9    4,600       0.95
====================  =======  =======  =========

Time and memory grow in proportion to rows; 156,000 children × 24 rounds stay within 3 GB.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl
import xlsxwriter
import yaml

ROOT = Path(__file__).parents[1]
SIZES = (100_000, 300_000, 1_000_000)
ROUNDS = 24
HEADINGS = [
    "No",
    "NIK",
    "Nama",
    "JK",
    "Tgl Lahir",
    "BB Lahir",
    "TB Lahir",
    "Nama Ortu",
    "Prov",
    "Kab/Kota",
    "Kec",
    "Pukesmas",
    "Desa/Kel",
    "Posyandu",
    "RT",
    "RW",
    "Alamat",
    "Usia Saat Ukur",
    "Tanggal Pengukuran",
    "Berat",
    "Tinggi",
    "Cara Ukur",
    "LiLA",
    "BB/U",
    "ZS BB/U",
    "TB/U",
    "ZS TB/U",
    "BB/TB",
    "ZS BB/TB",
    "Naik Berat Badan",
    "PMT Diterima (kg)",
    "Jml Vit A",
    "KPSP",
    "KIA",
    "Detail",
    "Status Bulan",
]
FIRST = np.array(
    [
        "Melati",
        "Kenanga",
        "Anggrek",
        "Dahlia",
        "Seruni",
        "Mawar",
        "Bayu",
        "Guntur",
        "Fajar",
        "Senja",
    ]
)
LAST = np.array(
    ["Biru", "Jingga", "Nila", "Ungu", "Perak", "Emas", "Zamrud", "Safir", "Delima", "Giok"]
)


def people(size: int, rng: np.random.Generator) -> pl.DataFrame:
    """Children of a register: identity, birth, place, growth."""
    villages = pl.read_csv(ROOT / "params" / "desa.csv", infer_schema=False)
    areas = dict(
        pl.read_csv(ROOT / "params" / "kecamatan.csv", infer_schema=False)[["code", "name"]].rows()
    )
    place = rng.integers(0, villages.height, size)
    words = np.char.add(FIRST[rng.integers(0, 10, size)], " ")
    words = np.char.add(np.char.add(words, LAST[rng.integers(0, 10, size)]), " ")
    number = np.arange(size)
    return pl.DataFrame(
        {
            "NIK": [f"9909{n % 31:02d}{n:09d}7" for n in number],
            "Nama": np.char.add(words, LAST[rng.integers(0, 10, size)]),
            "JK": np.where(rng.random(size) < 0.5, "L", "P"),
            "born": rng.integers(0, 1800, size),
            "Nama Ortu": np.char.add(np.char.add("Ibu ", LAST[rng.integers(0, 10, size)]), " / Bapak"),
            "Kec": [areas[code].upper() for code in villages["kecamatan"].gather(place)],
            "Desa/Kel": villages["name"].gather(place).str.to_uppercase(),
            "Posyandu": np.char.add("Anggrek ", rng.integers(1, 9, size).astype(str)),
            "offset": np.round(rng.normal(0, 3, size), 1),
        }
    )  # fmt: skip


def one_round(children: pl.DataFrame, month: int, rng: np.random.Generator) -> pl.DataFrame:
    """Rows of one month, under the headings of the export."""
    size = children.height
    start = np.datetime64("2024-09-01")
    visit = np.datetime64("2024-09", "M") + month
    day = visit.astype("datetime64[D]") + rng.integers(4, 25, size)
    born = start + np.timedelta64(600, "D") - children["born"].to_numpy().astype("timedelta64[D]")
    age = (day - born).astype(int)
    length = np.round(50 + 1.75 * np.clip(age, 0, None) ** 0.47 + children["offset"].to_numpy(), 1)
    weight = np.round(3.2 + 0.0055 * np.clip(age, 0, None) + rng.normal(0, 0.8, size), 1)
    table = children.select("NIK", "Nama", "JK", "Nama Ortu", "Kec", "Desa/Kel", "Posyandu")
    table = table.with_columns(
        pl.Series("Tgl Lahir", np.datetime_as_string(born)),
        pl.Series("Tanggal Pengukuran", np.datetime_as_string(day)),
        pl.Series("Berat", np.clip(weight, 2, None)).cast(pl.String),
        pl.Series("Tinggi", np.clip(length, 40, None)).cast(pl.String),
        pl.Series("Cara Ukur", np.where(age < 731, "Terlentang", "Berdiri")),
        pl.Series("TB/U", np.where(length % 7 < 1, "Pendek", "Normal")),
        pl.lit("-1.25").alias("ZS TB/U"),
        pl.Series("blank", rng.random(size) < 0.05),
        pl.Series("misspelt", rng.random(size) < 0.02),
        pl.Series("age", age),
    )
    table = table.filter(pl.col("age").is_between(0, 1800)).with_columns(
        pl.when(~pl.col("blank")).then("NIK").alias("NIK"),
        pl.when("misspelt").then(pl.col("Nama").str.slice(0, 5) + pl.col("Nama").str.slice(6))
        .otherwise("Nama").alias("Nama"),
    )  # fmt: skip
    twice = table.filter(pl.Series(rng.random(table.height) < 0.01))
    return pl.concat([table, twice]).select(
        pl.col(h) if h in table.columns else pl.lit("Jl. Contoh RT 1").alias(h) for h in HEADINGS
    )


def write_exports(folder: Path, rows: int) -> int:
    """Write a CSV for each year; returns the number of rows."""
    rng = np.random.default_rng(1)
    children = people(int(rows / ROUNDS / 0.83), rng)
    written = 0
    for year in range(ROUNDS // 12):
        with (folder / f"eppgbm_{2025 + year}.csv").open("wb") as stream:
            for month in range(12):
                table = one_round(children, year * 12 + month, rng)
                table.write_csv(stream, include_header=month == 0)
                written += table.height
    return written


def project_in(folder: Path, routine: str) -> Path:
    """Params of a run with a small survey and the routine exports; returns the params file."""
    shutil.copytree(ROOT / "params", folder / "params")
    path = folder / "params" / "default.yaml"
    params = yaml.safe_load(path.read_text(encoding="utf-8"))
    params.pop("sample")
    params["routine"]["files"] = [routine]
    params["population"] = {"source": params["population"]["source"]}
    path.write_text(yaml.safe_dump(params), encoding="utf-8")
    raw = folder / "data" / "raw"
    raw.mkdir(parents=True)
    row = "Patrang,L,02/05/2024,15/08/2026,10.5,82.5\n"
    (raw / "survei_balita.csv").write_text("kecamatan,jk,tgl_lahir,tgl_ukur,bb,tb\n" + row)
    return path


def run_stage(params_file: Path) -> None:
    """In a process of its own: the whole stage; prints seconds and peak memory."""
    from analysis.intake.stage import build
    from analysis.project import load_project

    project = load_project(params_file)
    start = time.perf_counter()
    tables = build(project)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(json.dumps({"seconds": seconds, "gigabytes": peak, "visits": len(tables["visits"]),
                      "children": tables["visits"]["child_id"].nunique()}))  # fmt: skip


def measured(params_file: Path) -> dict[str, float]:
    """Run the stage in a fresh process."""
    command = [sys.executable, __file__, "--stage", str(params_file)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def by_size(sizes: Sequence[int]) -> None:
    """Print a line for each number of rows."""
    print(f"{'rows':>12}{'seconds':>10}{'rows/s':>10}{'GB peak':>10}{'children':>11}")
    for size in sizes:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            path = project_in(folder, "eppgbm_*.csv")
            rows = write_exports(folder / "data" / "raw", size)
            one = measured(path)
            print(f"{rows:>12,}{one['seconds']:>10.1f}{rows / one['seconds']:>10,.0f}"
                  f"{one['gigabytes']:>10.2f}{one['children']:>11,}", flush=True)  # fmt: skip


def workbook(rows: int = 150_000) -> None:
    """Time a workbook of `rows` × 36 columns."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = project_in(folder, "eppgbm_*.xlsx")
        rng = np.random.default_rng(1)
        children = people(int(rows / 12 / 0.83), rng)
        table = pl.concat([one_round(children, month, rng) for month in range(14)]).head(rows)
        book = xlsxwriter.Workbook(
            str(folder / "data" / "raw" / "eppgbm_2026.xlsx"), {"constant_memory": True}
        )
        sheet = book.add_worksheet()
        for number, row in enumerate([tuple(HEADINGS), *table.iter_rows()]):
            sheet.write_row(number, 0, row)
        book.close()
        one = measured(path)
        print(f"xlsx {table.height:,} × {table.width}: {one['seconds']:.1f} s, "
              f"{one['gigabytes']:.2f} GB peak")  # fmt: skip


def main() -> None:
    """Read the arguments and print the timings."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rows", type=int, nargs="+", help="numbers of rows, e.g. 10000000")
    parser.add_argument("--xlsx", action="store_true", help="a workbook of 150,000 × 36")
    parser.add_argument("--stage", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.stage:
        run_stage(args.stage)
        return
    if args.rows or not args.xlsx:
        by_size(args.rows or SIZES)
    if args.xlsx or not args.rows:
        workbook()


if __name__ == "__main__":
    main()
