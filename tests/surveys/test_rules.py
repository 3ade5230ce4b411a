"""How surveys are answered when no model is asked."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simsoc.core.answers import PLACEHOLDER
from simsoc.core.stream import Stream
from simsoc.core.words import Rule
from simsoc.scenario.questions import Question
from simsoc.scenario.spec import Survey
from simsoc.shelves import SHELVES
from simsoc.surveys.rules import mentions, most_mentioned, standing, trait, uniform
from simsoc.surveys.sheet import Respondent, Sheet, form
from simsoc.surveys.standing import cut, in_words, lines, share
from tests.surveys.making import CHANCE, HEAT, QUESTIONS, SURVEY, VOTE, WHY

ORDERED = {"name": "agree", "ask": "Do you agree?", "choice": ["no", "rather no", "rather yes", "yes"]}
questions = st.sampled_from([*QUESTIONS, ORDERED])
NOTHING = {}


def facts(question, held=NOTHING, traits=NOTHING):
    """The facts of a question put to somebody who holds this and is like that."""
    survey = Survey.model_validate(
        {**SURVEY, "at": (0,), "questions": (tupled(question),)}, context={"shelves": SHELVES}
    )
    sheet = Sheet(survey, Rule("none", lambda facts, stream: None, {}), "sample")
    (thought,) = sheet.thoughts(Respondent(1, 0, 0, traits, lambda: "", lambda about: dict(held)))
    return next(thought).facts


def tupled(question):
    return {key: tuple(value) if isinstance(value, list) else value for key, value in question.items()}


def place(value, low=0.0, high=1.0):
    return {"position": {"value": value, "from": low, "to": high}}


@given(question=questions, seed=st.integers(0, 10**6), rule=st.sampled_from([uniform, standing]))
def test_every_rule_gives_legal_answers(question, seed, rule):
    legal = form(Question.model_validate(tupled(question)))
    given_ = facts(question)
    value = rule(given_, Stream(seed, "x"))
    assert legal.check(value, given_) == value


@given(question=questions, value=st.floats(-3, 5), low=st.floats(-2, 0), size=st.floats(0.1, 4))
def test_any_position_gives_a_legal_answer(question, value, low, size):
    given_ = facts(question, place(value, low, low + size))
    legal = form(Question.model_validate(tupled(question)))
    answer = standing(given_, Stream(1), ordered=("agree",))
    assert legal.check(answer, given_) == answer


def test_what_is_held_is_the_answer_where_it_is_one():
    assert standing(facts(VOTE, {"opinion": "B"}), Stream(1)) == "B"
    assert standing(facts(WHY, {"opinion": "B"}), Stream(1)) == "My opinion is B."
    drawn = Counter(standing(facts(VOTE, {"opinion": "none of these"}), Stream(s)) for s in range(300))
    assert min(drawn.values()) > 60  # uniform over three options: 100, sd 8


@pytest.mark.parametrize(("value", "heat", "chance", "agree"), [
    (0.0, 0, 0.0, "no"),
    (0.3, 30, 0.3, "rather no"),
    (0.5, 50, 0.5, "rather yes"),
    (0.745, 75, 0.745, "rather yes"),
    (1.0, 100, 1.0, "yes"),
])  # fmt: skip
def test_a_position_is_carried_over_end_to_end(value, heat, chance, agree):
    held = place(2 * value - 1, -1, 1)
    assert standing(facts(HEAT, held), Stream(1)) == heat
    assert standing(facts(CHANCE, held), Stream(1)) == pytest.approx(chance, abs=1e-9)
    assert standing(facts(ORDERED, held), Stream(1), ordered=("agree",)) == agree
    assert standing(facts(WHY, held), Stream(1)).startswith(f"My position is {2 * value - 1:.6g} on a scale from -1")


def test_options_in_no_order_are_drawn_whatever_the_position():
    drawn = {standing(facts(ORDERED, place(1.0)), Stream(seed)) for seed in range(60)}
    assert drawn == set(ORDERED["choice"])


def test_shares_are_drawn_where_nothing_is_held():
    shares = {"vote": {"nobody": 3, "A": 1}, "heat": {"0": 1, "100": 3}, "chance": {"0.25": 1}, "why": {"So.": 1}}
    for rule, extra in ((standing, {}), (trait, {"trait": "party"})):
        votes = Counter(rule(facts(VOTE), Stream(s), marginals=shares, **extra) for s in range(2000))
        assert set(votes) == {"A", "nobody"}
        assert abs(votes["A"] - 500) < 4 * 19.4  # sd of a binomial, n 2000, p 1/4
        heat = Counter(rule(facts(HEAT), Stream(s), marginals=shares, **extra) for s in range(200))
        assert set(heat) == {0, 100}
        assert rule(facts(CHANCE), Stream(1), marginals=shares, **extra) == 0.25
        assert rule(facts(WHY), Stream(1), marginals=shares, **extra) == "So."


def test_what_is_held_comes_before_shares():
    assert standing(facts(VOTE, {"opinion": "A"}), Stream(1), marginals={"vote": {"B": 1}}) == "A"


def test_a_trait_is_the_answer_where_it_is_one():
    person = {"party": "B", "age": 61, "mood": 0.5}
    assert trait(facts(VOTE, {"opinion": "A"}, person), Stream(1), trait="party") == "B"
    assert trait(facts(HEAT, {}, person), Stream(1), trait={"heat": "age"}) == 61
    assert trait(facts(CHANCE, {}, person), Stream(1), trait="mood") == 0.5
    assert trait(facts(WHY, {}, person), Stream(1), trait="age") == "61"
    out_of_range = {trait(facts(CHANCE, {}, person), Stream(s), trait="age") for s in range(5)}
    assert len(out_of_range) == 5
    elsewhere = {trait(facts(VOTE, {}, person), Stream(s), trait={"heat": "age"}) for s in range(40)}
    assert elsewhere == set(VOTE["choice"])


def test_words_are_a_placeholder_where_nothing_is_known():
    assert uniform(facts(WHY), Stream(1)) == standing(facts(WHY), Stream(1)) == PLACEHOLDER


def test_who_has_heard_of_something():
    heard = {"name": "heard", "ask": "Have you heard of the party?", "choice": ["yes", "no"]}
    words = {"heard": ["the Party", "Valentine"]}
    known = {"opinion": "A", "memories": ["I bought milk", "Ada told me of the party on Friday"]}
    assert mentions(facts(heard, known), Stream(1), words=words) == "yes"
    assert mentions(facts(heard, {"memories": ["I bought milk"]}), Stream(1), words=words) == "no"
    assert mentions(facts(heard, {"topic": "milk"}), Stream(1), words={"heard": "milk"}) == "no"
    assert mentions(facts(VOTE, known), Stream(1), words=words, marginals={"vote": {"B": 1}}) == "B"


@given(text=st.text(max_size=60), longest=st.integers(1, 80))
def test_words_fit(text, longest):
    assert len(cut(text, longest)) <= longest
    assert len(text.strip()) > longest or cut(text, longest) == text.strip()


def test_much_that_is_held_is_cut():
    held = {"memories": [f"memory {n}" for n in range(100)]}
    given_ = facts(WHY, held)
    assert len(standing(given_, Stream(1))) <= given_["longest"] == 80
    assert len(trait(facts(WHY, {}, {"life": "x" * 500}), Stream(1), trait="life")) == 80


def test_where_somebody_stands_in_words():
    held = {"opinion": "A.", "known_people": ["Ada", "Bo"], **place(0.25, 0, 2)}
    assert in_words(held) == (
        "My opinion is A. My known people are Ada, Bo. My position is 0.25 on a scale from 0 to 2."
    )
    told = {line["name"]: line["value"] for line in lines(held)}
    assert told == {"opinion": "A.", "known people": ["Ada", "Bo"], "position": "0.25 on a scale from 0 to 2"}
    assert share(held) == 0.125
    assert share({"opinion": "A", "n": 3, "odd": {"value": 1, "from": 1, "to": 1}}) is None


def test_words_of_a_rule_stay_short_however_much_is_remembered():
    held = {"doing": "reading", "memories": [f"thing {n}" for n in range(40)], "memories_left_out": 12}
    told = in_words(held)
    assert told == "My doing is reading. My memories are thing 35, thing 36, thing 37, thing 38, thing 39, and others."
    assert standing(facts(WHY, {"doing": "reading", "memories": []}), Stream(1)) == "My doing is reading."
    assert standing(facts(WHY, {"memories": []}), Stream(1)) == PLACEHOLDER


def test_most_mentioned_is_what_memories_mention_most():
    held = {"memories": ["A and B", "B", "talk of b", "C"]}
    three = {**VOTE, "choice": ["A", "B", "C"]}
    assert most_mentioned(facts(three, held), Stream(1)) == "B"
    assert most_mentioned(facts(three, {"memories": ["nothing"]}), Stream(1), marginals={"vote": {"C": 1}}) == "C"
    ties = {most_mentioned(facts(three, {"memories": ["A", "C"]}), Stream(n)) for n in range(20)}
    assert ties == {"A", "C"}
