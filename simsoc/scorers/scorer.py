"""What a scorer is: from texts to numbers in [0, 1], with a name, a version and what the ends of the scale mean."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import fsum
from typing import Any

from simsoc.core.answers import PLACEHOLDER
from simsoc.core.errors import ScenarioError
from simsoc.core.words import Decision
from simsoc.scenario.spec import BackendSpec, Part

_KEPT = 200_000  # distinct texts whose numbers are kept
_DIGITS = 6


def said(text: str) -> str:
    """A text without what stands for words that nobody wrote; empty where nothing is left to score."""
    return text.replace(PLACEHOLDER, " ").strip() if PLACEHOLDER in text else text.strip()


class Local:
    """A scorer in this process: a pure function of the text, whatever was scored before.

    name: as on the shelf; version: of the word list or package, with its name; scale: what 0 and 1 mean; of: numbers
    for texts, in order.
    """

    def __init__(self, name: str, version: str, scale: str, of: Callable[[Sequence[str]], Iterable[float]]) -> None:
        self.name = name
        self.version = version
        self.scale = scale
        self._of = of
        self._known: dict[str, float] = {}

    def __call__(self, texts: Iterable[str]) -> list[float | None]:
        """A number for each text; None where there is nothing to score. Equal texts are looked at once."""
        wanted = [said(text) for text in texts]
        if len(self._known) > _KEPT:
            self._known.clear()
        fresh = [text for text in dict.fromkeys(wanted) if text and text not in self._known]
        if fresh:
            found = self._of(fresh)
            for text, number in zip(fresh, found, strict=True):
                self._known[text] = round(min(max(float(number), 0.0), 1.0), _DIGITS)
        return [self._known[text] if text else None for text in wanted]

    def mean(self, texts: Iterable[str]) -> float | None:
        """The mean over texts that can be scored; None where there is none."""
        numbers = [number for number in self(texts) if number is not None]
        return fsum(numbers) / len(numbers) if numbers else None


@dataclass(frozen=True, slots=True)
class Asked:
    """A scorer that has to be asked: what, of whom, and how its answer becomes a number."""

    name: str
    version: str
    """The model, with what it is asked for."""
    scale: str
    backend: BackendSpec
    decision: Decision
    facts: Mapping[str, Any]
    """What is the same for all texts; the text comes to these as `text`."""
    number: Callable[[Any], float]
    """From the answer's value to the number."""


Scorer = Local | Asked


def built(part: Part, path: str = "scorer") -> Scorer:
    """The scorer that a part of a scenario names. Raises ScenarioError at `path` where it cannot be had."""
    from . import SCORERS

    try:
        made: Scorer = SCORERS.get(part.kind)(**part.parameters())
    except ValueError as error:
        raise ScenarioError.at(path, str(error)) from None
    return made


def local(part: Part, path: str = "scorer") -> Local:
    """The same for a world that measures while it runs: a scorer that has to be asked is refused."""
    scorer = built(part, path)
    if not isinstance(scorer, Local):
        told = f"'{part.kind}' has to be asked, so it scores a run that is over: simsoc score RUN --scorer {part.kind}"
        raise ScenarioError.at(path, told)
    return scorer
