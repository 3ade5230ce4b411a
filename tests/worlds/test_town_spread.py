"""What goes round in a town (methods.md 1.11.4), and that models, slots, stops and forks change nothing of it."""

import json

import networkx as nx
import pytest

import simsoc
from simsoc.backends.local import mechanistic
from simsoc.core.words import Event
from simsoc.measures import diffusion
from simsoc.scenario.spec import BackendSpec
from simsoc.society import Society
from simsoc.worlds.town.diffusion import attendance, report
from tests.loopback import Loopback, say
from tests.virtual import RULES, Stub, VirtualHub, lognormal

SMALL = "scenarios/town_small.yaml"
WHOLE = "scenarios/town_25.yaml"
BY_RULE = mechanistic("", BackendSpec(), prompts=None, seed=0)
NEWS = [item.model_dump() for item in simsoc.load(WHOLE).world[0].given.news]
PURPOSES = ("importance", "plan", "react", "reflect", "talk")


def always(ask):
    """Talks whenever it can, and tells all that it has in mind; for the rest as the rules have it."""
    if ask.decision.purpose == "react/approach":
        return "yes"
    if ask.decision.purpose == "talk/say":
        mind = "\n".join(record["text"] for record in ask.facts["records"])
        told = [item["text"] for item in NEWS if item["text"] in mind]
        return {"utterance": "\n".join(told) or "Hello", "ends": ask.facts["place"] > 0}
    return BY_RULE.now(ask).value


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    """Fourteen hours of the shipped town with people who always talk and always tell."""
    log = tmp_path_factory.mktemp("town") / "run.db"
    overrides = {
        "world.days": 1,
        "world.start": "08:00",
        "minds.memory": {"mode": "cumulative"},
        "minds.tokens": 1_000_000,
        "minds.planning": False,
        "minds.dialogue": {"cooldown": 60},
    }
    society = Society(simsoc.load(WHOLE, overrides), backend=always, log=log)
    knowing = []
    while society.running:
        society.step()
        knowing.append(society.measured["knowers"])
    with simsoc.open_run(log) as run:
        yield society, run, list(run.stored_events()), knowing


def test_knowing_never_decreases(town):
    _, _, _, knowing = town
    assert knowing == sorted(knowing)
    assert knowing[-1] > 10


def test_every_knower_has_a_source_chat(town):
    society, _, events, _ = town
    talks = {(event.step, event.turn, event.agent): event for event in events if event.kind == "talk"}
    found = diffusion.knowers(events)
    assert {(k.item, k.agent) for k in found} == {(i, a) for i, who in society.worlds[0].knows.items() for a in who}
    for one in found:
        if one.source is None:
            assert one.step == 0
        else:
            talk = talks[one.chat]
            assert {one.agent, one.source} == {talk.agent, talk.content["with"]}
            assert [one.item, one.source] in talk.content["told"]


def test_who_knows_is_the_closure_over_chats_in_time_order(town):
    society, _, events, _ = town
    for item in society.worlds[0].items:
        found = [one for one in diffusion.knowers(events) if one.item == item]
        start = [one.agent for one in found if one.source is None]
        reached = diffusion.closure(diffusion.chats(events), start)
        assert reached == {one.agent: one.step for one in found}
        walked = {start[0]}  # the same by hand: one talk after another
        for talk in sorted((e for e in events if e.kind == "talk"), key=lambda e: e.step):
            pair = {talk.agent, talk.content["with"]}
            walked |= pair if pair & walked else set()
        assert set(reached) == walked


def test_density_counts_mutual_knowledge_only(town):
    society, _, _, _ = town
    world = society.worlds[0]
    knows = {agent: set(others) for agent, others in enumerate(world.known)}
    density = diffusion.mutual_density(knows, len(knows))
    assert density == pytest.approx(society.measured["acquaintance"])
    graph = nx.Graph((a, b) for a in knows for b in knows[a] if a in knows[b])
    graph.add_nodes_from(knows)
    assert density == pytest.approx(nx.density(graph))
    assert nx.utils.graphs_equal(nx.Graph(society.graph.edges), nx.Graph(graph.edges))
    one_sided = diffusion.mutual_density({0: {1}, 1: set(), 2: {0}}, 3)
    assert one_sided == 0.0


def test_the_report_says_who_knew_what_by_when(town):
    _, run, events, knowing = town
    told = report(run)
    assert "Noor Veldman knew it by itself" in told
    assert len(told.splitlines()) == 2 + knowing[-1]
    steps = [step for step, _ in diffusion.by_step(diffusion.knowers(events), "party")]
    assert steps == sorted(set(steps))


def test_claims_without_a_memory_are_invented():
    assert diffusion.check_claims([1, 2, 3], {2, 3, 4}) == (2, 1, 1)


