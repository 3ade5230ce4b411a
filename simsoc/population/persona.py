"""A person in words: what a prompt tells an agent about itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

VERBATIM = ("persona", "description")
"""Traits that already are a text about the person; the first one there is used as it stands."""
UNTOLD = frozenset({"name", "label", "block", "bipartite", "role", "weight"})
"""Traits that say where somebody stands in a file, a graph or a run, not who they are."""


def persona(person: Mapping[str, Any], name: str | None = None) -> str:
    """A short plain text about a person.

    For example: ``You are Ada. Your age is 36. Your hobbies are chess and hiking.``

    person: traits by name. name: how the person is called; its trait `name` when not given. A trait `persona` or
    `description` is used verbatim. Empty when nothing is known.
    """
    for trait in VERBATIM:
        if isinstance(person.get(trait), str) and person[trait].strip():
            return str(person[trait]).strip()
    called = name if name is not None else person.get("name")
    sentences = [f"You are {called}."] if called else []
    sentences += [_sentence(trait, value) for trait, value in person.items() if trait not in UNTOLD and _said(value)]
    return " ".join(sentences)


def _said(value: Any) -> bool:
    """Whether there is something to tell: not None, not an empty text or list, not a mapping."""
    if isinstance(value, str):
        return bool(value.strip())
    return not isinstance(value, Mapping) and value is not None and value not in ([], ())


def _sentence(trait: str, value: Any) -> str:
    """One trait in words; underscores are read as spaces."""
    what = trait.replace("_", " ").strip()
    if isinstance(value, bool):
        return f"Your {what}: {'yes' if value else 'no'}."
    if isinstance(value, list | tuple):
        return f"Your {what} are {_listed([_told(v) for v in value])}."
    return f"Your {what} is {_told(value)}."


def _told(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value).strip().rstrip(".")


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
