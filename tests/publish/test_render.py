"""The two documents of a brief, as a reader, a printer and a screen reader find them."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pdfplumber
import pikepdf
import pytest

from analysis.errors import UserError
from analysis.publish.render import pandoc
from analysis.publish.render.documents import render
from analysis.publish.render.executed import brief_metadata, read_notebook, reader_texts
from analysis.publish.render.workspace import laid_out

pytestmark = pytest.mark.slow


def _load_sample() -> Any:
    """The sample's module: tests are no package, so it is found by its path, and once."""
    if "brief_sample" not in sys.modules:
        path = Path(__file__).with_name("brief_sample.py")
        spec = importlib.util.spec_from_file_location("brief_sample", path)
        assert spec and spec.loader
        module = importlib.util.module_from_spec(spec)
        sys.modules["brief_sample"] = module
        spec.loader.exec_module(module)
    return sys.modules["brief_sample"]


sample = _load_sample()


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    root = tmp_path_factory.mktemp("brief")
    return render(sample.build(root / "build"), engine="pandoc", out=root / "out")


@pytest.fixture(scope="module")
def html(documents: dict[str, Path]) -> str:
    return documents["html"].read_text(encoding="utf-8")


@dataclass(frozen=True)
class Paper:
    """What pdfplumber finds in the PDF, read once: it takes its time over charts."""

    words: list[str]
    sizes: set[float]
    line_widths: list[float]


@pytest.fixture(scope="module")
def paper(documents: dict[str, Path]) -> Paper:
    with pdfplumber.open(documents["pdf"]) as pdf:
        return Paper(
            words=[page.extract_text() for page in pdf.pages],
            sizes={round(char["size"], 1) for page in pdf.pages for char in page.chars},
            # Typst writes no width where it is PDF's default of 1 pt; pdfplumber reports that as 0.
            line_widths=[
                line["linewidth"] or 1.0
                for page in pdf.pages
                for line in page.lines
                if line["stroke"]
            ],
        )


