"""World `opinion_scale`: positions stay in range, and move towards those that are met."""

import math

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simsoc.core.errors import ScenarioError
from simsoc.society import Society
from simsoc.worlds.opinion import scale_rules as rules

from .by_hand import answer, asked, complete, silence, stream, take, think, turn, world

SLACK = 2e-12  # rules round to 12 digits
numbers = st.floats(-5, 5, allow_nan=False)


def facts(own, others, weights=None, start=None):
    return {
        "own": own,
        "others": others,
        "weights": weights or [1.0] * len(others),
        "start": own if start is None else start,
    }


RULES = {
    "degroot": (rules.degroot, {"self_weight": 0.7}),
    "hegselmann_krause": (rules.hegselmann_krause, {"eps": 0.8}),
    "deffuant": (rules.deffuant, {"eps": 0.8, "mu": 0.4}),
}


@pytest.mark.parametrize("name", RULES)
@settings(max_examples=120, deadline=None)
@given(own=numbers, others=st.lists(numbers, max_size=6), data=st.data())
def test_new_positions_are_convex_combinations(name, own, others, data):
    rule, parameters = RULES[name]
    weights = [data.draw(st.floats(0, 3)) for _ in others]
    new = rule(facts(own, others, weights), stream(), **parameters)
    assert min([own, *others]) - SLACK <= new <= max([own, *others]) + SLACK


@settings(max_examples=80, deadline=None)
@given(numbers, st.lists(numbers, max_size=6), numbers, st.floats(0, 1))
def test_friedkin_johnsen_stays_between_the_start_and_the_others(own, others, start, susceptibility):
    new = rules.friedkin_johnsen(facts(own, others, start=start), stream(), susceptibility=susceptibility)
    assert min([own, start, *others]) - SLACK <= new <= max([own, start, *others]) + SLACK
    if susceptibility == 0:
        assert new == round(start, 12)
    if susceptibility == 1:
        assert new == rules.degroot(facts(own, others), stream())


@settings(max_examples=80, deadline=None)
@given(numbers, st.lists(numbers, max_size=6), st.randoms(use_true_random=False))
def test_the_order_of_the_others_does_not_matter(own, others, shuffler):
    shuffled = list(others)
    shuffler.shuffle(shuffled)
    for rule, parameters in (RULES["degroot"], RULES["hegselmann_krause"]):
        assert rule(facts(own, others), stream(), **parameters) == rule(facts(own, shuffled), stream(), **parameters)


def test_degroot_by_hand():
    assert rules.degroot(facts(0.0, [1.0, 0.5], [1.0, 2.0]), stream(), self_weight=1.0) == 0.5
    assert rules.degroot(facts(0.3, []), stream(), self_weight=0.0) == 0.3
    assert rules.degroot(facts(0.3, [0.9], [0.0]), stream(), self_weight=0.0) == 0.3


def test_bounded_confidence_by_hand():
    assert rules.hegselmann_krause(facts(0.5, [0.6, 0.9, 0.4]), stream(), eps=0.1) == 0.5
    assert rules.hegselmann_krause(facts(0.5, [0.7]), stream(), eps=0.2) == 0.6, "at the bound counts"
    assert rules.hegselmann_krause(facts(0.5, [0.71]), stream(), eps=0.2) == 0.5
    assert rules.deffuant(facts(0.2, [0.4]), stream(), eps=0.2, mu=0.5) == 0.3, "0.4 - 0.2 is above 0.2 in floats"
    assert rules.deffuant(facts(0.2, [0.41]), stream(), eps=0.2, mu=0.5) == 0.2


WORLD = {"rule": {"kind": "degroot"}, "stop": "never"}


SPECS = [
    {"rule": {"kind": "degroot"}},
    {"rule": {"kind": "hegselmann_krause", "eps": 0.3}},
    {"rule": {"kind": "friedkin_johnsen", "susceptibility": 0.5}},
    {"rule": {"kind": "deffuant", "eps": 0.4}, "group": 2},
]


@given(
    st.floats(-1e6, 1e6),
    st.floats(1e-13, 1e3),
    st.lists(st.tuples(st.sampled_from([-1, 1]), st.sampled_from([0, 0.5, 1 - 1e-12, 1, 1 + 1e-12, 1.2])), max_size=6),
)
def test_who_is_near_is_a_matter_of_the_rounded_distance_alone(own, eps, places):
    others = [own + sign * share * eps for sign, share in places]
    near = [x for x in others if round(abs(x - own), 12) <= eps]
    wanted = round(math.fsum((own, *near)) / (len(near) + 1), 12)
    assert rules.hegselmann_krause(facts(own, others), stream(), eps=eps) == wanted


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec["rule"]["kind"])
@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 10_000), low=st.floats(-3, 0), width=st.floats(0.1, 5))
def test_a_whole_run_stays_in_range_and_its_hull_shrinks(spec, seed, low, width):
    design = {"kind": "opinion_scale", **spec, "low": low, "high": low + width, "stop": "never"}
    society = Society(
        {"name": "x", "steps": 4, "world": design, "population": {"n": 8}, "network": {"kind": "ring"}}, seed
    )
    made = society.worlds[0]
    hull = min(made.held), max(made.held)
    while society.running:
        society.step()
        assert all(low <= x <= low + width for x in made.held)
        assert hull[0] - SLACK <= min(made.held)
        assert max(made.held) <= hull[1] + SLACK
        if spec["rule"]["kind"] != "friedkin_johnsen":
            hull = min(made.held), max(made.held)


