"""Who is asked, when, and how: the agent a mind thinks for, and the asks of its turn.

The identity of an ask is (seed, agent, step, turn, purpose, draw). Everything that is asked within one turn is counted
together, so two asks of one purpose never share an identity; a partner who is asked in somebody else's turn (a
conversation) has purposes that say so.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from typing import Any, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from simsoc.core.facts import Facts
from simsoc.core.words import Answer, Ask, Decision, Reply, Turn

from .clock import told
from .records import Record
from .tokens import Space

T = TypeVar("T")
Thinking = Generator[Ask, Reply, T]
"""A part of a mind at work: yields Asks, receives Replies, returns what it came to; does no I/O, writes nothing."""

_PERSONA = 0.3  # shares of a prompt's space, at most
_STATUS = 0.15


class Me(Struct, frozen=True):
    """The agent a mind thinks for, as it is at the turn."""

    at: Turn
    """Whose state is asked about when: seed, step, agent and turn of the agent who is asked."""
    name: str
    persona: str
    """Who the agent is, in words."""
    now: float
    """Game minutes since midnight of the first day."""
    status: str = ""
    """What it is up to these days ("currently"), in words."""
    aside: str = ""
    """Ends the purpose of every ask: which conversation this is part of."""
    draws: dict[tuple[int, str], int] = {}
    """Asks so far by agent and purpose, shared by all parts of all minds that are at work in one turn: make `Me` once a
    turn, and change it with `msgspec.structs.replace`, or two asks may get the same identity."""

    def with_partner(self, other: Me) -> Me:
        """The same agent in a conversation of its own turn; purposes name the partner."""
        return replace(self, aside=f"/{other.at.agent}")

    def met_by(self, other: Me) -> Me:
        """The same agent in a conversation that another one began; purposes name it, and its turn counts the asks."""
        at = Turn(other.at.seed, other.at.step, self.at.agent, other.at.turn)
        return replace(self, at=at, now=other.now, aside=f"/by {other.at.agent}", draws=other.draws)

    def ask(self, decision: Decision, facts: Facts) -> Ask:
        """The next ask of this decision in the turn."""
        at, purpose = self.at, decision.purpose + self.aside
        draw = self.draws.get((at.agent, purpose), 0)
        self.draws[at.agent, purpose] = draw + 1
        return Ask(at.seed, at.agent, at.step, at.turn, draw, decision, facts, purpose)


class Page:
    """The facts of one decision, gathered under the cap of its prompt.

    Who the agent is comes first, cut where it is very long; then texts and records in the order of their claims.
    `given` is kept in the log; `shown` is seen by prompt and rule alike but not kept, as it can be had again: texts of
    memories are in the log as memories, and `recalled` tells which they were.
    """

    def __init__(self, me: Me, space: Space) -> None:
        self.me = me
        self.space = space
        self.given: dict[str, Any] = {}
        self.shown: dict[str, Any] = {"name": me.name, "now": told(me.now)}
        self.text("persona", me.persona, _PERSONA)
        self.text("status", me.status, _STATUS)

    def text(self, name: str, text: str, share: float) -> None:
        """A text that fills at most this share of the page."""
        self.shown[name] = self.space.text(name, text, share)

    def records(self, records: Sequence[Record], left_out: int, name: str = "records") -> None:
        """Records whose place has been taken already, oldest first, and how many more there would have been."""
        self.given["recalled"] = [*self.given.get("recalled", ()), *(record.n for record in records)]
        self.given["left_out"] = self.given.get("left_out", 0) + left_out
        self.shown[name] = [as_shown(record) for record in records]

    def facts(self, given: Mapping[str, Any] | None = None, **shown: Any) -> Facts:
        """All of it."""
        cut = {"cut": list(self.space.cut)} if self.space.cut else {}
        seen = {**self.shown, **shown}
        return Facts({**self.given, **(given or {}), **cut}, {key: _constant(value) for key, value in seen.items()})


def _constant(value: Any) -> Any:
    return lambda facts: value


def as_shown(record: Record) -> dict[str, Any]:
    """A record as prompts and rules see it."""
    return {
        "when": told(record.created),
        "text": record.text,
        "kind": record.kind,
        "importance": record.importance,
        "keywords": list(record.keywords),
    }


class Counts(dict[str, int]):
    """What was dropped, left out or repaired on the way, by name: fit for the content of an event."""

    def add(self, name: str, more: int = 1) -> None:
        """Count; nothing is noted for 0."""
        if more:
            self[name] = self.get(name, 0) + more

    def join(self, other: Mapping[str, int]) -> None:
        """Count what was counted elsewhere."""
        for name, more in other.items():
            self.add(name, more)

    def heard(self, ask: Ask, reply: Reply) -> Any:
        """The value of an answer; None for silence, which is counted as `silent <purpose>`."""
        if isinstance(reply, Answer):
            return reply.value
        self.add(f"silent {ask.decision.purpose}")
        return None
