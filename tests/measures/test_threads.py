"""Numbers of threads, held against what can be worked out by hand and against the published distribution."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simsoc.measures import threads as of
from simsoc.posts import gather, whole_threads
from tests.posts.making import EVENTS, chain, posts

PUBLISHED = [0.352, 0.206, 0.125, 0.081, 0.056, 0.037, 0.027, 0.020, 0.095]
"""methods.md 2.5, p ~ N(0.65, 0.15) clipped, cap 8: estimated by simulation, good to 0.002; P(0) is 0.3505 exactly."""


def test_the_published_distribution():
    found = of.published()
    assert found == pytest.approx(PUBLISHED, abs=0.003)
    assert sum(found) == pytest.approx(1.0)
    assert sum(k * share for k, share in enumerate(found)) == pytest.approx(2.17, abs=0.01)
    wider = of.published(sd=0.18)
    assert (wider[0], wider[8]) == pytest.approx((0.351, 0.122), abs=0.001)
    assert sum(k * share for k, share in enumerate(wider)) == pytest.approx(2.32, abs=0.01)


def test_one_p_for_all_is_told_apart():
    found = of.published(sd=0)
    assert sum(k * share for k, share in enumerate(found)) == pytest.approx(1.80, abs=0.01)
    assert found[8] == pytest.approx(0.65**8)
    assert of.published(sd=1e-6) == pytest.approx(found, abs=1e-4)


@pytest.mark.parametrize(
    ("mean", "sd", "cap"), [(0.65, 0.15, 8), (0.1, 0.4, 3), (1.2, 0.1, 5), (-0.5, 0.1, 5), (0.5, 3, 8)]
)
def test_it_is_what_drawing_gives(mean, sd, cap):
    rng = np.random.default_rng(3)
    p = np.clip(rng.normal(mean, sd, 200_000), 0, 1)
    alive, counts = np.ones(len(p), bool), np.zeros(len(p), int)
    for _ in range(cap):
        alive &= rng.random(len(p)) < p
        counts += alive
    expected = of.published(mean, sd, cap)
    for share, found in zip(expected, of.distribution(counts.tolist(), cap), strict=True):
        assert found == pytest.approx(share, abs=4.5 * (max(share, 1e-6) * (1 - share) / len(p)) ** 0.5 + 1e-9)


def test_a_small_community_by_hand():
    made = gather(EVENTS)
    assert of.lengths(made) == {(3, 1, 0): 2, (5, 1, 1): 0}
    assert of.distribution(of.lengths(made).values(), 8) == [0.5, 0, 0.5, 0, 0, 0, 0, 0, 0]
    loans, hello = whole_threads(made).values()
    assert (of.depth(loans), of.depth(hello), of.people(loans)) == (2, 0, 2)
    assert (of.branching(loans), of.branching(hello)) == (1.0, None)
    assert (of.latencies(loans), of.latency(hello)) == ([1, 1], None)
    assert of.newcomers(made) == 0.5  # user4 came anew, user3 was in it
    assert (of.breaks(made), of.breaks(made, "ads"), of.breaks(made, "spam")) == (0.25, 0.25, 0.0)
    assert of.participation(made) == pytest.approx(1 / 6)  # 2, 1, 1
    assert of.participation(made, members=4) > of.participation(made)
    with pytest.raises(ValueError, match="3 people wrote"):
        of.participation(made, members=2)


def test_nothing_written():
    assert of.distribution([], 2) == [0.0, 0.0, 0.0]
    assert (of.participation([]), of.newcomers([]), of.breaks([]), of.latency([])) == (None,) * 4


def test_a_chain_and_a_star():
    assert (of.depth(chain(9)), of.branching(chain(9)), of.latency(chain(9))) == (8, 1.0, 1.0)
    first, *rest = chain(9)
    star = [first, *(type(first)(post.id, first.id, first.id, 1, post.text) for post in rest)]
    assert (of.depth(star), of.branching(star), of.latency(star)) == (1, 8.0, 4.5)


@given(posts(), st.integers(0, 10))
def test_what_always_holds(made, cap):
    counts = of.lengths(made)
    assert sum(counts.values()) + len(counts) == len(made)
    assert sum(of.distribution(counts.values(), cap)) == pytest.approx(1.0)
    for thread in whole_threads(made).values():
        assert of.depth(thread) <= len(thread) - 1
        assert 1 <= of.people(thread) <= len(thread)
        assert len(of.latencies(thread)) == len(thread) - 1
        assert (of.branching(thread) is None) == (len(thread) == 1)
        assert of.branching(thread) is None or 1 <= of.branching(thread) <= len(thread) - 1
