"""A society as one intervention sees and changes it (`interventions.scene.Scene`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from simsoc.core.protocols import Ties
from simsoc.core.stream import draw
from simsoc.interventions.calendar import Occasion
from simsoc.interventions.items import takers
from simsoc.population.who import chosen
from simsoc.scenario.spec import BackendSpec, Intervention, Who

if TYPE_CHECKING:
    from .timeline import Timeline


class Stage:
    """One intervention before one step. Whom it is about is drawn when first looked at, at an address of its own."""

    def __init__(self, timeline: Timeline, one: Intervention, index: int, step: int) -> None:
        self._timeline = timeline
        self._one = one
        self._index = index
        self._step = step

    @cached_property
    def who(self) -> Sequence[int]:
        """Those picked by `who`, or everybody who is there, ascending."""
        return self._pick(self._one.who or Who(), "who")

    @property
    def whose(self) -> bool:
        """Whether a `who` was given at all."""
        return self._one.who is not None

    @property
    def ties(self) -> Ties:
        """Who is tied to whom; a node of the graph is somebody who is there."""
        return self._timeline.setting.ties

    def pick(self, who: Who) -> list[int]:
        """Those who are there that fit a second selection."""
        return self._pick(who, "to")

    def _pick(self, who: Who, purpose: str) -> list[int]:
        people = self._timeline.setting.people
        return chosen(
            who, people, lambda agent: self.draw(purpose, agent), ties=self.ties, among=sorted(self.ties.graph)
        )

    def draw(self, *path: str | int) -> float:
        """A number in [0, 1) at an address within this intervention and step."""
        return draw(self._timeline.seed, "intervention", self._index, self._step, *path)

    # -- what there is ----------------------------------------------------------------------------------------------

    def tie(self, a: int, b: int, weight: float | None = None) -> None:
        """Tie a to b; a tie that is there gets the weight."""
        given = {} if weight is None else {"weight": weight}
        if not self.ties.has(a, b):
            self._timeline.happens("tie", self._step, {**self._ends(a, b), **given})
        elif weight is not None and self.ties.weight(a, b) != weight:
            self._timeline.happens("weight", self._step, {**self._ends(a, b), **given})

    def untie(self, a: int, b: int) -> None:
        """End the tie from a to b, if there is one."""
        if self.ties.has(a, b):
            self._timeline.happens("untie", self._step, self._ends(a, b))

    def _ends(self, a: int, b: int) -> dict[str, Any]:
        if not self.ties.directed and a > b:
            a, b = b, a
        return {"a": a, "b": b}

    def join(self, traits: Mapping[str, Any]) -> int:
        """Somebody new without ties; its id."""
        return self._timeline.join(traits, self._step)

    def leave(self, agent: int) -> None:
        """Somebody goes."""
        for other in self.ties.neighbours(agent):
            self.untie(agent, other)
        for other in self.ties.followers(agent):
            self.untie(other, agent)
        self._timeline.leave(agent, self._step)

    def change_traits(self, agent: int, to: Mapping[str, Any]) -> None:
        """Other traits; None takes a trait away. Only what is different is told."""
        person = self._timeline.setting.people[agent]
        other = {trait: value for trait, value in to.items() if _differs(person, trait, value)}
        if other:
            self._timeline.happens("traits", self._step, {"who": agent, "to": other})

    def inject(self, item: Any, world: str | None) -> None:
        """Put an item into a world."""
        (into,) = takers(self._timeline.worlds, world)
        self._timeline.emit(into, into.inject(self._step, item, self.who if self.whose else None))

    def suspend(self, hide: bool) -> None:
        """Those in `who` may do nothing from now on."""
        self._timeline.suspend(self._index, self._step, self.who, hide)

    def restore(self) -> None:
        """Those whom this intervention has suspended may act again."""
        self._timeline.restore(self._index, self._step)

    # -- how things are done ----------------------------------------------------------------------------------------

    def set(self) -> None:
        """The keys of this intervention hold from now on."""
        self._timeline.turn(Occasion(self._index, True))

    def unset(self) -> None:
        """They do not hold any more."""
        self._timeline.turn(Occasion(self._index, False))

    def lend(self, backend: BackendSpec) -> None:
        """This backend answers for `who` from now on."""
        self._timeline.lend(self._index, self.who, backend)

    def take_back(self) -> None:
        """It does not any more."""
        self._timeline.take_back(self._index)

    def reseed(self, seed: int) -> None:
        """Another seed from now on."""
        self._timeline.reseed(seed)


def _differs(person: Mapping[str, Any], trait: str, value: Any) -> bool:
    """Whether a trait has another value, or one of another type: 1, 1.0 and true are told differently."""
    if value is None:
        return trait in person
    return trait not in person or type(person[trait]) is not type(value) or bool(person[trait] != value)
