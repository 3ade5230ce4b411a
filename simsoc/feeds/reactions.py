"""Feeds from what people did to items: least seen first, across the divide, and what those alike have liked."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Annotated

import numpy as np
from pydantic import Field

from .items import Columns, Items
from .scores import Weight, everyone, for_many, separate, with_keys
from .viewer import Array, Scored, Viewer

_MANY = 1000  # likes gone by after which it pays to lay out what all viewers may ask for


@separate
def inverse(items: Columns, now: int, *, likes: Weight = 1.0, replies: Weight = 1.0, reposts: Weight = 1.0) -> Array:
    """The least noticed first: 1 / (1 + likes + replies + reposts).

    The idea of "downplay dominant" (Larooij and Tornberg 2025, arXiv 2508.03385) without its draw.

    likes: worth of a like.
    replies: worth of a reply.
    reposts: worth of a repost.
    """
    return 1.0 / (1.0 + everyone(items, now, likes=likes, replies=replies, reposts=reposts).total)


@for_many
@with_keys(newest=200)
def out_partisan(
    items: Columns,
    now: int,
    viewers: Sequence[Viewer],
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
    boost = boosts(items, viewers)
    return Scored(noticed * boost, {"noticed": noticed, "boost": boost})


def boosts(items: Columns, viewers: Sequence[Viewer]) -> Array:
    """What an item is boosted by the further its author stands from each viewer, by viewer and item."""
    apart: Array = items.partisan - np.array([[viewer.partisan] for viewer in viewers])
    np.abs(apart, apart)
    apart += 4
    np.log(apart, apart)
    return apart


@for_many
@with_keys(newest=200)
def colikes(items: Columns, now: int, viewers: Sequence[Viewer], *, most: Annotated[int, Field(ge=1)] = 50) -> Array:
    """What those have liked who like what one likes (collaborative filtering by neighbours).

    Score of an item: the sum, over those who liked it, of the likes they share with the viewer over the root of the
    product of both numbers of likes: neighbours as in Resnick et al. 1994 (GroupLens, CSCW), alike by the cosine. 0
    where nobody shares any.

    most: the viewer's latest so many likes are gone by.
    """
    store, n, m = items.store, len(items), len(items.window)
    mine = [sorted(store.did("like", viewer.id), reverse=True)[:most] for viewer in viewers]
    numbers = np.array([len(rows) for rows in mine])
    if not n or not numbers.any():
        return np.zeros((len(viewers), n))
    rows = np.fromiter(chain.from_iterable(mine), np.intp, numbers.sum())
    agents, liked, shared = items.window.once("near", _Near).of(rows)  # a pair for each like that is shared
    by_row = np.repeat(np.arange(len(viewers)), numbers)
    who = by_row.repeat(shared)
    alike = store.once("alike", _alike)[agents]
    alike[agents == np.array([viewer.id for viewer in viewers])[who]] = 0.0
    made = np.bincount(who * m + liked, alike, len(viewers) * m).reshape(len(viewers), m)[:, items.places]
    return np.asarray(made / np.sqrt(np.maximum(numbers, 1))[:, None])


class _Runs:
    """Numbers that belong to keys from 0 on: a run of them for each."""

    def __init__(self, values: tuple[Array, ...], lengths: Array) -> None:
        self.values = tuple(value.astype(np.int32) for value in values)  # half the memory to wait for
        self._begins = np.zeros(len(lengths) + 1, np.intp)  # and where the last one ends
        np.cumsum(lengths, out=self._begins[1:])

    def at(self, keys: Array) -> tuple[Array, Array]:
        """Where the runs of several keys stand, one after the other, and how long each is."""
        begins = self._begins[keys]
        lengths = self._begins[keys + 1] - begins
        begins += lengths
        begins -= lengths.cumsum()
        at = begins.repeat(lengths)
        at += np.arange(len(at))
        return at, lengths


class _Near:
    """Who likes something in a window, and where it stands there, by what else those like."""

    def __init__(self, window: Columns) -> None:
        self._fans = window.store.once("fans", _fans)
        at, lengths = self._fans.at(window.root)
        agents, places = self._fans.values[0][at], np.arange(len(lengths)).repeat(lengths)
        order = np.argsort(agents, kind="stable")
        n = 1 + max(window.store.doers("like"), default=-1)
        self._likes = _Runs((places[order],), np.bincount(agents, minlength=n))
        self._rows, self._asked = len(window.store), 0
        self._joined: _Runs | None = None
        self._tried = False

    def of(self, rows: Array) -> tuple[Array, Array, Array]:
        """Agent and place, for each fan of one of these rows and each that it likes in the window; how many by row."""
        self._asked += len(rows)
        if self._joined is None and self._asked >= _MANY and not self._tried:
            self._join()
        if self._joined is None:
            return self._pairs(rows)
        at, lengths = self._joined.at(rows)
        agents, places = self._joined.values
        return agents[at], places[at], lengths

    def _pairs(self, rows: Array) -> tuple[Array, Array, Array]:
        at, fans = self._fans.at(rows)
        agents = self._fans.values[0][at]
        there, likes = self._likes.at(agents)
        so_far, ends = np.concatenate(([0], likes.cumsum())), fans.cumsum()
        return agents.repeat(likes), self._likes.values[0][there], so_far[ends] - so_far[ends - fans]

    def _join(self) -> None:
        """Lay out the pairs of all rows, where they are not many more than there are likes."""
        self._tried = True
        agents = self._fans.values[0]
        if self._likes.at(agents)[1].sum() <= 8 * len(agents):
            *pairs, lengths = self._pairs(np.arange(self._rows))
            self._joined = _Runs(tuple(pairs), lengths)


def _fans(store: Items) -> _Runs:
    """Who liked each row, in order."""
    likes = store.doers("like")
    counts = np.fromiter(map(len, likes.values()), np.intp, len(likes))
    rows = np.fromiter(chain.from_iterable(likes.values()), np.intp, counts.sum())
    agents = np.repeat(np.fromiter(likes, np.intp, len(likes)), counts)
    n = 1 + int(agents.max(initial=0))
    pairs = np.sort(rows * n + agents)  # sorted as one number each, which is much faster than by two
    rows = pairs // n
    return _Runs((pairs - rows * n,), np.bincount(rows, minlength=len(store)))


def _alike(store: Items) -> Array:
    """By agent, one over the root of the number of its likes."""
    likes = store.doers("like")
    given = np.ones(1 + max(likes, default=-1))
    for agent, rows in likes.items():
        given[agent] = max(len(rows), 1)
    return 1 / np.sqrt(given)
