"""What somebody is doing now, and what an agent sees of the town at its turn."""

from __future__ import annotations

from msgspec import Struct

from simsoc.core.words import Turn
from simsoc.minds.asking import Me
from simsoc.minds.memory import View
from simsoc.minds.plan import Plan
from simsoc.minds.planning import Occasion, Routine
from simsoc.minds.tasks import Tasks


class Talk(Struct, frozen=True):
    """A conversation somebody is in."""

    partner: int
    begins: bool
    """Whether it is this one's: it speaks first, and the talk is held in its turn."""
    until: float | None = None
    """Game minute at which it is over; None before it is held."""


class Being(Struct):
    """The state of one agent; changes in `Town.fold` alone, and nothing in it is changed in place."""

    at: str
    """The spot it is at, or was at last."""
    way: tuple[str, float] | None = None
    """Where it is going, and the game minute at which it arrives."""
    activity: str | None = "sleeping"
    since: float = 0.0
    until: float = 0.0
    """Game minute at which what it does ends."""
    changed: int = 0
    """Step in which what others see of it changed last."""
    heeds: int = -1
    """Step in which it looks up because of something at its place."""
    talk: Talk | None = None
    plan: Plan | None = None
    status: str = ""
    tasks: Tasks | None = None
    ponders: bool = False
    """Whether enough has happened to reflect on it."""
    hears: tuple[int, ...] = ()
    """Occasions of today it has just heard of and not thought about."""


class Other(Struct, frozen=True):
    """Somebody else at the same spot."""

    agent: int
    name: str
    activity: str | None
    talking: str | None
    """With whom, by name."""
    changed: int
    since: float | None
    """Game minutes since the two talked last; None for never."""


class Seen(Struct, frozen=True):
    """All that an agent sees at its turn."""

    at: Turn
    now: float
    me: Me
    own: Being
    memory: View | None
    """None where minds remember nothing, because there are none."""
    others: tuple[Other, ...] = ()
    """Those who changed last come first."""
    routine: tuple[Routine, ...] = ()
    occasions: tuple[Occasion, ...] = ()
    """What it knows will take place today."""
    partner: tuple[Me, Being, View] | None = None
    """With whom a talk is to be held in this turn."""
