"""The JSON Schema accepts what loads and refuses what does not."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from jsonschema import Draft202012Validator
from scenario_parts import SHELVES
from test_scenario_explain import DATA, scenarios

from simsoc.core.errors import ScenarioError
from simsoc.scenario.explain import as_data
from simsoc.scenario.load import load
from simsoc.scenario.schema import json_schema

SCHEMA = json_schema(SHELVES)
VALIDATOR = Draft202012Validator(SCHEMA)


def test_it_is_a_json_schema():
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert json.loads(json.dumps(SCHEMA)) == SCHEMA
    assert "x-shelf" not in json.dumps(SCHEMA)


def test_it_explains_keys_and_parts():
    assert SCHEMA["properties"]["network"]["description"] == "Who is tied to whom at the start."
    ring = next(p for p in SCHEMA["$defs"]["shelf.networks"]["anyOf"] if p.get("required") == ["kind", "k"])
    assert ring["description"] == "A ring."
    assert ring["properties"]["k"]["description"] == "Neighbours of each. Even."
    assert ring["additionalProperties"] is False


def test_bare_names_are_those_that_need_nothing_else():
    assert SCHEMA["$defs"]["shelf.networks"]["anyOf"][0] == {"enum": ["complete", "small_world", "null", None]}
    assert SCHEMA["$defs"]["shelf.rules"]["anyOf"][0] == {"enum": ["curie_weiss", "voter"]}


@pytest.mark.parametrize("full", [False, True])
def test_a_good_scenario(full):
    VALIDATOR.validate(DATA)
    VALIDATOR.validate(as_data(load(DATA, SHELVES), full=full))


@settings(max_examples=10, deadline=None, derandomize=True, database=None)
@given(scenarios)
def test_what_loads_is_valid(data):
    assert VALIDATOR.is_valid(data)
    assert VALIDATOR.is_valid(as_data(load(data, SHELVES), full=True))


@pytest.mark.parametrize(
    "change",
    [
        {"name": "a b"},
        {"step": 3},
        {"steps": -1},
        {"steps": "ten"},
        {"network": "rng"},
        {"network": "ring"},
        {"network": {"kind": "ring"}},
        {"network": {"kind": "ring", "k": 1}},
        {"network": {"kind": "complete", "k": 3}},
        {"network": {"k": 3}},
        {"population": {"kind": "blank"}},
        {"population": {"source": "table"}},
        {"world": []},
        {"world": "opinion"},
        {"world": {"kind": "opinion"}},
        {"world": {"kind": "opinion", "rule": {"kind": "noisy", "of": {"kind": "voter", "p": 1}}}},
        {"world": {"kind": "opinion", "rule": "voter", "order": "togther"}},
        {"backend": 3},
        {"backend": {"modle": "x"}},
        {"backend": {"groups": ["x"]}},
        {"measures": [3]},
        {"measures": [{"from": 3}]},
        {"choice": None},
    ],
)
def test_what_does_not_load_is_not_valid(change):
    data = {**DATA, **change}
    with pytest.raises(ScenarioError):
        load(data, SHELVES)
    assert not VALIDATOR.is_valid(data)


@pytest.mark.parametrize(
    "change",
    [
        {"backend": None},
        {"backend": {"model": None}},
        {"network": None},
        {"population": {"n": 3}},
        {"world": [{"kind": "opinion", "rule": "voter"}]},
    ],
)
def test_short_forms_are_valid(change):
    data = {**DATA, **change}
    load(data, SHELVES)
    VALIDATOR.validate(data)


def test_parts_that_cannot_be_loaded_here_pass():
    VALIDATOR.validate({**DATA, "world": {"kind": "heavy", "anything": 1}})
