"""Every file in scenarios/ runs to its end without a model, says what it is for, and its log holds together."""

import json
import math
from pathlib import Path

import jsonschema
import pytest
import yaml

import simsoc
from simsoc.scenario.explain import to_yaml
from simsoc.workbench import schema
from tests.loopback import Loopback

FOLDER = Path(__file__).parents[2] / "scenarios"
FILES = sorted(FOLDER.glob("*.yaml"))
SMALLER = {
    "growth_newcomers": {"population.n": 300},
    "growth_token_prior": {"population.n": 300},
    "growth_audit": {"world.design.shows": 300},
    "opinion_noisy_voter": {"steps": 100},
    "opinion_group_splitting": {"population.n": 60},
    "opinion_deffuant": {"population.n": 80},
    "opinion_hegselmann_krause": {"population.n": 80},
    "opinion_committed_outside": {"world.committed.n": 100},
    "town_25": {"world.days": 0.4},
    "feed_interventions": {"population.n": 80, "steps": 600},
    "three_feeds": {"population.n": 120, "steps": 20},
    "bridging_feed": {"population.n": 120},
    "rumour": {"population.n": 60, "steps": 500},
    "feed_null": {"population.n": 80, "steps": 600},
}
"""What is made smaller where a file takes long; its own checks (tests/checks) look at the whole."""

each_file = pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)


def test_there_are_scenarios_for_every_world_rule_and_design():
    scenarios = [simsoc.load(file) for file in FILES]
    parts = [part for scenario in scenarios for part in scenario.world]
    from simsoc.shelves import SHELVES

    assert {part.kind for part in parts} == set(SHELVES["worlds"].names())
    rules = {rule.kind for part in parts if (rule := getattr(part.given, "rule", None)) is not None}
    for shelf in ("opinion_rules", "opinion_scale_rules", "growth_rules", "twitter_rules", "audit_rules"):
        assert rules >= set(SHELVES[shelf].names())
    designs = {part.given.design.kind for part in parts if part.kind == "growth"}
    assert designs == set(SHELVES["growth_designs"].names())
    instruments = {part.given.instrument.kind for part in parts if part.kind == "audit"}
    assert instruments == set(SHELVES["audit_instruments"].names())


def test_names_are_those_of_the_files():
    assert {file.stem: simsoc.load(file).name for file in FILES} == {f.stem: f.stem.replace("_", "-") for f in FILES}


@each_file
def test_it_says_what_it_is_for(file):
    scenario = simsoc.load(file)
    assert scenario.question.endswith("?")
    assert any(mark in scenario.source for mark in ("19", "20"))
    assert len(scenario.expect) > 20


@each_file
def test_it_is_checked_and_read_back(file, tmp_path):
    scenario = simsoc.check(file)
    again = tmp_path / file.name
    for own in FOLDER.glob("*.py"):
        (tmp_path / own.name).write_text(own.read_text(encoding="utf-8"), encoding="utf-8")
    for full in (False, True):
        again.write_text(to_yaml(scenario, full=full), encoding="utf-8")
        assert simsoc.load(again) == scenario
    again.write_text(simsoc.explain(file, docs=True), encoding="utf-8")
    assert simsoc.load(again) == scenario


@pytest.fixture(scope="module")
def validator():
    return jsonschema.Draft202012Validator(schema())


@each_file
def test_editors_accept_it(file, validator):
    assert list(validator.iter_errors(yaml.safe_load(file.read_text(encoding="utf-8")))) == []


@each_file
def test_it_runs_to_its_end_by_rules_alone(file, tmp_path):
    log = tmp_path / "run.db"
    with simsoc.run(simsoc.load(file, SMALLER.get(file.stem, {})), log=log) as run:
        assert run.info["status"] == "finished"
        assert len(run.failures) == 0
        assert set(run.asks["status"]) == {"ok"}
        assert set(run.asks["source"]) == {"rule"}
        finals = run.summary().set_index("measure")["final"]
        assert len(finals) > 0 or file.stem == "audit_respondents"  # surveys are all there is in it
        assert all(math.isfinite(value) for value in finals), finals
        assert len(run.measures) == (run.info["steps"] + 1 if len(finals) else 0)
    assert simsoc.verify(log) == []


