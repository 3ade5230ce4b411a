"""Faults that were found by trying things nobody had meant, and stay mended."""

import networkx as nx
import pytest

import simsoc
from simsoc.core.errors import ScenarioError
from simsoc.society import Society

from .by_hand import answer, asked, silence, take, think, turn, world

VOTER = {"kind": "opinion", "rule": "voter"}


def made(design, seed=None, **more):
    return Society({"name": "x", "steps": 20, "population": {"n": 6}, "world": design, **more}, seed)


def ended(design, seed=None, **more):
    society = made(design, seed, **more)
    society.run_model()
    return society


def test_three_options_of_which_the_third_wins():
    society = ended({**VOTER, "options": ["A", "B", "C"], "start": {"C": 0.8, "A": 0.2}})
    assert society.ended == "consensus"


def test_consensus_is_looked_at_when_all_have_moved():
    society = ended(VOTER, population={"n": 2}, activation="together")
    assert society.measured["abs_magnetisation"] == 1 or society.ended != "consensus"


def test_who_meets_nobody_rests():
    society = ended({**VOTER, "group": 2}, network="empty")
    assert society.ended == "all steps done"


def test_silence_is_not_settled():
    society = ended({"kind": "opinion_scale", "rule": "degroot"}, backend="scripted/silent")
    assert society.ended != "settled"


def test_a_step_in_which_few_had_a_turn_is_not_settled():
    """Clocks that tick at random leave some out of a step: two who are far apart have not settled."""
    ends = [
        ended({"kind": "opinion_scale", "rule": "degroot", "start": [0.0, 1.0]}, seed, population={"n": 2})
        for seed in range(20)
    ]
    assert all(abs(s.worlds[0].held[0] - s.worlds[0].held[1]) < 0.01 for s in ends if s.ended == "settled")


def test_a_commitment_that_is_still_to_come_keeps_a_run_going():
    society = ended({**VOTER, "start": {"A": 1}, "committed": {"n": 5, "to": "B", "start": 3}})
    assert society.engine.clock >= 3


def test_a_commitment_that_ends_before_it_begins_is_refused():
    with pytest.raises(ScenarioError, match="until"):
        made({**VOTER, "committed": {"n": 1, "to": "B", "start": 3, "until": 1}})


@pytest.mark.parametrize("wrong", [{"curve": "gpt-5"}, {"curve": "gpt-4", "size": 51}])
def test_unknown_curves_are_refused_at_load(wrong):
    with pytest.raises(ScenarioError, match="Did you mean"):
        simsoc.load({"name": "x", "steps": 1, "world": {**VOTER, "rule": {"kind": "published", **wrong}}})


def test_keys_that_do_nothing_are_refused():
    with pytest.raises(ScenarioError, match="split_after"):
        made({"kind": "opinion_scale", "rule": "degroot", "split_after": 2})


def test_rounding_does_not_leave_the_scale():
    society = ended({"kind": "opinion_scale", "rule": "degroot", "high": 2 / 3, "start": [2 / 3]})
    assert society.ended == "settled"


def test_pairwise_rules_want_pairs():
    with pytest.raises(ScenarioError, match="group"):
        made({"kind": "opinion_scale", "rule": {"kind": "deffuant", "eps": 0.3}})


def test_two_worlds_of_one_kind_are_refused():
    """They would ask under the same identities."""
    with pytest.raises(ScenarioError, match="one of each kind"):
        simsoc.load({"name": "x", "steps": 3, "population": {"n": 6}, "world": [{**VOTER, "stop": "never"}] * 2})


def test_measures_can_be_named_with_their_world():
    design = [{**VOTER, "stop": "never"}, {"kind": "opinion_scale", "rule": "degroot", "stop": "never"}]
    society = ended(design, measures=["opinion.magnetisation", "opinion_scale.spread"])
    assert len(society.measured) == 2


def test_a_network_larger_than_the_people_at_the_start_is_refused():
    with pytest.raises(ScenarioError, match=r"network|population"):
        ended({"kind": "growth", "rule": "random"}, network="karate_club", population="blank", steps=None)


def test_somebody_whom_a_world_does_not_take_is_not_there():
    society = made({"kind": "growth", "rule": "random"}, population={"n": 4}, steps=None)
    with pytest.raises(ScenarioError):
        society.add_person()
    society.run_model()
    assert len(society.people) == 4


def test_attributes_that_nobody_has_are_refused():
    with pytest.raises(ScenarioError, match="hobbby"):
        made({"kind": "growth", "rule": "similar", "design": "homophily", "attributes": ["hobbby"]},
             population={"source": "inline", "people": [{"hobby": "go"}] * 4}, network="empty", steps=None)  # fmt: skip


@pytest.mark.parametrize(("design", "network"), [("small_world", "empty"), ("closure", "complete")])
def test_designs_without_anything_to_choose_are_refused(design, network):
    with pytest.raises(ScenarioError, match="network"):
        made({"kind": "growth", "rule": "random", "design": design}, network=network, steps=None)


def test_an_acceptance_rule_that_reads_what_is_hidden_is_refused():
    design = {"kind": "homophily", "acceptance": {"kind": "shares"}}
    with pytest.raises(ScenarioError, match="attributes"):
        made({"kind": "growth", "rule": "random", "design": design}, steps=None)


def test_the_other_side_that_does_not_answer_has_not_declined():
    design = {"kind": "homophily", "links": 1, "acceptance": "always"}
    choosing = world("growth", {"rule": "random", "design": design}, nx.empty_graph(4))
    _, events = take(choosing, turn(0), lambda ask: answer([2]) if ask.purpose == "choose" else silence())
    assert "silent" in {event.kind for event in events}


def test_neighbour_lists_do_not_give_age_away():
    graph = nx.star_graph(6)
    hub = world("growth", {"rule": "random", "design": {"kind": "audit", "candidates": 5}, "show_neighbours": True,
                           "names": "fixed"}, graph)  # fmt: skip
    orders = {
        tuple(line["neighbours"])
        for step in range(1, 20)
        for line in asked(hub, turn(6, step)).facts["listing"]
        if len(line["neighbours"]) > 1
    }
    assert len(orders) > 1


def test_the_committed_are_not_asked():
    committed = {"who": {"ids": [0]}, "to": "B"}
    meeting = world(
        "opinion", {"rule": "voter", "group": 3, "committed": committed, "start": {"A": 1}}, nx.complete_graph(3)
    )
    meeting.open_step(1)
    assert [ask.agent for ask in think(meeting, turn(1))[0]] == [1, 2]


def test_a_group_is_told_what_it_held_when_it_met():
    meeting = world("opinion", {"rule": "voter", "group": 3, "start": {"A": 1}, "stop": "never"}, nx.complete_graph(3))
    meeting.open_step(1)
    view = meeting.observe(turn(0))
    thought = meeting.decide(view)
    next(thought)
    take(meeting, turn(1), lambda ask: answer("B") if ask.agent == 1 else silence())
    assert thought.send(answer("A")).facts["own"] == "A"


@pytest.mark.parametrize("prompts", [{"opinion/frends": "my.j2"}, {"opinion/friends": "nowhere.j2"}])
def test_prompts_that_do_not_exist_are_refused_before_a_run(prompts):
    with pytest.raises(ScenarioError, match="prompts"):
        made(VOTER, prompts=prompts)
