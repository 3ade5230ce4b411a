"""`minds` in a scenario: what may be said, what is filled in, and where it is refused."""

import json

import pytest

from simsoc.core.errors import ScenarioError
from simsoc.loading import load
from simsoc.minds.retrieval import PAPER, RELEASED, Scoring
from simsoc.scenario.plain import plain
from simsoc.shelves import SHELVES
from simsoc.worlds.opinion.choices import Opinion

from .by_hand import mind

SCENARIO = {
    "name": "x", "steps": 2, "population": {"n": 5}, "world": {"kind": "opinion", "rule": "voter"},
}  # fmt: skip


def with_minds(minds, **more):
    return load({**SCENARIO, "minds": minds, **more})


@pytest.fixture
def minded(monkeypatch):
    """A world that can use generative minds."""
    monkeypatch.setattr(Opinion, "MINDS", frozenset({"generative"}), raising=False)


def test_a_world_without_minds_refuses_them():
    with pytest.raises(ScenarioError, match="world opinion has no use for minds 'generative'"):
        with_minds("generative")
    assert with_minds("none").minds.kind == "none"
    assert load(SCENARIO).minds is None


def test_arms_may_not_ask_for_them_either():
    with pytest.raises(ScenarioError, match="has no use for minds"):
        load({**SCENARIO, "experiment": {"arms": {"plain": {}, "minded": {"minds.kind": "generative"}}}})


def test_what_is_left_out_is_filled_in(minded):
    given = with_minds("generative").minds.given
    assert given.memory.recency == 0.995
    assert given.reflection.threshold == 150
    assert (given.planning.kind, given.rules.kind, given.memory.embedder.kind) == ("day", "everyday", "lexical")
    assert (given.dialogue.rounds, given.dialogue.cooldown) == (8, 133)


def test_parts_are_switched_off_as_arms(minded):
    arms = {
        "full": {},
        "forgetful": {"minds.memory": False},
        "rash": {"minds.planning": False, "minds.reflection": False},
    }
    with_minds({"kind": "generative", "reflection": {"threshold": 200}}, experiment={"arms": arms})
    off = mind(memory=False, planning=False, dialogue=False)
    assert (off.reflection, off.day, off.tasks, off.dialogue) == (None, None, None, None)
    assert mind(reflection=True, memory=True).reflection.threshold == 150
    assert mind(planning="tasks").day is None
    assert mind(planning="none").day is mind(planning="none").tasks is None


def test_a_spec_comes_back_from_its_json(minded):
    for minds in (
        {"kind": "generative", "memory": False},
        {"kind": "generative", "planning": {"planner": "tasks"}},
        "none",
    ):
        scenario = with_minds(minds)
        again = json.loads(json.dumps(scenario.model_dump(mode="json", by_alias=True)))["minds"]
        assert with_minds(again).minds == scenario.minds


@pytest.mark.parametrize(
    ("minds", "said"),
    [
        ({"planning": "dayz"}, "minds.planning: no 'dayz'. Did you mean 'day'?"),
        ({"planning": {"planner": "tasks", "calls": 2}}, "minds.planning.calls: should be at least 3"),
        ({"memory": {"recency": 1.5}}, "minds.memory.recency: should be at most 1"),
        ({"memory": {"mode": "photographic"}}, "minds.memory.mode"),
        ({"memory": {"embedder": "opnai"}}, "minds.memory.embedder: no 'opnai'"),
        ({"reflection": {"thresold": 1}}, "unknown key. Did you mean 'threshold'?"),
        ({"rules": {"kind": "everyday", "pass_on": 2}}, "minds.rules.pass_on"),
        ({"tokens": 100}, "minds.tokens: should be at least 1000"),
    ],
)
def test_mistakes_are_told(minded, minds, said):
    with pytest.raises(ScenarioError) as error:
        with_minds({"kind": "generative", **minds})
    assert said in str(error.value)


def test_how_memories_are_scored():
    def scoring(**memory):
        given = (
            SHELVES["minds"].spec("generative").model_validate(plain({"memory": memory}), context={"shelves": SHELVES})
        )
        return given.memory.scoring()

    assert scoring() == PAPER
    assert scoring(weights="released") == RELEASED
    assert scoring(weights={"relevance": 5}, recency=0.9) == Scoring(0.9, 1, 1, 5)
    assert scoring(inverted=True).inverted


def test_a_bounded_memory_by_its_key():
    m = mind(memory={"keep": 3, "expire": True})
    memory = m.memory()
    from .by_hand import event

    for i in range(10):
        memory.store([event(f"event {i}", 5)], 60.0 * i)
    assert len(memory) == 3
    assert memory.view().enforced
