import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simsoc.core.stream import Stream
from simsoc.measures import ties as t

TRAITS = {"hobby": 3, "colour": 4, "place": 3}


@st.composite
def graphs(draw):
    n = draw(st.integers(1, 12))
    kind = draw(st.sampled_from([nx.Graph, nx.DiGraph]))
    graph = nx.empty_graph(n, create_using=kind)
    ends = st.integers(0, n - 1)
    graph.add_edges_from((a, b) for a, b in draw(st.lists(st.tuples(ends, ends), max_size=30)) if a != b)
    return graph


@given(graphs(), st.lists(st.sampled_from("xyz"), min_size=12, max_size=12))
@settings(deadline=None)
def test_bounds_and_agreement_with_networkx(graph, values):
    assert 0 <= t.transitivity(graph) <= 1
    assert 0 <= t.clustering(graph) <= 1
    paths = t.path_length(graph)
    assert 0 < paths.share <= 1
    assert 0 <= paths.length < len(graph)
    ei = t.ei_index(graph.edges(), values)
    assert ei is None or -1 <= ei <= 1
    returned = t.reciprocity(graph)
    assert (returned is None) == (not graph.is_directed() or graph.number_of_edges() == 0)
    found = t.attribute_assortativity(graph, values)
    if found is not None:
        nx.set_node_attributes(graph, dict(enumerate(values)), "value")
        assert found == pytest.approx(nx.attribute_assortativity_coefficient(graph, "value"))


def test_nothing_to_measure():
    empty = nx.empty_graph(3)
    assert t.transitivity(empty) == 0
    assert t.clustering(nx.Graph()) is None
    assert t.path_length(nx.Graph()) is None
    assert t.path_length(nx.empty_graph(1)) == (0, 1)
    assert t.ei_index([], "ab") is None
    assert t.attribute_assortativity(empty, "abc") is None
    assert t.attribute_assortativity(nx.complete_graph(3), "aaa") is None
    assert t.edge_similarity(empty, [{}] * 3, ["x"]) is None
    assert t.louvain(empty, seed=1) is None
    assert t.reciprocity(nx.complete_graph(3)) is None


def test_closure():
    before = nx.path_graph(3)
    after = nx.complete_graph(3)
    assert t.transitivity_change(before, after) == 1
    assert t.transitivity(nx.DiGraph([(0, 1), (1, 2), (2, 0)])) == 1
    assert t.clustering(nx.karate_club_graph()) == pytest.approx(0.5706, abs=1e-4)
    assert t.reciprocity(nx.DiGraph([(0, 1), (1, 0), (1, 2)])) == pytest.approx(2 / 3)


def test_paths_are_those_of_the_largest_component():
    assert t.path_length(nx.path_graph(3)) == (pytest.approx(4 / 3), 1)
    apart = nx.disjoint_union(nx.path_graph(3), nx.path_graph(2))
    assert t.path_length(apart) == (pytest.approx(4 / 3), 0.6)
    assert t.path_length(nx.DiGraph([(0, 1), (2, 1)])).length == pytest.approx(4 / 3)


def test_small_world_baseline():
    """Ring of 4 neighbours, beta .25, n = 20: L 2.28 and C .28 over 20 runs (methods.md 4B)."""
    runs = [nx.watts_strogatz_graph(20, 4, 0.25, seed=seed) for seed in range(60)]
    assert sum(t.path_length(g).length for g in runs) / 60 == pytest.approx(2.28, rel=0.1)
    assert sum(t.clustering(g) for g in runs) / 60 == pytest.approx(0.28, rel=0.15)


def test_ei_index():
    parties = ["red", "red", "blue", None]
    assert t.ei_index([(0, 1)], parties) == -1
    assert t.ei_index([(0, 2)], parties) == 1
    assert t.ei_index([(0, 1), (0, 2), (2, 1), (0, 3)], parties) == pytest.approx(1 / 3)
    assert t.ei_index([(0, 2)] * 3 + [(0, 1)], parties) == 0.5
    assert t.ei_index([(0, 3)], parties) is None


def test_ei_index_of_random_mixing():
    """Shares .45, .46, .09 give +0.156 (methods.md 3.3)."""
    groups = ["D"] * 450 + ["R"] * 460 + ["N"] * 90
    pairs = [(a, b) for a in range(0, 1000, 3) for b in range(1000) if a != b]
    assert t.ei_index(pairs, groups) == pytest.approx(0.156, abs=0.003)


def choose(kind, seed):
    """Fifty people with three drawn traits choose four others each: at random, or those most alike."""
    stream = Stream(seed, "homophily", kind)
    people = [{name: stream.below(values) for name, values in TRAITS.items()} for _ in range(50)]
    graph = nx.DiGraph()
    graph.add_nodes_from(range(50))
    for a in range(50):
        others = [b for b in range(50) if b != a]
        stream.shuffle(others)
        if kind == "alike":
            others.sort(key=lambda b: -t.shared(people[a], people[b], list(TRAITS)))
        graph.add_edges_from((a, b) for b in others[:4])
    return graph, people


@pytest.mark.parametrize(
    ("kind", "similarity", "modularity", "assortativity"),
    [("random", 0.93, 0.43, -0.02), ("alike", 2.24, 0.54, 0.65)],
)
def test_homophily_baselines(kind, similarity, modularity, assortativity):
    """Random and most similar choices, 20 runs (methods.md 4B)."""
    names = list(TRAITS)
    runs = [choose(kind, seed) for seed in range(20)]
    similar = [t.edge_similarity(graph, people, names) for graph, people in runs]
    assert sum(similar) / 20 == pytest.approx(similarity, rel=0.1)
    q = [t.louvain(t.weigh_by_similarity(g, people, names), 1, weight="similarity").modularity for g, people in runs]
    assert sum(q) / 20 == pytest.approx(modularity, rel=0.1)
    by_hobby = [t.attribute_assortativity(graph, [person["hobby"] for person in people]) for graph, people in runs]
    assert sum(by_hobby) / 20 == pytest.approx(assortativity, abs=0.08)


def test_shared_traits():
    assert t.shared({"a": 1, "b": 2}, {"a": 1, "b": 3}, ["a", "b", "c"]) == 1
    assert t.edge_similarity(nx.Graph([(0, 1), (1, 2)]), [{"a": 1}, {"a": 1}, {"a": 2}], ["a"]) == 0.5


def test_louvain():
    cliques = nx.disjoint_union(nx.complete_graph(5), nx.complete_graph(5))
    found = t.louvain(cliques, seed=1)
    assert found.groups == ((0, 1, 2, 3, 4), (5, 6, 7, 8, 9))
    assert found.modularity == pytest.approx(0.5)
    karate = nx.karate_club_graph()
    assert t.louvain(karate, seed=3) == t.louvain(karate, seed=3)
    assert t.louvain(karate, seed=3).modularity == pytest.approx(0.42, abs=0.02)
    assert t.louvain(karate, seed=3, weight="weight").modularity > 0.42
    weightless = nx.Graph()
    weightless.add_edge(0, 1, similarity=0)
    assert t.louvain(weightless, 1, weight="similarity") is None
    mutual = t.louvain(nx.DiGraph([(0, 1), (1, 0), (2, 3), (3, 2)]), seed=1)
    assert mutual.modularity == pytest.approx(0.5)
