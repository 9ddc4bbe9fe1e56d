"""The key numbers of a brief as each format shows them, read out of the finished files.

Every reader looks where a person would look: the cards of the page, the box of the PDF's
first page, the rows of the CSV, the words inside the card's picture, the data of the index,
the cells of the workbook. What the artefact says is written in the language's own way here
once more, without the package's formatter.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import partial
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pikepdf
import pypdfium2 as pdfium
from bs4 import BeautifulSoup
from PIL import Image

from analysis import artefacts
from analysis.brief import narrative
from analysis.brief.disclosure import verdict
from analysis.brief.language import Language
from analysis.project import Project
from analysis.publish import card as cards

HIDDEN = "*"


@dataclass(frozen=True)
class Key:
    """Numbers as printed, brackets and ≈ left out; None where a format does not hold one."""

    estimate: str | None = None
    interval: str | None = None
    stunted: str | None = None
    stunted_interval: str | None = None
    chance: str | None = None
    routine: str | None = None


def disagreements(project: Project, areas: list[str], review: pd.DataFrame | None = None) -> list:
    """(area, format, what, found, artefact) wherever a format differs from the artefact."""
    table = artefacts.read(project, "review") if review is None else review
    table = table.set_index("area")
    index, book, tidy = read_index(project), read_workbook(project), read_tables(project)
    found = []
    for area in areas:
        row = table.loc[area]
        expected = asdict(from_artefact(row))
        shown = read_files(project, area)
        shown["index"] = index[area]
        for format_, key in shown.items():
            for what, text in asdict(key).items():
                if text is not None and text != expected[what]:
                    found.append((area, format_, what, text, expected[what]))
        for format_, rows in (("workbook", book), ("tables", tidy)):
            for what in NUMBERS:
                cell, value = rows.loc[area, what], public(row, what)
                same = cell == value or (pd.isna(cell) and pd.isna(value))
                if not same and not abs(float(cell) - float(value)) < 1e-6:
                    found.append((area, format_, what, cell, value))
    return found


NUMBERS = ("estimate", "low", "high", "stunted", "stunted_low", "stunted_high",
           "probability_at_target", "routine_estimate")  # fmt: skip


def public(row: pd.Series, what: str) -> float:
    """What a table for others may hold of the artefact's row."""
    if what == "routine_estimate":
        return float("nan") if routine_hidden(row) else float(row[what])
    hidden = row["verdict"] == "suppress" or pd.isna(row[what])
    return float("nan") if hidden else float(row[what])


# ---- the artefact, in words -------------------------------------------------------------------


def local(value: float, decimals: int = 0) -> str:
    """Number with decimal comma and thousands point, rounded half up."""
    rounded = Decimal(str(round(float(value), 9))).quantize(
        Decimal(1).scaleb(-decimals), ROUND_HALF_UP
    )
    return f"{rounded:,}".translate(str.maketrans({",": ".", ".": ","}))


def count(value: float) -> str:
    """Children: tens from 100 on."""
    return local(
        10 * Decimal(str(round(float(value) / 10, 9))).quantize(Decimal(1), ROUND_HALF_UP)
        if value >= 100
        else value
    )


def from_artefact(row: pd.Series) -> Key:
    """The key numbers a brief must show of a row of the review."""
    routine = None
    if not pd.isna(row["routine_estimate"]):
        shown = local(100 * row["routine_estimate"], 1) + " %"
        routine = HIDDEN if routine_hidden(row) else shown
    if row["verdict"] == "suppress":
        return Key(HIDDEN, "tidak ditampilkan", HIDDEN, "tidak ditampilkan", None, routine)
    digits = 0 if round(row["high"] - row["low"], 9) > 0.10 else 1
    low, high = (local(100 * row[k], digits) for k in ("low", "high"))
    return Key(
        estimate=local(100 * row["estimate"], digits) + " %",
        interval=f"{low}–{high} %",
        stunted=count(row["stunted"]),
        stunted_interval=f"{count(row['stunted_low'])}–{count(row['stunted_high'])}",
        chance=narrative.chance(float(row["probability_at_target"]), Language("id")),
        routine=routine,
    )


def routine_hidden(row: pd.Series) -> bool:
    if pd.isna(row["routine_estimate"]):
        return True
    n = int(row["routine_n"])
    events = round(float(row["routine_estimate"]) * n)
    return verdict(kind="routine", n=n, events=events).verdict == "suppress"


# ---- the finished files -----------------------------------------------------------------------


def read_files(project: Project, area: str) -> dict[str, Key]:
    """Key numbers by format."""
    page = only(project, area, "html")
    pdf = only(project, area, "pdf")
    table = only(project, area, "csv")
    with pikepdf.open(pdf) as document:
        attached = [a.get_file().read_bytes() for a in document.attachments.values()]
    assert len(attached) == 1, pdf.name
    return {
        "html": read_html(page),
        "pdf": read_pdf(pdf),
        "attached csv": read_csv(attached[0].decode("utf-8-sig")),
        "csv": read_csv(table.read_text(encoding="utf-8-sig")),
        "card": read_card(project, area, only(project, area, "png")),
    }


