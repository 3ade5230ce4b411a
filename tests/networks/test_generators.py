import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simsoc.core.errors import ScenarioError
from simsoc.core.stream import Stream
from simsoc.measures.ties import ei_index
from simsoc.networks import FIXED, NETWORKS, SIZED
from simsoc.networks.partisan import partisan

PARTIES = [{"party": "red" if i % 2 else "blue"} for i in range(24)]
SETTINGS = {
    "complete": {},
    "empty": {},
    "ring": {"k": 4},
    "lattice": {"torus": True},
    "erdos_renyi": {"degree": 4},
    "watts_strogatz": {"k": 4, "p": 0.3},
    "barabasi_albert": {"m": 2},
    "random_regular": {"degree": 3},
    "stochastic_block": {"shares": [1, 2], "p_in": 0.5, "p_out": 0.1},
    "partisan": {"degree": 5},
    "karate_club": {},
    "davis_southern_women": {},
    "florentine_families": {},
    "les_miserables": {},
}


def make(kind, n=24, seed=1, people=PARTIES, **parameters):
    """A network as the builder makes it: keys checked by the shelf's spec first."""
    spec = NETWORKS.spec(kind).model_validate({**SETTINGS.get(kind, {}), **parameters})
    given = {name: getattr(spec, name) for name in type(spec).model_fields}
    return NETWORKS.get(kind)(None if kind in FIXED else n, Stream(seed, "network"), people, **given)


def fingerprint(graph):
    return list(graph.nodes(data=True)), list(graph.edges(data=True))


def is_tidy(graph):
    edges = list(graph.edges())
    return list(graph) == list(range(len(graph))) and edges == sorted(edges) and not any(a == b for a, b in edges)


def complaint(kind, n=24, people=PARTIES, **parameters):
    with pytest.raises(ScenarioError) as caught:
        make(kind, n, people=people, **parameters)
    (problem,) = caught.value.problems
    return problem


@pytest.mark.parametrize("kind", [name for name in NETWORKS.names() if name != "file"])
def test_every_name_builds_a_tidy_simple_graph(kind):
    graph = make(kind)
    assert is_tidy(graph)
    assert not graph.is_multigraph()
    assert NETWORKS.line(kind)
    if kind not in FIXED:
        assert len(graph) == 24


@pytest.mark.parametrize("kind", sorted(set(SETTINGS) - FIXED))
def test_same_seed_same_graph(kind):
    assert fingerprint(make(kind)) == fingerprint(make(kind))
    random = kind in (
        "erdos_renyi",
        "watts_strogatz",
        "barabasi_albert",
        "random_regular",
        "stochastic_block",
        "partisan",
    )
    assert (fingerprint(make(kind)) != fingerprint(make(kind, seed=2))) is random


@given(
    kind=st.sampled_from(sorted(set(SETTINGS) - FIXED)),
    n=st.integers(1, 24),
    seed=st.integers(0, 2**40),
)
@settings(max_examples=60, deadline=None)
def test_any_size_gives_a_simple_graph_or_a_complaint(kind, n, seed):
    try:
        graph = make(kind, n, seed, people=PARTIES[:n])
    except ScenarioError:
        return
    assert len(graph) == n
    assert is_tidy(graph)


def test_the_size_must_be_known():
    for kind in sorted(set(SETTINGS) - FIXED):
        parameters = {"people": PARTIES}
        with pytest.raises(ScenarioError, match="how many people"):
            make(kind, n=None, **parameters)
    assert set(NETWORKS.names()) >= FIXED | SIZED


# -- single generators ---------------------------------------------------------------------------------------------


def test_complete_and_empty():
    assert make("complete", 7).number_of_edges() == 21
    assert make("empty", 7).number_of_edges() == 0
    assert make("empty", 7, directed=True).is_directed()


def test_ring():
    assert nx.utils.graphs_equal(make("ring", 9, k=2), nx.cycle_graph(9))
    assert set(dict(make("ring", 9, k=6).degree()).values()) == {6}
    assert complaint("ring", 9, k=9).path == "network.k"
    assert "at most 8" in complaint("ring", 9, k=10).message
    assert "2 or 4" in complaint("ring", 9, k=3).message


