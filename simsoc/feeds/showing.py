"""From what was picked to the lists that are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simsoc.core.words import Shown

from .draws import first, logarithms, lots, soonest, waiting
from .items import Items
from .viewer import Array, Scored, Viewer

if TYPE_CHECKING:
    from .building import Scoring


def showing_one(feed: Scoring, items: Items, rows: Array, made: Scored, at: Array) -> Shown:
    """What one viewer is shown: the row of each item, from the top down, and at: the place of its score."""
    chosen, ids = rows.tolist(), items.ids
    parts = list(zip(*[part[at].tolist() for part in made.parts.values()], strict=True))
    return Shown(
        [ids[row] for row in chosen], feed.name, made.total[at].tolist(), feed.names(made), parts or (), chosen
    )


def picked(feed: Scoring, items: Items, viewer: Viewer, made: Scored, rows: Array, roots: Array, size: int) -> Shown:
    """The so many that one viewer is shown of some rows with their scores. roots: their originals, which are drawn."""
    if feed.keys.draw == "weighted":
        drawn = logarithms(lots(items, roots), feed.seed, (viewer,))[0]
        at = soonest(waiting(made.total, drawn), size)
    else:
        at = first(-made.total, size)
    if feed.keys.order == "newest":
        at = at[np.argsort(-rows[at])]
    return showing_one(feed, items, rows[at], made, at)


def showing(feed: Scoring, items: Items, n: int, who: Array, rows: Array, made: Scored, at: Array) -> list[Shown]:
    """What each of n viewers is shown.

    who: which of them, ascending, rows: the row of each item that it is shown, from the top down, and at: where its
    score stands, by place, or by viewer and place where not all share it.
    """
    ids, names = items.ids, feed.names(made)
    ends = np.searchsorted(who, np.arange(1, n + 1)).tolist()
    chosen = rows.tolist()
    shown = [ids[row] for row in chosen]
    scores = _of(made.total, who, at)
    parts = list(zip(*[_of(part, who, at) for part in made.parts.values()], strict=True))
    found, begin = [], 0
    for end in ends:
        here = slice(begin, end)
        found.append(Shown(shown[here], feed.name, scores[here], names, parts[here] or (), chosen[here]))
        begin = end
    return found


def _of(numbers: Array, who: Array, at: Array) -> list[float]:
    found: list[float] = (numbers[at] if numbers.ndim == 1 else numbers[who, at]).tolist()
    return found
