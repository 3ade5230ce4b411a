"""Feeds that look at texts, at who liked what, or at other feeds: against values worked out by hand."""

import math
from collections import Counter

import numpy as np
import pytest

from simsoc.core.errors import ScenarioError
from simsoc.feeds import Items, Viewer
from simsoc.loading import load

from .making import feed, part, shown


def liked(*likes, authors=None):
    """A post for each list of those who like it."""
    items = Items()
    for place, fans in enumerate(likes):
        author = 100 + place if authors is None else authors[place]
        items.add((author, 1, place))
        for fan in fans:
            items.act("like", fan, (author, 1, place))
    return items


def test_inverse_turns_everyone_round():
    items = liked([1, 2, 3], [], [1])
    assert shown(items, Viewer(9, 2), "inverse").rows == [1, 2, 0]
    assert shown(items, Viewer(9, 2), "inverse").scores == [1, 0.5, 0.25]


def test_out_partisan_boosts_the_other_side():
    items = Items([], [-1.0, 1.0])
    items.add((0, 1, 0))
    items.add((1, 1, 0))
    for fan in (5, 6):
        items.act("like", fan, (0, 1, 0))
    seen = shown(items, Viewer(9, 2, partisan=1.0), "out_partisan")
    assert seen.ids == [(0, 1, 0), (1, 1, 0)]
    assert seen.scores == pytest.approx([3 * math.log(6), math.log(4)])
    assert shown(items, Viewer(9, 2, partisan=-1.0), "out_partisan").scores == pytest.approx(
        [3 * math.log(4), math.log(6)]
    )


def test_colikes_by_hand():
    """Viewer 0 likes posts 0 and 1. Fan 1 shares both of its 3 likes, fan 2 one of its 2: weights 2/sqrt 6 and 1/2."""
    items = liked([0, 1], [0, 1, 2], [1], [2], [1, 2], [3])
    seen = shown(items, Viewer(0, 2, skip=items.did("like", 0)), "colikes")
    one, two = 2 / math.sqrt(2 * 4), 1 / math.sqrt(2 * 3)
    assert seen.ids[:3] == [(104, 1, 4), (102, 1, 2), (103, 1, 3)]
    assert seen.scores == pytest.approx([one + two, one, two, 0], abs=1e-8)
    assert shown(items, Viewer(8, 2), "colikes").scores == [0] * 6, "who likes nothing is like nobody"


def test_affinity_shows_what_one_writes_about():
    items = Items()
    items.add((1, 1, 0), text="the new football stadium opens")
    items.add((2, 1, 0), text="taxes on imports rise again")
    items.add((3, 1, 0), text="football players ask for a stadium")
    items.add((0, 1, 0), text="football in the stadium tonight")
    seen = shown(items, Viewer(0, 2), "affinity")
    assert [id[0] for id in seen.ids] == [3, 1, 2] or [id[0] for id in seen.ids] == [1, 3, 2]
    assert seen.scores[1] > 0.2 > seen.scores[2]
    assert shown(items, Viewer(7, 2), "affinity").scores == [0] * 4
    items.add((2, 2, 1), text="imports and taxes")
    items.act("like", 7, (2, 2, 1))
    assert shown(items, Viewer(7, 2, skip={4}), "affinity").ids[0] == (2, 1, 0)


def camps(seed=1, n=200, posts=90):
    """Two camps that like their own posts (60%) and hardly the others (2%); every third is liked by 25% of both."""
    rng = np.random.default_rng(seed)
    items = Items()
    for place in range(posts):
        items.add((300 + place, 1, 0))
        for agent in range(n):
            mine = place % 3 == agent % 2
            if rng.random() < (0.25 if place % 3 == 2 else 0.6 if mine else 0.02):
                items.act("like", agent, (300 + place, 1, 0))
    return items


@pytest.mark.parametrize("by", ["less", "intercept"])
def test_factorisation_finds_what_both_camps_like(by):
    """Of 30 posts at the top at least 28 are those of both camps, though every other post has more likes."""
    items = camps()
    top = shown(items, Viewer(999, 2), "bridging_mf", size=30, by=by)
    assert sum(row % 3 == 2 for row in top.rows) >= 28
    assert sum(row % 3 == 2 for row in shown(items, Viewer(999, 2), "everyone", size=30).rows) == 0
    divide = {row: parts[1] for row, parts in zip(top.rows, top.parts, strict=True)}
    lowest = shown(items, Viewer(999, 2), "bridging_mf", size=90, by=by)
    apart = [parts[1] for row, parts in zip(lowest.rows, lowest.parts, strict=True) if row % 3 != 2]
    assert max(divide[row] for row in divide if row % 3 == 2) < min(apart)


