"""An intervention that does nothing changes nothing: no event, no fact, no prompt, no draw of anybody."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import simsoc
from simsoc.backends.prompts import Prompts
from simsoc.backends.question import question

from .making import BASE, FOLLOWING, GROWTH, SCALE, TWO, ended

NOBODY = [{"ids": []}, {"n": 0}, {"share": 0.0}, {"traits": {"party": "X"}}, {"degree": {"top": 0}}, {"not": {}}]
REGIMES = ["together", "one_by_one", {"kind": "one_by_one", "replacement": False}, {"kind": "poisson", "rate": 0.7}]
ABOUT_NOBODY = [
    "leave",
    {"kind": "traits", "to": {"party": "Z"}},
    {"kind": "ties", "to": {}, "m": 3},
    {"kind": "ties", "to": {}, "how": "cut"},
    {"kind": "backend", "to": "null"},
]
THE_SAME = [
    {"kind": "seed", "to": 3},
    {"kind": "set", "keys": {"backend": "mechanistic", "choice": "sample", "prompts": {}}},
    {"kind": "ties", "to": {}, "share": 0.0, "who": {}},
    {"kind": "join", "n": 0, "m": 3},
    {"kind": "traits", "to": {"party": "D"}, "who": {"traits": {"party": "D"}}},
]


def worlds_own(name):
    """Keys set to what they are, and items for nobody."""
    if name == "growth":
        return [{"kind": "set", "keys": {"world.rule": "kernel", "world.names": "redrawn", "world.rule.alpha": 1.0}}]
    if name == "two":
        return [{"kind": "set", "keys": {"world.0.rule.beta": 1.0, "world.1.include_self": False}}]
    own = {"world.rule": "degroot"} if name == "scale" else {"world.rule.beta": 1.0, "world.labels": None}
    item = 0.5 if name == "scale" else "A"
    return [{"kind": "set", "keys": own}, {"kind": "inject", "item": item, "who": {"n": 0}}]


BASES = {"opinion": BASE, "scale": SCALE, "growth": GROWTH, "two": TWO, "following": FOLLOWING}


@st.composite
def nothing(draw, name):
    """An intervention that does nothing to this base."""
    do = draw(st.sampled_from([*ABOUT_NOBODY, *THE_SAME, *worlds_own(name)]))
    if name == "growth" and isinstance(do, dict) and do["kind"] == "join":
        do = "leave"
    found = {"at": draw(st.integers(1, 12))}
    if do in ABOUT_NOBODY:
        found["who"] = draw(st.sampled_from(NOBODY))
    elif isinstance(do, dict) and "who" in do:
        found["who"] = do["who"]
        do = {key: value for key, value in do.items() if key != "who"}
    lasts = isinstance(do, dict) and do["kind"] in ("set", "backend")
    if draw(st.booleans()):
        found["every"] = draw(st.integers(1, 4))
    if "every" in found or (lasts and draw(st.booleans())):
        found["until"] = found["at"] + draw(st.integers(0, 8))
    return {**found, "do": do}


def everything(base, interventions, activation):
    """All that a log holds of a run, but its notes and its scenario."""
    with tempfile.TemporaryDirectory() as folder:
        society = ended(*interventions, base=base, activation=activation, log=Path(folder) / "run.db")
        with simsoc.open_run(Path(folder) / "run.db") as run:
            tables = [
                run.rows("SELECT id, step, turn, agent, kind, content FROM event ORDER BY id"),
                run.rows('SELECT id, step, agent, turn, purpose, draw, seed, "by", value, facts FROM ask ORDER BY id'),
                run.rows("SELECT * FROM tie ORDER BY id"),
                run.rows("SELECT id, born_step, traits, backend FROM agent ORDER BY id"),
                run.rows("SELECT step, name, value FROM measure ORDER BY id"),
            ]
    return society.digest, society.ended, tables


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_nothing_changes(data):
    name = data.draw(st.sampled_from(sorted(BASES)))
    activation = data.draw(st.sampled_from(REGIMES))
    done = data.draw(st.lists(nothing(name), min_size=1, max_size=3))
    base = BASES[name]
    assert everything(base, done, activation) == everything(base, [], activation)


def prompts(interventions, activation="one_by_one"):
    """Every prompt that would be sent, and every answer."""
    templates, sent = Prompts(), []

    def mind(ask):
        asked = question(ask)
        sent.append((ask.identity, templates.get(ask.decision.template).messages(ask.facts, asked)))
        return ask.decision.rule.function(ask.facts, ask.stream(), **ask.decision.rule.parameters)

    ended(*interventions, backend=mind, activation=activation)
    return sent


@pytest.mark.parametrize("activation", ["together", "one_by_one"])
def test_no_prompt_changes(activation):
    done = [
        {"at": 3, "who": {"n": 0}, "do": "leave"},
        {"at": 4, "until": 6, "do": {"kind": "set", "keys": {"world.personas": True, "world.wording": "friends"}}},
        {"at": 5, "every": 2, "who": {"ids": []}, "do": {"kind": "inject", "item": "B"}},
    ]
    plain = prompts([], activation)
    assert prompts(done, activation) == plain
    done[1]["do"]["keys"]["world.wording"] = "strangers"
    other = prompts(done, activation)
    assert other != plain, "or the test says nothing"
    assert [sent for sent in other if sent[0][2] < 4] == [sent for sent in plain if sent[0][2] < 4]


def test_what_does_something_moves_nobody_elses_draws():
    """A hermit made of an agent changes what it and its neighbours see, and nobody else's names, order or labels."""
    done = prompts([{"at": 4, "who": {"ids": [0]}, "do": "leave"}])
    plain = dict(prompts([]))
    same = [sent for sent in done if sent[1] == plain.get(sent[0])]
    assert {sent[0][:3] for sent in done} <= {key[:3] for key in plain}, "turns stay where they are"
    assert len(same) > len(done) / 3


@pytest.mark.parametrize("name", BASES)
def test_an_intervention_that_does_something_is_seen(name):
    base = BASES[name]
    assert everything(base, [{"at": 3, "who": {"ids": [1]}, "do": "leave"}], "one_by_one") != everything(
        base, [], "one_by_one"
    )
