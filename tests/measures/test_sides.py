"""Cascades, exposure, feelings, weighted inequality and communities against nulls: properties and values by hand."""

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simsoc.core.stream import Stream
from simsoc.measures.cascades import cascades
from simsoc.measures.inequality import gini
from simsoc.measures.polarisation import affective_polarisation, correlation, exposure_diversity
from simsoc.measures.ties import ei_index, ei_of_table, modularity_against_rewired

WHOLE = st.lists(st.tuples(st.integers(0, 20), st.integers(1, 4)), min_size=1, max_size=30)


@given(WHOLE)
def test_a_weight_is_so_many_people(pairs):
    values, weights = zip(*pairs, strict=True)
    many = [value for value, weight in pairs for _ in range(weight)]
    found = gini(values, weights)
    assert (found is None) == (gini(many) is None)
    assert found is None or found == pytest.approx(gini(many), abs=1e-12)


@given(WHOLE)
def test_a_weighted_correlation_is_that_of_so_many_people(pairs):
    x = [value for value, _ in pairs]
    y = [(value * 7) % 5 + place for place, (value, _) in enumerate(pairs)]
    weights = [weight for _, weight in pairs]
    many = [(a, b) for a, b, w in zip(x, y, weights, strict=True) for _ in range(w)]
    found = correlation(x, y, weights)
    other = correlation([a for a, _ in many], [b for _, b in many])
    assert (found is None) == (other is None)
    assert found is None or found == pytest.approx(other, abs=1e-9)


def test_correlation_by_hand():
    assert correlation([1, 2, 3], [2, 4, 6]) == pytest.approx(1)
    assert correlation([1, 2, 3], [3, 2, 1]) == pytest.approx(-1)
    assert correlation([1, 1, 1], [1, 2, 3]) is None


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=40))
def test_a_table_of_contacts_is_the_contacts(pairs):
    groups = [agent % 3 for agent in range(10)]
    table = [[0.0] * 3 for _ in range(3)]
    for a, b in pairs:
        table[groups[a]][groups[b]] += 1
    assert ei_of_table(table) == pytest.approx(ei_index(pairs, groups))


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=60))
def test_cascades_are_trees(lots):
    """Every item hangs on an earlier one: sizes add up, and no depth or breadth is more than there are items."""
    parents = {i: lot % i for i, lot in enumerate(lots, start=1)}
    found = cascades(parents)
    assert [one.root for one in found] == [0]
    (one,) = found
    assert one.size == len(lots) + 1
    tree = nx.DiGraph([(parent, child) for child, parent in parents.items()])
    levels = list(nx.bfs_layers(tree, 0))
    assert one.depth == len(levels) - 1
    assert one.breadth == max(map(len, levels))


def test_cascades_in_any_order_and_in_circles():
    assert cascades({"c": "b", "b": "a", "d": "a"}) == cascades({"b": "a", "d": "a", "c": "b"})
    with pytest.raises(ValueError, match="itself"):
        cascades({"a": "b", "b": "a"})


def test_exposure_by_hand():
    groups = {0: "d", 1: "r", 2: None, 3: "d"}
    found = exposure_diversity([(0, 1), (0, 3), (2, 1), (2, 3), (1, 1), (1, 2)], groups)
    assert found.across == pytest.approx((0.5 + 0) / 2), "viewer 2 is of no party; the author 2 is left out"
    assert found.diversity == pytest.approx((1 + 1 + 0) / 3)
    assert found.viewers == 3
    assert exposure_diversity([], groups).across is None


def test_feelings_by_hand():
    assert affective_polarisation([90, 80, None], [10, 40, 0]) == pytest.approx(60)
    assert affective_polarisation([90, 80], [10, 40], [3, 1]) == pytest.approx(70)
    assert affective_polarisation([None], [3]) is None


def test_communities_are_held_against_graphs_of_the_same_degrees():
    two = nx.stochastic_block_model([30, 30], [[0.25, 0.01], [0.01, 0.25]], seed=4)
    one = nx.gnm_random_graph(60, two.number_of_edges(), seed=4)
    split, none = (modularity_against_rewired(graph, Stream(1, "nulls"), nulls=19) for graph in (two, one))
    assert split.p == pytest.approx(0.05)
    assert split.modularity > split.null + 3 * split.spread
    assert none.p > 0.05, "the twin: a random graph is no more modular than others of its degrees"
    assert none.modularity > 0.2, "though its modularity alone is not small"


@given(st.integers(0, 1000))
def test_rewiring_keeps_degrees(seed):
    from simsoc.measures.ties import _swapped

    graph = nx.gnm_random_graph(12, 20, seed=seed)
    ties = sorted(tuple(sorted(edge)) for edge in graph.edges())
    swapped = nx.Graph(_swapped(list(ties), 200, Stream(seed, "swap")))
    swapped.add_nodes_from(graph)
    assert swapped.number_of_edges() == 20
    assert dict(swapped.degree()) == dict(graph.degree())
