"""The way in: `index.html` over all briefs that are there, and one ZIP of everything.

Numbers and their words come from the metadata each brief's notebook left behind;
nothing is computed here, so the index cannot say anything a brief does not.
"""

from __future__ import annotations

import base64
import json
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from analysis.brief.formatting import Formatter
from analysis.files import load_yaml, write_if_changed
from analysis.project import Project
from analysis.publish.briefs import Job, metadata, outputs
from analysis.publish.render.workspace import read_palette, shared_files

SIGNS = {
    "reached": "●",
    "undetermined": "○",
    "not_reached": "▲",
    "no_target": "–",
    "no_estimate": "–",
}
KINDS = {".html": "HTML", ".pdf": "PDF", ".png": "PNG", ".csv": "CSV"}
_ZIP_TIME = (2000, 1, 1, 0, 0, 0)  # the same bytes every time


@dataclass(frozen=True)
class Page:
    """One brief as the index sees it."""

    job: Job
    brief: dict[str, Any]
    files: tuple[Path, ...]


def build(project: Project, jobs: Sequence[Job]) -> list[Path]:
    """Write `index.html` and the ZIP for those of `jobs` whose files are there.

    Returns
    -------
    list
        The files written, or left as they were because nothing changed.
    """
    pages = {job.code: page for job in jobs if (page := _page(job)) is not None}
    out = project.out
    out.mkdir(parents=True, exist_ok=True)
    language = project.params.language
    words = _words(project, pages.get(project.whole), language)
    bundle = _bundle(project, list(pages.values()))
    size = _size(bundle.stat().st_size, language)
    bundles = [{"href": bundle.name, "label": words["zip"].replace("{ukuran}", size)}]
    if (out / "tables" / _WORKBOOK).exists():
        bundles.append({"href": f"tables/{_WORKBOOK}", "label": words["tables"]})
    for deck in sorted(out.glob("*.pptx")):
        for file in (deck, deck.with_suffix(".pdf")):
            if file.exists():
                kind = file.suffix[1:].upper()
                bundles.append({"href": file.name, "label": _fill(words["deck"], jenis=kind)})
    html = _render(project, pages, words, bundles)
    return [write_if_changed(out / "index.html", html.encode("utf-8")), bundle]


_WORKBOOK = "tables.xlsx"


def _page(job: Job) -> Page | None:
    brief = metadata(job)
    files = tuple(file for file in outputs(job) if file.suffix in KINDS)
    return Page(job, brief, files) if brief and files else None


def _row(project: Project, code: str, page: Page | None, words: dict[str, Any]) -> dict[str, Any]:
    """One line of the table, one tile of the map."""
    facts = page.brief["numbers"] if page else {}
    name = project.area_name(code)
    word = facts.get("word", "no_estimate")
    row: dict[str, Any] = {
        "code": code,
        "name": name,
        "word": word,
        "sign": SIGNS[word],
        "word_text": facts.get("word_text", words["not_built"]),
        "tile": None,
        "page": None,
        "files": [],
    }
    for key in ("estimate", "low", "high", "stunted"):
        row[key] = facts.get(key)
    for key in ("estimate_text", "interval_text", "stunted_text"):
        row[key] = facts.get(key, "–")
    if page is None:
        return row
    row["files"] = [
        {
            "href": file.name,
            "kind": KINDS[file.suffix],
            "download": file.suffix in (".csv", ".png"),
            "label": _fill(words["file_label"], jenis=KINDS[file.suffix], nama=name),
        }
        for file in sorted(page.files, key=lambda f: list(KINDS).index(f.suffix))
    ]
    row["page"] = next((f.name for f in page.files if f.suffix == ".html"), None)
    return row


