"""Feeds made of feeds: slot by slot by chance, or one below the other."""

from __future__ import annotations

from bisect import bisect, bisect_left
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import accumulate, chain, pairwise
from math import fsum
from typing import Annotated, Literal

from pydantic import Field, model_validator

from simsoc.core.shelf import Shelf, Strict
from simsoc.core.stream import Stream
from simsoc.core.words import Shown
from simsoc.scenario.spec import Named, Part

from .building import Feed, Lasting, Ranking, build
from .compositions import CompositionKeys, newest_first, together
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
        return self._mixed(viewer, [feed.rank(viewer, rows, size) for feed in self._feeds], size)

    def rank_all(self, viewers: Sequence[Viewer], size: int | None = None) -> list[Shown]:
        size = self._of.keys.size if size is None else size
        lists = zip(*[feed.rank_all(viewers, size) for feed in self._feeds], strict=True)
        return [self._mixed(viewer, given, size) for viewer, given in zip(viewers, lists, strict=True)]

    def _mixed(self, viewer: Viewer, lists: Sequence[Shown], size: int) -> Shown:
        """Slot by slot, of what each feed would show."""
        of = self._items.roots
        roots = [[of[row] for row in shown.rows] if self._items.reposted else shown.rows for shown in lists]
        lengths = [len(rows) for rows in roots]
        begins = [0, *accumulate(lengths)]
        numbers = Stream(self._of.seed, "mix", viewer.id, viewer.step, viewer.turn).randoms(size)
        several = _several(list(chain.from_iterable(roots)))
        reached, total, last = self._of.added if all(lengths) else self._added([0] * len(lists), lengths)
        if not several:  # and where, as mostly, no feed is used up either, nothing that is drawn changes a chance
            drawn = [bisect(reached, u * total) for u in numbers]
            if total > 0 and max(drawn) <= last and all(drawn.count(n) < most for n, most in enumerate(lengths)):
                places = [iter(range(begin, end)) for begin, end in pairwise(begins)]
                return together(lists, [next(places[n]) for n in drawn])
        return together(lists, self._one_by_one(numbers, roots, lengths, begins, several))

    def _one_by_one(
        self,
        numbers: Sequence[float],
        roots: Sequence[Sequence[int]],
        lengths: Sequence[int],
        begins: Sequence[int],
        several: Collection[int],
    ) -> list[int]:
        """Places in all lists, where what is drawn may leave others with less."""
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
