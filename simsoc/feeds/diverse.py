"""A feed re-ranked so that what it shows is not all the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from simsoc.core.shelf import Shelf
from simsoc.core.words import Shown
from simsoc.scenario.spec import Named, Part

from .affinity import vectors_of
from .building import Lasting, Ranking, build
from .compositions import CompositionKeys, Size
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


class Diverse(Lasting[Ranking]):
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

    def made_ready(self, items: Items, now: int) -> Ranking:
        """Over the items as they are."""
        return _Ready(self, items, self.feed.ready(items, now))

    @cached_property
    def worths(self) -> Callable[[int], tuple[list[float], list[float]]]:
        """For a pool of n, in order: what relevance is worth, and an item to which nothing that is shown is alike."""
        balance = self.keys.balance

        def made(n: int) -> tuple[list[float], list[float]]:
            relevance = [balance * (1.0 - place / n) for place in range(n)]
            return relevance, [_rounded(worth) for worth in relevance]

        return lru_cache(made)

    def likeness(self, items: Items, rows: Sequence[int]) -> Callable[[int], Iterable[tuple[int, float]]]:
        """To be told the place of each row that is shown: what that is more alike to than any before, and how much."""
        if self.keys.by == "text":
            vectors = vectors_of(items, self.embed)[[items.roots[row] for row in rows]]
            cosines = np.round(np.clip(vectors @ vectors.T, 0, 1).astype(np.float64), 5)
            nearest = np.zeros(len(rows))

            def nearer(place: int) -> Iterable[tuple[int, float]]:
                at = (cosines[place] > nearest).nonzero()[0]
                nearest[at] = found = cosines[place, at]
                return zip(at.tolist(), found.tolist(), strict=True)

            return nearer
        if self.keys.by == "party":
            groups = items.column("party")[[items.roots[row] for row in rows]].tolist()
        else:
            groups = [items.ids[items.roots[row]][0] for row in rows]
        members: dict[int, list[tuple[int, float]]] = {}
        for place, group in enumerate(groups):
            members.setdefault(group, []).append((place, 1.0))
        if self.keys.by == "party":
            members.pop(-1, None)  # nobody is alike for having no party
        return lambda place: members.pop(groups[place], ())


class _Ready:
    def __init__(self, of: Diverse, items: Items, feed: Ranking) -> None:
        self._of, self._items, self._feed = of, items, feed
        self._last: tuple[Shown, int, Shown] | None = None

    def rank(self, viewer: Viewer, among: Iterable[int] | None = None, size: int | None = None) -> Shown:
        size = self._of.keys.size if size is None else size
        return self._reranked(self._feed.rank(viewer, among, max(size, self._of.keys.pool)), size)

    def rank_all(self, viewers: Sequence[Viewer], size: int | None = None) -> list[Shown]:
        size = self._of.keys.size if size is None else size
        return [self._reranked(given, size) for given in self._feed.rank_all(viewers, max(size, self._of.keys.pool))]

    def _reranked(self, given: Shown, size: int) -> Shown:
        keys, name = self._of.keys, self._of.name
        if self._last is not None and self._last[0] is given and self._last[1] == size:
            return self._last[2]  # a feed that shows many the same says so by giving the same list
        rows = given.rows
        relevance, most = self._of.worths(len(rows))  # as relevance falls, nothing further down has more than this
        worth, unlike, likeness = most.copy(), -(1 - keys.balance), [0.0] * len(rows)
        nearer = self._of.likeness(self._items, rows)
        left = list(range(len(rows)))
        chosen: list[int] = []
        scores: list[float] = []
        parts: list[tuple[float, float]] = []
        while left and len(chosen) < size:
            best = left[0]
            for place in left:
                if worth[best] >= most[place]:
                    break
                if worth[place] > worth[best]:
                    best = place
            left.remove(best)
            chosen.append(rows[best])
            scores.append(worth[best])
            parts.append((relevance[best], unlike * likeness[best]))
            for place, alike in nearer(best):
                likeness[place] = alike
                worth[place] = _rounded(relevance[place] + unlike * alike)
        ids = [self._items.ids[row] for row in chosen]
        made = Shown(ids, name, scores, {name: ("relevance", "likeness")}, parts, chosen)
        self._last = (given, size, made)
        return made


def _rounded(worth: float) -> float:
    """To nine digits, as numpy rounds."""
    return round(worth * 1e9) / 1e9
