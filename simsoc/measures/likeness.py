"""How alike texts are: of one author and of different ones, along a thread, and as a cloud of points.

Everything here takes vectors, a row for each text, of length one or all zero (as `simsoc.minds.embed` makes them);
which embedder made them is part of the result. All-zero rows are texts without a word that says anything: left out.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


class Alike(NamedTuple):
    """Mean cosines of pairs of texts, -1..1; None where there is no such pair."""

    own: float | None
    """Of two texts of the same author: does everybody repeat itself?"""
    cross: float | None
    """Of two texts of different authors: does everybody say the same?"""


class Cloud:
    """Texts that come one after another: how alike all of them are so far, at the cost of the new ones."""

    def __init__(self) -> None:
        self._sums: dict[Hashable, NDArray[np.float64]] = {}
        self._counts: dict[Hashable, int] = {}

    def add(self, vectors: Vectors, authors: Sequence[Hashable]) -> None:
        """Some more, a row for each."""
        rows = _scaled(np.asarray(vectors, dtype=np.float64))
        for row in np.flatnonzero(_told(vectors)).tolist():
            author = authors[row]
            known = self._sums.get(author)
            self._sums[author] = rows[row] if known is None else known + rows[row]
            self._counts[author] = self._counts.get(author, 0) + 1

    def alike(self) -> Alike:
        """As `alike` of all of them."""
        if not self._sums:
            return Alike(None, None)
        n = sum(self._counts.values())
        whole = np.sum(list(self._sums.values()), axis=0)
        own = sum(float(of @ of) - self._counts[author] for author, of in self._sums.items()) / 2.0
        own_pairs = sum(count * (count - 1) // 2 for count in self._counts.values())
        total = (float(whole @ whole) - n) / 2.0
        return Alike(_mean(own, own_pairs), _mean(total - own, n * (n - 1) // 2 - own_pairs))


def alike(vectors: Vectors, authors: Sequence[Hashable]) -> Alike:
    """Self- and cross-author similarity. Linear in the number of texts: sums of vectors hold the sums of all pairs."""
    cloud = Cloud()
    cloud.add(vectors, authors)
    return cloud.alike()


def dispersion(vectors: Vectors) -> float | None:
    """1 - mean cosine of all pairs of texts: 0 where all say the same, about 1 where they share nothing.

    None with fewer than two texts. Source: mean pairwise distance, as for diversity of generated text in Tevet and
    Berant 2021, arXiv 2004.02990.
    """
    total, pairs = _pairs(np.asarray(vectors, dtype=np.float64)[_told(vectors)])
    return 1.0 - total / pairs if pairs else None


def distances(vectors: Vectors) -> list[float | None]:
    """1 - cosine of each text with the first one, in order: how far a thread has gone from what it began with.

    None for texts without words, and for all where the first one has none.
    """
    rows, kept = np.asarray(vectors, dtype=np.float64), _told(vectors)
    if not len(rows):
        return []
    far = _scaled(rows) @ _scaled(rows[:1])[0]
    return [float(1.0 - near) if told and kept[0] else None for near, told in zip(far, kept.tolist(), strict=True)]


def drift(vectors: Vectors) -> float | None:
    """Mean of the distances of replies from the opening post, 0..2; None where there is none."""
    found = [distance for distance in distances(vectors)[1:] if distance is not None]
    return sum(found) / len(found) if found else None


def _told(vectors: Vectors) -> NDArray[np.bool_]:
    told: NDArray[np.bool_] = np.abs(np.asarray(vectors)).sum(axis=1) > 0
    return told


def _scaled(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    length = np.sqrt((rows * rows).sum(axis=1, keepdims=True))
    made: NDArray[np.float64] = np.divide(rows, length, out=np.zeros_like(rows), where=length > 0)
    return made


def _pairs(rows: NDArray[np.float64]) -> tuple[float, int]:
    """Sum of the cosines of all pairs, and how many pairs there are."""
    n = len(rows)
    if n < 2:
        return 0.0, 0
    whole = _scaled(rows).sum(axis=0)
    return float(whole @ whole - n) / 2.0, n * (n - 1) // 2


def _mean(total: float, pairs: int) -> float | None:
    return total / pairs if pairs else None
