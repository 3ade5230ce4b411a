"""What can be done to an opinion world from outside: other keys, opinions put in, people who come and go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from simsoc.core.words import Decision, Event
from simsoc.worlds.names import Fixed
from simsoc.worlds.setting import Setting

from .spec import MeetingSpec


class Approachable:
    """The side of `Meeting` that interventions see."""

    CHANGES: ClassVar[frozenset[str]] = frozenset(
        ("rule", "include_self", "group", "names", "name_length", "order", "personas", "topic", "stop")
    )
    """Keys that may change while the world goes on."""
    BEARS: ClassVar[frozenset[str]] = frozenset(("ties", "join", "leave", "traits"))
    """What may be done to the society around it (kinds of interventions)."""

    setting: Setting
    decision: Decision
    n: int
    """People there have been, without added committed agents: their ids are below."""
    held: list[Any]
    """What each agent holds, by id."""
    frozen: set[int]
    """Agents who are committed now."""
    gone: set[int]
    """People who have left."""
    _spec: MeetingSpec
    _names: Fixed
    _added: list[int]

    # -- keys -------------------------------------------------------------------------------------------------------

    def change(self, spec: MeetingSpec, setting: Setting) -> None:
        """Other keys (of `CHANGES`), or another seed or way of choosing, from now on."""
        if spec.name_length != self._spec.name_length:
            self._names = Fixed(self._names.seed, spec.name_length)
        self._spec, self.setting = spec, setting
        self.decision = self.decides(spec, setting)

    # -- people -----------------------------------------------------------------------------------------------------

    def folk(self) -> Sequence[int]:
        """The people who are there, in id order, without added committed agents."""
        if not self.gone:
            return range(self.n)
        return [agent for agent in range(self.n) if agent not in self.gone]

    def refuses_person(self, traits: Mapping[str, Any]) -> str | None:
        """Why somebody with these traits cannot join, or None."""
        if self._added:
            return "people cannot be added beside added committed agents"
        return None

    def newcomer(self, agent: int, step: int) -> list[Event]:
        """The first opinion of somebody who has joined."""
        events = [Event(step, 0, agent, "start", {"to": self.tell(self.first_of(agent))})]
        for event in events:
            self.fold(event)
        return events

    def let_go(self, agent: int) -> None:
        """Somebody has left."""
        self.gone.add(agent)
        self.frozen.discard(agent)

    # -- opinions ---------------------------------------------------------------------------------------------------

    def refuses_item(self, item: Any, *, whose: bool) -> str | None:
        """Why an item cannot be put in, or None. whose: whether it is somebody's."""
        if not whose:
            return "an opinion is somebody's: say whose in `who` (`who: {}` is everybody)"
        return self.refuses_opinion(item)

    def inject(self, step: int, item: Any, who: Sequence[int] | None) -> list[Event]:
        """These people now hold this opinion; those who do already, and the committed, are passed over."""
        events = [
            Event(step, 0, -1, "set", {"who": agent, "to": item})
            for agent in who or ()
            if agent < self.n and agent not in self.frozen and self.tell(self.held[agent]) != item
        ]
        for event in events:
            self.fold(event)
        return events

    def standing(self, agent: int, about: str) -> dict[str, Any]:
        """What somebody holds, and the topic, for whoever asks it."""
        if agent >= len(self.held):
            return {}
        topic = {"topic": self._spec.topic} if self._spec.topic else {}
        return {**self.holding(agent), **topic}

    # -- what an opinion world fills in -----------------------------------------------------------------------------

    def fold(self, event: Event) -> None:
        """Change the state as an event says."""
        raise NotImplementedError

    def decides(self, spec: Any, setting: Setting) -> Decision:
        """What an agent decides in a turn."""
        raise NotImplementedError

    def tell(self, value: Any) -> Any:
        """A stored value as it stands in answers and events."""
        raise NotImplementedError

    def holding(self, agent: int) -> dict[str, Any]:
        """What an agent holds, by the name it is told under."""
        return {"opinion": self.tell(self.held[agent])}

    def first_of(self, agent: int) -> Any:
        """First opinion of a newcomer, as stored."""
        raise NotImplementedError

    def refuses_opinion(self, item: Any) -> str | None:
        """Why this is no opinion here, or None."""
        raise NotImplementedError
