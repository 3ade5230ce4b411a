"""Numbers of threads: how long, how deep, how branched, who takes part, how soon somebody answers (methods.md 2.5).

Pure functions of posts, in order of writing. What readers no longer see still counts: it was written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from math import fsum

from simsoc.posts import Id, Post, whole_threads

from .inequality import gini


def lengths(posts: Iterable[Post]) -> dict[Id, int]:
    """Replies of each thread, in order of opening."""
    return {thread: len(found) - 1 for thread, found in whole_threads(posts).items()}


def distribution(counts: Iterable[int], cap: int) -> list[float]:
    """Share of threads with 0, 1, ... `cap` replies; longer ones count as `cap`. All 0 where there is no thread."""
    found = Counter(min(count, cap) for count in counts)
    threads = sum(found.values())
    return [found[k] / threads if threads else 0.0 for k in range(cap + 1)]


def published(mean: float = 0.65, sd: float = 0.15, cap: int = 8) -> list[float]:
    """The distribution of replies in the published process: P(k) = E[p^k (1 - p)] below the cap, E[p^cap] at it.

    Each thread draws p from N(mean, sd) once, clipped to 0..1; computed by quadrature. With sd 0 p is the same
    for all, a common bug of re-implementations. Source: Park et al. 2022, arXiv 2208.04024, as in methods.md 2.2.
    """
    import numpy as np
    from scipy.stats import norm

    if sd == 0:
        chances, weights = np.array([min(max(mean, 0.0), 1.0)]), np.array([1.0])
    else:
        law = norm(mean, sd)
        low, high = (min(max(mean + far * sd, 0.0), 1.0) for far in (-9.0, 9.0))
        nodes, shares = np.polynomial.legendre.leggauss(200)
        inside = low + 0.5 * (nodes + 1.0) * (high - low)
        chances = np.concatenate([inside, [0.0, 1.0]])
        weights = np.concatenate([0.5 * (high - low) * shares * law.pdf(inside), [law.cdf(0.0), law.sf(1.0)]])
    at = [float((weights * chances**k * (1.0 - chances)).sum()) for k in range(cap)]
    return [*at, float((weights * chances**cap).sum())]


def depth(thread: Sequence[Post]) -> int:
    """Most replies above one another; 0 where nobody has replied."""
    return max((post.depth for post in thread), default=0)


def branching(thread: Iterable[Post]) -> float | None:
    """Mean number of direct replies of posts that have any: 1 in a chain. None where nobody has replied."""
    answered = Counter(post.parent for post in thread if post.parent is not None)
    return sum(answered.values()) / len(answered) if answered else None


def people(thread: Iterable[Post]) -> int:
    """How many different people wrote in it."""
    return len({post.writer for post in thread})


def participation(posts: Iterable[Post], members: int | None = None) -> float | None:
    """Gini coefficient of posts and replies per writer, 0..1; over all `members` where their number is given.

    None where nobody wrote. Raises ValueError for fewer members than writers.
    """
    written = Counter(post.writer for post in posts)
    if members is not None and members < len(written):
        raise ValueError(f"{len(written)} people wrote, more than the {members} members")
    silent = 0 if members is None else members - len(written)
    return gini([*written.values(), *[0] * silent])


def latencies(thread: Iterable[Post]) -> list[int]:
    """Steps from what is answered to each answer."""
    steps: dict[Id, int] = {}
    found = []
    for post in thread:
        steps[post.id] = post.step
        if post.parent is not None:
            found.append(post.step - steps[post.parent])
    return found


def latency(posts: Iterable[Post]) -> float | None:
    """Mean steps until an answer; None where there is none."""
    found = latencies(posts)
    return fsum(found) / len(found) if found else None


def newcomers(posts: Iterable[Post]) -> float | None:
    """Share of replies by somebody who was not in the thread before; 0.5 in the published process. None without any."""
    replies = fresh = 0
    inside: set[tuple[Id, tuple[int, str]]] = set()
    for post in posts:
        place = (post.thread, post.writer)
        if post.parent is not None:
            replies += 1
            fresh += place not in inside
        inside.add(place)
    return fresh / replies if replies else None


def breaks(posts: Iterable[Post], rule: str | None = None) -> float | None:
    """Share of posts and replies labelled as breaking a rule (this one, or any); None where there is no post."""
    found = [rule in post.labels if rule is not None else bool(post.labels) for post in posts]
    return sum(found) / len(found) if found else None
