"""People who walk about and see who is near: the stub world of AI Metropolis (arXiv 2411.03519; methods.md 8A, 8.3).

What a turn reads is told by distance: whose place at step a is known can be anywhere within (t - a) * v of it at step
t, so a walker may read those within r + v * (its own uncertainty + theirs). As in the paper one more step is allowed
for (those within r + v of each other are coupled).
"""

from __future__ import annotations

from copy import copy
from typing import Any, ClassVar

from simsoc.core.answers import Choice
from simsoc.core.facts import Facts
from simsoc.core.stream import draw
from simsoc.core.words import Action, Answer, Ask, Decision, Event, Reach, Rule, Turn
from simsoc.engine.activation import together
from simsoc.engine.live import LiveLoop
from simsoc.engine.loop import Engine
from simsoc.engine.route import Route
from simsoc.engine.silent import Silent

WAYS = {"north": (0, 1), "south": (0, -1), "east": (1, 0), "west": (-1, 0), "stay": (0, 0)}


def stroll(facts, stream):
    """At random; whoever has company goes the same way as all with the same company."""
    at = (sum(facts["near"]) + len(facts["near"])) % 5 if facts["near"] else stream.below(5)
    return list(WAYS)[at]


WALK = Decision("walk", "walkers/walk", Choice(tuple(WAYS)), Rule("stroll", stroll, {}))


class Walkers:
    kind = "walkers"
    stopped = None
    may_stop = False
    length = None
    MEASURES: ClassVar[dict[str, Any]] = {}

    def __init__(self, n: int, size: float, seed: int, radius: float = 4.0, speed: float = 1.0) -> None:
        self.n, self.size, self.radius, self.speed = n, size, radius, speed
        self.seed = seed
        self.place: list[tuple[float, float]] = []
        self.at: list[int] = []
        """Step at whose end each stood at its place."""
        self.seen: list[int] = []
        """Step for which each has last looked around."""
        self.watch: Any = None
        """Called with the copy that turns are thought of on, after every action applied."""
        self.front = False

    def begin(self):
        events = []
        for agent in range(self.n):
            x, y = (round(draw(self.seed, "place", agent, axis) * self.size, 3) for axis in "xy")
            events.append(Event(0, 0, agent, "stand", {"x": x, "y": y}))
        for event in events:
            self.fold(event)
        return events

    def open_step(self, step):
        return []

    def close_step(self, step):
        return []

    def due(self, step):
        return None

    def active(self):
        return range(self.n)

    def distance(self, a, b):
        (ax, ay), (bx, by) = self.place[a], self.place[b]
        return ((ax - bx) ** 2 + (ay - by) ** 2) ** 0.5

    def observe(self, turn):
        self.seen[turn.agent] = turn.step
        near = [b for b in range(self.n) if b != turn.agent and self.distance(turn.agent, b) <= self.radius]
        return turn, tuple(near)

    def decide(self, view):
        at, near = view
        reply = yield Ask(at.seed, at.agent, at.step, at.turn, 0, WALK, Facts({"near": list(near)}, {}, None), "walk")
        assert isinstance(reply, Answer)
        return Action(at, "walk", {"to": reply.value, "near": list(near)})

    def apply(self, action):
        at = action.at
        event = Event(at.step, at.turn, at.agent, "walk", action.content)
        self.fold(event)
        return [event]

    def fold(self, event):
        if event.kind == "stand":
            self.place.append((event.content["x"], event.content["y"]))
            self.at.append(0)
            self.seen.append(0)
            return
        dx, dy = WAYS[event.content["to"]]
        x, y = self.place[event.agent]
        self.place[event.agent] = (
            min(max(x + dx * self.speed, 0.0), self.size),
            min(max(y + dy * self.speed, 0.0), self.size),
        )
        self.at[event.agent] = event.step
        if self.watch is not None and self.front:
            self.watch(self)

    # -- what may happen at once ------------------------------------------------------------------------------------

    def reach(self, turn: Turn) -> Reach:
        me, before = turn.agent, turn.step - 1
        own = self.radius + self.speed + (before - self.at[me]) * self.speed
        near = [
            b
            for b in range(self.n)
            if b == me or self.distance(me, b) <= own + max(0, before - self.at[b]) * self.speed
        ]
        return Reach(near, (me,))

    def quiet(self, step):
        return True

    def apart(self):
        other = copy(self)
        other.front = True
        other.place, other.at, other.seen = list(self.place), list(self.at), list(self.seen)
        return other


class Barrier(Walkers):
    """The same, told to nobody: every step waits for all."""

    reach = quiet = apart = property()  # type: ignore[assignment]

    def __getattribute__(self, name):
        if name in ("reach", "quiet", "apart"):
            raise AttributeError(name)
        return super().__getattribute__(name)


def walk(world: Walkers, steps: int, stub: Any, hub: Any) -> Engine:
    """Drive walkers through the engine on a virtual clock."""
    log = Silent()
    live = LiveLoop(hub, Route(stub), log, own=False)
    hub.watch(live)
    engine = Engine(world.seed, [world], together, None, log, live=live)  # type: ignore[arg-type, list-item]
    engine.begin()
    for _ in range(steps):
        engine.step(steps)
    live.close()
    return engine
