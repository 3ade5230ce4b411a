"""Interventions where models are asked: out of order with the same events, new prompts, other models midway."""

from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import simsoc
from simsoc.core.errors import BackendError, MissingKey
from simsoc.running import resume
from simsoc.society import Society
from tests.loopback import Loopback, status
from tests.virtual import RULES, Stub, VirtualHub, lognormal

from .making import BASE, FOLLOWING, OPINION, SCALE, TWO, ended

DONE = [
    {"at": 2, "do": {"kind": "join", "n": 2, "m": 3, "traits": {"party": "X"}}},
    {"at": 3, "who": {"degree": {"top": 2}}, "do": "leave"},
    {"at": 3, "every": 2, "who": {"n": 3}, "do": {"kind": "ties", "to": {}, "m": 2}},
    {"at": 4, "who": {}, "do": {"kind": "ties", "to": {}, "how": "cut", "share": 0.3}},
    {"at": 4, "until": 6, "do": {"kind": "set", "keys": {"activation": "together"}}},
    {"at": 5, "until": 7, "do": {"kind": "set", "keys": {"world.0.include_self": True, "world.0.names": "fixed"}}},
    {"at": 6, "do": {"kind": "seed", "to": 8}},
    {"at": 7, "every": 3, "who": {"share": 0.4}, "do": {"kind": "traits", "to": {"party": "D"}}},
]


@given(
    done=st.lists(st.sampled_from(DONE), min_size=1, max_size=4, unique_by=repr),
    base=st.sampled_from([BASE, FOLLOWING, SCALE, TWO]),
    activation=st.sampled_from(["one_by_one", "poisson", {"kind": "one_by_one", "replacement": False}, "together"]),
    slots=st.integers(1, 40),
    seed=st.integers(0, 2**40),
)
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_events_are_those_of_one_by_one(done, base, activation, slots, seed):
    design = {**base, "interventions": done, "activation": activation}
    hub, stub = VirtualHub(), Stub(RULES, lognormal(seed, 1.5), slots)
    try:
        society = Society(design, seed, backend=stub, hub=hub)
        hub.watch(society._live)
        society.run_model()
    finally:
        hub.close()
    assert society.digest == ended(*done, base=design, seed=seed).digest
    assert stub.calls > 0


# -- against a server --------------------------------------------------------------------------------------------------


@pytest.fixture
def server(monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with Loopback() as running:
        yield running


def served(server, **more):
    return {"model": "openai/test", "transport": "lean", "base_url": server.base_url, "slots": 8, **more}


SMALL = {**BASE, "population": {**BASE["population"], "n": 8}, "steps": 5, "network": "complete"}


def told(run):
    """Prompts by step."""
    rows = run.asks_with(texts=True)
    return {step: list(texts.dropna()) for step, texts in rows.groupby("step")["prompt"]}


def test_prompts_show_the_new_state(server, tmp_path):
    (tmp_path / "mine.j2").write_text("MY OWN {{ counts }}", encoding="utf-8")
    done = [
        {"at": 2, "who": {}, "do": {"kind": "traits", "to": {"party": "Greens"}}},
        {"at": 3, "until": 3, "do": {"kind": "set", "keys": {"world.topic": "cats", "world.labels": ["k", "z"]}}},
        {"at": 4, "until": 4, "do": {"kind": "set", "keys": {"prompts": {"opinion/friends": "mine.j2"}}}},
        {"at": 5, "do": {"kind": "set", "keys": {"world.wording": "strangers", "choice": "elicit"}}},
    ]
    scenario = simsoc.load({**SMALL, "interventions": done, "backend": served(server)}, folder=tmp_path)
    with simsoc.run(scenario, log=tmp_path / "run.db") as run:
        by_step = told(run)
        choices = run.asks.groupby("step")["choice"].agg(set)
    assert simsoc.verify(tmp_path / "run.db") == []
    for step, texts in by_step.items():
        for text in texts:
            assert ("Greens" in text) == (step >= 2 and step != 4)
            assert ("cats" in text) == (step == 3)
            assert ("MY OWN" in text) == (step == 4)
    assert by_step[3][0] != by_step[2][0]
    assert dict(choices) == {step: {"elicit" if step == 5 else "sample"} for step in range(1, 6)}


def test_models_may_take_over_midway(server, tmp_path):
    """From rules to a model for some, and to another model for everybody."""
    lent = {"at": 2, "until": 3, "who": {"ids": [0, 1]}, "do": {"kind": "backend", "to": served(server)}}
    every = {"at": 4, "do": {"kind": "set", "keys": {"backend": served(server, model="openai/other")}}}
    with simsoc.run({**SMALL, "interventions": [lent, every]}, log=tmp_path / "run.db") as run:
        by = Counter((row.step, row.agent, row.by) for row in run.asks.itertuples())
    models = Counter(body["model"] for body in server.bodies)
    assert set(models) == {"test", "other"}
    for step, agent, name in by:
        if step >= 4:
            assert name == "openai/other"
        else:
            assert name == ("openai/test" if agent < 2 and step >= 2 else "curie_weiss")
    assert models["other"] == sum(k for (step, _, _), k in by.items() if step >= 4)


def test_a_run_that_broke_down_after_interventions_is_resumed(server, tmp_path):
    done = [
        {"at": 2, "who": {"n": 2}, "do": "leave"},
        {"at": 2, "do": {"kind": "join", "m": 2}},
        {"at": 4, "who": {"n": 2}, "do": {"kind": "ties", "to": {}, "how": "cut"}},
        {"at": 4, "do": {"kind": "seed", "to": 5}},
    ]
    design = {**SMALL, "interventions": done, "backend": served(server, retries=0)}
    with simsoc.run(design, log=tmp_path / "whole.db") as whole:
        digest, calls = whole.info["digest"], len(whole.asks)

    left = [calls - 6]

    def behave(body, count):
        left[0] -= 1
        return status(500) if left[0] < 0 else None

    server.behave = behave
    with pytest.raises(BackendError):
        simsoc.run(design, log=tmp_path / "run.db")
    server.behave, before = None, server.calls
    with resume(tmp_path / "run.db") as run:
        assert run.info["digest"] == digest
        assert list(run.notes[run.notes.kind == "intervention"].step) == [2, 2, 4, 4]
    assert server.calls - before < calls / 2, "what was answered is not asked again"
    assert simsoc.verify(tmp_path / "run.db") == []


def test_a_key_that_is_missing_later_is_missed_at_once(monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(MissingKey):
        Society({**SMALL, "interventions": [{"at": 4, "who": {}, "do": {"kind": "backend", "to": "openai/x"}}]})


def test_what_stands_in_for_every_backend_answers_for_lent_ones_too():
    lent = {"at": 2, "who": {}, "do": {"kind": "backend", "to": "openai/x"}}
    society = ended(
        lent, {"at": 3, "do": {"kind": "set", "keys": {"backend": "null"}}}, base=SMALL, backend=lambda ask: "A"
    )
    assert society.measured["magnetisation"] == 1


def test_labels_that_are_no_single_tokens_are_found_beforehand():
    base = {**SMALL, "world": {**OPINION, "labels": ["k", "z"]}, "choice": "logprobs"}
    done = [{"at": 3, "do": {"kind": "set", "keys": {"world.labels": ["one two", "three four"]}}}]
    design = {**base, "interventions": done, "backend": {"model": "openai/x", "base_url": "http://localhost:1/v1"}}
    with pytest.raises(simsoc.core.errors.ScenarioError, match=r"interventions\.0\.do"):
        Society(design)
