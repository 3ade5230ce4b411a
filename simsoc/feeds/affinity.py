"""A feed by what texts are about: those nearest to what somebody has liked and written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Annotated, Any

import numpy as np
from pydantic import Field

from simsoc.core.shelf import Shelf
from simsoc.scenario.spec import Named, Part

from .building import Scoring
from .items import Columns, Items
from .keys import FeedKeys
from .viewer import Array, Scored, Viewer

_PRODUCTS = (1 << 18) - 1  # multiplications up to which OpenBLAS starts no threads


class AffinityKeys(FeedKeys):
    """Keys of the feed `affinity`, besides those of every feed."""

    newest: Annotated[int, Field(ge=1)] | None = 200
    """Only the newest so many of the items that this viewer can be shown are looked at; all when not given."""
    embedder: Annotated[Part, Named("embedders")] = Field(default="lexical", validate_default=True)
    """How it is told what texts have to do with each other."""
    last: Annotated[int, Field(ge=1, le=1000)] = 20
    """The latest so many items that somebody has liked or written say what it is interested in."""


class Affinity(Scoring):
    """Items whose texts are nearest to what the viewer has lately liked and written.

    Score: the cosine of an item's vector and the mean of those of the viewer's latest items; 0 for who has done nothing
    yet. The embedding part of OASIS's recommender (Yang et al. 2024, arXiv 2411.11581), with any embedder.
    """

    Spec = AffinityKeys
    personal = for_many = True
    by_time = False

    def __init__(self, part: Part, shelves: Mapping[str, Shelf], seed: int) -> None:
        super().__init__(part, shelves, seed)
        assert isinstance(part.given, AffinityKeys)
        self._last_ones, self._embedder, self._shelves = part.given.last, part.given.embedder, shelves

    @cached_property
    def embed(self) -> Any:
        """The embedder, loaded when the first text is looked at."""
        return self._shelves["embedders"].get(self._embedder.kind)(**self._embedder.parameters())

    def score_all(self, columns: Columns, now: int, viewers: Sequence[Viewer]) -> Scored:
        """Cosines, by viewer and item."""
        done = [self._done(columns.store, viewer.id) for viewer in viewers]
        active = [n for n, rows in enumerate(done) if rows]
        near = np.zeros((len(viewers), len(columns)))
        if active and len(columns):
            tastes = self._tastes(columns.store, [done[n] for n in active])
            wide, places = self._wide(columns.window), columns.places
            end = places.stop if isinstance(places, slice) else places.max() + 1
            near[active] = self._cosines(wide[:end], tastes)[:, places]  # cheaper than to copy some of them together
        return Scored(near, {})

    def _done(self, store: Items, agent: int) -> list[int]:
        """The latest rows that somebody has liked or written, as those of originals."""
        n = self._last_ones
        liked, made = store.did("like", agent), store.by_author.get(agent, [])
        done = sorted({*liked, *made[-n:]})[-n:]
        return [store.roots[row] for row in done] if store.reposted else done

    def _tastes(self, store: Items, done: Sequence[Sequence[int]]) -> Array:
        """The sum of the vectors of some rows, for each viewer; exact, as all sums of rounded vectors are."""
        vectors, most = vectors_of(store, self.embed), max(map(len, done))
        rows = np.array([[*of, *[len(store)] * (most - len(of))] for of in done])  # where there is nothing yet
        tastes: Array = np.add.reduce(vectors.take(rows, axis=0), axis=1).astype(np.float64)
        return tastes

    @staticmethod
    def _cosines(wide: Array, tastes: Array) -> Array:
        """By viewer and item. In pieces for which no library starts threads, as two of them work more than one."""
        near = np.empty((len(tastes), len(wide)))
        piece = max(1, _PRODUCTS // tastes.size)
        for begin in range(0, len(wide), piece):
            part = slice(begin, begin + piece)
            near[:, part] = tastes @ wide[part].T
        lengths = np.sqrt(np.einsum("ij,ij->i", tastes, tastes))
        near /= np.where(lengths > 0, lengths, 1.0)[:, None]
        np.clip(near, -1.0, 1.0, out=near)
        return near.round(5, out=near)

    def _wide(self, window: Columns) -> Array:
        """The vectors of these items in a piece."""
        return window.once("vectors", lambda all_: vectors_of(all_.store, self.embed)[all_.root].astype(np.float64))


def vectors_of(store: Items, embed: Any) -> Array:
    """A vector for each row, each text embedded once, and then one or more of zeros."""
    kept: Array = store.vectors if store.vectors is not None else np.zeros((0, embed.dim), np.float32)
    n = len(store)
    if len(kept) <= n:  # grows by doubling, so that few rows are copied
        grown = np.zeros((max(64, 2 * n), embed.dim), np.float32)
        grown[: len(kept)] = kept
        kept = store.vectors = grown
    for begin in range(store.embedded, n, 4096):
        kept[begin : min(n, begin + 4096)] = embed(store.texts[begin : min(n, begin + 4096)])
    store.embedded = n
    return kept
