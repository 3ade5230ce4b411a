"""What the rooms promise each other. The engine knows these and nothing else of worlds, backends and the log."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol, runtime_checkable

from .words import Action, Ask, Attempt, Decision, Event, Identity, Reach, Reply, Thought, Turn


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
    # A world with measures that count people by their survey weights names those in `WEIGHED`, a set; those that would
    # have to and cannot in `ALIKE`.
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

    def due(self, step: int) -> Sequence[int | tuple[int, int]] | None:
        """Agents who take a turn, in this order, or None to let the scenario's activation decide.

        An agent and the number of its turn, where a world numbers turns itself: another one for each turn of an agent
        in a step, and the same whatever else happens. One by one, unless the world has `TOGETHER = True`: then all of
        them see the start of the step.
        """
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
        """Change the state as an event says; events of the society itself (`society.*`) come here, too."""
        ...


class Intervened(World, Protocol):
    """A world in which can be intervened. What of this it lacks is refused when a scenario is checked."""

    CHANGES: frozenset[str]
    """Keys of its spec that may change while it goes on; it needs `change` then."""
    BEARS: frozenset[str]
    """What it can bear: `ties`, `join` (it needs `newcomer` then), `leave`, `traits`, of which it learns by `fold`; and
    `suspend` (it needs `suspend` then)."""

    def change(self, spec: Any, setting: Any) -> None:
        """Another spec, or the same in another setting (seed, choice), from now on."""
        ...

    def refuses(self, spec: Any) -> Iterable[tuple[str, str]]:
        """What another spec asks for that cannot be here: (key, message). May be left out."""
        ...

    def newcomer(self, agent: int, step: int) -> list[Event]:
        """What begins with somebody who has just joined (already folded)."""
        ...

    def refuses_person(self, traits: Mapping[str, Any]) -> str | None:
        """Why somebody with these traits cannot join, or None."""
        ...

    def suspend(self, step: int, agents: Sequence[int], on: bool, hide: bool) -> list[Event]:
        """These may do nothing (on), or may again; hide: what they made is in no feed meanwhile (already folded)."""
        ...

    def inject(self, step: int, item: Any, who: Sequence[int] | None) -> list[Event]:
        """Put an item in, as that of these agents, or as the world's own where there is no `who` (already folded)."""
        ...

    def refuses_item(self, item: Any, *, whose: bool) -> str | None:
        """Why an item cannot be put in, or None. whose: whether it is somebody's."""
        ...


class Seen(World, Protocol):
    """A world that has something to look at, beside its measures."""

    @staticmethod
    def show(run: Any) -> str | None:
        """A text about a run, from its log (`runlog.reader.Run`) alone, that `simsoc run` prints; None for nothing."""
        ...


class Deciding(World, Protocol):
    """A world that says what people are asked, so that `prompting` can be checked before anybody is."""

    def decisions(self) -> Iterable[Decision]:
        """Every decision there is."""
        ...


class Said(NamedTuple):
    """A question that somebody was asked between steps, by a survey."""

    ask: str
    """In words."""
    answer: Any
    """None for silence."""
    by: Identity
    """Which ask that was."""


class Questioned(World, Protocol):
    """A world that knows where people stand, for surveys and interviews. Any of these may be left out."""

    def introduce(self, agent: int, tell: Callable[..., str]) -> str:
        """Who somebody is, in words, where the world tells it otherwise than by all traits.

        tell: ``tell(agent, name, traits that are not told)``, as the setting has it.
        """
        ...

    def standing(self, agent: int, about: str) -> Mapping[str, Any]:
        """What somebody holds or knows now: JSON-able values by name, in the order in which a prompt tells them.

        A text is an opinion or the like, a list several texts (memories), ``{value, from, to}`` a place on a scale.
        about: what it will be asked, for worlds whose people recall by that. Changes nothing at all, not even when
        something was last thought of; may be called in the event loop.
        """
        ...

    def remember(self, step: int, agent: int, heard: Sequence[Said]) -> list[Event]:
        """Somebody was asked this after a step, and keeps it (already folded)."""
        ...


class Stored(NamedTuple):
    """Something that somebody remembers from now on."""

    agent: int
    record: Any
    """What is remembered (simsoc.minds.records.Record); its `ask` is the identity of what brought it about."""
    event: Event
    """The event in whose fold it was stored: the very object."""
    expires: int | None = None
    """The step from which it no longer counts."""


class Remembering(World, Protocol):
    """A world whose people remember: their memories go into the log, with the event and the ask they come from."""

    def stored(self) -> tuple[Sequence[Stored], Sequence[tuple[int, int]]]:
        """What was stored, in order, and what was recalled, as (agent, number), since the last time."""
        ...