def test_lattice():
    graph = make("lattice", 12, rows=3, torus=False)
    assert graph.number_of_edges() == 3 * 3 + 2 * 4
    assert sorted(graph[5]) == [1, 4, 6, 9]
    assert set(dict(make("lattice", 12, rows=3, torus=True).degree()).values()) == {4}
    assert set(dict(make("lattice", 12, rows=3, torus=True, diagonal=True).degree()).values()) == {8 - 0}
    assert len(make("lattice", None, rows=3, cols=5)) == 15
    assert nx.utils.graphs_equal(make("lattice", 16, torus=False), make("lattice", 16, rows=4, cols=4, torus=False))
    assert make("lattice", 4, rows=2, cols=2, torus=True).number_of_edges() == 4
    assert complaint("lattice", 12, rows=3, cols=5).path == "network.rows"
    assert "10 or 15" in complaint("lattice", 12, cols=5).message
    assert "12 or 14" in complaint("lattice", 13).message


def test_erdos_renyi():
    assert make("erdos_renyi", 20, p=1.0, degree=None).number_of_edges() == 190
    assert make("erdos_renyi", 20, p=0.0, degree=None).number_of_edges() == 0
    ties = [make("erdos_renyi", 200, seed, degree=6).number_of_edges() for seed in range(20)]
    assert abs(sum(ties) / 20 - 600) < 4 * (600 / 20) ** 0.5
    arcs = make("erdos_renyi", 200, degree=6, directed=True)
    assert abs(arcs.number_of_edges() - 1200) < 4 * 1200**0.5
    assert complaint("erdos_renyi", p=0.5, degree=3).path == "network.p"
    assert complaint("erdos_renyi", p=None, degree=None).path == "network.p"
    assert complaint("erdos_renyi", 5, degree=5).path == "network.degree"


def test_watts_strogatz(monkeypatch):
    assert nx.utils.graphs_equal(make("watts_strogatz", 20, p=0), make("ring", 20, k=4))
    assert make("watts_strogatz", 20, p=1).number_of_edges() == 40
    assert nx.is_connected(make("watts_strogatz", 20, k=2, p=0.2, connected=True))
    assert complaint("watts_strogatz", k=5).path == "network.k"

    def never(*args, **keywords):
        raise nx.NetworkXError("maximum number of tries exceeded")

    monkeypatch.setattr(nx, "connected_watts_strogatz_graph", never)
    assert complaint("watts_strogatz", connected=True).path == "network.connected"


def test_barabasi_albert_and_regular():
    assert make("barabasi_albert", 50, m=3).number_of_edges() == 3 + 46 * 3
    assert complaint("barabasi_albert", 5, m=5).path == "network.m"
    assert set(dict(make("random_regular", 30, degree=5).degree()).values()) == {5}
    assert "2 or 4 works" in complaint("random_regular", 15, degree=3).message
    assert "at most 4" in complaint("random_regular", 5, degree=5).message


def test_blocks():
    graph = make("stochastic_block", 10, shares=None, sizes=[4, 6], p=[[1.0, 0.0], [0.0, 1.0]], p_in=None, p_out=None)
    assert graph.number_of_edges() == 6 + 15
    assert [graph.nodes[i]["block"] for i in range(10)] == [0] * 4 + [1] * 6
    assert len(make("stochastic_block", None, shares=None, sizes=[4, 6])) == 10
    by_party = make("stochastic_block", 24, shares=None, by="party", p_in=1, p_out=0)
    assert all(PARTIES[a] == PARTIES[b] for a, b in by_party.edges())
    assert by_party.number_of_edges() == 2 * 66
    assert by_party.nodes[0]["block"] == "blue"
    thirds = make("stochastic_block", 10, shares=[1, 1, 1])
    assert [sum(b == k for _, b in thirds.nodes(data="block")) for k in range(3)] == [4, 3, 3]
    arcs = make("stochastic_block", 24, shares=[1, 1], p=[[0, 1], [0, 0]], p_in=None, p_out=None, directed=True)
    assert arcs.number_of_edges() == 144


@pytest.mark.parametrize(
    ("parameters", "key"),
    [
        ({"sizes": [4, 6], "shares": None}, "population.n"),
        ({"sizes": [12, 12]}, "network.sizes"),
        ({"shares": None}, "network.sizes"),
        ({"p_in": None}, "network.p"),
        ({"p": [[1, 0], [0, 1]]}, "network.p"),
        ({"p": [[1.0]], "p_in": None, "p_out": None}, "network.p"),
        ({"p": [[0.1, 0.2], [0.3, 0.1]], "p_in": None, "p_out": None}, "network.p"),
        ({"shares": None, "by": "prty"}, "network.by"),
        ({"shares": [1, 1000]}, "network.shares"),
    ],
)
def test_blocks_that_do_not_fit(parameters, key):
    assert complaint("stochastic_block", **parameters).path == key


