"""The way down the items of those somebody follows, from the highest place in some order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from heapq import heapify, heappop, heapreplace
from itertools import chain

import numpy as np

from .items import Items
from .viewer import Array, Viewer

_FEW = 24  # so many viewers are walked for one by one before places of all authors are laid out
_DEEP = 64  # up to so many items are looked for in what is laid out
_BLOCK = 128  # viewers in one piece,
_CELLS = 1 << 16  # and places of the items of whom they follow


class Walk:
    """The items of followed accounts in one order, for any number of viewers.

    What is looked for is mostly ten items of some thirty accounts. For one viewer the accounts are merged, each from
    its highest item down. For many, the highest few items of every author are laid out once, and a viewer's are the
    highest few among those of whom it follows; where too many of these cannot be shown, it is merged after all.
    """

    def __init__(self, items: Items, order: Array | None = None, *, own: bool, oldest: int) -> None:
        """order: rows that may be in feeds, from the lowest place; None: by time.

        own: whether a viewer's own items are among those it follows. oldest: rows before this one are too old.
        """
        self._items, self._order = items, order
        self._own, self._oldest = own, oldest
        self._heads: Array | None = None

    def one(self, viewer: Viewer, most: int | None, *, distinct: bool) -> list[int]:
        """The so many highest rows that a viewer can be shown. distinct: one for each original.

        In one piece, as much of a viewer's time is spent here.
        """
        of: Callable[[int], Sequence[int] | None]
        rows: Sequence[int]
        if self._order is None:  # rows are their own places, those in no feed among them
            of, rows = self._items.by_author.get, range(len(self._items))
        else:
            of, rows = self._standings.__getitem__, self._standings.rows
        heads = list({-places[-1] for who in self._looked_at(viewer) if (places := of(who))})
        heapify(heads)
        ids, roots, hidden, skip = self._items.ids, self._items.roots, self._items.hidden, viewer.skip
        me, oldest = None if self._own else viewer.id, self._oldest
        taken: dict[int, int] = {}
        seen: set[int] = set()
        found: list[int] = []
        while heads:
            row = rows[-heads[0]]
            if row < oldest:  # by time, all that come are older still
                break
            root, who = roots[row], ids[row][0]
            new = root not in skip and row not in hidden and root not in hidden and not (distinct and root in seen)
            if new and who != me and ids[root][0] != me:
                seen.add(root)
                found.append(row)
                if len(found) == most:
                    break
            places, n = of(who), taken.get(who, 1) + 1
            if places and n <= len(places):
                taken[who] = n
                heapreplace(heads, -places[-n])
            else:
                heappop(heads)
        return found

    def many(self, viewers: Sequence[Viewer], most: int | None, *, distinct: bool) -> list[list[int]]:
        """What `one` finds for each of several viewers."""
        few = self._heads is None and len(viewers) < _FEW
        if most is None or most > _DEEP or few:
            return [self.one(viewer, most, distinct=distinct) for viewer in viewers]
        if not len(self._rows):
            return [[] for _ in viewers]
        found: list[list[int]] = []
        depth = most + max(4, most // 2)
        if self._heads is None or self._heads.shape[1] < depth:
            self._heads = self._laid_out(depth)
        for some, looked in self._blocks(viewers):
            found += self._of_block(some, self._highest(looked), most, distinct)
        return found

    def _looked_at(self, viewer: Viewer) -> Sequence[int]:
        return (*viewer.follows, viewer.id) if self._own else viewer.follows

    @cached_property
    def _rows(self) -> Array:
        """Rows that may be in feeds, from the lowest place."""
        return self._items.listed_from(self._oldest) if self._order is None else self._order

    @cached_property
    def _standings(self) -> _Standings:
        return _Standings(self._items, self._rows)

    # -- for many ---------------------------------------------------------------------------------------------------

    def _blocks(self, viewers: Sequence[Viewer]) -> Iterator[tuple[Sequence[Viewer], list[Sequence[int]]]]:
        """Viewers with whom they look at, so few in one piece that those who follow many do not make it too wide."""
        assert self._heads is not None
        most, begin = max(1, _CELLS // self._heads.shape[1]), 0
        looked = [self._looked_at(viewer) for viewer in viewers]
        while begin < len(viewers):
            n = _BLOCK
            while n > 1 and n * max(map(len, looked[begin : begin + n])) > most:
                n //= 2
            yield viewers[begin : begin + n], looked[begin : begin + n]
            begin += n

    def _laid_out(self, depth: int) -> Array:
        """The highest places of each author's items, a row each, and -1 where there are no more; the last has none."""
        authors = self._items.column("author")[self._rows]
        there = np.flatnonzero(authors >= 0)  # nobody follows the world itself
        authors = authors[there]
        order, counts = _by_key(authors), np.bincount(authors)
        heads = np.full((len(counts) + 1, depth), -1, np.int32)
        standing = np.arange(depth) < counts[:, None]
        at = (counts.cumsum()[:, None] - 1 - np.arange(depth))[standing]
        heads[:-1][standing] = there[order[at]]
        return heads

    def _highest(self, looked: Sequence[Sequence[int]]) -> Array:
        """The highest rows of some authors, from the highest, by viewer; -1 where there are no more."""
        heads = self._heads
        assert heads is not None
        nobody, depth = len(heads) - 1, heads.shape[1]
        lengths = np.array([len(at) for at in looked])
        who = np.full((len(looked), max(1, lengths.max())), nobody)
        flat = np.fromiter(chain.from_iterable(looked), np.intp, lengths.sum())
        who[np.arange(who.shape[1]) < lengths[:, None]] = np.minimum(flat, nobody)  # whoever has made nothing
        places = heads.take(who, axis=0).reshape(len(looked), -1)
        if places.shape[1] > depth:
            places = np.partition(places, -depth, axis=1)[:, -depth:]
        places.sort(axis=1)
        rows: Array = np.append(self._rows, -1)[places[:, ::-1]]  # no place is no row
        return rows

    def _of_block(self, viewers: Sequence[Viewer], highest: Array, most: int, distinct: bool) -> list[list[int]]:
        """The first so many of these that each can be shown; for most viewers these are just the first so many."""
        rows = highest[:, :most]
        found: list[list[int]] = []
        there = rows >= 0
        plain = np.logical_not(self._in_the_way(viewers, rows, there, distinct).any(axis=1))
        lengths, roots = there.sum(axis=1), self._items.roots
        each = zip(viewers, rows.tolist(), lengths.tolist(), plain.tolist(), strict=True)
        for n, (viewer, first, length, as_it_is) in enumerate(each):
            del first[length:]
            if not as_it_is or (viewer.skip and any(roots[row] in viewer.skip for row in first)):
                picked = self._picked(viewer, highest[n].tolist(), most, distinct)
                first = self.one(viewer, most, distinct=distinct) if picked is None else picked
            found.append(first)
        return found

    def _in_the_way(self, viewers: Sequence[Viewer], rows: Array, there: Array, distinct: bool) -> Array:
        """What is a viewer's own, or stands there twice, of which `_picked` makes sure."""
        items = self._items
        roots = items.column("root")[rows] if items.reposted else rows
        found = np.zeros_like(there)
        if not self._own:
            me, author = np.array([[viewer.id] for viewer in viewers]), items.column("author")
            found |= author[rows] == me
            if roots is not rows:
                found |= author[roots] == me
        found[:, 1:] |= rows[:, 1:] == rows[:, :-1]  # an account may be named twice
        found &= there
        if distinct and roots is not rows:
            ordered = np.sort(np.where(there, roots, -1 - np.arange(roots.shape[1])), axis=1)
            found[:, 1:] |= ordered[:, 1:] == ordered[:, :-1]
        return found

    def _picked(self, viewer: Viewer, rows: Sequence[int], most: int, distinct: bool) -> list[int] | None:
        """The first so many of these that a viewer can be shown; None where there may be more than these."""
        ids, roots, skip = self._items.ids, self._items.roots, viewer.skip
        me, last = None if self._own else viewer.id, -1
        found: list[int] = []
        seen: set[int] = set()
        for row in rows:
            if row < 0:
                return found
            root = roots[row]
            if root in skip or (distinct and root in seen) or row == last:  # an account may be named twice
                continue
            if me is not None and (ids[row][0] == me or ids[root][0] == me):
                continue
            seen.add(root)
            found.append(row)
            last = row
            if len(found) == most:
                return found
        return None


class _Standings(dict[int, list[int]]):
    """For each author the places of its items in an order, ascending, without those that are in no feed."""

    def __init__(self, items: Items, ordered: Array) -> None:
        """ordered: rows from the lowest."""
        self.rows: list[int] = ordered.tolist()
        standing = np.full(len(items), -1)
        standing[ordered] = np.arange(len(ordered))
        self._place, self._by_author = standing.tolist(), items.by_author

    def __missing__(self, author: int) -> list[int]:
        of = self._place
        made = self[author] = sorted([of[row] for row in self._by_author.get(author, ()) if of[row] >= 0])
        return made


def _by_key(keys: Array) -> Array:
    """Places in order of keys from 0 on, equal ones as they come: by sixteen bits at a time, which NumPy counts."""
    order = (keys & 0xFFFF).astype(np.uint16).argsort(kind="stable")
    if keys.max(initial=0) > 0xFFFF:
        order = order[(keys[order] >> 16).astype(np.uint16).argsort(kind="stable")]
    found: Array = order
    return found
