"""What is told in the asks of a verbal turn: facts that prompt and rule share, made when they are looked at."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from msgspec import Struct

from simsoc.core.facts import Facts
from simsoc.core.stream import Stream
from simsoc.core.words import Ask, Decision
from simsoc.minds.asking import Me
from simsoc.minds.memory import View as Remembered
from simsoc.minds.mind import Generative

from .spec import LEVELS, VerbalSpec

_TOPIC, _TEXT = 0.2, 0.3  # shares of a prompt


class Part(Struct, frozen=True):
    """One of the two of a turn, as it was when the turn began."""

    me: Me
    own: int
    """Its belief."""
    start: int
    """Its first belief."""
    memory: Remembered


class Sheet:
    """The facts of one ask. What takes time to make is made once, when a prompt or a rule reads it."""

    def __init__(self, spec: VerbalSpec, mind: Generative, part: Part, texts: dict[str, str]) -> None:
        self.spec = spec
        self.part = part
        self._mind = mind
        self._texts = texts

    @cached_property
    def page(self) -> dict[str, Any]:
        """Texts and memories as they fit under the cap: who one is, the topic, the texts in hand, then memories."""
        page = self._mind.page(self.part.me)
        page.text("topic", self.spec.topic, _TOPIC)
        for name, text in self._texts.items():
            page.text(name, text, _TEXT)
        found = self._mind.recall(self.part.memory, (), page)
        page.records(found.records, found.left_out)
        return {**page.shown, "left_out": found.left_out, "memories": [r["text"] for r in page.shown["records"]]}

    @cached_property
    def shown(self) -> list[int]:
        """The order in which the levels are listed: upwards or downwards."""
        order = list(range(len(LEVELS)))
        at = self.part.me.at
        lots = Stream(at.seed, "levels", at.agent, at.step, at.turn, self.part.me.aside)
        return order[::-1] if self.spec.order == "shuffled" and lots.below(2) else order

    def ask(self, decision: Decision, said: int | None) -> Ask:
        """The ask. said: the belief that the message was written from, where there is a message."""
        own = self.part.own if self.spec.role_play else None
        given = {"own": own, "said": said, "bias": self.spec.bias}
        return self.part.me.ask(decision, Facts(given, LATER, self))


def _text(name: str) -> Any:
    return lambda facts: facts.source.page.get(name, "")


def _label(of: str) -> Any:
    return lambda facts: facts.source.spec.labels[getattr(facts.source.part, of) + 2]


LATER = {
    "topic": _text("topic"),
    "persona": _text("persona"),
    "message": _text("message"),
    "reasoning": _text("reasoning"),
    "memories": _text("memories"),
    "left_out": _text("left_out"),
    "first": _label("start"),
    "now": _label("own"),
    "options": lambda facts: list(LEVELS),
    "labels": lambda facts: list(facts.source.spec.labels),
    "shown": lambda facts: facts.source.shown,
    "closed_world": lambda facts: facts.source.spec.closed_world,
    "reflective": lambda facts: facts.source.spec.memory == "reflective",
}


def texts(**given: str | None) -> dict[str, str]:
    """Those of these texts that there are."""
    return {name: text for name, text in given.items() if text}