class Tags(HTMLParser):
    """Elements with their attributes, and the text a reader sees."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self._style = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        self._style = tag in ("style", "title")
        if tag not in ("span", "em", "strong", "a", "code"):
            self.words += " "

    def handle_endtag(self, tag: str) -> None:
        self._style = self._style and tag not in ("style", "title")

    def handle_data(self, data: str) -> None:
        if not self._style:
            self.words += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag]


def structure(pdf: pikepdf.Pdf, kind: str) -> list[pikepdf.Object]:
    """Structure elements of one kind, anywhere in the tree."""
    found, queue = [], [pdf.Root.StructTreeRoot]
    while queue:
        node = queue.pop()
        if not isinstance(node, pikepdf.Dictionary):
            continue
        if node.get("/S") == kind:
            found.append(node)
        kids = node.get("/K", [])
        queue += list(kids) if isinstance(kids, pikepdf.Array) else [kids]
    return found


def pdf_words(path: Path) -> str:
    with pdfplumber.open(path) as pdf:
        return "\n".join(page.extract_text() for page in pdf.pages)


# ---- The PDF -------------------------------------------------------------------------------------


def test_pdf_is_two_a4_pages_of_at_most_300_kb(documents: dict[str, Path]) -> None:
    with pikepdf.open(documents["pdf"]) as pdf:
        assert len(pdf.pages) == 2
        for page in pdf.pages:
            width, height = (float(x) for x in page.mediabox[2:])
            assert (width, height) == pytest.approx((595.28, 841.89), abs=0.1)
    assert documents["pdf"].stat().st_size <= 300_000


def test_pdf_is_tagged_with_language_title_and_standards(documents: dict[str, Path]) -> None:
    with pikepdf.open(documents["pdf"]) as pdf:
        assert bool(pdf.Root.MarkInfo.Marked)
        assert str(pdf.Root.Lang).startswith("id")
        assert bool(pdf.Root.ViewerPreferences.DisplayDocTitle)
        with pdf.open_metadata() as meta:
            assert meta["dc:title"] == sample.METADATA["title"]
            assert meta["pdfuaid:part"] == "1"
            assert (meta["pdfaid:part"], meta["pdfaid:conformance"]) == ("3", "A")
            assert meta["xmp:CreateDate"].startswith("2026-08-31")


def test_pdf_every_figure_has_its_alternative_text(documents: dict[str, Path]) -> None:
    written = re.findall(r'alt="([^"]+)"', "".join(sample.SIDE_ONE + sample.SIDE_TWO))
    with pikepdf.open(documents["pdf"]) as pdf:
        alternatives = [str(node.Alt) for node in structure(pdf, "/Figure") if "/Alt" in node]
        without = [node for node in structure(pdf, "/Figure") if "/Alt" not in node]
    assert sorted(alternatives) == sorted(written)
    assert not without


def test_pdf_tables_have_header_cells_and_headings_do_not_skip(documents: dict[str, Path]) -> None:
    with pikepdf.open(documents["pdf"]) as pdf:
        assert len(structure(pdf, "/Table")) == 3
        assert len(structure(pdf, "/TH")) >= 6 + 3 + 4
        assert len(structure(pdf, "/H1")) == 1
        assert len(structure(pdf, "/H2")) == 12
        outline = pdf.open_outline().root
        assert outline[0].title == sample.METADATA["title"]
        assert "Tiga hal untuk diputuskan" in [item.title for item in outline[0].children]


def test_pdf_carries_the_numbers_as_csv(documents: dict[str, Path]) -> None:
    with pikepdf.open(documents["pdf"]) as pdf:
        assert list(pdf.attachments) == ["angka.csv"]
        attached = next(iter(pdf.attachments.values()))
        assert attached.description == sample.LABELS["attachment"]
        assert attached.get_file().mime_type == "text/csv"
        assert attached.get_file().read_bytes() == b"indikator,nilai\r\nstunting,24\r\n"


def test_pdf_fonts_are_embedded_and_the_project_s_own(documents: dict[str, Path]) -> None:
    names = set()
    with pikepdf.open(documents["pdf"]) as pdf:
        for node in pdf.objects:
            if isinstance(node, pikepdf.Dictionary) and node.get("/Type") == "/FontDescriptor":
                assert "/FontFile2" in node or "/FontFile3" in node
                names.add(str(node.FontName).split("+")[-1])
    assert names and all(name.startswith("SourceSans3") for name in names), names


def test_pdf_says_synthetic_and_where_it_is_on_every_page(paper: Paper) -> None:
    for number, words in enumerate(paper.words, start=1):
        assert "DATA SINTETIS" in words
        assert "Kecamatan Patrang · 35.09.20 · DRAF" in words
        assert f"Halaman {number} dari 2" in words


def test_pdf_type_is_never_smaller_than_nine_and_a_half_points(paper: Paper) -> None:
    assert min(paper.sizes) >= 9.5


def test_pdf_lines_are_never_thinner_than_three_quarters_of_a_point(paper: Paper) -> None:
    assert paper.line_widths and min(paper.line_widths) >= 0.74


# ---- The HTML ------------------------------------------------------------------------------------


def test_html_is_one_file_that_asks_for_nothing(html: str, documents: dict[str, Path]) -> None:
    assert documents["html"].stat().st_size <= 500_000
    tags = Tags(html)
    sources = [a[key] for _, a in tags.found for key in ("src", "srcset", "poster") if key in a]
    assert sources and all(str(source).startswith("data:") for source in sources)
    assert not tags.all("script") and not tags.all("link") and not tags.all("iframe")
    styles = "".join(re.findall(r"<style[^>]*>(.*?)</style>", html, re.S))
    assert "url(" in styles
    assert all(
        url.strip("\"'").startswith("data:") for url in re.findall(r"url\(([^)]{0,40})", styles)
    )
    assert "@import" not in styles


def test_html_has_one_h1_language_landmarks_and_a_skip_link(html: str) -> None:
    tags = Tags(html)
    assert tags.all("html")[0]["lang"] == "id"
    assert [len(tags.all(tag)) for tag in ("h1", "main", "header", "footer")] == [1, 1, 1, 1]
    skip = tags.all("a")[0]
    assert skip["href"] == "#" + str(tags.all("main")[0]["id"])
    assert "DATA SINTETIS" in tags.words
    assert "<title>Ringkasan Bukti Kecamatan Patrang</title>" in html


def test_html_pictures_have_text_and_charts_have_tables(html: str) -> None:
    tags = Tags(html)
    assert len(tags.all("img")) == 6
    assert all(len(str(image.get("alt"))) > 20 for image in tags.all("img"))
    assert len(tags.all("details")) == 2
    assert len(tags.all("th")) > 20 and all(
        th.get("scope") in ("row", "col") for th in tags.all("th")
    )
    ids = [a["id"] for _, a in tags.found if "id" in a]
    assert len(ids) == len(set(ids))


def test_both_carry_the_same_words(html: str, paper: Paper) -> None:
    """All words of the PDF but its running foot stand in the HTML, and the other way round."""
    screen = Counter(re.findall(r"\w+", Tags(html).words))
    sheets = Counter(re.findall(r"\w+", " ".join(paper.words)))
    tables = re.findall(r"<details.*?</details>", html, re.S)
    skipped = Counter(re.findall(r"\w+", Tags("".join(tables)).words + " Langsung ke isi"))
    # Band and running foot: once in the HTML, on every page of the PDF.
    band = str(sample.METADATA["synthetic_label"])
    repeated = Counter(re.findall(r"\w+", f"{band} Kecamatan Patrang 35.09.20 DRAF"))
    pages = Counter(re.findall(r"\w+", "Halaman 1 dari 2 Halaman 2 dari 2"))
    assert screen - skipped + repeated + pages == sheets


def test_code_and_other_outputs_never_show(html: str, paper: Paper) -> None:
    for text in (html, " ".join(paper.words)):
        for hidden in ("SECRET_CODE", "PRINTED TEXT", "HTML OUTPUT", "IPython", "nbformat"):
            assert hidden not in text


# ---- Text from data is text ----------------------------------------------------------------------

HOSTILE = [
    "<script>alert(1)</script>",
    '#read("/etc/passwd")',
    "<img src=x onerror=alert(1)>",
    "`#panic(1)`{=typst}",
    "`<b>x</b>`{=html}",
    "$x^2$ \\input{y}",
    "{{< include /etc/passwd >}}",
    '#import "x": *',
    "@label https://example.org/x",
    "&lt;b&gt; ~a^b_c",
]


def test_hostile_text_prints_as_itself(tmp_path: Path) -> None:
    rows = "\n".join(f"| Desa {text.replace('|', '')} | 1 |" for text in HOSTILE)
    body = "\n\n".join(
        ["## Desa #let x = 1 <i>y</i>", *HOSTILE, f"| Desa | n |\n|---|--:|\n{rows}"]
    )
    folder = sample.build(
        tmp_path, [body], title='Kecamatan <script>x</script> #read("x") "a" \\ $b$ *c*', pages=None
    )
    done = render(folder, engine="pandoc", out=tmp_path / "out")
    html = done["html"].read_text(encoding="utf-8")
    tags = Tags(html)
    assert not tags.all("script") and not tags.all("b") and not tags.all("i")
    assert all(str(image["src"]).startswith("data:") for image in tags.all("img"))
    assert tags.words.count("<script>alert(1)</script>") == 2
    assert 'Kecamatan <script>x</script> #read("x") "a" \\ $b$ *c*' in tags.words
    paper = re.sub(r"\s+", " ", pdf_words(done["pdf"]))
    assert paper.count("<script>alert(1)</script>") == 2
    assert paper.count('#read("/etc/passwd")') == 2
    assert "root:" not in paper and "{{< include /etc/passwd >}}" in paper
    with pikepdf.open(done["pdf"]) as pdf, pdf.open_metadata() as meta:
        assert meta["dc:title"] == 'Kecamatan <script>x</script> #read("x") "a" \\ $b$ *c*'


AWKWARD = [
    "+ 5 poin",
    "- 3 poin",
    "= 4",
    "/ 5: 6",
    "1. 6",
    "+5",
    "#7",
    "*8*",
    "_9_",
    "a//b",
    "~10",
    "--",
    "...",
    "a-5",
    "-1,2",
    "2) x",
]


def test_signs_that_typst_would_take_for_markup_print_as_signs(tmp_path: Path) -> None:
    cells = [re.sub(r"([*_#~\\.+=()-])", r"\\\1", text) for text in AWKWARD]
    rows = "\n".join(f"| [{text}]{{.higher}} | {text} |" for text in cells)
    body = "| a | b |\n|---|---|\n" + rows + "\n\n" + "\n\n".join(f"Awal {t}\n\n{t}" for t in cells)
    folder = sample.build(tmp_path, [body], pages=None)
    done = render(folder, engine="pandoc", out=tmp_path / "out")
    words = Tags(done["html"].read_text(encoding="utf-8")).words
    paper = pdf_words(done["pdf"])
    for text in AWKWARD:
        assert words.count(text) >= 4, text
        assert len(re.findall(re.escape(text), paper)) >= 4, (text, paper)


def test_plain_markdown_is_set_too(tmp_path: Path) -> None:
    body = """# Judul besar

