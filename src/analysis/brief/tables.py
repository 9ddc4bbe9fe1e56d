"""Markdown of the page: tables, figures, cards, blocks. Layout words of reports/README.md only."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from analysis.brief.charts.style import save
from analysis.brief.formatting import attribute, is_real

CSV_COLUMNS = ("section", "item", "measure", "shown", "value", "low", "high", "n", "note")
_SPAN = re.compile(r"\[([^\]]*)\]\{\.[a-z-]+\}")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass
class Ledger:
    """Every number the brief shows, for the CSV attached to it."""

    rows: list[dict[str, object]] = field(default_factory=list)

    def add(
        self,
        section: str,
        item: str,
        measure: str,
        shown: str,
        value: float | None = None,
        low: float | None = None,
        high: float | None = None,
        n: float | None = None,
        note: str = "",
    ) -> None:
        """Record one number; `value` stays out where the page does not show it."""
        self.rows.append(
            {
                "section": section,
                "item": spreadsheet_safe(item),
                "measure": spreadsheet_safe(measure),
                "shown": spreadsheet_safe(plain(shown)),
                "value": _rounded(value),
                "low": _rounded(low),
                "high": _rounded(high),
                "n": None if n is None or not is_real(n) else int(n),
                "note": spreadsheet_safe(note),
            }
        )

    def frame(self) -> pd.DataFrame:
        """The ledger as a table, in the order of the page."""
        table = pd.DataFrame(self.rows, columns=list(CSV_COLUMNS))
        table["n"] = table["n"].astype("Int64")
        return table


def spreadsheet_safe(text: str) -> str:
    """Text that no spreadsheet takes for a formula.

    >>> spreadsheet_safe("=1+1")
    "'=1+1"
    """
    return "'" + text if text.startswith(_FORMULA) else text


def plain(text: str) -> str:
    r"""Text of the page without its Markdown.

    >>> plain("\\*"), plain("[▼ 61]{.lower}")
    ('*', '▼ 61')
    """
    return _SPAN.sub(r"\1", text).replace("**", "").replace("\\", "")


def pipe_table(
    head: Sequence[str], rows: Sequence[Sequence[str]], align: str = "", caption: str | None = None
) -> str:
    """Pipe table; `align` has one of `l r c` per column (left where it is too short)."""
    marks = {"l": "---", "r": "---:", "c": ":---:"}
    rule = [marks[a] for a in align.ljust(len(head), "l")[: len(head)]]
    lines = ["| " + " | ".join(cells) + " |" for cells in (head, rule, *rows)]
    return "\n".join(lines) + (f"\n\n: {caption}" if caption else "")


def block(kind: str, content: str, **attributes: str) -> str:
    """Fenced div of class `kind` (further classes after a space).

    The fence is longer than any inside, so blocks nest.
    """
    inside = max((len(line) - len(line.lstrip(":")) for line in content.splitlines()), default=0)
    fence = ":" * max(3, inside + 1)
    classes = " ".join("." + name for name in kind.split())
    extra = "".join(f' {key}="{attribute(value)}"' for key, value in attributes.items())
    return f"{fence} {{{classes}{extra}}}\n{content.strip()}\n{fence}"


def columns(*parts: tuple[int, str]) -> str:
    """Columns side by side: (percent of the width, content)."""
    return block(
        "columns",
        "\n\n".join(block("column", content, width=f"{share}%") for share, content in parts),
    )


def card(label: str, value: str, interval: str = "", note: str = "", below: str = "") -> str:
    """One number card."""
    lines = [f"[{label}]{{.label}}", f"[{value}]{{.value}}"]
    if interval:
        lines[-1] += f" [{interval}]{{.interval}}"
    if note:
        lines.append(f"[{note}]{{.note}}")
    if below:
        lines.append(below)
    return block("card", "\n\n".join(lines))


def cards(parts: Sequence[str], across: int) -> str:
    """Grid of number cards."""
    return block("facts", "\n\n".join(parts), cols=str(across))


def picture(
    drawing: Figure,
    folder: Path,
    name: str,
    alt: str,
    caption: str = "",
    classes: str = "",
    width: str = "",
) -> str:
    """Write a chart to `folder/figures` and return its Markdown."""
    save(drawing, folder / "figures" / f"{name}.svg")
    inside = [f"#fig-{name}"] if caption else []
    inside += ["." + part for part in classes.split()]
    inside += [f'width="{width}"'] if width else []
    inside.append(f'alt="{attribute(alt)}"')
    return f"![{caption}](figures/{name}.svg){{{' '.join(inside)}}}"


def data_table(
    summary: str, head: Sequence[str], rows: Sequence[Sequence[str]], align: str = ""
) -> str:
    """Return the numbers under a chart."""
    return block("data-table", pipe_table(head, rows, align), summary=summary)


def join(*parts: str) -> str:
    """Blocks with a blank line between, empty ones left out."""
    return "\n\n".join(part for part in parts if part)


def _rounded(value: float | None) -> float | None:
    return None if value is None or not is_real(value) else round(float(value), 6)
