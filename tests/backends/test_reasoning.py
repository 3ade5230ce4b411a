"""Reasoning before answering: for every form and every way of drawing a choice, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, Field

from simsoc.backends import build
from simsoc.backends.parse import Unreadable
from simsoc.backends.prompts import Prompts
from simsoc.backends.question import mode_of, question
from simsoc.backends.reasoning import reasoned
from simsoc.core.answers import Choice, Form, Number, Pick, Record, Words
from simsoc.core.errors import ScenarioError
from simsoc.core.words import Answer, Ask, NoAnswer
from simsoc.scenario.prompting import Prompting
from simsoc.scenario.spec import BackendSpec
from tests.loopback import LENGTH, NO_LOGPROBS, REFUSAL, Loopback, in_turn, say

from .helpers import TEMPLATE, ask, outcomes

WHY = "Most of them say z."


class Two(BaseModel):
    a: Annotated[int, Field(ge=0, le=9)]
    b: str


class Own(BaseModel):
    reasoning: str
    b: str


def put(asked: Ask) -> Any:
    return reasoned(question(asked), mode_of(asked))


def thinking(folder: Path, reasoning: Any = True) -> Prompts:
    (folder / "ask.j2").write_text(TEMPLATE, encoding="utf-8")
    return Prompts({"test/ask": "ask.j2"}, folder, Prompting(reasoning=reasoning))


@pytest.mark.parametrize(
    ("form", "answer", "value"),
    [
        (Choice(("A", "B")), {"answer": "z"}, "B"),
        (Pick(2), {"answer": ["z", "k"]}, ["B", "A"]),
        (Number(0, 1), {"answer": 0.1}, 0.1),
        (Words(), {"answer": "so"}, "so"),
        (Record(Two), {"a": 3, "b": "x"}, {"a": 3, "b": "x"}),
    ],
)
def test_words_come_first_and_are_no_part_of_the_value(form: Form, answer: dict[str, Any], value: Any) -> None:
    plain, asked = question(ask(form)), put(ask(form))
    assert list(asked.schema["properties"]) == ["reasoning", *plain.schema["properties"]]
    assert asked.schema["required"] == ["reasoning", *plain.schema["required"]]
    assert plain.schema["required"] == list(plain.schema["properties"])  # what is shared is as it was
    assert asked.ask_for.startswith(plain.ask_for)
    assert asked.read(json.dumps({"reasoning": WHY, **answer})).value == value
    for said in (answer, {**answer, "reasoning": WHY}, {"reasoning": " ", **answer}, {"reasoning": 1, **answer}):
        with pytest.raises(Unreadable, match="reasoning"):
            asked.read(json.dumps(said))
    with pytest.raises(Unreadable):
        asked.read(json.dumps({"reasoning": WHY, **answer, "more": 1}))


def test_probabilities_are_stated_after_the_words() -> None:
    told = json.dumps({"reasoning": WHY, "probabilities": {"k": 0.0, "z": 1.0}})
    assert put(ask(choice="elicit")).read(told).value == "B"


def test_a_record_with_a_field_for_it_stays_as_it_is() -> None:
    asked = put(ask(Record(Own)))
    assert asked.schema == question(ask(Record(Own))).schema
    assert asked.read('{"reasoning": "x", "b": "y"}').value == {"reasoning": "x", "b": "y"}


def test_square_brackets_leave_no_room(tmp_path: Path) -> None:
    (tmp_path / "b.j2").write_text("{# answer: brackets #}\nGo [k] or [z].", encoding="utf-8")
    templates = Prompts({"test/ask": "b.j2"}, tmp_path, Prompting(reasoning=True))
    for choice in ("sample", "logprobs"):
        with pytest.raises(ScenarioError, match="test/ask asks for the answer in square brackets and nothing else"):
            templates.question(ask(choice=choice))


def test_only_some_decisions_reason(tmp_path: Path) -> None:
    assert thinking(tmp_path).question(ask()).reasons
    assert thinking(tmp_path, ("opinion",)).question(ask()).reasons
    assert not thinking(tmp_path, ("position",)).question(ask()).reasons
    assert not thinking(tmp_path, False).question(ask()).reasons


def test_people_are_made_up_without(tmp_path: Path) -> None:
    templates = Prompts({}, tmp_path, Prompting(reasoning=True))
    assert not templates.question(ask(Record(Two), template="population/persona")).reasons


# -- against a server --------------------------------------------------------------------------------------------------


def test_in_one_request(tmp_path: Path, transport: str) -> None:
    with Loopback() as server:
        (reply,), _ = outcomes(transport, server, thinking(tmp_path), ask())
        assert isinstance(reply, Answer)
        assert reply.value in ("A", "B")
        assert json.loads(reply.raw or "")["reasoning"].startswith("words ")
        assert json.loads(reply.settings or "")["reasoning"] is True
        (body,) = server.bodies
    assert list(body["response_format"]["json_schema"]["schema"]["properties"]) == ["reasoning", "answer"]
    assert "think there in a few sentences" in body["messages"][-1]["content"]


def test_told_in_the_prompt_where_a_server_takes_no_schema(tmp_path: Path) -> None:
    with Loopback() as server:
        (reply,), _ = outcomes("lean", server, thinking(tmp_path), ask(), structured="prompt")
        assert isinstance(reply, Answer)
        assert '"reasoning"' in server.bodies[0]["messages"][-1]["content"].splitlines()[-1]


def test_an_answer_without_words_is_mended(tmp_path: Path) -> None:
    bare = say('{"answer": "k"}')
    with Loopback(in_turn(bare)) as server:
        (reply,), _ = outcomes("lean", server, thinking(tmp_path), ask())
        assert isinstance(reply, Answer)
        assert "repaired" in reply.flags
        assert '"reasoning"' in server.bodies[1]["messages"][-1]["content"]


def test_with_log_probabilities_words_have_a_request_of_their_own(tmp_path: Path) -> None:
    with Loopback() as server:
        (reply,), _ = outcomes("lean", server, thinking(tmp_path), ask(choice="logprobs"))
        first, second = server.bodies
    assert isinstance(reply, Answer)
    assert reply.value in ("A", "B")
    assert (reply.attempts, reply.tokens_out) == (2, 14)
    assert "logprobs" not in first
    assert list(first["response_format"]["json_schema"]["schema"]["properties"]) == ["reasoning"]
    assert "leave the answer for later" in first["messages"][-1]["content"]
    assert second["logprobs"] is True
    assert [m["role"] for m in second["messages"]] == ["system", "user", "assistant", "user"]
    assert second["messages"][-1]["content"] == "Answer with a single character and nothing else: z or k."
    raw = json.loads(reply.raw or "")
    assert raw["reasoning"] == json.loads(second["messages"][2]["content"])["reasoning"]
    assert list(raw["probabilities"]) == ["k", "z"]
    assert json.loads(reply.prompt or "") == first["messages"]
    settings = json.loads(reply.settings or "")
    assert (settings["choice"], settings["reasoning"], settings["structured"]) == ("logprobs", True, "schema")


def test_what_is_logged_of_it_reads_back(tmp_path: Path) -> None:
    """Under the very same call, and under one that shows the labels for other options."""
    from simsoc.backends.replay import unconnected

    spec = BackendSpec(model="openai/test", structured="prompt")
    for structured in ("auto", "prompt"):
        with Loopback() as server:
            (reply,), _ = outcomes("lean", server, thinking(tmp_path), ask(choice="logprobs"), structured=structured)
        assert isinstance(reply, Answer)
        model = unconnected(spec.model_copy(update={"structured": structured}), thinking(tmp_path))
        now = model.signature(ask(choice="logprobs"), reply.settings)
        assert (now.prompt, now.settings) == (reply.prompt, reply.settings)
        assert now.read is not None
        assert now.read(reply.raw) == reply.value
        other = model.signature(ask(choice="logprobs", labels=["z", "k"]), reply.settings)
        assert other.prompt == reply.prompt
        assert other.read is not None
        assert other.read(reply.raw) in ("A", "B")


@pytest.mark.parametrize(("act", "reason"), [(REFUSAL, "refused"), (LENGTH, "truncated"), (say("x"), "unparseable")])
def test_who_gives_no_reasons_gives_no_answer(tmp_path: Path, act: Any, reason: str) -> None:
    with Loopback(in_turn(act)) as server:
        (reply,), _ = outcomes("lean", server, thinking(tmp_path), ask(choice="logprobs"), repairs=0)
        assert server.calls == 1
    assert isinstance(reply, NoAnswer)
    assert reply.reason == reason
    assert json.loads(reply.settings or "")["choice"] == "logprobs"


def test_a_server_without_log_probabilities_is_told_after_the_words(tmp_path: Path) -> None:
    with Loopback(lambda body, count: NO_LOGPROBS if "logprobs" in body else None) as server:
        (error,), _ = outcomes("lean", server, thinking(tmp_path), ask(choice="logprobs"))
    assert "log-probabilities" in str(error)


def test_scripts_are_read_the_same_way(tmp_path: Path) -> None:
    templates = thinking(tmp_path)
    script = build(BackendSpec(model="scripted", script=({"reasoning": WHY, "answer": "z"}, {"answer": "z"})),
                   prompts=templates, seed=1)  # fmt: skip
    first, second = script.now(ask()), script.now(ask())  # type: ignore[union-attr]
    assert first.value == "B"
    assert isinstance(second, NoAnswer)
