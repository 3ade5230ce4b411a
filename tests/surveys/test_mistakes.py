"""Everything wrong with a survey is told at once: file, line, path, nearest guess."""

import pytest
import yaml

import simsoc
from simsoc.core.errors import ScenarioError
from simsoc.scenario.explain import to_yaml
from tests.surveys.making import BASE, HEAT, PEOPLE, SURVEY, VOTE, WHY, surveyed

MISTAKES = [
    ({"at": -1}, r"surveys\.0\.at: should be at least 0 or 'end' or a mapping \(got -1\)"),
    ({"at": "never"}, r"surveys\.0\.at: should be a whole number or 'end' or a mapping"),
    ({"at": []}, r"surveys\.0\.at: should be a list of 1 or more"),
    ({"at": {"evry": 2}}, r"surveys\.0\.at\.evry: unknown key\. Did you mean 'every'"),
    ({"at": {"every": 2, "from": 4, "until": 3}}, "until must not be before from"),
    ({"questions": []}, r"surveys\.0\.questions: should be a list of 1 or more"),
    ({"questions": [{"name": "x", "ask": "y"}]}, r"questions\.0: what may be answered\? Say one of choice, scale"),
    ({"questions": [{**VOTE, "text": True}]}, r"got choice and text"),
    ({"questions": [{**VOTE, "choice": ["A", "A"]}]}, "options of a choice must differ"),
    ({"questions": [{**HEAT, "scale": [3, 3]}]}, "from the lower to the higher end"),
    ({"questions": [{**HEAT, "scale": [0.5, 3]}]}, r"questions\.0\.scale\.0: should be a whole number"),
    ({"questions": [{**HEAT, "scale": [3]}]}, r"questions\.0\.scale"),
    ({"questions": [{**WHY, "text": False}]}, r"text: should be true or a whole number"),
    ({"questions": [VOTE, VOTE]}, r"questions\.1\.name: 'vote' is there already"),
    ({"questions": [{**VOTE, "name": "agent"}]}, r"'agent' is a column of the answers"),
    ({"questions": [{**VOTE, "name": "a/b"}]}, "letters, digits, dots and dashes"),
    ({"questions": [{**VOTE, "choice": list("abcdefghijklmnopqrstuvwxyz0")}], "letters": True}, "26 are the most"),
    ({"remembered": True}, r"surveys\.0\.remembered: in world 'opinion' nobody remembers being asked"),
    ({"rule": "standng"}, r"rule: no 'standng'\. Did you mean 'standing'"),
    ({"rule": {"kind": "standing", "marginals": {"vtoe": {"A": 1}}}}, "no question 'vtoe'. Did you mean 'vote'"),
    ({"rule": {"kind": "standing", "marginals": {"vote": {"C": 1}}}}, "'C' is no answer to 'vote'"),
    ({"rule": {"kind": "standing", "marginals": {"vote": {"A": 0}}}}, "no answer has a positive share"),
    ({"rule": {"kind": "standing", "marginals": {"heat": {"101": 1}}}}, "101 is not between 0 and 100"),
    ({"rule": {"kind": "standing", "marginals": {"heat": {"warm": 1}}}}, "'warm' is no answer to 'heat'"),
    ({"rule": {"kind": "standing", "ordered": ["heat"]}}, "'heat' is no choice"),
    ({"rule": {"kind": "mentions", "words": {"vote": "x"}}}, "'vote' is no choice of two options"),
    ({"rule": {"kind": "mentions"}}, r"rule\.words: required, but missing"),
    ({"rule": {"kind": "trait", "trait": {"vtoe": "party"}}}, "no question 'vtoe'"),
    ({"who": {"shar": 0.5}}, r"surveys\.0\.who\.shar: unknown key\. Did you mean 'share'"),
    ({"wording": "poll"}, r"wording: no 'poll'"),
]