def test_an_item_told_by_somebody_who_does_not_know_it_counts_for_nothing():
    talk = Event(3, 0, 1, "talk", {"with": 2, "minutes": 1, "said": [[1, "x"]], "told": [["party", 1]]})
    start = Event(0, 0, 5, "learn", {"item": "party"})
    assert [k.agent for k in diffusion.knowers([start, talk])] == [5]


def test_invited_and_came(tmp_path):
    society = Society(SMALL, log=tmp_path / "run.db")
    society.run_model()
    with simsoc.open_run(tmp_path / "run.db") as run:
        (row,) = attendance(run)
    assert row["came"] == list(society.worlds[0].held[0].came)
    assert set(row["came"]) <= set(row["invited"])
    assert len(row["invited"]) == society.measured["invited"]


@pytest.mark.parametrize("part", ["memory", "dialogue"])
def test_nothing_spreads_without(part):
    society = Society(simsoc.load(SMALL, {f"minds.{part}": False}))
    society.run_model()
    assert society.measured["knowers"] == 1


# -- models ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("slots", "sigma", "seed"), [(1, 0.8, 1), (3, 2.5, 2), (16, 1.5, 3)])
def test_latencies_and_slots_change_nothing(slots, sigma, seed):
    scenario = simsoc.load(SMALL, {"world.days": 0.7})
    serial = Society(scenario)
    serial.run_model()
    hub, stub = VirtualHub(), Stub(RULES, lognormal(seed, sigma), slots)
    try:
        society = Society(scenario, backend=stub, hub=hub)
        hub.watch(society._live)
        society.run_model()
    finally:
        hub.close()
    assert society.digest == serial.digest
    assert stub.calls > 50
    assert stub.most <= slots


def served(server):
    return {"model": "openai/test", "transport": "lean", "base_url": server.base_url, "slots": 8, "retries": 0}


SHORT = {"world.days": 0.6, "minds.reflection": {"threshold": 4}, "minds.rules": "everyday"}


def memories(society):
    views = [memory.view() for memory in society.worlds[0].memories]
    return [[(record, view.accessed(record.n)) for record in view.latest(None, 0.0)] for view in views]


def early(body, count):
    """A model that gets people up at six, and is otherwise as the loopback is."""
    prompt = body["messages"][-1]["content"]
    return say('{"answer": 6}') if "At which hour do you get up" in prompt else None


@pytest.fixture(scope="module")
def paid(tmp_path_factory):
    """Some hours of a small town against a server."""
    folder = tmp_path_factory.mktemp("paid")
    with Loopback(behave=early) as server:
        society = Society(simsoc.load(SMALL, {**SHORT, "backend": served(server)}), log=folder / "run.db")
        society.run_model()
        yield server, society, folder / "run.db"


def test_every_purpose_is_asked_of_a_model(paid):
    server, _, log = paid
    with simsoc.open_run(log) as run:
        asks = run.asks_with(texts=True)
        assert server.calls == len(asks)
        assert set(asks["status"]) == {"ok"}
        first = {purpose.partition("/")[0] for purpose in asks["purpose"]}
        assert first == set(PURPOSES)
        for prompt in asks["prompt"]:
            for message in json.loads(prompt):
                assert not any(sign in message["content"] for sign in ("{%", "{{", "undefined", "<function"))
    assert simsoc.verify(log) == []


def test_a_stopped_town_goes_on_with_the_same_memories(paid, tmp_path):
    server, whole, _ = paid
    scenario = simsoc.load(SMALL, {**SHORT, "backend": served(server)})
    society = Society(scenario, log=tmp_path / "r.db")
    for _ in range(150):
        society.step()
    society.close()
    calls = server.calls
    again = Society(scenario, log=tmp_path / "r.db", resume=True)
    again.run_model()
    assert memories(again) == memories(whole)
    assert again.digest == whole.digest
    with simsoc.open_run(tmp_path / "r.db") as run:
        assert server.calls - calls == len(run.asks[run.asks["step"] > 150])
        assert len(run.memories) == sum(map(len, memories(whole)))


def test_a_fork_that_changes_nothing_is_free(paid):
    server, whole, log = paid
    calls = server.calls
    with simsoc.fork(log, 100, world__out=0.9) as run:
        assert run.info["digest"] == whole.digest
    assert server.calls == calls


def test_news_from_outside(tmp_path):
    tell = [{"at": 100, "who": {"ids": [3, 4]}, "do": {"kind": "inject", "item": "concert"}}]
    society = Society(simsoc.load(SMALL, {"interventions": tell, "minds.dialogue": False}), log=tmp_path / "r.db")
    society.run_model()
    assert sorted(society.worlds[0].knows["concert"]) == [0, 3, 4]
