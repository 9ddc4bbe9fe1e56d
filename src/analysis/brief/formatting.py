"""Numbers, dates and foreign text as a reader of the brief's language writes them."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import format_decimal

NBSP = "\u00a0"
DASH = "–"
#: Interval wider than this (share): decimals would only pretend to precision.
WHOLE_PERCENT_FROM = 0.10
#: Any white space but the one that keeps a number and its sign together.
_SPACES = re.compile(r"[^\S\u00a0]+")
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|$~^#@\"'!:+])")


def is_real(value: float | None) -> bool:
    """Whether `value` is a finite number (None, NaN and NA are not)."""
    try:
        return value is not None and math.isfinite(float(value))
    except (TypeError, ValueError):  # pandas.NA refuses float()
        return False


def escape(text: object) -> str:
    r"""Text from data, safe inside Markdown: it prints as its own letters.

    >>> escape("<script>|*a*")
    '\\<script\\>\\|\\*a\\*'
    """
    flat = " ".join(str(text).split())
    flat = _SPECIAL.sub(r"\\\1", flat)
    return re.sub(r"(?<=[-.])(?=[-.])", r"\\", flat)


def attribute(text: str) -> str:
    """Text for a double-quoted attribute such as `alt`: no quote, brace or backslash is left."""
    flat = _SPACES.sub(" ", text).strip()
    flat = flat.replace("\\", "").replace('"', "”")
    return flat.replace("{", "(").replace("}", ")").replace("<", "‹").replace("&", "dan ")


@dataclass(frozen=True)
class Formatter:
    """Formats values for one language (`id` or `en`)."""

    language: str

    @property
    def _gap(self) -> str:
        return NBSP if self.language == "id" else ""

    def number(self, value: float, decimals: int = 0) -> str:
        """Decimal number with the language's separators, rounded half away from zero."""
        step = 10.0**decimals
        rounded = math.floor(abs(float(value)) * step + 0.5 + 1e-9) / step
        signed = -rounded if value < 0 and rounded else rounded
        pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
        return _decimal(signed, pattern, self.language)

    def count(self, value: float) -> str:
        """Children: whole numbers, rounded to tens from 100 on (estimates, never tallies)."""
        return self.number(round_count(value))

    def percent(self, share: float, decimals: int = 0) -> str:
        """A share (0–1) as a percentage."""
        return f"{self.number(share * 100, decimals)}{self._gap}%"

    def percent_range(self, low: float, high: float, decimals: int = 0) -> str:
        """An interval of shares, e.g. 19–30 %."""
        return self.range(low * 100, high * 100, decimals) + f"{self._gap}%"

    def range(self, low: float, high: float, decimals: int = 0) -> str:
        """Two numbers with an en dash; spaced where a limit is negative."""
        joint = f" {DASH} " if low < 0 or high < 0 else DASH
        return f"{self.number(low, decimals)}{joint}{self.number(high, decimals)}"

    def count_range(self, low: float, high: float) -> str:
        """Interval of a number of children."""
        return self.range(round_count(low), round_count(high))

    def points(self, share: float, decimals: int = 1) -> str:
        """A difference of shares in points, without a sign."""
        return self.number(abs(share) * 100, decimals)

    def date(self, day: dt.date) -> str:
        """Long date, e.g. 24 November 2026."""
        return str(format_date(day, "d MMMM y", locale=self.language))

    def month(self, month: str, *, short: bool = False) -> str:
        """Month of a `YYYY-MM` text."""
        day = dt.date(int(month[:4]), int(month[5:7]), 1)
        return str(format_date(day, "MMM yy" if short else "MMMM y", locale=self.language))

    def items(self, parts: Sequence[str]) -> str:
        """A list in words: a, b, dan c."""
        return str(format_list(list(parts), style="standard", locale=self.language))


@lru_cache(maxsize=4096)
def _decimal(value: float, pattern: str, language: str) -> str:
    return str(format_decimal(value, pattern, locale=language)).replace("-", "−")


def round_count(value: float) -> float:
    """Round an estimated number of children: tens from 100 on, else whole.

    >>> round_count(1519.2), round_count(37.4)
    (1520.0, 37.0)
    """
    step = 10.0 if abs(value) >= 100 else 1.0
    return math.floor(value / step + 0.5) * step


def decimals_for(low: float | None, high: float | None) -> int:
    """Decimals of a percentage: none when its interval is wider than 10 points, else one."""
    if low is None or high is None or not (is_real(low) and is_real(high)):
        return 0
    return 0 if round(high - low, 9) > WHOLE_PERCENT_FROM else 1
