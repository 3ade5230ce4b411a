"""The words that cross walls: Turn, Ask, Answer, NoAnswer, Action, Event. Frozen, named, cheap.

A mind yields Asks and returns an Action; a backend turns an Ask into an Answer or a NoAnswer; a world turns
an Action into Events. msgspec structs, because a million of each are made in a minute; none can be part of a reference
cycle, so the collector need not look at them (``gc=False``).
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from typing import Any, Literal

from msgspec import Struct

from .answers import Form
from .facts import Facts
from .stream import Stream

ChoiceMode = Literal["sample", "elicit", "logprobs"]
Source = Literal["rule", "live", "replay"]
Silence = Literal["refused", "unparseable", "truncated", "failed"]


class Turn(Struct, frozen=True, gc=False):
    """One agent's turn: where in the run a decision sits."""

    seed: int
    step: int
    agent: int
    turn: int
    """Counts this agent's turns within the step, from 0."""


class Reach(Struct, frozen=True, gc=False):
    """Whose state a turn may read when it takes its view, and whose it may write when it is applied."""

    reads: Sequence[int]
    """Agent ids, ascending; what a turn reads of itself included."""
    writes: Sequence[int]
    """Agent ids, ascending."""


class Rule(Struct, frozen=True):
    """A mechanistic rule with its parameters from the YAML: ``function(facts, stream, **parameters)``."""

    name: str
    function: Callable[..., Any]
    parameters: Mapping[str, Any]


class Decision(Struct, frozen=True):
    """What is asked, declared once: prompt, answer form and rule of one kind of decision."""

    purpose: str
    template: str
    """Name of the prompt template, ``world/decision``."""
    answer: Form
    rule: Rule | None = None
    choice: ChoiceMode = "sample"
    """How a closed choice is drawn; see DESIGN, "Closed choices"."""

    def by_rule(self, reply: Reply) -> bool:
        """Whether its own rule made a reply, now or when it was logged, whatever the reply says of itself."""
        return self.rule is not None and reply.by == self.rule.name


Identity = tuple[int, int, int, int, str, int]
"""Of an ask: (seed, agent, step, turn, purpose, draw)."""


class Ask(Struct, frozen=True, gc=False):
    """One question put to an agent.

    The identity of the call is (seed, agent, step, turn, purpose, draw); `draw` counts the asks of one
    purpose within the turn. `facts` are all that prompt and rule may read.
    """

    seed: int
    agent: int
    step: int
    turn: int
    draw: int
    decision: Decision
    facts: Facts
    purpose: str

    @property
    def identity(self) -> Identity:
        """The address of this call; equal in every arm of an experiment."""
        return (self.seed, self.agent, self.step, self.turn, self.purpose, self.draw)

    def stream(self) -> Stream:
        """The randomness of this decision."""
        address = f"{self.seed}\x1f{self.purpose}\x1f{self.agent}\x1f{self.step}\x1f{self.turn}\x1f{self.draw}"
        return Stream(self.seed, address=address)


class Attempt(Struct, frozen=True, gc=False):
    """One try at a call that did not bring a usable answer."""

    kind: str
    """rate_limited, server_error, timed_out, unreachable, unparseable, refused, truncated, ..."""
    detail: str = ""
    text: str | None = None
    """What the model said, when it said something."""


class Told(Struct, frozen=True, kw_only=True, gc=False):
    """How a reply came about, shared by Answer and NoAnswer."""

    source: Source
    by: str
    """The rule or model that made it, e.g. `curie_weiss` or `openai/gpt-4o-mini`."""
    attempts: int = 1
    """Requests sent (0 for a rule)."""
    tokens_in: int | None = None
    tokens_out: int | None = None
    cost: float | None = None
    """US dollars, by the price map; None when the price is not known."""
    latency: float | None = None
    """Seconds from the first request sent to the last byte read."""
    flags: tuple[str, ...] = ()
    """What was done to it openly: `rescaled`, `repaired`, `uncovered`, ..."""
    prompt: str | None = None
    """The messages as sent, as JSON; None for a rule."""
    raw: str | None = None
    """The reply's text as received."""
    settings: str | None = None
    """Model settings of the call as canonical JSON."""
    trouble: tuple[Attempt, ...] = ()


class Answer(Told, frozen=True, kw_only=True, gc=False):
    """A usable answer; `value` is canonical (never a shown label)."""

    value: Any


class NoAnswer(Told, frozen=True, kw_only=True, gc=False):
    """The model gave nothing usable. Data, not a crash: the world says openly what silence means."""

    reason: Silence
    detail: str = ""


Reply = Answer | NoAnswer


class Shown(Struct, frozen=True, gc=False):
    """Items that were put before somebody in a turn, from the top down."""

    ids: Sequence[tuple[int, int, int]]
    """(author, step, n) of each."""
    ranker: str | Sequence[str]
    """What put them there: one name, or one for each slot."""
    scores: Sequence[float] = ()
    """What they were ranked by, higher is earlier; none where nothing was."""
    names: Mapping[str, Sequence[str]] = {}
    """By ranker, the names of the parts of its scores."""
    parts: Sequence[Sequence[float]] = ()
    """Those parts, for each slot."""
    rows: Sequence[int] = ()
    """Where the items stand in the world's own store."""


class Suggested(Struct, frozen=True):
    """Accounts that were put before somebody in a turn, whom it might follow, from the top down."""

    agents: Sequence[int]
    scores: Sequence[float]
    """What they were ranked by, higher is earlier."""
    ranker: str
    """The recommender."""
    parts: Mapping[str, Sequence[float]] = {}
    """Parts of the scores by name, a number for each account."""


class Action(Struct, frozen=True, gc=False):
    """What an agent wants to happen. Only a world's `apply` turns it into change."""

    at: Turn
    verb: str
    content: dict[str, Any]
    shown: Shown | Sequence[Shown] | None = None
    """Items that the agent was shown before it decided, one list after another, for the exposure ledger."""
    suggested: Suggested | None = None
    """Accounts that were suggested to it in this turn."""


class Event(Struct, frozen=True, gc=False):
    """What happened. Folding events into a world in logged order rebuilds it."""

    step: int
    turn: int
    agent: int
    """Who did it; -1 for the world itself."""
    kind: str
    content: dict[str, Any]


Thought = Generator[Ask, Reply, Action]
"""A mind at work: yields Asks, receives Replies, returns an Action; does no I/O."""
