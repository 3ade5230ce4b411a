"""A limiter in front of one server: never more calls in flight than it takes, lower orders first.

Several backends of several runs may share a gate, each with its own object for the same server. There is no task per
call. At most `slots` workers are made, when they are first needed; each lives as long as the gate and takes the next
waiting call as soon as its last one is back, without a round through the event loop. What can be done while all slots
are busy is: prompts are rendered when a call has to wait, and receivers hear of a reply after the next call was sent.

How many calls may be in flight follows what the server says (see `pace`). A call that rests before its next try keeps
its place, so that nobody is sent in its stead; when more places are out than the limit allows it gives its own up, and
waits for one after its rest. No new call starts while calls under way, resting ones included, fill the limit. So what
is offered to a server that says 429 falls with the limit and with the growing rests, and what was sent first is
finished first. All of this changes when calls are sent, and nothing else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from heapq import heapify, heappop, heappush
from typing import Any

from simsoc.core.protocols import Live, Purse
from simsoc.core.words import Ask, Reply

from .pace import Pace

Order = int | tuple[int, ...]
Done = Callable[[Any], None]
"""Called with a Reply, or with the exception a call ended in."""
_AHEAD = 4096  # waiting calls that are rendered beforehand; later ones when their turn comes, to bound memory


class _Dropped(BaseException):
    """Ends the rest of a call that nobody waits for any more."""


class _Call:
    """A call from `submit` to its end."""

    __slots__ = ("ask", "count", "done", "live", "order", "owner", "placed", "purse", "ready", "turn")

    def __init__(
        self, order: Order, count: int, ask: Ask, done: Done, live: Live, ready: Any, owner: Hashable, purse: Any
    ) -> None:
        self.order = order
        self.count = count
        self.ask = ask
        self.done = done
        self.live = live
        self.ready = ready
        self.owner = owner
        self.purse: Purse | None = purse
        self.placed = False
        """Whether it has one of the places that the limit allows: in flight, or resting without giving it up."""
        self.turn: asyncio.Future[None] | None = None
        """While it rests: done when it may be tried again."""


class Gate:
    """The slots of one server; used inside one event loop.

    live: the backend of calls that name none; slots: most calls in flight, the backend's own when not given;
    per_minute: most requests started in a minute, evenly spaced, further tries of a call included; sleep: replaced in
    tests.
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
        self.slots = live.slots if slots is None else slots
        """Most calls in flight, ever."""
        self.pace = Pace(self.slots)
        self._spacing = 60.0 / per_minute if per_minute else 0.0
        self._next_start = 0.0
        self._sleep = sleep
        self._waiting: list[tuple[Order, int, _Call]] = []
        self._rested: list[tuple[Order, int, _Call]] = []  # ready for their next try, and without a place
        self._count = 0
        self._workers: set[asyncio.Task[None]] = set()
        self._idle: list[asyncio.Future[None]] = []
        self._calls: dict[asyncio.Task[Any] | None, _Call] = {}  # the last call of each worker
        self._active = 0  # workers that have a call or are on their way to one
        self._unclaimed = 0  # workers that are on their way to a waiting call
        self._placed = 0
        self.in_flight = 0
        """Calls that are being answered now."""
        self.most_in_flight = 0
        """The most there have been at once."""

    @property
    def limit(self) -> int:
        """Calls that may be in flight now: `slots`, or fewer since the server said 429."""
        return self.pace.limit

    @property
    def lowest_limit(self) -> int:
        """The lowest the limit has been."""
        return self.pace.lowest

    @property
    def waiting(self) -> int:
        """Calls that have not been sent yet."""
        return len(self._waiting)

    @property
    def resting(self) -> int:
        """Calls that wait before their next try."""
        return sum(call.turn is not None for call in self._calls.values())

    async def open(self) -> None:
        """Connect the gate's own backend."""
        await self._live.open()

    # -- what comes in ----------------------------------------------------------------------------------------------

    def submit(
        self,
        order: Order,
        ask: Ask,
        done: Done,
        live: Live | None = None,
        ready: Any = None,
        owner: Hashable = None,
        purse: Purse | None = None,
    ) -> None:
        """Queue a call; smaller orders go first, equal ones as they came.

        `done` is called in the event loop with the reply, or with what the call raised: a BackendError when the wire
        failed for good, OverBudget, or whatever else went wrong (a prompt that cannot be filled).

        live: the backend it goes to, connected already; the gate's own when not given. ready: what `live.put(ask)`
        made. owner: whose call it is, for `clear`. purse: asked when the call is about to be sent, and told of its end.
        """
        to = self._live if live is None else live
        if getattr(to, "tries", self) is not self:
            to.tries = self  # type: ignore[attr-defined]
        self._count += 1
        if self._active < self.pace.limit:
            self._wake()
        if ready is None and self._unclaimed <= len(self._waiting) < _AHEAD:
            ready = _rendered(to, ask)
        call = _Call(order, self._count, ask, done, to, ready, owner, purse)
        heappush(self._waiting, (order, self._count, call))

    def clear(self, owner: Hashable = None) -> int:
        """Forget an owner's calls that are not in flight, all calls when it is None; how many there were.

        Calls that rest between two tries are among them: `done` is not called for any, and what is in flight goes on.
        """
        resting = [call for call in self._calls.values() if call.turn is not None and not call.turn.done()]
        if owner is None:
            dropped = len(self._waiting)
            self._waiting.clear()
        else:
            kept = [entry for entry in self._waiting if entry[2].owner != owner]
            dropped = len(self._waiting) - len(kept)
            if dropped:
                heapify(kept)
                self._waiting = kept
            resting = [call for call in resting if call.owner == owner]
        for call in resting:
            call.turn.set_exception(_Dropped())  # type: ignore[union-attr]
        return dropped + len(resting)

    async def close(self) -> None:
        """Drop what waits, stop what is in flight, and let the connections of the gate's own backend go."""
        self.clear()
        workers = list(self._workers)
        for worker in workers:
            worker.cancel()
        if workers:
            await asyncio.wait(workers)
        self._idle.clear()
        self._calls.clear()
        self._active = self._unclaimed = 0
        await self._live.close()

    # -- the workers ------------------------------------------------------------------------------------------------

    def _wake(self) -> None:
        """Set one more worker going."""
        self._active += 1
        self._unclaimed += 1
        if self._idle:
            self._idle.pop().set_result(None)
            return
        worker = asyncio.get_running_loop().create_task(self._work())
        self._workers.add(worker)
        worker.add_done_callback(self._workers.discard)

    async def _work(self) -> None:
        loop, me, pace = asyncio.get_running_loop(), asyncio.current_task(), self.pace
        while True:
            self._unclaimed -= 1
            while self._waiting and self._active <= pace.limit:
                if self._spacing:
                    await self._space()
                    if not self._waiting or self._active > pace.limit:
                        break
                call = self._calls[me] = heappop(self._waiting)[2]
                outcome = await self._answered(call)
                if outcome is not None:
                    loop.call_soon(call.done, outcome)
            self._active -= 1
            waker = loop.create_future()
            self._idle.append(waker)
            await waker

    async def _answered(self, call: _Call) -> Reply | Exception | None:
        """What the call ended in; None when it was dropped."""
        purse = call.purse
        if purse is not None:
            try:
                purse.take()
            except Exception as error:
                return error
        outcome: Reply | Exception | None = None
        self._place(call)
        self._send()
        try:
            outcome = await call.live(call.ask, call.ready)
        except _Dropped:
            pass
        except Exception as error:
            outcome = error
        finally:
            if call.turn is None:
                self.in_flight -= 1
            call.turn = None
            if call.placed:
                self._leave(call)
            if purse is not None:
                purse.book(outcome)
        return outcome

    async def _space(self) -> None:
        """Wait for a place among the starts: one every 60 / per_minute seconds."""
        now = asyncio.get_running_loop().time()
        start = max(now, self._next_start)
        self._next_start = start + self._spacing
        if start > now:
            await self._sleep(start - now)

    # -- the wire ---------------------------------------------------------------------------------------------------

    def _place(self, call: _Call) -> None:
        call.placed = True
        self._placed += 1

    def _leave(self, call: _Call) -> None:
        call.placed = False
        self._placed -= 1
        if self._rested:
            self._let_in()

    def _let_in(self) -> None:
        """Places to calls that have rested, and their next try to those."""
        while self._rested and self._placed < self.pace.limit:
            call = heappop(self._rested)[2]
            if call.turn is not None and not call.turn.done():
                self._place(call)
                call.turn.set_result(None)

    def _send(self) -> None:
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)

    def sending(self) -> int:
        """A backend is about to send a request: what to say to `tried` when it is back."""
        return self.pace.falls

    def tried(self, sent: int, kind: str) -> None:
        """A backend's request is back: `answered`, or the kind of failure as in the log's attempts."""
        if kind == "answered":
            if self.pace.limit < self.slots and self.pace.succeeded(sent):
                self._let_in()
                while self._active < self.pace.limit and self._unclaimed < len(self._waiting):
                    self._wake()
        elif kind == "rate_limited":
            self.pace.refused(sent)

    async def rest(self, seconds: float) -> None:
        """Between two requests of one call. Its place rests with it, or is given up when there are too many."""
        call = self._calls.get(asyncio.current_task())
        if call is None or not call.placed:  # a backend that is asked past its gate
            await self._sleep(seconds)
            return
        if seconds > 0:
            loop = asyncio.get_running_loop()
            call.turn = turn = loop.create_future()
            self.in_flight -= 1
            if self._placed > self.pace.limit:
                self._leave(call)
            timer = loop.call_later(seconds, self._again, call, turn)
            try:
                await turn
            finally:
                timer.cancel()
        if self._spacing:
            await self._space()
        if call.turn is not None:
            call.turn = None
            self._send()

    def _again(self, call: _Call, turn: asyncio.Future[None]) -> None:
        """A call has rested: on with its next try, when it has a place and may keep it."""
        if turn.done():
            return
        if call.placed and self._placed <= self.pace.limit:
            turn.set_result(None)
            return
        if call.placed:
            self._leave(call)
        heappush(self._rested, (call.order, call.count, call))
        self._let_in()


def _rendered(live: Live, ask: Ask) -> Any:
    """The call ready to be sent; None when it cannot be rendered, which is told when its turn comes."""
    try:
        return live.put(ask)
    except Exception:
        return None
