"""Feeds from what people did to items: least seen first, across the divide, and what those alike have liked."""

from __future__ import annotations

from itertools import chain
from typing import Annotated

import numpy as np
from pydantic import Field

from .items import Columns, Items
from .scores import Weight, everyone, separate, with_keys
from .viewer import Array, Scored, Viewer


@separate
def inverse(items: Columns, now: int, *, likes: Weight = 1.0, replies: Weight = 1.0, reposts: Weight = 1.0) -> Array:
    """The least noticed first: 1 / (1 + likes + replies + reposts).

    The idea of "downplay dominant" (Larooij and Tornberg 2025, arXiv 2508.03385) without its draw.

    likes: worth of a like.
    replies: worth of a reply.
    reposts: worth of a repost.
    """
    return 1.0 / (1.0 + everyone(items, now, likes=likes, replies=replies, reposts=reposts).total)


@with_keys(newest=200)
def out_partisan(
    items: Columns,
    now: int,
    viewer: Viewer,
    *,
    likes: Weight = 1.0,
    replies: Weight = 1.0,
    reposts: Weight = 1.0,
) -> Scored:
    """The most noticed, boosted the further the author stands from the viewer.

    (1 + engagement) ln(1 + 3 + |partisan of the author - partisan of the viewer|): the boost of Larooij and Tornberg
    2025 (arXiv 2508.03385) on likes, replies and reposts together, of which the highest are shown.

    likes: worth of a like.
    replies: worth of a reply.
    reposts: worth of a repost.
    """
    noticed = 1.0 + everyone(items, now, likes=likes, replies=replies, reposts=reposts).total
    boost = np.log(1 + 3 + np.abs(items.partisan - viewer.partisan))
    return Scored(noticed * boost, {"noticed": noticed, "boost": boost})


@with_keys(newest=200)
def colikes(items: Columns, now: int, viewer: Viewer, *, most: Annotated[int, Field(ge=1)] = 50) -> Array:
    """What those have liked who like what one likes (collaborative filtering by neighbours).

    Score of an item: the sum, over those who liked it, of the likes they share with the viewer over the root of the
    product of both numbers of likes: neighbours as in Resnick et al. 1994 (GroupLens, CSCW), alike by the cosine. 0
    where nobody shares any.

    most: the viewer's latest so many likes are gone by.
    """
    store = items.store
    mine = sorted(store.did("like", viewer.id), reverse=True)[:most]
    fans = store.once("fans", _fans)
    if not mine:
        return np.zeros(len(items))
    shared = np.bincount(_slices(fans, np.array(mine)), minlength=len(fans.given))
    alike = shared / np.sqrt(len(mine) * np.maximum(fans.given, 1))
    if 0 <= viewer.id < len(alike):
        alike[viewer.id] = 0.0
    rows = items.root
    counts = fans.ends[rows] - fans.begins[rows]
    weights = alike[_slices(fans, rows)]
    made = np.bincount(np.repeat(np.arange(len(rows)), counts), weights=weights, minlength=len(rows))
    return np.asarray(made, dtype=np.float64)


class Fans:
    """Who liked each row: agents, a run of them for each row."""

    def __init__(self, agents: Array, begins: Array, ends: Array, given: Array) -> None:
        self.agents, self.begins, self.ends = agents, begins, ends
        self.given = given
        """Likes by agent."""


def _fans(store: Items) -> Fans:
    """All likes, sorted by row and agent."""
    likes = store.doers("like")
    counts = np.fromiter(map(len, likes.values()), np.intp, len(likes))
    rows = np.fromiter(chain.from_iterable(likes.values()), np.intp, counts.sum())
    agents = np.repeat(np.fromiter(likes, np.intp, len(likes)), counts)
    order = np.lexsort((agents, rows))
    rows, agents = rows[order], agents[order]
    ends = np.searchsorted(rows, np.arange(len(store)), side="right")
    return Fans(agents, np.concatenate(([0], ends[:-1])), ends, np.bincount(agents[agents >= 0]))


def _slices(fans: Fans, rows: Array) -> Array:
    """The agents of several rows, one run after the other."""
    begins, counts = fans.begins[rows], fans.ends[rows] - fans.begins[rows]
    starts = np.cumsum(counts) - counts
    found: Array = fans.agents[np.repeat(begins - starts, counts) + np.arange(counts.sum())]
    return found
