"""The society and its worlds are rebuilt from events, at every step; and a stopped run is the same when resumed."""

import pytest

import simsoc
from simsoc.core.words import Event
from simsoc.running import resume
from simsoc.shelves import SHELVES
from simsoc.society import Society
from simsoc.society.build import people_and_ties, worlds
from simsoc.worlds.setting import SOCIETY, Setting

from .making import BASE, FOLLOWING, GROWTH, OPINION, SCALE, TWO

D = {"traits": {"party": "D"}}
STATE = ("held", "frozen", "gone", "group", "tally", "n", "turns", "starts", "degrees", "choices", "silent")
TO_OPINIONS = [
    {"at": 2, "do": {"kind": "join", "n": 2, "m": 3, "traits": {"party": "X"}}},
    {"at": 2, "who": {"degree": {"top": 3}}, "do": "leave"},
    {
        "at": 3,
        "every": 2,
        "until": 9,
        "who": {"share": 0.3},
        "do": {"kind": "traits", "to": {"party": "R", "age": None}},
    },
    {"at": 4, "until": 6, "do": {"kind": "set", "keys": {"activation": "together"}}},
    {"at": 4, "every": 3, "who": {"n": 4}, "do": {"kind": "ties", "to": {}, "m": 2}},
    {"at": 5, "every": 3, "who": {}, "do": {"kind": "ties", "to": D, "how": "cut", "share": 0.2}},
    {"at": 6, "do": {"kind": "ties", "add": [[5, 6], [6, 7]], "weight": 2}},
    {"at": 7, "do": {"kind": "seed", "to": 11}},
    {"at": 8, "until": 9, "who": {"share": 0.5}, "do": {"kind": "backend", "to": "null"}},
]
RUNS = {
    "opinion": (BASE, [*TO_OPINIONS, {"at": 5, "every": 2, "who": {"n": 3}, "do": {"kind": "inject", "item": "B"}}]),
    "following": (FOLLOWING, TO_OPINIONS),
    "scale": (SCALE, [*TO_OPINIONS, {"at": 5, "who": {"n": 3}, "do": {"kind": "inject", "item": 0.25}}]),
    "two": (TWO, [*TO_OPINIONS, {"at": 5, "who": {"n": 3}, "do": {"kind": "inject", "item": "A", "world": "opinion"}}]),
    "split": ({**BASE, "world": {**OPINION, "split_after": 3}}, TO_OPINIONS),
    "committed": (
        {**BASE, "world": {**OPINION, "committed": {"who": {"share": 0.4}, "to": "B", "start": 3, "until": 5}}},
        TO_OPINIONS,
    ),
    "growth": (GROWTH, TO_OPINIONS[1:3] + TO_OPINIONS[4:6] + TO_OPINIONS[7:]),
}


def state(setting, several):
    graph = setting.ties.graph
    found = [{name: getattr(world, name) for name in STATE if hasattr(world, name)} for world in several]
    for one in found:
        if "degrees" in one:
            one["degrees"] = {k: n for k, n in sorted(one["degrees"].items()) if n}
    ties = sorted((*(sorted(e[:2]) if not graph.is_directed() else e[:2]), repr(e[2])) for e in graph.edges(data=True))
    return repr((found, setting.people, sorted(graph), ties))


def scenario(name):
    base, interventions = RUNS[name]
    return simsoc.load({**base, "interventions": interventions})


@pytest.mark.parametrize("name", RUNS)
def test_events_rebuild_the_society(name, tmp_path):
    society = Society(scenario(name), log=tmp_path / "run.db")
    by_step = {}
    while society.running:
        society.step()
        by_step[society.engine.clock] = state(society.timeline.setting, society.worlds)

    people, ties = people_and_ties(society.scenario, 3)
    setting = Setting(3, people, ties, SHELVES, lambda agent, step: ties.add_agent(agent))
    folded = worlds(society.scenario, setting)
    if name == "growth":
        folded[0].begin()
    with simsoc.open_run(tmp_path / "run.db") as run:
        events = list(run.stored_events())
        assert {event.kind for event in events} >= {"society.leave", "society.tie", "society.untie", "society.traits"}
        for step in range(max(by_step) + 1):
            for event in (event for event in events if event.step == step):
                _fold(event, setting, folded)
            if step:
                assert state(setting, folded) == by_step[step]
            graph = run.graph(step)
            assert sorted(graph) == sorted(ties.graph)
            assert {frozenset(e) for e in graph.edges} == {frozenset(e) for e in ties.graph.edges}
            for agent in graph:
                assert {t: v for t, v in graph.nodes[agent].items() if t not in ("label", "born_step")} == people[agent]
    assert simsoc.verify(tmp_path / "run.db") == []


def _fold(event, setting, folded):
    if event.kind.startswith(SOCIETY):
        setting.fold(event)
        for world in folded:
            world.fold(event)
        return
    whose, _, kind = event.kind.rpartition(".")
    world = folded[0] if not whose else next(world for world in folded if world.kind == whose)
    world.fold(Event(event.step, event.turn, event.agent, kind, event.content))


@pytest.mark.parametrize("stop", [1, 4, 5, 8])
@pytest.mark.parametrize("name", ["opinion", "two", "growth"])
def test_a_resumed_run_is_the_same(name, stop, tmp_path):
    whole = Society(scenario(name), log=tmp_path / "whole.db")
    whole.run_model()
    begun = Society(scenario(name), log=tmp_path / "begun.db")
    for _ in range(stop):
        begun.step()
    begun.close()
    with resume(tmp_path / "begun.db") as run, simsoc.open_run(tmp_path / "whole.db") as other:
        assert run.info["digest"] == other.info["digest"] == whole.digest
        same = [
            "SELECT step, kind, content FROM note WHERE kind = 'intervention' ORDER BY id",
            "SELECT a, b, from_step, to_step, attributes FROM tie ORDER BY id",
            "SELECT id, born_step, traits FROM agent ORDER BY id",
            "SELECT step, name, value FROM measure ORDER BY step, name",
            'SELECT step, agent, turn, purpose, "by", value, facts FROM ask ORDER BY id',
        ]
        for rows in same:
            assert run.rows(rows) == other.rows(rows), rows
    assert simsoc.verify(tmp_path / "begun.db") == []


def test_a_scenario_with_interventions_comes_back_from_its_log(tmp_path):
    with simsoc.run(scenario("opinion"), log=tmp_path / "run.db") as run:
        assert simsoc.load(run.scenario) == scenario("opinion")


def test_somebody_added_by_hand_is_in_the_events(tmp_path):
    society = Society(BASE, log=tmp_path / "run.db")
    society.add_person(party="X")
    society.run_model()
    with simsoc.open_run(tmp_path / "run.db") as run:
        (event,) = [event for event in run.stored_events() if event.kind == "society.join"]
        assert event.content == {"who": 24, "traits": {"party": "X"}}
