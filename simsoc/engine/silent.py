"""A log that keeps nothing, for societies stepped by hand."""

from __future__ import annotations

from collections.abc import Sequence

from simsoc.core.words import Ask, Attempt, Event, Reply


class Silent:
    """Takes everything a log takes and forgets it."""

    def ask(self, ask: Ask, reply: Reply) -> None:
        """Forgotten."""

    def event(self, event: Event, content: str) -> None:
        """Forgotten."""

    def measure(self, step: int, name: str, value: float | None) -> None:
        """Forgotten."""

    def attempts(self, ask: Ask, attempts: Sequence[Attempt]) -> None:
        """Forgotten."""

    def flush_answers(self) -> None:
        """Nothing to do."""

    def commit(self, step: int, *, turns: int | None = None) -> None:
        """Nothing to do."""
