"""What a world is given when a society is built: people, ties, seed, and how decisions are made."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from simsoc.core.errors import WorldError
from simsoc.core.protocols import Ties
from simsoc.core.shelf import Shelf
from simsoc.core.words import ChoiceMode, Event, Rule
from simsoc.population.personas import Personas
from simsoc.population.who import members
from simsoc.scenario.prompting import Persona
from simsoc.scenario.spec import Part, Who

SOCIETY = "society."
"""How the kinds of events begin that are the society's own, not one world's (interventions)."""


class Setting(Struct, frozen=True):
    """The surroundings of a world. Worlds read all of it; ties change in a world's `fold`, or by `fold` here."""

    seed: int
    """The run's; another from the step on at which an intervention says so."""
    people: list[dict[str, Any]]
    """Traits by agent id; grows when a world lets somebody join."""
    ties: Ties
    shelves: Mapping[str, Shelf]
    join: Callable[[int, int], None]
    """``join(agent, step)``: the next id becomes a person of the society, with the traits in `people`."""
    choice: ChoiceMode = "sample"
    minds: Part | None = None
    """`minds` of the scenario."""
    persona: Persona = Persona()
    """What an agent is told about itself, and how (`prompting.persona` of the scenario)."""
    personas: Personas = Personas()
    """How that is done for these people."""
    folder: Path = Path()
    """The scenario's, from which relative paths start."""

    weighted: bool = False
    """Whether people carry survey weights, their trait `weight`, for measures to count them by."""

    def weight(self, agent: int) -> float:
        """What somebody counts in measures: its survey weight where people carry these, else 1."""
        return float(self.people[agent].get("weight", 1.0)) if self.weighted else 1.0

    def weights(self, agents: Iterable[int]) -> list[float] | None:
        """The same of several; None where everybody counts one."""
        return [self.weight(agent) for agent in agents] if self.weighted else None

    def tell(self, agent: int, name: str | None = None, hide: Collection[str] = ()) -> str:
        """Who an agent is, in words, as the scenario's `prompting` has it.

        name: how it is called here. hide: traits that the world tells elsewhere.
        """
        return self.personas.tell(self.people, agent, self.persona, name, hide)

    def told(self, agent: int) -> Mapping[str, Any]:
        """The traits that an agent is told about itself: what facts, and so rules, may know of its own.

        Measures, networks and feeds read `people`: what is true. Not to be changed.
        """
        return self.personas.told(self.people, agent, self.persona)

    def worded(self, text: str) -> str:
        """A text about others (a party's label, a biography) as it is shown where parties have made-up names."""
        return self.personas.worded(text, self.persona)

    def rule(self, shelf: str, part: Part) -> Rule:
        """The mechanistic rule a part of the scenario names."""
        return Rule(part.kind, self.shelves[shelf].get(part.kind), part.parameters())

    def who(self, who: Who) -> list[int]:
        """The agents a selection names, in id order."""
        return members(who, self.people, self.seed, path="world.committed.who", purpose="committed", ties=self.ties)

    def fold(self, event: Event) -> None:
        """Change what all worlds share, as an event of the society says; worlds fold it after this.

        ``tie`` and ``weight`` (a, b, perhaps weight), ``untie`` (a, b), ``join`` (who, traits), ``leave`` (who, when
        its ties have ended) and ``traits`` (who, to), each after ``society.``
        """
        what, content = event.kind.removeprefix(SOCIETY), event.content
        if what in ("tie", "weight"):
            attributes = {"weight": content["weight"]} if "weight" in content else {}
            self.ties.add(content["a"], content["b"], **attributes)
        elif what == "untie":
            self.ties.remove(content["a"], content["b"])
        elif what == "join":
            if content["who"] != len(self.people):
                raise WorldError(f"agent {content['who']} joins, but the next id is {len(self.people)}")
            self.people.append(dict(content["traits"]))
            self.ties.add_agent(content["who"])
        elif what == "leave":
            self.ties.remove_agent(content["who"])
        elif what == "traits":
            _change(self.people[content["who"]], content["to"])


def _change(person: dict[str, Any], to: Mapping[str, Any]) -> None:
    """Other traits; None takes one away."""
    for trait, value in to.items():
        if value is None:
            person.pop(trait, None)
        else:
            person[trait] = value
