"""What a run or an experiment may spend: one purse for everything it asks.

A cap counts what has been spent and what the calls in flight are expected to take, by the mean of those that are back.
So it is kept up to the error of that mean; before the first calls are back nothing is known, and as many as there are
slots are sent. A call under way is never cut off: its answer is paid for.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from time import perf_counter
from typing import Any

from msgspec import Struct

from simsoc.core.errors import BackendError, OverBudget, ScenarioError
from simsoc.core.words import Reply, Told
from simsoc.scenario.spec import BackendSpec, Budget

from .prices import unpriced

_AGAIN = "What was paid for is in the log; resume the run with a larger budget to go on."
_CANNOT = "so the cap cannot be kept. What was paid for is in the log; resume the run with a cap on calls or minutes."


class Spent(Struct, frozen=True):
    """What something has cost."""

    dollars: float = 0.0
    tokens: int = 0
    """Of prompts and completions."""
    calls: int = 0
    """Calls sent; further requests of a call (retries, repairs) are part of it."""
    minutes: float = 0.0
    """Wall time."""


class Purse:
    """Caps, and what has been spent of them. Safe to share between threads.

    dollars, tokens, calls, minutes: the caps, None for no cap; spent: by earlier sittings, which counts;
    clock: seconds, replaced in tests.
    """

    def __init__(
        self,
        dollars: float | None = None,
        tokens: int | None = None,
        calls: int | None = None,
        minutes: float | None = None,
        spent: Spent | None = None,
        *,
        clock: Callable[[], float] = perf_counter,
    ) -> None:
        self._caps = {"dollars": dollars, "tokens": tokens}
        self._calls = calls
        self._minutes = minutes
        before = spent or Spent()
        self._used: dict[str, float] = {"dollars": before.dollars, "tokens": before.tokens}
        self._sent = self._back = before.calls
        self._in_flight = 0
        self._unknown: str | None = None
        self._clock = clock
        self._opened = clock() - 60.0 * before.minutes
        self._lock = threading.Lock()

    @classmethod
    def of(cls, budget: Budget, spent: Spent | None = None) -> Purse:
        """The purse a scenario asks for."""
        return cls(budget.dollars, budget.tokens, budget.calls, budget.minutes, spent)

    @property
    def spent(self) -> Spent:
        """What has been spent so far, earlier sittings included; calls in flight count as calls alone."""
        with self._lock:
            minutes = (self._clock() - self._opened) / 60.0
            return Spent(self._used["dollars"], round(self._used["tokens"]), self._sent, minutes)

    def take(self) -> None:
        """Before a call is sent. Raises OverBudget, saying which cap, when this call would go beyond one."""
        with self._lock:
            over = self._over()
            if over is not None:
                raise OverBudget(over)
            self._sent += 1
            self._in_flight += 1

    def book(self, outcome: Reply | BaseException | None) -> None:
        """When a call is back: a reply, what it failed with, or None when it was dropped. Once for each `take`."""
        with self._lock:
            self._in_flight -= 1
            if isinstance(outcome, Told):
                self._back += 1
                self._count(outcome)
                if outcome.raw is not None:  # something was said, so something was paid
                    self._note_unknown(outcome)
            elif isinstance(outcome, BackendError):
                self._count(outcome)

    def _count(self, outcome: Any) -> None:
        self._used["dollars"] += outcome.cost or 0.0
        self._used["tokens"] += (outcome.tokens_in or 0) + (outcome.tokens_out or 0)

    def _note_unknown(self, reply: Told) -> None:
        """A cap that cannot be kept stops the next call."""
        if self._caps["dollars"] is not None and reply.cost is None:
            self._unknown = f"budget.dollars: the price of a call to {reply.by} is not known, {_CANNOT}"
        if self._caps["tokens"] is not None and reply.tokens_in is None and reply.tokens_out is None:
            self._unknown = f"budget.tokens: {reply.by} does not say how many tokens it uses, {_CANNOT}"

    def _over(self) -> str | None:
        """Which cap the next call would go beyond, in words."""
        if self._unknown is not None:
            return self._unknown
        if self._calls is not None and self._sent >= self._calls:
            return f"budget.calls: all {self._calls} calls have been made. {_AGAIN}"
        minutes = (self._clock() - self._opened) / 60.0
        if self._minutes is not None and minutes >= self._minutes:
            return f"budget.minutes: {minutes:.1f} of {self._minutes:g} minutes are over. {_AGAIN}"
        for name, cap in self._caps.items():
            used = self._used[name]
            mean = used / self._back if self._back else 0.0
            if cap is not None and (used >= cap or used + mean * (self._in_flight + 1) > cap):
                flying = f"{self._in_flight} calls in flight and the next" if self._in_flight else "the next call"
                told = f"{used:.4f} of {cap:g}" if name == "dollars" else f"{used:,.0f} of {cap:,}"
                more = f"{mean * (self._in_flight + 1):.2g}" if name == "dollars" else f"{mean:,.0f} each"
                return f"budget.{name}: {told} {name} are spent; {flying} are expected to take {more}. {_AGAIN}"
        return None


def check_budget(budget: Budget, backends: Iterable[BackendSpec]) -> None:
    """Raise ScenarioError when a cap in dollars cannot be kept because a backend's price is not known."""
    if budget.dollars is None:
        return
    for spec in backends:
        if (why := unpriced(spec)) is not None:
            raise ScenarioError.at(
                "budget.dollars", f"cannot be kept for {spec.model}: {why}. Give a cap in tokens, calls or minutes."
            )
