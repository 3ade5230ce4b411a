"""Events fold back: the logged events of a run, folded in order into a fresh world, give its state at any step."""

import pytest

import simsoc
from simsoc.core.words import Event
from simsoc.shelves import SHELVES
from simsoc.society import Society
from simsoc.society.build import people_and_ties, worlds
from simsoc.worlds.setting import Setting

OPINION = {"kind": "opinion", "rule": "voter", "stop": "never"}
PEOPLE = {"n": 14}
ATTRIBUTES = {"source": "attributes", "n": 12, "traits": {"hobby": ["chess", "go"], "town": ["x", "y", "z"]}}

RUNS = {
    "opinion": {"world": {**OPINION, "options": ["A", "B"]}},
    "silent now and then": {
        "world": OPINION,
        "backend": {"model": "scripted", "script": [None, '{"answer": "A"}', '{"answer": "B"}']},
    },
    "together": {"world": OPINION, "activation": "together", "network": {"kind": "erdos_renyi", "degree": 3}},
    "directed": {"world": OPINION, "network": {"kind": "erdos_renyi", "degree": 3, "directed": True}},
    "groups of three": {"world": {**OPINION, "group": 3, "rule": "majority"}},
    "added committed": {"world": {**OPINION, "committed": {"n": 5, "to": "B", "start": 2, "until": 4}}},
    "committed to the end": {"world": {**OPINION, "committed": {"n": 2, "to": "A", "start": 3}}},
    "some committed": {"world": {**OPINION, "committed": {"who": {"share": 0.4}, "to": "B", "start": 2, "until": 4}}},
    "split": {"world": {**OPINION, "split_after": 2}},
    "split without restart": {"world": {**OPINION, "split_after": 2, "restart": False}},
    "split to the end": {"world": {"kind": "opinion", "rule": "voter", "split_after": 1}, "steps": 30},
    "scale": {"world": {"kind": "opinion_scale", "rule": "degroot", "stop": "never"}},
    "deffuant": {"world": {"kind": "opinion_scale", "rule": {"kind": "deffuant", "eps": 0.4}, "group": 2}},
    "scale with committed": {
        "world": {"kind": "opinion_scale", "rule": "degroot", "committed": {"n": 3, "to": 1.0, "start": 2, "until": 3}}
    },
    "newcomers": {
        "world": {"kind": "growth", "design": {"kind": "newcomers", "m": 2}, "rule": "kernel"},
        "steps": None,
    },
    "capped": {"world": {"kind": "growth", "rule": "kernel", "cap": 4}, "steps": None},
    "closure": {
        "world": {"kind": "growth", "design": {"kind": "closure", "links": 2}, "rule": "random"},
        "network": {"kind": "erdos_renyi", "p": 0.2},
        "steps": None,
    },
    "homophily": {
        "world": {"kind": "growth", "design": "homophily", "rule": "similar", "attributes": ["hobby", "town"]},
        "population": ATTRIBUTES,
        "network": "empty",
        "steps": None,
    },
    "acceptance": {
        "world": {
            "kind": "growth",
            "design": {"kind": "homophily", "acceptance": {"kind": "shares", "least": 2}},
            "rule": "similar",
            "attributes": ["hobby", "town"],
        },
        "population": ATTRIBUTES,
        "steps": None,
    },
    "small world": {
        "world": {"kind": "growth", "design": {"kind": "small_world", "beta": 0.6}, "rule": "random"},
        "network": {"kind": "ring", "k": 4},
        "steps": None,
    },
    "audit": {
        "world": {"kind": "growth", "design": {"kind": "audit", "candidates": 5, "shows": 20}, "rule": "random"},
        "steps": None,
    },
    "growth with silences": {
        "world": {"kind": "growth", "rule": "random"},
        "backend": "scripted/silent",
        "steps": None,
    },
}

