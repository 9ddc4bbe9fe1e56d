"""A whole project in small: three areas, stand-ins for notebooks and renderer, made in seconds."""

from __future__ import annotations

import csv
import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import yaml

REPOSITORY = Path(__file__).resolve().parents[2]
CODES = ("35.09.01", "35.09.02", "35.09.03")
WHOLE = "35.09"
#: Tables that every brief reads whole: nothing in them is about one area.
SHARED = ("effects", "variance_components", "series", "target_path", "figures")

_STAGE = """
import json, time
from pathlib import Path

root = Path(params_file).parents[1]
processed = root / "data" / "processed"
processed.mkdir(parents=True, exist_ok=True)
fault = root / "fault.json"
fault = json.loads(fault.read_text()).get(STAGE) if fault.exists() else None
class UserError(Exception): pass
if fault == "hang":
    (root / "hanging").touch()
    time.sleep(600)
if fault == "user": raise UserError("survey.csv: row 3, column value: found 'x', expected a number.")
if fault == "error": raise RuntimeError("Siti Aminah, NIK 3509010101010001")
raw = root / "data" / "raw"
(processed / "values.json").write_text((raw / "values.json").read_text())
for name in NAMES:
    kind = "shared" if name in SHARED else "own"
    made = processed / f".{name}.new"
    made.write_bytes((raw / f"{kind}.parquet").read_bytes())
    made.replace(processed / f"{name}.parquet")
"""

_BRIEF = """
import json, os, time
from pathlib import Path
from IPython.display import Markdown, display

root = Path(params_file).parents[1]
code = globals().get("kecamatan", "35.09")
fault = root / "fault.json"
fault = json.loads(fault.read_text()).get(code) if fault.exists() else None
if fault == "error": raise ValueError("no such thing")
if fault == "crash": os.kill(os.getpid(), 9)
if fault == "hang":
    (root / "hanging").touch()
    time.sleep(600)
if fault == "first" and not (root / "struck").exists():  # waits for someone to end its worker
    (root / "struck.new").write_text(str(os.getppid()))
    (root / "struck.new").rename(root / "struck")
    time.sleep(600)
value = json.loads((root / "data" / "processed" / "values.json").read_text())[code]
name = Path.cwd().name
Path("data").mkdir(exist_ok=True)
Path("data", f"{name}.csv").write_text(f"value\\\\n{value}\\\\n")
labels = dict.fromkeys(("page", "of", "skip", "data", "attachment", "meeting", "period"), "x")
display({"application/vnd.stunting.brief+json": {
    "title": code, "lang": "id", "place": code, "code": code, "status": "DRAF",
    "generated": "2026-08-31", "labels": labels, "synthetic": False, "numbers": {"estimate": value},
}}, raw=True)
display(Markdown(f"value {value}"))
""".replace("\\\\", "\\")


def make(root: Path) -> Path:
    """Lay out the project under `root`; returns its params file."""
    params = root / "params"
    shutil.copytree(REPOSITORY / "params", params)
    for name, column in (("kecamatan.csv", 0), ("desa.csv", 1)):
        with (params / name).open(encoding="utf-8") as stream:
            head, *rows = csv.reader(stream)
        with (params / name).open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows([head, *(row for row in rows if row[column] in CODES)])
    file = params / "default.yaml"
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    content["survey"]["files"] = ["survey.csv"]
    content["population"].update(file=None, columns=None, risk_families_file=None)
    for part in ("routine", "paths"):
        content.pop(part, None)
    file.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    for part in ("templates", "styles", "fonts", "_brand.yml"):
        source, target = REPOSITORY / "reports" / part, root / "looks" / part
        target.parent.mkdir(exist_ok=True)
        shutil.copytree(source, target) if source.is_dir() else shutil.copyfile(source, target)
    survey(root, 1)
    notebooks(root)
    return file


def survey(root: Path, *values: int) -> None:
    """Write the raw files: a value for each area, the last for those that follow."""
    codes = [*CODES, WHOLE]
    each = [*values, *[values[-1]] * len(codes)][: len(codes)]
    raw = root / "data" / "raw"
    raw.mkdir(parents=True, exist_ok=True)
    rows = "".join(f"{code},{value}\n" for code, value in zip(codes, each, strict=True))
    (raw / "survey.csv").write_text(f"area,value\n{rows}")
    (raw / "values.json").write_text(json.dumps(dict(zip(codes, each, strict=True))))
    table = pd.DataFrame({"area": codes, "kecamatan": codes, "month": "2026-08"})
    table["level"] = ["area"] * len(CODES) + ["whole"]
    table[["estimate", "low", "high"]], table["n"], table["published"] = 0.3, 100, True
    table["indicator"], table["verdict"], table["against_whole"] = "stunted", "show", "similar"
    table.to_parquet(raw / "shared.parquet")
    table.assign(value=each).to_parquet(raw / "own.parquet")


