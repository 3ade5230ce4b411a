"""The town: places and times, turns, talks, and a run that is rebuilt from its events."""

import msgspec
import pytest

import simsoc
from simsoc.core.errors import ScenarioError
from simsoc.shelves import SHELVES
from simsoc.society import Society
from simsoc.society.build import people_and_ties, worlds
from simsoc.worlds.setting import Setting

SMALL = "scenarios/town_small.yaml"
ARMS = {
    "as shipped": {},
    "no memory": {"minds.memory": False},
    "no reflection": {"minds.reflection": False},
    "no planning": {"minds.planning": False},
    "no talk": {"minds.dialogue": False},
    "tasks": {"minds.planning": {"planner": "tasks", "objective": "Clean up the green"}},
    "bounded": {"minds.memory": {"keep": 8}},
    "no minds": {"minds": "none"},
    "seconds": {"world.step": "30s"},
    "null": {"backend": None},
    "silent": {"backend": "scripted/silent"},
}


def state(world):
    """All that a town knows, in plain words."""
    plain = [
        msgspec.to_builtins(msgspec.structs.asdict(being), enc_hook=lambda one: msgspec.structs.asdict(one))
        for being in world.beings
    ]
    views = [memory.view() for memory in world.memories]
    return {
        "beings": plain,
        "here": sorted((spot, sorted(there)) for spot, there in world.here.items() if there),
        "ways": world.ways,
        "knows": world.knows,
        "known": world.known,
        "mutual": world.mutual,
        "last": world.last,
        "chats": (world.chats, world.chats_of, world.missed),
        "came": [held.came for held in world.held],
        "memories": [[(r, view.accessed(r.n)) for r in view.latest(None, 0.0)] for view in views],
        "since": [view.since for view in views],
        "ties": sorted(tuple(sorted(edge)) for edge in world.setting.ties.graph.edges),
    }


def bare(scenario):
    """A town in which nothing has happened yet."""
    people, ties = people_and_ties(scenario, scenario.seed)
    setting = Setting(scenario.seed, people, ties, SHELVES, lambda agent, step: None, scenario.choice, scenario.minds)
    return worlds(scenario, setting)[0]


@pytest.mark.parametrize("name", ARMS)
def test_a_town_is_rebuilt_from_its_events(name, tmp_path):
    scenario = simsoc.load(SMALL, ARMS[name])
    society = Society(scenario, log=tmp_path / "run.db")
    kept = {}
    while society.running:
        society.step()
        if society.engine.clock in (1, 200, 433, society.length):
            kept[society.engine.clock] = repr(state(society.worlds[0]))
    folded = bare(scenario)
    with simsoc.open_run(tmp_path / "run.db") as run:
        events = list(run.stored_events())
        logged = run.memories
        for step in range(society.length + 1):
            for event in (event for event in events if event.step == step):
                folded.fold(event)
            if step in kept:
                assert repr(state(folded)) == kept[step]
        ends = sorted(tuple(sorted(edge)) for edge in run.graph().edges)
    assert ends == state(folded)["ties"]
    assert len(logged) == sum(memory.total for memory in folded.memories)
    assert simsoc.verify(tmp_path / "run.db") == []


def test_the_log_has_the_memories(tmp_path):
    society = Society(SMALL, log=tmp_path / "run.db")
    society.run_model()
    with simsoc.open_run(tmp_path / "run.db") as run:
        logged = run.memories
    for agent, memory in enumerate(society.worlds[0].memories):
        own = logged[logged["agent"] == agent]
        records = memory.view().latest(None, 0.0)[::-1]
        assert list(own["text"]) == [record.text for record in records]
        assert list(own["kind"]) == [record.kind for record in records]
        assert list(own["depth"]) == [record.depth for record in records]


def test_quiet_minutes_cost_nothing():
    society = Society(SMALL)
    society.run_model()
    assert society.engine.turns < 0.05 * society.length * len(society.people)


def test_nobody_is_in_two_talks_or_two_places():
    society = Society("scenarios/town_25.yaml", world__days=0.6, world__start="08:00")
    world = society.worlds[0]
    while society.running:
        society.step()
        for agent, being in enumerate(world.beings):
            spots = [spot for spot, there in world.here.items() if agent in there]
            assert spots == ([] if being.way is not None else [being.at])
            if being.talk is not None:
                other = world.beings[being.talk.partner]
                assert other.talk.partner == agent
                assert other.talk.begins != being.talk.begins
                assert other.at == being.at
                assert other.talk.until == being.talk.until
    assert world.chats > 10