@pytest.mark.parametrize(("change", "says"), MISTAKES, ids=lambda value: str(value)[:40])
def test_what_is_wrong_by_itself(change, says):
    with pytest.raises(ScenarioError, match=says):
        simsoc.load(surveyed(**change))


OF_PEOPLE = [
    ({"who": {"ids": [10]}}, r"surveys\.0\.who\.ids: no agent 10: ids run from 0 to 9"),
    ({"who": {"traits": {"prty": "A"}}}, r"surveys\.0\.who\.traits\.prty: nobody has it\. Did you mean 'party'"),
    (
        {"rule": {"kind": "trait", "trait": "prty"}},
        r"surveys\.0\.rule\.trait: nobody has 'prty'\. Did you mean 'party'",
    ),
    (
        {"rule": {"kind": "trait", "trait": {"vote": "aeg"}}},
        r"rule\.trait\.vote: nobody has 'aeg'\. Did you mean 'age'",
    ),
]


@pytest.mark.parametrize(("change", "says"), OF_PEOPLE, ids=lambda value: str(value)[:40])
def test_what_is_wrong_with_these_people(change, says):
    design = surveyed({**BASE, "population": PEOPLE}, **change)
    simsoc.load(design)
    with pytest.raises(ScenarioError, match=says):
        simsoc.check(design)


def test_people_and_traits_that_are_to_come_are_no_mistake():
    join = {"at": 2, "every": 1, "do": {"kind": "join", "n": 2, "traits": {"new": 1}}}
    design = {**surveyed(at="end", who={"any": [{"ids": [15]}, {"traits": {"new": 1}}]}), "interventions": [join]}
    assert simsoc.check(design)
    with pytest.raises(ScenarioError, match="no agent 16"):
        simsoc.check({**surveyed(who={"ids": [15, 16]}), "interventions": [join]})


def test_names_are_unique_and_all_is_told_at_once():
    with pytest.raises(ScenarioError) as error:
        simsoc.load(surveyed(BASE, SURVEY, {**SURVEY, "remembered": True}, {**SURVEY, "questions": [VOTE, VOTE]}))
    paths = [problem.path for problem in error.value.problems]
    assert paths == ["surveys.1.name", "surveys.1.remembered", "surveys.2.name", "surveys.2.questions.1.name"]


def test_line_and_path(tmp_path):
    file = tmp_path / "s.yaml"
    file.write_text(to_yaml(simsoc.load(surveyed())).replace("scale: [0, 100]", "scale: [100, 0]"))
    line = file.read_text().splitlines().index("      - name: heat") + 1
    with pytest.raises(ScenarioError) as error:
        simsoc.load(file)
    assert str(error.value).startswith(f"{file}:{line}  surveys.0.questions.1: scale goes from the lower")


def test_letters_that_log_probabilities_cannot_hold():
    many = {**VOTE, "choice": [f"option {n}" for n in range(25)]}
    base = {**BASE, "choice": "logprobs"}
    backend = {"model": "openai/test", "base_url": "http://127.0.0.1:9/v1"}
    with pytest.raises(ScenarioError, match=r"surveys\.0\.questions\.0\.choice: .*top_logprobs of at least 25"):
        simsoc.check({**surveyed(base, questions=[many]), "backend": backend})
    assert simsoc.check({**surveyed(base, questions=[many]), "backend": {**backend, "top_logprobs": 25}})
    assert simsoc.check(surveyed(base, questions=[many]))  # rules read no tokens


def test_it_is_read_back_as_it_was():
    at = [{"every": 2, "from": 1, "until": 9}, "end"]
    design = surveyed(at=at, rule={"kind": "standing", "marginals": {"vote": {"A": 1}}}, who={"not": {"share": 0.5}})
    scenario = simsoc.load(design)
    assert simsoc.load(simsoc.load(design, [("surveys.0.at", 3)]), [("surveys.0.at", at)]) == scenario
    for full in (True, False):
        assert simsoc.load(yaml.safe_load(to_yaml(scenario, full=full))) == scenario
