import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simsoc.core.errors import WorldError
from simsoc.core.protocols import Ties
from simsoc.networks.ties import Graph


def test_it_keeps_the_promise_of_core():
    ties: Ties = Graph(nx.path_graph(3))
    assert ties.neighbours(1) == (0, 2)


def test_reading_undirected():
    ties = Graph(nx.Graph([(2, 0), (0, 1)]))
    assert ties.neighbours(0) == ties.followers(0) == (1, 2)
    assert ties.neighbours(0) is ties.neighbours(0)
    assert ties.has(1, 0)
    assert not ties.has(1, 2)
    assert ties.degree(0) == 2
    assert list(ties.edges()) == [(0, 1, {}), (0, 2, {})]
    assert not ties.directed


def test_reading_directed():
    ties = Graph(nx.DiGraph([(2, 0), (0, 1)]))
    assert ties.neighbours(0) == (1,)
    assert ties.followers(0) == (2,)
    assert ties.has(2, 0)
    assert not ties.has(0, 2)
    assert list(ties.edges()) == [(0, 1, {}), (2, 0, {})]


def test_changes_are_noted_once_and_seen_at_once():
    ties = Graph(nx.empty_graph(3))
    assert ties.neighbours(0) == ()
    ties.add(2, 0, weight=2)
    ties.add(2, 0, weight=2)
    ties.add(0, 2)
    assert ties.neighbours(0) == (2,)
    ties.add(0, 2, weight=3)
    ties.add(0, 1)
    assert ties.weight(2, 0) == 3
    assert ties.weights(0, (2, 0, 1)) == [3.0, 1.0, 1.0]
    with pytest.raises(WorldError, match="no tie from 2 to 1"):
        ties.weights(2, (0, 1))
    ties.remove(0, 1)
    ties.changes[-2:] = []
    ties.remove(2, 0)
    ties.remove(2, 0)
    assert ties.neighbours(0) == ()
    assert ties.changes == [(True, 0, 2, {"weight": 2}), (True, 0, 2, {"weight": 3}), (False, 0, 2, {"weight": 3})]


def test_newcomers_and_strangers():
    ties = Graph(nx.empty_graph(1, create_using=nx.DiGraph))
    ties.add_agent(1)
    ties.add_agent(1)
    ties.add(1, 0)
    assert ties.followers(0) == (1,)
    assert ties.weight(1, 0) == 1.0
    for act in (
        lambda: ties.add(0, 0),
        lambda: ties.add(0, 5),
        lambda: ties.remove(5, 0),
        lambda: ties.neighbours(5),
        lambda: ties.weight(0, 1),
    ):
        with pytest.raises(WorldError):
            act()
    assert 5 not in ties.graph


pairs = st.tuples(st.booleans(), st.integers(0, 5), st.integers(0, 5)).filter(lambda change: change[1] != change[2])


@given(st.booleans(), st.lists(pairs, max_size=40))
def test_cached_reading_agrees_with_the_graph_and_changes_rebuild_it(directed, acts):
    kind = nx.DiGraph if directed else nx.Graph
    ties = Graph(nx.empty_graph(6, create_using=kind))
    for make, a, b in acts:
        (ties.add if make else ties.remove)(a, b)
        for agent in range(6):
            assert ties.neighbours(agent) == tuple(sorted(ties.graph[agent]))
            assert ties.followers(agent) == tuple(sorted(ties.graph.pred[agent] if directed else ties.graph[agent]))
    again = nx.empty_graph(6, create_using=kind)
    for added, a, b, _ in ties.changes:
        (again.add_edge if added else again.remove_edge)(a, b)
    assert nx.utils.graphs_equal(again, ties.graph)
