"""Interventions as a scenario writes them: listed, explained, in the editor's schema, and in a shipped scenario."""

from pathlib import Path

import jsonschema
import pytest
import yaml

import simsoc
from simsoc import catalogue
from simsoc.shelves import SHELVES
from simsoc.society import Society
from simsoc.workbench import schema

SCENARIOS = Path(__file__).parents[2] / "scenarios"
EVERY_KIND = """
name: x
steps: 20
world: {kind: opinion, rule: voter, stop: never}
population: {source: attributes, n: 20, traits: {party: [D, R], age: [20, 40]}}
interventions:
  - {at: 10, do: {kind: set, keys: {world.rule.kind: voter}}}
  - {at: 4, every: 3, until: 13, who: {not: {traits: {age: {min: 30}}}}, do: {kind: inject, item: A}}
  - {at: 8, who: {any: [{ids: [1]}, {degree: {top: 2}}], n: 2}, do: {kind: ties, to: {share: 0.5}, m: 1}}
  - {at: 8, do: {kind: ties, add: [[0, 5], [3, 4]], weight: 2}}
  - {at: 9, do: join}
  - {at: 9, who: {n: 2}, do: leave}
  - {at: 9, until: 10, who: {n: 2}, do: {kind: backend, to: null}}
  - {at: 9, who: {n: 2}, do: {kind: traits, to: {party: null, job: cook}}}
  - {at: 12, do: {kind: seed, to: 7}}
"""


UNDER_A_FEED = """
name: x
steps: 20
world: {kind: twitter}
population: {source: attributes, n: 20, traits: {party: [D, R], age: [20, 40]}}
network: {kind: erdos_renyi, p: 0.2, directed: true}
interventions:
  - {at: 9, until: 12, who: {n: 2}, do: suspend}
"""


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "s.yaml"
    path.write_text(EVERY_KIND, encoding="utf-8")
    return path


@pytest.fixture
def fed(tmp_path):
    path = tmp_path / "fed.yaml"
    path.write_text(UNDER_A_FEED, encoding="utf-8")
    return path


def test_every_kind_is_in_one_of_the_two(file, fed):
    kinds = {one.do.kind for path in (file, fed) for one in simsoc.load(path).interventions}
    assert kinds == set(SHELVES["interventions"].names())


@pytest.mark.parametrize("which", ["file", "fed"])
def test_every_kind_is_written_and_read_back(which, request):
    file = request.getfixturevalue(which)
    scenario = simsoc.check(file)
    for docs in (False, True):
        again = file.with_name("again.yaml")
        again.write_text(simsoc.explain(file, docs=docs), encoding="utf-8")
        assert simsoc.load(again) == scenario
    text = simsoc.explain(file, docs=True)
    assert "# The step before whose turns it takes place." in text


def test_editors_accept_it_and_refuse_slips(file):
    validator = jsonschema.Draft202012Validator(schema())
    data = yaml.safe_load(EVERY_KIND)
    assert list(validator.iter_errors(data)) == []
    for wrong in ({"at": 3, "do": "leaf"}, {"at": 3, "do": {"kind": "join", "k": 3}}, {"do": "join"}):
        assert list(validator.iter_errors({**data, "interventions": [wrong]})) != []


def test_it_is_listed():
    ((_, rows),) = catalogue.catalogue("interventions")
    assert [name for name, _ in rows] == [
        "set",
        "backend",
        "seed",
        "ties",
        "join",
        "leave",
        "traits",
        "suspend",
        "inject",
    ]
    assert all(line.endswith(".") for _, line in rows)
    for name, _ in rows:
        assert "until" in " ".join(catalogue.detail("interventions", name).about), "it is said what until means"


def test_overrides_reach_interventions(file):
    key = "interventions.0.do.keys.'world.rule.kind'"
    scenario = simsoc.load(file, {"interventions.1.at": 5, key: "majority"})
    assert scenario.interventions[1].at == 5
    assert scenario.interventions[0].do.given.keys == {"world.rule.kind": "majority"}


def test_the_shipped_scenario_shows_what_it_expects():
    finals = []
    for seed in (11, 1, 10):
        society = Society(SCENARIOS / "opinion_intervention.yaml", seed)
        society.run_model()
        m = society.datacollector.get_model_vars_dataframe()["magnetisation"]
        m.index = range(1, 81)
        assert m.loc[8:19].mean() == pytest.approx(0.86, abs=0.06)
        assert m.loc[26:39].mean() == pytest.approx(-0.86, abs=0.06)
        assert m.loc[44:59].mean() == pytest.approx(0, abs=0.08)
        assert abs(m.loc[74:80].mean()) == pytest.approx(0.86, abs=0.06)
        finals.append(m.loc[80] > 0)
    assert len(set(finals)) == 2, "the side is forgotten"
