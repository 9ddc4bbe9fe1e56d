"""Names made comparable, and how alike two are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl
from rapidfuzz import fuzz
from rapidfuzz.process import cpdist

#: Spellings of one name that say nothing about whose it is.
_MUHAMMAD = (
    r"\b(muhammad|muhamad|mohammad|mohamad|mochammad|mochamad|muchammad|muh|moh|moch|mhd|md)\b"
)
_TITLES = r"\b(an|anak|by|bayi|ny|nyonya|ibu|bu|tn|bpk|bapak|sdr|sdri|alm|h|hj)\b"


def name_key(names: pl.Series) -> pl.Series:
    """Names in small letters, without titles and punctuation, common abbreviations made one.

    A name of which nothing is left is missing.

    >>> name_key(pl.Series(["An. MOH. Rizki  Putra"])).to_list()
    ['m rizki putra']
    """
    plain = names.str.to_lowercase().str.replace_all(r"['`’]", "")
    plain = plain.str.replace_all(r"[^\p{L} ]+", " ")
    plain = plain.str.replace_all(_MUHAMMAD, "m").str.replace_all(_TITLES, " ")
    plain = plain.str.replace_all(r"\s+", " ").str.strip_chars().str.slice(0, 80)
    return plain.set(plain == "", None)


def likeness(first: Sequence[str | None], second: Sequence[str | None]) -> npt.NDArray[np.float64]:
    """How alike names are pairwise, 0 to 1, whatever the order of their words; NaN if missing."""
    left = ["" if name is None else name for name in first]
    right = ["" if name is None else name for name in second]
    ratio = cpdist(left, right, scorer=fuzz.token_sort_ratio, dtype=np.float32) / 100.0
    known = np.array([bool(a) and bool(b) for a, b in zip(left, right, strict=True)], dtype=bool)
    return np.where(known, ratio.astype(np.float64), np.nan)
