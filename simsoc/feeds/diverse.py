"""A feed re-ranked so that what it shows is not all the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from simsoc.core.shelf import Shelf
from simsoc.core.words import Shown
from simsoc.scenario.spec import Named, Part

from .affinity import vectors_of
from .building import Ranking, build
from .compositions import CompositionKeys, Size, slots, together
from .items import Items
from .viewer import Array, Viewer


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

    def likeness(self, items: Items, rows: Array) -> Array:
        """How alike each two of some rows are, in [0, 1]."""
        roots = items.column("root")[rows]
        if self.keys.by == "text":
            vectors = vectors_of(items, self.embed)[roots]
            cosines: Array = np.round(np.clip(vectors @ vectors.T, 0, 1).astype(np.float64), 5)
            return cosines
        column = items.column(self.keys.by)[roots]
        same: Array = column[:, None] == column[None, :]
        return np.where(same & (column >= 0) if self.keys.by == "party" else same, 1.0, 0.0)


class _Ready:
    def __init__(self, of: Diverse, items: Items, feed: Ranking) -> None:
        self._of, self._items, self._feed = of, items, feed

    def rank(self, viewer: Viewer, among: Iterable[int] | None = None, size: int | None = None) -> Shown:
        keys = self._of.keys
        size = keys.size if size is None else size
        pool = slots(self._feed.rank(viewer, among, max(size, keys.pool)))
        n, name = len(pool), self._of.name
        relevance = 1.0 - np.arange(n) / max(n, 1)
        alike = self._of.likeness(self._items, np.array([slot.row for slot in pool], dtype=np.intp)) if n else np.eye(0)
        nearest, left, chosen = np.zeros(n), np.ones(n, dtype=bool), []
        for _ in range(min(size, n)):
            worth = np.round(keys.balance * relevance - (1 - keys.balance) * nearest, 9)
            best = int(np.argmax(np.where(left, worth, -np.inf)))
            left[best] = False
            parts = (keys.balance * float(relevance[best]), -(1 - keys.balance) * float(nearest[best]))
            chosen.append(pool[best]._replace(score=float(worth[best]), ranker=name, parts=parts))
            nearest = np.maximum(nearest, alike[best])
        made = together(self._items, chosen, ())
        return Shown(made.ids, name, made.scores, {name: ("relevance", "likeness")}, made.parts, made.rows)
