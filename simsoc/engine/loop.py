"""The clock: one step after another, one writer, events in activation order.

Each turn sees exactly what it would see if turns were applied one by one in activation order. The engine knows worlds,
backends and the log only by their protocols. Backends that answer at once (rules, the null mind) are called directly;
where a model is asked, thoughts run in the engine's own event loop, a thread started at the first such step, so that
``step()`` stays synchronous and works where an event loop is already running (notebooks).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from simsoc.core.canonical import Digest
from simsoc.core.protocols import Log, Respond, World
from simsoc.core.words import Action, Event, Turn

from .activation import Order
from .live import LiveLoop

Schedule = Callable[[int, int, Sequence[int]], Order]
"""``schedule(seed, step, agents)``: the turns of a step."""


class Engine:
    """Drives worlds through time.

    seed: the run's; worlds: acting in this order within a step; schedule: the activation regime; now: answers an ask at
    once; live: drives thoughts instead, where some agent is answered by a server; log: where everything goes.
    """

    def __init__(
        self,
        seed: int,
        worlds: Sequence[World],
        schedule: Schedule,
        now: Respond,
        log: Log,
        *,
        live: LiveLoop | None = None,
    ) -> None:
        self.seed = seed
        self.clock = 0
        """Steps completed."""
        self.turns = 0
        """Turns taken, in all worlds."""
        self.digest = Digest()
        self._worlds = list(worlds)
        self._names = _told_apart(self._worlds)
        self._schedule = schedule
        self._now = now
        self._log = log
        self._live = live

    def begin(self) -> None:
        """Step 0: the starting state, as events."""
        for world in self._worlds:
            self.emit(world, world.begin())

    @property
    def stopped(self) -> str | None:
        """Why the worlds have come to an end, or None while one of them goes on."""
        reasons = [world.stopped for world in self._worlds]
        return None if None in reasons else reasons[-1]

    def emit(self, world: World, events: Sequence[Event]) -> None:
        """Take a world's events into digest and log. They are folded already.

        With several worlds the kind of an event says whose it is, as in `opinion.set`.
        """
        name = self._names.get(id(world))
        log, digest = self._log, self.digest
        for event in events:
            if name is not None:
                event = Event(event.step, event.turn, event.agent, f"{name}.{event.kind}", event.content)
            log.event(event, digest.add(event))

    def step(self) -> None:
        """One tick of the clock. Raises BackendError when a model could not be reached: the step is then not logged."""
        step = self.clock + 1
        for world in self._worlds:
            if world.stopped is None:
                self._step_of(world, step)
        self.clock = step

    def _step_of(self, world: World, step: int) -> None:
        self.emit(world, world.open_step(step))
        due = world.due(step)
        if due is None:
            turns, together = self._schedule(self.seed, step, world.active())
        else:
            turns, together = [(agent, 0) for agent in due], False
        if self._live is not None:
            self._live.run(self, world, step, turns, together)
        elif together:
            self._together(world, step, turns)
        else:
            self._one_by_one(world, step, turns)
        self.emit(world, world.close_step(step))

    def _one_by_one(self, world: World, step: int, turns: Sequence[tuple[int, int]]) -> None:
        seed, act, think = self.seed, self.act, self._think
        for agent, count in turns:
            act(world, think(world, Turn(seed, step, agent, count)))
            if world.stopped is not None:
                return

    def _together(self, world: World, step: int, turns: Sequence[tuple[int, int]]) -> None:
        actions = [self._think(world, Turn(self.seed, step, agent, count)) for agent, count in turns]
        for action in actions:
            self.act(world, action)

    def act(self, world: World, action: Action) -> None:
        """Apply one turn's action and record what happened."""
        self.turns += 1
        self.emit(world, world.apply(action))

    def _think(self, world: World, turn: Turn) -> Action:
        """One turn's thought, all of whose asks are answered at once."""
        thought = world.decide(world.observe(turn))
        record, now = self._log.ask, self._now
        try:
            ask = next(thought)
            while True:
                reply = now(ask)
                record(ask, reply)
                ask = thought.send(reply)
        except StopIteration as done:
            action: Action = done.value
            return action


def _told_apart(worlds: Sequence[World]) -> dict[int, str]:
    """A name for each of several worlds: its kind, with a number where there are two of a kind."""
    if len(worlds) == 1:
        return {}
    kinds = [world.kind for world in worlds]
    return {
        id(world): kind if kinds.index(kind) == i else f"{kind}-{kinds[: i + 1].count(kind)}"
        for i, (world, kind) in enumerate(zip(worlds, kinds, strict=True))
    }
