import json
import math
from typing import Annotated, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from simsoc.core.answers import PLACEHOLDER, Choice, Number, Pick, Record, Words
from simsoc.core.canonical import Digest, canonical
from simsoc.core.facts import Facts
from simsoc.core.shelf import Shelf, nearest
from simsoc.core.stream import Stream
from simsoc.core.words import Event

values = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(-(2**53), 2**53), st.floats(allow_nan=False), st.text(max_size=300)
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=5), inner, max_size=4)),
    max_leaves=12,
)


@given(values)
def test_canonical_json_is_json_and_ignores_key_order(value):
    text = canonical(value)
    json.loads(text)
    if isinstance(value, dict):
        assert canonical(dict(reversed(value.items()))) == text


def test_canonical_floats_have_nine_digits():
    assert canonical({"x": 0.1 + 0.2}) == canonical({"x": 0.3}) == '{"x":0.3}'
    assert canonical(1 / 3) == "0.333333333"
    assert canonical([math.inf, math.nan]) == "[null,null]"
    assert canonical(1.0) == canonical(1)


def event(**change):
    base = {"step": 1, "turn": 0, "agent": 2, "kind": "set", "content": {"to": "A"}}
    return Event(**{**base, **change})


@pytest.mark.parametrize(
    "change", [{"step": 2}, {"turn": 1}, {"agent": 3}, {"kind": "start"}, {"content": {"to": "B"}}, {"content": {}}]
)
def test_digest_sees_every_part_of_an_event(change):
    one, two = Digest(), Digest()
    one.add(event())
    two.add(event(**change))
    assert one.hex() != two.hex()


def test_digest_depends_on_order_and_not_on_last_bits():
    one, two, three = Digest(), Digest(), Digest()
    a, b = event(content={"x": 0.1 + 0.2}), event(agent=3)
    for e in (a, b):
        one.add(e)
    for e in (b, a):
        two.add(e)
    for e in (event(content={"x": 0.3}), b):
        three.add(e)
    assert one.hex() == three.hex() != two.hex()


def test_digest_stores_floats_in_full():
    assert json.loads(Digest().add(event(content={"x": 0.1 + 0.2})))["x"] == 0.1 + 0.2


def test_long_texts_enter_the_digest_by_hash():
    one, two = Digest(), Digest()
    one.add(event(content={"text": "a" * 500}))
    two.add(event(content={"text": "a" * 499 + "b"}))
    assert one.hex() != two.hex()


def test_who_composed_a_text_is_in_the_log_and_not_in_the_digest():
    one, two = Digest(), Digest()
    one.add(event(content={"text": "a", "x": 0.1}))
    stored = two.add(event(content={"text": "a", "synthetic": True, "x": 0.1}))
    assert json.loads(stored)["synthetic"] is True
    assert one.hex() == two.hex()


def test_facts_are_computed_once_and_only_when_read():
    calls = []
    facts = Facts({"counts": [1, 2]}, {"friends": lambda f: calls.append(1) or sum(f["counts"])}, None)
    assert dict(facts) == {"counts": [1, 2]}
    assert facts.has("friends")
    assert not calls
    assert facts["friends"] == facts["friends"] == 3
    assert len(calls) == 1
    assert dict(facts) == {"counts": [1, 2]}
    assert facts.full() == {"counts": [1, 2], "friends": 3}
    with pytest.raises(KeyError, match="no fact 'degree' here; known: counts, friends"):
        facts["degree"]


class Post(BaseModel):
    verb: Literal["like", "share"]
    stance: float = Field(ge=-1, le=1)
    certain: bool
    words: Annotated[str, Field(max_length=100)]
    slots: int = Field(ge=1, le=3)


FORMS = [
    (Choice(("A", "B", "C")), {}),
    (Choice(), {"options": [3, 5]}),
    (Pick(2), {"options": [1, 2, 3, 4]}),
    (Pick(), {"options": list("abcdef"), "count": 3}),
    (Number(-1, 1), {}),
    (Number(1, 10, integer=True), {}),
    (Words(), {}),
    (Record(Post), {}),
]


@pytest.mark.parametrize(("form", "facts"), FORMS)
def test_the_null_mind_only_gives_legal_answers(form, facts):
    for seed in range(50):
        value = form.null(facts, Stream(seed, "null"))
        assert form.check(value, facts) == value


def test_null_words_are_marked():
    assert Words().null({}, Stream(1)) == PLACEHOLDER


@pytest.mark.parametrize(
    ("form", "facts", "bad"),
    [
        (Choice(("A", "B")), {}, "C"),
        (Pick(2), {"options": [1, 2, 3]}, [1, 1]),
        (Pick(2), {"options": [1, 2, 3]}, [1, 4]),
        (Pick(2), {"options": [1, 2, 3]}, [1]),
        (Number(0, 1), {}, 1.5),
        (Number(0, 1), {}, True),
        (Number(0, 1), {}, "0.5"),
        (Number(1, 9, integer=True), {}, 2.5),
        (Words(10), {}, "x" * 11),
        (Words(), {}, "  "),
        (Record(Post), {}, {"verb": "like"}),
    ],
)
def test_illegal_answers_are_refused(form, facts, bad):
    with pytest.raises(ValueError, match=r"."):
        form.check(bad, facts)


def test_a_field_without_range_cannot_be_null():
    class Free(BaseModel):
        x: float

    with pytest.raises(TypeError, match="no range"):
        Record(Free).null({}, Stream(1))


def maker(n, stream, people, *, k: Annotated[int, Field(ge=1)] = 2):
    """Make something."""


def test_shelves_say_what_they_know():
    shelf = Shelf("things", {"maker": f"{__name__}:maker"})
    assert shelf.names() == ["maker"]
    assert "maker" in shelf
    assert shelf.get("maker") is maker
    assert shelf.line("maker") == "Make something."
    assert shelf.spec("maker").model_validate({"k": 3}).k == 3
    with pytest.raises(ValueError, match="greater than or equal to 1"):
        shelf.spec("maker").model_validate({"k": 0})
    with pytest.raises(LookupError, match=r"no 'makr'. Did you mean 'maker'\? Known: maker."):
        shelf.get("makr")
    assert nearest("zzz", ["maker"]) == ""
