"""`python -m analysis check`: what is recognised in the raw files, before anything is built."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from analysis.errors import UserError
from analysis.intake import sources
from analysis.intake.columns import KNOWN, ColumnMap, load_map, missing_groups, nearest_heading
from analysis.intake.inputs import SAMPLE_FOLDER
from analysis.intake.population import RISK_FAMILIES_MAP
from analysis.intake.sources import Found, shown
from analysis.messages import nearest
from analysis.project import DEFAULT_PARAMS, Project, load_project

#: What a column that is not required is needed for.
NEEDED_FOR = {
    "survey": {
        "desa": "village level of the models; map of sampled villages",
        "stratum": "design-based intervals",
        "psu": "design-based intervals, design effect",
        "household": "household level of the models",
        "sampling_weight": "weighted estimates (without it every child counts alike)",
        "team": "data quality by team",
        "nik": "linking survey and routine, double entries",
        "weight_kg": "wasting, underweight, data quality",
        "position": "correction between lying and standing",
        "oedema": "wasting and underweight of children with oedema",
    },
    "routine": {
        "nik": "linking visits of one child",
        "child_name": "linking visits without NIK",
        "parents": "linking visits without NIK",
        "desa": "table of villages; linking visits without NIK",
        "posyandu": "data quality by posyandu",
        "weight_kg": "data quality, D/S",
        "position": "correction between lying and standing",
        "recorded_haz": "two numbers: recorded against recomputed z-score",
        "recorded_haz_class": "two numbers: recorded status",
    },
    "register": {
        "sex": "post-stratification by sex (else shared out evenly)",
        "age_group": "post-stratification by age (else shared out evenly)",
    },
    "risk_families": {"kecamatan": "villages given by name"},
}
HOW_TO = (
    "How to mend: add the file's heading to the list of its column in the map, for example\n"
    "  columns:\n"
    "    {name}: [{aliases}, {heading}]\n"
    "Case, spaces, accents and punctuation of headings do not matter. Answers with codes of their\n"
    "own go under codes: (canonical value: [spellings]); see docs/howto.md."
)


@dataclass(frozen=True)
class Line:
    """One line of the table: a canonical column and what was found for it."""

    column: str
    state: str
    heading: str
    note: str
    near: str | None = None


@dataclass(frozen=True)
class Report:
    """What one sheet of a file was recognised as."""

    file: str
    map_file: str
    kind: str
    header_row: int
    lines: tuple[Line, ...]
    unused: tuple[str, ...]

    @property
    def complete(self) -> bool:
        """Whether every required column was found once."""
        return all(line.state not in ("MISSING", "TWICE") for line in self.lines)


def reports(project: Project) -> Iterator[Report]:
    """What is recognised in each file of the run.

    Raises
    ------
    UserError
        A file cannot be read, has no header, or a map names a column nobody knows.
    """
    for paths, names in _inputs(project):
        maps = [
            RISK_FAMILIES_MAP if name is None else load_map(project.beside(name)) for name in names
        ]
        for columns, name in zip(maps, names, strict=True):
            _insist_on_known(columns, name, project)
        for path in paths:
            found = sources.recognise(path, maps)
            for one in found:
                index = one.header.map_index
                sheet = "" if len(found) == 1 else f" [{one.sheet.name}]"
                name = names[index] or "built-in map"
                yield report(path.name + sheet, one, maps[index], name, project)


def _inputs(project: Project) -> Iterator[tuple[list[Path], list[str | None]]]:
    params = project.params
    folder = project.raw
    if not sources.resolve(folder, params.survey.files) and params.sample is not None:
        folder = project.raw / SAMPLE_FOLDER
    yield sources.resolve(folder, params.survey.files), [params.survey.columns]
    if params.routine is not None:
        yield sources.resolve(folder, params.routine.files), list(params.routine.columns)
    people = params.population
    if people.file and people.columns:
        yield sources.resolve(folder, [people.file]), [people.columns]
    if people.risk_families_file:
        yield sources.resolve(folder, [people.risk_families_file]), [None]


def _insist_on_known(columns: ColumnMap, name: str | None, project: Project) -> None:
    """Canonical names must be known to intake or to the pillars file."""
    known = KNOWN | set(project.pillars.indicators)
    for canonical in columns.canonical:
        if canonical not in known:
            raise UserError(
                f"{name}: '{canonical}' is neither a column of intake nor an indicator of the "
                f"pillars file.{nearest(canonical, sorted(known))}"
            )


def report(file: str, one: Found, columns: ColumnMap, map_file: str, project: Project) -> Report:
    """Compare a header with its map."""
    matching = one.header.matching
    lacking = missing_groups(list(matching.found), columns.kind)
    required = {name for group in lacking for name in group[0]} - set(matching.found)
    lines = []
    for canonical in dict.fromkeys([*columns.canonical, *sorted(required)]):
        if canonical in matching.found:
            heads = [shown(matching.headings[i], 30) for i in matching.found[canonical]]
            twice = any(matching.headings[i] in matching.twice for i in matching.found[canonical])
            note = "this heading stands more than once" if twice else ""
            lines.append(Line(canonical, "TWICE" if twice else "found", " + ".join(heads), note))
            continue
        near = nearest_heading(canonical, columns, matching.unused)
        hint = f"; nearest heading: '{shown(near, 30)}'" if near else ""
        if canonical in required:
            lines.append(Line(canonical, "MISSING", "", f"required{hint}", near))
        else:
            purpose = _purpose(canonical, columns.kind, project)
            if purpose or near:
                lines.append(Line(canonical, "absent", "", (purpose or "optional") + hint))
    return Report(
        file, map_file, columns.kind, one.header.row + 1, tuple(lines), tuple(matching.unused)
    )


def _purpose(canonical: str, kind: str, project: Project) -> str:
    if canonical in NEEDED_FOR[kind]:
        return f"needed for {NEEDED_FOR[kind][canonical]}"
    indicator = project.pillars.indicators.get(canonical)
    return f"needed for indicator: {indicator.label[project.params.language]}" if indicator else ""


def formatted(one: Report) -> str:
    """A report as a plain table."""
    head = f"{one.file}: {one.kind}, header in row {one.header_row}, read by {one.map_file}"
    rows = [("column", "state", "heading in the file", "note")]
    rows += [(line.column, line.state, line.heading, line.note) for line in one.lines]
    widths = [max(len(row[i]) for row in rows) for i in range(3)]
    table = [
        "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False))
        + ("  " + row[3] if row[3] else "")
        for row in rows
    ]  # fmt: skip
    unused = ", ".join(shown(heading, 30) for heading in one.unused) or "none"
    return "\n".join([head, *(line.rstrip() for line in table), f"  unused headings: {unused}"])


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = subparsers.add_parser(
        "check", help="show which columns of the raw files are recognised, before anything is built"
    )
    parser.add_argument("--params", default=DEFAULT_PARAMS, help="params file (%(default)s)")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print a table for each file; 1 when a required column is missing."""
    project = load_project(args.params)
    found: Sequence[Report] = list(reports(project))
    if not found:
        print(f"No file named in {project.params_file.name} is in {project.raw} yet.")
        return 0 if project.params.sample is not None else 1
    print("\n\n".join(formatted(one) for one in found))
    broken = [one for one in found if not one.complete]
    if broken:
        line = next(line for line in broken[0].lines if line.state in ("MISSING", "TWICE"))
        heading = shown(line.near, 30) if line.near else "heading of the file"
        print("\n" + HOW_TO.format(name=line.column, aliases="…", heading=heading))
    return 1 if broken else 0
