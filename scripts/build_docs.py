"""Build site/: docs/*.md, README and CHANGELOG as plain pages that work from a USB stick.

    python scripts/build_docs.py [--out site]

Pandoc (from its wheel) formats; look and fonts are those of the briefs. Links between pages
become links between the built pages, a linked file of the project is copied beside them, and a
link that leads nowhere ends the build with a sentence that names it. Nothing is fetched.
"""

from __future__ import annotations

import argparse
import html
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pypandoc

from analysis.errors import UserError
from analysis.publish.render.workspace import read_palette

ROOT = Path(__file__).parents[1]
#: Pages in the order of the contents; pages not named follow by their titles.
ORDER = (
    "README.md",
    "README.id.md",
    "docs/install.md",
    "docs/howto.md",
    "docs/api.md",
    "docs/not-to-conclude.md",
    "docs/not-to-conclude.id.md",
    "docs/methods.md",
    "docs/agreement.md",
    "docs/timings.md",
    "docs/mutations.md",
    "docs/assumptions.md",
    "docs/architecture.md",
    "docs/params.md",
    "docs/data-dictionary.md",
    "docs/synthetic.md",
    "docs/data-protection.md",
    "CHANGELOG.md",
)
WORDS = {
    "en": {"skip": "Skip to the text", "contents": "Contents"},
    "id": {"skip": "Langsung ke isi", "contents": "Daftar isi"},
}
_TARGET = re.compile(r'(?P<key>\b(?:href|src))="(?P<target>[^"]*)"')
_TABLE = re.compile(r"<table.*?</table>", re.S)


@dataclass(frozen=True)
class Page:
    """One page: its Markdown file, its place in the site, and its title."""

    source: Path
    path: str
    title: str

    @property
    def lang(self) -> str:
        """Language of the page, from its file name."""
        return "id" if self.source.stem.endswith(".id") else "en"


def find_pages(root: Path) -> list[Page]:
    """Every page of the site, in the order of the contents."""
    found = [root / name for name in ("README.md", "README.id.md", "CHANGELOG.md")]
    found += sorted((root / "docs").rglob("*.md"))
    pages = [page_of(file, root) for file in found if file.is_file()]
    known = {name: place for place, name in enumerate(ORDER)}

    def place(page: Page) -> tuple[int, str]:
        name = page.source.relative_to(root).as_posix()
        return known.get(name, len(known)), name

    return sorted(pages, key=place)


def page_of(source: Path, root: Path) -> Page:
    """The page a Markdown file becomes; the README is the way in."""
    relative = source.relative_to(root).as_posix().removeprefix("docs/").removesuffix(".md")
    path = {"README": "index", "README.id": "index.id"}.get(relative, relative) + ".html"
    text = source.read_text(encoding="utf-8")
    heading = re.search(r"^# (.+)$", text, re.M)
    if heading is None:
        raise UserError(f"{source.name}: the page has no title (a line that begins with '# ').")
    return Page(source, path, heading[1].replace("`", ""))


def build(root: Path, out: Path) -> list[Path]:
    """Build the whole site into `out`; returns the pages written.

    Raises
    ------
    UserError
        A page has no title, or a link leads nowhere.
    """
    pages = find_pages(root)
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder) / "site"
        for name in ("styles", "fonts"):
            (fresh / name).mkdir(parents=True)
        shutil.copy(root / "reports/styles/brief.css", fresh / "styles")
        shutil.copy(root / "docs/theme/docs.css", fresh / "styles")
        for font in sorted((root / "reports/fonts").glob("*.woff2")):
            shutil.copy(font, fresh / "fonts")
        shutil.copy(root / "reports/fonts/OFL.txt", fresh / "fonts")
        for page in pages:
            write_page(page, pages, root, fresh)
        shutil.rmtree(out, ignore_errors=True)
        shutil.copytree(fresh, out)
    return [out / page.path for page in pages]


def write_page(page: Page, pages: list[Page], root: Path, out: Path) -> None:
    """Format one page into `out`."""
    up = "../" * page.path.count("/")
    palette = ";".join(
        f"--{name}:{colour}" for name, colour in read_palette(root / "reports").items()
    )
    variables = WORDS[page.lang] | {
        "lang": page.lang,
        "pagetitle": html.escape(page.title),
        "palette": palette,
        "up": up,
        "nav": contents(page, pages, up),
    }
    arguments = [
        *("--from=gfm", "--to=html5", "--no-highlight", "--wrap=none", "--columns=10000"),
        f"--template={root / 'docs/theme/template.html'}",
        *(f"--variable={name}={value}" for name, value in variables.items()),
    ]
    made = subprocess.run(
        [str(pypandoc.get_pandoc_path()), *arguments, str(page.source)],
        check=True, capture_output=True, text=True, encoding="utf-8",
    ).stdout  # fmt: skip
    head, body = made.split("<main", 1)
    body = _TARGET.sub(lambda m: relink(m, page, pages, root, out), body)
    body = _TABLE.sub(lambda m: f'<div class="scroll" tabindex="0">{m[0]}</div>', body)
    target = out / page.path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(head + "<main" + body, encoding="utf-8")


def contents(page: Page, pages: list[Page], up: str) -> str:
    """List of all pages, this one marked."""
    items = []
    for other in pages:
        here = ' aria-current="page"' if other == page else ""
        items.append(
            f'<li><a href="{up}{other.path}" lang="{other.lang}"{here}>'
            f"{html.escape(other.title)}</a></li>"
        )
    return "<ul>" + "".join(items) + "</ul>"


def relink(match: re.Match[str], page: Page, pages: list[Page], root: Path, out: Path) -> str:
    """A link as it must read in the site; files of the project are copied there."""
    target = html.unescape(match["target"])
    if re.match(r"[a-z]+:", target) or target.startswith("#"):
        return match[0]
    name, _, anchor = target.partition("#")
    file = (page.source.parent / name).resolve()
    known = {other.source.resolve(): other.path for other in pages}
    if file in known:
        path = known[file]
    elif file.is_file() and file.is_relative_to(root.resolve()):
        path = "files/" + file.relative_to(root.resolve()).as_posix()
        (out / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, out / path)
    else:
        raise UserError(f"{page.source.relative_to(root)}: the link to '{name}' leads nowhere.")
    link = os.path.relpath(path, Path(page.path).parent)
    return (
        f'{match["key"]}="{html.escape(Path(link).as_posix() + (f"#{anchor}" if anchor else ""))}"'
    )


def main() -> int:
    """Build the site; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "site")
    args = parser.parse_args()
    try:
        made = build(ROOT, args.out)
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(f"{len(made)} pages; open {args.out / 'index.html'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
