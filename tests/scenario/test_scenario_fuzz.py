"""Whatever stands in a file, it loads or it is refused by a ScenarioError of one line per problem; nothing else."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scenario_parts import SHELVES
from test_scenario_explain import anything, scenarios

from simsoc.core.errors import ScenarioError
from simsoc.scenario.explain import to_yaml
from simsoc.scenario.load import load

quick = settings(max_examples=80, deadline=None, derandomize=True, database=None)

GOOD = """\
name: good  # a comment
question: "What? \\u00e9"
steps: 30
world:
  kind: opinion
  options: [A, B]
  rule: {kind: noisy, of: {kind: curie_weiss, beta: 2.5}, p: .1}
  start: &s {A: 0.5, B: 0.5}
  committed:
    to: A
    who: {share: 0.1}
  more:
    - voter
    - kind: curie_weiss
network: {kind: ring, k: 4}
population: {source: blank, n: 50}
backend:
  model: openai/x
  groups:
    - {model: null, who: {ids: [1, 2]}}
measures: [a, {name: b, from: 3}]
prompts:
  x/y: |
    text
"""
PIECES = [
    "\n", " ", "  ", "\t", ":", ": ", "- ", "-", "[", "]", "{", "}", "'", '"', "#", "&s ", "*s", "!x ", "!!int ",
    "|", ">", "---\n", "...\n", "? ", "%", "@", "\\", "~", "null", "true", "0x", "1e999", "9" * 50, ".nan", "é", "\x00",
    "\ufeff", "\x85", "\u2028", "<<: *s", "kind: ring", "kind", "A", "-1", "[[", "\r", "\r\n", ",",
]  # fmt: skip


@pytest.fixture(scope="module")
def path():
    with TemporaryDirectory() as folder:
        yield Path(folder) / "s.yaml"


def refused(source, overrides=()) -> ScenarioError | None:
    try:
        load(source, SHELVES, overrides)
    except ScenarioError as error:
        return error
    return None


def attempt(source, overrides=()):
    error = refused(source, overrides)
    if error is not None:
        said = str(error)
        assert len(said.splitlines()) == len(error.problems) > 0
        assert len(said.encode()) < 100 * 1000


@quick
@given(content=st.binary(max_size=200))
def test_bytes(path, content):
    path.write_bytes(content)
    attempt(path)


@quick
@given(content=st.text(max_size=200) | st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
def test_texts(path, content):
    path.write_text(content, encoding="utf-8", errors="replace", newline="")
    attempt(path)


@st.composite
def mutated(draw):
    text = GOOD
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(text)))
        to = at + draw(st.sampled_from([0, 0, 0, 1, 2, 5, 20]))
        put = draw(st.sampled_from(PIECES) | st.just("") | st.just(text[at : at + 30]))
        text = text[:at] + put + text[to:]
    return text


@settings(quick, max_examples=150)
@given(content=mutated())
def test_mutated_scenarios(path, content):
    path.write_text(content, encoding="utf-8", newline="")
    attempt(path)


def test_the_unmutated_one_loads(path):
    path.write_text(GOOD)
    assert load(path, SHELVES).steps == 30


KEYS = """name steps world kind rule of start options more by_name pair network k population source n backend model
groups who ids measures from prompts x"""
keys = st.sampled_from(KEYS.split())
values = st.sampled_from(["opinion", "voter", "noisy", "ring", "complete", "null", "even", "sample", "blank", "a"])
trees = st.recursive(
    values | anything,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=5),
    max_leaves=20,
)


@quick
@given(data=st.dictionaries(keys, trees, max_size=6))
def test_mappings(data):
    attempt({"name": "x", "world": {"kind": "opinion", "rule": "voter"}, **data})


@quick
@given(
    data=scenarios, key=st.lists(keys | st.sampled_from(["0", "1"]), min_size=1, max_size=4).map(".".join), value=trees
)
def test_overrides(data, key, value):
    attempt(data, [(key, value)])


@quick
@given(override=st.text(max_size=30) | st.builds("{}={}".format, keys, st.text(max_size=20)))
def test_overrides_as_text(override):
    attempt({"name": "x", "world": {"kind": "opinion", "rule": "voter"}}, [override])


@settings(quick, max_examples=30)
@given(data=scenarios)
def test_files_load_like_mappings(path, data):
    scenario = load(data, SHELVES)
    path.write_text(to_yaml(scenario), encoding="utf-8", newline="")
    assert load(path, SHELVES) == scenario
