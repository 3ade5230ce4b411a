"""World `audit`: an instrument is put to everybody in every step; answers are events, and nothing else happens.

A turn is one item for one person, so that all of them can be asked at once. Sources: methods.md, section 6.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import replace
from typing import Any

from simsoc.core.errors import ScenarioError
from simsoc.core.words import Action, Decision, Event, Reach, Thought, Turn
from simsoc.measures import Measure
from simsoc.scenario.spec import Scenario
from simsoc.worlds.setting import Setting

from .items import Given, Instrument, View
from .measures import AUDIT_MEASURES
from .spec import AuditSpec


class Audit:
    """Everybody is asked every item of an instrument, once a step."""

    kind = "audit"
    Spec = AuditSpec
    MEASURES: Mapping[str, Measure] = AUDIT_MEASURES
    CHANGES = frozenset(("order", "letters", "rule"))
    BEARS: frozenset[str] = frozenset()
    TOGETHER = True
    may_stop = False

    def __init__(self, spec: AuditSpec, setting: Setting) -> None:
        self.stopped: str | None = None
        self.given: list[Given] = []
        """Answers so far, in order."""
        self.refused = 0
        """Times somebody took the option not to say."""
        self.silent = 0
        """Asks that brought no answer."""
        self.change(spec, setting)
        self.length: int | None = spec.samples if self.instrument.items else None
        if (why := self.instrument.refuses(setting.people)) is not None:
            raise ScenarioError.at("world.instrument", why)
        self.MEASURES = {
            name: replace(m, default=m.default and name in self.instrument.measures)
            for name, m in AUDIT_MEASURES.items()
        }

    def change(self, spec: AuditSpec, setting: Setting) -> None:
        """Other keys (of `CHANGES`), or another seed or way of choosing, from now on."""
        self.spec, self.setting = spec, setting
        part = spec.instrument
        self.instrument: Instrument = setting.shelves["audit_instruments"].get(part.kind)(part.given, spec, setting)

    def decisions(self) -> list[Decision]:
        """What people are asked here."""
        return self.instrument.decisions()

    @staticmethod
    def default_network(spec: AuditSpec) -> tuple[str, dict[str, Any]]:
        """Nobody is tied to anybody."""
        return "empty", {}

    @staticmethod
    def alone(spec: AuditSpec, scenario: Scenario) -> Mapping[str, Any] | str:
        """Everybody is."""
        return "in world audit nobody sees anybody as it is"

    # -- life cycle ---------------------------------------------------------------------------------------------

    def begin(self) -> list[Event]:
        """Nothing."""
        return []

    def open_step(self, step: int) -> list[Event]:
        """Nothing."""
        return []

    def close_step(self, step: int) -> list[Event]:
        """Nothing."""
        return []

    def due(self, step: int) -> Sequence[tuple[int, int]]:
        """Every item for everybody; the number of a turn is the place of its item."""
        items = range(len(self.instrument.items))
        return [(agent, item) for agent in self.active() for item in items]

    def active(self) -> Sequence[int]:
        """Everybody."""
        return range(len(self.setting.people))

    def quiet(self, step: int) -> bool:
        """Always: the world itself does nothing."""
        return True

    def reach(self, turn: Turn) -> Reach | None:
        """Only who is asked."""
        return Reach((turn.agent,), (turn.agent,))

    def apart(self) -> Audit:
        """A copy with answers of its own."""
        other = copy(self)
        other.given = list(self.given)
        return other

    # -- a turn -------------------------------------------------------------------------------------------------

    def observe(self, turn: Turn) -> View:
        """The item of this turn, in the wording whose turn it is."""
        return View(turn, turn.turn, (turn.step - 1) % self.instrument.wordings)

    def decide(self, view: View) -> Thought:
        """What the instrument asks."""
        return self.instrument.think(view)

    def apply(self, action: Action) -> list[Event]:
        """What was said, or that nothing was."""
        at = action.at
        item = self.instrument.items[at.turn]
        event = Event(at.step, at.turn, at.agent, action.verb, {"item": item, **action.content})
        self.fold(event)
        return [event]

    def fold(self, event: Event) -> None:
        """Change the state as an event says."""
        content = event.content
        if event.kind == "answer":
            value = self.instrument.value(content)
            self.given.append(Given(event.agent, event.turn, content["wording"], value, content.get("place")))
        elif event.kind == "refuse":
            self.refused += 1
        elif event.kind == "silent":
            self.silent += 1
