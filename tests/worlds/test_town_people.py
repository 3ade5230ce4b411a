"""People who come to live in a town, leave it, get to know each other from outside, or become somebody else."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import simsoc
from simsoc.core.errors import ScenarioError
from simsoc.society import Society
from simsoc.worlds.town import answers
from tests.virtual import RULES, Stub, VirtualHub, lognormal
from tests.worlds.test_town import SMALL, bare, state

NOON = 361  # step at 12:00
ADA = {
    "name": "Ada",
    "home": "Green",
    "relations": {"Mara": "cousin"},
    "memories": "Ada has come from far away; Ada likes singing",
    "routine": [
        {"from": "22:00", "to": "07:00", "at": "Green", "doing": "sleeping"},
        {"from": "12:00", "to": "18:00", "at": "Kiosk", "doing": "watching people"},
    ],
}
JOIN = {"at": NOON, "do": {"kind": "join", "traits": ADA}}


def with_(*interventions, **more):
    return simsoc.load(SMALL, {"interventions": list(interventions), **more})


def lived(scenario, log=None, **how):
    society = Society(scenario, log=log, **how)
    society.run_model()
    return society


def rebuilt_from_events(scenario, log):
    """The same town made by folding what is in its log."""
    world = bare(scenario)
    with simsoc.open_run(log) as run:
        for event in run.stored_events():
            if event.kind.startswith("society."):
                world.setting.fold(event)
            world.fold(event)
    return world


def whole(world):
    """Nobody who is gone is anywhere, everybody else is in one place, and those in a talk have a partner there."""
    for agent, being in enumerate(world.beings):
        spots = [spot for spot, there in world.here.items() if agent in there]
        if agent in world.gone:
            assert spots == []
            assert agent not in world.ways
            assert being.talk is None
            continue
        assert spots == ([] if being.way is not None else [being.at])
        if being.talk is not None:
            assert being.talk.partner not in world.gone
            assert world.beings[being.talk.partner].talk.partner == agent


def test_a_newcomer_lives_in_the_town(tmp_path):
    scenario = with_(JOIN)
    society = lived(scenario, tmp_path / "r.db")
    world = society.worlds[0]
    assert [d.name for d in world.dwellers][5:] == ["Ada"]
    assert world.dwellers[5].home == "Green"
    assert 0 in world.known[5]
    texts = [record.text for record in world.memories[5].view().latest(None, 0.0)]
    assert "Ada likes singing" in texts
    assert any(text.startswith("Ada plans for day 1") for text in texts)
    with simsoc.open_run(tmp_path / "r.db") as run:
        assert {"where", "wake"} & {p.rpartition("/")[2] for p in run.asks[run.asks["agent"] == 5]["purpose"]}
        assert set(run.events_of("do").query("agent == 5")["step"]) > set()
        assert run.memories.query("agent == 5")["event"].notna().all()
    assert repr(state(rebuilt_from_events(scenario, tmp_path / "r.db"))) == repr(state(world))


def test_nobody_is_moved_by_a_newcomer_whom_nobody_meets():
    """Ada stays at a home of her own: the others live as without her, to the last memory."""
    at_home = [{"from": "10:00", "to": "09:59", "at": "Hut", "doing": "sleeping"}]
    hermit = {"name": "Ada", "home": "Hut", "routine": at_home}
    other = lived(with_({"at": 2, "do": {"kind": "join", "traits": hermit}}, **{"world.out": 0.0}))
    same = lived(with_(**{"world.out": 0.0}))
    ours = [memory.view().latest(None, 0.0) for memory in other.worlds[0].memories[:5]]
    assert ours == [memory.view().latest(None, 0.0) for memory in same.worlds[0].memories]
    assert len(other.worlds[0].beings) == 6


def test_who_leaves_is_not_there_any_more(tmp_path):
    scenario = with_({"at": NOON + 5, "who": {"ids": [1]}, "do": {"kind": "leave"}})
    society = lived(scenario, tmp_path / "r.db")
    world = society.worlds[0]
    whole(world)
    with simsoc.open_run(tmp_path / "r.db") as run:
        later = [e for e in run.stored_events() if e.step > NOON + 5]
        assert all(event.agent != 1 and event.content.get("with") != 1 for event in later)
        assert run.agents["agent"].tolist() == [0, 1, 2, 3, 4]
        before, after = answers.acquaintance(run)
        assert (before, after) == pytest.approx(tuple(run.measures["acquaintance"].iloc[[0, -1]]))
    assert repr(state(rebuilt_from_events(scenario, tmp_path / "r.db"))) == repr(state(world))


def test_a_talk_is_over_when_somebody_leaves_in_the_midst_of_it():
    plain = Society(simsoc.load(SMALL))
    while not any(being.talk and being.talk.until for being in plain.worlds[0].beings):
        plain.step()
    step = plain.engine.clock
    agent = next(a for a, being in enumerate(plain.worlds[0].beings) if being.talk)
    partner = plain.worlds[0].beings[agent].talk.partner
    plain.close()
    society = Society(with_({"at": step + 1, "who": {"ids": [agent]}, "do": {"kind": "leave"}}))
    for _ in range(step + 1):
        society.step()
        whole(society.worlds[0])
    assert society.worlds[0].beings[partner].talk is None
    society.run_model()
    whole(society.worlds[0])


def test_two_are_made_known_to_each_other_and_parted(tmp_path):
    tie = {"at": 10, "who": {"ids": [3]}, "do": {"kind": "ties", "to": {"ids": [4]}}}
    untie = {"at": 20, "who": {"ids": [3]}, "do": {"kind": "ties", "to": {"ids": [4]}, "how": "cut"}}
    society = Society(with_(tie, untie))
    for _ in range(15):
        society.step()
    world = society.worlds[0]
    assert 4 in world.known[3]
    assert 3 in world.known[4]
    assert world.mutual == 1 + sum(b in world.known[a] and a in world.known[b] for a in (0, 1, 2) for b in range(a))
    for _ in range(10):
        society.step()
    assert 4 not in world.known[3]
    society.close()


def test_other_traits_are_told():
    change = {"at": 50, "who": {"ids": [0]}, "do": {"kind": "traits", "to": {"mood": "gloomy"}}}
    told = {}

    def look(ask):
        told.setdefault(ask.agent, []).append((ask.step, ask.facts["persona"] if ask.facts.has("persona") else ""))
        return RULES.now(ask).value

    Society(with_(change), backend=look).run_model()
    assert all(("gloomy" in words) == (step >= 50) for step, words in told[0])
    assert not any("gloomy" in words for _, words in told[1])


WRONG = {
    "name": ({"name": "Mara"}, "somebody is called 'Mara' already"),
    "relation": ({"name": "Ada", "relations": ["Mora"]}, "Did you mean 'Mara'?"),
    "place": (
        {"name": "Ada", "routine": [{"from": "8:00", "to": "9:00", "at": "Smithi", "doing": "x"}]},
        "Did you mean 'Smithy'?",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_who_cannot_come_is_told_why(name):
    traits, said = WRONG[name]
    with pytest.raises(ScenarioError) as told:
        Society(with_({"at": 3, "do": {"kind": "join", "traits": traits}}))
    assert said in str(told.value)
    assert "interventions.0.do.traits" in str(told.value)


STEP = st.integers(1, 700)
SOME = st.builds(lambda ids: {"ids": sorted(ids)}, st.sets(st.integers(0, 4), min_size=1, max_size=3))
CHANGES = st.one_of(
    st.builds(
        lambda at, n: {"at": at, "do": {"kind": "join", "n": n, "m": 1, "traits": {"mood": "new"}}},
        STEP,
        st.integers(1, 2),
    ),
    st.builds(lambda at, who: {"at": at, "who": who, "do": {"kind": "leave"}}, STEP, SOME),
    st.builds(lambda at, who, to: {"at": at, "who": who, "do": {"kind": "ties", "to": to}}, STEP, SOME, SOME),
    st.builds(
        lambda at, who, to: {"at": at, "who": who, "do": {"kind": "ties", "to": to, "how": "cut"}}, STEP, SOME, SOME
    ),
)


@settings(max_examples=5, deadline=None)
@given(st.lists(CHANGES, min_size=1, max_size=5), st.integers(1, 8))
def test_whatever_is_done_to_a_town_it_stays_whole(tmp_path_factory, changes, slots):
    log = tmp_path_factory.mktemp("any") / "r.db"
    scenario = with_(*changes, **{"world.days": 0.6})
    society = Society(scenario, log=log)
    while society.running:
        society.step()
        whole(society.worlds[0])
    assert repr(state(rebuilt_from_events(scenario, log))) == repr(state(society.worlds[0]))
    hub, stub = VirtualHub(), Stub(RULES, lognormal(slots, 2.0), slots)
    try:
        other = Society(scenario, backend=stub, hub=hub)
        hub.watch(other._live)
        other.run_model()
    finally:
        hub.close()
    assert other.digest == society.digest
