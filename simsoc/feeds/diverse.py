"""A feed re-ranked so that what it shows is not all the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Annotated, Any, Literal

import numpy as np
from msgspec.structs import replace
from pydantic import Field

from simsoc.core.shelf import Shelf
from simsoc.core.words import Shown
from simsoc.scenario.spec import Named, Part

from .affinity import vectors_of
from .building import Ranking, build
from .compositions import CompositionKeys, Size, Slot, slots, together
from .items import Items
from .viewer import Viewer


class DiverseKeys(CompositionKeys):
    """Keys of the feed `diverse`."""

    of: Annotated[Part, Named("feeds")]
    """The feed that is re-ranked."""
    pool: Size = 50
    """It is asked for so many items, of which `size` are shown."""
    balance: Annotated[float, Field(ge=0, le=1)] = 0.7
    """1 keeps the order of the feed; 0 looks at diversity alone."""
    by: Literal["author", "party", "text"] = "author"
    """What makes two items alike: one author, authors of one party, or the cosine of their texts."""
    embedder: Annotated[Part, Named("embedders")] = Field(default="lexical", validate_default=True)
    """How it is told what texts have to do with each other."""


class Diverse:
    """Maximal marginal relevance: the best of what is least like that which is shown already.

    Each slot goes to the item with the highest balance * relevance - (1 - balance) * likeness, where likeness is that
    to the most similar item above it (Carbonell and Goldstein 1998, SIGIR). Relevance is the place in the feed that is
    re-ranked, from 1 at the top to 0 at the end of the pool; the score in the ledger is the sum, with both parts.
    """

    Spec = DiverseKeys

    def __init__(self, part: Part, shelves: Mapping[str, Shelf], seed: int) -> None:
        assert isinstance(part.given, DiverseKeys)
        self.name, self.keys, self._shelves = part.kind, part.given, shelves
        self.feed = build(part.given.of, shelves, seed)

    @cached_property
    def embed(self) -> Any:
        """The embedder, loaded when the first text is looked at."""
        part = self.keys.embedder
        return self._shelves["embedders"].get(part.kind)(**part.parameters())

    def ready(self, items: Items, now: int) -> Ranking:
        """See `simsoc.feeds.building.Feed`."""
        return _Ready(self, items, self.feed.ready(items, now))

    def nearest(self, items: Items, rows: Sequence[int]) -> tuple[list[float], Callable[[int], None]]:
        """How alike each of some rows is to the most similar one shown, and what tells that the one at a place is."""
        roots, nearest = items.column("root")[np.array(rows, dtype=np.intp)], [0.0] * len(rows)
        if self.keys.by == "text":
            vectors = vectors_of(items, self.embed)[roots]
            cosines = np.round(np.clip(vectors @ vectors.T, 0, 1).astype(np.float64), 5)

            def show(place: int) -> None:
                nearest[:] = np.maximum(nearest, cosines[place]).tolist()

            return nearest, show
        groups = items.column(self.keys.by)[roots].tolist()
        members: dict[int, list[int]] = {}
        for place, group in enumerate(groups):
            if group >= 0 or self.keys.by == "author":
                members.setdefault(group, []).append(place)

        def show_group(place: int) -> None:
            for other in members.pop(groups[place], ()):
                nearest[other] = 1.0

        return nearest, show_group


class _Ready:
    def __init__(self, of: Diverse, items: Items, feed: Ranking) -> None:
        self._of, self._items, self._feed = of, items, feed

    def rank(self, viewer: Viewer, among: Iterable[int] | None = None, size: int | None = None) -> Shown:
        keys, name = self._of.keys, self._of.name
        size = keys.size if size is None else size
        pool = slots(self._feed.rank(viewer, among, max(size, keys.pool)))
        balance, unlike, n = keys.balance, -(1 - keys.balance), len(pool)
        relevance = [balance * (1.0 - place / n) for place in range(n)]
        nearest, show = self._of.nearest(self._items, [slot[0] for slot in pool])
        left, chosen = list(range(n)), list[Slot]()
        while left and len(chosen) < size:
            best, most = left[0], -np.inf
            for place in left:
                if most >= _rounded(relevance[place]):
                    break  # as relevance falls, nothing further down is worth more
                worth = _rounded(relevance[place] + unlike * nearest[place])
                if worth > most:
                    best, most = place, worth
            left.remove(best)
            chosen.append((pool[best][0], most, name, (relevance[best], unlike * nearest[best])))
            show(best)
        return replace(together(self._items, chosen, {name: ("relevance", "likeness")}), ranker=name)


def _rounded(worth: float) -> float:
    """To nine digits, as numpy rounds."""
    return round(worth * 1e9) / 1e9