TWITTER = {
    "world": {
        "kind": "twitter",
        "show": {"party": True},
        "unfollow": True,
        "rule": {"kind": "partisan", "unfollow": 0.5},
    },
    "population": {
        "source": "inline",
        "people": [
            {"party": p, "partisan": x} for p, x in [("democrat", -0.8), ("republican", 0.7), ("none", 0.0)] * 4
        ],
    },
    "network": {"kind": "partisan", "degree": 4},
}
RUNS |= {
    "tweets": TWITTER,
    "tweets of several at once": {**TWITTER, "activation": {"kind": "rate", "activity": 0.7}},
    "a following that grows": {
        **TWITTER,
        "world": {"kind": "twitter", "design": "growing", "rule": {"kind": "blind", "repost": 0.6}},
        "network": {"kind": "empty", "directed": True},
        "steps": 60,
    },
    "tweets with interventions": {
        **TWITTER,
        "interventions": [
            {"at": 2, "who": {"n": 2}, "do": {"kind": "inject", "item": {"post": "Hear, hear.", "mark": "it"}}},
            {"at": 3, "until": 4, "who": {"share": 0.3}, "do": "suspend"},
            {"at": 4, "do": {"kind": "inject", "item": {"note": "No.", "on": "it"}}},
            {"at": 4, "do": {"kind": "inject", "item": {"news": {"headline": "A quiet day"}}}},
        ],
    },
}

STATE = (
    "counts",
    "notes",
    "marked",
    "via",
    "tone",
    "suspended",
    "party",
    "held",
    "frozen",
    "group",
    "tally",
    "n",
    "turns",
    "starts",
    "degrees",
    "choices",
    "picks",
    "silent",
    "initial",
)


def state(world):
    """All that a world knows, as far as it has it."""
    graph = world.setting.ties.graph
    found = {name: getattr(world, name) for name in STATE if hasattr(world, name)}
    if "degrees" in found:
        found["degrees"] = {k: n for k, n in found["degrees"].items() if n}
    if "marked" in found:
        found |= {
            "contacts": world.contacts.tables,
            "items": world.items.ids,
            "likes": world.items.column("likes").tolist(),
        }
        found |= {"hidden": world.items.hidden, "headlines": len(world.news.all)}
    return {
        **found,
        "nodes": sorted(graph),
        "ties": sorted(tuple(sorted(e)) if not graph.is_directed() else e for e in graph.edges),
    }


def bare(scenario):
    """A world at which nothing has happened yet."""
    people, ties = people_and_ties(scenario, scenario.seed)
    setting = Setting(scenario.seed, people, ties, SHELVES, lambda agent, step: ties.add_agent(agent), scenario.choice)
    return worlds(scenario, setting)[0]


@pytest.mark.parametrize("name", RUNS)
def test_events_fold_back(name, tmp_path):
    scenario = simsoc.load({"name": "x", "seed": 3, "steps": 6, "population": PEOPLE, **RUNS[name]})
    society = Society(scenario, log=tmp_path / "run.db")
    by_step = {}
    while society.running:
        society.step()
        by_step[society.engine.clock] = repr(state(society.worlds[0]))
    assert len(by_step) > 1 or society.length == 1

    folded = bare(scenario)
    if not hasattr(folded, "held"):
        assert folded.begin() == [], "takes stock of the network; nothing happens"
    with simsoc.open_run(tmp_path / "run.db") as run:
        events = list(run.stored_events())
        for step in range(max(by_step) + 1):
            for event in (event for event in events if event.step == step):
                folded.fold(event)
            if step:
                assert repr(state(folded)) == by_step[step]
        graph = run.graph()
    ends = sorted(tuple(sorted(e)) if not graph.is_directed() else e for e in graph.edges)
    assert ends == state(folded)["ties"], "and the ties in the log are the same"
    assert sorted(graph) == state(folded)["nodes"]


def test_events_of_several_worlds_fold_into_their_own(tmp_path):
    design = [OPINION, {"kind": "opinion_scale", "rule": "degroot", "stop": "never"}]
    scenario = simsoc.load({"name": "x", "steps": 4, "population": {"n": 6}, "world": design})
    society = Society(scenario, log=tmp_path / "run.db")
    society.run_model()
    people, ties = people_and_ties(scenario, scenario.seed)
    setting = Setting(scenario.seed, people, ties, SHELVES, lambda agent, step: None, scenario.choice)
    folded = {world.kind: world for world in worlds(scenario, setting)}
    with simsoc.open_run(tmp_path / "run.db") as run:
        for event in run.stored_events():
            whose, _, kind = event.kind.rpartition(".")
            folded[whose].fold(Event(event.step, event.turn, event.agent, kind, event.content))
        assert set(run.opinions_of("opinion")["opinion"]) == {"A", "B"}
        last = run.opinions_of("opinion_scale")
        assert list(last[last["step"] == 4]["opinion"]) == society.worlds[1].held
    assert [state(world) for world in folded.values()] == [state(world) for world in society.worlds]
