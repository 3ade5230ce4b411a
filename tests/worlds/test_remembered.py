"""Memories in the log: where each comes from, and that a stop, a fork or a kill, latencies and slots change none."""

import pytest
import yaml

import simsoc
from simsoc.scenario.explain import to_yaml
from simsoc.society import Society
from tests.killing import Nursery, killed_run
from tests.timing import often
from tests.virtual import RULES, Stub, VirtualHub, lognormal
from tests.worlds.remembering import traced

TOWN = {
    "world.days": 0.6,
    "minds.reflection": {"threshold": 30},
    "surveys": [
        {
            "name": "poll",
            "at": {"from": 60, "every": 120},
            "remembered": True,
            "questions": [{"name": "well", "ask": "Are you well?", "choice": ["yes", "no"]}],
        }
    ],
}
VERBAL = {
    "name": "verbal",
    "steps": 5,
    "seed": 4,
    "world": {
        "kind": "opinion_verbal",
        "topic": "The earth is flat.",
        "memory": "reflective",
        "rule": {"kind": "persuasion", "attraction": 0.4, "drift": 0.18, "lean": -2, "weak": 0.46, "strong": 0.75},
    },
    "population": {"n": 8},
    "network": "complete",
}
DESIGNS = {"town": lambda: simsoc.load("scenarios/town_small.yaml", TOWN), "verbal": lambda: simsoc.load(VERBAL)}
each_design = pytest.mark.parametrize("name", DESIGNS)


def served(scenario, log, slots=8, seed=1, sigma=2.0, steps=None, **how):
    """A run, or its first steps, on models that are a rule on a virtual clock."""
    hub, stub = VirtualHub(), Stub(RULES, lognormal(seed, sigma), slots)
    try:
        society = Society(scenario, backend=stub, hub=hub, log=log, **how)
        hub.watch(society._live)
        if steps is None:
            society.run_model()
        for _ in range(steps or 0):
            society.step()
        society.close()
    finally:
        hub.close()
    return society


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Each design run in one go on rules: its society, its log, and what is remembered."""
    folder, made = tmp_path_factory.mktemp("whole"), {}
    for name, design in DESIGNS.items():
        society = Society(design(), log=folder / f"{name}.db")
        society.run_model()
        made[name] = (society, folder / f"{name}.db", traced(folder / f"{name}.db"))
    return made


@each_design
def test_every_memory_knows_where_it_comes_from(name, whole):
    _, log, rows = whole[name]
    assert len(rows) > 20
    assert any(row["by"] for row in rows)
    made_up = [row for row in rows if row["kind"] in ("thought", "plan", "chat")]
    assert made_up
    assert all(row["by"] is not None for row in made_up), "what somebody made up was asked for"
    assert all(row["by"] is None for row in rows if row["kind"] == "seed")
    assert simsoc.verify(log) == []


def test_what_is_remembered_of_a_survey_names_the_question(whole):
    _, _, rows = whole["town"]
    asked = [row for row in rows if "was asked" in str(row["predicate"])]
    assert asked
    assert all(row["by"][4] == "survey/poll/well" for row in asked)


@each_design
@pytest.mark.parametrize(("slots", "sigma"), [(1, 1.0), (3, 2.5), (32, 1.5)])
def test_latencies_and_slots_change_no_memory(name, slots, sigma, whole, tmp_path):
    society, _, rows = whole[name]
    again = served(DESIGNS[name](), tmp_path / "r.db", slots, slots, sigma)
    assert again.digest == society.digest
    assert traced(tmp_path / "r.db") == rows


@each_design
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_stopped_run_goes_on_with_the_same_memories(name, share, whole, tmp_path):
    society, _, rows = whole[name]
    served(DESIGNS[name](), tmp_path / "r.db", steps=int(society.length * share))
    again = served(DESIGNS[name](), tmp_path / "r.db", slots=3, seed=9, resume=True)
    assert again.digest == society.digest
    assert traced(tmp_path / "r.db") == rows


@each_design
@pytest.mark.parametrize("share", [0, 0.3, 0.8])
def test_a_fork_has_the_memories_of_its_parent(name, share, whole, tmp_path):
    """All of them where nothing is changed, those of the past where the future has another seed."""
    society, log, rows = whole[name]
    at = int(society.length * share)
    simsoc.fork(log, at, log=tmp_path / "same.db").close()
    assert traced(tmp_path / "same.db") == rows
    simsoc.fork(log, at, seed=77, log=tmp_path / "other.db").close()
    other = traced(tmp_path / "other.db")
    past = [row for row in rows if int(row["step"]) <= at]
    assert [{**row, "last_access": 0} for row in other if int(row["step"]) <= at] == [
        {**row, "last_access": 0} for row in past
    ]
    assert other != rows, "another seed is another future"


def test_plans_and_beings_of_a_fork_are_those_of_its_parent(whole, tmp_path):
    from simsoc.society.rebuilding import rebuilt
    from tests.worlds.test_town import state

    _, log, _ = whole["town"]
    simsoc.fork(log, 300, world__out=0.9, log=tmp_path / "f.db").close()
    one, other = rebuilt(log, 300), rebuilt(tmp_path / "f.db", 300)
    assert repr(state(one.worlds[0])) == repr(state(other.worlds[0]))
    assert any(being.plan is not None for being in one.worlds[0].beings)


# -- kill -9 -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", often(range(1, 5), 1))
def test_a_killed_town_comes_out_with_the_same_memories(number, tmp_path):
    """SIGKILL at random moments of a town that talks to a server over HTTP."""
    scenario = plain("scenarios/town_small.yaml", {**TOWN, "world.days": 0.4, "minds.reflection": {"threshold": 4}})
    with Nursery() as nursery:
        assert killed_run(nursery, tmp_path, number, 4, scenario, traced) >= 1


def test_killed_verbal_opinions_come_out_with_the_same_memories(tmp_path):
    with Nursery() as nursery:
        assert killed_run(nursery, tmp_path, 2, 4, VERBAL, traced) >= 1


def plain(file, overrides):
    """A scenario as a mapping, for another process."""
    return yaml.safe_load(to_yaml(simsoc.load(file, overrides)))
