"""What agents are told about themselves: traits for rules, and the same in words for prompts.

One mechanism decides for both (`prompting.persona` of a scenario): what a persona leaves out, takes from somebody else
or calls by another name is left out, taken and called so in the facts that a rule reads.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from simsoc.core.errors import Problem
from simsoc.core.protocols import People
from simsoc.core.shelf import nearest
from simsoc.core.stream import Stream
from simsoc.scenario.prompting import Persona, PersonaStyle

from .nonce import worded
from .persona import persona
from .phrases import POLITICS, WARMTH, Phrases, survey_words


class Personas:
    """The personas of a society.

    seed: of the run; another seed later changes neither who is told whose nor made-up words. start: how many people
    there are at the start. phrases: how their traits are told, where the source of the people says so.
    """

    def __init__(self, seed: int = 0, start: int = 0, phrases: Phrases | None = None) -> None:
        self._seed = seed
        self._start = start
        self._phrases = phrases

    def style(self, spec: Persona) -> PersonaStyle:
        """The style that is meant."""
        if spec.style == "auto":
            return "plain" if self._phrases is None else "survey"
        return spec.style

    def phrases(self, spec: Persona) -> Phrases:
        """How traits are told."""
        if self._phrases is not None:
            return self._phrases
        return survey_words() if self.style(spec) == "survey" else Phrases()

    @cached_property
    def cast(self) -> Sequence[int]:
        """Whose traits everybody is told who is there at the start, where these are shuffled: a permutation by lot.

        Each one's draw is its own (Fisher and Yates, from the inside out): one more person changes one other.
        """
        cast: list[int] = []
        for agent in range(self._start):
            other = Stream(self._seed, "persona", "shuffled", agent).below(agent + 1)
            cast.append(agent)
            cast[agent], cast[other] = cast[other], agent
        return cast

    def told(self, people: People, agent: int, spec: Persona) -> Mapping[str, Any]:
        """The traits an agent is told of itself; not to be changed."""
        if self.style(spec) == "none":
            return {}
        if spec.shuffled and agent < self._start:
            person: Mapping[str, Any] = people[self.cast[agent]]
            own = people[agent].get("name")
            person = {**{t: v for t, v in person.items() if t != "name"}, **({} if own is None else {"name": own})}
        else:
            person = people[agent]
        person = self._left(person, spec)
        other = worded(spec.nonce, self._seed)
        return person if other is None else other.traits(person)

    def tell(
        self, people: People, agent: int, spec: Persona, name: str | None = None, hide: Collection[str] = ()
    ) -> str:
        """Who an agent is, in words. name: how it is called here. hide: traits that are told elsewhere."""
        style = self.style(spec)
        if style == "none":
            return ""
        plain = spec.model_copy(update={"nonce": False})  # words are replaced in the whole text, below
        person = self.told(people, agent, plain)
        if hide:
            person = {trait: value for trait, value in person.items() if trait not in hide}
        text = persona(person, name, style, self.phrases(spec), loud=self._loud(person, spec))
        return self.worded(text, spec)

    def worded(self, text: str, spec: Persona) -> str:
        """A text about parties and candidates as it is shown where these have made-up names."""
        other = worded(spec.nonce, self._seed)
        return text if other is None else other.text(text)

    def problems(self, people: People, spec: Persona) -> Iterator[Problem]:
        """Names of traits that nobody has."""
        known = [*dict.fromkeys(trait for person in people for trait in person), *self.phrases(spec).names()]
        for key, names in (("without", spec.without), ("only", spec.only or ()), ("also", spec.also)):
            for name in names:
                if name not in known:
                    listed = ", ".join(known[:30]) + (" ..." if len(known) > 30 else "")
                    said = f"nobody has '{name}'.{nearest(name, known)} Known: {listed or 'none'}."
                    yield Problem("", f"prompting.persona.{key}", said)

    def _left(self, person: Mapping[str, Any], spec: Persona) -> Mapping[str, Any]:
        """The traits that are not left out."""
        silent = spec.politics == "talkers" and person.get("talks_politics") == "never"
        if not (spec.without or spec.only is not None or silent):
            return person
        without = (*spec.without, *((POLITICS,) if silent else ()))
        means = (survey_words() if self._phrases is None else self._phrases).means
        return {
            trait: value
            for trait, value in person.items()
            if not any(means(name, trait) for name in without)
            and (spec.only is None or trait == "name" or any(means(name, trait) for name in spec.only))
        }

    def _loud(self, person: Mapping[str, Any], spec: Persona) -> frozenset[str]:
        """Traits that are told although a survey's persona leaves them out."""
        names = [name for name in (*spec.also, *(spec.only or ())) if name not in (POLITICS, WARMTH)]
        return frozenset(trait for trait in person if trait in names)