> Kutipan.

1. satu
2. dua

   - cucu

---

```python
kode = 1
```

Baris `kode` dan [tautan](https://example.org/a_b?c=1#d) serta *miring* dan **tebal**.
"""
    done = render(sample.build(tmp_path, [body], pages=None), engine="pandoc", out=tmp_path / "out")
    tags = Tags(done["html"].read_text(encoding="utf-8"))
    assert len(tags.all("h1")) == 1 and len(tags.all("li")) == 3
    for phrase in ("Judul besar", "Kutipan.", "cucu", "kode = 1", "tautan", "tebal"):
        assert phrase in pdf_words(done["pdf"]) and phrase in tags.words


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("![Judul](figures/bridge.svg)", "no alternative text"),
        ('![Judul](figures/tiada.svg){alt="Kalimat penuh."}', "tiada.svg"),
        ('![Judul](https://example.org/a.svg){alt="Kalimat."}', "must be a file"),
        ('::: {.table widths="50 50 10"}\n| a | b |\n|---|---|\n| 1 | 2 |\n:::', "names 3 columns"),
        ("::: {.columns}\nteks\n:::", "holds no .column"),
    ],
)
@pytest.mark.parametrize("fmt", ["html", "pdf"])
def test_a_brief_that_is_wrong_is_refused_in_one_sentence(
    tmp_path: Path, text: str, message: str, fmt: str
) -> None:
    folder = sample.build(tmp_path, [text])
    with pytest.raises(UserError, match=re.escape(message)):
        render(folder, formats=[fmt], engine="pandoc", out=tmp_path / "out")
    assert not list((tmp_path / "out").glob("*"))


# ---- Whole, the same, or not at all --------------------------------------------------------------


def test_same_notebook_same_bytes(documents: dict[str, Path], tmp_path: Path) -> None:
    again = render(sample.build(tmp_path / "elsewhere"), engine="pandoc", out=tmp_path / "out")
    for fmt, path in documents.items():
        assert again[fmt].read_bytes() == path.read_bytes()


def test_one_pandoc_writes_both_formats_as_pandoc_itself_would(tmp_path: Path) -> None:
    folder = sample.build(tmp_path)
    notebook = read_notebook(folder / f"{folder.name}.ipynb")
    texts = list(reader_texts(notebook))
    with laid_out(folder, brief_metadata(notebook, folder.name), texts) as work:
        for fmt, file in pandoc.write(work, ["html", "typst"]).items():
            page = file.read_bytes()
            command = [pandoc.pandoc_path(), f"{work.stem}.ipynb", f"--to={fmt}", "--standalone"]
            command += [f"--from={pandoc.reader_format()}", "--lua-filter=../filters/brief.lua"]
            command += [f"--template=../templates/page{file.suffix}"]
            command += ["--wrap=none", "--syntax-highlighting=none"]
            done = subprocess.run(command, cwd=work.folder, capture_output=True, check=True)
            assert page == done.stdout


@pytest.mark.parametrize("damage", ["error output", "papermill exception", "never run"])
def test_a_failed_notebook_is_refused_and_the_earlier_brief_stays(
    tmp_path: Path, damage: str
) -> None:
    folder = sample.build(tmp_path / "build")
    path = folder / f"{sample.STEM}.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    if damage == "error output":
        notebook["cells"][2]["outputs"] = [
            {"output_type": "error", "ename": "ValueError", "evalue": "no rows", "traceback": []}
        ]
    elif damage == "papermill exception":
        notebook["metadata"]["papermill"] = {"exception": True}
    else:
        for cell in notebook["cells"]:
            cell["execution_count"] = None
    path.write_text(json.dumps(notebook), encoding="utf-8")
    out = tmp_path / "out"
    out.mkdir()
    (out / f"{sample.STEM}.pdf").write_bytes(b"earlier")
    with pytest.raises(UserError, match="run the notebook"):
        render(folder, engine="pandoc", out=out)
    assert (out / f"{sample.STEM}.pdf").read_bytes() == b"earlier"
    assert len(list(out.iterdir())) == 1


def test_metadata_that_lacks_a_key_is_named(tmp_path: Path) -> None:
    folder = sample.build(tmp_path, ["Teks."], title="", labels={"page": "Halaman"})
    with pytest.raises(UserError, match=r"lacks title, labels\.of, labels\.skip"):
        render(folder, engine="pandoc", out=tmp_path / "out")


def test_a_brief_that_overflows_is_tightened_to_two_pages(tmp_path: Path) -> None:
    more = "## Catatan\n\n" + "\n\n".join(
        "Satu paragraf lagi yang menambah panjang halaman pertama dengan penjelasan bagi pembaca."
        for _ in range(7)
    )
    folder = sample.build(tmp_path, [*sample.SIDE_ONE, more, *sample.SIDE_TWO])
    done = render(folder, formats=["pdf"], engine="pandoc", out=tmp_path / "out")
    with pikepdf.open(done["pdf"]) as pdf:
        assert len(pdf.pages) == 2


def test_pages_that_cannot_be_fitted_are_said(tmp_path: Path) -> None:
    folder = sample.build(tmp_path, ["Paragraf.\n\n" * 150], pages=1)
    with pytest.warns(UserWarning, match="pages where 1 were wanted"):
        render(folder, formats=["pdf"], engine="pandoc", out=tmp_path / "out")


def test_without_synthetic_data_there_is_no_band(tmp_path: Path) -> None:
    folder = sample.build(tmp_path, ["## Bagian\n\nTeks."], synthetic=False, pages=None)
    done = render(folder, engine="pandoc", out=tmp_path / "out")
    assert "SINTETIS" not in pdf_words(done["pdf"])
    assert "SINTETIS" not in done["html"].read_text(encoding="utf-8")
