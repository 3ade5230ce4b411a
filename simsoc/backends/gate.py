"""A limiter in front of one live backend: never more calls in flight than slots, lower orders first.

There is no task per call. At most `slots` workers are made, when they are first needed; each lives for the whole run
and takes the next waiting call as soon as its last one is back, without a round through the event loop. What can be
done while all slots are busy is: prompts are rendered when a call has to wait, and receivers hear of a reply after the
next call has been sent.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from heapq import heappop, heappush
from typing import Any

from simsoc.core.protocols import Live
from simsoc.core.words import Ask, Reply

Order = int | tuple[int, ...]
Done = Callable[[Any], None]
"""Called with a Reply, or with the exception a call ended in."""
_AHEAD = 4096  # waiting calls that are rendered beforehand; later ones when their turn comes, to bound memory


class Gate:
    """The slots of one backend; used inside one event loop.

    live: the backend; slots: most calls in flight, the backend's own when not given; per_minute: most calls started in
    a minute, evenly spaced; sleep: replaced in tests.
    """

    def __init__(
        self,
        live: Live,
        slots: int | None = None,
        per_minute: int | None = None,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._live = live
        self._slots = live.slots if slots is None else slots
        self._spacing = 60.0 / per_minute if per_minute else 0.0
        self._next_start = 0.0
        self._sleep = sleep
        self._waiting: list[tuple[Order, int, Ask, Done, Any]] = []
        self._count = 0
        self._workers: set[asyncio.Task[None]] = set()
        self._idle: list[asyncio.Future[None]] = []
        self._unclaimed = 0  # workers that are on their way to a waiting call
        self.in_flight = 0
        """Calls that are being answered now."""
        self.most_in_flight = 0
        """The most there have been at once."""

    async def open(self) -> None:
        """Connect the backend."""
        await self._live.open()

    def submit(self, order: Order, ask: Ask, done: Done) -> None:
        """Queue a call; smaller orders go first, equal ones as they came.

        `done` is called in the event loop with the reply, or with what the call raised: a BackendError when the wire
        failed for good, or whatever else went wrong (a prompt that cannot be filled).
        """
        self._count += 1
        if self._idle:
            self._idle.pop().set_result(None)
            self._unclaimed += 1
        elif len(self._workers) < self._slots:
            worker = asyncio.get_running_loop().create_task(self._work())
            self._workers.add(worker)
            worker.add_done_callback(self._workers.discard)
            self._unclaimed += 1
        waits = len(self._waiting) >= self._unclaimed and len(self._waiting) < _AHEAD
        heappush(self._waiting, (order, self._count, ask, done, self._rendered(ask) if waits else None))

    def _rendered(self, ask: Ask) -> Any:
        """The call ready to be sent; None when it cannot be rendered, which is told when its turn comes."""
        try:
            return self._live.put(ask)
        except Exception:
            return None

    def clear(self) -> int:
        """Forget the calls that have not been sent yet; how many there were."""
        dropped = len(self._waiting)
        self._waiting.clear()
        return dropped

    async def close(self) -> None:
        """Drop what waits, stop what is in flight, and let the backend's connections go."""
        self.clear()
        workers = list(self._workers)
        for worker in workers:
            worker.cancel()
        if workers:
            await asyncio.wait(workers)
        self._idle.clear()
        await self._live.close()

    async def _work(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            self._unclaimed -= 1
            while self._waiting:
                if self._spacing:
                    await self._pace()
                    if not self._waiting:
                        break
                _, _, ask, done, ready = heappop(self._waiting)
                loop.call_soon(done, await self._call(ask, ready))
            waker = loop.create_future()
            self._idle.append(waker)
            await waker

    async def _call(self, ask: Ask, ready: Any) -> Reply | Exception:
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            return await self._live(ask, ready)
        except Exception as error:
            return error
        finally:
            self.in_flight -= 1

    async def _pace(self) -> None:
        """Wait for a place among the starts: one every 60 / per_minute seconds."""
        now = asyncio.get_running_loop().time()
        start = max(now, self._next_start)
        self._next_start = start + self._spacing
        if start > now:
            await self._sleep(start - now)
