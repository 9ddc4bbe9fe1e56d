"""The embedded engine's first half: Pandoc from its wheel, to HTML or to Typst source."""

from __future__ import annotations

import base64
import contextlib
import re
import subprocess
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import pypandoc

from analysis.errors import UserError
from analysis.publish.render.workspace import Workspace, shared_files
from analysis.publish.render.writers import WriterEnded, borrowed

# What a brief's Markdown may use, and nothing else: no raw HTML, TeX or Typst, no formulas.
# `_quarto.yml` names the same set (`from:`); a test compares them.
EXTENSIONS = (
    "all_symbols_escapable",
    "ascii_identifiers",
    "auto_identifiers",
    "backtick_code_blocks",
    "blank_before_blockquote",
    "blank_before_header",
    "bracketed_spans",
    "escaped_line_breaks",
    "fenced_code_blocks",
    "fenced_divs",
    "header_attributes",
    "implicit_figures",
    "intraword_underscores",
    "link_attributes",
    "pipe_tables",
    "shortcut_reference_links",
    "space_in_atx_header",
    "startnum",
    "table_captions",
)
TIME_LIMIT_S = 120
# A brief fits into so much memory, so Pandoc's collector has next to nothing to do.
_MEMORY = ("+RTS", "-A128m", "-RTS")
_ENDINGS = {"html": "html", "typst": "typ"}
_LINK = b'<link rel="stylesheet" href="../styles/brief.css">'
_COMMENT = re.compile(rb"/\*.*?\*/", re.S)
_FONT = re.compile(rb"url\((\.\./fonts/[^)]+\.woff2)\)")
#: Anything a browser would fetch: a source that is not inside the page, a sheet, a script.
_OUTSIDE = re.compile(
    rb"<(?:img|source|script|iframe|embed|object)\b[^>]*?\s(?:src|data)=\"(?!data:)|<link\b"
)


@cache
def pandoc_path() -> str:
    """Path of the Pandoc program that the wheel carries."""
    return str(pypandoc.get_pandoc_path())


@cache
def reader_format() -> str:
    """Pandoc's name of the notebook format with exactly `EXTENSIONS` switched on.

    Pandoc switches on more for notebooks by itself, so those are switched off by name.
    """
    listed = _run([pandoc_path(), "--list-extensions=ipynb"], Path(pandoc_path()).parent).split()
    known = {entry.lstrip("+-") for entry in listed}
    on = {entry[1:] for entry in listed if entry.startswith("+")}
    unknown = set(EXTENSIONS) - known
    if unknown:
        raise UserError(f"This Pandoc does not know {', '.join(sorted(unknown))}; run make setup.")
    off = sorted(on - set(EXTENSIONS))
    return "ipynb" + "".join(f"+{name}" for name in EXTENSIONS) + "".join(f"-{x}" for x in off)


def write(work: Workspace, formats: Sequence[str]) -> dict[str, Path]:
    """Format the brief as ``html``, as ``typst`` source, or both; return the files by format.

    One Pandoc for both, since it takes longer to read the brief than to write it. The files stand
    in the brief's folder; the HTML is finished by `whole_page`.

    Raises
    ------
    UserError
        The filter refuses the brief, or there is no Pandoc, or it broke or took too long.
    """
    targets = {fmt: f"{work.stem}.{_ENDINGS[fmt]}" for fmt in formats}
    request = {
        "folder": str(work.folder),
        "notebook": f"{work.stem}.ipynb",
        "outputs": [
            {"format": fmt, "template": _template(fmt), "target": target}
            for fmt, target in targets.items()
        ],
    }
    script = shared_files() / "filters" / "write.lua"
    program = [pandoc_path(), *_MEMORY, "lua", str(script), reader_format()]
    with _in_one_sentence(work.stem), borrowed(program) as writer:
        wrong = writer.ask(request, TIME_LIMIT_S)
    if wrong:
        raise UserError(f"{work.stem}: {explain(wrong)}")
    return {fmt: work.folder / target for fmt, target in targets.items()}


@contextlib.contextmanager
def _in_one_sentence(stem: str) -> Iterator[None]:
    """Turn what can happen to a program into a `UserError`."""
    try:
        yield
    except FileNotFoundError:
        raise UserError("Pandoc is not installed; run make setup.") from None
    except (subprocess.TimeoutExpired, TimeoutError):
        raise UserError(f"{stem}: Pandoc took more than {TIME_LIMIT_S} s.") from None
    except WriterEnded as error:
        raise UserError(f"{stem}: {explain(str(error))}") from None


def whole_page(work: Workspace, page: bytes) -> bytes:
    """Return the HTML as one file with everything inside it.

    The filter puts charts into the page and the style sheet is put in here: Pandoc's own way
    reads the whole page once more, which doubles its time. It is left to do so where
    something else is outside, and says so where that is missing.
    """
    if _OUTSIDE.search(page.replace(_LINK, b"", 1)):
        return _embedded(work)
    return page.replace(_LINK, _style_sheet(work.root / "styles"), 1)


def _style_sheet(folder: Path) -> bytes:
    """Return the style sheet as an element, its fonts inside."""

    def inside(match: re.Match[bytes]) -> bytes:
        font = base64.b64encode((folder / match[1].decode()).read_bytes())
        return b"url(data:font/woff2;base64," + font + b")"

    css = _COMMENT.sub(b"", (folder / "brief.css").read_bytes())
    css = _FONT.sub(inside, b"\n".join(line.strip() for line in css.splitlines() if line.strip()))
    return b'<style type="text/css">\n' + css + b"\n</style>"


def _template(fmt: str) -> str:
    return f"../templates/page.{_ENDINGS[fmt]}"


def _embedded(work: Workspace) -> bytes:
    """Format the brief as HTML into which Pandoc puts what it refers to."""
    command = [
        pandoc_path(),
        f"{work.stem}.ipynb",
        f"--from={reader_format()}",
        "--to=html",
        "--standalone",
        f"--template={_template('html')}",
        "--lua-filter=../filters/brief.lua",
        "--wrap=none",
        "--syntax-highlighting=none",
        "--embed-resources",
    ]
    return _run(command, work.folder).encode("utf-8")


def _run(command: list[str], cwd: Path) -> str:
    """Run Pandoc; turn what the filter says about the brief into a `UserError`."""
    with _in_one_sentence(cwd.name):
        done = subprocess.run(
            command, cwd=cwd, capture_output=True, encoding="utf-8", timeout=TIME_LIMIT_S
        )
    warnings = [line for line in done.stderr.splitlines() if line.startswith("[WARNING]")]
    missing = [line for line in warnings if "Could not fetch resource" in line]
    if done.returncode != 0 or missing:
        raise UserError(f"{cwd.name}: {explain(done.stderr)}")
    return done.stdout


def explain(stderr: str) -> str:
    """Pick the filter's own sentence out of an error message, or its last line."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    own = [line.split("brief: ", 1)[1] for line in lines if "brief: " in line]
    return (own or lines or ["Pandoc failed without a word"])[0]
