"""Whom people are told to follow: by hand, and what holds for every recommender."""

from collections import Counter

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simsoc.core.words import Suggested
from simsoc.feeds import FOLLOW_RECOMMENDERS, Viewer, recommender
from simsoc.feeds.scores import weighted
from simsoc.networks.ties import Graph
from simsoc.scenario.spec import Part
from simsoc.shelves import SHELVES


def made(kind, seed=1, **keys):
    return recommender(Part(kind=kind, given=FOLLOW_RECOMMENDERS.spec(kind).model_validate(keys)), SHELVES, seed)


@pytest.fixture
def ties():
    graph = nx.DiGraph([(0, 1), (0, 2), (1, 3), (2, 3), (2, 4), (5, 3), (5, 1), (6, 1)])
    graph.add_nodes_from(range(8))
    return Graph(graph)


PEOPLE = [{"town": "ab"[i % 2], "age": 20 + 10 * i} for i in range(8)]
PARTY = [0, 1, 0, 1, 1, 0, -1, -1]
PARTISAN = [-0.9, 0.2, -0.8, 0.9, 0.1, -0.1, 0.0, 0.0]


def told(ties, kind, agent=0, step=1, **keys):
    ready = made(kind, **keys).ready(ties, PEOPLE, step, party=PARTY, partisan=PARTISAN)
    viewer = Viewer(agent, step, follows=ties.neighbours(agent), party=PARTY[agent], partisan=PARTISAN[agent])
    return ready.rank(viewer)


def test_by_hand(ties):
    assert told(ties, "popular").agents == [3, 4, 5, 6, 7]
    assert told(ties, "popular").scores[:2] == [3, 1]
    assert told(ties, "friends_of_friends", size=2) == Suggested([3, 4], [2, 1], "friends_of_friends")
    assert told(ties, "similar", size=1).agents == [5]
    assert told(ties, "similar", by=("town", "age"), size=2).agents == [4, 6]
    assert set(told(ties, "out_party").agents) == {3, 4}
    assert told(ties, "out_party", agent=7).agents == []


@given(st.sampled_from(FOLLOW_RECOMMENDERS.names()), st.integers(0, 2**32), st.integers(1, 9))
def test_nobody_is_told_to_follow_oneself_or_those_one_follows(kind, seed, size):
    rng = np.random.default_rng(seed)
    graph = nx.gnp_random_graph(12, 0.3, seed=int(rng.integers(1000)), directed=True)
    ties = Graph(graph)
    ties.remove_agent(5)
    people = [{} for _ in range(12)]
    party = rng.integers(-1, 2, 12).tolist()
    who = Viewer(3, 4, follows=ties.neighbours(3), skip={7}, party=party[3])
    of = made(kind, seed, size=size)
    seen = of.ready(ties, people, 4, party=party).rank(who)
    assert len(set(seen.agents)) == len(seen.agents) <= size
    assert not set(seen.agents) & {3, 5, 7, *ties.neighbours(3)}
    assert of.ready(ties, people, 4, party=party).rank(who) == seen


def test_ties_made_since_are_seen(ties):
    of = made("popular", size=1)
    assert of.ready(ties, PEOPLE, 1).rank(Viewer(7, 1)).agents == [1]
    for agent in (0, 1, 3, 5):
        ties.add(agent, 6)
    assert of.ready(ties, PEOPLE, 1).rank(Viewer(7, 1)).agents == [6]


def test_random_is_uniform_and_addressed(ties):
    n = 3000
    counts = Counter(told(ties, "random", agent=7, step=step, size=1).agents[0] for step in range(n))
    assert max(abs(counts[agent] - n / 7) / (n * 6 / 49) ** 0.5 for agent in range(7)) < 4.5
    before = [told(ties, "random", agent=7, step=step, size=8).agents for step in range(50)]
    ties.add_agent(8)
    people = [*PEOPLE, {}]
    after = [made("random", size=9).ready(ties, people, s).rank(Viewer(7, s)).agents for s in range(50)]
    assert [[agent for agent in agents if agent != 8] for agents in after] == before


def near(crowd, now, viewer):
    return weighted(followers=crowd.followers * 1.0, age=np.arange(8) / 10)


def test_parts_of_a_score_come_with_it(ties, monkeypatch):
    monkeypatch.setitem(FOLLOW_RECOMMENDERS._parts, "near", "tests.feeds.test_follow:near")
    seen = told(ties, "near", size=2)
    assert (seen.agents, seen.scores) == ([3, 4], [3.3, 1.4])
    assert seen.parts == {"followers": [3, 1], "age": pytest.approx([0.3, 0.4])}
