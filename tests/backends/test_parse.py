"""Replies are exactly what was asked for, or unreadable."""

from __future__ import annotations

import json
import math
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field

from simsoc.backends import odds, parse, schema
from simsoc.backends.odds import logprob_labels_ok
from simsoc.backends.parse import Unreadable
from simsoc.backends.question import question
from simsoc.backends.wire import Logprobs, Message, Position, Said, Token
from simsoc.core.answers import Choice, Number, Pick, Record, Words
from simsoc.core.errors import ScenarioError, WorldError

from .helpers import ask


class Inner(BaseModel):
    model_config = ConfigDict(title="I")
    tone: Literal["warm", "cold"]


class Outer(BaseModel):
    name: str = Field("x", max_length=5)
    inner: Inner
    kind: Literal["only"]
    tags: list[str] = []


FORMS = [Choice(("A", "B")), Pick(2), Number(0, 1), Words(10), Record(Outer)]

texts = st.one_of(
    st.text(),
    st.text(alphabet='{}[]":,.0123456789eE+-\\ukzabnswer \n`'),
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=3),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["answer", "k"]), inner, max_size=2)
        ),
    ).map(json.dumps),
)


@given(texts, st.sampled_from(FORMS), st.booleans(), st.sampled_from(["sample", "elicit", "logprobs"]))
def test_whatever_is_said_is_read_or_refused(text: str, form: Any, brackets: bool, choice: Any) -> None:
    asked = ask(form, choice=choice)
    try:
        put = question(asked, brackets and not isinstance(form, Record))
        value = put.read(text).value
    except Unreadable as error:
        value = None
        told = str(error)
        told.encode()
    else:
        assert form.check(value, asked.facts) == value
        json.dumps(value, allow_nan=False).encode()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "empty"),
        ("k", "not a JSON object"),
        ('["k"]', "not a JSON object"),
        ('Here: {"answer": "k"}', "around"),
        ('{"answer": "k"} thanks', "around"),
        ('```json\n{"answer": "k"}\n```\n```json\n{"answer": "k"}\n```', "around"),
        ('{"answer": "k"', "cannot be read"),
        ('{"answer": "k", "answer": "k"}', "twice"),
        ('{"answer": "K"}', "not one of"),
        ('{"answer": " k"}', "not one of"),
        ('{"answer": "A"}', "not one of"),  # an option, but not its label
        ('{"answer": ["k"]}', "not a string"),
        ('{"answer": NaN}', "NaN"),
        ('{"reply": "k"}', "exactly one key"),
        ('{"answer": "\\ud83d"}', "surrogate"),
        ("[" * 100_000, "too deeply"),
        ('{"answer": ' + "[" * 100_000, "too deeply"),
    ],
)
def test_what_is_refused_and_why(text: str, why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        question(ask()).read(text)


@pytest.mark.parametrize(
    "text", ['{"answer": "k"}', ' \n{"answer":"k"}\n', '```json\n{"answer": "k"}\n```', '```\n{"answer": "k"}```']
)
def test_what_is_forgiven(text: str) -> None:
    assert question(ask()).read(text).value == "A"


@pytest.mark.parametrize(
    ("form", "text"),
    [
        (Number(0, 1), '{"answer": true}'),
        (Number(0, 1), '{"answer": "0.5"}'),
        (Number(0, 1), '{"answer": 1.5}'),
        (Number(0, 1), '{"answer": 1e999}'),
        (Number(0, 7, integer=True), '{"answer": 2.5}'),
        (Words(5), '{"answer": "too long"}'),
        (Words(5), '{"answer": "  "}'),
        (Pick(2), '{"answer": ["k", "k"]}'),
        (Pick(2), '{"answer": ["k"]}'),
        (Pick(2), '{"answer": ["k", "x"]}'),
        (Pick(2), '{"answer": "kz"}'),
        (Record(Outer), '{"name": "a", "inner": {"tone": "warm"}, "kind": "only"}'),
        (Record(Outer), '{"name": "a", "inner": {"tone": "hot"}, "kind": "only", "tags": []}'),
        (Record(Outer), '{"name": 1, "inner": {"tone": "warm"}, "kind": "only", "tags": []}'),
        (Record(Outer), '{"name": "a", "inner": {"tone": "warm"}, "kind": "only", "tags": [], "more": 1}'),
    ],
)
def test_other_forms_are_checked(form: Any, text: str) -> None:
    with pytest.raises(Unreadable):
        question(ask(form)).read(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("[k]", "A"),
        (" [z]. ", "B"),
        ("[ k ]", "A"),
        ("k", None),
        ("[k] [z]", None),
        ("I say [k]", None),
        ("[k] it is", None),
    ],
)
def test_brackets_of_a_choice(text: str, value: str | None) -> None:
    put = question(ask(), brackets=True)
    if value is None:
        with pytest.raises(Unreadable):
            put.read(text)
    else:
        assert put.read(text).value == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("[k][z]", ["A", "B"]),
        ("[z],\n[k].", ["B", "A"]),
        ("[k, z]", None),
        ("[k]", None),
        ("[k] and [z]", None),
        ("[k],[k]", None),
    ],
)
def test_brackets_of_several(text: str, value: list[str] | None) -> None:
    put = question(ask(Pick(2)), brackets=True)
    if value is None:
        with pytest.raises(Unreadable):
            put.read(text)
    else:
        assert put.read(text).value == value


