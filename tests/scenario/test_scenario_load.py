"""Loading: from files, mappings and loaded scenarios; what is wrong is told all at once, in the order of the file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scenario_parts import SHELVES

from simsoc.core.errors import Problem, ScenarioError
from simsoc.scenario.load import load
from simsoc.scenario.spec import Part, Scenario
from simsoc.scenario.telling import MOST_TOLD

GOOD = """\
name: good
world:
  kind: opinion
  rule: {kind: curie_weiss, beta: 2}
network: {kind: ring, k: 4}
population: {n: 5}
"""

NO_PART = "should be a name or a mapping with a 'kind' (got an empty list)."
NETWORKS = "Known: complete, ring, small_world, null."
RULES = "Known: curie_weiss, voter, noisy."
HEAVY = "'heavy' cannot be loaded: No module named 'not_installed_here'"
WORLDS = "Known: opinion, survey, heavy."


@pytest.fixture
def write(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def to_file(text: str) -> str:
        Path("s.yaml").write_text(text, encoding="utf-8")
        return "s.yaml"

    return to_file


def refusal(source, overrides=(), **more) -> str:
    with pytest.raises(ScenarioError) as caught:
        load(source, SHELVES, overrides, **more)
    said = str(caught.value)
    assert len(said.splitlines()) == len(caught.value.problems)
    return said


def with_world(line: str) -> str:
    return f"name: x\nworld:\n  kind: opinion\n  rule: voter\n  {line}\n"


def test_a_good_file(write, tmp_path):
    scenario = load(write(GOOD), SHELVES)
    assert scenario.world[0].kind == "opinion"
    rule = scenario.world[0].parameters()["rule"]
    assert (rule.kind, rule.parameters()) == ("curie_weiss", {"beta": 2.0})
    assert scenario.population.kind == "blank"
    assert scenario.population.parameters() == {"n": 5}
    assert scenario.activation.kind == "one_by_one"
    assert scenario.backend.model == "mechanistic"
    assert scenario.folder == tmp_path
    assert scenario.origin.where("world.rule.beta") == "s.yaml:4"
    assert scenario.origin.where("world.0.rule.beta") == "s.yaml:4"
    assert scenario.origin.where("world.options") == "s.yaml:2"
    assert scenario.origin.where("steps") == "s.yaml:1"


def test_the_folder_is_that_of_the_file_wherever_one_stands(write, tmp_path, monkeypatch):
    write(GOOD)
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path / "below")
    scenario = load("../s.yaml", SHELVES)
    assert scenario.folder.resolve() == tmp_path
    assert scenario.folder.is_absolute()


def test_parts_see_the_folder(write, tmp_path):
    text = "name: x\nworld: {kind: survey, file: q.csv}\n"
    assert refusal(write(text)) == "s.yaml:2  world.file: no file 'q.csv' beside the scenario"
    Path("q.csv").touch()
    assert load(write(text), SHELVES).world[0].kind == "survey"
    assert "no file" in refusal(write(text), folder=tmp_path.parent)


def test_a_mapping_is_as_good_as_a_file(write):
    data = {
        "name": "good",
        "world": [{"kind": "opinion", "rule": {"kind": "curie_weiss", "beta": np.float32(2)}}],
        "network": {"kind": "ring", "k": np.int64(4)},
        "population": {"n": 5},
    }
    assert load(data, SHELVES) == load(write(GOOD), SHELVES)


def test_parts_may_be_given_ready_made(write):
    scenario = load(write(GOOD), SHELVES)
    again = load({"name": "x", "world": scenario.world[0], "backend": scenario.backend}, SHELVES)
    assert again.world == scenario.world
    assert isinstance(again.world[0], Part)


def test_several_worlds(write):
    text = "name: x\nworld:\n  - {kind: opinion, rule: voter}\n  - kind: opinion\n    rule: vote\n"
    said = refusal(write(text))
    assert said == (f"s.yaml:5  world.1.rule: no 'vote'. Did you mean 'voter'? {RULES}")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "s.yaml  the file is empty"),
        ("# nothing yet\n", "s.yaml  the file is empty"),
        ("- a\n", "s.yaml:1  a scenario is a mapping of keys such as 'name: ...' (got a list)"),
        ("\nhello\n", "s.yaml:2  a scenario is a mapping of keys such as 'name: ...' (got 'hello')"),
        (
            GOOD + "step: 3\n",
            "s.yaml:7  step: unknown key. Did you mean 'steps'? Known: name, question, source, expect, seed, steps, "
            "world, population, network, activation, minds, backend, choice, on_failure, budget, prompts, prompting, "
            "reuse, measures, interventions, surveys, seeds, rewired, published, experiment.",
        ),
        (GOOD + "steps: -2\n", "s.yaml:7  steps: should be at least 0 (got -2)"),
        (GOOD + "steps: ten\n", "s.yaml:7  steps: should be a whole number (got 'ten')"),
        (GOOD + "steps: 3.0\n", "s.yaml:7  steps: should be a whole number (got 3.0)"),
        (GOOD + "steps: true\n", "s.yaml:7  steps: should be a whole number (got true)"),
        (GOOD + "seed: -1\n", "s.yaml:7  seed: should be at least 0 (got -1)"),
        (GOOD + "question: 3\n", "s.yaml:7  question: should be text (got 3); put it in quotes"),
        (GOOD + "question: [a]\n", "s.yaml:7  question: should be text (got a list)"),
        (
            GOOD + "choice: smple\n",
            "s.yaml:7  choice: no 'smple'. Did you mean 'sample'? Known: sample, elicit, logprobs.",
        ),
        (GOOD + "choice: 3\n", "s.yaml:7  choice: should be one of 'sample', 'elicit', 'logprobs' (got 3)"),
        (GOOD + "prompts: {a: 1}\n", "s.yaml:7  prompts.a: should be text (got 1); put it in quotes"),
        (GOOD + "prompts: a\n", "s.yaml:7  prompts: should be a mapping (got 'a')"),
        (GOOD + "backend: 3\n", "s.yaml:7  backend: should be a name or a mapping (got 3)"),
        (GOOD + "backend:\n  temperature: hot\n", "s.yaml:8  backend.temperature: should be a number (got 'hot')"),
        (GOOD + "backend: {timeout: 0}\n", "s.yaml:7  backend.timeout: should be more than 0 (got 0)"),
        (GOOD + "backend: {timeout: .inf}\n", "s.yaml:7  backend.timeout: should be a finite number (got .inf)"),
        (
            GOOD + "backend: {groups: [{model: a}]}\n",
            "s.yaml:7  backend.groups.0.who: required, but missing "
            "(The agents it answers for; the first group that fits counts)",
        ),
        (GOOD + "measures: [3]\n", "s.yaml:7  measures.0: should be a name or a mapping (got 3)"),
        (GOOD + "measures: a\n", "s.yaml:7  measures: should be a list (got 'a')"),
        (GOOD + "measures: [{name: a, from: -1}]\n", "s.yaml:7  measures.0.from: should be at least 0 (got -1)"),
        (
            GOOD + "measures: [{name: a, form: 1}]\n",
            "s.yaml:7  measures.0.form: unknown key. Did you mean 'from'? Known: name, from, last.",
        ),
        (
            GOOD.replace("good", "a b"),
            "s.yaml:1  name: should be text that fits the pattern ^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$ (got 'a b'): "
            "Short name of letters, digits, dots and dashes; names the run log",
        ),
    ],
)
def test_messages_about_plain_keys(write, text, said):
    assert refusal(write(text)) == said


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("ring, k: 4", "rng, k: 4", f":5  network.kind: no 'rng'. Did you mean 'ring'? {NETWORKS}"),
        ("{kind: ring, k: 4}", "rng", f":5  network: no 'rng'. Did you mean 'ring'? {NETWORKS}"),
        ("{kind: ring, k: 4}", "ring", ":5  network.k: required, but missing (Neighbours of each)"),
        ("{kind: ring, k: 4}", "[]", f":5  network: {NO_PART} {NETWORKS}"),
        ("{kind: ring, k: 4}", "{k: 4}", f":5  network: needs a 'kind'. {NETWORKS}"),
        ("{kind: ring, k: 4}", "{kind: 3}", f":5  network.kind: no 3. {NETWORKS}"),
        ("ring, k: 4", "ring, k: 1", ":5  network.k: should be at least 2 (got 1)"),
        ("k: 4", "k: 4, rewire: 2", ":5  network.rewire: should be at most 1 (got 2)"),
        ("k: 4", "k: 4, rewir: 0", ":5  network.rewir: unknown key. Did you mean 'rewire'? Known: kind, k, rewire."),
        ("n: 5", "m: 5", ":6  population.m: unknown key. Known: source, n."),
        ("n: 5", "source: tabel", ":6  population.source: no 'tabel'. Did you mean 'table'? Known: blank, table."),
        ("beta: 2", "bet: 2", ":4  world.rule.bet: unknown key. Did you mean 'beta'? Known: kind, beta."),
        ("beta: 2", "beta: -2", ":4  world.rule.beta: should be at least 0 (got -2)"),
        ("kind: opinion", "kind: opnion", f":3  world.kind: no 'opnion'. Did you mean 'opinion'? {WORLDS}"),
        ("kind: opinion", "kind: heavy", f":3  world.kind: {HEAVY}"),
        ("rule:", "ruel:", None),
    ],
)  # fmt: skip
def test_messages_about_parts(write, old, new, said):
    if said is None:  # a slip in a key that is needed: both sides are told
        got = refusal(write(GOOD.replace(old, new))).splitlines()
        assert got[0] == "s.yaml:2  world.rule: required, but missing (How an opinion is picked)"
        assert got[1].startswith("s.yaml:4  world.ruel: unknown key. Did you mean 'rule'? Known: kind, options, rule, ")
        assert len(got) == 2
    else:
        assert refusal(write(GOOD.replace(old, new))) == f"s.yaml{said}"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("order: togther", "order: no 'togther'. Did you mean 'together'? Known: together, one_by_one."),
        ("window: some", "window: should be a whole number or 'all' (got 'some')"),
        ("window: {a: 1}", "window: should be a whole number or 'all' (got a mapping)"),
        ("start: {A: -1}", "start.A: should be at least 0 (got -1)"),
        ("start: odd", "start: should be one of 'even', 'random' or a mapping (got 'odd')"),
        ("options: [A]", "options: should be a list of 2 or more (got 1)"),
        ("options: [A, 2]", "options.1: should be text (got 2); put it in quotes"),
        ("options: [A, A]", "options: options must differ from each other"),
        ("committed: {to: [1], n: 1}", "committed.to: should be text or a number (got a list)"),
        ("committed: {to: a}", "committed: say either 'n' or 'who'"),
        ("committed: a", "committed: should be a mapping (got 'a')"),
        ("noise: {kind: noisy}", "noise.of: required, but missing"),
        ("noise: {kind: noisy, of: vote}", f"noise.of: no 'vote'. Did you mean 'voter'? {RULES}"),
        ("more: [voter, vote]", f"more.1: no 'vote'. Did you mean 'voter'? {RULES}"),
        ("by_name: {a: {kind: voter, p: 1}}", "by_name.a.p: unknown key. Known: kind."),
        ("pair: [1, a, b]", "pair: should be a list of 2 or fewer (got 3)"),
        ("pair: [1, 2]", "pair.1: should be text (got 2); put it in quotes"),
        ("'a b.c': 1", None),
    ],
)  # fmt: skip
def test_messages_within_a_world(write, line, said):
    got = refusal(write(with_world(line)))
    if said is None:
        assert got.startswith("s.yaml:5  world.'a b.c': unknown key. Known: kind, options, ")
    else:
        assert got == f"s.yaml:5  world.{said}"


def test_yes_is_not_true(write):
    said = refusal(write(GOOD + "activation: {kind: one_by_one, replacement: yes}\n"))
    assert said == (
        "s.yaml:7  activation.replacement: should be true or false (got 'yes'); YAML 1.2 knows only true and false"
    )


def test_what_is_missing_has_the_line_of_its_mapping(write):
    assert refusal(write("seed: 1\nworld:\n  options: [A, B]\n  kind: opinion\n")).splitlines() == [
        "s.yaml:1  name: required, but missing (Short name of letters, digits, dots and dashes; names the run log)",
        "s.yaml:2  world.rule: required, but missing (How an opinion is picked)",
    ]


def test_everything_at_once_in_file_order(write):
    text = """\
