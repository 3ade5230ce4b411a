"""What a feed costs: ranking for one viewer, and what is the same for all viewers of a step, over many items.

Measured in the last of a hundred steps, in whose course a hundredth of the items came in: a step pays for its own items
(their texts are embedded, their authors looked up), and for whatever has to be worked out anew as counts have changed.
What a feed had never seen before costs once what stands under "first of all"; it is spread over the steps of a run.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from time import process_time

import numpy as np
from rich.table import Table

from simsoc.feeds import FEEDS, Feed, Items, Viewer, build
from simsoc.feeds.audience import TOGETHER
from simsoc.scenario.plain import plain
from simsoc.scenario.spec import Part
from simsoc.shelves import SHELVES

TARGET = 0.05
"""Milliseconds of CPU a user and step: 10,000 users over 100,000 items."""
FOLLOWS = 30
STEPS = 100
MOST = 10_000
"""At most so many viewers are ranked for; what is common is shared by all users."""
SIZES = ((1_000, 10_000), (10_000, 100_000), (100_000, 1_000_000))
"""Users and items."""
GROWING = ("chronological, followed", "following", "everyone", "base", "timeline", "colikes")


class Posts:
    """Posts of random authors over a hundred steps, with likes, votes and attributes that have long tails."""

    def __init__(self, users: int, posts: int) -> None:
        self._rng = rng = np.random.default_rng(1)
        self._users, self._posts = users, posts
        party = rng.integers(-1, 2, users).tolist()
        self.items = Items(party, rng.uniform(-1, 1, users).tolist())
        self._authors = (rng.zipf(1.6, posts) % users).tolist()
        self._words = rng.zipf(1.3, 20 * posts) % 20_000

    def come(self, begin: int, end: int) -> None:
        """These posts, each of twenty words, and four likes and votes a post, most for the newest."""
        items, rng = self.items, self._rng
        for row in range(begin, end):
            text = " ".join(map("w{}".format, self._words[20 * row : 20 * row + 20].tolist()))
            id = (self._authors[row], row * STEPS // self._posts, row)
            items.add(id, text=text, attributes={"curiosity": 0.5, "respect": 0.1})
        n = 4 * (end - begin)
        liked = (end * rng.power(3, n)).astype(int)
        for row, agent in zip(liked.tolist(), rng.integers(0, self._users, n).tolist(), strict=True):
            if row not in items.did("like", agent):
                items.act("like", agent, items.ids[row])
            items.act("up" if row % 3 else "down", agent, items.ids[row])


def viewers(users: int, items: Items) -> list[Viewer]:
    """Everybody once, or as many as are measured; each follows thirty others."""
    rng = np.random.default_rng(2)
    return [
        Viewer(
            agent,
            STEPS,
            follows=np.unique(rng.integers(0, users, FOLLOWS)).tolist(),
            skip=items.did("repost", agent),
            party=agent % 3 - 1,
            partisan=agent / users,
        )
        for agent in range(min(users, MOST))
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


def measured(users: int, posts: int, of: Sequence[str] | None = None) -> Iterator[tuple[str, float, float, float, int]]:
    """For each feed: ms when it sees these items for the first time, ms in common to all viewers of a step, ms for each
    viewer, and users."""
    made = Posts(users, posts)
    old = posts - posts // STEPS
    made.come(0, old)
    who = viewers(users, made.items)
    chosen = [(name, feed) for name, feed in feeds() if of is None or name in of]
    first = [_timed(feed, made.items, STEPS - 1, who[:1]) for _, feed in chosen]
    made.come(old, posts)
    gc.collect()
    for (name, feed), before in zip(chosen, first, strict=True):
        common = _timed(feed, made.items, STEPS, who[:1])
        yield name, before, common, _timed(feed, made.items, STEPS, who[1:]) / (len(who) - 1), users


def _timed(feed: Feed, items: Items, step: int, who: Sequence[Viewer]) -> float:
    """Milliseconds of CPU."""
    began = process_time()
    ready = feed.ready(items, step)
    for begin in range(0, len(who), TOGETHER):  # as worlds do for those who see the start of a step
        ready.rank_all(who[begin : begin + TOGETHER])
    return 1000 * (process_time() - began)


def table(users: int = 10_000, posts: int = 100_000) -> Table:
    """Cost of each feed."""
    made = Table(title=f"Feeds: {users:,} viewers over {posts:,} items, ms of CPU")
    for heading in ("feed", "first of all", "once a step", "each viewer", "all in, a viewer", f"<= {TARGET}"):
        made.add_column(heading, justify="left" if heading == "feed" else "right")
    for name, first, common, each, n in measured(users, posts):
        total = common / n + each
        mark = "yes" if total <= TARGET else "NO"
        made.add_row(name, f"{first:.1f}", f"{common:.1f}", f"{each:.4f}", f"{total:.4f}", mark)
    made.caption = (
        "first of all: what was never seen before; all in: once a step, shared by all viewers, and each viewer"
    )
    return made


def growth(sizes: Sequence[tuple[int, int]] = SIZES) -> Table:
    """Cost of a few feeds, all in, by the number of users."""
    made = Table(title="Feeds: ms of CPU a user and step, all in, as users and items grow")
    made.add_column("feed")
    found: dict[str, list[str]] = {}
    for users, posts in sizes:
        made.add_column(f"{users:,} users, {posts:,} items", justify="right")
        for name, _, common, each, n in measured(users, posts, GROWING):
            found.setdefault(name, []).append(f"{common / n + each:.4f}")
    for name, costs in found.items():
        made.add_row(name, *costs)
    return made
