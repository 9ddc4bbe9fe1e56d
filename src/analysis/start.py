"""A project of one's own from one survey file: params, column map and register, ready to run.

``start_project`` is the way in from Python, ``python -m analysis start FILE`` from the shell.
What it writes is meant to be read and edited afterwards.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import math
import re
import shutil
import textwrap
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from string import Template
from typing import Any

import yaml

from analysis.errors import UserError
from analysis.files import write_together
from analysis.indicators import PROGRAMME_COLUMNS, read_csv_text
from analysis.messages import nearest
from analysis.params import read_yaml
from analysis.project import DEFAULT_PARAMS, find_root
from analysis.regions import AREA_COLUMNS, normalise

_TEMPLATE = Path(__file__).with_name("start_params.yaml")
#: A column with more values than this is a name or a number, not an area.
MOST_AREAS = 300
#: Size of the synthetic sample of a project without a file: enough to see everything, quickly.
_SAMPLE = {"children": 900, "routine_children": 300}
_COLUMNS_HEAD = (
    "# Which heading of the file is which column. First the own ones, then usual ones.\n"
)
_PILLARS_HEAD = (
    "# Pillars, and those of their indicators that the file has. Reference: docs/params.md\n"
)


def start_project(
    folder: str | Path,
    file: str | Path | None = None,
    *,
    name: str = "",
    year: int | None = None,
    area: str | Sequence[str] = "kecamatan",
    columns: Mapping[str, str] | None = None,
    codes: Mapping[str, Mapping[str, Sequence[str]]] | None = None,
    target: Sequence[float] | None = None,
    language: str = "id",
    replace: bool = False,
) -> Path:
    """Make a project folder around a survey file; returns its params file.

    Written are ``params/default.yaml``, ``columns.yaml``, ``register.csv`` (the areas found in
    the file), ``pillars.yaml`` (indicators found in the file) and a copy of the file in
    ``data/raw``. Edit them afterwards as you like; the repository's own files stay untouched.

    Parameters
    ----------
    folder
        Folder of the project; made when it is not there.
    file
        One row per child: CSV, Excel, Stata, SPSS or Parquet. Without one the shipped params
        and a small synthetic sample are used.
    name
        Name of the place, as sentences use it.
    year
        Year of the survey.
    area
        Heading of the area, or headings that together name it.
    columns
        Canonical column → heading of the file, for headings that are not recognised by
        themselves: ``{"length_cm": "height"}``.
    codes
        Canonical column → value → spellings: ``{"sex": {"m": ["1"], "f": ["2"]}}``.
    target
        Year and percent aimed at; the shipped target path when not given.
    language
        ``id`` or ``en``.
    replace
        Write the params anew where the folder has some already.

    Raises
    ------
    UserError
        The file cannot be read, a heading is not in it, or the folder already has params.

    Examples
    --------
    >>> import tempfile
    >>> from analysis import load_project
    >>> lines = ["wilayah;jk;umur;tb;bb", "Utara;L;14;74,5;8,9", "Selatan;P;30;85,1;11,0"]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     survey = Path(folder) / "survey.csv"
    ...     _ = survey.write_text(chr(10).join(lines))
    ...     made = start_project(Path(folder) / "mine", survey, name="Contoh", year=2026,
    ...                          area="wilayah", columns={"age_months": "umur"})
    ...     load_project(made).register.areas["name"].tolist()
    ['Selatan', 'Utara']
    """
    home = Path(folder).resolve()
    params = home / "params"
    if (params / "default.yaml").exists() and not replace:
        raise UserError(
            f"{params / 'default.yaml'} is there already: go on with it, choose another folder, "
            "or pass replace=True (--replace) to write it anew."
        )
    if not file:
        return _sample_project(home)
    source = Path(file).expanduser().resolve()
    if not source.is_file():
        raise UserError(f"{source}: no such file.")
    if not name.strip() or year is None:
        raise UserError("A project of one's own needs the name of the place and the survey year.")
    shipped = find_root(Path(__file__)) / "params"
    mapping = _column_map(shipped, area, columns or {}, codes or {})
    areas, found = _read(source, mapping, columns or {})
    mapping = _of_the_file(mapping, found)
    code = _code(name)
    pillars, programmes = _pillars(shipped, found)
    path = _targets(shipped, target)
    contents: dict[Path, str | bytes] = {
        params / "columns.yaml": _COLUMNS_HEAD + _yaml(mapping),
        params / "register.csv": _register(areas, code),
        params / "pillars.yaml": _PILLARS_HEAD + _yaml(pillars),
    }
    if programmes:
        contents[params / "programmes.csv"] = programmes
    contents[params / "default.yaml"] = _params(
        name.strip(), code, year, source.name, path, language, bool(programmes)
    )
    raw = home / "data" / "raw"
    raw.mkdir(parents=True, exist_ok=True)
    if not (raw / source.name).exists() or not source.samefile(raw / source.name):
        shutil.copyfile(source, raw / source.name)
    write_together(contents)
    return params / "default.yaml"


def _sample_project(home: Path) -> Path:
    """The shipped params with a small synthetic sample."""
    shipped = find_root(Path(__file__)) / "params"
    shutil.copytree(shipped, home / "params", dirs_exist_ok=True)
    target = home / "params" / "default.yaml"
    text = target.read_text(encoding="utf-8")
    for key, value in (*_SAMPLE.items(), ("bootstrap", 50)):
        text = re.sub(rf"^(  {key}:) \d+", rf"\g<1> {value}", text, flags=re.M)
    (home / "data" / "raw").mkdir(parents=True, exist_ok=True)
    write_together({target: text})
    return target


def _column_map(
    shipped: Path,
    area: str | Sequence[str],
    columns: Mapping[str, str],
    codes: Mapping[str, Mapping[str, Sequence[str]]],
) -> dict[str, Any]:
    """The shipped map of surveys, with the own headings in the place of the usual ones."""
    from analysis.intake.columns import KNOWN, heading_key

    content: dict[str, Any] = read_yaml(shipped / "columns" / "survey.yaml")
    usual: dict[str, list[str]] = dict(content["columns"])
    known = KNOWN | set(usual)
    for canonical in (*columns, *codes):
        if canonical not in known:
            raise UserError(
                f"'{canonical}' is not a column this project knows."
                f"{nearest(canonical, sorted(known))}"
            )
    parts = [area] if isinstance(area, str) else list(area)
    own = {canonical: [heading] for canonical, heading in columns.items()}
    combine = {"kecamatan": parts} if len(parts) > 1 else {}
    own |= {} if combine else {"kecamatan": parts}
    taken = {heading_key(heading) for headings in own.values() for heading in headings}
    rest = {
        canonical: [alias for alias in aliases if heading_key(alias) not in taken]
        for canonical, aliases in usual.items()
        if canonical not in own and canonical not in combine
    }
    content["columns"] = {**own, **{name: aliases for name, aliases in rest.items() if aliases}}
    if combine:
        content["combine"] = combine
    spelled = {
        column: {value: [str(s) for s in spellings] for value, spellings in values.items()}
        for column, values in codes.items()
    }
    content["codes"] = {**content.get("codes", {}), **spelled}
    return content


def _read(
    source: Path, mapping: Mapping[str, Any], columns: Mapping[str, str]
) -> tuple[list[str], list[str]]:
    """Spellings of the areas in the file, most frequent first, and the columns it has."""
    from analysis.intake import sources
    from analysis.intake.columns import ColumnMap

    known = ColumnMap.model_validate(mapping)
    areas: Counter[str] = Counter()
    found: list[str] = []
    for table in sources.read(source, [known], ["columns"]):
        found = list(dict.fromkeys([*found, *table.frame.columns]))
        areas.update(text for text in table.frame["kecamatan"].drop_nulls() if text.strip())
    for canonical, heading in columns.items():
        if canonical not in found:
            headings = sources.recognise(source, [known])[0].header.matching.headings
            raise UserError(
                f"{source.name} has no heading '{heading}' (for {canonical})."
                f"{nearest(heading, [h for h in headings if h.strip()])}"
            )
    missing = set(known.missing)
    named = [text for text, _ in areas.most_common() if not missing & {text, *text.split()}]
    return named, found


def _of_the_file(mapping: Mapping[str, Any], found: Sequence[str]) -> dict[str, Any]:
    """The map without indicators that the file does not have."""
    from analysis.intake.columns import KNOWN

    kept = {
        key: {name: value for name, value in mapping[key].items() if name in KNOWN or name in found}
        for key in ("columns", "codes")
    }
    return {**mapping, **kept}


def _register(areas: Sequence[str], code: str) -> str:
    """Register of the areas: codes in the order of names, other spellings as aliases."""
    spellings: dict[str, list[str]] = {}
    for text in areas:
        spellings.setdefault(normalise(text), []).append(" ".join(text.split()))
    if not 1 <= len(spellings) <= MOST_AREAS:
        raise UserError(
            f"The column of areas holds {len(spellings)} different names; between 1 and "
            f"{MOST_AREAS} are expected. Name another heading as area."
        )
    ordered = sorted(spellings.values(), key=lambda names: names[0].casefold())
    width, digits = math.ceil(math.sqrt(len(ordered))), len(str(len(ordered)))
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(AREA_COLUMNS)
    for i, names in enumerate(ordered):
        aliases = ";".join(other for other in names[1:] if other != names[0])
        place = divmod(i, width)
        writer.writerow([f"{code}.{i + 1:0{digits}d}", names[0], aliases, "", "", "", *place])
    return stream.getvalue()


def _pillars(shipped: Path, found: Sequence[str]) -> tuple[dict[str, Any], str]:
    """The shipped pillars and programmes, as far as the file has their indicators."""
    content: dict[str, Any] = read_yaml(shipped / "pillars.yaml")
    indicators = {code: i for code, i in content["indicators"].items() if code in found}
    content["indicators"] = indicators
    table = read_csv_text(shipped / "programmes.csv", PROGRAMME_COLUMNS)
    kept = table[table["indicator"].isin(list(indicators))]
    return content, "" if kept.empty else str(kept.to_csv(index=False, lineterminator="\n"))


def _targets(shipped: Path, target: Sequence[float] | None) -> dict[str, Any]:
    """The own target, else the path the shipped params report against."""
    from analysis.params import Targets

    if target is None:
        shipped_targets: Any = read_yaml(shipped / Path(DEFAULT_PARAMS).name)["targets"]
        selected = shipped_targets["selected"]
        return {"selected": selected, "paths": {selected: shipped_targets["paths"][selected]}}
    if len(target) != 2:
        raise UserError(
            f"target is {list(target)}, but must be a year and a percent: [2029, 14.2]."
        )
    point = {
        "year": int(target[0]),
        "value": float(target[1]),
        "status": "unverified",
        "source": "start_project",
    }
    label = {"id": f"Sasaran {point['year']}", "en": f"Target {point['year']}"}
    content: dict[str, Any] = {
        "selected": "own",
        "paths": {"own": {"label": label, "points": [point]}},
    }
    Targets.model_validate(content)
    return content


def _params(
    name: str,
    code: str,
    year: int,
    file: str,
    targets: Mapping[str, Any],
    language: str,
    programmes: bool,
) -> str:
    """The params file: a template whose comments say what to edit."""
    points = targets["paths"][targets["selected"]]["points"]
    first = min(point["year"] for point in points)
    values = {
        "language": language,
        "name": name,
        "code": code,
        "file": file,
        "year": year,
        "review_year": max(year, first),
        "date": f"{max(year, first)}-12-31",
    }
    quoted = {key: json.dumps(value, ensure_ascii=False) for key, value in values.items()}
    quoted["date"], quoted["language"] = str(values["date"]), language
    quoted["targets"] = textwrap.indent("\n" + _yaml(targets).rstrip(), "  ")
    quoted["programmes"] = "programmes_file: programmes.csv\n" if programmes else ""
    return Template(_TEMPLATE.read_text(encoding="utf-8")).substitute(quoted)


def _code(name: str) -> str:
    """Short code of the place: its first letters.

    >>> _code("Nampula and Zambezia")
    'NAM'
    """
    return re.sub(r"[^A-Z0-9]", "", name.upper())[:3] or "X"


def _yaml(content: Mapping[str, Any]) -> str:
    text: str = yaml.safe_dump(
        dict(content), allow_unicode=True, sort_keys=False, default_flow_style=None, width=100
    )
    return text


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = subparsers.add_parser(
        "start",
        help="make a project of your own around a survey file",
        description="Writes params, column map and register for a survey file into a new folder.",
    )
    parser.add_argument("file", metavar="FILE", help="one row per child (CSV, Excel, Stata, …)")
    parser.add_argument("--folder", required=True, help="folder of the project")
    parser.add_argument("--name", required=True, help="name of the place")
    parser.add_argument("--year", required=True, type=int, help="year of the survey")
    parser.add_argument(
        "--area", default="kecamatan", help="heading of the area; several joined by commas"
    )
    parser.add_argument(
        "--column",
        action="append",
        default=[],
        metavar="NAME=HEADING",
        help="a column and its heading in the file, e.g. length_cm=height; may be repeated",
    )
    parser.add_argument(
        "--target", nargs=2, type=float, metavar=("YEAR", "PERCENT"), help="target of your own"
    )
    parser.add_argument("--language", choices=("id", "en"), default="id")
    parser.add_argument("--replace", action="store_true", help="write existing params anew")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Make the project and say what comes next; returns 0.

    Raises
    ------
    UserError
        As `start_project`.
    """
    pairs = [text.partition("=") for text in args.column]
    if bad := [name for name, sign, heading in pairs if not (name and sign and heading)]:
        raise UserError(f"--column {bad[0]}: write it as NAME=HEADING, e.g. length_cm=height.")
    area = [part.strip() for part in args.area.split(",")]
    made = start_project(
        args.folder,
        args.file,
        name=args.name,
        year=args.year,
        area=area,
        columns={name.strip(): heading.strip() for name, _, heading in pairs},
        target=args.target,
        language=args.language,
        replace=args.replace,
    )
    print(f"{made}\nnext: python -m analysis check --params {made}")
    return 0