seed: -1
network: {kind: ring, k: x}
world:
  order: x
  kind: opinion
  more: [{kind: curie_weiss, beta: -1, c: 1}, vote]
nam: x
"""
    lines = refusal(write(text)).splitlines()
    assert [line.split()[0] for line in lines] == [f"s.yaml:{n}" for n in (1, 1, 2, 3, 4, 6, 6, 6, 7)]
    assert [line.split()[1] for line in lines] == [
        "name:",
        "seed:",
        "network.k:",
        "world.rule:",
        "world.order:",
        "world.more.0.beta:",
        "world.more.0.c:",
        "world.more.1:",
        "nam:",
    ]


def test_long_values_are_cut(write):
    said = refusal(write(GOOD + f"choice: {'x' * 500}\n{'y' * 500}: 1\n"))
    assert all(len(line) < 400 for line in said.splitlines())
    assert "x" * 100 not in said
    assert "y" * 100 not in said


def test_a_flood_of_problems_is_counted(write):
    said = refusal(write(GOOD + "".join(f"key{i}: 1\n" for i in range(500)))).splitlines()
    assert len(said) == MOST_TOLD + 1
    assert said[-1] == f"and {500 - MOST_TOLD} more"
    said = refusal(write(GOOD + "measures: [" + "3, " * 5000 + "]\n")).splitlines()
    assert said[-1] == f"and {5000 - MOST_TOLD} more"
    said = refusal(write("a: 1\n" * 500)).splitlines()
    assert said[-1] == f"and {499 - MOST_TOLD} more"


def test_numbers_are_finite_wherever_they_stand(write):
    text = GOOD + "backend:\n  timeout: .nan\n  extra: {a: [1, .inf]}\n"
    assert refusal(write(text)).splitlines() == [
        "s.yaml:8  backend.timeout: should be a finite number (got .nan)",
        "s.yaml:9  backend.extra.a.1: should be a finite number (got .inf)",
    ]
    assert refusal(write(GOOD + "backend: {extra: {a: -.inf}}\n")) == (
        "s.yaml:7  backend.extra.a: should be a finite number (got -.inf)"
    )


def test_deep_parts_load(write):
    rule = "voter"
    for _ in range(50):
        rule = f"{{kind: noisy, of: {rule}}}"
    assert load(write(with_world(f"noise: {rule}")), SHELVES).world[0].kind == "opinion"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"name": {1, 2}}, "name: {1, 2} cannot stand in a scenario; sets have no order, use a list"),
        ({"name": object}, "name: <class 'object'> cannot stand in a scenario"),
        ({1: 2}, "the key 1 is not text"),
        ({"a": "\ud800"}, "a: text with half a character (U+D800 to U+DFFF)"),
        ({"a": 2**80}, "a: a whole number has to lie between -2**63 and 2**63 - 1"),
        (3, "a scenario is a YAML file or a mapping, not 3"),
    ],
)
def test_mappings_that_are_no_scenario(data, said):
    assert refusal(data) == said


def test_a_mapping_that_contains_itself():
    data: dict = {}
    data["a"] = [data, data]
    assert "containing itself" in refusal(data)


def test_problems_of_a_mapping_have_no_place():
    assert refusal({"name": "x", "world": "opnion"}) == (f"world: no 'opnion'. Did you mean 'opinion'? {WORLDS}")


def test_null_names_the_part_called_null(write):
    assert load(write(GOOD.replace("{kind: ring, k: 4}", "null")), SHELVES).network.kind == "null"
    assert load(write(GOOD.replace("{kind: ring, k: 4}", "{kind: null}")), SHELVES).network.kind == "null"
    scenario = load(write(GOOD + "backend: {model: null, groups: [{model: null, who: {share: 0.5}}]}\n"), SHELVES)
    assert (scenario.backend.model, scenario.backend.groups[0].model) == ("null", "null")
    assert load(write(GOOD + "backend: null\n"), SHELVES).backend.model == "null"


def test_checks_get_their_place_from_their_path(write):
    def check(scenario: Scenario):
        yield Problem("", "network.k", "too many")
        yield Problem("", "world.0.rule.beta", "too\nlarge")
        yield Problem("", "world.window", "too wide")
        yield Problem("there:3", "elsewhere", "wrong")
        yield Problem("", "", "nothing fits")

    def raising(scenario: Scenario):
        raise ScenarioError([Problem("", "population.n", "too few")])

    text = GOOD.replace("world:\n  kind", "world:\n  window: 3\n  kind")
    assert refusal(write(text), checks=[check, raising]).splitlines() == [
        "there:3  elsewhere: wrong",
        "s.yaml:1  nothing fits",
        "s.yaml:3  world.window: too wide",
        "s.yaml:5  world.rule.beta: too large",
        "s.yaml:6  network.k: too many",
        "s.yaml:7  population.n: too few",
    ]
    assert load(write(text), SHELVES, checks=[lambda scenario: []]).name == "good"


def test_checks_run_only_on_what_is_right_by_itself(write):
    def never(scenario: Scenario):
        raise AssertionError

    refusal(write(GOOD + "steps: -1\n"), checks=[never])


def test_scenarios_are_equal_when_they_say_the_same(write, tmp_path):
    one = load(write(GOOD), SHELVES)
    assert one == load(one, SHELVES) == load(write("# comment\n" + GOOD), SHELVES)
    assert one != load(one, SHELVES, {"seed": 2})
    assert one != "good"
