"""The shipped town of twenty-five against a server over HTTP: every purpose is asked of a model and is in the log."""

import json

import pytest

import simsoc
from simsoc.society import Society
from tests.loopback import Loopback, say

WHOLE = "scenarios/town_25.yaml"
PURPOSES = {"importance", "reflect", "plan", "react", "talk", "survey"}
EVERY = PURPOSES | {
    *("reflect/questions", "reflect/insights", "plan/wake", "plan/day", "plan/hours", "plan/pieces", "plan/where"),
    *("plan/rewrite", "react/approach", "talk/relate", "talk/say", "talk/gist", "survey/news"),
}
POLL = {
    "name": "news",
    "at": {"from": 60, "every": 120},
    "remembered": True,
    "questions": [
        {"name": "mayor", "ask": "Does anybody run for mayor?", "choice": ["yes", "no"]},
        {"name": "sure", "ask": "How sure are you?", "scale": [0, 10]},
        {"name": "from_whom", "ask": "Who told you?", "text": 200},
    ],
}


def early(body, count):
    """A model that gets people up at six, and is otherwise as the loopback is."""
    return say('{"answer": 6}') if "At which hour do you get up" in body["messages"][-1]["content"] else None


def served(server, days, **more):
    backend = {"model": "openai/test", "transport": "lean", "base_url": server.base_url, "slots": 16, "retries": 0}
    overrides = {
        "world.days": days,
        "world.start": "06:00",
        "minds.reflection": {"threshold": 20},
        "surveys": [POLL],
        "backend": backend,
    }
    return simsoc.load(WHOLE, {**overrides, **more})


def all_there(server, log, purposes):
    """Every call is a row, answered by the model, with its prompt, and every purpose is among them."""
    with simsoc.open_run(log) as run:
        asks = run.asks_with(texts=True)
        assert server.calls == len(asks)
        assert set(asks["source"]) == {"live"}
        assert set(asks["by"]) == {"openai/test"}
        assert set(asks["status"]) == {"ok"}
        assert {p.partition("/")[0] for p in asks["purpose"]} == PURPOSES
        assert {"/".join(p.split("/")[:2]) for p in asks["purpose"]} >= {p for p in purposes if "/" in p}
        assert set(asks["agent"]) == set(range(25))
        assert (asks["tokens_in"] > 0).all()
        for prompt in asks["prompt"]:
            for message in json.loads(prompt):
                assert not any(sign in message["content"] for sign in ("{%", "{{", "undefined", "<function"))
        answers = run.survey("news", wide=True)
        assert set(answers["mayor"]) == {"yes", "no"}
    assert simsoc.verify(log) == []


def test_every_purpose_of_the_shipped_town_is_asked_of_a_model(tmp_path):
    with Loopback(behave=early, keep=False) as server:
        Society(served(server, 0.33), log=tmp_path / "r.db").run_model()
        all_there(server, tmp_path / "r.db", EVERY)


@pytest.mark.long
def test_two_days_of_the_shipped_town_with_a_model(tmp_path):
    """The whole scenario; on its second day people tell what they are up to, and whether they go to the party."""
    with Loopback(behave=early, keep=False) as server:
        Society(served(server, 2.0, **{"world.start": "00:00"}), log=tmp_path / "r.db").run_model()
        all_there(server, tmp_path / "r.db", EVERY | {"plan/status"})
