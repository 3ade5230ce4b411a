"""A feed by what texts are about: those nearest to what somebody has liked and written."""

from __future__ import annotations

from collections.abc import Mapping
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
    personal = True
    by_time = False

    def __init__(self, part: Part, shelves: Mapping[str, Shelf], seed: int) -> None:
        super().__init__(part, shelves, seed)
        assert isinstance(part.given, AffinityKeys)
        self._last_ones, self._embedder, self._shelves = part.given.last, part.given.embedder, shelves

    @cached_property
    def embed(self) -> Any:
        """The embedder, loaded when the first text is looked at."""
        return self._shelves["embedders"].get(self._embedder.kind)(**self._embedder.parameters())

    def score(self, columns: Columns, now: int, viewer: Viewer | None) -> Scored:
        """Cosines, for one viewer."""
        assert viewer is not None
        store = columns.store
        n = self._last_ones
        liked, made = store.did("like", viewer.id), store.by_author.get(viewer.id, [])
        done = sorted({*liked, *made[-n:]})[-n:]
        if not done or not len(columns):
            return Scored(np.zeros(len(columns)), {})
        vectors = vectors_of(store, self.embed)
        roots = [store.roots[row] for row in done]
        taste = np.add.reduce(vectors[roots]).astype(np.float64)  # exact, as all sums of rounded vectors are
        length = float(taste @ taste) ** 0.5 or 1.0
        wide, places = self._wide(columns.window), columns.places
        end = places.stop if isinstance(places, slice) else places.max() + 1
        near = (wide[:end] @ taste)[places]  # cheaper than to copy some of these vectors together
        return Scored(np.minimum(np.maximum(near / length, -1.0), 1.0).round(5), {})

    def _wide(self, window: Columns) -> Array:
        """The vectors of these items in a piece."""
        return window.once("vectors", lambda all_: vectors_of(all_.store, self.embed)[all_.root].astype(np.float64))


def vectors_of(store: Items, embed: Any) -> Array:
    """A vector for each row, each text embedded once."""
    kept: Array = store.vectors if store.vectors is not None else np.zeros((0, embed.dim), np.float32)
    n = len(store)
    if len(kept) < n:  # grows by doubling, so that few rows are copied
        grown = np.zeros((max(64, 2 * n), embed.dim), np.float32)
        grown[: len(kept)] = kept
        kept = store.vectors = grown
    for begin in range(store.embedded, n, 4096):
        kept[begin : min(n, begin + 4096)] = embed(store.texts[begin : min(n, begin + 4096)])
    store.embedded = n
    return kept
