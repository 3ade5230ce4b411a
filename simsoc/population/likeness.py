"""How alike two texts are by their words, and whether a text is a near-duplicate of one of many.

A text is the set of its words and of its pairs of neighbouring words (shingles; Broder 1997); two texts are as alike as
the cosine of their sets, shared / sqrt(sizes multiplied). Of many texts only those are compared that could be alike
enough: two sets that are must share one of their first few members in any fixed order (prefix filter; Bayardo, Ma,
Srikant 2007), so that thousands of texts take seconds and nothing is missed.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from itertools import pairwise
from math import ceil, sqrt
from typing import NamedTuple

_WORD = re.compile(  # a letter is a word where words are not set apart: Japanese, Chinese
    r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]|[^\W\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+"
)
_ROUNDING = 1e-9

Shingles = frozenset[str]


def shingles(text: str) -> Shingles:
    """The words of a text, in small letters, and its pairs of neighbouring words."""
    words = _WORD.findall(text.casefold())
    return frozenset([*words, *(f"{a} {b}" for a, b in pairwise(words))])


def likeness(one: Shingles, other: Shingles) -> float:
    """From 0, nothing in common, to 1; a text without words is like nothing."""
    return len(one & other) / sqrt(len(one) * len(other)) if one and other else 0.0


class Near(NamedTuple):
    """A text that another one is a near-duplicate of."""

    number: int
    """Its place in the order in which texts were added, from 0."""
    likeness: float


class Texts:
    """Texts that others are held against. least: likeness from which a text is a near-duplicate, in (0, 1]."""

    def __init__(self, least: float) -> None:
        self._least = least
        self._texts: list[Shingles] = []
        self._by_member: dict[str, list[int]] = {}

    def __len__(self) -> int:
        return len(self._texts)

    def add(self, text: Shingles) -> None:
        """One more."""
        for member in self._first(text):
            self._by_member.setdefault(member, []).append(len(self._texts))
        self._texts.append(text)

    def nearest(self, text: Shingles, since: int = 0) -> Near | None:
        """The one it is most like (the first of equals), among those from number `since` on; None when all differ."""
        looked_at: set[int] = set()
        for member in self._first(text):
            numbers = self._by_member.get(member, [])
            looked_at.update(numbers[bisect_left(numbers, since) :])
        found: Near | None = None
        for number in sorted(looked_at):
            alike = likeness(text, self._texts[number])
            if alike >= self._least - _ROUNDING and (found is None or alike > found.likeness):
                found = Near(number, alike)
        return found

    def _first(self, text: Shingles) -> list[str]:
        """Members of which two texts that are alike share at least one; pairs first, since fewer texts have them."""
        needed = ceil(self._least**2 * len(text) - _ROUNDING)  # a text that is alike shares at least so many
        ordered = sorted(text, key=lambda member: (" " not in member, member))
        return ordered[: len(text) - needed + 1] if text else []
