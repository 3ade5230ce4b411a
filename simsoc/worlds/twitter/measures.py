"""Measures of world `twitter`, declared once. E-I indices, means and shares are of everything so far in the run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from math import fsum
from typing import TYPE_CHECKING, Any

from simsoc.measures import Measure
from simsoc.measures.inequality import gini
from simsoc.measures.polarisation import correlation

from . import missing

if TYPE_CHECKING:
    from .state import Twitter

Of = Callable[["Twitter"], float | None]


def _ei(kind: str) -> Of:
    return lambda world: world.contacts.ei(kind, world.spec.nonpartisans == "group")


def _there(world: Twitter) -> Sequence[int]:
    return [agent for agent in range(world.n) if agent not in world.gone] if world.gone else range(world.n)


def _of(column: list[Any], there: Sequence[int]) -> list[Any]:
    """A column by agent, of those who are there."""
    return column if len(there) == len(column) else [column[agent] for agent in there]


def _weights(world: Twitter, there: Sequence[int]) -> list[float] | None:
    """Survey weights, where people carry any."""
    return _of(world.weight, there) if world.setting.weighted else None


def _kept(name: str, now: Callable[[Twitter], tuple[int, ...]], of: Of) -> Of:
    """A number that is only taken again when something that it depends on has changed since."""

    def taken(world: Twitter) -> float | None:
        state = (*now(world), world.n, len(world.gone))
        known = world.kept.get(name)
        if known is None or known[0] != state:
            known = world.kept[name] = (state, of(world))
        return known[1]

    return taken


def _ties(world: Twitter) -> tuple[int, ...]:
    return (world.contacts.version,)


def _spread(world: Twitter) -> tuple[int, ...]:
    return (world.counts.get("post", 0), world.counts.get("repost", 0), world.counts.get("society.traits", 0))


def _gini_followers(world: Twitter) -> float | None:
    there = _there(world)
    followers, weights = _of(world.contacts.followers, there), _weights(world, there)
    return gini(followers, weights) if weights is not None else gini(*_counted(followers))


def _gini_reposts(world: Twitter) -> float | None:
    items = world.items
    if items.kinds[:1] != ["post"]:
        return None
    posts = items.column("kind") == 0
    reposts = items.column("reposts")[posts].tolist()
    if not world.setting.weighted:
        return gini(*_counted(reposts))
    return gini(reposts, [world.weight[author] if author >= 0 else 1.0 for author in items.column("author")[posts]])


def _counted(values: list[int]) -> tuple[list[int], list[int]]:
    """Each different value, and how often there is one: many are equal, so that this is the faster way."""
    counts = Counter(values)
    return list(counts), list(counts.values())


def _followers(world: Twitter) -> list[int]:
    return world.contacts.followers


def _received(world: Twitter) -> list[int]:
    """Reposts that everybody has received, over all its posts."""
    import numpy as np

    authors, reposts = world.items.column("author"), world.items.column("reposts")
    ours = authors >= 0
    received: list[int] = np.bincount(authors[ours], weights=reposts[ours], minlength=world.n).astype(int).tolist()
    return received


def _amplified(of: Callable[[Twitter], list[int]]) -> Of:
    def taken(world: Twitter) -> float | None:
        import numpy as np

        there = _there(world)
        extremity = np.abs(_of(world.partisan, there)).tolist()
        return correlation(extremity, _of(of(world), there), _weights(world, there))

    return taken


def _toxicity(*kinds: str) -> Of:
    def taken(world: Twitter) -> float | None:
        total = fsum(world.tone[kind][0] for kind in kinds)
        texts = sum(world.tone[kind][1] for kind in kinds)
        return total / texts if texts else None

    return taken


def _count(kind: str) -> Of:
    return lambda world: world.counts.get(kind, 0)


def _marked(world: Twitter) -> float:
    """Reposts of posts that carry a mark."""
    reposts, row = world.items.column("reposts"), world.items.row
    return sum(int(reposts[row(id)]) for ids in world.marked.values() for id in ids)


def _invalid(world: Twitter) -> float:
    return world.counts.get("invalid", 0) + world.counts.get("silent", 0)


_MEASURED = (
    Measure(
        "ei_follows",
        "-1..1",
        "E-I of who follows whom by party; -1 only inside (nonpartisans: see there)",
        _ei("follow"),
        average=missing.average("follow"),
    ),
    Measure(
        "ei_likes",
        "-1..1",
        "E-I of likes by party of who likes and who wrote it",
        _ei("like"),
        average=missing.average("like"),
    ),
    Measure(
        "ei_replies",
        "-1..1",
        "E-I of replies by party of who replies and to whom",
        _ei("reply"),
        average=missing.average("reply"),
    ),
    Measure(
        "ei_reposts",
        "-1..1",
        "E-I of reposts by party of who reposts and who wrote it",
        _ei("repost"),
        average=missing.average("repost"),
    ),
    Measure(
        "gini_followers",
        "0..1",
        "Gini coefficient of followers over people",
        _kept("gini_followers", _ties, _gini_followers),
    ),
    Measure(
        "gini_reposts", "0..1", "Gini coefficient of reposts over posts", _kept("gini_reposts", _spread, _gini_reposts)
    ),
    Measure(
        "corr_followers",
        "-1..1",
        "correlation of |partisan| with followers",
        _kept("corr_followers", _ties, _amplified(_followers)),
    ),
    Measure(
        "corr_reposts",
        "-1..1",
        "correlation of |partisan| with reposts received",
        _kept("corr_reposts", _spread, _amplified(_received)),
    ),
    Measure(
        "toxicity", "0..1", "mean toxicity of replies and comments by the world's scorer", _toxicity("post", "reply")
    ),
    Measure("toxicity_replies", "0..1", "the same of replies alone", _toxicity("reply"), default=False),
    Measure("posts", "count", "headlines shared and other posts", _count("post")),
    Measure("reposts", "count", "reposts", _count("repost")),
    Measure("likes", "count", "likes", _count("like")),
    Measure("replies", "count", "replies", _count("reply")),
    Measure("marked_reposts", "count", "reposts of injected posts that carry a mark (rumours)", _marked, default=False),
    Measure("follows", "count", "ties made by following", _count("follow"), default=False),
    Measure("failed", "count", "answers that were missing or could not be carried out", _invalid),
)
TWITTER_MEASURES = {measure.name: measure for measure in _MEASURED}
WEIGHED = frozenset(name for name in TWITTER_MEASURES if name.startswith(("ei_", "gini_", "corr_", "toxicity")))
"""Measures that count people, or what they wrote and did, by their survey weights; the others count in the run."""
_OWN = {
    "act": ("ei_reposts", "gini_reposts", "corr_reposts", "reposts"),
    "react": ("ei_likes", "ei_replies", "likes", "replies"),
}
"""Measures that are about one design only, by what people are asked there."""


def taken_in(asks: Sequence[str]) -> dict[str, Measure]:
    """All measures; those about things that are never done in a design are taken only where they are asked for."""
    idle = {name for ask, names in _OWN.items() if ask not in asks for name in names}
    return {name: replace(m, default=m.default and name not in idle) for name, m in TWITTER_MEASURES.items()}
