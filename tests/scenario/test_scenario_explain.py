"""Scenarios as text: filled in and marked, or short; both read back as an equal scenario."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scenario_parts import SHELVES

from simsoc.scenario.emit import inline, scalar
from simsoc.scenario.explain import as_data, explain, to_yaml
from simsoc.scenario.load import load
from simsoc.scenario.spec import Scenario
from simsoc.scenario.yaml12 import read_text

DATA = {
    "name": "good",
    "question": "yes",
    "world": {"kind": "opinion", "rule": "voter", "more": ["voter", {"kind": "curie_weiss", "beta": 2}]},
    "population": {"n": 5},
    "network": {"kind": "ring", "k": 4},
    "backend": {"model": "a/b", "groups": [{"who": {"ids": [1, 2], "traits": {"age": [1, "x"]}}, "model": "null"}]},
    "measures": ["a", {"name": "b", "last": 3}],
}


def again(text: str) -> Scenario:
    return load(read_text(text).data, SHELVES)


def test_explained_text():
    lines = [str(line) for line in explain(load(DATA, SHELVES))]
    at = lines.index("world:")
    assert lines[at : at + 12] == [
        "world:",
        "  kind: opinion",
        "  options: [A, B]  # default",
        "  rule: voter",
        "  start: even  # default",
        "  window: all  # default",
        "  committed: null  # default",
        "  noise: null  # default",
        "  more:",
        "    - voter",
        "    - kind: curie_weiss",
        "      beta: 2.0",
    ]
    assert lines[:3] == ["name: good", 'question: "yes"', 'source: ""  # default']
    at = lines.index("activation:  # default")
    assert lines[at + 1 : at + 3] == ["  kind: one_by_one  # default", "  replacement: true  # default"]
    assert "    - slots: 16  # default" not in lines
    assert again("\n".join(lines)) == load(DATA, SHELVES)


def test_paths_lead_to_the_values():
    scenario = load(DATA, SHELVES)
    data = as_data(scenario, full=True)
    for line in explain(scenario):
        value = data
        for step in line.path:
            value = value[step]
        if (text := inline(value)) is not None:
            assert line.text.endswith(text)


def test_docs_on_demand():
    scenario = load(DATA, SHELVES)
    text = "\n".join(map(str, explain(scenario, docs=True)))
    assert (
        "# Who is tied to whom at the start.\nnetwork:\n  kind: ring\n  # Neighbours of each. Even.\n  k: 4\n" in text
    )
    assert "  # how many there are\n  n: 5\n" in text
    assert "  # How an opinion is picked.\n  rule: voter\n" in text
    assert again(text) == scenario
    assert not any(line.doc for line in explain(scenario))


def test_short_text_says_only_what_was_given():
    assert (
        to_yaml(load(DATA, SHELVES))
        == """\
name: good
question: "yes"
world:
  kind: opinion
  rule: voter
  more:
    - voter
    - kind: curie_weiss
      beta: 2.0
population:
  source: blank
  n: 5
network:
  kind: ring
  k: 4
backend:
  model: a/b
  groups:
    - model: "null"
      who:
        ids: [1, 2]
        traits:
          age: [1, x]
measures:
  - a
  - name: b
    last: 3
"""
    )


def test_full_text_has_every_default():
    text = to_yaml(load(DATA, SHELVES), full=True)
    assert "  timeout: 120.0\n" in text
    assert "#" not in text
    assert again(text) == load(DATA, SHELVES)


def test_what_was_given_survives_the_round_trip():
    scenario = load(DATA, SHELVES)
    loaded = again(to_yaml(scenario))
    assert loaded.model_fields_set == scenario.model_fields_set
    assert loaded.world[0].given.model_fields_set == scenario.world[0].given.model_fields_set


def test_as_data_is_json():
    data = as_data(load(DATA, SHELVES))
    assert data["world"]["more"] == ["voter", {"kind": "curie_weiss", "beta": 2.0}]
    assert data["measures"] == ["a", {"name": "b", "last": 3}]
    assert load(data, SHELVES) == load(as_data(load(data, SHELVES), full=True), SHELVES)


def test_dumps_of_pydantic_load_too():
    scenario = load({**DATA, "measures": [{"name": "a", "from": 3}]}, SHELVES)
    assert load(scenario.model_dump(mode="json"), SHELVES) == scenario
    assert load(scenario.model_dump(mode="json", by_alias=True), SHELVES) == scenario
    assert load(scenario.model_dump(), SHELVES) == scenario


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        (3, "3"),
        (1e-5, "1e-05"),
        (float("-inf"), "-.inf"),
        ("", '""'),
        ("plain text", "plain text"),
        ("n", "n"),
        ("Yes", '"Yes"'),
        ("null", '"null"'),
        ("3", '"3"'),
        ("a: b", '"a: b"'),
        ("a #b", '"a #b"'),
        ("x\ny", '"x\\ny"'),
        ("Törnberg", "Törnberg"),
        ("\x85", '"\\u0085"'),
        ("😀", '"😀"'),
    ],
)
def test_scalars(value, text):
    assert scalar(value) == text


def test_other_objects_are_no_scalars():
    with pytest.raises(TypeError, match="object is no YAML scalar"):
        scalar(object())


texts = st.text(max_size=20)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts
)
anything = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3))
rules = st.recursive(
    st.just("voter") | st.fixed_dictionaries({"kind": st.just("curie_weiss")}, optional={"beta": st.floats(0, 9)}),
    lambda inner: st.fixed_dictionaries({"kind": st.just("noisy"), "of": inner}, optional={"p": st.floats(0, 1)}),
    max_leaves=3,
)
worlds = st.fixed_dictionaries(
    {"kind": st.just("opinion"), "rule": rules},
    optional={
        "options": st.lists(texts, min_size=2, max_size=5, unique=True),
        "start": st.just("random") | st.dictionaries(texts, st.floats(0, 1), max_size=3),
        "window": st.just("all") | st.integers(-9, 9),
        "more": st.lists(rules, max_size=3),
        "by_name": st.dictionaries(texts, rules, max_size=2),
        "noise": st.none() | rules,
        "committed": st.fixed_dictionaries({"to": texts | st.floats(-9, 9), "n": st.integers(1, 9)}),
    },
)
who = st.fixed_dictionaries(
    {}, optional={"ids": st.lists(st.integers(0, 9)), "traits": st.dictionaries(texts, anything)}
)
groups = st.lists(st.fixed_dictionaries({"model": texts, "who": who}), max_size=2)
scenarios = st.fixed_dictionaries(
    {"name": st.just("x"), "world": worlds | st.lists(worlds, min_size=1, max_size=2)},
    optional={
        "question": texts,
        "steps": st.none() | st.integers(1, 99),
        "prompts": st.dictionaries(texts, texts, max_size=2),
        "network": st.sampled_from([None, "complete", {"kind": "ring", "k": 2}]),
        "backend": st.none()
        | texts
        | st.fixed_dictionaries({"extra": st.dictionaries(texts, anything), "groups": groups}),
        "measures": st.none() | st.lists(texts | st.fixed_dictionaries({"name": texts, "from": st.integers(0, 9)})),
    },
)


@settings(max_examples=50, deadline=None, derandomize=True, database=None)
@given(scenarios)
def test_round_trips(data):
    scenario = load(data, SHELVES)
    assert again(to_yaml(scenario)) == scenario
    assert again(to_yaml(scenario, full=True)) == scenario
    assert again("\n".join(map(str, explain(scenario, docs=True)))) == scenario
    assert load(scenario, SHELVES) == scenario
