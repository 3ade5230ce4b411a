"""What comes to mind: records scored by recency, importance and relevance (methods.md 1.3).

    score = a_rec R + a_imp I + a_rel S, each component first scaled to [0, 1] among the candidates
    R = d ** (game hours since the last access)    I = importance 1..10    S = cosine of text and query
    scale(x) = (x - min) / (max - min), and 0.5 for every candidate when max == min

Source: Park et al. 2023, arXiv 2304.03442, with d = 0.995 and weights 1, 1, 1. The released code's weights are the
preset `RELEASED`; that it turns recency upside down is a fault, kept behind `inverted` for comparison alone. Scores are
rounded before they are ranked and cosines are exact (embed.py), so that every machine ranks alike; ties go by number.
Retrieval writes nothing: the numbers it returns are for the world, which notes the access when the turn is applied.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from .memory import Vectors, View
from .records import Kind, Record
from .tokens import Space

DIGITS = 6
"""Decimals of a score that count when it is ranked."""
Floats = NDArray[np.float64]


class Scoring(Struct, frozen=True):
    """How records are scored."""

    decay: float = 0.995
    """What is left of recency after each game hour without access."""
    recency: float = 1.0
    importance: float = 1.0
    relevance: float = 1.0
    """Weights of the three components."""
    inverted: bool = False
    """Compatibility with the released code: recency is decay ** rank, rank 1 for the record accessed longest ago."""

    def lowest(self, view: View, rows: NDArray[np.intp], now: float) -> int:
        """The row to be forgotten: what has expired first, then the lowest score without relevance, then the oldest."""
        if view.enforced:
            over = rows[view.columns.expires[rows] <= now]
            rows = over if len(over) else rows
        return int(rows[np.argmin(score(view, rows, None, now, self).total)])


PAPER = Scoring()
RELEASED = Scoring(recency=0.5, importance=2.0, relevance=3.0)
"""Weights of the released code, without its inverted recency."""


class Scored(Struct, frozen=True):
    """Scores of some rows of a view, in their order."""

    recency: Floats
    importance: Floats
    relevance: Floats | None
    """None without a query."""
    total: Floats
    """Weighted and rounded."""


class Found(Struct, frozen=True):
    """A record that came to mind, with the scaled parts of its score."""

    record: Record
    score: float
    recency: float
    importance: float
    relevance: float


class Recall(Struct, frozen=True):
    """What came to mind, best first."""

    found: tuple[Found, ...] = ()
    left_out: int = 0
    """Records that would have been among them but did not fit in the prompt."""

    @property
    def numbers(self) -> tuple[int, ...]:
        """Numbers of the records: to be touched when the turn is applied."""
        return tuple(f.record.n for f in self.found)

    @property
    def records(self) -> list[Record]:
        """The records in order of time."""
        return sorted((f.record for f in self.found), key=lambda record: record.n)


def score(view: View, rows: NDArray[np.intp], query: Vectors | None, now: float, how: Scoring) -> Scored:
    """Scores of these rows among each other. query: a vector as the memory's embedder makes it, or None."""
    c, whole = view.columns, len(rows) == view.count
    accessed = c.accessed[: view.count] if whole else c.accessed[rows]
    weights = c.importance[: view.count] if whole else c.importance[rows]
    recency = _scaled(_by_rank(accessed, how.decay) if how.inverted else how.decay ** ((now - accessed) / 60.0))
    importance = _scaled(weights)
    total = how.recency * recency
    total += how.importance * importance
    relevance = None
    if query is not None:
        # Of all rows, as choosing some would copy the matrix; and not by `@`, which starts threads for it: on a shared
        # machine they cost more than they bring.
        cosines = np.einsum("ij,j->i", c.vectors[: view.count], query)
        cosines[c.blank[: view.count]] = 0.0
        relevance = _scaled((cosines if whole else cosines[rows]).astype(np.float64))
        total += how.relevance * relevance
    return Scored(recency, importance, relevance, np.round(total, DIGITS))


def _scaled(values: Floats) -> Floats:
    """To [0, 1]; 0.5 for all where they are equal, and for those not known (NaN)."""
    if not len(values):
        return values
    low, high = float(np.fmin.reduce(values)), float(np.fmax.reduce(values))
    if not high > low:
        return np.full(len(values), 0.5)
    made = values - low
    made /= high - low
    unknown = np.isnan(made)
    if unknown.any():
        made[unknown] = 0.5
    return made


def _by_rank(accessed: Floats, decay: float) -> Floats:
    """Recency as the released code has it: the oldest access gets decay ** 1, the largest value."""
    ranks = np.empty(len(accessed))
    ranks[np.argsort(accessed, kind="stable")] = np.arange(1, len(accessed) + 1)
    return np.asarray(decay**ranks)


def retrieve(
    view: View,
    query: Vectors | None,
    now: float,
    how: Scoring = PAPER,
    *,
    kinds: Iterable[Kind] | None = None,
    top: int | None = 30,
    space: Space | None = None,
) -> Recall:
    """The best records for a query at this game minute.

    kinds: what may come to mind; everything when not given. top: most records, or None for as many as fit. space: what
    is left of the prompt; records are taken best first, and one that does not fit is passed over. Nothing is written.
    Raises ValueError when neither `top` nor `space` sets an end.
    """
    if top is None and space is None:
        raise ValueError("how many? Give `top` or `space`")
    rows = view.rows(now, kinds)
    if not len(rows):
        return Recall()
    scored = score(view, rows, query, now, how)
    wanted = len(rows) if top is None else min(top, len(rows))
    first = _best(scored.total, wanted if space is None else min(wanted, space.reach)).tolist()
    taken = range(len(first)) if space is None else space.first(view.record(int(rows[i])).text for i in first)
    found = tuple(_found(view, int(rows[first[i]]), first[i], scored) for i in taken)
    return Recall(found, wanted - len(found))


def _best(total: Floats, most: int) -> NDArray[np.intp]:
    """Indices of the highest totals, best first; between equals the earlier one."""
    if most < len(total):
        least = np.partition(total, len(total) - most)[len(total) - most]
        above = np.flatnonzero(total > least)
        equal = np.flatnonzero(total == least)[: most - len(above)]
        some = np.sort(np.concatenate((above, equal)))
    else:
        some = np.arange(len(total))
    return some[np.argsort(-total[some], kind="stable")]


def _found(view: View, row: int, i: int, scored: Scored) -> Found:
    relevance = 0.0 if scored.relevance is None else float(scored.relevance[i])
    parts = float(scored.total[i]), float(scored.recency[i]), float(scored.importance[i]), relevance
    return Found(view.record(row), *parts)


def merged(recalls: Sequence[Recall], most: int, space: Space | None = None) -> Recall:
    """What came to mind for several queries: each record once, by its best score, at most so many."""
    best: dict[int, Found] = {}
    for recall in recalls:
        for found in recall.found:
            known = best.get(found.record.n)
            if known is None or found.score > known.score:
                best[found.record.n] = found
    ranked = sorted(best.values(), key=lambda found: (-found.score, found.record.n))[:most]
    taken = ranked if space is None else [ranked[i] for i in space.first(f.record.text for f in ranked)]
    return Recall(tuple(taken), len(ranked) - len(taken))
