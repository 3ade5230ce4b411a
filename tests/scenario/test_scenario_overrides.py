"""Overrides go through the same checks as the file, and their problems name them."""

from __future__ import annotations

import pytest
from scenario_parts import SHELVES

from simsoc.core.errors import ScenarioError
from simsoc.scenario.explain import as_data
from simsoc.scenario.load import load
from simsoc.scenario.overrides import parse

GOOD = """\
name: good
world:
  kind: opinion
  rule: {kind: curie_weiss, beta: 2}
network: ring
"""


@pytest.fixture
def path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "s.yaml").write_text(GOOD)
    return "s.yaml"


def changed(path, *overrides):
    return as_data(load(path, SHELVES, [*overrides]))


def refusal(path, *overrides) -> str:
    with pytest.raises(ScenarioError) as caught:
        load(path, SHELVES, [*overrides])
    return str(caught.value)


def test_values_are_read_as_yaml(path):
    data = changed(path, "network.k=4", "steps=0x10", "question=yes", "world.rule={kind: voter}", " seed = 3 ")
    assert data["network"] == {"kind": "ring", "k": 4}
    assert (data["steps"], data["question"], data["seed"]) == (16, "yes", 3)
    assert data["world"]["rule"] == "voter"


def test_values_from_python_are_taken_as_they_are(path):
    data = changed(path, ("network.k", 4), ("question", "3"), ("world__options", ["a", "b", "c"]))
    assert data["question"] == "3"
    assert data["world"]["options"] == ["a", "b", "c"]
    assert load(path, SHELVES, {"network.k": 4, "steps": 3}).steps == 3


def test_keywords_with_double_underscores(path):
    overrides = {"network__k": 4, "world__rule__beta": 7, "measures": [{"name": "a"}], "measures__0__from_": 3}
    scenario = load(path, SHELVES, overrides)
    assert scenario.world[0].given.rule.parameters() == {"beta": 7.0}
    assert scenario.measures[0].from_ == 3


@pytest.mark.parametrize("key", ["world.rule.beta", "world.0.rule.beta"])
def test_one_world_needs_no_number(path, key):
    assert changed(path, "network.k=4", f"{key}=3")["world"]["rule"] == {"kind": "curie_weiss", "beta": 3.0}
    loaded = load(path, SHELVES, ["network.k=4"])
    assert changed(loaded, f"{key}=3")["world"]["rule"]["beta"] == 3.0


def test_several_worlds_need_one(path):
    two = ("network.k=4", "world=[{kind: opinion, rule: voter}, {kind: opinion, rule: curie_weiss}]")
    assert changed(path, *two, "world.1.rule.beta=3")["world"][1]["rule"]["beta"] == 3.0
    assert refusal(path, *two, "world.rule.beta=3") == (
        "--set world.rule.beta  'rule' should be the number of an item: there are 2, counted from 0"
    )
    assert refusal(path, *two, "world.2.rule.beta=3") == (
        "--set world.2.rule.beta  '2' should be the number of an item: there are 2, counted from 0"
    )


def test_another_kind_keeps_only_the_keys_it_knows(path):
    first = load(path, SHELVES, ["network={kind: ring, k: 6, rewire: 0.5}"])
    assert as_data(load(first, SHELVES, ["network.kind=small_world"]))["network"] == {"kind": "small_world", "k": 6}
    assert as_data(load(first, SHELVES, ["network.kind=complete"]))["network"] == "complete"
    assert as_data(load(first, SHELVES, ["network.kind=ring"]))["network"]["rewire"] == 0.5


def test_the_same_kind_still_refuses_strangers(path, tmp_path):
    (tmp_path / "s.yaml").write_text(GOOD + "population: {source: blank, n: 3, m: 4}\n")
    assert "s.yaml:6  population.m: unknown key" in refusal(path, "network.k=2", "population.source=blank")
    assert load(path, SHELVES, ["network.k=2", "population={source: table, file: a}"]).population.kind == "table"


def test_bare_names_become_mappings(path):
    data = changed(
        path, "network.k=4", "backend=openai/x", "backend.temperature=0", "measures=[a]", "measures.0.last=3"
    )
    assert data["backend"] == {"model": "openai/x", "temperature": 0.0}
    assert data["measures"] == [{"name": "a", "last": 3}]
    assert changed(path, "network.k=4", "backend=null", "backend.slots=2")["backend"] == {"model": "null", "slots": 2}


def test_what_is_not_written_starts_from_its_default(path):
    data = changed(path, "network.k=4", "population.n=7", "activation.replacement=false", "backend.slots=2")
    assert data["population"] == {"source": "blank", "n": 7}
    assert data["activation"] == {"kind": "one_by_one", "replacement": False}
    assert data["backend"] == {"slots": 2}
    assert changed(path, "network.k=4", "prompts.'a.b/c'=x")["prompts"] == {"a.b/c": "x"}
    assert load({"name": "x"}, SHELVES, ["world.kind=opinion", "world.rule=voter"]).world[0].kind == "opinion"


