"""Backends without a wire: rules, the null mind, scripts, functions; names and keys."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pytest

from simsoc.backends import PROVIDERS, build
from simsoc.backends.keys import DUMMY, Key, find_key
from simsoc.backends.local import Mechanistic, from_function
from simsoc.backends.prompts import Prompts
from simsoc.core.answers import PLACEHOLDER, Choice, Number, Pick, Words
from simsoc.core.errors import MissingKey, RuleError, ScenarioError, WorldError
from simsoc.core.facts import Facts
from simsoc.core.protocols import Instant, Live
from simsoc.core.stream import Stream
from simsoc.core.words import Answer, NoAnswer
from simsoc.scenario.spec import BackendSpec

from .helpers import KEY, ask, prompts, rule


def made(model: str, templates: Prompts | None = None, **settings: Any) -> Any:
    return build(BackendSpec(model=model, **settings), prompts=templates or Prompts(), seed=1)


def by_lot(facts: Facts, stream: Stream, *, weight: float) -> str:
    return "A" if stream.random() < weight else "B"


# -- mechanistic and null ----------------------------------------------------------------------------------------------


def test_the_rule_answers() -> None:
    backend = made("mechanistic")
    assert isinstance(backend, Instant)
    reply = backend.now(ask(rule=rule(by_lot, weight=1.0)))
    assert (reply.value, reply.by, reply.source, reply.attempts) == ("A", "made_up", "rule", 0)
    replies = [backend.now(ask(agent=i, rule=rule(by_lot, weight=0.5))).value for i in range(50)]
    assert replies == [backend.now(ask(agent=i, rule=rule(by_lot, weight=0.5))).value for i in range(50)]
    assert set(replies) == {"A", "B"}


@pytest.mark.parametrize("function", [lambda facts, stream: "C", lambda facts, stream: facts["hidden"]])
def test_a_rule_that_fails_is_named(function: Any) -> None:
    with pytest.raises(RuleError, match=r"rule 'made_up', asked for 'opinion' of agent 4 in step 9"):
        Mechanistic().now(ask(agent=4, step=9, rule=rule(function)))


def test_no_rule() -> None:
    with pytest.raises(ScenarioError, match="no rule"):
        Mechanistic().now(ask())


def test_the_null_mind() -> None:
    backend = made("null")
    values = [backend.now(ask(agent=i)).value for i in range(200)]
    assert 60 < values.count("A") < 140
    assert backend.now(ask(Words())).value == PLACEHOLDER
    assert backend.now(ask()).by == "null"
    with pytest.raises(RuleError):
        backend.now(ask(Pick(5)))


# -- scripts -----------------------------------------------------------------------------------------------------------


def test_a_script_is_used_in_turn_by_each_agent() -> None:
    backend = made("scripted", script=('{"answer": "k"}', {"answer": "z"}, None, "prose"))
    first = [backend.now(ask(agent=1, step=s)) for s in range(5)]
    other = backend.now(ask(agent=2, step=9))
    assert [r.value if isinstance(r, Answer) else r.reason for r in first] == ["A", "B", "refused", "unparseable", "A"]
    assert other.value == "A"
    assert first[3].raw == "prose"


def test_scripts_speak_the_template_s_format(tmp_path: Path) -> None:
    templates = prompts(tmp_path, "{# answer: brackets #}\nx")
    assert made("scripted", templates, script=("[z]",)).now(ask()).value == "B"
    assert made("scripted", templates, script=('{"answer": "z"}',)).now(ask()).reason == "unparseable"


def test_scripts_of_probabilities(tmp_path: Path) -> None:
    backend = made("scripted", prompts(tmp_path), script=({"probabilities": {"k": 0.0, "z": 1.0}},))
    assert backend.now(ask(choice="elicit")).value == "B"
    assert backend.now(ask(choice="logprobs")).value == "B"


def test_silent_and_garbled(tmp_path: Path) -> None:
    templates = prompts(tmp_path)
    assert made("scripted/silent", templates).now(ask()).reason == "refused"
    for form in (Choice(("A", "B")), Number(0, 1), Words()):
        assert made("scripted/garbled", templates).now(ask(form)).reason == "unparseable"
    with pytest.raises(LookupError, match="scripted/silent"):
        made("scripted/loud")
    with pytest.raises(ScenarioError, match="script"):
        made("scripted")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("A", "A"),
        ('{"answer": "z"}', "B"),
        ("prose", "unparseable"),
        (None, "refused"),
        (Answer(value="A", source="rule", by="me"), "A"),
        (NoAnswer(reason="truncated", source="rule", by="me"), "truncated"),
    ],
)
def test_a_function_may_return_many_things(given: Any, expected: str) -> None:
    reply = from_function(lambda asked: given).now(ask())
    assert (reply.value if isinstance(reply, Answer) else reply.reason) == expected


def test_functions_are_checked() -> None:
    assert from_function(lambda asked: "so be it").now(ask(Words())).value == "so be it"
    assert from_function(lambda asked: 0.5, "half").now(ask(Number(0, 1))).by == "half"
    with pytest.raises(WorldError, match="'half', asked for 'opinion' of agent 0"):
        from_function(lambda asked: 3, "half").now(ask(Number(0, 1)))

    async def later(asked: Any) -> str:
        return "A"

    with pytest.raises(TypeError, match="async"):
        from_function(later)


# -- names and keys ----------------------------------------------------------------------------------------------------


def test_names() -> None:
    assert PROVIDERS.names()[:5] == ["mechanistic", "null", "scripted", "openai", "litellm"]
    assert all(PROVIDERS.line(name) for name in PROVIDERS.names())
    for written, told in {
        "gpt-4o": "write openai/gpt-4o",
        "opnai/gpt-4o": "Did you mean 'openai'",
        "mechanic": "Did you mean 'mechanistic'",
        "openai": "which model",
        "null/x": "takes no model",
    }.items():
        with pytest.raises(LookupError, match=told):
            made(written)


def test_a_missing_key_is_named_before_anything_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(MissingKey, match="OPENAI_API_KEY"):
        made("openai/gpt-4o")
    with pytest.raises(MissingKey, match="MY_KEY"):
        made("openai/gpt-4o", key_from="MY_KEY", base_url="http://localhost:1/v1")
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    with pytest.raises(MissingKey, match="ANTHROPIC_API_KEY"):
        made("litellm/anthropic/claude-3-haiku-20240307")
    assert isinstance(made("openai/x", base_url="http://localhost:1/v1"), Live)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-one")
    assert made("openai/gpt-4o").name == "openai/gpt-4o"
    monkeypatch.setenv("OPENAI_API_KEY", "sk one\n two")
    with pytest.raises(MissingKey, match="characters"):
        made("openai/gpt-4o")


def test_settings_that_cannot_work() -> None:
    with pytest.raises(ScenarioError, match="base_url"):
        made("openai/x", base_url="localhost:11434")
    with pytest.raises(ScenarioError, match=r"extra\.stream"):
        made("openai/x", base_url="http://localhost:1/v1", extra={"stream": True})


def test_a_key_does_not_show_itself() -> None:
    key = find_key("TEST_KEY", "OPENAI_API_KEY", None)
    assert key.value == KEY
    backend = made("openai/x", key_from="TEST_KEY", transport="lean")
    for thing in (key, backend, backend._transport, backend._server, backend._fixed, backend._spec):
        assert KEY not in repr(thing)
        assert KEY not in str(thing)
    with pytest.raises(TypeError):
        pickle.dumps(key)
    assert key.redact(f"got {KEY}, and sk-other12345678 and Bearer abc.def") == "got [key], and [key] and [key]"
    assert key.redact("a risk-averse bearer") == "a risk-averse bearer"
    assert Key(DUMMY, "nowhere").redact("none of it") == "none of it"
