"""Measures of a community, declared once; all but the Gini coefficient are counted as things happen."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from simsoc.measures import Measure
from simsoc.measures.inequality import gini

if TYPE_CHECKING:
    from .state import Community


Of = Callable[[Any], float | None]


def _count(what: str) -> Of:
    return lambda world: float(world.counts.get(what, 0))


def _share(what: str, of: str) -> Of:
    def share(world: Community) -> float | None:
        whole = world.counts.get(of, 0)
        return world.counts.get(what, 0) / whole if whole else None

    return share


def _length(world: Community) -> float | None:
    return world.counts.get("replies", 0) / len(world.threads) if world.threads else None


def _newcomers(world: Community) -> float | None:
    new, old = world.counts.get("by newcomers", 0), world.counts.get("by insiders", 0)
    return new / (new + old) if new + old else None


def _gini(world: Community) -> float | None:
    return gini([world.written[agent] for agent in world.folk()])


def _lurking(world: Community) -> float | None:
    looked = sum(world.counts.get(what, 0) for what in ("lurked", "posts", "replies", "votes"))
    return world.counts.get("lurked", 0) / looked if looked else None


REDDIT_MEASURES = {
    m.name: m
    for m in (
        Measure("posts", "count", "opening posts so far", _count("posts")),
        Measure("replies", "count", "replies so far", _count("replies")),
        Measure("thread_length", "replies", "mean number of replies of a thread; 2.17 as published", _length),
        Measure("depth", "replies", "longest chain of replies below an opening post", _count("depth")),
        Measure(
            "newcomers", "share", "share of replies by somebody not yet in the thread; 0.5 as published", _newcomers
        ),
        Measure("gini", "0..1", "Gini coefficient of posts and replies over the members", _gini),
        Measure(
            "rule_breaks", "share", "share of posts and replies that break a rule, as their authors label them",
            _share("breaking", "worded"),
        ),
        Measure("removed", "count", "posts and replies that moderators removed", _count("removed")),
        Measure("lurk_share", "share", "share of visits without a post, reply or vote (process browse)", _lurking),
        Measure(
            "toxicity", "0..1", "mean score of all texts, as first written, by the world's scorer",
            lambda world: world.texts.toxicity(), default=False,
        ),
        Measure(
            "sentiment", "0..1", "mean sentiment of all texts, as first written, by VADER; 0.5 is neutral",
            lambda world: world.texts.sentiment(), default=False, packages=("vaderSentiment",),
        ),
        Measure(
            "self_similarity", "-1..1", "mean cosine of two texts of one author (lexical embedder)",
            lambda world: world.texts.alike().own, default=False,
        ),
        Measure(
            "cross_similarity", "-1..1", "mean cosine of two texts of different authors (lexical embedder)",
            lambda world: world.texts.alike().cross, default=False,
        ),
        Measure(
            "latency", "steps", "mean steps from what is answered to the answer", _share("waited", "answers"),
            default=False,
        ),
        Measure(
            "branching", "replies", "mean direct replies of posts and replies that have any; 1 in chains",
            _share("replies", "answered"), default=False,
        ),
        Measure("votes", "count", "votes so far", _count("votes"), default=False),
        Measure("deleted", "count", "posts and replies that their authors deleted", _count("deleted"), default=False),
        Measure("edited", "count", "edits so far", _count("edited"), default=False),
        Measure("warned", "count", "warnings so far", _count("warned"), default=False),
        Measure("banned", "count", "bans so far", _count("banned"), default=False),
    )
}  # fmt: skip
