"""Examples as earlier turns: how they are written for every form, and what is told of those that cannot be used."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from simsoc.backends.fewshot import problems
from simsoc.backends.prompts import Prompts
from simsoc.backends.question import question
from simsoc.core.answers import Choice, Form, Number, Pick, Record, Words
from simsoc.core.errors import ScenarioError
from simsoc.core.words import ChoiceMode, Decision
from simsoc.scenario.plain import plain
from simsoc.scenario.prompting import Example, Prompting
from tests.loopback import Loopback

from .helpers import TEMPLATE, ask, outcomes


class Two(BaseModel):
    a: int
    b: str


def example(**given: Any) -> Example:
    return Example.model_validate(plain(given))


def using(folder: Path, *examples: Example, text: str = TEMPLATE, **more: Any) -> Prompts:
    (folder / "ask.j2").write_text(text, encoding="utf-8")
    given = Prompting(examples={"opinion": examples} if examples else {}, **more)
    return Prompts({"test/ask": "ask.j2"}, folder, given)


def said(templates: Prompts, asked: Any) -> list[tuple[str, str]]:
    return [(m["role"], m["content"]) for m in templates.messages(asked, templates.question(asked))]


def test_what_was_shown_stands_where_the_prompt_stands(tmp_path: Path) -> None:
    templates = using(
        tmp_path, example(shown="They say: k k z.", answer="A"), example(shown="They say: z.", answer="z")
    )
    system, *turns, last = said(templates, ask())
    how = question(ask()).ask_for
    assert system == ("system", "You are agent 0.")
    assert turns == [
        ("user", f"They say: k k z.\n{how}"),
        ("assistant", '{"answer": "k"}'),  # an option by its label
        ("user", f"They say: z.\n{how}"),
        ("assistant", '{"answer": "z"}'),  # a label as it is
    ]
    assert last == said(using(tmp_path), ask())[-1]


def test_labels_are_those_of_the_call(tmp_path: Path) -> None:
    templates = using(tmp_path, example(shown="...", answer="A"))
    assert said(templates, ask(labels=["k", "z"]))[2] == ("assistant", '{"answer": "k"}')
    assert said(templates, ask(labels=["z", "k"]))[2] == ("assistant", '{"answer": "z"}')
    assert said(templates, ask(labels=["k", "z"]))[2] == ("assistant", '{"answer": "k"}')


def test_facts_are_put_into_the_template(tmp_path: Path) -> None:
    templates = using(tmp_path, example(facts={"posts": ["hi", "<posts>"]}, answer="B"))
    _, user, answer, last = said(templates, ask(posts=["secret"]))
    assert user[1].startswith('<posts>\n"hi"\n"\\u003cposts\\u003e"\n</posts>')
    assert "secret" not in user[1]
    assert "secret" in last[1]
    assert answer == ("assistant", '{"answer": "z"}')


def test_what_facts_leave_out_is_empty(tmp_path: Path) -> None:
    text = "{% if persona %}{{ persona }}{% endif %}{% if own is defined %}Own{% endif %}{{ number }}!\n{{ ask_for }}"
    templates = using(tmp_path, example(facts={}, answer="B"), text=text)
    assert said(templates, ask(persona="me"))[0][1].startswith("!\n")


@pytest.mark.parametrize(
    ("form", "choice", "answer", "text"),
    [
        (Choice(("A", "B")), "elicit", {"A": 0.25, "B": 0.75}, '{"probabilities": {"k": 0.25, "z": 0.75}}'),
        (Choice(("A", "B")), "logprobs", "B", "z"),
        (Pick(2), "sample", ["B", "A"], '{"answer": ["z", "k"]}'),
        (Number(0, 1), "sample", 0.5, '{"answer": 0.5}'),
        (Words(), "sample", "é so", '{"answer": "é so"}'),
        (Record(Two), "sample", {"a": 1, "b": "x"}, '{"a": 1, "b": "x"}'),
    ],
)
def test_answers_are_written_as_the_model_has_to(
    tmp_path: Path, form: Form, choice: ChoiceMode, answer: Any, text: str
) -> None:
    templates = using(tmp_path, example(facts={}, answer=answer))
    asked = ask(form, choice=choice, count=2)
    assert said(templates, asked)[2] == ("assistant", text)
    value = question(asked).read(text).value
    assert value == answer if choice == "sample" else value in ("A", "B")


def test_in_square_brackets(tmp_path: Path) -> None:
    text = "{# answer: brackets #}\n{{ posts | lines }} Go [{{ labels[shown[0]] }}]."
    templates = using(tmp_path, example(facts={"posts": ["a"]}, answer="A"), text=text)
    assert said(templates, ask())[:2] == [("user", '- "a" Go [z].'), ("assistant", "[k]")]


def test_reasons_are_shown_where_models_reason(tmp_path: Path) -> None:
    one = example(shown="...", answer="A", reasoning="Most say k.")
    assert said(using(tmp_path, one, reasoning=True), ask())[2][1] == '{"reasoning": "Most say k.", "answer": "k"}'
    assert said(using(tmp_path, one), ask())[2][1] == '{"answer": "k"}'
    _, shown, thought, how, answer, last = said(using(tmp_path, one, reasoning=True), ask(choice="logprobs"))
    assert shown[1].startswith("...\nBefore you answer")
    assert last[1].endswith(shown[1].splitlines()[-1])
    assert thought == ("assistant", '{"reasoning": "Most say k."}')
    assert how == ("user", "Answer with a single character and nothing else: z or k.")
    assert answer == ("assistant", "k")


def test_other_purposes_are_left_alone(tmp_path: Path) -> None:
    templates = Prompts({}, tmp_path, Prompting(examples={"other": (example(shown="x", answer="A"),)}))
    assert len(templates.messages(ask(template="opinion/friends", friends=[], topic="", persona=""),
                                  question(ask()))) == 1  # fmt: skip


def test_a_server_gets_them_as_turns(tmp_path: Path) -> None:
    with Loopback() as server:
        (reply,), _ = outcomes("lean", server, using(tmp_path, example(shown="x", answer="A")), ask())
        roles = [m["role"] for m in server.bodies[0]["messages"]]
    assert roles == ["system", "user", "assistant", "user"]
    assert json.loads(reply.prompt)[2] == {"role": "assistant", "content": '{"answer": "k"}'}  # type: ignore[union-attr]


# -- checked beforehand ------------------------------------------------------------------------------------------------


def wrong(folder: Path, form: Form, one: Example, choice: ChoiceMode = "sample", reasons: bool = False) -> list[Any]:
    templates = using(folder)
    decision = Decision("opinion", "test/ask", form, None, choice)
    return list(problems([one], decision, templates.get("test/ask"), ["k", "z"], reasons))


@pytest.mark.parametrize(
    ("form", "choice", "given", "key", "told"),
    [
        (Choice(("A", "B")), "sample", {"answer": "C"}, "answer", "not one of the allowed answers"),
        (Choice(("A", "B")), "elicit", {"answer": "A"}, "answer", "a probability for each option"),
        (Choice(("A", "B")), "elicit", {"answer": {"A": 0.2, "B": 0.2}}, "answer", "sum to 0.4"),
        (Choice(("A", "B")), "elicit", {"answer": {"A": 1}}, "answer", 'no probability for "z"'),
        (Choice(("A", "B")), "logprobs", {"answer": "C"}, "answer", "not one of the allowed answers"),
        (Pick(), "sample", {"answer": "A"}, "answer", "a list of what is picked"),
        (Pick(), "sample", {"answer": ["x"], "facts": {"options": [1], "labels": ["y"]}}, "answer", "not one of"),
        (Number(0, 1), "sample", {"answer": 3}, "answer", "not between"),
        (Number(0, 1), "sample", {"answer": "much"}, "answer", "not a number"),
        (Words(3), "sample", {"answer": "long"}, "answer", "at most 3"),
        (Record(Two), "sample", {"answer": {"a": 1}}, "answer", "exactly the keys a, b"),
        (Record(Two), "sample", {"answer": {"a": "1", "b": "x"}}, "answer", "a: Input should be"),
        (Choice(("A", "B")), "sample", {"answer": "A", "facts": {"post": []}}, "facts.post", "Did you mean 'posts'?"),
        (Choice(("A", "B")), "sample", {"answer": "A", "facts": {"posts": 3}}, "facts", "TypeError"),
        (Choice(("A", "B")), "sample", {"answer": "A", "facts": {"labels": ["x"]}}, "facts", "cannot be asked about"),
        (Choice(("A", "B")), "sample", {"answer": "A", "facts": {"labels": ["x", "x"]}}, "facts", "the same label"),
        (Choice(("A", "B")), "sample", {"answer": "A", "facts": {"shown": [7]}}, "facts", "cannot be asked about"),
    ],
)
def test_what_is_wrong_is_told(
    tmp_path: Path, form: Form, choice: ChoiceMode, given: dict[str, Any], key: str, told: str
) -> None:
    one = example(**({} if "facts" in given else {"shown": "..."}), **given)
    ((number, where, message),) = wrong(tmp_path, form, one, choice)
    assert (number, where) == (0, key)
    assert told in message


def test_what_is_right_is_not(tmp_path: Path) -> None:
    assert wrong(tmp_path, Choice(("A", "B")), example(shown="x", answer="k")) == []
    assert wrong(tmp_path, Choice(), example(shown="x", answer="anything")) == []  # options differ from call to call
    assert wrong(tmp_path, Pick(), example(shown="x", answer=["a", "b"])) == []
    assert wrong(tmp_path, Number(0, 1), example(facts={"posts": []}, answer=1)) == []


def test_reasons_are_needed_where_models_reason(tmp_path: Path) -> None:
    ((_, key, message),) = wrong(tmp_path, Number(0, 1), example(shown="x", answer=1), reasons=True)
    assert key == "reasoning"
    assert "has to show how" in message
    assert wrong(tmp_path, Number(0, 1), example(shown="x", answer=1, reasoning="So."), reasons=True) == []


def test_either_shown_or_facts() -> None:
    for given in ({}, {"shown": "x", "facts": {}}):
        with pytest.raises(ValueError, match="either 'shown'"):
            example(answer=1, **given)


# -- from a file -------------------------------------------------------------------------------------------------------


def test_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "shots.yaml").write_text("opinion:\n- {shown: x, answer: A}\n")
    templates = Prompts({}, tmp_path, Prompting(examples="shots.yaml"))
    assert templates.shots.examples == {"opinion": (example(shown="x", answer="A"),)}


@pytest.mark.parametrize(
    ("text", "where", "told"),
    [
        ("opinion:\n- {shown: x, answr: A}\n", "shots.yaml:2", "Did you mean 'answer'?"),
        ("opinion:\n- {shown: x}\n", "shots.yaml:2", "required, but missing"),
        ("opinion: []\n", "shots.yaml:1", "a list of 1 or more"),
        ("- 1\n", "shots.yaml", "a mapping from the purpose"),
        ("opinion: [", "shots.yaml", ""),
    ],
)
def test_what_is_wrong_with_a_file_is_told_by_its_lines(tmp_path: Path, text: str, where: str, told: str) -> None:
    (tmp_path / "shots.yaml").write_text(text)
    with pytest.raises(ScenarioError) as caught:
        Prompts({}, tmp_path, Prompting(examples="shots.yaml"))
    assert all(where in problem.where for problem in caught.value.problems)
    assert any(told in problem.message for problem in caught.value.problems)


def test_a_file_that_is_not_there_is_guessed(tmp_path: Path) -> None:
    (tmp_path / "shots.yaml").write_text("{}")
    with pytest.raises(ScenarioError, match=r"prompting.examples: no file .*Did you mean 'shots.yaml'"):
        Prompts({}, tmp_path, Prompting(examples="shot.yaml"))
