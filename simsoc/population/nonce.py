"""Made-up words in the place of those that everybody has opinions about: parties and candidates without their labels.

Labels are causal variables (methods.md 9): a control in which the two parties are called by words that mean nothing
keeps who agrees with whom and takes away what a model knows of them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from simsoc.core.stream import Stream

MADE_UP = ("Blicket", "Fendle", "Gorbin", "Kelvan", "Mivot", "Plimsa", "Tarvish", "Wuggen")
CANDIDATES = (
    ("Barack Obama", "Hillary Clinton", "Joe Biden", "Kamala Harris", "Obama", "Clinton", "Biden", "Harris"),
    ("Mitt Romney", "Donald Trump", "Romney", "Trump"),
)
"""Of the one party and of the other, since 2012."""


class Worded:
    """Texts and traits with other words in them."""

    def __init__(self, words: Mapping[str, str]) -> None:
        self._to = {word.casefold(): other for word, other in words.items()}
        longest = sorted(self._to, key=lambda word: (-len(word), word))
        pattern = "|".join(re.escape(word) for word in longest)
        self._find = re.compile(rf"(?<![^\W_])(?:{pattern})(?![^\W_])", re.IGNORECASE) if pattern else None

    def text(self, text: str) -> str:
        """A text, every whole word replaced; what is written small is replaced small."""
        return text if self._find is None else self._find.sub(self._other, text)

    def _other(self, found: re.Match[str]) -> str:
        word = found[0]
        other = self._to[word.casefold()]
        return other.lower().replace(" ", "_") if word.islower() and "_" not in other else other

    def value(self, value: Any) -> Any:
        """A trait's value: texts, and lists of them."""
        if isinstance(value, str):
            return self.text(value)
        return [self.value(one) for one in value] if isinstance(value, list | tuple) else value

    def traits(self, person: Mapping[str, Any]) -> dict[str, Any]:
        """All traits of a person."""
        return {trait: self.value(value) for trait, value in person.items()}


@cache
def made_up(seed: int) -> Worded:
    """Two made-up words for the two parties, drawn for a run."""
    one, other = (MADE_UP[i] for i in Stream(seed, "persona", "nonce").sample(len(MADE_UP), 2))
    words: dict[str, str] = {}
    for name, noun, adjective, candidates in (
        (one, "Democrat", "Democratic", CANDIDATES[0]),
        (other, "Republican", "Republican", CANDIDATES[1]),
    ):
        words |= {noun: name, f"{noun}s": f"{name}s", adjective: name}
        words |= dict.fromkeys(candidates, f"the {name} candidate")
    return Worded({**words, "GOP": f"{other} party"})


def worded(nonce: bool | Mapping[str, str], seed: int) -> Worded | None:
    """What replaces words, as a persona's `nonce` says; None where nothing does."""
    if nonce is False or nonce == {}:
        return None
    return made_up(seed) if nonce is True else _given(tuple(nonce.items()))


@cache
def _given(words: tuple[tuple[str, str], ...]) -> Worded:
    return Worded(dict(words))
