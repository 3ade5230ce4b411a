"""The event loop of a process and the slots of each server, shared by every run that talks to it.

One thread, one event loop, one gate a server, however many runs: that is how the runs of an experiment keep one budget
of slots busy. A hub of its own is made for a run that is given none.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Hashable
from concurrent.futures import Future
from typing import Any, Protocol, TypeVar

from simsoc.core.protocols import Live, Purse
from simsoc.core.words import Ask, Reply

T = TypeVar("T")
Done = Callable[[Reply | Exception], None]
"""Called with the reply, or with what the call ended in."""


class Gate(Protocol):
    """A limiter in front of one server: at most its slots in flight, lower orders first."""

    def submit(
        self,
        order: int,
        ask: Ask,
        done: Done,
        live: Live | None = None,
        ready: Any = None,
        owner: Hashable = None,
        purse: Purse | None = None,
    ) -> None:
        """Queue a call."""
        ...

    async def open(self) -> None:
        """Connect."""
        ...

    async def close(self) -> None:
        """Drop what waits and let the connections go."""
        ...

    def clear(self, owner: Hashable = None) -> int:
        """Forget an owner's calls that have not been sent yet; how many there were."""
        ...


class Hub:
    """Where calls are sent from. `close` it when the last run is over; runs that share it do not.

    gate: makes the limiter in front of a backend; new_loop: another kind of event loop, e.g. on a virtual clock.
    """

    def __init__(
        self,
        gate: Callable[[Live], Gate],
        *,
        new_loop: Callable[[], asyncio.AbstractEventLoop] = asyncio.new_event_loop,
    ) -> None:
        self._make = gate
        self._new_loop = new_loop
        self._gates: dict[Hashable, Gate] = {}
        self._open: dict[int, Live] = {}
        self._first: set[int] = set()
        self._door = threading.Lock()
        self._thread: threading.Thread | None = None
        self.loop: asyncio.AbstractEventLoop | None = None
        """The event loop, once something was started."""
        self.closed = False
        """Whether it is closed, or about to be: nothing that is on its way will arrive."""

    def start(self) -> asyncio.AbstractEventLoop:
        """The event loop, running in a thread of its own."""
        with self._door:
            if self.loop is None:
                self.loop = self._new_loop()
                self._thread = threading.Thread(target=self.loop.run_forever, name="simsoc-engine", daemon=True)
                self._thread.start()
            return self.loop

    def submit(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Start something in the event loop, from another thread."""
        return asyncio.run_coroutine_threadsafe(work, self.start())

    async def gate(self, backend: Live) -> Gate:
        """The gate in front of a backend, which is connected. One gate a server: whoever comes first says its slots."""
        where: Hashable = getattr(backend, "where", None) or id(backend)
        gate = self._gates.get(where)
        if gate is None:
            gate = self._gates[where] = self._make(backend)
            self._first.add(id(backend))
            self._open[id(backend)] = backend
            await gate.open()
        elif id(backend) not in self._open:
            self._open[id(backend)] = backend
            await backend.open()
        return gate

    def gates(self) -> list[Gate]:
        """Every gate, in order of first use."""
        return list(self._gates.values())

    def close(self) -> None:
        """Let connections and the thread go. Safe to call twice."""
        self.closed = True
        with self._door:
            if self.loop is None or self._thread is None:
                return
            asyncio.run_coroutine_threadsafe(self._shut(), self.loop).result()
            self.loop.call_soon_threadsafe(self.loop.stop)
            self._thread.join()
            self.loop.close()
            self.loop = self._thread = None

    async def _shut(self) -> None:
        for gate in self._gates.values():
            await gate.close()
        for key, backend in self._open.items():
            if key not in self._first:
                await backend.close()
        self._gates.clear()
        self._open.clear()
        self._first.clear()
        left = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in left:
            task.cancel()
        if left:
            await asyncio.wait(left, timeout=5)
