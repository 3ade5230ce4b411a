"""What is picked among the newest so many items, scored for each viewer: for many viewers at once.

A step of NumPy costs much the same for one viewer as for thirty, so viewers are taken in blocks: a matrix of who can be
shown what, one of scores (or one row, where all viewers share them), one of waiting times where items are drawn.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import numpy as np

from simsoc.core.words import Shown

from .draws import NEVER, least, logarithms, waiting
from .items import Items
from .showing import picked, showing
from .tail import SPARE, Tail, newest
from .viewer import Array, Scored, Viewer

if TYPE_CHECKING:
    from .building import Scoring

_BLOCK = 64  # viewers in a block,
_CELLS = 1 << 15  # and their items: little enough for the nearest memory


class Window:
    """The newest so many items (all without a number) that viewers can be shown."""

    def __init__(self, feed: Scoring, items: Items, now: int, oldest: int) -> None:
        """oldest: rows before this one are too old."""
        self._feed, self._items, self._now, self._oldest = feed, items, now, oldest
        most = feed.keys.newest
        self._tail = newest(items, oldest, len(items) if most is None else most + SPARE)
        self._most = self._tail.size if most is None else most

    def rank_all(self, viewers: Sequence[Viewer], size: int) -> list[Shown]:
        """The so many of them that each viewer is shown."""
        if len(viewers) == 1:
            return [self._one(viewers[0], size)]
        found: list[Shown] = []
        begin = 0
        while begin < len(viewers):
            some = viewers[begin : begin + max(1, min(_BLOCK, _CELLS // max(1, self._tail.size)))]
            found += self._block(some, size)
            begin += len(some)
        return found

    def _one(self, viewer: Viewer, size: int) -> Shown:
        """The same for one, for whom nothing is laid out that others might need."""
        feed, keys = self._feed, self._feed.keys
        while (places := self._tail.of(viewer, self._most, own=keys.own, others=keys.whose == "others")) is None:
            self._more()
        roots = self._tail.roots[places]
        made = feed.score(self._tail.columns.part(places), self._now, viewer)
        return picked(feed, self._items, viewer, made, roots, roots, size)

    def _more(self) -> None:
        """Lay out more rows than before."""
        self._tail = newest(self._items, self._oldest, 2 * max(self._tail.size, self._most))

    def _block(self, viewers: Sequence[Viewer], size: int) -> list[Shown]:
        feed, keys = self._feed, self._feed.keys
        fits, touched, tail = self._open(viewers)
        made = self._scored(tail, viewers, fits, touched)
        if keys.draw == "weighted":
            drawn = logarithms(tail.lots[: fits.shape[1]], feed.seed, viewers)
            smallest, never = waiting(made.total, drawn), NEVER
        else:
            smallest, never = np.negative(made.total), np.inf
        smallest = np.where(fits, smallest, np.inf)
        who, at = least(smallest, size, never)
        if keys.order == "newest":
            at = at[np.lexsort((-tail.roots[at], who))]
        found = showing(feed, self._items, len(smallest), who, tail.roots[at], made, at)
        return found if len(found) == len(viewers) else found * len(viewers)  # all are shown the same

    def _open(self, viewers: Sequence[Viewer]) -> tuple[Array, Collection[int], Tail]:
        """What each can be shown, up to the last that anybody can be; for whom something is struck out; of what."""
        own, others = self._feed.keys.own, self._feed.keys.whose == "others"
        while (found := self._tail.open(viewers, self._most, own=own, others=others)) is None:
            self._more()
        fits, touched = found
        reached = np.flatnonzero(fits.any(axis=0))
        return fits[:, : reached[-1] + 1 if len(reached) else 0], touched, self._tail

    def _scored(self, tail: Tail, viewers: Sequence[Viewer], fits: Array, touched: Collection[int]) -> Scored:
        """Scores by viewer and place, or by place where all share them."""
        feed, now, end = self._feed, self._now, fits.shape[1]
        if feed.separate:
            made = tail.columns.once("score", lambda all_: feed.score(all_, now, None))
            return Scored(made.total[:end], {name: part[:end] for name, part in made.parts.items()})
        if feed.for_many:
            return feed.score_all(tail.columns.part(slice(0, end)), now, viewers)
        total = np.zeros((len(viewers), end))
        parts: dict[str, Array] = {}
        shared: tuple[Array, Scored] | None = None
        for n, can in enumerate(np.broadcast_to(fits, total.shape)):
            alone = feed.personal or n in touched
            if alone or shared is None:
                places = can.nonzero()[0]
                made = feed.score(tail.columns.part(places), now, viewers[n])
                shared = shared if alone else (places, made)
            else:
                places, made = shared
            total[n, places] = made.total
            for name, part in made.parts.items():
                parts.setdefault(name, np.zeros(total.shape))[n, places] = part
        return Scored(total, parts)
