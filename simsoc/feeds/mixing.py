"""Feeds made of feeds: slot by slot by chance, or one below the other."""

from __future__ import annotations

from bisect import bisect, bisect_left
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from math import fsum
from operator import itemgetter
from typing import Annotated, Literal

from pydantic import Field, model_validator

from simsoc.core.shelf import Shelf, Strict
from simsoc.core.stream import Stream
from simsoc.core.words import Shown
from simsoc.scenario.spec import Named, Part

from .building import Feed, Ranking, build
from .compositions import CompositionKeys, Slot, names_of, slots, together
from .items import Items
from .viewer import Viewer

Feeds = Annotated[tuple[Annotated[Part, Named("feeds")], ...], Field(min_length=1, max_length=20)]
Weights = tuple[Annotated[float, Field(ge=0)], ...]


class MixKeys(CompositionKeys):
    """Keys of the feed `mix`."""

    of: Feeds
    """The feeds that are mixed."""
    weights: Weights | None = None
    """How often each is picked for a slot; all alike when not given."""

    @model_validator(mode="after")
    def _fits(self) -> MixKeys:
        if self.weights is not None and (len(self.weights) != len(self.of) or not sum(self.weights) > 0):
            raise ValueError(f"weights must be {len(self.of)} numbers, one for each feed, and not all 0")
        return self


class Mix:
    """A mixture: for each slot one of several feeds is drawn by weight, and shows its best item not shown yet.

    Where a feed has nothing left the draw is among the others, so that a mixture of feeds fills all its slots.
    """

    Spec = MixKeys

    def __init__(self, part: Part, shelves: Mapping[str, Shelf], seed: int) -> None:
        assert isinstance(part.given, MixKeys)
        self.name, self.keys, self.seed = part.kind, part.given, seed
        self.feeds: list[Feed] = [build(one, shelves, seed) for one in part.given.of]
        self.weights = part.given.weights or (1.0,) * len(self.feeds)

    def ready(self, items: Items, now: int) -> Ranking:
        """See `simsoc.feeds.building.Feed`."""
        return _MixReady(self, items, [feed.ready(items, now) for feed in self.feeds])


class _MixReady:
    def __init__(self, of: Mix, items: Items, feeds: list[Ranking]) -> None:
        self._of, self._items, self._feeds = of, items, feeds

    def rank(self, viewer: Viewer, among: Iterable[int] | None = None, size: int | None = None) -> Shown:
        size = self._of.keys.size if size is None else size
        rows, roots = None if among is None else list(among), self._items.roots
        lists = [feed.rank(viewer, rows, size) for feed in self._feeds]
        left = [slots(shown)[::-1] for shown in lists]
        several = _several([roots[row] for shown in lists for row in shown.rows])
        weights = [weight if rest else 0.0 for weight, rest in zip(self._of.weights, left, strict=True)]
        reached, total, last = _added(weights)
        chosen: list[Slot] = []
        for u in Stream(self._of.seed, "mix", viewer.id, viewer.step, viewer.turn).randoms(size):
            if not total > 0:
                break
            slot = left[min(last, bisect(reached, u * total))].pop()
            chosen.append(slot)
            if (root := roots[slot[0]]) in several:  # shown once, whichever feed has it
                left = [[other for other in rest if roots[other[0]] != root] for rest in left]
            if not all(left):
                weights = [weight if rest else 0.0 for weight, rest in zip(weights, left, strict=True)]
                reached, total, last = _added(weights)
        return together(self._items, chosen, names_of(lists))


def _several(given: Sequence[int]) -> set[int]:
    """What comes more than once."""
    once = set(given)
    return {one for one in once if given.count(one) > 1} if len(once) < len(given) else set()


def _added(weights: Sequence[float]) -> tuple[list[float], float, int]:
    """What `Stream.pick` works out for each pick: sums so far, the sum, and the last that can be picked."""
    reached = list(accumulate(weights))
    return reached, fsum(weights), bisect_left(reached, reached[-1])


class StackKeys(Strict):
    """Keys of the feed `stack`."""

    of: Feeds
    """The feeds, from the top down; each shows as many items as its own `size` says."""
    order: Literal["rank", "newest"] = "rank"
    """Order in which items are shown: feed after feed, or newest first over all of them."""


class Stack:
    """Feeds one below the other: each shows its own number of items that none before it shows."""

    Spec = StackKeys

    def __init__(self, part: Part, shelves: Mapping[str, Shelf], seed: int) -> None:
        assert isinstance(part.given, StackKeys)
        self.name, self.keys = part.kind, part.given
        self.feeds: list[Feed] = [build(one, shelves, seed) for one in part.given.of]

    def ready(self, items: Items, now: int) -> Ranking:
        """See `simsoc.feeds.building.Feed`."""
        return _StackReady(self, items, [feed.ready(items, now) for feed in self.feeds])


class _StackReady:
    def __init__(self, of: Stack, items: Items, feeds: list[Ranking]) -> None:
        self._of, self._items, self._feeds = of, items, feeds

    def rank(self, viewer: Viewer, among: Iterable[int] | None = None, size: int | None = None) -> Shown:
        rows, roots = None if among is None else list(among), self._items.roots
        lists: list[Shown] = []
        chosen: list[Slot] = []
        for feed in self._feeds:
            lists.append(feed.rank(viewer.without({roots[slot[0]] for slot in chosen}), rows))
            chosen += slots(lists[-1])
        if self._of.keys.order == "newest":
            chosen.sort(key=itemgetter(0), reverse=True)
        return together(self._items, chosen[:size], names_of(lists))
