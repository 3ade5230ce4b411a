"""What a feed costs: ranking for one viewer, and what is the same for all viewers of a step, over many items."""

from __future__ import annotations

from collections.abc import Iterator
from time import process_time

import numpy as np
from rich.table import Table

from simsoc.core.words import Shown
from simsoc.feeds import FEEDS, Feed, Items, Viewer, build
from simsoc.scenario.plain import plain
from simsoc.scenario.spec import Part
from simsoc.shelves import SHELVES

TARGET = 0.05
"""Milliseconds of CPU a user and step: 10,000 users over 100,000 items."""
FOLLOWS = 30
STEPS = 100


def store(users: int, posts: int) -> Items:
    """Posts of random authors over a hundred steps, with likes, reposts, votes and attributes that have long tails."""
    rng = np.random.default_rng(1)
    party = rng.integers(-1, 2, users).tolist()
    items = Items(party, rng.uniform(-1, 1, users).tolist())
    authors = rng.zipf(1.6, posts) % users
    for row in range(posts):
        id = (int(authors[row]), row * STEPS // posts, row)
        items.add(id, text=f"post {row}", attributes={"curiosity": 0.5, "respect": 0.1})
    liked = (posts * rng.power(3, 4 * posts)).astype(int)
    for row, agent in zip(liked.tolist(), rng.integers(0, users, len(liked)).tolist(), strict=True):
        if row not in items.did("like", agent):
            items.act("like", agent, items.ids[row])
        items.act("up" if row % 3 else "down", agent, items.ids[row])
    return items


def viewers(users: int, items: Items) -> list[Viewer]:
    """Everybody once, following thirty others."""
    rng = np.random.default_rng(2)
    return [
        Viewer(
            agent,
            STEPS,
            follows=np.sort(rng.choice(users, FOLLOWS, replace=False)).tolist(),
            skip=items.did("repost", agent),
            party=agent % 3 - 1,
            partisan=agent / users,
        )
        for agent in range(users)
    ]


def feeds() -> Iterator[tuple[str, Feed]]:
    """Every feed on the shelf, as it is without further keys, and two in other settings."""
    named = {name: (name, {}) for name in FEEDS.names()}
    named["bridging_attributes"] = ("bridging_attributes", {"attributes": ("curiosity", "respect")})
    named["chronological, followed"] = ("chronological", {"whose": "followed"})
    named["diverse"] = ("diverse", {"of": "everyone"})
    named["mix"] = ("mix", {"of": ["everyone", "following"]})
    named["stack"] = ("stack", {"of": [{"kind": "chronological", "whose": "followed", "size": 5}, "base"]})
    for told, (kind, keys) in named.items():
        given = FEEDS.spec(kind).model_validate(plain(keys), context={"shelves": SHELVES})
        yield told, build(Part(kind=kind, given=given), SHELVES, 1)


def cost(feed: Feed, items: Items, who: list[Viewer]) -> tuple[float, float, Shown]:
    """Milliseconds for what is common to all viewers (with the first of them), and for each further one."""
    began = process_time()
    ready = feed.ready(items, STEPS)
    ready.rank(who[0])
    common = process_time() - began
    began = process_time()
    for viewer in who[1:]:
        shown = ready.rank(viewer)
    return 1000 * common, 1000 * (process_time() - began) / (len(who) - 1), shown


def table(users: int = 10_000, posts: int = 100_000) -> Table:
    """Cost of each feed."""
    items = store(users, posts)
    who = viewers(users, items)
    made = Table(title=f"Feeds: {users:,} viewers over {posts:,} items, ms of CPU (target {TARGET} a viewer, all in)")
    for heading in ("feed", "once a step", "each viewer", "all in, a viewer"):
        made.add_column(heading, justify="left" if heading == "feed" else "right")
    for name, feed in feeds():
        sample = who if users <= 2_000 else who[:2_000]
        common, each, _ = cost(feed, items, sample)
        made.add_row(name, f"{common:.1f}", f"{each:.4f}", f"{common / users + each:.4f}")
    return made
