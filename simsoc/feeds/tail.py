"""The newest items, laid out so that what one viewer cannot be shown is struck out at little cost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from .items import Items
from .viewer import Array, Viewer


class Tail:
    """Some rows, newest first, with where in them each author and each original stands."""

    def __init__(self, items: Items, rows: Array) -> None:
        self.size = len(rows)
        self._rows = rows
        self._roots = items.column("root")[rows] if items.reposted else rows
        self._several = items.reposted and len(np.unique(self._roots)) < len(rows)
        self._by_root = _places(self._roots.tolist())
        self._by_author = _places(items.column("author")[rows].tolist())
        self._by_maker = _places(items.column("author")[self._roots].tolist()) if items.reposted else {}

    def of(self, viewer: Viewer, most: int | None, *, own: bool, others: bool) -> Array:
        """The first so many that a viewer can be shown. others: neither its own nor those of whom it follows."""
        fits = np.ones(self.size, dtype=bool)
        struck = [*_hit(self._by_root, viewer.skip)]
        whose = (*viewer.follows, viewer.id) if others else () if own else (viewer.id,)
        for by in (self._by_author, self._by_maker):
            struck += _hit(by, whose)
        if struck:
            fits[struck] = False
        return self._rows[fits][:most]

    def once(self, rows: Array) -> Array:
        """Rows without those whose original stands further to the front."""
        if not self._several:
            return rows
        at = self.size - 1 - np.searchsorted(self._rows[::-1], rows)
        _, firsts = np.unique(self._roots[at], return_index=True)
        firsts.sort()
        kept: Array = rows[firsts]
        return kept


def first(keys: Array, most: int) -> Array:
    """Where the so many smallest keys are, in ascending order; between equal ones the one further to the front."""
    if most < len(keys) // 4:
        near = (keys <= np.partition(keys, most)[most]).nonzero()[0]
        found: Array = near[keys[near].argsort(kind="stable")[:most]]
        return found
    return keys.argsort(kind="stable")[:most]


def _places(of: list[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for place, key in enumerate(of):
        found.setdefault(key, []).append(place)
    return found


def _hit(places: Mapping[int, list[int]], keys: Iterable[int]) -> list[int]:
    """Places of those keys that are there."""
    if isinstance(keys, set | frozenset) and len(keys) > len(places):
        keys = places.keys() & keys
    return [place for key in keys if key in places for place in places[key]]
