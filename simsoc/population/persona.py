"""A person in words: what a prompt tells an agent about itself.

How a person is told is a variable of the experiment (methods.md 6C, 6D): in the second person; in the first, as the
backstories of Argyle et al. 2023, arXiv 2209.06899; or as an interview, as in the third study there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from simsoc.core.answers import PLACEHOLDER
from simsoc.scenario.prompting import PersonaStyle

VERBATIM = ("persona", "description")
"""Traits that already are a text about the person; the first one there is used as it stands, and nothing else."""
TEXT = "text"
"""A trait that is told as it stands, after all others."""
COMPOSED = "[composed of others]"
"""How a text begins that rules have put together from texts of other people. The mark itself is not told."""
UNTOLD = frozenset({"name", "label", "block", "bipartite", "role", "weight", TEXT})
"""Traits that say where somebody stands in a file, a graph or a run, not who they are; and those told elsewhere."""


def persona(person: Mapping[str, Any], name: str | None = None, style: PersonaStyle = "plain") -> str:
    """A short plain text about a person.

    For example: ``You are Ada. Your age is 36. Your hobbies are chess and hiking.``

    person: traits by name. name: how the person is called; its trait `name` when not given. style: as
    `prompting.persona` in a scenario. A trait `persona` or `description` is used verbatim; `text` comes last as it
    stands. Empty when nothing is known, or nothing is to be told.
    """
    if style == "none":
        return ""
    words = next((text for trait in VERBATIM if (text := _text(person.get(trait)))), None)
    if style == "interview":
        return "\n".join(_interview(person, name, words))
    if words is not None:
        return words
    called = _called(person, name)
    whose, begins = ("My", "My name is") if style == "first_person" else ("Your", "You are")
    sentences = [f"{begins} {called}."] if called else []
    sentences += [_sentence(whose, trait, value) for trait, value in _traits(person)]
    return " ".join([*sentences, *filter(None, [_text(person.get(TEXT))])])


def _interview(person: Mapping[str, Any], name: str | None, words: str | None) -> Iterator[str]:
    """Questions and answers, a line each."""
    called = _called(person, name)
    if called and words is None:
        yield from _exchange("What is your name?", f"{called}.")
    for trait, value in _traits(person) if words is None else ():
        what = _what(trait)
        if isinstance(value, bool):
            yield from _exchange(f"{what[:1].upper()}{what[1:]}?", "Yes." if value else "No.")
        elif isinstance(value, list | tuple):
            yield from _exchange(f"What are your {what}?", f"{_listed([_told(v) for v in value])}.")
        else:
            yield from _exchange(f"What is your {what}?", f"{_told(value)}.")
    told = words if words is not None else _text(person.get(TEXT))
    if told:
        yield from _exchange("Could you tell me about yourself?", told)


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
    return not isinstance(value, Mapping) and value is not None and value not in ([], ())


def _what(trait: str) -> str:
    """A trait in words; underscores are read as spaces."""
    return trait.replace("_", " ").strip()


def _sentence(whose: str, trait: str, value: Any) -> str:
    """One trait in a sentence."""
    what = f"{whose} {_what(trait)}"
    if isinstance(value, bool):
        return f"{what}: {'yes' if value else 'no'}."
    if isinstance(value, list | tuple):
        return f"{what} are {_listed([_told(v) for v in value])}."
    return f"{what} is {_told(value)}."


def _told(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value).strip().rstrip(".")


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