def test_ways_take_their_minutes(tmp_path):
    society = Society(SMALL, log=tmp_path / "run.db")
    society.run_model()
    town = society.worlds[0].map
    left, took = {}, 0
    where = {agent: dweller.home for agent, dweller in enumerate(society.worlds[0].dwellers)}
    with simsoc.open_run(tmp_path / "run.db") as run:
        for event in run.stored_events():
            if event.kind == "do" and "to" in event.content:
                left[event.agent] = event.step
            elif event.kind == "arrive":
                way = town.minutes(where[event.agent], event.content["at"])
                assert event.step - left[event.agent] == max(1, way)
                where[event.agent] = event.content["at"]
                took += 1
    assert took > 20


def test_nobody_is_where_it_is_closed():
    society = Society("scenarios/town_25.yaml", world__days=1)
    world = society.worlds[0]
    while society.running:
        society.step()
        now = world.now(society.engine.clock)
        for spot, there in world.here.items():
            for agent in there:
                inside = spot == world.dwellers[agent].home or world.map.open(spot, now)
                assert inside or world.beings[agent].talk is not None, (now, spot, agent)


def test_a_pair_has_to_wait_before_it_talks_again(tmp_path):
    society = Society(SMALL, log=tmp_path / "run.db", minds__rules={"approach": 1.0, "kind": "everyday"})
    society.run_model()
    last = {}
    with simsoc.open_run(tmp_path / "run.db") as run:
        for event in run.stored_events():
            if event.kind == "part":
                last[frozenset((event.agent, event.content["with"]))] = event.step
            elif event.kind == "meet":
                since = last.get(frozenset((event.agent, event.content["with"])))
                assert since is None or event.step - since >= 133 - 1


def test_a_default_town_needs_people_alone():
    society = Society({"name": "x", "world": {"kind": "town", "days": 1}, "population": {"n": 8}})
    society.run_model()
    assert society.measured["chats"] > 0


WRONG = {
    "place": ({"world.places": [{"name": "Green", "ties": {"Kiosc": 1}}, {"name": "Kiosk"}]}, "Did you mean 'Kiosk'?"),
    "holder": ({"world.news": [{"name": "a", "text": "b", "holder": "Maru"}], "world.occasions": []}, "'Mara'?"),
    "occasion": (
        {"world.occasions": [{"news": "consert", "at": "Green", "from": "18:00", "to": "19:00", "doing": "x"}]},
        "Did you mean 'concert'?",
    ),
    "time": ({"world.start": "25:00"}, "write a time of day"),
    "step": ({"world.step": "7s"}, "a whole number"),
    "routine": ({"population.people": [{"name": "Mara", "routine": [{"from": "08:00", "too": "9"}]}]}, "'to'?"),
    "where": (
        {
            "population.people": [
                {"name": "Mara", "routine": [{"from": "8:00", "to": "9:00", "at": "Smithi", "doing": "x"}]}
            ]
        },
        "Did you mean 'Smithy'?",
    ),
    "room": (
        {
            "population.people": [
                {"name": "Mara", "routine": [{"from": "8:00", "to": "9:00", "at": "Smithy/cellar", "doing": "x"}]}
            ]
        },
        "has no room 'cellar'",
    ),
    "relation": ({"population.people": [{"name": "Mara", "relations": ["Mora"]}]}, "Did you mean 'Mara'?"),
    "measure": ({"measures": ["knowin"]}, "Did you mean 'knowing'?"),
}


@pytest.mark.parametrize("name", WRONG)
def test_mistakes_are_told_with_the_nearest_guess(name):
    overrides, said = WRONG[name]
    with pytest.raises(ScenarioError) as told:
        simsoc.load(SMALL, overrides)
    assert said in str(told.value)


def test_words_that_are_no_single_token_cannot_be_read_off(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    with pytest.raises(ScenarioError, match="choice: logprobs needs labels of one token"):
        Society(simsoc.load(SMALL, {"choice": "logprobs", "backend": "openai/test"}))
    Society(simsoc.load(SMALL, {"choice": "elicit", "backend": "openai/test"})).close()