def _render(
    project: Project, pages: dict[str, Page], words: dict[str, Any], bundles: list[dict[str, str]]
) -> str:
    shared = shared_files()
    whole = _row(project, project.whole, pages.get(project.whole), words)
    rows = [_row(project, code, pages.get(code), words) for code in project.register.codes]
    rows.sort(key=lambda row: str(row["name"]).casefold())
    tiles = _tiles(project)
    for row in rows:
        row["tile"] = tiles.get(row["code"])
    used = {row["word"] for row in rows}
    states = [
        {"code": code, "sign": SIGNS[code], "text": text}
        for code, text in words["legend"].items()
        if code in used
    ]
    environment = Environment(
        loader=FileSystemLoader(shared / "templates"),
        autoescape=True,
        trim_blocks=True,
        finalize=lambda value: "" if value is None else value,
    )
    data = {
        "rows": [{k: v for k, v in row.items() if k not in ("tile", "files")} for row in rows],
        "words": {"found": words["found"], "balita": words["columns"]["balita"]},
    }
    any_page = next(iter(pages.values()), None)
    return environment.get_template("index.html").render(
        lang=project.params.language,
        words=words,
        synthetic=_synthetic(any_page),
        whole=whole,
        rows=rows,
        states=states,
        map_rows=max((tile[0] for tile in tiles.values()), default=1),
        map_cols=max((tile[1] for tile in tiles.values()), default=1),
        bundles=bundles,
        palette=Markup("".join(f"--{k}:{v};" for k, v in read_palette(shared).items())),
        css=Markup(_styles(shared)),
        script=Markup((shared / "templates" / "index.js").read_text(encoding="utf-8")),
        # `</script>` inside a name must not end the element.
        data=Markup(json.dumps(data, ensure_ascii=False, sort_keys=True).replace("<", "\\u003c")),
    )


def _synthetic(page: Page | None) -> str:
    if page is None or not page.brief.get("synthetic"):
        return ""
    return str(page.brief["synthetic_label"])


def _tiles(project: Project) -> dict[str, tuple[int, int]]:
    areas = project.register.areas[["tile_row", "tile_col"]].dropna()
    return {str(c): (int(r.tile_row) + 1, int(r.tile_col) + 1) for c, r in areas.iterrows()}


def _styles(shared: Path) -> str:
    """Style sheets with the fonts inside, so that the page asks for nothing."""
    styles = shared / "styles"
    css = "\n".join((styles / n).read_text(encoding="utf-8") for n in ("brief.css", "index.css"))

    def inline(match: re.Match[str]) -> str:
        font = base64.b64encode((styles / match.group(1)).read_bytes()).decode()
        return f"url(data:font/woff2;base64,{font})"

    return re.sub(r"url\((\.\./fonts/[^)]+\.woff2)\)", inline, css)


def _words(project: Project, whole: Page | None, language: str) -> dict[str, Any]:
    """Words of the page with the run's names filled in."""
    file = shared_files() / "templates" / f"index_{language}.yaml"
    params = project.params
    names = sorted(row for row in project.register.areas["name"])
    area = params.place.area_level[language]
    filling = {
        "tempat": params.place.full_name[language],
        "wilayah": area.lower(),
        "Wilayah": area,
        "tingkat": params.place.level[language],
        "rapat": params.review.meeting[language],
        "tanggal": Formatter(language).date(params.review.date),
        "tahun": str(params.review.year),
        "periode": params.survey.period[language],
        "contoh": names[len(names) // 2],
        "sidik": str((whole.brief.get("hashes") or {}).get("data", "–"))[:12] if whole else "–",
    }
    filled = _fill_all(load_yaml(file), filling)
    assert isinstance(filled, dict)
    return filled


def _fill_all(value: Any, filling: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _fill_all(inner, filling) for key, inner in value.items()}
    return _fill(str(value), **filling)


def _fill(text: str, **filling: str) -> str:
    """Fill `{name}` where the name is known; other braces stay for later."""
    return re.sub(r"\{(\w+)\}", lambda m: filling.get(m.group(1), m.group(0)), text)


def _bundle(project: Project, pages: Sequence[Page]) -> Path:
    """One ZIP of every brief's files; the same content gives the same bytes."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as archive:
        for file in sorted(file for page in pages for file in page.files):
            entry = zipfile.ZipInfo(file.name, _ZIP_TIME)
            entry.external_attr = 0o644 << 16
            # PDF and PNG are compressed already; HTML shrinks to a quarter.
            stored = file.suffix in (".pdf", ".png")
            entry.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
            archive.writestr(entry, file.read_bytes())
    review = project.params.review
    code = project.whole.replace(".", "")
    synthetic = any(page.brief.get("synthetic") for page in pages)
    name = f"{review.year}_{code}_semua{'_sintetis' if synthetic else ''}.zip"
    return write_if_changed(project.out / name, buffer.getvalue())


def _size(number: int, language: str) -> str:
    return f"{Formatter(language).number(number / 1e6, 1)} MB"
