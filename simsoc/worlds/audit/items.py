"""What an instrument consists of, and what came of asking it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from simsoc.core.words import Decision, Thought, Turn


class View(NamedTuple):
    """One item, as it is put to somebody at its turn."""

    at: Turn
    item: int
    """Place of the item in the instrument."""
    wording: int
    """Which of its wordings."""


class Given(NamedTuple):
    """An answer that was given."""

    agent: int
    item: int
    wording: int
    value: Any
    place: int | None
    """Where the chosen option stood in the list; None for numbers and for what was said in free words."""


class Instrument(Protocol):
    """What is asked, of everybody."""

    items: Sequence[str]
    """Names of the items."""
    wordings: int
    measures: frozenset[str]
    """Measures that say something of it."""

    def decisions(self) -> list[Decision]:
        """Everything that is asked."""
        ...

    def think(self, view: View) -> Thought:
        """Asks the item, returns what was said, as an action whose content is that of the event."""
        ...

    def refuses(self, people: Sequence[Mapping[str, Any]]) -> str | None:
        """Why it cannot be put to these people, or None."""
        ...

    def value(self, content: Mapping[str, Any]) -> Any:
        """The answer in an event, as measures take it."""
        ...
