"""Resume is replay, and so is a fork: run again from the start, and check every event against the logged one.

A resumed run goes on in its own log: what that holds is checked and not written again. A forked run writes a complete
log of its own: up to the fork its events have to be its parent's. Answers come from `reuse`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from simsoc.core.calls import cut
from simsoc.core.canonical import canonical
from simsoc.core.errors import Divergence
from simsoc.core.protocols import Log
from simsoc.core.words import Ask, Attempt, Event, Identity, Reply


class Held(NamedTuple):
    """What a log holds of the run so far."""

    steps: int
    """Last step committed; -1 when not even the start is."""
    events: Iterator[Event]
    """Its events, in applied order."""
    begun: frozenset[Identity]
    """Calls that were answered in steps after that."""


class Continued:
    """A log that checks the past against what it holds and writes the rest."""

    def __init__(self, log: Log, held: Held) -> None:
        self._log = log
        self._held = held
        self.replaying = held.steps >= 0
        """Whether the step that happens now is in the log already."""

    def ask(self, ask: Ask, reply: Reply) -> None:
        """Written unless the log has this call; calls of later steps may come while the past is still checked."""
        if ask.step > self._held.steps and (not self._held.begun or ask.identity not in self._held.begun):
            self._log.ask(ask, reply)

    def attempts(self, ask: Ask, attempts: Sequence[Attempt]) -> None:
        """Written: they are new tries."""
        self._log.attempts(ask, attempts)

    def event(self, event: Event, content: str) -> None:
        """Compared with the logged one. Raises Divergence at the first that differs."""
        if self.replaying:
            _same(event, self._held.events, "the log")
        else:
            self._log.event(event, content)

    def measure(self, step: int, name: str, value: float | None) -> None:
        """Written once the past is over."""
        if not self.replaying:
            self._log.measure(step, name, value)

    def flush_answers(self) -> None:
        """Commit answers."""
        self._log.flush_answers()

    def commit(self, step: int, *, turns: int | None = None) -> None:
        """The past ends with the last step the log has; later ones are committed."""
        if not self.replaying:
            self._log.commit(step, turns=turns)
        elif step >= self._held.steps:
            _over(self._held.events, "the log")
            self.replaying = False


class Forked:
    """A log, new or continued, whose events up to a step have to be those of another run; everything is written."""

    def __init__(self, log: Log, events: Iterator[Event], at: int) -> None:
        self._log = log
        self._events = events
        self._at = at

    @property
    def replaying(self) -> bool:
        """Whether the step that happens now is in this run's own log already."""
        return getattr(self._log, "replaying", False)

    def ask(self, ask: Ask, reply: Reply) -> None:
        """Written."""
        self._log.ask(ask, reply)

    def attempts(self, ask: Ask, attempts: Sequence[Attempt]) -> None:
        """Written."""
        self._log.attempts(ask, attempts)

    def event(self, event: Event, content: str) -> None:
        """Written. Raises Divergence at the first event of the past that differs from the parent's."""
        if event.step <= self._at:
            _same(event, self._events, "the run this one is forked from")
        self._log.event(event, content)

    def measure(self, step: int, name: str, value: float | None) -> None:
        """Written."""
        self._log.measure(step, name, value)

    def flush_answers(self) -> None:
        """Commit answers."""
        self._log.flush_answers()

    def commit(self, step: int, *, turns: int | None = None) -> None:
        """Commit a step. Raises Divergence when the parent has more events in its past."""
        if step == self._at:
            _over(self._events, "the run this one is forked from")
        self._log.commit(step, turns=turns)


def _same(event: Event, logged: Iterator[Event], whose: str) -> None:
    """Raises Divergence unless this event is the next one logged."""
    was = next(logged, None)
    if was is None:
        raise Divergence(f"there is one event more than in {whose}: {_told(event)}")
    same = (was.step, was.turn, was.agent, was.kind) == (event.step, event.turn, event.agent, event.kind)
    if not same or canonical(was.content) != canonical(event.content):
        raise Divergence(
            f"the first event that differs from {whose}:\n  logged: {_told(was)}\n  now:    {_told(event)}"
        )


def _over(logged: Iterator[Event], whose: str) -> None:
    left = next(logged, None)
    if left is not None:
        raise Divergence(f"{whose} has an event that did not happen now: {_told(left)}")


def _told(event: Event) -> str:
    return f"step {event.step}, agent {event.agent}, {event.kind} {cut(canonical(event.content))}"
