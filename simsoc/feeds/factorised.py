"""Bridging without parties: what is liked by people who otherwise like different things."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from .draws import by_agent
from .items import Columns
from .scores import Weight
from .viewer import Array, Scored

_ROUNDS = 15


def bridging_mf(
    items: Columns,
    now: int,
    *,
    by: Literal["less", "intercept"] = "less",
    recent: Annotated[int, Field(ge=1)] = 1000,
    unliked: Annotated[float, Field(gt=0, le=1)] = 0.1,
    intercepts: Weight = 0.15,
    factors: Annotated[float, Field(gt=0)] = 0.03,
) -> Scored:
    """What is liked on both sides of whatever divides people most, by a matrix factorisation of who liked what.

    Likes are explained as mu + i_user + i_item + f_user f_item with one factor, as in Community Notes (Wojcik et al.
    2022, "Birdwatch", arXiv 2210.15723, with its penalties); no party is used. Likes are 1 and all else is 0 with a
    small weight, as not liking says little (Hu, Koren, Volinsky 2008, ICDM); penalties grow with the weight of what a
    parameter explains (Zhou et al. 2008, AAIM). Fitted anew in each step by alternating least squares, from fixed
    starting values.

    by: `less` ranks by the liking predicted on the side that likes an item less, a standard deviation of the users'
        factors off their mean; `intercept` by i_item, as Community Notes does with ratings for and against.
    recent: only the newest so many items have a score; older ones come last.
    unliked: weight of "has not liked", where a like weighs 1.
    intercepts: penalty on intercepts.
    factors: penalty on factors.
    """
    rows = items.root
    newest = np.unique(rows)[-recent:]
    agents, places = _likes(items, newest)
    users, agents = np.unique(agents, return_inverse=True)
    if not len(users):
        return Scored(np.zeros(len(rows)), {"intercept": np.zeros(len(rows)), "divide": np.zeros(len(rows))})
    signs = np.where(by_agent(users) >> np.uint64(63), 1.0, -1.0)
    intercept, middle, divide = _fitted(agents, places, signs, len(newest), unliked, (intercepts, factors))
    score = intercept if by == "intercept" else intercept + middle - divide
    at = np.minimum(np.searchsorted(newest, rows), len(newest) - 1)
    old = newest[at] != rows
    parts = {"intercept": np.where(old, 0.0, intercept[at]), "divide": np.where(old, 0.0, divide[at])}
    return Scored(np.where(old, score.min() - 1.0, score[at]), parts)


def _likes(items: Columns, newest: Array) -> tuple[Array, Array]:
    """Who liked what among these rows: agents and places in `newest`, in order of agents and rows."""
    known = {row: place for place, row in enumerate(newest.tolist())}
    pairs = [
        (agent, known[row])
        for agent, rows in sorted(items.store.doers("like").items())
        for row in sorted(known.keys() & rows)
    ]
    agents, places = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    return agents, places


def _fitted(
    agents: Array, places: Array, signs: Array, n: int, w: float, penalties: tuple[float, float]
) -> tuple[Array, Array, Array]:
    """For each item its intercept, what its factor adds in the middle of the users, and a standard deviation off it.

    Every pair of user and item has weight w and value 0, but for likes, which have weight 1 and value 1. Sums over all
    pairs are taken in closed form, so that a round costs as much as there are likes.
    """
    m = len(signs)
    mu = len(agents) / (w * m * n + (1 - w) * len(agents))
    users, its = np.stack([np.zeros(m), signs]), np.zeros((2, n))
    for _ in range(_ROUNDS):
        its = _half(agents, places, users, n, w, mu, penalties)
        users = _half(places, agents, its, m, w, mu, penalties)
    factor = users[1]
    return its[0], its[1] * factor.mean(), np.abs(its[1]) * factor.std()


def _half(of: Array, to: Array, known: Array, n: int, w: float, mu: float, penalties: tuple[float, float]) -> Array:
    """Intercepts and factors of one side, given those of the other: n problems of two unknowns each."""
    i, f = known
    extra = 1 - w
    # Sums of 1, f, f^2 and of what is to be explained, over all pairs at weight w and over likes at the rest.
    s0 = w * len(i) + extra * np.bincount(to, minlength=n)
    s1 = w * f.sum() + extra * np.bincount(to, f[of], n)
    s2 = w * (f * f).sum() + extra * np.bincount(to, (f * f)[of], n)
    rest = -mu - i
    t0 = w * rest.sum() + np.bincount(to, 1 + extra * rest[of], n)
    t1 = w * (rest * f).sum() + np.bincount(to, f[of] * (1 + extra * rest[of]), n)
    a, b, d = s0 * (1 + penalties[0]), s1, s2 + penalties[1] * s0
    det = a * d - b * b
    return np.stack([(d * t0 - b * t1) / det, (a * t1 - b * t0) / det])
