"""A plain workbook, written straight: one sheet of texts and numbers, no styles.

The general writers take as long for the exports as all the rest of the sample; these
few parts are all that a reader of workbooks needs, and the same table is the same bytes.
"""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np
import pandas as pd

_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_PARTS = {
    "[Content_Types].xml": (
        f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/>'
        "</Types>"
    ),
    "_rels/.rels": (
        f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/workbook.xml": (
        f'<workbook xmlns="{_SHEET}" xmlns:r="{_OFFICE}"><sheets>'
        '<sheet name="Data" sheetId="1" r:id="rId1"/></sheets></workbook>'
    ),
    "xl/_rels/workbook.xml.rels": (
        f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'
    ),
}
#: The earliest time a zip file knows: no clock enters the bytes.
_NO_TIME = (1980, 1, 1, 0, 0, 0)


def write_workbook(table: pd.DataFrame, titles: Sequence[str], path: Path) -> None:
    """Write a table under its headings, below rows that hold a title each.

    Texts become text cells (never formulas), numbers number cells; empty text and
    missing values leave the cell out.
    """
    rows = [_row(i, [_cell("A", i, title)]) for i, title in enumerate(titles, start=1)]
    top = len(titles) + 1
    letters = [_letters(k) for k in range(table.shape[1])]
    rows.append(_row(top, [_cell(c, top, h) for c, h in zip(letters, table.columns, strict=True)]))
    columns = [_column(table[h], c, top + 1) for h, c in zip(table.columns, letters, strict=True)]
    rows += [_row(i, cells) for i, cells in enumerate(zip(*columns, strict=True), start=top + 1)]
    sheet = f'<worksheet xmlns="{_SHEET}"><sheetData>{"".join(rows)}</sheetData></worksheet>'
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in {**_PARTS, "xl/worksheets/sheet1.xml": sheet}.items():
            entry = zipfile.ZipInfo(name, _NO_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, _XML + content, compresslevel=2)


def _row(number: int, cells: Sequence[str]) -> str:
    return f'<row r="{number}">{"".join(cells)}</row>'


def _column(values: pd.Series, letters: str, first: int) -> list[str]:
    """Cells of a column; the words of a column repeat, so each is escaped once."""
    made: dict[object, tuple[str, str]] = {}
    cells = []
    for number, value in enumerate(values.to_numpy(dtype=object), start=first):
        parts = made.get(value)
        if parts is None:
            parts = made[value] = _around(letters, value)
        cells.append(f"{parts[0]}{number}{parts[1]}" if parts[0] else "")
    return cells


def _cell(letters: str, number: int, value: object) -> str:
    before, after = _around(letters, value)
    return f"{before}{number}{after}" if before else ""


def _around(letters: str, value: object) -> tuple[str, str]:
    """What stands before and after the row number in a cell's markup."""
    if isinstance(value, str):
        if not value:
            return "", ""
        text = f'<is><t xml:space="preserve">{escape(value)}</t></is>'
        return f'<c r="{letters}', f'" t="inlineStr">{text}</c>'
    if value is None or np.isnan(value):  # type: ignore[call-overload]
        return "", ""
    return f'<c r="{letters}', f'"><v>{value}</v></c>'


def _letters(position: int) -> str:
    """Letters of a column: 0 is A, 26 is AA."""
    return ("" if position < 26 else chr(64 + position // 26)) + chr(65 + position % 26)
