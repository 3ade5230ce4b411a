"""What a world is given when a society is built: people, ties, seed, and how decisions are made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct

from simsoc.core.protocols import Ties
from simsoc.core.shelf import Shelf
from simsoc.core.words import ChoiceMode, Rule
from simsoc.population.who import members
from simsoc.scenario.spec import Part, Who


class Setting(Struct, frozen=True):
    """The surroundings of a world. Worlds read all of it; ties change in a world's `fold` alone."""

    seed: int
    people: list[dict[str, Any]]
    """Traits by agent id; grows when a world lets somebody join."""
    ties: Ties
    shelves: Mapping[str, Shelf]
    join: Callable[[int, int], None]
    """``join(agent, step)``: the next id becomes a person of the society, with the traits in `people`."""
    choice: ChoiceMode = "sample"

    def rule(self, shelf: str, part: Part) -> Rule:
        """The mechanistic rule a part of the scenario names."""
        return Rule(part.kind, self.shelves[shelf].get(part.kind), part.parameters())

    def who(self, who: Who) -> list[int]:
        """The agents a selection names, in id order."""
        return members(who, self.people, self.seed, path="world.committed.who", purpose="committed")
