"""The clock: one step after another, one writer, events in activation order.

Each turn sees exactly what it would see if turns were applied one by one in activation order. The engine knows worlds,
backends and the log only by their protocols. Backends that answer at once (rules, the null mind) are called directly;
where a model is asked, thoughts run in an event loop of their own, a thread started at the first such step, so that
``step()`` stays synchronous and works where an event loop is already running (notebooks). There, turns of later steps
may be thought of before a step is over (`ahead`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from simsoc.core.canonical import Digest
from simsoc.core.errors import WorldError
from simsoc.core.protocols import Log, Respond, World, expect
from simsoc.core.words import Action, Event, Shown, Suggested, Turn

from .activation import Order
from .live import LiveLoop
from .polling import Looking, at_once, followed

Schedule = Callable[[int, int, Sequence[int]], Order]
"""``schedule(seed, step, agents)``: the turns of a step."""


class Engine:
    """Drives worlds through time.

    seed: the run's; worlds: acting in this order within a step; schedule: the activation regime; now: answers an ask at
    once; live: drives thoughts instead, where some agent is answered by a server; log: where everything goes; quiet:
    whether nothing from outside the worlds (an intervention) happens before a step.
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
        quiet: Callable[[int], bool] = lambda step: True,
    ) -> None:
        self.seed = seed
        self.clock = 0
        """Steps completed."""
        self.turns = 0
        """Turns taken, in all worlds."""
        self.events = 0
        """Events so far: the place of the last one in applied order."""
        self.placed: list[tuple[Event, int]] = []
        """Events of worlds whose people remember, with their places, until somebody takes them."""
        self.digest = Digest()
        self.shown: list[tuple[Turn, Shown | Sequence[Shown]]] = []
        self.suggested: list[tuple[Turn, Suggested]] = []
        """What was shown in the turns taken since somebody last cleared this list, in order."""
        self._worlds = list(worlds)
        self._names = _told_apart(self._worlds)
        self._remembering = {id(world) for world in self._worlds if hasattr(world, "stored")}
        self._schedule = schedule
        self._now = now
        self._log = log
        self._live = live
        self._opened = 0  # last step that has begun, as the event loop sees it
        self._quiet = quiet

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
        if id(world) in self._remembering:
            self.placed += [(event, place) for place, event in enumerate(events, start=self.events + 1)]
        self.events += len(events)
        for event in events:
            if name is not None:
                event = Event(event.step, event.turn, event.agent, f"{name}.{event.kind}", event.content)
            log.event(event, digest.add(event))

    def step(self, until: int = 0) -> None:
        """One tick of the clock. Raises BackendError when a model could not be reached: the step is then not logged.

        until: the step up to which nobody will touch the society between steps, so that models may be asked ahead.
        """
        step = self.clock + 1
        for world in self._worlds:
            if world.stopped is None:
                self._step_of(world, step, until)
        self.clock = step

    def _step_of(self, world: World, step: int, until: int) -> None:
        self.emit(world, world.open_step(step))
        self._opened = step
        if self._live is not None:
            self._live.run(self, world, step, self._plan, max(step, until))
        else:
            turns, together = self._turns_of(world, step)
            act = self._together if together else self._one_by_one
            act(world, step, turns)
        closing = world.close_step(step)
        if closing and self._live is not None and step < until and self._undisturbed(world, step + 1):
            raise WorldError(f"world '{world.kind}' was to be quiet before step {step + 1}, and is not")
        self.emit(world, closing)

    def _turns_of(self, world: World, step: int) -> Order:
        due = world.due(step)
        if due is None:
            return self._schedule(self.seed, step, world.active())
        turns = [one if isinstance(one, tuple) else (one, 0) for one in due]
        return Order(turns, together=getattr(world, "TOGETHER", False))

    def _plan(self, step: int, front: Any) -> Order | None:
        """The turns of a step, or None when they depend on how the step before it ends."""
        if step > self._opened and not self._undisturbed(front, step):
            return None
        return self._turns_of(front, step)

    def _undisturbed(self, world: World, step: int) -> bool:
        """Whether nothing but turns happens between the turns of the step before and those of this one."""
        quiet: Callable[[int], bool] | None = getattr(world, "quiet", None)
        return quiet is not None and len(self._worlds) == 1 and quiet(step) and self._quiet(step)

    def _one_by_one(self, world: World, step: int, turns: Sequence[tuple[int, int]]) -> None:
        seed, act, think = self.seed, self.act, self._think
        for agent, count in turns:
            act(world, think(world, Turn(seed, step, agent, count)))
            if world.stopped is not None:
                return

    def _together(self, world: World, step: int, turns: Sequence[tuple[int, int]]) -> None:
        due = [Turn(self.seed, step, agent, count) for agent, count in turns]
        expect(world, due)
        for action in [self._think(world, turn) for turn in due]:
            self.act(world, action)

    def act(self, world: World, action: Action) -> None:
        """Apply one turn's action and record what happened."""
        self.taken(world, action, world.apply(action))

    def taken(self, world: World, action: Action, events: Sequence[Event]) -> None:
        """A turn was taken, and this happened."""
        self.turns += 1
        if action.shown is not None:
            self.shown.append((action.at, action.shown))
        if action.suggested is not None:
            self.suggested.append((action.at, action.suggested))
        self.emit(world, events)

    def poll(self, thoughts: Iterable[Looking]) -> list[Any]:
        """What thoughts that only look come to, in order; between steps. Raises BackendError as `step` does."""
        return self._live.poll(thoughts) if self._live is not None else at_once(thoughts, self._now, self._log)

    def _think(self, world: World, turn: Turn) -> Action:
        """One turn's thought, all of whose asks are answered at once."""
        action: Action = followed(world.decide(world.observe(turn)), self._now, self._log)
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
