"""A feed made ready for one state of the items: what is the same for all viewers is worked out once, when needed.

What a viewer can be shown is picked in one of three ways. Where the newest so many items are looked at, they are walked
to from the newest one, and scored for this viewer. Where a score is the same for everybody, items are ranked once and a
viewer's walk goes down that ranking; for those who look at followed accounts alone, down the places of these accounts'
items in the ranking. Whatever else there is scores every item for every viewer, and costs accordingly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from simsoc.core.words import Shown

from .items import Items
from .showing import picked, showing, showing_one
from .tail import SPARE, Tail
from .viewer import Array, Scored, Viewer
from .walks import Walk
from .windows import Window

if TYPE_CHECKING:
    from .building import Scoring


class Ready:
    """One scoring feed over the items as they are. Made by `Feed.ready`; thrown away when something changes."""

    def __init__(self, feed: Scoring, items: Items, now: int) -> None:
        self._feed = feed
        self._keys = feed.keys
        self._items = items
        self._now = now
        self._oldest = self._first_row()
        self._tail: Tail | None = None
        self._untouched: dict[int, Shown] = {}

    def rank(self, viewer: Viewer, among: Iterable[int] | None = None, size: int | None = None) -> Shown:
        """What a viewer is shown. among: rows that are to be ranked, hidden ones too, instead of all."""
        if among is None:
            return self.rank_all((viewer,), size)[0]
        fits = self._fitting(viewer, hidden=())
        return self._given([row for row in among if fits(row)], viewer, self._keys.size if size is None else size)

    def rank_all(self, viewers: Sequence[Viewer], size: int | None = None) -> list[Shown]:
        """What each of several viewers is shown; the same as one by one, and cheaper."""
        keys, feed = self._keys, self._feed
        size = keys.size if size is None else size
        if feed.by_time:
            return [self._timed(rows) for rows in self._walks(viewers, size, distinct=True)]
        if keys.newest is not None or feed.personal or keys.draw == "weighted":
            if keys.whose == "followed":
                walks = self._walks(viewers, keys.newest)
                return [self._given(rows, viewer, size) for rows, viewer in zip(walks, viewers, strict=True)]
            return self._window.rank_all(viewers, size)
        if keys.whose == "followed":
            return self._followed(viewers, size)
        return [self._highest_for(viewer, size) for viewer in viewers]

    def newest(self, viewers: Sequence[Viewer], most: int) -> list[list[int]]:
        """The newest rows that each can be shown, newest first; one original may come several times."""
        return self._walks(viewers, most)

    # -- who can be shown what --------------------------------------------------------------------------------------

    def _first_row(self) -> int:
        if self._keys.max_age is None:
            return 0
        return int(np.searchsorted(self._items.column("step"), self._now - self._keys.max_age))

    @cached_property
    def _eligible(self) -> Array:
        """Rows that may be in the feed, ascending."""
        return self._items.listed_from(self._oldest)

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

    def _walks(self, viewers: Sequence[Viewer], most: int | None, *, distinct: bool = False) -> list[list[int]]:
        """The newest so many rows that each can be shown, newest first. distinct: one for each original."""
        if self._keys.whose == "followed":
            return self._by_time.many(viewers, most, distinct=distinct)
        return [self._walk(viewer, most, distinct=distinct) for viewer in viewers]

    @cached_property
    def _by_time(self) -> Walk:
        return Walk(self._items, own=self._keys.own, oldest=self._oldest)

    def _walk(self, viewer: Viewer, most: int | None, *, distinct: bool) -> list[int]:
        """The newest so many rows of anybody's, or of others', that a viewer can be shown."""
        fits, roots = self._fitting(viewer), self._items.roots
        found: list[int] = []
        seen: set[int] = set()
        for row in range(len(self._items) - 1, self._oldest - 1, -1):
            if fits(row) and not (distinct and roots[row] in seen):
                seen.add(roots[row])
                found.append(row)
                if len(found) == most:
                    break
        return found

    # -- by a score that everybody shares ---------------------------------------------------------------------------

    @cached_property
    def _all_scored(self) -> Scored:
        return self._feed.score(self._items.columns(self._eligible), self._now, None)

    def _scores_of(self, rows: Array) -> Array:
        """Where the scores of some rows stand."""
        every = self._eligible
        return rows if len(every) == len(self._items) else every.searchsorted(rows)

    def _highest_for(self, viewer: Viewer, size: int) -> Shown:
        """The highest of all, or of others."""
        own, others = self._keys.own, self._keys.whose == "others"
        if self._tail is None:
            self._tail = self._highest(size + SPARE)
        while (places := self._tail.of(viewer, size, own=own, others=others, distinct=True)) is None:
            self._tail = self._highest(2 * max(self._tail.size, size))
        if isinstance(places, slice) and size in self._untouched:
            return self._untouched[size]
        roots, at = self._tail.roots[places], self._scores_of(self._tail.rows[places])
        if self._keys.order == "newest":
            by_time = np.argsort(-roots)
            roots, at = roots[by_time], at[by_time]
        made = showing_one(self._feed, self._items, roots, self._all_scored, at)
        if isinstance(places, slice):  # one list for all for whom nothing is struck out
            self._untouched[size] = made
        return made

    def _highest(self, most: int) -> Tail:
        """The so many highest rows; between equal scores the newer one first."""
        rows, total = self._eligible, self._all_scored.total
        if most < len(rows) // 2:
            least = np.partition(total, len(rows) - most)[len(rows) - most]
            some = np.flatnonzero(total >= least)  # with all that tie, so that ties are broken among all of them
            top = rows[some[np.argsort(total[some], kind="stable")[::-1][:most]]]
        else:
            top = self._ordered[::-1][:most]
        return Tail(self._items, top, whole=most >= len(rows))

    @cached_property
    def _ordered(self) -> Array:
        """Every row from the lowest; between equal scores the older one first."""
        ordered: Array = self._eligible[np.argsort(self._all_scored.total, kind="stable")]
        return ordered

    def _followed(self, viewers: Sequence[Viewer], size: int) -> list[Shown]:
        """The highest of those that each follows."""
        walks = self._by_score.many(viewers, size, distinct=True)
        rows = np.fromiter(chain.from_iterable(walks), np.intp)
        who = np.repeat(np.arange(len(viewers)), [len(walk) for walk in walks])
        if self._keys.order == "newest":
            rows = rows[np.lexsort((-rows, who))]
        return showing(self._feed, self._items, len(viewers), who, rows, self._all_scored, self._scores_of(rows))

    @cached_property
    def _by_score(self) -> Walk:
        return Walk(self._items, self._ordered, own=self._keys.own, oldest=self._oldest)

    # -- for one viewer ---------------------------------------------------------------------------------------------

    @cached_property
    def _window(self) -> Window:
        return Window(self._feed, self._items, self._now, self._oldest)

    def _given(self, rows: Iterable[int], viewer: Viewer, size: int) -> Shown:
        """The pick among some rows, each original once, scored for this viewer."""
        newest = {self._items.roots[row]: row for row in sorted(rows)}
        found = np.array(sorted(newest.values(), reverse=True), dtype=np.intp)
        roots = self._items.column("root")[found] if self._items.reposted else found
        if self._keys.whose != "followed":
            found = roots
        made = self._feed.score(self._items.columns(found), self._now, viewer)
        return picked(self._feed, self._items, viewer, made, found, roots, size)

    def _timed(self, rows: list[int]) -> Shown:
        """Rows that are in the order of time already; their score is their step, or that of a repost."""
        ids = self._items.ids
        scores = [float(ids[row][1]) for row in rows]
        if self._items.reposted and self._keys.whose != "followed":
            rows = [self._items.roots[row] for row in rows]
        return Shown(ids=[ids[row] for row in rows], ranker=self._feed.name, scores=scores, rows=rows)
