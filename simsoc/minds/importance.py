"""How much something means to the agent, asked once when it is stored (methods.md 1.1 and 1.4)."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from simsoc.core.words import Identity

from .asking import Counts, Me, Thinking
from .memory import View
from .mind import Generative, Outcome
from .records import IDLE_WEIGHS, Draft, Kind, Triple

_TEXT = 0.4  # share of a prompt that the memory may fill


class Percept(Struct, frozen=True):
    """Something an agent perceives."""

    text: str
    triple: Triple
    idle: bool = False
    """Nothing happens in it: its importance is 1, and nobody is asked."""
    keywords: tuple[str, ...] = ()


class Weighed(Struct, frozen=True):
    """An importance and the ask it comes from."""

    importance: int | None
    ask: Identity


def novel(view: View, percepts: Sequence[Percept], now: float, retention: int) -> list[Percept]:
    """Those whose triple is not among the last `retention` events stored, each triple once, in order."""
    known = [record.triple for record in view.latest(retention, now, ("event",))]
    new: list[Percept] = []
    for percept in percepts:
        if percept.triple not in known:
            known.append(percept.triple)
            new.append(percept)
    return new


def weigh(mind: Generative, me: Me, text: str, kind: Kind, counts: Counts) -> Thinking[Weighed]:
    """Importance of a memory to the agent, 1 to 10; None where no answer came, which is counted."""
    page = mind.page(me)
    page.text("memory", text, _TEXT)
    ask = me.ask(mind.decision("importance"), page.facts({"kind": kind}))
    value = counts.heard(ask, (yield ask))
    return Weighed(value, ask.identity)


def perceive(mind: Generative, me: Me, percepts: Sequence[Percept]) -> Thinking[Outcome]:
    """What was perceived, as events to be remembered.

    An event that the agent did not say the importance of is remembered without one: it counts for nothing towards
    reflection, and half for retrieval.
    """
    counts = Counts()
    drafts = []
    for percept in percepts:
        importance, ask = IDLE_WEIGHS if percept.idle else None, None
        if not percept.idle:
            weighed = yield from weigh(mind, me, percept.text, "event", counts)
            importance, ask = weighed.importance, weighed.ask
        drafts.append(Draft("event", percept.text, importance, percept.triple, percept.keywords, ask=ask))
    return Outcome(drafts=tuple(drafts), counts=counts)
