"""The requests one call takes: what they have cost so far, and who is told of each."""

from __future__ import annotations

from time import perf_counter
from typing import Protocol

from simsoc.core.words import Attempt

from .wire import Completion


class Tries(Protocol):
    """Whoever limits a model's requests: told of each, and waited for between two of a call."""

    def sending(self) -> int:
        """A request is about to be sent; what to hand to `tried`."""
        ...

    def tried(self, sent: int, kind: str) -> None:
        """It is back: `answered`, or the kind of failure as in the log's attempts."""
        ...

    async def rest(self, seconds: float) -> None:
        """Wait before the next request of the same call."""
        ...


class Tally:
    """What a call has cost so far, how often it failed, and how its last request told the schema."""

    __slots__ = (
        *("cost", "failed", "in_prompt", "last", "limited", "sent", "start", "tokens_in", "tokens_out", "trouble"),
        "waited",
    )

    def __init__(self) -> None:
        self.in_prompt = False
        self.start = self.last = perf_counter()
        self.sent = 0
        self.failed = 0
        self.limited = 0
        self.waited = 0.0  # seconds, for rate limits
        self.tokens_in: int | None = None
        self.tokens_out: int | None = None
        self.cost: float | None = None
        self.trouble: list[Attempt] = []

    def take(self, found: Completion, cost: float | None) -> None:
        """Count the tokens of one completion."""
        if cost is not None:
            self.cost = (self.cost or 0.0) + cost
        usage = found.usage
        if usage is not None:
            if usage.prompt_tokens is not None:
                self.tokens_in = (self.tokens_in or 0) + usage.prompt_tokens
            if usage.completion_tokens is not None:
                self.tokens_out = (self.tokens_out or 0) + usage.completion_tokens
