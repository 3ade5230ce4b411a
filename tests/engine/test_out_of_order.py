"""Sequential meaning at parallel speed: whatever graph, regime, latencies and slots, events are those of one by one."""

import json

import networkx as nx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simsoc.society import Society
from tests.virtual import RULES, Stub, VirtualHub, lognormal


def through_models(design, seed, wait, slots):
    """Digest, calls, and virtual seconds of a run whose rules answer late."""
    hub, stub = VirtualHub(), Stub(RULES, wait, slots)
    try:
        society = Society(design, seed, backend=stub, hub=hub)
        hub.watch(society._live)
        society.run_model()
    finally:
        hub.close()
    return society, stub


def serial(design, seed):
    society = Society(design, seed)
    society.run_model()
    return society


@st.composite
def graphs(draw):
    n = draw(st.integers(2, 14))
    pairs = [(a, b) for a in range(n) for b in range(n) if a != b]
    chosen = draw(st.lists(st.sampled_from(pairs), max_size=3 * n, unique=True))
    directed = draw(st.booleans())
    graph = nx.DiGraph() if directed else nx.Graph()
    graph.add_nodes_from(range(n))
    graph.add_edges_from(chosen)
    return graph


CHOICES = st.fixed_dictionaries(
    {
        "rule": st.sampled_from(
            [
                {"kind": "voter"},
                {"kind": "curie_weiss", "beta": 1.2},
                {"kind": "majority"},
                {"kind": "noisy_voter", "eps": 0.1},
            ]
        ),
        "stop": st.sampled_from(["never", "consensus"]),
        "group": st.sampled_from([None, 2, 3]),
        "include_self": st.booleans(),
        "committed": st.sampled_from(
            [None, {"n": 2, "to": "A", "start": 2, "until": 4}, {"who": {"ids": [0]}, "to": "B", "start": 3}]
        ),
        "split_after": st.sampled_from([None, None, 2]),
    }
)
ACTIVATIONS = st.sampled_from(
    [
        {"kind": "one_by_one"},
        {"kind": "one_by_one", "replacement": False},
        {"kind": "poisson", "rate": 0.7},
        {"kind": "poisson", "rate": 2.5},
        {"kind": "together"},
    ]
)


@given(
    graph=graphs(),
    choices=CHOICES,
    activation=ACTIVATIONS,
    slots=st.integers(1, 64),
    sigma=st.sampled_from([0.0, 0.8, 2.5]),
    seed=st.integers(0, 2**40),
    steps=st.integers(1, 8),
    scale=st.booleans(),
)
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
def test_events_are_those_of_one_by_one(tmp_path_factory, graph, choices, activation, slots, sigma, seed, steps, scale):
    if activation["kind"] == "together":
        choices = {**choices, "group": None}
    folder = tmp_path_factory.mktemp("graph")
    (folder / "g.json").write_text(json.dumps(nx.node_link_data(graph, edges="edges")))
    world = {"kind": "opinion", "labels": ["k", "z"], **{k: v for k, v in choices.items() if v is not None}}
    if scale:
        world = {"kind": "opinion_scale", "rule": {"kind": "degroot"}, "stop": "settled"}
        if choices["group"]:
            world = {**world, "rule": {"kind": "deffuant", "eps": 0.4}, "group": 2}
    design = {
        "name": "order",
        "steps": steps,
        "world": world,
        "network": {"kind": "file", "file": str(folder / "g.json")},
        "activation": activation,
    }
    plain = serial(design, seed)
    society, stub = through_models(design, seed, lognormal(seed, sigma), slots)
    assert society.digest == plain.digest
    assert society.measured == plain.measured
    assert (society.engine.turns, society.ended) == (plain.engine.turns, plain.ended)
    assert stub.most <= slots


def test_twin_that_must_fail():
    """A world that hides what it reads does come out otherwise: the property above can fail."""
    from simsoc.core.words import Reach
    from simsoc.worlds.opinion.meeting import Meeting

    design = {
        "name": "order",
        "steps": 5,
        "world": {"kind": "opinion", "labels": ["k", "z"], "rule": {"kind": "voter"}, "stop": "never"},
        "population": {"n": 20},
        "network": {"kind": "ring", "k": 4},
    }
    honest = Meeting.reach
    Meeting.reach = lambda self, turn: Reach((turn.agent,), (turn.agent,))
    try:
        society, _ = through_models(design, 1, lognormal(1, 2.0), 16)
    finally:
        Meeting.reach = honest
    assert society.digest != serial(design, 1).digest


@pytest.mark.parametrize("slots", [1, 8, 64])
def test_stepping_by_hand_is_the_same(slots):
    design = {
        "name": "order",
        "steps": 5,
        "world": {"kind": "opinion", "labels": ["k", "z"], "rule": {"kind": "voter"}, "stop": "never"},
        "population": {"n": 30},
        "network": {"kind": "ring", "k": 4},
    }
    hub = VirtualHub()
    society = Society(design, 1, backend=Stub(RULES, lognormal(1, 0.8), slots), hub=hub)
    hub.watch(society._live)
    calls = []
    while society.running:
        society.step()
        calls.append(society.route.default.calls)
    hub.close()
    assert society.digest == serial(design, 1).digest
    assert calls[-1] == society.engine.turns  # nothing was asked ahead of a step
