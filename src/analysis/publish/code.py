"""The code a notebook runs: the modules it imports, and those these import, and so on."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import analysis
from analysis.publish.keys import tree_hash

_ROOT = Path(analysis.__file__).parent
_FROM = re.compile(r"^[ \t]*from[ \t]+(analysis[\w.]*)[ \t]+import[ \t]+(\([^)]*\)|[^\n]*)", re.M)
_IMPORT = re.compile(r"^[ \t]*import[ \t]+(analysis[\w.]*)", re.M)


@lru_cache(maxsize=16)
def notebook_code(notebook: Path, rooms: tuple[str, ...]) -> str:
    """Hash of a notebook's text and of the package's code behind it.

    Parameters
    ----------
    rooms
        Packages whose data files (tables, catalogues) count with their code.
    """
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    texts = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    found = modules("\n".join(texts))
    data = {
        file
        for room in rooms
        if any(f.parent.is_relative_to(_ROOT / room) for f in found)
        for file in (_ROOT / room).rglob("*")
        if file.is_file() and file.suffix not in (".py", ".pyc")
    }
    return tree_hash(notebook.parent, [notebook]) + tree_hash(_ROOT, found | data)


def modules(text: str) -> set[Path]:
    """Files of the package's modules that `text` imports, directly or through others."""
    seen: set[str] = set()
    waiting = list(_imports(text))
    files = set()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        file = _file(name)
        if file is not None:
            files.add(file)
            waiting += _imports(file.read_text(encoding="utf-8"))
            waiting += [name.rpartition(".")[0]] if "." in name else []
    return files


def _imports(text: str) -> Iterator[str]:
    """Names that may be modules of the package; what is no module finds no file."""
    yield from _IMPORT.findall(text)
    for module, names in _FROM.findall(text):
        yield module
        for name in re.findall(r"\w+", re.sub(r"#.*|\bas\s+\w+", "", names)):
            yield f"{module}.{name}"


def _file(name: str) -> Path | None:
    place = _ROOT.joinpath(*name.split(".")[1:])
    for file in (place.with_suffix(".py"), place / "__init__.py"):
        if file.is_file() and name.split(".")[0] == "analysis":
            return file
    return None
