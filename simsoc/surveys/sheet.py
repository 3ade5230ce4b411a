"""A survey ready to be put to somebody: one decision for each question, and the facts an answer may rest on.

The identity of a call is (seed, agent, step, turn 0, ``survey/NAME/QUESTION``, draw 0), its facts are who the agent is,
what the worlds tell of it and, where questions come one after another, those before it. A thought is a generator that
yields Asks and returns what was asked and replied; it does no I/O and changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from typing import Any, NamedTuple

from msgspec import Struct

from simsoc.core import lettering
from simsoc.core.answers import Choice, Form, Number, Words
from simsoc.core.calls import SURVEYS
from simsoc.core.facts import Facts
from simsoc.core.stream import Stream
from simsoc.core.words import Answer, Ask, ChoiceMode, Decision, Identity, Reply, Rule
from simsoc.scenario.questions import LONGEST, Question
from simsoc.scenario.spec import Survey

from .standing import lines


class One(NamedTuple):
    """A question, the reply, and which ask that was."""

    question: Question
    reply: Reply
    by: Identity


Heard = list[One]
Asking = Generator[Ask, Reply, Heard]
"""Somebody being asked one question, or all of them in order."""


class Respondent(Struct, frozen=True):
    """Somebody who is asked, as it is then."""

    seed: int
    agent: int
    step: int
    """The last step that is over."""
    traits: Mapping[str, Any]
    persona: Callable[[], str]
    """Who it is, in words."""
    standing: Callable[[str], dict[str, Any]]
    """``standing(question in words)``: what the worlds tell of the agent."""


class _Put(Struct, frozen=True):
    """One question as it is put to one respondent: where its facts come from."""

    question: Question
    survey: Survey
    purpose: str
    letters: bool
    respondent: Respondent


class Sheet:
    """The questions of a survey.

    rule: answers where no model is asked; choice: how closed choices are drawn; purpose: what the calls of a question
    are called; draw: of every call, so that the same may be asked again.
    """

    def __init__(
        self,
        survey: Survey,
        rule: Rule,
        choice: ChoiceMode,
        purpose: Callable[[Question], str] | None = None,
        draw: int = 0,
    ) -> None:
        self.survey = survey
        self._purpose = purpose or (lambda question: f"{SURVEYS}{survey.name}/{question.name}")
        self._letters = survey.letters or choice == "logprobs"
        self._draw = draw
        template = f"surveys/{survey.wording}"
        self._asked = [
            (question, Decision(self._purpose(question), template, form(question), rule, choice))
            for question in survey.questions
        ]

    def thoughts(self, respondent: Respondent) -> list[Asking]:
        """What has to be asked of somebody: all at once, but for questions in order."""
        if self.survey.in_order:
            return [self._in_order(respondent)]
        return [self._alone(respondent, question, decision) for question, decision in self._asked]

    def _alone(self, respondent: Respondent, question: Question, decision: Decision) -> Asking:
        ask = self._ask(respondent, question, decision, None)
        return [One(question, (yield ask), ask.identity)]

    def _in_order(self, respondent: Respondent) -> Asking:
        heard: Heard = []
        for question, decision in self._asked:
            ask = self._ask(respondent, question, decision, heard)
            heard.append(One(question, (yield ask), ask.identity))
        return heard

    def _ask(self, respondent: Respondent, question: Question, decision: Decision, heard: Heard | None) -> Ask:
        at = respondent
        given: dict[str, Any] = {"standing": at.standing(question.ask)}
        if heard is not None:
            given["before"] = [{"ask": h.question.ask, "answer": value_of(h.reply)} for h in heard]
        put = _Put(question, self.survey, decision.purpose, self._letters, at)
        return Ask(at.seed, at.agent, at.step, 0, self._draw, decision, Facts(given, LATER, put), decision.purpose)


def form(question: Question) -> Form:
    """What may be answered."""
    if question.choice is not None:
        return Choice(question.choice)
    if question.scale is not None:
        return Number(*question.scale, integer=True)
    if question.number is not None:
        return Number(*question.number)
    return Words(_longest(question))


def value_of(reply: Reply) -> Any:
    """What was answered; None for silence."""
    return reply.value if isinstance(reply, Answer) else None


# -- facts that are computed when looked at ------------------------------------------------------------------------


def _shown(facts: Facts) -> list[int]:
    """The order in which options are shown: drawn for the call, or as written."""
    put: _Put = facts.source
    order = list(range(len(facts["options"])))
    if put.survey.order == "shuffled":
        at = put.respondent
        Stream(at.seed, "options", put.purpose, at.agent, at.step).shuffle(order)
    return order


def _labels(facts: Facts) -> list[str]:
    """What is answered for each option: the option itself, or the letter of its place."""
    options: list[str] = facts["options"]
    if not facts.source.letters:
        return options
    return lettering.labels(facts["shown"])


def _listed(facts: Facts) -> list[dict[str, str]]:
    """Letters with their options, in shown order; empty where options are answered in their own words."""
    if not facts.source.letters:
        return []
    return lettering.listed(facts["options"], facts["shown"])


def _longest(question: Question) -> int:
    """Characters of a free answer."""
    return LONGEST if question.text is True or question.text is None else question.text


def _ends(question: Question) -> Sequence[float]:
    return question.scale or question.number or (0, 0)


LATER: dict[str, Callable[[Facts], Any]] = {
    "question": lambda facts: facts.source.question.name,
    "ask": lambda facts: facts.source.question.ask,
    "kind": lambda facts: facts.source.question.kind,
    "options": lambda facts: list(facts.source.question.choice or ()),
    "low": lambda facts: _ends(facts.source.question)[0],
    "high": lambda facts: _ends(facts.source.question)[1],
    "longest": lambda facts: _longest(facts.source.question),
    "shown": _shown,
    "labels": _labels,
    "listed": _listed,
    "traits": lambda facts: dict(facts.source.respondent.traits),
    "persona": lambda facts: facts.source.respondent.persona(),
    "held": lambda facts: lines(facts["standing"]),
    "before": lambda facts: [],
}
