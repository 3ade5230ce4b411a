"""Rows in one order, laid out so that what one viewer cannot be shown is struck out at little cost."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cached_property

import numpy as np

from .draws import lots
from .items import Columns, Items
from .viewer import Array, Viewer

Places = slice | Array


class Tail:
    """The first of some rows in the order in which they are looked at, e.g. the newest of all.

    Work is done for each author and each original that stands here, not for each row and viewer: most viewers have
    nothing struck out, and theirs is a slice from the front.
    """

    def __init__(self, items: Items, rows: Array, *, whole: bool) -> None:
        """whole: whether there are no further rows."""
        self.size, self.whole = len(rows), whole
        self.rows = rows
        self.roots: Array = items.column("root")[rows] if items.reposted else rows
        self._items = items
        self._root_of: list[int] = self.roots.tolist()
        self._several = len(set(self._root_of)) < self.size
        self._asked = 0

    @cached_property
    def columns(self) -> Columns:
        """The originals, column by column."""
        return self._items.columns(self.roots)

    @cached_property
    def lots(self) -> Array:
        """A word for each original."""
        return lots(self._items, self.roots)

    @cached_property
    def _authors(self) -> tuple[list[int], ...]:
        """Who made each row, and who wrote the original where there are reposts."""
        authors = self._items.column("author")
        return tuple(authors[of].tolist() for of in ((self.rows, self.roots) if self._items.reposted else (self.rows,)))

    @cached_property
    def _by_root(self) -> dict[int, list[int]]:
        return _places(self._root_of)

    @cached_property
    def _by_author(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for authors in self._authors:
            _places(authors, found)
        return found

    def _struck(self, viewer: Viewer, *, own: bool, others: bool) -> list[int]:
        """Places of what a viewer cannot be shown. Nothing is kept for the first that asks: it is often alone."""
        self._asked += 1
        whose: Collection[int] = (*viewer.follows, viewer.id) if others else () if own else (viewer.id,)
        if self._asked == 1:
            struck = [place for place, root in enumerate(self._root_of) if root in viewer.skip] if viewer.skip else []
            if whose:
                looked = frozenset(whose)
                for authors in self._authors:
                    struck += [place for place, author in enumerate(authors) if author in looked]
            return struck
        struck = _hit(self._by_root, viewer.skip)
        if others:
            return struck + _hit(self._by_author, whose)
        return struck if own else struck + self._by_author.get(viewer.id, [])

    @cached_property
    def _firsts(self) -> tuple[Array, Array]:
        """Where each original stands first, and for each row a number for its original."""
        _, firsts, codes = np.unique(self.roots, return_index=True, return_inverse=True)
        return np.sort(firsts), codes

    def of(self, viewer: Viewer, most: int | None, *, own: bool, others: bool, distinct: bool = False) -> Places | None:
        """Where the first so many stand that a viewer can be shown, each original once; None: more rows are needed.

        others: neither its own nor those of whom it follows. distinct: so many originals, not rows before those that
        come again are left out.
        """
        most = self.size if most is None else most
        struck = self._struck(viewer, own=own, others=others)
        if not struck and not self._several:
            return slice(0, most) if most <= self.size or self.whole else None
        if struck:
            fits = np.ones(self.size, dtype=bool)
            fits[struck] = False
            places = fits.nonzero()[0]
        else:
            places = np.arange(self.size)
        if self._several and distinct:
            places = self._once(places, bool(struck))
        if len(places) < most and not self.whole:
            return None
        places = places[:most]
        return self._once(places, bool(struck)) if self._several and not distinct else places

    def _once(self, places: Array, struck: bool) -> Array:
        """Places without those whose original stands further to the front."""
        firsts, codes = self._firsts
        if not struck:  # places are the first so many of all
            return firsts[: np.searchsorted(firsts, len(places))]
        at = codes[places]
        first = np.empty(self.size, np.intp)
        first[at[::-1]] = places[::-1]  # of equal ones the last that is written stays
        found: Array = places[first[at] == places]
        return found


def _places(of: list[int], found: dict[int, list[int]] | None = None) -> dict[int, list[int]]:
    """Places by key, added to those that were found before."""
    found = {} if found is None else found
    for place, key in enumerate(of):
        if key in found:
            found[key].append(place)
        else:
            found[key] = [place]
    return found


def _hit(places: Mapping[int, list[int]], keys: Collection[int]) -> list[int]:
    """Places of those keys that are there."""
    if not keys or places.keys().isdisjoint(keys):
        return []
    return [place for key in places.keys() & keys for place in places[key]]
