"""Surveys look and do not touch: what happens is the same with and without, and the answers come out as frames."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import simsoc
from simsoc.core.errors import LogError
from simsoc.scenario.questions import Every, held_after
from simsoc.society import Society
from tests.surveys.making import (
    BASE,
    GROWTH,
    HEAT,
    PEOPLE,
    REGIMES,
    SURVEY,
    TWO,
    VOTE,
    WHY,
    WORLD,
    others,
    ran,
    surveyed,
)

SCRIPT = {"model": "scripted", "script": [{"answer": "z"}, {"answer": "k"}, {"answer": "k"}]}


@pytest.mark.parametrize("backend", ["mechanistic", "null", SCRIPT, "scripted/silent"])
@pytest.mark.parametrize("base", [BASE, {**BASE, "activation": "one_by_one"}, TWO], ids=["together", "one", "two"])
def test_it_leaves_no_trace(tmp_path, base, backend):
    """The same events, measures and decisions, down to each draw and each prompt."""
    with ran(tmp_path / "a.db", {**base, "backend": backend}) as without:
        with ran(tmp_path / "b.db", {**surveyed(base), "backend": backend}) as asked:
            assert asked.info["digest"] == without.info["digest"]
            assert asked.info["turns"] == without.info["turns"]
            assert asked.measures.equals(without.measures)
            assert others(asked) == others(without)
            assert len(asked.survey("approval")) == 3 * 10 * 4


def test_growth_is_surveyed_too_and_only_who_is_there_is_asked(tmp_path):
    survey = {"name": "s", "at": [0, 2, "end"], "questions": [VOTE]}
    with ran(tmp_path / "a.db", GROWTH) as without, ran(tmp_path / "b.db", surveyed(GROWTH, survey)) as asked:
        assert asked.info["digest"] == without.info["digest"]
        assert asked.survey("s").groupby("step")["agent"].nunique().to_dict() == {0: 4, 2: 6, 4: 8}


def test_answers_come_out_tidy_and_wide(tmp_path):
    rule = {"kind": "standing", "marginals": {"heat": {"0": 1, "100": 1}}}
    with ran(tmp_path / "a.db", surveyed(rule=rule)) as run:
        long = run.survey("approval")
        assert long.columns.tolist() == [
            "step",
            "agent",
            "question",
            "answer",
            "status",
            "detail",
            "by",
            "source",
            "weight",
        ]
        assert long["step"].unique().tolist() == [0, 2, 4]
        assert long["question"].head(4).tolist() == ["vote", "heat", "chance", "why"]
        assert set(long["by"]) == {"standing"}
        wide = run.survey("approval", wide=True)
        assert wide.columns.tolist() == ["step", "agent", "weight", "vote", "heat", "chance", "why"]
        assert str(wide["heat"].dtype) == "Int64"
        assert str(wide["chance"].dtype) == "float64"
        held = run.opinions.merge(wide, on=["step", "agent"])
        assert len(held) == 30
        assert (held["opinion"] == held["vote"]).all()  # the state at the end of the step, not of another
        assert set(wide["heat"]) == {0, 100}
        assert set(wide["why"]) == {"My opinion is A.", "My opinion is B."}
        with pytest.raises(LogError, match=r"no survey 'aproval' in this run\. Did you mean 'approval'"):
            run.survey("aproval")


def test_a_survey_that_was_never_held_is_an_empty_frame(tmp_path):
    with ran(tmp_path / "a.db", surveyed(at=99)) as run:
        assert len(run.survey("approval")) == 0
        assert run.survey("approval", wide=True).columns.tolist() == [
            "step",
            "agent",
            "weight",
            "vote",
            "heat",
            "chance",
            "why",
        ]


def test_silence_is_a_row(tmp_path):
    with ran(tmp_path / "a.db", {**surveyed(at="end"), "backend": "scripted/silent"}) as run:
        long = run.survey("approval")
        assert set(long["status"]) == {"refused"}
        assert long["answer"].isna().all()
        assert run.survey("approval", wide=True)["heat"].isna().all()


def test_the_end_is_wherever_a_run_ends(tmp_path):
    agreeing = {**BASE, "steps": 500, "network": "complete", "world": {**WORLD, "rule": "voter", "stop": "consensus"}}
    with ran(tmp_path / "a.db", surveyed({**agreeing, "activation": "one_by_one"}, at=["end"])) as run:
        assert run.info["reason"] == "consensus"
        assert run.survey("approval")["step"].unique().tolist() == [run.steps]
        assert len(set(run.survey("approval", wide=True)["vote"])) == 1


def test_a_run_that_is_over_before_it_begins_is_surveyed_once(tmp_path):
    agreed = {**BASE, "world": {**WORLD, "start": {"A": 1.0}, "stop": "consensus"}}
    with ran(tmp_path / "a.db", surveyed(agreed, at=[0, "end"])) as run:
        assert (run.steps, run.info["reason"]) == (0, "consensus")
        assert len(run.survey("approval")) == 40


def test_building_a_society_asks_nobody():
    society = Society(surveyed(), backend=lambda ask: pytest.fail("asked"))
    society.close()
    assert simsoc.check(surveyed()).surveys[0].name == "approval"


def test_a_society_stepped_by_hand_asks_between_steps():
    asked = []

    def backend(ask):
        asked.append((ask.step, ask.purpose))
        return ask.facts["options"][0] if ask.facts.has("options") else "words"

    society = Society(surveyed(questions=[VOTE], at=[0, 1]), backend=backend)
    assert asked == []
    society.step()
    steps = [step for step, purpose in asked if purpose == "survey/approval/vote"]
    assert (steps.count(0), steps.count(1)) == (10, 10)
    society.close()


def test_several_surveys_are_held_after_one_step(tmp_path):
    more = {"name": "other", "at": 2, "questions": [{**VOTE, "choice": ["x", "y"]}], "rule": "uniform"}
    with ran(tmp_path / "a.db", surveyed(BASE, SURVEY, more)) as run:
        assert len(run.survey("other")) == 10
        assert set(run.survey("other")["answer"]) == {"x", "y"}
        assert len(run.survey("approval")) == 120


# -- who ------------------------------------------------------------------------------------------------------------


def asked_by_wave(run):
    return run.survey("approval").groupby("step")["agent"].agg(lambda ids: sorted(set(ids))).to_dict()


def test_a_panel_stays_and_a_fresh_sample_does_not(tmp_path):
    base = {**BASE, "population": {"n": 60}}
    who = {"share": 0.4}
    with ran(tmp_path / "a.db", surveyed(base, who=who, questions=[VOTE])) as run:
        panel = asked_by_wave(run)
        assert panel[0] == panel[2] == panel[4]
        assert 12 < len(panel[0]) < 36
    with ran(tmp_path / "b.db", surveyed(base, who=who, questions=[VOTE], sample="fresh")) as run:
        fresh = asked_by_wave(run)
        assert len({tuple(ids) for ids in fresh.values()}) == 3


def test_selections_are_those_of_the_scenario(tmp_path):
    base = {**BASE, "population": PEOPLE}
    with ran(tmp_path / "a.db", surveyed(base, who={"traits": {"age": {"min": 40}}, "not": {"ids": [0]}})) as run:
        old = run.agents[(run.agents["age"] >= 40) & (run.agents["agent"] != 0)]["agent"].tolist()
        assert asked_by_wave(run)[0] == old


def test_those_who_left_are_not_asked_and_those_who_came_are(tmp_path):
    base = {
        **BASE,
        "interventions": [
            {"at": 2, "who": {"ids": [1, 2]}, "do": {"kind": "leave"}},
            {"at": 3, "do": {"kind": "join", "n": 2, "m": 2, "traits": {"party": "new"}}},
        ],
    }
    with ran(tmp_path / "a.db", surveyed(base, questions=[VOTE])) as run:
        waves = asked_by_wave(run)
        assert waves[0] == list(range(10))
        assert waves[2] == [0, *range(3, 10)]
        assert waves[4] == [0, *range(3, 12)]
    new = surveyed(base, who={"traits": {"party": "new"}}, questions=[VOTE])
    with ran(tmp_path / "b.db", new) as run:
        assert asked_by_wave(run) == {4: [10, 11]}


# -- what whoever is asked knows ------------------------------------------------------------------------------------


def seen(design):
    """(step, agent, purpose, facts) of what surveys asked."""
    found = []

    def backend(ask):
        if ask.purpose.startswith("survey/"):
            found.append((ask.step, ask.agent, ask.purpose, ask.facts.full()))
        return ask.decision.answer.null(ask.facts, ask.stream())

    society = Society(design, backend=backend)
    society.run_model()
    return found


def test_it_knows_its_persona_and_what_it_holds():
    base = {**TWO, "population": PEOPLE}
    for _, agent, _, facts in seen(surveyed(base, at=1, questions=[VOTE])):
        assert facts["persona"].startswith("Your party is")
        assert facts["standing"]["opinion"] in ("A", "B")
        assert facts["standing"]["position"]["from"] == 0
        assert facts["traits"]["age"] in (20, 40, 60)
        assert agent < 10


def test_questions_in_order_know_those_before():
    told = [facts["before"] for _, agent, _, facts in seen(surveyed(at=1, in_order=True)) if agent == 0]
    assert [len(before) for before in told] == [0, 1, 2, 3]
    assert [one["ask"] for one in told[3]] == [VOTE["ask"], HEAT["ask"], "How likely will B win?"]
    assert told[1][0]["answer"] in VOTE["choice"]
    alone = [facts["before"] for *_, facts in seen(surveyed(at=1))]
    assert alone == [[]] * 40


def test_silence_in_order_is_told_as_such(tmp_path):
    design = {**surveyed(at=1, in_order=True, questions=[VOTE, WHY]), "backend": "scripted/silent"}
    with ran(tmp_path / "a.db", design) as run:
        facts = run.asks_with(facts=True)
        before = facts[facts["purpose"] == "survey/approval/why"]["facts.before"]
        assert all(told == [{"ask": VOTE["ask"], "answer": None}] for told in before)


def test_options_are_shown_in_an_order_of_their_own_and_frozen_on_request():
    shuffled = [tuple(facts["shown"]) for *_, facts in seen(surveyed(at=[1, 2], questions=[VOTE]))]
    assert len(set(shuffled)) == 6
    assert shuffled == [tuple(facts["shown"]) for *_, facts in seen(surveyed(at=[1, 2], questions=[VOTE]))]
    fixed = [tuple(facts["shown"]) for *_, facts in seen(surveyed(at=[1, 2], questions=[VOTE], order="fixed"))]
    assert set(fixed) == {(0, 1, 2)}


def test_letters_stand_for_places_not_for_options():
    for *_, facts in seen(surveyed(at=1, questions=[VOTE], letters=True)):
        assert [one["letter"] for one in facts["listed"]] == ["A", "B", "C"]
        options = [facts["options"][i] for i in facts["shown"]]
        assert [one["option"] for one in facts["listed"]] == options
        assert [facts["labels"][i] for i in facts["shown"]] == ["A", "B", "C"]


# -- when -----------------------------------------------------------------------------------------------------------


@given(
    every=st.integers(1, 7),
    first=st.integers(0, 9),
    more=st.none() | st.integers(0, 12),
    step=st.integers(0, 40),
)
def test_every_so_many_steps(every, first, more, step):
    until = None if more is None else first + more
    moment = Every.model_validate({"every": every, "from": first, "until": until})
    steps = set(range(first, 41 if until is None else until + 1, every))
    assert held_after((moment,), step, last=False) == (step in steps)


@given(step=st.integers(0, 9), at=st.lists(st.integers(0, 9) | st.just("end"), min_size=1), last=st.booleans())
def test_a_list_of_moments(step, at, last):
    assert held_after(tuple(at), step, last=last) == (step in at or (last and "end" in at))


@pytest.mark.parametrize("regime", REGIMES)
def test_waves_are_held_when_they_are_due(tmp_path, regime):
    design = surveyed({**BASE, "activation": regime, "steps": 7}, at=[{"every": 3, "from": 1}, "end"], questions=[VOTE])
    with ran(tmp_path / "a.db", design) as run:
        assert sorted(asked_by_wave(run)) == [1, 4, 7]