def test_deffuant_meetings_keep_the_mean():
    rule = {"kind": "deffuant", "eps": 0.5, "mu": 0.3}
    made = world("opinion_scale", {"rule": rule, "group": 2, "stop": "never"}, complete(20))
    before = np.mean(made.held)
    for step in range(1, 30):
        made.open_step(step)
        for agent in range(20):
            take(made, turn(agent, step))
    assert np.mean(made.held) == pytest.approx(before, abs=1e-9)
    assert np.std(made.held) < 0.2


def test_what_is_seen_is_what_others_hold_with_the_weights_of_ties():
    graph = nx.Graph()
    graph.add_nodes_from(range(4))
    graph.add_edge(0, 2, weight=2.5)
    graph.add_edge(0, 3)
    made = world("opinion_scale", {**WORLD, "start": [0.1, 0.2, 0.3, 0.4]}, graph)
    told = asked(made, turn(0)).facts
    assert (told["own"], told["others"], told["weights"], told["start"]) == (0.1, [0.3, 0.4], [2.5, 1.0], 0.1)
    with_self = world("opinion_scale", {**WORLD, "start": [0.1, 0.2, 0.3, 0.4], "include_self": True}, graph)
    assert asked(with_self, turn(0)).facts["others"] == [0.3, 0.4, 0.1]
    assert think(made, turn(1))[1].verb == "rest"


def test_starts():
    made = world("opinion_scale", {**WORLD, "low": 2.0, "high": 4.0}, nx.empty_graph(2000))
    assert abs(np.mean(made.held) - 3) < 4 * (2 / 12**0.5) / 2000**0.5
    assert min(made.held) >= 2
    assert max(made.held) < 4
    assert made.starts == made.held
    in_turn = world("opinion_scale", {**WORLD, "start": [0.0, 0.5]}, nx.empty_graph(5))
    assert in_turn.held == [0.0, 0.5, 0.0, 0.5, 0.0]
    people = [{"x": 0.25}, {"x": 1}]
    assert world("opinion_scale", {**WORLD, "start_trait": "x"}, complete(2), people).held == [0.25, 1.0]
    for wrong in (7, "a", None, True):
        with pytest.raises(ScenarioError, match="agent 0 has x="):
            world("opinion_scale", {**WORLD, "start_trait": "x"}, complete(2), [{"x": wrong}, {"x": 0}])


def test_a_silence_moves_nobody_and_answers_do():
    made = world("opinion_scale", {**WORLD, "start": [0.0, 1.0]}, complete(2))
    made.open_step(1)
    _, events = take(made, turn(0), lambda ask: silence("unparseable"))
    assert [(e.kind, e.content) for e in events] == [("silent", {"reason": "unparseable"})]
    assert (made.held, made.still) == ([0.0, 1.0], set())
    take(made, turn(0), lambda ask: answer(0.0))
    assert made.still == {0}
    take(made, turn(1), lambda ask: answer(0.25))
    assert (made.held, made.still) == ([0.0, 0.25], set())


def test_it_settles_when_nobody_moves_any_more():
    made = world("opinion_scale", {"rule": "degroot", "start": [0.5]}, complete(3))
    made.open_step(1)
    for agent in range(3):
        take(made, turn(agent))
    made.close_step(1)
    assert made.stopped == "settled"


def test_committed_agents_pull_and_do_not_move():
    spec = {**WORLD, "start": [0.0], "committed": {"n": 2, "to": 1.0, "start": 1, "until": 2}}
    made = world("opinion_scale", spec, complete(3))
    for step in (1, 2, 3):
        made.open_step(step)
        for agent in made.active():
            take(made, turn(agent, step))
        assert made.held[3:] == [1.0, 1.0]
        assert made.MEASURES["mean"].of(made) == np.mean(made.held[:3])
    assert made.held[0] > 0.5
    for to in (2.0, "A"):
        with pytest.raises((ScenarioError, ValueError), match=r"committed\.to"):
            world("opinion_scale", {**spec, "committed": {"n": 1, "to": to}}, complete(3))
