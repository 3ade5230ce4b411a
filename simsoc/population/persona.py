"""A person in words: what a prompt tells an agent about itself.

How a person is told is a variable of the experiment (methods.md 6C, 6D): in the second person; in the first, as the
backstories of Argyle et al. 2023, arXiv 2209.06899; as an interview, as in the third study there; or in the sentences
of a survey, as Törnberg et al. 2023, arXiv 2310.05984. Every wording of the same traits says the same things.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from simsoc.core.answers import PLACEHOLDER
from simsoc.scenario.prompting import PersonaStyle

from .phrases import Phrases, told

VERBATIM = ("persona", "description")
"""Traits that already are a text about the person; the first one there is used as it stands, and nothing else."""
TEXT = "text"
"""A trait that is told as it stands, after all others."""
COMPOSED = "[composed of others]"
"""How a text begins that rules have put together from texts of other people. The mark itself is not told."""
UNTOLD = frozenset({"name", "label", "block", "bipartite", "role", "weight", "respondent", TEXT})
"""Traits that say where somebody stands in a file, a graph or a run, not who they are; and those told elsewhere."""


def persona(
    person: Mapping[str, Any],
    name: str | None = None,
    style: PersonaStyle = "plain",
    phrases: Phrases | None = None,
    loud: frozenset[str] = frozenset(),
) -> str:
    """A short plain text about a person.

    For example: ``You are Ada. Your age is 36. Your hobbies are chess and hiking.``

    person: traits by name. name: how the person is called; its trait `name` when not given. style: as
    `prompting.persona.style` in a scenario. phrases: how traits are told; in `first_person` and `survey` by their
    sentences. loud: traits told although their phrase is quiet. A trait `persona` or `description` is used verbatim;
    `text` comes last as it stands. Empty when nothing is known, or nothing is to be told.
    """
    if style == "none":
        return ""
    words = next((text for trait in VERBATIM if (text := _text(person.get(trait)))), None)
    if style == "interview":
        return "\n".join(_interview(person, name, words, phrases or Phrases(), loud))
    if words is not None:
        return words
    called = _called(person, name)
    whose, begins = ("My", "My name is") if style == "first_person" else ("Your", "You are")
    sentences = [f"{begins} {called}."] if called else []
    for said in told(dict(_traits(person)), phrases or Phrases(), loud):
        own = None if style == "plain" and said.question is None else said.sentence
        if own is None:
            sentences.append(_sentence(whose, said.what, said.value))
        else:
            sentences.append(_of_me(own) if style == "first_person" else own)
    return " ".join([*sentences, *filter(None, [_text(person.get(TEXT))])])


def _interview(
    person: Mapping[str, Any], name: str | None, words: str | None, phrases: Phrases, loud: frozenset[str]
) -> Iterator[str]:
    """Questions and answers, a line each."""
    called = _called(person, name)
    if called and words is None:
        yield from _exchange("What is your name?", f"{called}.")
    for what, value, _, question in told(dict(_traits(person)), phrases, loud) if words is None else ():
        if question is not None:
            yield from _exchange(question, f"{_listed([*map(_told, value)]) if isinstance(value, list) else value}.")
        elif isinstance(value, bool):
            yield from _exchange(f"{what[:1].upper()}{what[1:]}?", "Yes." if value else "No.")
        elif isinstance(value, list | tuple):
            yield from _exchange(f"What are your {what}?", f"{_listed([_told(v) for v in value])}.")
        else:
            yield from _exchange(f"What is your {what}?", f"{_told(value)}.")
    text = words if words is not None else _text(person.get(TEXT))
    if text:
        yield from _exchange("Could you tell me about yourself?", text)


def _called(person: Mapping[str, Any], name: str | None) -> Any:
    called = name if name is not None else person.get("name")
    return called if called != PLACEHOLDER else None


def _exchange(question: str, answer: str) -> tuple[str, str]:
    """Each on one line, so that no answer holds a question."""
    return f"Interviewer: {' '.join(question.split())}", f"Me: {' '.join(answer.split())}"


def _text(value: Any) -> str:
    """A text as it is told: without the mark of a composition, and nothing where nothing was said."""
    if not isinstance(value, str) or value == PLACEHOLDER:
        return ""
    return value.strip().removeprefix(COMPOSED).strip()


def _traits(person: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return [(trait, value) for trait, value in person.items() if trait not in UNTOLD and _said(value)]


def _said(value: Any) -> bool:
    """Whether there is something to tell: not None, not an empty text or list, not a mapping."""
    if isinstance(value, str):
        return bool(value.strip()) and value != PLACEHOLDER
    if isinstance(value, list | tuple):
        return any(one != PLACEHOLDER for one in value)
    return not isinstance(value, Mapping) and value is not None


_ME = {"you are": "I am", "you were": "I was", "yourself": "myself", "your": "my", "you": "me"}


def _of_me(sentence: str) -> str:
    """A phrase's sentence about you as one about me: `You are ...` is `I am ...`, `To you ...` is `To me ...`."""
    mine = re.sub(r"^You\b(?! are\b| were\b)", "I", sentence)
    mine = re.sub(r"\b(you are|you were|yourself|your|you)\b", lambda found: _ME[found[0].lower()], mine, flags=re.I)
    return mine[:1].upper() + mine[1:]


def _sentence(whose: str, called: str, value: Any) -> str:
    """One trait in a sentence."""
    what = f"{whose} {called}"
    if isinstance(value, bool):
        return f"{what}: {'yes' if value else 'no'}."
    if isinstance(value, list | tuple):
        return f"{what} are {_listed([_told(v) for v in value])}."
    return f"{what} is {_told(value)}."


def _told(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value).strip().rstrip(".")


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