class Solitary(World, Protocol):
    """A world that can be run without interaction, as a control (the rung `no_interaction` of the null ladder)."""

    @staticmethod
    def alone(spec: Any, scenario: Any) -> Mapping[str, Any] | str:
        """Overrides under which its people see nobody, or why there are none.

        Dotted keys of the world; with a leading `/`, of the top of the scenario (`/network`).
        """
        ...


class Unpersonal(World, Protocol):
    """A world that tells nobody its persona: the null ladder has no rungs without one, or with somebody else's."""

    unpersonal: str
    """Why."""


class Open(World, Protocol):
    """A world that says what a turn reads and writes, so that turns run at once where nothing stands between them.

    Without these a turn may read and write everything: strictly one after another, and still right.
    """

    may_stop: bool
    """Whether the world may come to an end by itself; then turns are looked at less far ahead."""

    def reach(self, turn: Turn) -> Reach | None:
        """Whose state this turn reads when it takes its view, and writes when applied; None for everything.

        Called on the copy, before the turn's time, while turns before it are under way: what it says must hold
        whatever those do. All else that `observe` and `decide` look at must not change between `quiet` steps.
        """
        ...

    def quiet(self, step: int) -> bool:
        """Whether the world itself does nothing between the turns of the step before and those of this one."""
        ...

    def apart(self) -> World:
        """A copy on which actions can be applied without this world noticing; people and ties are shared.

        Turns are thought of on it. Of what `apply` and `fold` keep, it needs what views and events depend on.
        """
        ...


class Foresighted(World, Protocol):
    """A world that is told whose turns come next, so that it can prepare what many will see at once."""

    def expect(self, turns: Sequence[Turn]) -> None:
        """These turns of one step come next, in this order, and all see its start. A hint: it must change nothing."""
        ...


def expect(world: World, turns: Sequence[Turn]) -> None:
    """Tell a world whose turns come next and see the same, where it wants to know."""
    told: Callable[[Sequence[Turn]], None] | None = getattr(world, "expect", None)
    if told is not None:
        told(turns)


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


class Purse(Protocol):
    """What may be spent (see `simsoc.backends.budget`)."""

    def take(self) -> None:
        """Before a call is sent. Raises OverBudget when a cap is reached."""
        ...

    def book(self, outcome: Reply | Exception | None) -> None:
        """When it is back; None when it was dropped."""
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

    def commit(self, step: int, *, turns: int | None = None) -> None:
        """Commit a whole step: its events and everything before. `turns`: turns taken in the run so far."""
        ...


class Ties(Protocol):
    """Who is tied to whom. One per society; worlds read it and write it in `fold` alone."""

    directed: bool
    version: int
    """Counts changes of ties and of who is there."""

    @property
    def graph(self) -> Any:
        """The NetworkX graph itself; a node is an agent id. To be read, never to be changed."""
        ...

    def neighbours(self, agent: int) -> tuple[int, ...]:
        """Whom the agent sees: neighbours, or successors (those it follows) when directed. Ascending ids."""
        ...

    def followers(self, agent: int) -> tuple[int, ...]:
        """Who sees the agent: neighbours, or those who follow it when directed. Ascending ids."""
        ...

    def has(self, a: int, b: int) -> bool:
        """Whether a is tied to b (a follows b when directed)."""
        ...

    def add_agent(self, agent: int) -> None:
        """Somebody new with no ties."""
        ...

    def remove_agent(self, agent: int) -> None:
        """Somebody is not there any more, and neither are its ties."""
        ...

    def add(self, a: int, b: int, **attributes: Any) -> None:
        """Tie a to b (a follows b when directed)."""
        ...

    def weight(self, a: int, b: int) -> float:
        """Weight of a tie; 1 unless the network says otherwise."""
        ...

    def weights(self, agent: int, others: Iterable[int]) -> list[float]:
        """Weight of each tie, 1 unless the network says otherwise; 1 for the agent itself."""
        ...

    def remove(self, a: int, b: int) -> None:
        """Untie."""
        ...


People = Sequence[Mapping[str, Any]]
"""Traits of each person, by agent id."""


class Gathered(NamedTuple):
    """People, and what it took to get them."""

    people: list[dict[str, Any]]
    """Traits of each, by agent id."""
    told: dict[str, Any]
    """What it took: JSON-able, for the log."""
    words: Mapping[str, Any] | None = None
    """How traits are told, by trait, for people of a survey (`simsoc.population.phrases`)."""


class Sought(Protocol):
    """People who have to be asked for before there are any: what a population's source may return in place of them."""

    backend: Any
    """Settings of who is asked; None for the run's own backend."""

    def stand_ins(self) -> Gathered:
        """As many people, made by rule: enough to see whether a scenario fits together, before anything is paid for."""
        ...

    def rounds(self, *, strict: bool = True) -> Generator[Sequence[Ask], Sequence[Reply], Gathered]:
        """Yields asks that do not depend on each other, is sent their replies in the same order; does no I/O.

        strict: whether fewer people than are wanted are a ScenarioError.
        """
        ...