def test_brackets_of_open_forms() -> None:
    assert question(ask(Number(0, 1)), brackets=True).read("[0.25]").value == 0.25
    assert question(ask(Number(0, 9, integer=True)), brackets=True).read("[7]").value == 7
    assert question(ask(Words()), brackets=True).read("[so [it] goes]").value == "so [it] goes"
    for text in ("[a quarter]", "[nan]", "0.25", "[]"):
        with pytest.raises(Unreadable):
            question(ask(Number(0, 1)), brackets=True).read(text)
    with pytest.raises(ScenarioError, match="brackets"):
        question(ask(Record(Outer)), brackets=True)
    with pytest.raises(ScenarioError, match="brackets"):
        question(ask(labels=["[k", "z"]), brackets=True)


def test_options_that_look_the_same_are_a_bug() -> None:
    with pytest.raises(WorldError, match="same label"):
        question(ask(labels=["k", "k"]))


@pytest.mark.parametrize("form", [Choice(("A", "B")), Pick(1)])
@pytest.mark.parametrize(
    "facts",
    [
        {"labels": ["spam", "insult", "off topic"]},
        {"labels": []},
        {"labels": [1, 2]},
        {"labels": "kz"},
        {"shown": ["A post that was shown.", "Another."]},
        {"shown": [1]},
        {"shown": [1, 1]},
    ],
)
def test_a_fact_that_is_about_something_else_does_not_replace_the_options(form, facts) -> None:
    with pytest.raises(WorldError, match=f"a fact `{next(iter(facts))}`"):
        question(ask(form, **facts))


def test_schemas_are_strict_and_made_once() -> None:
    made = schema.record(Outer)
    assert made is schema.record(Outer)
    assert made["required"] == ["name", "inner", "kind", "tags"]
    assert made["additionalProperties"] is False
    assert made["$defs"]["Inner"]["additionalProperties"] is False
    assert made["properties"]["kind"] == {"enum": ["only"], "type": "string"}
    assert not {"title", "default", "maxLength"} & set(json.dumps(made).replace('"', " ").split())
    assert question(ask(Number(0, 1))).schema is question(ask(Number(0, 1), agent=5)).schema


def test_long_lists_are_not_told_twice() -> None:
    many = [f"name{i}" for i in range(200)]
    put = question(ask(Pick(3), options=list(range(200)), labels=many, shown=list(range(200))))
    assert "name7" not in put.ask_for
    assert put.schema is not None
    assert put.schema["properties"]["answer"]["items"]["enum"] == many


# -- log-probabilities -------------------------------------------------------------------------------------------------


def said(**probabilities: float) -> Said:
    listed = [Token(token.replace("_", " "), math.log(p)) for token, p in probabilities.items()]
    return Said(Message("k"), logprobs=Logprobs([Position("k", 0.0, listed)]))


def test_tokens_count_with_and_without_a_leading_space() -> None:
    found = odds.read_off(said(k=0.3, _k=0.3, z=0.2, The=0.2), ("k", "z"))
    assert found is not None
    assert found.weights == pytest.approx([0.75, 0.25])
    assert found.flags == ()


def test_a_label_that_is_not_listed_gets_a_bound() -> None:
    found = odds.read_off(said(k=0.6, a=0.3, b=0.05), ("k", "z"))  # remaining mass 0.05 / 1 missing, smallest 0.05
    assert found is not None
    assert found.weights == pytest.approx([0.6 / 0.65, 0.05 / 0.65])
    assert found.flags == ("uncovered",)
    found = odds.read_off(said(k=0.6, a=0.399), ("k", "y", "z"))  # remaining mass 0.001 / 2 missing
    assert found is not None
    assert found.weights[1] == pytest.approx(0.0005 / 0.601)


def test_no_label_listed_is_no_answer() -> None:
    with pytest.raises(Unreadable):
        odds.read_off(said(K=0.5, The=0.5), ("k", "z"))
    assert odds.read_off(Said(Message("k")), ("k", "z")) is None


@pytest.mark.parametrize(
    ("labels", "top", "fine"),
    [
        (["A", "B"], 20, True),
        (["k", "7"], 2, True),
        (["AB", "C"], 20, False),
        (["é", "C"], 20, False),
        (list("abc"), 2, False),
    ],
)
def test_labels_of_one_token(labels: list[str], top: int, fine: bool) -> None:
    assert (logprob_labels_ok(labels, top) is None) == fine


def test_draws_do_not_depend_on_the_shown_order() -> None:
    text = '{"probabilities": {"k": 0.5, "z": 0.5}}'
    for agent in range(30):
        first = question(ask(agent=agent, choice="elicit")).read(text).value
        again = question(ask(agent=agent, choice="elicit", shown=[0, 1])).read(text).value
        assert first == again


def test_short_is_short() -> None:
    assert len(parse.short("x" * 500)) == 80
