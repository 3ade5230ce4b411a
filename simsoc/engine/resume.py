"""Resume is replay: run again from the start, with answers served from the log and events checked against it.

Rules are asked again, models are not: an answer in the log stands in for a call when identity, model, settings and
rendered prompt are all equal. Every event up to the last committed step has to come out as it was logged; then the run
goes on live, in the same log.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import msgspec

from simsoc.core.canonical import canonical
from simsoc.core.errors import Divergence
from simsoc.core.protocols import Log
from simsoc.core.words import Ask, Attempt, Event, Reply

Identity = tuple[int, int, int, int, str, int]


class Signature(Protocol):
    """What an answer must agree in to stand in for a call, beside the call's identity."""

    @property
    def by(self) -> str:
        """The model."""
        ...

    @property
    def prompt(self) -> str:
        """The messages as sent, as JSON."""
        ...

    @property
    def settings(self) -> str:
        """The model settings as canonical JSON."""
        ...


class Asked(Protocol):
    """A live backend that can say what it would send."""

    name: str

    def signature(self, ask: Ask) -> Signature:
        """What the call would be sent as."""
        ...

    def adopt(self, settings: str) -> None:
        """Take over what was found out about the server."""
        ...


class Past(NamedTuple):
    """What a log holds of the run so far."""

    steps: int
    """Last step committed; -1 when not even the start is."""
    events: Iterator[Event]
    """Its events, in applied order."""
    begun: frozenset[Identity]
    """Calls that were answered in steps after that."""


class Answers:
    """Logged replies of models, by the identity of their call."""

    def __init__(self, logged: Iterable[tuple[Identity, Reply]]) -> None:
        self._by: Mapping[Identity, Reply] = dict(logged)

    def __len__(self) -> int:
        return len(self._by)

    def prepare(self, backends: Iterable[Any]) -> None:
        """Tell each backend what was found out about its server, so that prompts come out as they were sent."""
        by_name = {backend.name: backend for backend in backends if hasattr(backend, "adopt")}
        for reply in self._by.values():
            if reply.settings is not None and reply.by in by_name:
                by_name[reply.by].adopt(reply.settings)

    def find(self, ask: Ask, backend: Asked) -> Reply | None:
        """The logged reply to this call, or None when there is none.

        Raises Divergence when the log has this call with another model, prompt or setting.
        """
        reply = self._by.get(ask.identity)
        if reply is None:
            return None
        if reply.prompt is not None:
            now = backend.signature(ask)
            for what, was, is_now in (
                ("model", reply.by, now.by),
                ("prompt", reply.prompt, now.prompt),
                ("settings", reply.settings, now.settings),
            ):
                if was != is_now:
                    raise Divergence(_other(ask, what, was, is_now))
        return msgspec.structs.replace(reply, source="replay")


def _other(ask: Ask, what: str, was: Any, now: Any) -> str:
    where = f"agent {ask.agent}, step {ask.step}, turn {ask.turn}, '{ask.purpose}'"
    return f"the call of {where} is in the log with another {what}:\n  logged: {_cut(was)}\n  now:    {_cut(now)}"


def _cut(text: Any) -> str:
    return str(text) if len(str(text)) <= 300 else str(text)[:297] + "..."


class Continued:
    """A log that checks the past against what it holds and writes the rest."""

    def __init__(self, log: Log, past: Past) -> None:
        self._log = log
        self._past = past
        self.replaying = past.steps >= 0
        """Whether what happens now is in the log already."""

    def ask(self, ask: Ask, reply: Reply) -> None:
        """Written unless the log has this call."""
        if not self.replaying and (not self._past.begun or ask.identity not in self._past.begun):
            self._log.ask(ask, reply)

    def attempts(self, ask: Ask, attempts: Sequence[Attempt]) -> None:
        """Written: they are new tries."""
        self._log.attempts(ask, attempts)

    def event(self, event: Event, content: str) -> None:
        """Compared with the logged one. Raises Divergence at the first that differs."""
        if not self.replaying:
            self._log.event(event, content)
            return
        logged = next(self._past.events, None)
        if logged is None:
            raise Divergence(f"there is one event more than in the log: {_told(event)}")
        same = (logged.step, logged.turn, logged.agent, logged.kind) == (
            event.step,
            event.turn,
            event.agent,
            event.kind,
        )
        if not same or canonical(logged.content) != canonical(event.content):
            raise Divergence(f"the first event that differs:\n  logged: {_told(logged)}\n  now:    {_told(event)}")

    def measure(self, step: int, name: str, value: float | None) -> None:
        """Written once the past is over."""
        if not self.replaying:
            self._log.measure(step, name, value)

    def flush_answers(self) -> None:
        """Commit answers."""
        self._log.flush_answers()

    def commit(self, step: int) -> None:
        """The past ends with the last step the log has; later ones are committed."""
        if not self.replaying:
            self._log.commit(step)
        elif step >= self._past.steps:
            left = next(self._past.events, None)
            if left is not None:
                raise Divergence(f"the log has an event that did not happen now: {_told(left)}")
            self.replaying = False


def _told(event: Event) -> str:
    return f"step {event.step}, agent {event.agent}, {event.kind} {_cut(canonical(event.content))}"
