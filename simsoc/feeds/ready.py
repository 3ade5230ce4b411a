"""A feed made ready for one state of the items: what is the same for all viewers is worked out once, when needed.

What a viewer can be shown is picked in one of three ways. Where the newest so many items are looked at, they are walked
to from the newest one, and scored for this viewer. Where a score is the same for everybody, items are ranked once and a
viewer's walk goes down that ranking; for those who look at followed accounts alone, the places of these accounts' items
in the ranking are sorted. Whatever else there is scores every item for every viewer, and costs accordingly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from heapq import heapify, heappop, heapreplace
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from simsoc.core.words import Shown

from .draws import lots, uniforms, waiting
from .items import Items
from .tail import Tail, first
from .viewer import Array, Scored, Viewer

if TYPE_CHECKING:
    from .building import Scoring

_FIRST = 256  # items ranked before anybody has looked further down


class Ready:
    """One scoring feed over the items as they are. Made by `Feed.ready`; thrown away when something changes."""

    def __init__(self, feed: Scoring, items: Items, now: int) -> None:
        self._feed = feed
        self._keys = feed.keys
        self._items = items
        self._now = now
        self._oldest = self._first_row()
        self._rows: Array | None = None
        self._common: Scored | None = None
        self._tail: Tail | None = None
        self._top: list[int] = []
        self._place: Array | None = None
        self._best: dict[tuple[int, int], tuple[list[int], int]] = {}
        self._order: Array | None = None

    def rank(self, viewer: Viewer, among: Iterable[int] | None = None, size: int | None = None) -> Shown:
        """What a viewer is shown. among: rows that are to be ranked, hidden ones too, instead of all."""
        keys, feed = self._keys, self._feed
        size = keys.size if size is None else size
        if among is not None:
            fits = self._fitting(viewer, hidden=())
            return self._scored(self._once([row for row in among if fits(row)]), viewer, size)
        if feed.by_time:
            return self._timed(self._walk(viewer, size, distinct=True))
        if keys.newest is not None or feed.personal or keys.draw == "weighted":
            return self._scored(self._window(viewer, keys.newest), viewer, size)
        rows = self._followed(viewer, size) if keys.whose == "followed" else self._from_top(viewer, size)
        found = np.array(rows, dtype=np.intp)
        at = np.searchsorted(self._eligible(), found)  # the original that is shown may be too old to be among these
        shown = found if keys.whose == "followed" else np.array([self._items.roots[row] for row in rows], np.intp)
        return self._shown(shown, self._all_scored(), at)

    def newest(self, viewer: Viewer, most: int) -> list[int]:
        """The newest rows a viewer can be shown, newest first; one original may come several times."""
        return self._walk(viewer, most)

    # -- who can be shown what --------------------------------------------------------------------------------------

    def _first_row(self) -> int:
        if self._keys.max_age is None:
            return 0
        return int(np.searchsorted(self._items.column("step"), self._now - self._keys.max_age))

    def _eligible(self) -> Array:
        """Rows that may be in the feed, ascending."""
        if self._rows is None:
            listed = self._items.column("listed")
            if self._items.reposted:
                listed = listed & listed[self._items.column("root")]
            self._rows = np.flatnonzero(listed[self._oldest :]) + self._oldest
        return self._rows

    def _fitting(self, viewer: Viewer, hidden: Iterable[int] | None = None) -> Callable[[int], bool]:
        """Whether a row can be shown to this viewer."""
        ids, roots, me, skip = self._items.ids, self._items.roots, viewer.id, viewer.skip
        out = self._items.hidden if hidden is None else hidden
        others = frozenset(viewer.follows) if self._keys.whose == "others" else None
        own = self._keys.own and others is None

        def fits(row: int) -> bool:
            root = roots[row]
            if row in out or root in out or root in skip:
                return False
            author, maker = ids[row][0], ids[root][0]
            if not own and (author == me or maker == me):
                return False
            return others is None or not (author in others or maker in others)

        return fits

    # -- by time ----------------------------------------------------------------------------------------------------

    def _walk(self, viewer: Viewer, most: int, *, distinct: bool = False) -> list[int]:
        """The newest so many rows this viewer can be shown, newest first. distinct: one for each original."""
        fits, roots, found = self._fitting(viewer), self._items.roots, list[int]()
        seen: set[int] = set()
        for row in self._newest_first(viewer):
            if row < self._oldest:
                break
            if fits(row) and not (distinct and roots[row] in seen):
                seen.add(roots[row])
                found.append(row)
                if len(found) == most:
                    break
        return found

    def _newest_first(self, viewer: Viewer) -> Iterator[int]:
        if self._keys.whose != "followed":
            yield from range(len(self._items) - 1, -1, -1)
            return
        by_author, ids = self._items.by_author, self._items.ids
        lists = {who: by_author[who] for who in self._looked_at(viewer) if who in by_author}
        heads = [-rows[-1] for rows in lists.values()]
        left = dict.fromkeys(lists, 1)  # how many of each are in the walk already, and one
        heapify(heads)
        while heads:
            row = -heads[0]
            yield row
            who = ids[row][0]
            rows, left[who] = lists[who], left[who] + 1
            if left[who] <= len(rows):
                heapreplace(heads, -rows[-left[who]])
            else:
                heappop(heads)

    def _looked_at(self, viewer: Viewer) -> Sequence[int]:
        return (*viewer.follows, viewer.id) if self._keys.own else viewer.follows

    # -- by a score that everybody shares ---------------------------------------------------------------------------

    def _all_scored(self) -> Scored:
        if self._common is None:
            self._common = self._feed.score(self._items.columns(self._eligible()), self._now, None)
        return self._common

    def _from_top(self, viewer: Viewer, size: int) -> list[int]:
        fits, roots, found = self._fitting(viewer), self._items.roots, list[int]()
        seen: set[int] = set()
        at = 0
        while len(found) < size and (at < len(self._top) or self._look_further()):
            row = self._top[at]
            at += 1
            root = roots[row]
            if root not in seen and fits(row):
                seen.add(root)
                found.append(row)
        return found

    def _look_further(self) -> bool:
        """Rank more items; whether there are more."""
        rows, total = self._eligible(), self._all_scored().total
        have = len(self._top)
        if have == len(rows):
            return False
        wanted = _FIRST if not have else len(rows)
        if wanted < len(rows) // 2:
            least = np.partition(total, len(rows) - wanted)[len(rows) - wanted]
            some = np.flatnonzero(total >= least)  # with all that tie, so that ties are broken among all of them
            self._top = rows[some[np.argsort(total[some], kind="stable")[::-1]]].tolist()
        else:
            self._top = self._ordered().tolist()
        return len(self._top) > have

    def _ordered(self) -> Array:
        """Every row from the top; between equal scores the newer one first."""
        if self._order is None:
            self._order = self._eligible()[np.argsort(self._all_scored().total, kind="stable")[::-1]]
        return self._order

    def _followed(self, viewer: Viewer, size: int) -> list[int]:
        """The highest of those this viewer follows; of those with very many items, the best are looked at first."""
        by_author, near = self._items.by_author, 2 * size + 8
        lists, known = [], len(self._ordered())
        for who in self._looked_at(viewer):
            rows = by_author.get(who, ())
            if len(rows) > 2 * near:
                rows, last = self._best_of(who, near)
                known = min(known, last)
            lists.append(rows)
        places = self._places(lists)
        found = self._down(places[: np.searchsorted(places, known)], viewer, size)
        if len(found) == size or known == len(self._ordered()):
            return found
        return self._down(self._places([by_author.get(who, ()) for who in self._looked_at(viewer)]), viewer, size)

    def _places(self, lists: Sequence[Sequence[int]]) -> Array:
        """Where the rows of these lists are in the order of all, ascending; what is in no feed comes last."""
        order = self._ordered()
        if self._place is None:
            self._place = np.full(len(self._items), len(order), np.int64)
            self._place[order] = np.arange(len(order))
        rows = np.fromiter(chain.from_iterable(lists), np.intp, sum(map(len, lists)))
        return np.sort(self._place[rows])

    def _best_of(self, who: int, most: int) -> tuple[list[int], int]:
        """The highest rows of an author, and the place of the first that is left out."""
        if (who, most) not in self._best:
            places = self._places([self._items.by_author[who]])
            kept = places[:most]
            self._best[who, most] = (self._ordered()[kept[kept < len(self._ordered())]].tolist(), int(places[most]))
        return self._best[who, most]

    def _down(self, places: Array, viewer: Viewer, size: int) -> list[int]:
        order, fits, roots, found = self._ordered(), self._fitting(viewer), self._items.roots, list[int]()
        seen: set[int] = set()
        for place in places.tolist():
            if place == len(order) or len(found) == size:
                break
            row = int(order[place])
            if roots[row] not in seen and fits(row):
                seen.add(roots[row])
                found.append(row)
        return found

    # -- for one viewer ---------------------------------------------------------------------------------------------

    def _window(self, viewer: Viewer, most: int | None) -> Array:
        """The newest so many rows (all without a number) that this viewer can be shown, each original once."""
        if self._keys.whose == "followed":
            return self._once(self._walk(viewer, len(self._items) if most is None else most))
        every = self._eligible()
        wanted = len(every) if most is None else 2 * most + 64
        while True:
            if self._tail is None or self._tail.size < min(wanted, len(every)):
                self._tail = Tail(self._items, every[-wanted:][::-1])
            rows = self._tail.of(viewer, most, own=self._keys.own, others=self._keys.whose == "others")
            if most is None or len(rows) == most or self._tail.size == len(every):
                return self._tail.once(rows)
            wanted *= 4

    def _once(self, rows: Iterable[int]) -> Array:
        """Rows newest first, of several with the same original the newest."""
        roots = self._items.roots
        newest = {roots[row]: row for row in sorted(rows)}
        return np.array(sorted(newest.values(), reverse=True), dtype=np.intp)

    def _scored(self, rows: Array, viewer: Viewer, size: int) -> Shown:
        """The pick among some rows, newest first, scored for this viewer."""
        roots = self._items.column("root")[rows] if self._items.reposted else rows
        found = rows if self._keys.whose == "followed" else roots
        made = self._feed.score(self._items.columns(found), self._now, viewer)
        if self._keys.draw == "weighted":
            times = waiting(made.total, uniforms(lots(self._items, roots), self._feed.seed, viewer))
            picked = first(times, min(size, int((made.total > 0).sum())))
        else:
            picked = first(-made.total, size)
        return self._shown(found[picked], made, picked)

    def _timed(self, rows: list[int]) -> Shown:
        """Rows that are in the order of time already; their score is their step, or that of a repost."""
        ids = self._items.ids
        scores = [float(ids[row][1]) for row in rows]
        if self._items.reposted and self._keys.whose != "followed":
            rows = [self._items.roots[row] for row in rows]
        return Shown(ids=[ids[row] for row in rows], ranker=self._feed.name, scores=scores, rows=rows)

    def _shown(self, rows: Array, made: Scored, at: Array) -> Shown:
        """Rows in the order picked, with the scores at these places."""
        if self._keys.order == "newest":
            by_time = np.argsort(-rows)
            rows, at = rows[by_time], at[by_time]
        ids, chosen = self._items.ids, rows.tolist()
        parts = [np.asarray(part)[at].tolist() for part in made.parts.values()]
        return Shown(
            ids=[ids[row] for row in chosen],
            ranker=self._feed.name,
            scores=made.total[at].tolist(),
            names=self._feed.names(made),
            parts=list(zip(*parts, strict=True)),
            rows=chosen,
        )
