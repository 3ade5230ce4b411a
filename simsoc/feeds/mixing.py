"""Feeds made of feeds: slot by slot by chance, or one below the other."""

from __future__ import annotations

from bisect import bisect, bisect_left
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import accumulate, chain
from math import fsum
from typing import Annotated, Literal

import numpy as np
from pydantic import Field, model_validator

from simsoc.core.shelf import Shelf, Strict
from simsoc.core.stream import uniforms
from simsoc.core.words import Shown
from simsoc.scenario.spec import Named, Part

from .building import Feed, Lasting, Ranking, build
from .compositions import CompositionKeys, newest_first, together
from .items import Items
from .viewer import Array, Viewer

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


class Mix(Lasting[Ranking]):
    """A mixture: for each slot one of several feeds is drawn by weight, and shows its best item not shown yet.

    Where a feed has nothing left the draw is among the others, so that a mixture of feeds fills all its slots.
    """

    Spec = MixKeys

    def __init__(self, part: Part, shelves: Mapping[str, Shelf], seed: int) -> None:
        assert isinstance(part.given, MixKeys)
        self.name, self.keys, self.seed = part.kind, part.given, seed
        self.feeds: list[Feed] = [build(one, shelves, seed) for one in part.given.of]
        self.weights = part.given.weights or (1.0,) * len(self.feeds)
        self.added = _added(self.weights)

    def made_ready(self, items: Items, now: int) -> Ranking:
        """Over the items as they are."""
        return _MixReady(self, items, [feed.ready(items, now) for feed in self.feeds])


class _MixReady:
    def __init__(self, of: Mix, items: Items, feeds: list[Ranking]) -> None:
        self._of, self._items, self._feeds = of, items, feeds

    def rank(self, viewer: Viewer, among: Iterable[int] | None = None, size: int | None = None) -> Shown:
        size = self._of.keys.size if size is None else size
        rows = None if among is None else list(among)
        return self._mixed((viewer,), [[feed.rank(viewer, rows, size)] for feed in self._feeds], size)[0]

    def rank_all(self, viewers: Sequence[Viewer], size: int | None = None) -> list[Shown]:
        size = self._of.keys.size if size is None else size
        return self._mixed(viewers, [feed.rank_all(viewers, size) for feed in self._feeds], size)

    def _mixed(self, viewers: Sequence[Viewer], given: Sequence[Sequence[Shown]], size: int) -> list[Shown]:
        """Slot by slot, of what each feed would show each viewer."""
        seed, roots, reposted = self._of.seed, self._items.roots, self._items.reposted
        numbers = uniforms([f"{seed}\x1fmix\x1f{who.id}\x1f{who.step}\x1f{who.turn}" for who in viewers], size)
        lengths = np.array([[len(shown.rows) for shown in lists] for lists in given], np.intp).T
        places, plain = self._drawn(numbers, lengths)
        found = []
        for n, lists in enumerate(zip(*given, strict=True)):
            rows = [[roots[row] for row in shown.rows] if reposted else shown.rows for shown in lists]
            if not plain[n] or len(set().union(*rows)) < sum(map(len, rows)):
                found.append(together(lists, self._one_by_one(numbers[n].tolist(), rows)))
            else:
                found.append(together(lists, places[n]))
        return found

    def _drawn(self, numbers: Array, lengths: Array) -> tuple[list[list[int]], list[bool]]:
        """Places in all lists of a viewer, one below the other, and whether that is what is drawn.

        It is where nothing that is drawn changes a chance: no feed is used up, and no two show the same.
        """
        reached, total, last = self._of.added
        which: Array = np.searchsorted(reached, numbers * total, side="right")
        plain: Array = np.logical_and((lengths > 0).all(axis=1), (which <= last).all(axis=1))
        places, begins = np.zeros_like(which), lengths.cumsum(axis=1) - lengths
        for n in range(lengths.shape[1]):
            of = which == n
            so_far = of.cumsum(axis=1)
            plain &= so_far[:, -1] < lengths[:, n]
            places += np.where(of, begins[:, n : n + 1] + so_far - 1, 0)
        return places.tolist(), plain.tolist()

    def _one_by_one(self, numbers: Sequence[float], roots: Sequence[Sequence[int]]) -> list[int]:
        """Places in all lists, where what is drawn may leave other feeds with less."""
        lengths = list(map(len, roots))
        begins = [0, *accumulate(lengths)]
        several = _several(list(chain.from_iterable(roots)))
        at = [0] * len(roots)
        places: list[int] = []
        taken: set[int] = set()
        reached, total, last = self._added(at, lengths)
        for u in numbers:
            if not total > 0:
                break
            which = min(last, bisect(reached, u * total))
            place = at[which]
            places.append(begins[which] + place)
            at[which] = place + 1
            if (root := roots[which][place]) in several:  # shown once, whichever feed has it
                taken.add(root)
            if taken:
                at = [_past(those, done, taken) for those, done in zip(roots, at, strict=True)]
            if taken or place + 1 == lengths[which]:
                reached, total, last = self._added(at, lengths)
        return places

    def _added(self, at: Sequence[int], lengths: Sequence[int]) -> tuple[list[float], float, int]:
        """Chances, where feeds of which all is shown have none."""
        left = zip(self._of.weights, at, lengths, strict=True)
        return _added([weight if done < n else 0.0 for weight, done, n in left])


def _past(roots: Sequence[int], at: int, taken: Collection[int]) -> int:
    """The first place from one on that holds nothing that is taken."""
    while at < len(roots) and roots[at] in taken:
        at += 1
    return at


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


class Stack(Lasting[Ranking]):
    """Feeds one below the other: each shows its own number of items that none before it shows."""

    Spec = StackKeys

    def __init__(self, part: Part, shelves: Mapping[str, Shelf], seed: int) -> None:
        assert isinstance(part.given, StackKeys)
        self.name, self.keys = part.kind, part.given
        self.feeds: list[Feed] = [build(one, shelves, seed) for one in part.given.of]

    def made_ready(self, items: Items, now: int) -> Ranking:
        """Over the items as they are."""
        return _StackReady(self, items, [feed.ready(items, now) for feed in self.feeds])


class _StackReady:
    def __init__(self, of: Stack, items: Items, feeds: list[Ranking]) -> None:
        self._of, self._items, self._feeds = of, items, feeds

    def rank(self, viewer: Viewer, among: Iterable[int] | None = None, size: int | None = None) -> Shown:
        if among is None:
            return self.rank_all((viewer,), size)[0]
        rows = list(among)
        return self._stacked((viewer,), lambda feed, viewers: [feed.rank(viewers[0], rows)], size)[0]

    def rank_all(self, viewers: Sequence[Viewer], size: int | None = None) -> list[Shown]:
        return self._stacked(viewers, lambda feed, those: feed.rank_all(those), size)

    def _stacked(
        self, viewers: Sequence[Viewer], rank: Callable[[Ranking, Sequence[Viewer]], list[Shown]], size: int | None
    ) -> list[Shown]:
        """Feed after feed, each without what is shown already."""
        roots = self._items.roots
        lists: list[list[Shown]] = [[] for _ in viewers]
        for feed in self._feeds:
            those: Sequence[Viewer] = [
                viewer.without([roots[row] for shown in above for row in shown.rows])
                for viewer, above in zip(viewers, lists, strict=True)
            ]
            for above, shown in zip(lists, rank(feed, those), strict=True):
                above.append(shown)
        if self._of.keys.order == "newest":
            return [together(of, newest_first(of)[:size]) for of in lists]
        return [together(of, range(sum(len(shown.rows) for shown in of))[:size]) for of in lists]
