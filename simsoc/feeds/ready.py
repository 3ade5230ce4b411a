"""A feed made ready for one state of the items: what is the same for all viewers is worked out once, when needed.

What a viewer can be shown is picked in one of three ways. Where the newest so many items are looked at, they are walked
to from the newest one, and scored for this viewer. Where a score is the same for everybody, items are ranked once and a
viewer's walk goes down that ranking; for those who look at followed accounts alone, the places of these accounts' items
in the ranking are sorted. Whatever else there is scores every item for every viewer, and costs accordingly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from heapq import heapify, heappop, heapreplace
from typing import TYPE_CHECKING

import numpy as np

from simsoc.core.words import Shown

from .draws import first, logarithms, lots, soonest, waiting
from .items import Items
from .tail import Places, Tail
from .viewer import Array, Scored, Viewer

if TYPE_CHECKING:
    from .building import Scoring

_SPARE = 64  # rows laid out beyond those that a viewer needs for whom nothing is struck out
_BLOCK = 16  # viewers whose draws are made at once,
_MANY = 24  # after so many one by one


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
        self._order: Array | None = None
        self._of_tail: Tail | None = None
        self._blocks: dict[tuple[int, int, int], Array] = {}
        self._asked = 0
        self._untouched: dict[int, Shown] = {}
        self._standings: _Standings | None = None

    def rank(self, viewer: Viewer, among: Iterable[int] | None = None, size: int | None = None) -> Shown:
        """What a viewer is shown. among: rows that are to be ranked, hidden ones too, instead of all."""
        keys, feed = self._keys, self._feed
        size = keys.size if size is None else size
        if among is not None:
            fits = self._fitting(viewer, hidden=())
            return self._given([row for row in among if fits(row)], viewer, size)
        if feed.by_time:
            return self._timed(self._walk(viewer, size, distinct=True))
        if keys.newest is not None or feed.personal or keys.draw == "weighted":
            if keys.whose == "followed":
                return self._given(self._walk(viewer, keys.newest), viewer, size)
            return self._windowed(viewer, size)
        if keys.whose == "followed":
            return self._commonly(found := self._followed(viewer, size), found)
        tail, places = self._fits(viewer, size, self._highest, distinct=True)
        if not isinstance(places, slice):
            return self._commonly(tail.rows[places], tail.roots[places])
        if size not in self._untouched:  # one list for all for whom nothing is struck out
            self._untouched[size] = self._commonly(tail.rows[places], tail.roots[places])
        return self._untouched[size]

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
            self._rows = self._listed(self._oldest)
        return self._rows

    def _listed(self, begin: int) -> Array:
        """Rows from one on that may be in feeds, ascending."""
        listed = self._items.column("listed")
        fits = listed[begin:]
        if self._items.reposted:
            fits = fits & listed[self._items.column("root")[begin:]]
        return np.flatnonzero(fits) + begin

    def _newest(self, most: int) -> Tail:
        """The newest so many rows."""
        begin = len(self._items)
        rows = np.zeros(0, np.intp)
        while len(rows) < most and begin > self._oldest:  # most are listed, so that few are looked at
            begin = max(self._oldest, len(self._items) - 2 * max(most, len(self._items) - begin))
            rows = self._listed(begin)
        return Tail(self._items, rows[::-1][:most], whole=begin == self._oldest and len(rows) <= most)

    def _fits(
        self, viewer: Viewer, most: int | None, tail: Callable[[int], Tail], *, distinct: bool = False
    ) -> tuple[Tail, Places]:
        """The first so many rows in some order that a viewer can be shown. tail: so many rows in that order."""
        own, others = self._keys.own, self._keys.whose == "others"
        if self._tail is None:
            self._tail = tail(len(self._items) if most is None else most + _SPARE)
        while True:
            places = self._tail.of(viewer, most, own=own, others=others, distinct=distinct)
            if places is not None:
                return self._tail, places
            self._tail = tail(2 * max(self._tail.size, most or 0))

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

    def _walk(self, viewer: Viewer, most: int | None, *, distinct: bool = False) -> list[int]:
        """The newest so many rows this viewer can be shown, newest first. distinct: one for each original."""
        n = len(self._items)
        if self._keys.whose == "followed":
            return self._merged(viewer, self._items.by_author.get, range(n), most, distinct=distinct)
        fits, roots, found = self._fitting(viewer), self._items.roots, list[int]()
        seen: set[int] = set()
        for row in range(n - 1, self._oldest - 1, -1):
            if fits(row) and not (distinct and roots[row] in seen):
                seen.add(roots[row])
                found.append(row)
                if len(found) == most:
                    break
        return found

    def _merged(
        self,
        viewer: Viewer,
        of: Callable[[int], Sequence[int] | None],
        rows: Sequence[int],
        most: int | None,
        *,
        distinct: bool,
    ) -> list[int]:
        """The so many rows in the highest places that this viewer can be shown of those it follows.

        of: places of an author, ascending; rows: by place. In one piece, as most of a viewer's time is spent here.
        """
        heads = list({-places[-1] for who in self._looked_at(viewer) if (places := of(who))})
        heapify(heads)
        ids, roots, hidden, skip = self._items.ids, self._items.roots, self._items.hidden, viewer.skip
        me, oldest, taken = None if self._keys.own else viewer.id, self._oldest, dict[int, int]()
        seen, found = set[int](), list[int]()
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

    def _looked_at(self, viewer: Viewer) -> Sequence[int]:
        return (*viewer.follows, viewer.id) if self._keys.own else viewer.follows

    # -- by a score that everybody shares ---------------------------------------------------------------------------

    def _all_scored(self) -> Scored:
        if self._common is None:
            self._common = self._feed.score(self._items.columns(self._eligible()), self._now, None)
        return self._common

    def _commonly(self, rows: Array, shown: Array) -> Shown:
        """What is shown for these rows with their scores, which all viewers share."""
        every = self._eligible()  # among which the original that is shown may be too old to be
        at = rows if len(every) == len(self._items) else every.searchsorted(rows)
        return self._shown(shown, self._all_scored(), at)

    def _highest(self, most: int) -> Tail:
        """The so many highest rows; between equal scores the newer one first."""
        rows, total = self._eligible(), self._all_scored().total
        if most < len(rows) // 2:
            least = np.partition(total, len(rows) - most)[len(rows) - most]
            some = np.flatnonzero(total >= least)  # with all that tie, so that ties are broken among all of them
            top = rows[some[np.argsort(total[some], kind="stable")[::-1][:most]]]
        else:
            top = self._ordered()[::-1][:most]
        return Tail(self._items, top, whole=most >= len(rows))

    def _ordered(self) -> Array:
        """Every row from the lowest; between equal scores the older one first."""
        if self._order is None:
            self._order = self._eligible()[np.argsort(self._all_scored().total, kind="stable")]
        return self._order

    def _followed(self, viewer: Viewer, size: int) -> Array:
        """The highest of those this viewer follows."""
        if self._standings is None:
            self._standings = _Standings(self._items, self._ordered())
        of, rows = self._standings.__getitem__, self._standings.rows
        return np.array(self._merged(viewer, of, rows, size, distinct=True), dtype=np.intp)

    # -- for one viewer ---------------------------------------------------------------------------------------------

    def _windowed(self, viewer: Viewer, size: int) -> Shown:
        """The pick among the newest so many (all without a number) that this viewer can be shown."""
        tail, places = self._fits(viewer, self._keys.newest, self._newest)
        drawn = self._drawn(tail, viewer)[places] if self._keys.draw == "weighted" else None
        if self._feed.separate:
            made = self._at_once(tail)
            picked = first(-made.total[places], size) if drawn is None else soonest(drawn, size)
            at = picked if isinstance(places, slice) else places[picked]
            return self._shown(tail.roots[at], made, at)
        made = self._feed.score(tail.columns.part(places), self._now, viewer)
        picked = first(-made.total, size) if drawn is None else soonest(waiting(made.total, drawn), size)
        return self._shown(tail.roots[places][picked], made, picked)

    def _at_once(self, tail: Tail) -> Scored:
        """Scores of all of the tail for all viewers."""
        return tail.columns.once("score", lambda all_: self._feed.score(all_, self._now, None))

    def _given(self, rows: Iterable[int], viewer: Viewer, size: int) -> Shown:
        """The pick among some rows, each original once, scored for this viewer."""
        newest = {self._items.roots[row]: row for row in sorted(rows)}
        found = np.array(sorted(newest.values(), reverse=True), dtype=np.intp)
        roots = self._items.column("root")[found] if self._items.reposted else found
        if self._keys.whose != "followed":
            found = roots
        made = self._feed.score(self._items.columns(found), self._now, viewer)
        if self._keys.draw == "weighted":
            drawn = logarithms(lots(self._items, roots), self._feed.seed, (viewer,))[0]
            picked = soonest(waiting(made.total, drawn), size)
        else:
            picked = first(-made.total, size)
        return self._shown(found[picked], made, picked)

    def _drawn(self, tail: Tail, viewer: Viewer) -> Array:
        """What this viewer draws for all of the tail: waiting times where scores are at hand, else logarithms.

        Those who look at the same items mostly come in numbers: from the second dozen on they are taken with those
        whose ids are near theirs, as a step of NumPy costs much the same for one as for sixteen.
        """
        if self._of_tail is not tail:
            self._of_tail, self._blocks, self._asked = tail, {}, 0
        self._asked += 1
        block, place = divmod(viewer.id, _BLOCK)
        key = (block, viewer.step, viewer.turn)
        if key in self._blocks:
            found: Array = self._blocks[key][place]
            return found
        who: Sequence[Viewer] = (viewer,)
        if self._asked > _MANY and viewer.id >= 0:
            who = [Viewer(block * _BLOCK + n, viewer.step, viewer.turn) for n in range(_BLOCK)]
        made = logarithms(tail.lots, self._feed.seed, who)
        if self._feed.separate:
            made = waiting(self._at_once(tail).total, made)
        if len(who) > 1:
            self._blocks[key] = made
        found = made[place if len(who) > 1 else 0]
        return found

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
