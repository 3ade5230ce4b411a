"""Thoughts that only look: all at once where a model is asked, and what they come to is handed back, not applied.

Surveys and interviews. Turns of later steps may be under way meanwhile; they know nothing of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Generator, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from simsoc.core.protocols import Log, Respond
from simsoc.core.words import Ask, Reply

from .flight import Flight

if TYPE_CHECKING:
    from .live import LiveLoop

Looking = Generator[Ask, Reply, Any]
"""A thought whose end is for whoever set it going."""
_SLICE = 32  # thoughts set going before the event loop may look after its connections
_FIRST = -1  # order of their calls: before those of turns, since a step waits for them


def at_once(thoughts: Iterable[Looking], now: Respond, log: Log) -> list[Any]:
    """What each thought comes to, in order, where every ask is answered at once."""
    return [followed(thought, now, log) for thought in thoughts]


def followed(thought: Looking, now: Respond, log: Log) -> Any:
    """What one thought comes to, all of whose asks are answered at once."""
    record = log.ask
    try:
        ask = next(thought)
        while True:
            reply = now(ask)
            record(ask, reply)
            ask = thought.send(reply)
    except StopIteration as done:
        return done.value


class Poll(Flight):
    """Thoughts that wait for a model. Lives in the event loop.

    Its calls have an owner of their own, so that it may end without those of turns, and the other way round.
    """

    def __init__(self, live: LiveLoop, thoughts: Iterable[Looking]) -> None:
        super().__init__(live)
        self._thoughts: Sequence[Looking] = list(thoughts)
        self._came_to: list[Any] = [None] * len(self._thoughts)
        self._next = 0  # the next thought to be set going
        self._left = len(self._thoughts)
        self._finished: asyncio.Future[list[Any]] | None = None

    async def run(self) -> list[Any]:
        """What each thought comes to, in order. Raises what ended a call, when it is to end the run."""
        self._finished = asyncio.get_running_loop().create_future()
        self._begin()
        return await self._finished

    def _begin(self) -> None:
        """Set some more thoughts going."""
        end = min(self._next + _SLICE, len(self._thoughts))
        while self._next < end and self._failure is None:
            self._next += 1
            self._advance(self._next - 1, None)
        if self._next < len(self._thoughts) and self._failure is None:
            asyncio.get_running_loop().call_soon(self._begin)
        self._check()

    def _advance(self, place: int, reply: Reply | None) -> None:
        """Send a reply in and follow the thought until it waits or ends."""
        thought = self._thoughts[place]
        try:
            while True:
                ask = thought.send(reply)  # type: ignore[arg-type]
                reply = self._live.ask(_FIRST, ask, lambda end, ask=ask: self._receive(place, ask, end), self)  # type: ignore[misc]
                if reply is None:
                    self._in_flight += 1
                    return
        except StopIteration as done:
            self._came_to[place] = done.value
            self._left -= 1
        except Exception as error:
            self._fail(error)

    def _receive(self, place: int, ask: Ask, outcome: Reply | Exception) -> None:
        self._in_flight -= 1
        try:
            reply = self._live.settle(ask, outcome)
        except Exception as error:
            self._fail(error)
        else:
            if self._failure is None:
                self._advance(place, reply)
        self._check()

    def _see(self) -> None:
        if self._finished is None or self._finished.done():
            return
        if self._failure is not None:
            if self._in_flight == 0:
                self._finished.set_exception(self._failure)
        elif self._left == 0:
            self._finished.set_result(self._came_to)