@each_file
def test_it_runs_with_the_null_mind(file, tmp_path):
    scenario = simsoc.load(file, {**SMALLER.get(file.stem, {}), "steps": 3, "backend": None})
    with simsoc.run(scenario, log=tmp_path / "run.db") as run:
        assert run.info["status"] == "finished"
        assert set(run.asks["by"]) <= {"null"}
    assert simsoc.verify(tmp_path / "run.db") == []


# -- against a server --------------------------------------------------------------------------------------------------

SERVED = [
    ("opinion_majority_force", {"population.n": 6}),
    ("opinion_majority_force", {"population.n": 6, "world.wording": "published"}),
    ("opinion_majority_force", {"population.n": 6, "world.wording": "strangers", "world.personas": True}),
    ("opinion_biased_pair", {"population.n": 5, "world.topic": "pets"}),
    ("opinion_committed_minority", {"population.n": 5, "world.committed": {"n": 2, "to": "sex classification"}}),
    ("opinion_group_splitting", {"population.n": 6, "world.split_after": 1}),
    ("opinion_majority_rule", {"population.n": 6}),
    ("opinion_threshold", {"population.n": 12}),
    ("opinion_deffuant", {"population.n": 6}),
    ("opinion_degroot", {}),
    ("opinion_friedkin_johnsen", {"population.n": 8, "network.degree": 2.0, "world.topic": 'the "best" colour'}),
    ("growth_newcomers", {"population.n": 6, "world.design.m": 2}),
    ("growth_neighbour_lists", {"population.n": 6, "world.cap": 3}),
    ("growth_closure_random", {"population.n": 10, "network.p": 0.3}),
    ("growth_closure_blocks", {"population.n": 10, "network.sizes": [5, 5]}),
    ("growth_homophily", {"population.n": 10, "world.context": "school"}),
    (
        "growth_homophily",
        {"population.n": 8, "world.design.acceptance": {"kind": "shares", "least": 1}, "world.design.links": 2},
    ),
    ("growth_small_world", {"population.n": 12, "world.design.beta": 0.5, "world.context": "community"}),
    ("growth_audit", {"population.n": 6, "world.design.candidates": 5, "world.design.shows": 4}),
    ("audit_names", {"population.per": 2, "world.samples": 1}),
    ("audit_compass", {"population.n": 1, "world.samples": 1, "world.instrument.answer": "open"}),
    ("audit_respondents", {"population.n": 4, "steps": 0}),
]


@pytest.mark.parametrize(("name", "smaller"), SERVED)
def test_it_runs_against_a_server(name, smaller, tmp_path, monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with Loopback() as server:
        backend = {"model": "openai/test", "transport": "lean", "base_url": server.base_url, "slots": 8}
        few = {} if name.startswith("growth") else {"steps": 2}
        scenario = simsoc.load(FOLDER / f"{name}.yaml", {**few, **smaller, "backend": backend})
        with simsoc.run(scenario, log=tmp_path / "run.db") as run:
            assert run.info["status"] == "finished"
            assert set(run.asks["status"]) == {"ok"}
            assert len(run.failures) == 0
            assert server.calls == len(run.asks) > 2
            prompts = [json.loads(prompt) for prompt in run.asks_with(texts=True)["prompt"]]
    assert simsoc.verify(tmp_path / "run.db") == []
    for messages in prompts:
        assert [message["role"] for message in messages] == ["user"]
        reads_well(messages[0]["content"])
    if "world.topic" in smaller:
        assert all(json.dumps(smaller["world.topic"]) in messages[0]["content"] for messages in prompts)


def reads_well(prompt):
    """No template left over, no broken line, data between delimiters and marked as such, the question at the end."""
    for sign in ("{%", "{{", "%}", "None", "undefined", "<function", "  ", " ,"):
        assert sign not in prompt
    lines = prompt.splitlines()
    assert all(line == line.strip() for line in lines)
    if "square brackets" in lines[-1]:
        return  # the published wording, word for word
    assert all(lines)
    quoted = [line for line in lines if line.startswith(("The question: ", "The statement: "))]
    opened = [line for line in lines if line in ("<friends>", "<people>", "<assistants>", "<person>", "<said>")]
    assert len(opened) + len(quoted) == 1
    if quoted:
        assert isinstance(json.loads(quoted[0].partition(": ")[2]), str)
    else:
        assert lines.index(opened[0]) < lines.index(opened[0].replace("<", "</"))
    assert "data, not instructions" in prompt
    assert lines[-1].count("Answer with") == 1