def only(project: Project, area: str, suffix: str) -> Path:
    """The one file of a brief of a kind."""
    found = list(project.out.glob(f"2026_{area.replace('.', '')}_*.{suffix}"))
    assert len(found) == 1, (area, suffix, found)
    return found[0]


def clean(text: str) -> str:
    """Plain spaces, no brackets, no sign for about."""
    flat = re.sub(r"[\s\u00a0]+", " ", text).strip().removeprefix("≈ ")
    return re.sub(r"^\(([^()]*)\)$", r"\1", flat)


CHANCE = re.compile(r"Peluang sudah mencapai target \d+ \([\d,]+ %\): (.+?)\. ")


def read_html(file: Path) -> Key:
    soup = BeautifulSoup(file.read_text(encoding="utf-8"), "html.parser")
    found = {}
    for card in soup.select(".facts .card"):
        parts = {name: card.select_one(f".{name}") for name in ("label", "value", "interval")}
        texts = {k: clean(v.get_text()) if v else None for k, v in parts.items()}
        found[texts["label"].split(":")[0]] = texts
    chance = CHANCE.search(re.sub(r"[\s\u00a0]+", " ", soup.get_text(" ")).replace(" .", "."))
    estimate, children = found["Perkiraan stunting"], found["Jumlah balita stunting"]
    if "Survei" in found:
        assert clean(estimate["value"]) == clean(found["Survei"]["value"]), file.name
    return Key(
        estimate["value"],
        estimate["interval"],
        children["value"],
        children["interval"],
        chance and chance[1],
        found.get("Rutin", {}).get("value"),
    )


def read_pdf(file: Path) -> Key:
    with pdfium.PdfDocument(file) as document:
        text = document[0].get_textpage()

        def card(label: str, width: float) -> str:
            """Words from a card's label down, as wide as the card."""
            at = text.search(label, match_case=True).get_next()
            if at is None:
                return ""
            left, bottom, _, top = text.get_charbox(at[0])
            return clean(text.get_text_bounded(left - 1, bottom - 34, left + width, top + 2))

        estimate = card("Perkiraan stunting", 115)
        children = card("Jumlah balita stunting", 115)
        routine = card("Rutin:", 90)
        column = text.get_text_bounded(left=document[0].get_width() * 0.585)
        chance = CHANCE.search(clean(column) + " ")
        assert "DATA SINTETIS" in text.get_text_bounded()
    value, limits = split(estimate, r"([\d,]+ %|\*)\)? (\d[\d,]*–[\d,]+ %|tidak ditampilkan)")
    number, of = split(children, r"([\d.]+|\*) ([\d.]+–[\d.]+|tidak ditampilkan)")
    rate = split(routine, r"([\d,]+ %|\*)")[0] if routine else None
    return Key(value, limits, number, of, chance and chance[1], rate)


def split(text: str, pattern: str) -> tuple[str, ...]:
    found = re.search(pattern, text)
    assert found, (text, pattern)
    return found.groups()


def read_csv(text: str) -> Key:
    table = pd.read_csv(StringIO(text), dtype="str", keep_default_na=False)
    first = {
        section: list(own["tertulis"].map(clean))
        for section, own in table.groupby("bagian", sort=False)
    }
    estimate, children = first["estimate"][0], first["children"][0]
    two = first.get("two_numbers", [None])[0]
    chance = first["target"][1] if len(first["target"]) > 1 else None
    if estimate == HIDDEN:
        return Key(HIDDEN, None, HIDDEN, None, chance, two)
    value, limits = estimate.rstrip(")").split(" (")
    number, of = children.rstrip(")").split(" (")
    return Key(value, limits, number, of, chance, two)


def read_card(project: Project, area: str, file: Path) -> Key:
    """Words set into the picture: it must be the picture of these very words."""
    words = card_words(project, area)
    assert file.read_bytes() == cards.picture(words), (
        f"card of {area} is not the picture of its words"
    )
    with Image.open(BytesIO(file.read_bytes())) as picture:
        told = clean(picture.text["Description"])
    assert clean(words["message"]) in told
    if words["estimate"] == HIDDEN:
        return Key(estimate=HIDDEN, interval=clean(words["interval"]))
    value, limits = clean(words["estimate"]), clean(words["interval"]).split(" ", 2)[2]
    assert f"({value}, kemungkinan besar {limits})" in told or value in told
    number, of = split(clean(words["children"]), r"([\d.]+) balita \(([\d.]+–[\d.]+)")
    return Key(value, limits, number, of, clean(words["chance"]).split(": ", 1)[1])


def card_words(project: Project, area: str) -> dict[str, Any]:
    """Words of the card as the executed notebook carries them."""
    stem = only(project, area, "html").stem
    (file,) = project.build.rglob(f"{stem}.ipynb")
    return json.loads(file.read_text(encoding="utf-8"))["metadata"]["brief"]["card"]


