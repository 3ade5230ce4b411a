"""What is wrong with the surveys of a scenario, as far as that can be told before there are people."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from simsoc.core.errors import Problem
from simsoc.core.lettering import LETTERS
from simsoc.core.shelf import nearest
from simsoc.scenario.questions import Question
from simsoc.scenario.spec import Scenario, Survey
from simsoc.scenario.telling import dotted, shown

from .rules import read
from .sheet import form

_TAKEN = ("step", "agent", "weight")
"""Columns that answers in wide form have beside those of the questions."""


def problems(scenario: Scenario, worlds: Mapping[str, Any]) -> Iterator[Problem]:
    """Everything that is wrong. worlds: the class of each kind of world that the scenario has."""
    seen: list[str] = []
    for number, survey in enumerate(scenario.surveys):
        here = f"surveys.{number}"
        if survey.name in seen:
            yield Problem("", f"{here}.name", f"there is a survey '{survey.name}' already; names have to differ")
        seen.append(survey.name)
        if survey.remembered and not any(hasattr(world, "remember") for world in worlds.values()):
            told = f"in world {' and '.join(map(repr, worlds))} nobody remembers being asked; leave it out"
            yield Problem("", f"{here}.remembered", told)
        yield from _of_questions(survey, here, lettered=survey.letters or scenario.choice == "logprobs")
        yield from _of_rule(survey, f"{here}.rule")


def _of_questions(survey: Survey, here: str, *, lettered: bool) -> Iterator[Problem]:
    seen: list[str] = []
    for number, question in enumerate(survey.questions):
        path = f"{here}.questions.{number}"
        if question.name in (*seen, *_TAKEN):
            why = "there already" if question.name in seen else "a column of the answers"
            yield Problem("", f"{path}.name", f"'{question.name}' is {why}; give the question another name")
        seen.append(question.name)
        if lettered and question.choice is not None and len(question.choice) > len(LETTERS):
            told = f"{len(question.choice)} options cannot be shown under letters; {len(LETTERS)} are the most"
            yield Problem("", f"{path}.choice", told)


def _of_rule(survey: Survey, here: str) -> Iterator[Problem]:
    """Questions and answers that the parameters of a shipped rule name."""
    given = survey.rule.parameters()
    questions = {question.name: question for question in survey.questions}
    for key in ("marginals", "ordered", "trait", "words", "answers"):
        named = given.get(key) or ()
        for name in named if not isinstance(named, str) else ():
            path = dotted((*here.split("."), key, name)) if key != "ordered" else f"{here}.{key}"
            if name not in questions:
                yield Problem("", path, f"no question '{name}'.{_guess(name, list(questions))}")
            elif key == "marginals":
                yield from _of_shares(questions[name], named[name], path)
            elif key == "answers":
                yield from _of_answers(questions[name], named[name], path)
            elif key == "ordered" and questions[name].choice is None:
                yield Problem("", path, f"'{name}' is no choice, so it has no options in any order")
            elif key == "words" and len(questions[name].choice or ()) != 2:
                yield Problem("", path, f"'{name}' is no choice of two options, so it is not answered by what is known")


def _of_shares(question: Question, shares: Mapping[str, float], path: str) -> Iterator[Problem]:
    """Answers that are none, and shares of nothing."""
    for written in shares:
        why = _no_answer(question, written)
        if why is not None:
            yield Problem("", path, f"{shown(written)} is no answer to '{question.name}': {why}")
    if not sum(shares.values()) > 0:
        yield Problem("", path, "no answer has a positive share")


def _of_answers(question: Question, answers: Mapping[str, Any], path: str) -> Iterator[Problem]:
    """What groups answer and nobody may."""
    for group, answer in answers.items():
        try:
            form(question).check(answer, {})
        except ValueError as error:
            yield Problem("", dotted((*path.split("."), group)), f"no answer to '{question.name}': {error}")


def _no_answer(question: Question, written: str) -> str | None:
    if question.choice is not None:
        known: Sequence[str] = question.choice
        return None if written in known else _guess(written, known).strip()
    try:
        form(question).check(read(question.kind, written), {})
    except ValueError as error:
        return str(error)
    return None


def _guess(word: str, known: Collection[str]) -> str:
    return f"{nearest(word, list(known))} Known: {', '.join(known)}."
