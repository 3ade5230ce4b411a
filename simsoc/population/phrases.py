"""How traits are told in words: what each is called, what its values are called, and the sentence that says it.

A source hands phrases over with its people (`words` of a codebook; `anes/words.yaml` for the traits of a survey). Of
traits that say the same (`of`) the first that is known is told. Traits without a phrase are told as they are called.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import Field

from simsoc.core.shelf import Strict

from .parties import side_in_words

LOVES, HATES = 90, 10
"""Ratings from which somebody is told to love, and up to which to hate (Törnberg et al. 2023, arXiv 2310.05984)."""
WARMTH, POLITICS = "warmth", "politics"
"""Names for all ratings, and for all that is political, where traits are left out."""


class Phrase(Strict):
    """How one trait is told."""

    called: str = ""
    """What it is called; by its name, underscores as spaces, when not given."""
    values: dict[str, str] = Field(default_factory=dict)
    """What its values are called, `yes` and `no` for those that are true or false."""
    says: str | dict[str, str] | None = None
    """A sentence about `you`, with {} where the value comes; or one for each value, and others are not told."""
    of: str | None = None
    """What it is about: of traits about the same, the first that is known is told, and all are left out together."""
    political: bool = False
    """Whether it is left out for those who never talk about politics, where a persona is told so."""
    quiet: bool = False
    """Whether it is told only where it is asked for."""
    special: Literal["party", "rating"] | None = None
    """`party` goes by `partisan` and its thresholds; a `rating` from 0 to 100 is told where it is love or hate."""


class Said(NamedTuple):
    """One thing that is told about a person."""

    what: str
    value: Any
    """A text, a number, true or false, or a list."""
    sentence: str | None = None
    """About `you`; None for what has no sentence of its own."""
    question: str | None = None
    """What an interviewer asks for it, where that is not `What is your ...?`."""


PLAIN = Phrase()


class Phrases(dict[str, Phrase]):
    """Phrases by trait, in the order of telling."""

    def about(self, trait: str) -> str:
        """What a trait is about: itself, where it is the only one."""
        return self.get(trait, PLAIN).of or trait

    def means(self, name: str, trait: str) -> bool:
        """Whether a name under `without`, `only` or `also` takes in a trait."""
        phrase = self.get(trait, PLAIN)
        if name == POLITICS:
            return phrase.political
        if name == WARMTH:
            return phrase.special == "rating"
        return name == trait or self.about(name) == self.about(trait)

    def names(self) -> list[str]:
        """Every name under which traits can be left out."""
        found = [*self, *(phrase.of for phrase in self.values() if phrase.of), WARMTH, POLITICS]
        return list(dict.fromkeys(found)) if self else []


def told(person: Mapping[str, Any], phrases: Phrases, loud: frozenset[str] = frozenset()) -> Iterator[Said]:
    """What a person's traits say, in order: those with a phrase, then the others. loud: told although quiet."""
    done: set[str] = set()
    rated = False
    for trait, phrase in phrases.items():
        if trait not in person or (phrase.quiet and trait not in loud):
            continue
        if phrase.special == "rating":
            if not rated:
                rated = True
                yield from _rated(person, phrases, loud)
            continue
        if phrases.about(trait) in done and trait not in loud:
            continue
        said = _party(person) if phrase.special == "party" else _said(trait, person[trait], phrase)
        done.add(phrases.about(trait))
        if said is not None:
            yield said
    for trait, value in person.items():
        if trait not in phrases:
            yield Said(_called(trait, PLAIN), value)


def _called(trait: str, phrase: Phrase) -> str:
    return phrase.called or trait.replace("_", " ").strip()


def _said(trait: str, value: Any, phrase: Phrase) -> Said | None:
    key = ("yes" if value else "no") if isinstance(value, bool) else str(value)
    words = [in_words(one, phrase) for one in value] if isinstance(value, list | tuple) else in_words(value, phrase)
    if isinstance(phrase.says, Mapping):
        sentence = phrase.says.get(key)
        return None if sentence is None else Said(_called(trait, phrase), words, sentence)
    if words in ([], ""):
        return None
    sentence = None if phrase.says is None else phrase.says.replace("{}", _text(words))
    return Said(_called(trait, phrase), words, sentence)


def in_words(value: Any, phrase: Phrase) -> Any:
    """A value as it is told; numbers, and what is true or false, stay what they are where nothing else is said."""
    key = ("yes" if value else "no") if isinstance(value, bool) else str(value)
    if key in phrase.values:
        return phrase.values[key]
    return value.replace("_", " ") if isinstance(value, str) else value


def _text(words: Any) -> str:
    if isinstance(words, list):
        told = [str(word) for word in words]
        return told[0] if len(told) == 1 else f"{', '.join(told[:-1])} and {told[-1]}"
    return f"{words:.6g}" if isinstance(words, float) else str(words)


def _party(person: Mapping[str, Any]) -> Said | None:
    words, sentence = side_in_words(person.get("party"), person.get("partisan"))
    return Said("party", words, sentence, "Which party do you prefer?") if words else None


def _rated(person: Mapping[str, Any], phrases: Phrases, loud: frozenset[str]) -> Iterator[Said]:
    """Whom somebody loves, and whom it hates."""
    ratings = [
        (_called(trait, phrase), person[trait])
        for trait, phrase in phrases.items()
        if phrase.special == "rating" and trait in person and (not phrase.quiet or trait in loud)
    ]
    for verb, those in (
        ("love", [called for called, rating in ratings if rating >= LOVES]),
        ("hate", [called for called, rating in ratings if rating <= HATES]),
    ):
        if those:
            yield Said(f"{verb}s", those, f"You {verb} {_text(those)}.", f"Whom or what do you {verb}?")


@cache
def survey_words() -> Phrases:
    """Phrases for the traits that surveys share. Not to be changed."""
    from simsoc.scenario.yaml12 import read_text

    text = files("simsoc.population.anes").joinpath("words.yaml").read_text(encoding="utf-8")
    return phrased(read_text(text, "words.yaml").data)


def phrased(words: Mapping[str, Any], base: Mapping[str, Phrase] | None = None) -> Phrases:
    """Phrases from data: by trait, the keys of a `Phrase`. base: those they are laid over, key by key."""
    made = Phrases(base or {})
    for trait, keys in words.items():
        under = made[trait].model_dump(exclude_unset=True) if trait in made else {}
        made[trait] = keys if isinstance(keys, Phrase) else Phrase.model_validate({**under, **keys})
    return made


Words = Annotated[dict[str, Phrase], Field(default_factory=dict)]
"""`words` of a codebook."""