def test_factorisation_minimises_what_it_says():
    """The intercepts and factors solve the normal equations of the dense problem, and older items come last."""
    from simsoc.feeds import factorised

    items = camps(2, 30, 12)
    columns = items.columns()
    agents, places = factorised._likes(columns, np.arange(12))
    w, penalties = 0.3, (0.15, 0.03)
    rng = np.random.default_rng(3)
    known = rng.normal(size=(2, 30))
    mu = 0.2
    made = factorised._half(agents, places, known, 12, w, mu, penalties)
    likes = np.zeros((30, 12))
    likes[agents, places] = 1
    for item in range(12):
        weights = np.where(likes[:, item] > 0, 1.0, w)
        x = np.stack([np.ones(30), known[1]])
        normal = (x * weights) @ x.T + np.diag(penalties) * weights.sum()
        wanted = np.linalg.solve(normal, (x * weights) @ (likes[:, item] - mu - known[0]))
        assert made[:, item] == pytest.approx(wanted)
    seen = shown(items, Viewer(999, 2), "bridging_mf", size=12, recent=5)
    assert set(seen.rows[:5]) == set(range(7, 12))


def test_diverse_takes_other_authors_first():
    items = liked([1, 2, 3], [1, 2], [1], [], authors=[50, 50, 50, 51])
    assert shown(items, Viewer(9, 2), "diverse", size=4, balance=1.0).rows == [0, 1, 2, 3]
    seen = shown(items, Viewer(9, 2), "diverse", size=4, balance=0.4)
    assert seen.rows == [0, 3, 1, 2]
    assert seen.parts[:2] == [pytest.approx((0.4, -0.0)), pytest.approx((0.1, -0.0))]
    assert seen.scores == [pytest.approx(sum(parts)) for parts in seen.parts]
    assert seen.names == {"diverse": ("relevance", "likeness")}
    texts = Items()
    for place, text in enumerate(["cats and dogs", "dogs and cats", "tax reform"]):
        texts.add((place, 1, 0), text=text)
    assert shown(texts, Viewer(9, 2), "diverse", by="text", of="new", balance=0.3, size=2).rows == [2, 1]


def test_a_mixture_draws_each_slot_by_weight():
    """The first slot of 3,000 mixtures comes from each feed as often as its weight says, within 4.5 standard errors."""
    items = liked([1, 2, 3], [1], [], authors=[50, 51, 52])
    of = {"of": ["everyone", "new"], "weights": [1.0, 3.0]}
    made = feed("mix", **of)
    n = 3000
    first = Counter(made.ready(items, step).rank(Viewer(9, step)).ranker[0] for step in range(n))
    assert abs(first["new"] - 0.75 * n) < 4.5 * math.sqrt(n * 0.1875)
    seen = made.ready(items, 2).rank(Viewer(9, 2))
    assert sorted(seen.rows) == [0, 1, 2], "what one feed has shown the other leaves out, and all slots are filled"
    with pytest.raises(ValueError, match="one for each feed"):
        part("mix", of=["everyone"], weights=[1.0, 2.0])


def test_a_stack_shows_each_its_own_number():
    items = liked([1, 2, 3], [1], [1, 2], [], authors=[50, 51, 52, 53])
    of = [{"kind": "new", "size": 1}, {"kind": "everyone", "size": 2}]
    seen = shown(items, Viewer(9, 2), "stack", of=of)
    assert (seen.rows, seen.ranker) == ([3, 0, 2], ["new", "everyone", "everyone"])
    assert shown(items, Viewer(9, 2), "stack", of=of, order="newest").rows == [3, 2, 0]


def test_a_stack_can_be_the_published_timeline():
    """3B's composition from parts: five of followed accounts, five drawn of others."""
    items = Items()
    for step in range(1, 30):
        for author in range(6):
            items.add((author, step, 0))
    viewer = Viewer(9, 30, follows=(0, 1))
    of = [{"kind": "chronological", "whose": "followed", "size": 5}, "base"]
    assert shown(items, viewer, "stack", of=of, order="newest").rows == shown(items, viewer, "timeline").rows


def test_mistakes_in_feeds_within_feeds_are_told_at_their_place(monkeypatch):
    from simsoc.worlds import WORLDS

    monkeypatch.setitem(WORLDS._parts, "square", "tests.feeds.square:Square")
    run = {"name": "x", "steps": 1, "population": {"n": 3}, "network": {"kind": "empty"}}
    world = {"kind": "square", "feed": {"kind": "mix", "of": [{"kind": "everyone", "sise": 3}, {"kind": "bridgin"}]}}
    with pytest.raises(ScenarioError) as error:
        load({**run, "world": world})
    told = str(error.value)
    assert "feed.of.0.sise" in told
    assert "Did you mean 'size'?" in told
    assert "Did you mean 'bridging'?" in told
