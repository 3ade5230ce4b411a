"""What is remembered: drafts that a mind hands over, and records in an agent's memory (methods.md 1.2).

A mind writes nothing. It returns drafts, the world puts them into the content of its events, and the memory makes
records of them when those events are folded; so a log rebuilds every memory.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Self

import msgspec
from msgspec import Struct

from simsoc.core.words import Identity

Kind = Literal["event", "thought", "chat", "plan", "seed"]
KINDS: tuple[Kind, ...] = ("event", "thought", "chat", "plan", "seed")
THOUGHTS: tuple[Kind, ...] = ("thought", "plan")
"""What the agent made up by itself; it expires, and is one deeper than what it rests on."""

Triple = tuple[str, str, str]
"""Subject, predicate, object."""

PLANS_WEIGH = 5
"""Importance of a plan stored as a memory, without asking (released code)."""
IDLE_WEIGHS = 1
"""Importance of an event in which nothing happens, without asking (released code)."""
DAY = 24 * 60
THOUGHTS_LAST = 30.0 * DAY
"""Game minutes until a thought expires."""


class Draft(Struct, frozen=True, omit_defaults=True):
    """Something to be remembered, before it has a number and a time."""

    kind: Kind
    text: str
    importance: int | None = None
    """1 to 10; None where the agent was asked and gave no answer."""
    triple: Triple | None = None
    keywords: tuple[str, ...] = ()
    """Words it is found by, in lower case; subject and object of the triple where none are given."""
    evidence: tuple[int, ...] = ()
    """Numbers of the records it rests on; -k is the k-th draft before it among those stored together."""
    said: tuple[tuple[str, str], ...] = ()
    """Of a chat: who said what, in order."""
    ask: Identity | None = None
    """The ask that brought it about."""

    def plain(self) -> dict[str, Any]:
        """As JSON-able content of an event; what is left out is the default."""
        made: dict[str, Any] = msgspec.to_builtins(self)
        return made

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> Self:
        """From the content of an event. Raises msgspec.ValidationError."""
        return msgspec.convert(content, cls)


class Record(Struct, frozen=True):
    """One memory. When it was last accessed changes and therefore stands in the memory: `View.accessed`."""

    n: int
    """Running number within the agent's memory, from 0; its name."""
    place: int
    """Running number within its kind, from 0."""
    kind: Kind
    depth: int
    """0 for what was perceived, said or given; a thought is one deeper than the deepest of its evidence."""
    created: float
    """Game minutes since midnight of the first day."""
    expires: float | None
    """Game minute from which it no longer counts, where that is enforced."""
    text: str
    importance: int | None
    """1 to 10, or None: it was asked for in vain."""
    triple: Triple | None
    keywords: tuple[str, ...]
    evidence: tuple[int, ...]
    """Numbers of the records it rests on, all smaller than its own."""
    said: tuple[tuple[str, str], ...]
    event: tuple[int, int, int] | None
    """(step, turn, agent) of the event it was stored with."""
    ask: Identity | None

    def expired(self, now: float) -> bool:
        """Whether its time is over."""
        return self.expires is not None and self.expires <= now


def spoken(text: str, said: Sequence[tuple[str, str]]) -> str:
    """All that is in a memory, in words: the text, and what was said."""
    return "\n".join((text, *(words for _, words in said))) if said else text


def keywords_of(draft: Draft) -> tuple[str, ...]:
    """The words a record is found by."""
    given = draft.keywords or (() if draft.triple is None else (draft.triple[0], draft.triple[2]))
    return tuple(dict.fromkeys(word for one in given if (word := one.strip().lower())))
