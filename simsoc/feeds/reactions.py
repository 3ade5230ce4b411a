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
    by = {"likes": likes, "replies": replies, "reposts": reposts}
    all_ = items.window.once("noticed", lambda window: 1.0 + everyone(window, now, **by).total)
    noticed = all_[items.places]
    boost = boosts(items, viewer)
    return Scored(noticed * boost, {"noticed": noticed, "boost": boost})


def boosts(items: Columns, viewer: Viewer) -> Array:
    """What an item is boosted by the further its author stands from the viewer."""
    apart = items.window.partisan[items.places] - viewer.partisan
    np.abs(apart, apart)
    apart += 4
    return np.log(apart, apart)


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
    if not mine or not len(items):
        return np.zeros(len(items))
    fans, likes = store.once("fans", _fans), items.window.once("likes", _likes)
    neighbours, _ = fans.of(np.array(mine))  # each as often as likes are shared
    neighbours = neighbours[neighbours != viewer.id]
    liked, counts = likes.of(neighbours)
    alike = store.once("alike", _alike)[neighbours].repeat(counts)
    made = np.bincount(liked, alike, len(items.window))[items.places]
    return np.asarray(made / np.sqrt(len(mine)))


class Runs:
    """A run of numbers for each key."""

    def __init__(self, keys: Array, values: Array, n: int) -> None:
        """Pairs of a key below n and a value, sorted by key."""
        self._values = values.astype(np.int32)  # half the memory to wait for
        self._begins = np.zeros(n + 1, np.intp)  # and where the last one ends
        np.cumsum(np.bincount(keys, minlength=n), out=self._begins[1:])

    def of(self, keys: Array) -> tuple[Array, Array]:
        """The runs of several keys, one after the other, and how long each is."""
        begins = self._begins[keys]
        counts = self._begins[keys + 1] - begins
        begins += counts
        begins -= counts.cumsum()
        at = begins.repeat(counts)
        at += np.arange(len(at))
        return self._values[at], counts


def _fans(store: Items) -> Runs:
    """Who liked each row."""
    likes = store.doers("like")
    counts = np.fromiter(map(len, likes.values()), np.intp, len(likes))
    rows = np.fromiter(chain.from_iterable(likes.values()), np.intp, counts.sum())
    agents = np.repeat(np.fromiter(likes, np.intp, len(likes)), counts)
    n = 1 + int(agents.max(initial=0))
    pairs = np.sort(rows * n + agents)  # sorted as one number each, which is much faster than by two
    rows = pairs // n
    return Runs(rows, pairs - rows * n, len(store))


def _alike(store: Items) -> Array:
    """By agent, one over the root of the number of its likes."""
    likes = store.doers("like")
    given = np.ones(1 + max(likes, default=-1))
    for agent, rows in likes.items():
        given[agent] = max(len(rows), 1)
    return 1 / np.sqrt(given)


def _likes(window: Columns) -> Runs:
    """Where in a window those items stand that each agent liked."""
    fans = window.store.once("fans", _fans)
    agents, counts = fans.of(window.root)
    order = np.argsort(agents, kind="stable")
    return Runs(agents[order], np.arange(len(counts)).repeat(counts)[order], 1 + max(window.store.doers("like")))
