"""Identities joined into children, best pairs first, with two vetoes.

Two identities measured on the same day are two children (twins, or a list entered twice under
two spellings: a person decides), and so are two that carry different valid NIK. Neither holds
where all else is the same: that is one child entered twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

Days = frozenset[int]


@dataclass
class Clusters:
    """Union–find over persons 0 … n−1, with the NIK and visit days of each cluster."""

    niks: list[set[str]]
    days: list[set[int]]
    parent: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self.parent = list(range(len(self.niks)))

    def find(self, person: int) -> int:
        """Representative of a person's cluster."""
        while self.parent[person] != person:
            self.parent[person] = self.parent[self.parent[person]]
            person = self.parent[person]
        return person

    def veto(self, a: int, b: int, *, identical: bool) -> str | None:
        """Why two persons must not be joined; None if they may."""
        a, b = self.find(a), self.find(b)
        if a == b or identical:
            return None
        if not self.days[a].isdisjoint(self.days[b]):
            return "same_day"
        if self.niks[a] and self.niks[b] and self.niks[a].isdisjoint(self.niks[b]):
            return "other_nik"
        return None

    def join(self, a: int, b: int) -> None:
        """Make two persons one child; the smaller representative stays."""
        a, b = sorted((self.find(a), self.find(b)))
        if a != b:
            self.parent[b] = a
            self.niks[a] |= self.niks[b]
            self.days[a] |= self.days[b]

    def labels(self) -> list[int]:
        """Representative of each person."""
        return [self.find(person) for person in range(len(self.parent))]


def join_all(clusters: Clusters, pairs: Iterable[Sequence[object]]) -> list[tuple[int, str]]:
    """Join accepted pairs `(place, a, b, identical)` in order.

    Returns
    -------
    list
        (place, veto) of the pairs that were not joined.
    """
    refused = []
    for place, a, b, identical in pairs:
        why = clusters.veto(a, b, identical=bool(identical))  # type: ignore[arg-type]
        if why is None:
            clusters.join(a, b)  # type: ignore[arg-type]
        else:
            refused.append((int(place), why))  # type: ignore[call-overload]
    return refused