def test_ready_made_parts_can_be_changed(path):
    loaded = load(path, SHELVES, ["network.k=4"])
    data = {"name": "x", "world": loaded.world[0], "backend": loaded.backend, "network": loaded.network}
    again = load(data, SHELVES, {"world.rule.beta": 9, "backend.slots": 3, "network.k": 8})
    assert again.world[0].given.rule.parameters() == {"beta": 9.0}
    assert (again.backend.slots, again.network.parameters()["k"]) == (3, 8)
    assert loaded.network.parameters()["k"] == 4


def test_later_ones_win(path):
    assert changed(path, "network.k=4", "network.k=6")["network"]["k"] == 6
    assert changed(path, "network.k=4", "network=complete")["network"] == "complete"


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("world.rule.beta=x", "--set world.rule.beta  world.rule.beta: should be a number (got 'x')"),
        ("world.0.rule.beta=x", "--set world.0.rule.beta  world.rule.beta: should be a number (got 'x')"),
        (
            "world.rule.bet=1",
            "--set world.rule.bet  world.rule.bet: unknown key. Did you mean 'beta'? Known: kind, beta.",
        ),
        ("steps=-1", "--set steps  steps: should be at least 0 (got -1)"),
        ("step=3", None),
        ("world.rule.kind=noisy", "--set world.rule.kind  world.rule.of: required, but missing"),
        (
            "world.rule.kind=vote",
            "--set world.rule.kind  world.rule.kind: no 'vote'. Did you mean 'voter'? "
            "Known: curie_weiss, voter, noisy.",
        ),
        ("population.kind=x", "--set population.kind  population.kind: unknown key. Known: source, n."),
        ("steps", "--set steps  an override looks like world.rule.beta=2"),
        ("=3", "--set   a key looks like world.rule.beta"),
        ("a..b=3", "--set a..b  a key looks like world.rule.beta"),
        (
            "world.more.99999999999999999999=1",
            "--set world.more.99999999999999999999  '99999999999999999999' should be the number of an item: "
            "there are 0, counted from 0",
        ),
        ("a.=3", "--set a.  a key looks like world.rule.beta"),
        ("seed={a: 1", "--set seed  a ',' or '}' is missing"),
        ("seed={a: 1, a: 2}", "--set seed  a: this key is given twice, first in line 1"),
        ("name.x=1", "--set name.x  'good' stands before '.x', which is neither a mapping nor a list"),
        ("name=a\x00", "--set name  a control character (U+0000) that does not belong into text"),
        (("name", {1}), "--set name  {1} cannot stand in a scenario; sets have no order, use a list"),
        (("world__rule__beta", "x"), "--set world.rule.beta  world.rule.beta: should be a number (got 'x')"),
    ],
)
def test_problems_name_the_override(path, override, said):
    got = refusal(path, "network.k=4", override)
    if said is None:
        assert got.startswith("--set step  step: unknown key. Did you mean 'steps'? Known: name, ")
    else:
        assert got == said


def test_the_file_comes_first_then_overrides_in_their_order(path, tmp_path):
    (tmp_path / "s.yaml").write_text(GOOD + "sed: 3\n")
    said = refusal(path, "world.rule.beta=x", "network.kk=3", "steps=-1", "q")
    assert [line.split("  ")[0] for line in said.splitlines()] == [
        "s.yaml:5",
        "s.yaml:6",
        "--set world.rule.beta",
        "--set network.kk",
        "--set steps",
        "--set q",
    ]


def test_a_loaded_scenario_remembers_lines_and_overrides(path, tmp_path):
    first = load(path, SHELVES, ["network.k=4"])
    second = load(first, SHELVES, ["world.rule.beta=3"])
    assert second.origin.where("world.rule.kind") == "s.yaml:4"
    assert second.origin.where("world.rule.beta") == "--set world.rule.beta"
    assert second.origin.where("network.k") == "--set network.k"
    assert second.origin.where("network") == "s.yaml:5"
    assert first.origin.where("world.rule.beta") == "s.yaml:4"
    assert second.folder == tmp_path
    assert refusal(second, "network.k=1") == "--set network.k  network.k: should be at least 2 (got 1)"


def test_replacing_a_mapping_forgets_its_lines(path):
    said = refusal(path, "network.k=4", "world={kind: opinion, rule: {kind: curie_weiss, beta: -1}}")
    assert said == "--set world  world.rule.beta: should be at least 0 (got -1)"


def test_parse():
    assert parse("a.b=[1, x]") == ("a.b", (1, "x"))
    assert parse("a=b=c") == ("a", "b=c")
    assert parse("a=") == ("a", None)
