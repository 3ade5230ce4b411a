"""People who have to be asked for before step 1: their generator driven round by round, every call logged."""

from __future__ import annotations

from collections.abc import Sequence

from simsoc.core.protocols import Backend, Gathered, Log, Sought
from simsoc.core.words import Ask, Reply
from simsoc.engine.live import LiveLoop
from simsoc.engine.polling import Looking, at_once
from simsoc.engine.route import Route


def asked_for(sought: Sought, backend: Backend, log: Log, live: LiveLoop | None, *, strict: bool) -> Gathered:
    """The people, asked for through a backend; all asks of a round at once.

    live: what calls servers, where the backend is one; its route is the backend's from here on. strict: whether fewer
    people than are wanted are an error. Raises ScenarioError then, BackendError as `Engine.step`.
    """
    rounds = sought.rounds(strict=strict)
    try:
        asks = next(rounds)
        while True:
            asks = rounds.send(_replies(asks, backend, log, live))
    except StopIteration as done:
        gathered: Gathered = done.value
        return gathered


def _replies(asks: Sequence[Ask], backend: Backend, log: Log, live: LiveLoop | None) -> list[Reply]:
    thoughts = [_one(ask) for ask in asks]
    if hasattr(backend, "now"):
        return at_once(thoughts, backend.now, log)
    assert live is not None, "a server is asked in an event loop"
    live.route = Route(backend)
    return live.poll(thoughts)


def _one(ask: Ask) -> Looking:
    """A thought that is a single ask."""
    return (yield ask)