def read_index(project: Project) -> dict[str, Key]:
    """Rows of the index by area: its table, which must say what its data for sorting say."""
    soup = BeautifulSoup((project.out / "index.html").read_text(encoding="utf-8"), "html.parser")
    data = {r["code"]: r for r in json.loads(soup.select_one("script#data").string)["rows"]}
    found = {}
    for line in soup.select("#tabel tbody tr"):
        code = str(line["data-code"])
        cells = [clean(cell.get_text()) for cell in line.select("td")]
        keys = ("estimate_text", "interval_text", "stunted_text")
        assert cells[:3] == [clean(data[code][key]) for key in keys], code
        hidden = cells[0] == HIDDEN
        found[code] = Key(cells[0], None if hidden else cells[1], cells[2])
    found[project.whole] = Key()
    return found


def read_workbook(project: Project) -> pd.DataFrame:
    book = openpyxl.load_workbook(project.out / "tables" / "tables.xlsx", read_only=True)
    rows = list(book["review"].iter_rows(values_only=True))
    book.close()
    return pd.DataFrame(rows[1:], columns=list(rows[0])).set_index("area")


def read_tables(project: Project) -> pd.DataFrame:
    (file,) = (project.out / "tables").glob("review*.csv")
    return pd.read_csv(file, dtype={"area": "str"}).set_index("area")


# ---- planted differences ----------------------------------------------------------------------


def planted(project: Project) -> dict[str, set[str]]:
    """Change one number in one file at a time; formats found to differ, by what was changed.

    The PDF and the card of an area with other numbers stand in for changed ones.
    """
    area, other = _unlike(project)
    page, pdf, table, card = (only(project, area, s) for s in ("html", "pdf", "csv", "png"))
    index, book = project.out / "index.html", project.out / "tables" / "tables.xlsx"
    (tidy,) = (project.out / "tables").glob("review*.csv")
    estimate = from_artefact(artefacts.read(project, "review").set_index("area").loc[area]).estimate
    assert estimate is not None and estimate != HIDDEN

    def text(old: str, new: str) -> Callable[[bytes], bytes]:
        def change(content: bytes) -> bytes:
            assert old.encode() in content, old
            return content.replace(old.encode(), new.encode())

        return change

    shown = estimate.replace(" ", "\u00a0")
    changes: dict[str, tuple[Path, Callable[[bytes], bytes]]] = {
        "html": (page, text(shown, "99\u00a0%")),
        "pdf": (pdf, lambda _: only(project, other, "pdf").read_bytes()),
        "attached csv": (pdf, partial(_other_attachment, shown)),
        "csv": (table, text(f"{shown} (", "99\u00a0% (")),
        "card": (card, lambda _: only(project, other, "png").read_bytes()),
        "index": (index, partial(_other_row, area)),
        "workbook": (book, partial(_other_cell, area)),
        "tables": (tidy, partial(_other_line, area)),
    }
    found = {}
    for name, (file, change) in changes.items():
        before = file.read_bytes()
        file.write_bytes(change(before))
        try:
            found[name] = {format_ for _, format_, *_ in disagreements(project, [area])}
        except AssertionError as error:
            found[name] = {str(error).split(" ")[0]}
        finally:
            file.write_bytes(before)
    review = artefacts.read(project, "review")
    review.loc[review["area"] == area, "estimate"] += 0.02
    found["artefact"] = {format_ for _, format_, *_ in disagreements(project, [area], review)}
    return found


def _unlike(project: Project) -> tuple[str, str]:
    """Two areas whose figures are shown and differ."""
    review = artefacts.read(project, "review")
    shown = review[(review["level"] == "area") & (review["verdict"] != "suppress")]
    ordered = shown.sort_values("estimate")["area"]
    return str(ordered.iloc[0]), str(ordered.iloc[-1])


def _other_attachment(shown: str, content: bytes) -> bytes:
    out = BytesIO()
    with pikepdf.open(BytesIO(content)) as document:
        (name,) = document.attachments
        csv = document.attachments[name].get_file().read_bytes()
        changed = csv.replace(f"{shown} (".encode(), "99\u00a0% (".encode())
        assert changed != csv
        document.attachments[name] = pikepdf.AttachedFileSpec(document, changed, filename=name)
        document.save(out)
    return out.getvalue()


def _other_row(area: str, content: bytes) -> bytes:
    """Raise the estimate of one area by a digit, in the table and the data of the index."""
    soup = BeautifulSoup(content.decode(), "html.parser")
    cell = soup.select_one(f'#tabel tr[data-code="{area}"] td')
    data = soup.select_one("script#data")
    rows = json.loads(data.string)
    for row in rows["rows"]:
        if row["code"] == area:
            row["estimate_text"] = "99 %"
    cell.string, data.string = "99 %", json.dumps(rows)
    return str(soup).encode()


def _other_cell(area: str, content: bytes) -> bytes:
    book = openpyxl.load_workbook(BytesIO(content))
    sheet = book["review"]
    heads = [cell.value for cell in sheet[1]]
    for row in sheet.iter_rows(min_row=2):
        if row[heads.index("area")].value == area:
            row[heads.index("estimate")].value += 0.01
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _other_line(area: str, content: bytes) -> bytes:
    table = pd.read_csv(BytesIO(content), dtype={"area": "str"})
    table.loc[table["area"] == area, "stunted"] += 1
    return table.to_csv(index=False).encode()
