"""Scores from time, reactions and chance: one number for each item, the same for every viewer.

A function ``(items, now, *, parameters) -> scores`` over columns of items; it gets those that can be in a feed at all
and need not think of viewers. With a third argument, ``(items, now, viewer, ...)``, it is asked for each viewer, or,
marked `for_many`, for several at once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, TypeVar

import numpy as np
from pydantic import Field

from .items import Columns
from .viewer import Array, Scored

F = TypeVar("F", bound=Callable[..., Any])
Weight = Annotated[float, Field(ge=0)]


def with_keys(**keys: Any) -> Callable[[F], F]:
    """Other defaults for the keys that every feed has."""

    def marked(function: F) -> F:
        function.KEYS = keys  # type: ignore[attr-defined]
        return function

    return marked


def by_time(function: F) -> F:
    """A function whose order is that of time."""
    function.by_time = True  # type: ignore[attr-defined]
    return function


def separate(function: F) -> F:
    """A function that scores each item by itself: it matters neither what else there is nor who looks."""
    function.separate = True  # type: ignore[attr-defined]
    return function


def for_many(function: F) -> F:
    """A function that is given several viewers at once and scores by viewer and item; parts may be by item alone.

    An item's score for one viewer has nothing to do with who else looks, nor with what else there is.
    """
    function.for_many = True  # type: ignore[attr-defined]
    return function


def weighted(**parts: Array) -> Scored:
    """The sum of some parts."""
    return Scored(sum(parts.values(), np.zeros(len(next(iter(parts.values()))))), parts)


@by_time
def chronological(items: Columns, now: int) -> Array:
    """Newest first: by step, and within a step by the order in which items were made."""
    return items.step


@separate
def everyone(items: Columns, now: int, *, likes: Weight = 1.0, replies: Weight = 1.0, reposts: Weight = 0.0) -> Scored:
    """The most liked and commented items of all ("discover": Tornberg et al. 2023, arXiv 2310.05984).

    In longer runs it locks in: what was liked first is shown for good, and is liked for being shown. Give it `max_age`
    or `newest`, unless that is what is studied.

    likes: worth of a like.
    replies: worth of a reply.
    reposts: worth of a repost.
    """
    return weighted(likes=likes * items.likes, replies=replies * items.replies, reposts=reposts * items.reposts)


@separate
@with_keys(whose="followed")
def following(items: Columns, now: int, *, likes: Weight = 1.0, replies: Weight = 1.0, reposts: Weight = 0.0) -> Scored:
    """The most liked and commented items of those one follows ("echo chamber": Tornberg et al. 2023, arXiv 2310.05984).

    likes: worth of a like.
    replies: worth of a reply.
    reposts: worth of a repost.
    """
    return everyone(items, now, likes=likes, replies=replies, reposts=reposts)


@separate
def bridging(items: Columns, now: int) -> Array:
    """Items liked across the divide: likes by people of another party than the author's (Tornberg et al. 2023).

    Who has no party counts for nothing. The rule is reconstructed from a lecture and the abstract (arXiv 2310.05984).
    It locks in as `everyone` does, if later; `max_age` or `newest` lets new items in.
    """
    return items.across


@separate
@with_keys(draw="weighted", newest=300)
def random(items: Columns, now: int) -> Array:
    """Items at random: of the newest 300, each as likely as any other."""
    return np.ones(len(items))
