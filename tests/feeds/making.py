"""Stores filled by hand, feeds by name, and a slow second reading of what a feed should show."""

import numpy as np
from hypothesis import strategies as st

from simsoc.feeds import Items, Viewer, build
from simsoc.scenario.plain import plain
from simsoc.scenario.spec import Part
from simsoc.shelves import SHELVES

ATTRIBUTES = ("affinity", "compassion", "curiosity", "nuance", "personal_story", "reasoning", "respect")


NEEDED = {
    "diverse": {"of": "everyone"},
    "mix": {"of": ["everyone", {"kind": "following", "size": 3}, "random"], "weights": [1.0, 2.0, 1.0]},
    "stack": {"of": [{"kind": "chronological", "whose": "followed", "size": 4}, {"kind": "everyone", "size": 5}]},
}
"""Keys that some feeds cannot do without."""


def part(kind, **keys):
    keys = plain({**NEEDED.get(kind, {}), **keys})
    return Part(kind=kind, given=SHELVES["feeds"].spec(kind).model_validate(keys, context={"shelves": SHELVES}))


def feed(kind, seed=7, **keys):
    return build(part(kind, **keys), SHELVES, seed)


def shown(items, viewer, kind, *, seed=7, among=None, size=None, **keys):
    return feed(kind, seed, **keys).ready(items, viewer.step).rank(viewer, among, size)


@st.composite
def stores(draw, people=8, most=30):
    """A store with posts, replies, reposts, likes and votes of a few people, and what was written into it."""
    party = [agent % 3 - 1 for agent in range(people)]
    items = Items(party, [0.25 * (agent % 5 - 2) for agent in range(people)])
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    steps = sorted(rng.integers(1, 6, draw(st.integers(0, most))).tolist())
    posts = []
    for place, step in enumerate(steps):
        author = int(rng.integers(people))
        of = posts[rng.integers(len(posts))] if posts and rng.random() < 0.25 else None
        listed = bool(rng.random() < 0.85)
        items.add(
            (author, step, place),
            kind="repost" if of else "post",
            text=f"words {place % 7} of {author}",
            of=of,
            listed=listed,
            attributes={name: float(rng.random()) for name in ATTRIBUTES},
        )
        if of is None:
            posts.append((author, step, place))
    for post in posts:
        for agent in np.flatnonzero(rng.random(people) < 0.3).tolist():
            items.act("like", agent, post)
        for agent in np.flatnonzero(rng.random(people) < 0.3).tolist():
            items.act("up" if rng.random() < 0.7 else "down", agent, post)
    return items


@st.composite
def viewers(draw, items, people=8):
    """Somebody who follows a few and has reposted some."""
    me = draw(st.integers(0, people - 1))
    follows = tuple(sorted(draw(st.sets(st.integers(0, people - 1), max_size=5)) - {me}))
    return Viewer(me, 6, follows=follows, skip=items.did("repost", me), party=me % 3 - 1, partisan=0.25 * (me % 5 - 2))