def notebooks(root: Path) -> None:
    """Write the stand-ins for all notebooks."""
    from analysis.publish.stages import STAGES

    folder = root / "notebooks"
    folder.mkdir()
    for stage in STAGES:
        names = list(stage.writes)
        text = f"STAGE, NAMES, SHARED = {stage.name!r}, {names!r}, {SHARED!r}\n{_STAGE}"
        _notebook(folder / stage.notebook, 'params_file = ""', text)
    _notebook(folder / "brief_kabupaten.ipynb", 'params_file = ""', _BRIEF)
    _notebook(folder / "brief_kecamatan.ipynb", 'params_file = ""\nkecamatan = ""', _BRIEF)


def _notebook(file: Path, parameters: str, text: str) -> None:
    import nbformat
    from nbformat.v4 import new_code_cell, new_notebook

    cells = [new_code_cell(parameters, metadata={"tags": ["parameters"]}), new_code_cell(text)]
    node = new_notebook(cells=cells)
    node.metadata["kernelspec"] = {"name": "python3", "language": "python", "display_name": "P"}
    for number, cell in enumerate(node.cells):
        cell["id"] = f"c{number}"
    nbformat.write(node, file)


def fault(root: Path, **what: str) -> None:
    """Let notebooks fail: by area or stage `error`, `crash`, `hang` or `user`."""
    (root / "fault.json").write_text(json.dumps({k.replace("_", "."): v for k, v in what.items()}))


def documents(folder: Path, **options: object):
    """Stand-in for the renderer: what the notebook shows, twice, with an end to be looked for."""
    import nbformat

    from analysis.publish.render.documents import Documents

    node = nbformat.read(folder / f"{folder.name}.ipynb", as_version=4)
    shown = [
        output["data"]["text/markdown"]
        for cell in node.cells
        for output in cell.get("outputs", [])
        if "text/markdown" in output.get("data", {})
    ]
    return Documents(bodies("".join(shown)))


def bodies(shown: str) -> dict[str, bytes]:
    """The two documents that show this text, by format."""
    text = shown + "\n" + "x" * 20_000 + "\nEND\n"
    return {"html": text.encode(), "pdf": b"PDF " + text.encode()}


def modules() -> list[str]:
    """What the kernels of stand-ins need."""
    from analysis.publish.kernels import server as kernels

    return [name for name in kernels.MODULES if name.startswith(("IPython", "ipykernel"))]


def freeze(put: Callable[[object, str, object], None] = setattr) -> None:
    """Let code and templates count as the same, though they may be edited while tests run."""
    from analysis import artefacts
    from analysis.publish import briefs, stages
    from analysis.publish.slides import record as slides_record

    put(briefs, "_shared_key", lambda version: version)
    for module in (artefacts, briefs, slides_record):
        put(module, "code_hash", lambda: "c" * 64)
    put(stages, "notebook_code", lambda notebook, rooms: artefacts.file_hash(notebook))


def stand_in(server: object = None, put: Callable[[object, str, object], None] = setattr) -> None:
    """Put stand-ins for renderer and kernel server in place, in this process."""
    from analysis.publish import fanout, site
    from analysis.publish.kernels import forked
    from analysis.publish.kernels import server as kernels
    from analysis.publish.render import documents as render

    server = server or kernels.Server(modules())
    put(render, "documents", documents)
    put(site, "shared_files", lambda: Path.cwd() / "looks")
    freeze(put)
    # This server loads less and reads nothing ahead.
    put(kernels.Server, "start", lambda self, *modules, **options: None)
    for module in (kernels, forked, fanout):
        put(module, "SERVER", server)


def main(*arguments: str) -> int:
    """Run the command line."""
    from analysis.cli import main

    return main(arguments)


def reports(root: Path, *arguments: str) -> int:
    """Make the reports of `root` with the command line."""
    os.chdir(root)
    if "papermill.iorw" in sys.modules:
        # A program has one working folder for life; papermill remembers that of an earlier test.
        sys.modules["papermill.iorw"].papermill_io.get_handler("local").cwd(None)
    return main("reports", "--engine", "pandoc", *arguments)


def state(root: Path) -> dict[str, tuple[int, int]]:
    """Every file of the results, with what changes when it is touched."""
    folders = [root / "data" / "processed", root / "reports"]
    files = [file for folder in folders for file in folder.rglob("*") if file.is_file()]
    return {str(f.relative_to(root)): (f.stat().st_mtime_ns, f.stat().st_ino) for f in files}


def shared(root: Path) -> dict[str, bytes]:
    """Content of the folder that gets shared, without the logs."""
    out = root / "reports" / "out"
    return {
        str(file.relative_to(out)): file.read_bytes()
        for file in sorted(out.rglob("*"))
        if file.is_file() and file.parent.name != "log"
    }
