"""Feeds against values worked out by hand (methods.md 3.5.3) and published formulas."""

import math

import numpy as np
import pytest

from simsoc.feeds import Items, Viewer

from .making import ATTRIBUTES, shown


def test_bridging_counts_opponents_and_everyone_counts_all():
    """A post liked by 3 opponents and 9 co-partisans: bridging 3; everyone 12 plus comments (methods.md 3.5.3)."""
    party = [0] * 10 + [1] * 10 + [-1] * 10
    items = Items(party)
    items.add((0, 1, 0))
    for fan in [*range(10, 13), *range(1, 10)]:
        items.act("like", fan, (0, 1, 0))
    items.add((10, 2, 0))
    items.act("like", 25, (10, 2, 0))  # of no party
    for n in range(2):
        items.add((20 + n, 3, 0), kind="reply", to=(0, 1, 0), listed=False)
    viewer = Viewer(29, 4)
    across = shown(items, viewer, "bridging")
    assert (across.ids, across.scores) == ([(0, 1, 0), (10, 2, 0)], [3, 0])
    all_ = shown(items, viewer, "everyone")
    assert (all_.ids, all_.scores) == ([(0, 1, 0), (10, 2, 0)], [14, 1])
    assert all_.names["everyone"] == ("likes", "replies", "reposts")
    assert all_.parts == [(12, 2, 0), (1, 0, 0)]


def by_author(seen):
    return {id[0]: score for id, score in zip(seen.ids, seen.scores, strict=True)}


@pytest.fixture
def four():
    """Four posts by others with 0, 1, 3 and 0 reposts; authors at -0.8, 0.1, 0.9 and none."""
    items = Items([0, 1, 1, -1, 0], [-0.8, 0.1, 0.9, 0.0, -0.4])
    for author in range(4):
        items.add((author, 1, 0), attributes=dict(zip(ATTRIBUTES, np.arange(7) * (author + 1) / 28, strict=True)))
    for agent, of in ((10, 1), (10, 2), (11, 2), (12, 2)):
        items.add((agent, 1, of), kind="repost", of=(of, 1, 0), listed=False)
    return items


@pytest.mark.parametrize(
    ("kind", "weights"),
    [
        ("base", [1, 2, 4, 1]),
        ("downplay_dominant", [5, 4, 2, 5]),
        (
            "boost_out_partisan",
            [1 * math.log(4.4), 2 * math.log(4.5), 4 * math.log(5.3), 1 * math.log(4.4)],
        ),
        ("chronological_others", [1, 1, 1, 1]),
        ("bridging_attributes", [3 * (author + 1) / 28 for author in range(4)]),
    ],
)
def test_the_published_weights_on_four_posts(four, kind, weights):
    viewer = Viewer(4, 2, partisan=-0.4)
    seen = shown(four, viewer, kind)
    scores = by_author(seen)
    assert [scores[author] for author in range(4)] == pytest.approx(weights, abs=1e-9)


def test_downplay_dominant_is_uniform_without_reposts():
    items = Items()
    for author in range(3):
        items.add((author, 1, 0))
    assert shown(items, Viewer(9, 2), "downplay_dominant").scores == [1, 1, 1]


def test_candidates_are_the_last_fifty():
    items = Items()
    for n in range(80):
        items.add((n % 4, n, 0))
    seen = {row for step in range(200) for row in shown(items, Viewer(9, 100 + step), "base").rows}
    assert seen == set(range(30, 80))
    others = {row for step in range(200) for row in shown(items, Viewer(9, 100 + step, follows=(3,)), "base").rows}
    assert others == set([row for row in range(80) if row % 4 != 3][-50:])


def test_a_timeline_has_two_parts_newest_first():
    items = Items()
    for step in range(1, 9):
        items.add((0, step, 0))  # followed
        items.add((1, step, 0))  # followed
        items.add((2, step, 0))
        items.add((3, step, 0))
    items.add((0, 9, 0), kind="repost", of=(2, 1, 0))
    items.add((1, 9, 0), kind="repost", of=(2, 1, 0))
    viewer = Viewer(9, 10, follows=(0, 1))
    seen = shown(items, viewer, "timeline")
    followed = [id for id, by in zip(seen.ids, seen.ranker, strict=True) if by == "timeline/followed"]
    assert followed == [(1, 9, 0), (0, 9, 0), (1, 8, 0), (0, 8, 0), (1, 7, 0)], (
        "one post may come by two who reposted it"
    )
    others = [id for id, by in zip(seen.ids, seen.ranker, strict=True) if by == "timeline/base"]
    assert len(others) == 5
    assert {id[0] for id in others} <= {2, 3}
    assert (2, 1, 0) not in others
    assert seen.rows == sorted(seen.rows, reverse=True)
    newest = shown(items, viewer, "timeline", by="chronological")
    others = [id for id, by in zip(newest.ids, newest.ranker, strict=True) if by == "timeline/chronological"]
    assert others == [(3, 8, 0), (2, 8, 0), (3, 7, 0), (2, 7, 0), (3, 6, 0)]


def test_hot_top_best_and_new_by_their_formulas():
    items = Items()
    votes = {0: (10, 0, 1), 1: (100, 0, 1), 2: (1, 10, 2), 3: (60, 40, 3), 4: (0, 0, 14)}
    for author, (up, down, step) in votes.items():
        items.add((author, step, 0))
        for fan in range(up):
            items.act("up", 100 + fan, (author, step, 0))
        for foe in range(down):
            items.act("down", 500 + foe, (author, step, 0))
    viewer = Viewer(9, 20)
    hot = by_author(shown(items, viewer, "hot"))
    for author, (up, down, step) in votes.items():
        s = up - down
        assert hot[author] == pytest.approx(
            (s > 0) * math.log10(max(abs(s), 1)) - (s < 0) * math.log10(max(abs(s), 1)) + step * 3600 / 45_000, abs=1e-8
        )
    assert shown(items, viewer, "hot", seconds=45_000).ids[0] == (4, 14, 0), "a bonus of 1 a step beats 100 votes"
    assert [id[0] for id in shown(items, viewer, "top").ids] == [1, 3, 0, 4, 2]
    assert [id[0] for id in shown(items, viewer, "new").ids] == [4, 3, 2, 1, 0]
    best = by_author(shown(items, viewer, "best", z=1.96))
    from scipy.stats import binomtest

    for author, (up, down, _) in votes.items():
        if up + down:
            low = binomtest(up, up + down).proportion_ci(0.95, method="wilson").low
            assert best[author] == pytest.approx(low, abs=1e-4)
    assert best[4] == 0
    assert shown(items, Viewer(1, 20), "best").ids[0] == (1, 1, 0), "one's own are shown, too"
