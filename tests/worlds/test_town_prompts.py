"""Prompts of a town over thirty days: under their cap however much is remembered, and telling what is left out."""

from collections import Counter

import pytest
from pydantic import BaseModel

import simsoc
from simsoc.backends.prompts import Prompts, with_schema
from simsoc.backends.question import question
from simsoc.core.answers import Record, Words
from simsoc.minds.tokens import about_tokens
from simsoc.society import Society
from tests.timing import often
from tests.virtual import RULES

PROMPTS = Prompts()
POLL = {
    "name": "poll",
    "at": [{"every": 144, "from": 100}, "end"],
    "remembered": True,
    "in_order": True,
    "questions": [
        {"name": "mayor", "ask": "Who runs for mayor, and what have you heard of it?", "text": 200},
        {"name": "party", "ask": "Have you heard of a party?", "choice": ["yes", "no", "do not know"]},
        {"name": "sure", "ask": "How sure are you of what you have just said?", "scale": [0, 10]},
    ],
}


class Reader:
    """Answers, and renders every prompt as it would be sent, schema included, for the longest and what is left out."""

    def __init__(self, says=lambda ask: RULES.now(ask).value):
        self.says = says
        self.longest = Counter()
        self.left_out = Counter()

    def __call__(self, ask):
        asked = question(ask)
        messages = PROMPTS.get(ask.decision.template).messages(ask.facts, asked)
        prompt = "\n".join(message["content"] for message in with_schema(messages, asked))
        purpose = "/".join(ask.decision.purpose.split("/")[:2])
        self.longest[purpose] = max(self.longest[purpose], about_tokens(prompt))
        left_out = ask.facts.get("left_out", 0)
        if left_out:
            self.left_out[purpose] += 1
            assert f"({left_out} " in prompt
        standing = ask.facts.get("standing", {})
        if standing.get("memories_left_out"):
            self.left_out[purpose] += 1
            assert f'"memories left out": {standing["memories_left_out"]}\n' in prompt.replace('"\n', "\n")
        return self.says(ask)


def wordy(ask):
    """What the rule says, with every text as long as it may be."""
    form, value = ask.decision.answer, RULES.now(ask).value
    if isinstance(form, Words):
        return (value + " " + "and so on " * 250)[: form.longest].strip()
    return _wordy(form.model, value) if isinstance(form, Record) else value


def _wordy(model: type[BaseModel], value):
    said = dict(value)
    for name, part in model.model_json_schema()["properties"].items():
        longest = part.get("maxLength") or part.get("items", {}).get("maxLength")
        if longest and name not in ("activities", "activity"):
            texts = said[name] if isinstance(said[name], list) else [said[name]]
            texts = [(text + " and so on" * 90)[:longest] for text in texts]
            said[name] = texts if isinstance(said[name], list) else texts[0]
    return said


def lived(file, overrides, says=None):
    reader = Reader(*(says,) if says else ())
    society = Society(simsoc.load(file, overrides), backend=reader)
    society.run_model()
    assert society.worlds[0].now(society.engine.clock) >= 29.5 * 24 * 60
    return society, reader


@pytest.mark.parametrize("tokens", often([1200, 3000], 1200))
def test_thirty_days_of_wordy_people_stay_under_the_cap(tokens):
    overrides = {
        "world.days": 30,
        "world.step": "10min",
        "minds.tokens": tokens,
        "minds.reflection": {"threshold": 60},
        "minds.memory": {"top": None},
        "surveys": [POLL],
    }
    society, reader = lived("scenarios/town_small.yaml", overrides, wordy)
    assert min(len(memory) for memory in society.worlds[0].memories) > 150
    assert max(reader.longest.values()) <= tokens, reader.longest
    assert set(reader.left_out) >= {"talk/relate", "plan/day", "survey/poll"}
    assert max(reader.longest.values()) > 0.7 * tokens, "the cap is what kept them there"


def test_many_places_stay_under_the_cap():
    """More places than fit: home and what is usual stay, and the rest is told."""
    places = [{"name": "Green", "ties": {}}]
    places += [{"name": f"A place called number {n} with a long name", "ties": {"Green": 3}} for n in range(200)]
    people = [{"name": "Ada", "home": "Green", "routine": []}, {"name": "Ben"}]
    scenario = {
        "name": "places",
        "world": {"kind": "town", "days": 1, "places": places},
        "population": {"source": "inline", "people": people},
        "minds": {"kind": "generative", "tokens": 1000},
    }
    reader = Reader()
    Society(scenario, backend=reader).run_model()
    assert reader.longest["plan/where"] <= 1000
    assert reader.left_out["plan/where"] > 0


@pytest.mark.long
def test_thirty_days_of_the_shipped_town_stay_under_the_cap():
    society, reader = lived("scenarios/town_25.yaml", {"world.days": 30, "surveys": [{**POLL, "at": {"every": 1440}}]})
    assert min(len(memory) for memory in society.worlds[0].memories) > 300
    assert max(reader.longest.values()) <= 3000, reader.longest
    assert sum(reader.left_out.values()) > 0, "and it is told"
