"""What the rooms promise each other. The engine knows these and nothing else of worlds, backends and the log."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

from .words import Action, Ask, Attempt, Event, Reply, Thought, Turn


class World(Protocol):
    """One social process on the people of a society.

    State changes in `fold` alone: `apply` works out what an action leads to, folds those events and returns them,
    so that folding the logged events in order rebuilds any step.
    """

    kind: str
    stopped: str | None
    """Why the world has come to an end (`consensus`, `settled`, ...), or None."""
    MEASURES: Mapping[str, Any]
    """What can be measured in this world (simsoc.measures.Measure), by name."""
    length: int | None
    """Steps after which the process is over by itself, or None."""

    def begin(self) -> list[Event]:
        """Events of step 0, that set the starting state (already folded)."""
        ...

    def open_step(self, step: int) -> list[Event]:
        """What the world itself does before anybody's turn (already folded)."""
        ...

    def close_step(self, step: int) -> list[Event]:
        """What the world itself does after everybody's turn (already folded)."""
        ...

    def due(self, step: int) -> Sequence[int] | None:
        """Agents who take a turn, in this order, or None to let the scenario's activation decide."""
        ...

    def active(self) -> Sequence[int]:
        """Agents who may take turns at all, in id order (frozen members of a group are not among them)."""
        ...

    def observe(self, turn: Turn) -> Any:
        """A frozen view: all that the agent sees at this turn."""
        ...

    def decide(self, view: Any) -> Thought:
        """The mind's plain course for this view: yields Asks, returns an Action, does no I/O."""
        ...

    def apply(self, action: Action) -> list[Event]:
        """The only writer: turns an action into events, folds them, returns them."""
        ...

    def fold(self, event: Event) -> None:
        """Change the state as an event says."""
        ...


@runtime_checkable
class Instant(Protocol):
    """A backend that answers at once and in this thread: rules, the null mind, scripts."""

    name: str

    def now(self, ask: Ask) -> Reply:
        """The reply."""
        ...


@runtime_checkable
class Live(Protocol):
    """A backend that talks to a server, inside the engine's event loop.

    One object per backend of a run: one connection pool. Rendering, retries, parsing and the repair ask are inside.
    """

    name: str
    slots: int
    """Most calls in flight at once."""

    async def open(self) -> None:
        """Connect; called once, in the loop that will be used."""
        ...

    def put(self, ask: Ask) -> Any:
        """The ask rendered, ready to be sent: done beforehand for calls that wait for a slot."""
        ...

    async def __call__(self, ask: Ask, ready: Any = None) -> Reply:
        """The reply, or a BackendError when the wire failed for good. `ready` is what `put` made of the ask."""
        ...

    async def close(self) -> None:
        """Let the connections go."""
        ...


Backend = Instant | Live
Respond = Callable[[Ask], Reply]


class Log(Protocol):
    """Where a run is written. `content` is the event's content as JSON, made once by the digest."""

    def ask(self, ask: Ask, reply: Reply) -> None:
        """One decision row."""
        ...

    def event(self, event: Event, content: str) -> None:
        """One event row."""
        ...

    def measure(self, step: int, name: str, value: float | None) -> None:
        """One number; None where it is not defined."""
        ...

    def attempts(self, ask: Ask, attempts: Sequence[Attempt]) -> None:
        """Tries of a call that ended without an answer."""
        ...

    def flush_answers(self) -> None:
        """Commit the answers taken so far (called from any thread)."""
        ...

    def commit(self, step: int) -> None:
        """Commit a whole step: its events and everything before."""
        ...


class Ties(Protocol):
    """Who is tied to whom. One per society; worlds read it and write it in `fold` alone."""

    directed: bool

    @property
    def graph(self) -> Any:
        """The NetworkX graph itself; a node is an agent id. To be read, never to be changed."""
        ...

    def neighbours(self, agent: int) -> tuple[int, ...]:
        """Whom the agent sees: neighbours, or successors (those it follows) when directed. Ascending ids."""
        ...

    def add(self, a: int, b: int, **attributes: Any) -> None:
        """Tie a to b (a follows b when directed)."""
        ...

    def weight(self, a: int, b: int) -> float:
        """Weight of a tie; 1 unless the network says otherwise."""
        ...

    def remove(self, a: int, b: int) -> None:
        """Untie."""
        ...


People = Sequence[Mapping[str, Any]]
"""Traits of each person, by agent id."""