# -- partisan ------------------------------------------------------------------------------------------------------


def crossing(graph, people):
    return sum(people[a]["party"] != people[b]["party"] for a, b in graph.edges()) / graph.number_of_edges()


def test_partisan_follows_exactly_degree_others():
    graph = make("partisan", 24, degree=7)
    assert graph.is_directed()
    assert {graph.out_degree(a) for a in graph} == {7}


@pytest.mark.parametrize("directed", [True, False])
@pytest.mark.parametrize("h", [0.5, 0.8, 1.0])
def test_partisan_share_of_crossing_ties_is_one_minus_h(h, directed):
    people = PARTIES * 10
    graph = make("partisan", 240, degree=10, homophily=h, directed=directed, people=people)
    n = graph.number_of_edges()
    assert abs(crossing(graph, people) - (1 - h)) < 4 * (h * (1 - h) / n) ** 0.5 + 0.02
    if not directed:
        assert abs(2 * n / 240 - 10) < 4 * (2 * 10 / 240) ** 0.5


def test_partisan_weights_are_for_candidates_not_for_groups():
    people = [{"party": "small"}] * 40 + [{"party": "large"}] * 160
    graph = make("partisan", 200, degree=4, homophily=0.8, people=people)
    arcs = [(a, b) for a, b in graph.edges() if a < 40]
    expected = 0.2 * 160 / (0.2 * 160 + 0.8 * 39)
    found = sum(people[b]["party"] == "large" for _, b in arcs) / len(arcs)
    assert abs(found - expected) < 4 * (0.25 / len(arcs)) ** 0.5


def test_partisan_complaints():
    assert "Did you mean 'party'" in complaint("partisan", by="partY").message
    assert complaint("partisan", 25).path == "network.by"
    assert "no traits" in complaint("partisan", people=[]).message
    assert complaint("partisan", degree=24).path == "network.degree"
    assert "at most 11 work" in complaint("partisan", degree=12, homophily=1).message
    assert complaint("partisan", degree=12, homophily=1, directed=False).path == "network.degree"
    assert complaint("partisan", by="list", people=[{"list": [1]}] * 24).path == "network.by"


# -- famous --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "nodes", "edges", "label"),
    [
        ("karate_club", 34, 78, 33),
        ("davis_southern_women", 32, 89, "E14"),
        ("florentine_families", 15, 20, "Lamberteschi"),
        ("les_miserables", 77, 254, "MmeHucheloup"),
    ],
)
def test_fixed_graphs(kind, nodes, edges, label):
    graph = make(kind)
    assert (len(graph), graph.number_of_edges()) == (nodes, edges)
    assert label in {name for _, name in graph.nodes(data="label")}
    with pytest.raises(ScenarioError, match=f"{kind} has {nodes} nodes, population says 50"):
        NETWORKS.get(kind)(50, Stream(1), [])


def test_women_who_met():
    graph = make("davis_southern_women", projection=True)
    assert (len(graph), graph.number_of_edges()) == (18, 139)
    assert graph[0][1]["weight"] == 6


def test_every_key_is_told():
    for kind in NETWORKS.names():
        fields = NETWORKS.spec(kind).model_fields
        assert all(field.description for field in fields.values()), kind


@pytest.mark.parametrize(("weights", "ei"), [((1, 1), -0.9), ((1, 1), 0.0), ((45, 46, 9), -0.84), ((1, 2, 7), 0.3)])
def test_partisan_ties_have_the_ei_that_is_asked_for(weights, ei):
    n, degree = 400, 30
    people = [{"party": Stream(3, "party", agent).pick(weights)} for agent in range(n)]
    graph = partisan(n, Stream(5, "network"), people, degree=degree, ei=ei)
    groups = [person["party"] for person in people]
    error = 3 * (2 / (n * degree) ** 0.5)
    assert ei_index(graph.edges(), groups) == pytest.approx(ei, abs=error)
    assert graph.graph["told"]["ei"] == pytest.approx(ei_index(graph.edges(), groups))
    assert set(dict(graph.out_degree()).values()) == {degree}
    without = partisan(n, Stream(5, "network"), people, degree=degree, homophily=0.5)
    assert abs(ei_index(without.edges(), groups) - ei) > error or ei == 0.0


def test_partisan_ties_refuse_an_ei_out_of_reach():
    people = [{"party": agent < 10} for agent in range(400)]
    with pytest.raises(ScenarioError, match=r"cannot be reached.*works"):
        partisan(400, Stream(5, "network"), people, degree=300, ei=0.9)
