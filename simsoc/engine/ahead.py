"""Turns that wait for a model: as many at once as their order allows, with the result of one by one.

Two states. The world itself is settled in activation order, turn by turn, and is what events, measures and stops are
taken from. Turns think on the *front*: a copy of the world on which actions are applied as early as `precedence` lets
them, out of order. When a turn's place comes, its events are folded into the world and logged. A world that does not
say what its turns read has no front: its turns are thought of and applied one after another, or, where all see the
start of the step, all at once.

A thought is a generator that is sent its next reply by a callback; there is no task per thought.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from simsoc.core.errors import WorldError
from simsoc.core.protocols import World, expect
from simsoc.core.words import Action, Ask, Event, Reach, Reply, Thought, Turn

from .activation import Order
from .flight import Flight
from .precedence import Precedence

if TYPE_CHECKING:
    from .live import LiveLoop
    from .loop import Engine

Plan = Callable[[int, Any], Order | None]
"""``plan(step, front)``: the turns of a step, or None when they cannot be known before the step before is over."""
_SLICE = 32  # thoughts set going before the event loop may look after its connections
_DEEP = 64  # turns looked ahead for each slot
_SHALLOW = 16  # the same where a turn may end the run: answers past its end are paid for and not used


class _Turn:
    """A turn between being planned and being settled."""

    __slots__ = ("action", "at", "events", "thought", "together")

    def __init__(self, at: Turn, together: bool) -> None:
        self.at = at
        self.together = together
        self.thought: Thought | None = None
        self.action: Action | None = None
        self.events: list[Event] | None = None


class Ahead(Flight):
    """The turns of one world, thought of ahead of their time. Lives in the event loop."""

    def __init__(self, live: LiveLoop, engine: Engine, world: World) -> None:
        super().__init__(live)
        self._engine = engine
        self._world = world
        self._front: World = world
        self._order = Precedence()
        self._turns: dict[int, _Turn] = {}
        self._next = 0  # place of the next turn to be planned
        self._settled = 0  # place of the next turn to be settled
        self._planned = 0  # last step planned
        self._step = 0  # step that is being settled
        self._until = 0
        self._plan: Plan = lambda step, front: None
        self._finished: asyncio.Future[None] | None = None
        self._over = False
        self._window = 0
        self._pumping = self._pump_due = False

    async def run(self, step: int, plan: Plan, until: int) -> None:
        """Settle a step; plan up to step `until`. Raises what ended a call, when it is to end the run."""
        self._step, self._plan, self._until = step, plan, until
        deep = _SHALLOW if getattr(self._world, "may_stop", True) else _DEEP
        self._window = max(2 * len(self._world.active()), deep * self._live.slots)
        if self._over or self._planned < step:
            self._renew(step)
        self._finished = asyncio.get_running_loop().create_future()
        if self._failure is None:
            self._move()
        self._check()
        await self._finished

    def _renew(self, step: int) -> None:
        """A new front, when nothing is under way: between steps the world may have changed in any way."""
        apart = getattr(self._world, "apart", None)
        self._front = apart() if apart is not None else self._world
        self._order, self._over = Precedence(), False
        self._turns.clear()
        self._settled = self._next
        self._planned = step - 1

    @property
    def resting(self) -> bool:
        """Whether no step is being settled and nobody waits for calls to come back."""
        return self._landed is None and (self._finished is None or self._finished.done())

    # -- what is planned --------------------------------------------------------------------------------------------

    def _move(self) -> None:
        """Plan, think, apply and settle as far as is possible now."""
        if self._pumping:
            return
        self._pumping = True
        try:
            started = 0
            while self._failure is None and not self._over:
                self._plan_more()
                self._apply_all()
                self._settle_all()
                if not self._order.startable:
                    if self._order.appliable or self._may_plan():
                        continue
                    break
                if started == _SLICE:
                    self._soon()
                    break
                started += 1
                self._begin(self._order.startable.popleft())
        except Exception as error:
            self._fail(error)
        finally:
            self._pumping = False

    def _soon(self) -> None:
        if not self._pump_due:
            self._pump_due = True
            asyncio.get_running_loop().call_soon(self._again)

    def _again(self) -> None:
        self._pump_due = False
        self._move()
        self._check()

    def _may_plan(self) -> bool:
        return self._planned < self._until and (self._planned < self._step or len(self._turns) < self._window)

    def _plan_more(self) -> None:
        while self._may_plan():
            step = self._planned + 1
            order = self._plan(step, self._front)
            if order is None:
                if step <= self._step:
                    raise WorldError(f"step {step} cannot be planned")
                self._until = step - 1  # not before the steps before it are over
                return
            self._planned = step
            reach: Callable[[Turn], Reach | None] = getattr(self._front, "reach", _everything)
            due, added = [Turn(self._engine.seed, step, agent, count) for agent, count in order.turns], []
            if order.together:
                expect(self._front, due)
            for at in due:
                turn = _Turn(at, order.together)
                self._turns[self._next] = turn
                added.append((self._next, reach(turn.at) if self._front is not self._world else None))
                self._next += 1
            self._order.add(added, together=order.together)

    # -- thinking ---------------------------------------------------------------------------------------------------

    def _begin(self, key: int) -> None:
        turn = self._turns[key]
        turn.thought = self._front.decide(self._front.observe(turn.at))
        self._order.start(key)
        self._advance(key, turn, None)

    def _advance(self, key: int, turn: _Turn, reply: Reply | None) -> None:
        """Send a reply in and follow the thought until it waits or ends."""
        thought = turn.thought
        assert thought is not None
        try:
            while True:
                ask = thought.send(reply)  # type: ignore[arg-type]
                reply = self._live.ask(key, ask, lambda end, ask=ask: self._receive(key, turn, ask, end), self)  # type: ignore[misc]
                if reply is None:
                    self._in_flight += 1
                    return
        except StopIteration as done:
            turn.action, turn.thought = done.value, None
            self._order.end(key)

    def _receive(self, key: int, turn: _Turn, ask: Ask, outcome: Reply | Exception) -> None:
        self._in_flight -= 1
        try:
            reply = self._live.settle(ask, outcome)
            if self._failure is None and not self._over:
                self._advance(key, turn, reply)
        except Exception as error:
            self._fail(error)
        self._move()
        self._check()

    # -- applying and settling --------------------------------------------------------------------------------------

    def _apply_all(self) -> None:
        """Every action that may be applied, on the front."""
        waiting = self._order.appliable
        while waiting:
            if self._front is self._world and waiting[0] != self._settled:
                raise WorldError("turns of unknown reach are applied in order")
            key = waiting.popleft()
            turn = self._turns[key]
            assert turn.action is not None
            turn.events = self._front.apply(turn.action)
            self._order.apply(key)
            if self._front is self._world:
                self._settle_all()
                if self._over:
                    return

    def _settle_all(self) -> None:
        """In activation order: what has been applied on the front happens in the world, and is logged."""
        world, engine = self._world, self._engine
        while self._settled < self._next and not self._over:
            turn = self._turns[self._settled]
            if turn.events is None or turn.action is None or turn.at.step > self._step:
                return
            del self._turns[self._settled]
            self._settled += 1
            if self._front is not world:
                for event in turn.events:
                    world.fold(event)
            engine.taken(world, turn.action, turn.events)
            if world.stopped is not None and not turn.together:
                self._over = True
                self._drop()

    # -- how it ends ------------------------------------------------------------------------------------------------

    def _see(self) -> None:
        """Has the step come to its end, or the last call in flight come back after a failure?"""
        if self._finished is None or self._finished.done():
            return
        if self._failure is not None:
            if self._in_flight == 0:
                self._finished.set_exception(self._failure)
        elif self._over:
            if self._in_flight == 0:
                self._finished.set_result(None)
        elif self._planned >= self._step and (
            self._settled == self._next or self._turns[self._settled].at.step > self._step
        ):
            self._finished.set_result(None)


def _everything(turn: Turn) -> None:
    """The reach of a turn of which nothing is said."""
