"""Rows in one order, laid out so that what one viewer cannot be shown is struck out at little cost."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from itertools import chain
from typing import NamedTuple

import numpy as np

from .draws import lots
from .items import Columns, Items
from .viewer import Array, Viewer

Places = slice | Array
SPARE = 64
"""Rows laid out beyond those that a viewer needs for whom nothing is struck out."""


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
        self._plain: tuple[int, Array] | None = None

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

    def of(self, viewer: Viewer, most: int, *, own: bool, others: bool, distinct: bool = False) -> Places | None:
        """Where the first so many stand that a viewer can be shown, each original once; None: more rows are needed.

        others: neither its own nor those of whom it follows. distinct: so many originals, not rows before those that
        come again are left out.
        """
        struck = self._struck(viewer, own=own, others=others)
        if not struck and not self._several:
            return slice(0, most) if most <= self.size or self.whole else None
        fits = np.ones(self.size, dtype=bool)
        fits[struck] = False
        places = fits.nonzero()[0]
        if self._several and distinct:
            places = self._firsts(places)
        if len(places) < most and not self.whole:
            return None
        places = places[:most]
        return self._firsts(places) if self._several and not distinct else places

    def _firsts(self, places: Array) -> Array:
        """Places without those whose original stands further to the front."""
        of = self._root_of
        first: dict[int, int] = {}
        for place in places.tolist():
            first.setdefault(of[place], place)
        return np.array(list(first.values()), dtype=np.intp)

    def open(self, viewers: Sequence[Viewer], most: int, *, own: bool, others: bool) -> Open | None:
        """Where those stand that each of several viewers can be shown; None: more rows are needed.

        Of the first so many rows that a viewer can be shown, the first of each original.
        """
        struck = [self._struck(viewer, own=own, others=others) for viewer in viewers]
        touched = [n for n, places in enumerate(struck) if places]
        if most > self.size and not self.whole:
            return None
        if not touched:
            return Open(self._untouched(most), [])
        lengths = [len(struck[n]) for n in touched]
        fits = np.ones((len(touched), self.size), dtype=bool)
        fits[np.repeat(np.arange(len(touched)), lengths), list(chain.from_iterable(struck))] = False
        so_far = fits.cumsum(1, dtype=np.int32)
        if not self.whole and so_far[:, -1].min() < most:
            return None
        fits &= so_far <= most
        if self._several:
            fits = self._once(fits)
        if len(touched) == len(viewers):
            return Open(fits, touched)
        all_ = self._untouched(most).repeat(len(viewers), axis=0)
        all_[touched] = fits
        return Open(all_, touched)

    def _untouched(self, most: int) -> Array:
        """The same for whom nothing is struck out, in one row."""
        if self._plain is None or self._plain[0] != most:
            fits = np.arange(self.size)[None] < most
            self._plain = most, self._once(fits) if self._several else fits
        return self._plain[1]

    @cached_property
    def _grouped(self) -> tuple[Array, Array]:
        """Places with those of one original side by side, and for each of these where its original begins."""
        _, codes = np.unique(self.roots, return_inverse=True)
        order = np.argsort(codes, kind="stable")
        ordered = codes[order]
        return order, np.searchsorted(ordered, ordered)

    def _once(self, fits: Array) -> Array:
        """Of what fits each viewer, a row each, the first of each original."""
        order, begins = self._grouped
        grouped = fits[:, order]
        so_far = grouped.cumsum(1, dtype=np.int32)
        before = so_far[:, begins] - grouped[:, begins]
        found = np.empty_like(fits)
        found[:, order] = grouped & (so_far - before == 1)
        return found


def newest(items: Items, oldest: int, most: int) -> Tail:
    """The newest so many rows, none older than a row."""
    begin = len(items)
    rows = np.zeros(0, np.intp)
    while len(rows) < most and begin > oldest:  # most are listed, so that few are looked at
        begin = max(oldest, len(items) - 2 * max(most, len(items) - begin))
        rows = items.listed_from(begin)
    return Tail(items, rows[::-1][:most], whole=begin == oldest and len(rows) <= most)


class Open(NamedTuple):
    """What viewers can be shown of a tail."""

    fits: Array
    """By viewer and place; one row where it is the same for all."""
    touched: Sequence[int]
    """Viewers for whom something is struck out."""


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
