"""People of any source, extended by what a survey does not ask: occupation, hobbies, team, personality, and a bio.

Source: the personas of Törnberg et al. 2023, arXiv 2310.05984 (extended by a model, so that not everybody is political
through and through), and of Larooij and Törnberg 2025, arXiv 2508.03385 (a model gives three options of occupation and
hobbies, one is picked at random, and a bio of at most 140 characters without emoji). The prompts are simsoc's own.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Mapping, Sequence
from typing import Annotated, Any, Literal, TypeAlias, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, GetJsonSchemaHandler, create_model, model_validator
from pydantic_core import CoreSchema

from simsoc.core.answers import Record
from simsoc.core.errors import ScenarioError
from simsoc.core.facts import Facts
from simsoc.core.protocols import Gathered
from simsoc.core.stream import Stream
from simsoc.core.strict import Strict
from simsoc.core.words import Answer, Ask, Decision, Reply, Rule
from simsoc.scenario.prompting import Persona
from simsoc.scenario.spec import BackendSpec

from .lives import BIO, bio, life
from .personas import Personas
from .phrases import phrased
from .tables import wrong

Trait = Literal["occupation", "hobbies", "sports_team", "personality", "bio"]
PHRASES: Mapping[str, Any] = {
    "occupation": {"says": "Your occupation: {}."},
    "hobbies": {"says": "In your spare time: {}."},
    "sports_team": {"called": "sports team", "says": "You follow {}."},
    "personality": {"says": "Your personality: {}."},
    "bio": {"quiet": True},
}
"""How these are told to people of a survey; what an account says of itself is told to others."""
_NONE = "none"
_EMOJI = re.compile(
    "[\U0001f000-\U0001faff\u2600-\u27bf\u2300-\u23ff\u2b00-\u2bff\u20e3\ufe0f\u200d\u3030\u303d\u3297\u3299]"
)
T = TypeVar("T", list[dict[str, Any]], Gathered)


class Extending(Strict):
    """What people of a source get beside its traits, and how that is asked for."""

    traits: Annotated[tuple[Trait, ...], Field(min_length=1)]
    """Further traits: `occupation`, `hobbies`, `sports_team`, `personality`, and a `bio` of at most 140 characters."""
    options: Annotated[int, Field(ge=1, le=10)] = 3
    """Lives that are asked for at once (all but the bio), of which one is picked by lot, as published."""
    persona: Persona = Persona(politics="talkers")
    """What is told of a person when it is asked for: as `prompting.persona`; politics of those alone who talk of it."""

    @model_validator(mode="before")
    @classmethod
    def _opened(cls, value: Any) -> Any:
        """Traits alone, as a list or one by its name."""
        if isinstance(value, str):
            return {"traits": (value,)}
        return {"traits": tuple(value)} if isinstance(value, list | tuple) else value

    @model_validator(mode="after")
    def _each_once(self) -> Extending:
        if len(set(self.traits)) < len(self.traits):
            raise ValueError("a trait is named twice")
        if self.persona.shuffled or self.persona.style == "none":
            raise ValueError("persona: whom would it be asked for? Here somebody is told of as it is")
        return self

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        long = handler(schema)
        listed = handler.resolve_ref_schema(long)["properties"]["traits"]
        return {"anyOf": [listed, listed["items"], long]}


Extend = Extending | None
"""Annotation of `extend` of a source."""


def extended(seed: int, found: T, extend: Extending | None, backend: BackendSpec | None) -> T | Extended:
    """People as they were found; or, where they are to be extended, what asks for the rest."""
    if extend is None:
        if backend is not None:
            raise wrong(
                "backend", "says who extends people; say what they get, too: extend: [occupation, hobbies, bio]"
            )
        return found
    return Extended(seed, Gathered(found, {}) if isinstance(found, list) else found, extend, backend)


class Extended:
    """People of a source, each asked for its further traits before step 1.

    One ask for `options` lives of everybody (purpose `life`), one of which is picked by lot, then one for a bio that
    fits it (purpose `bio`): all of a kind at once. Asks are logged like any other, and answered once: a resumed or
    forked run, and the arms of an experiment that ask alike, have the same people. Whoever is not answered for keeps
    the traits it has, and is counted in the log. Rules draw from short lists (`simsoc.population.lives`).
    """

    def __init__(self, seed: int, base: Gathered, spec: Extending, backend: BackendSpec | None) -> None:
        self.backend = backend
        """Who makes the traits up; None for the run's own backend."""
        self._seed, self._base, self._spec = seed, base, spec
        words = None if base.words is None else phrased(base.words)
        self._personas = Personas(seed, len(base.people), words)
        if there := [trait for trait in spec.traits if any(trait in person for person in base.people)]:
            raise wrong("extend.traits", f"people have {' and '.join(map(repr, there))} already; leave that out here")
        if no := list(self._personas.problems(base.people, spec.persona)):
            at = [one._replace(path=one.path.replace("prompting.persona", "population.extend.persona")) for one in no]
            raise ScenarioError(at)
        self._asked = [trait for trait in spec.traits if trait != BIO]
        lives = Record(_lives(self._asked, spec.options))
        self._life = Decision("life", "population/life", lives, Rule("drawn_life", life, {}))
        self._bio = Decision(BIO, "population/bio", Record(_Bio), Rule("drawn_bio", bio, {}))

    def stand_ins(self) -> Gathered:
        """The people with what rules give them."""
        rounds = self.rounds()
        try:
            asks = next(rounds)
            while True:
                asks = rounds.send([_by_rule(ask) for ask in asks])
        except StopIteration as done:
            made: Gathered = done.value
            return made

    def rounds(self, *, strict: bool = True) -> Generator[Sequence[Ask], Sequence[Reply], Gathered]:
        """Lives of everybody, then bios; returns the people with them. Nobody is asked for twice."""
        people = [dict(person) for person in self._base.people]
        asked = silent = 0
        without: set[int] = set()
        rounds = [(self._life, self._picked)] if self._asked else []
        rounds += [(self._bio, _said)] if BIO in self._spec.traits else []
        for decision, take in rounds:
            replies = yield [self._ask(decision, people, agent) for agent in range(len(people))]
            asked += len(replies)
            for agent, reply in enumerate(replies):
                if isinstance(reply, Answer):
                    people[agent] |= take(agent, reply.value)
                else:
                    silent += 1
                    without.add(agent)
        told = {
            "traits": list(self._spec.traits),
            "asked": asked,
            "without_answer": silent,
            "people_without": len(without),
        }
        words = None if self._base.words is None else phrased(PHRASES, self._base.words)
        return Gathered(people, {**self._base.told, "extended": told}, words)

    def _ask(self, decision: Decision, people: Sequence[Mapping[str, Any]], agent: int) -> Ask:
        person = dict(people[agent])
        given = {"options": self._spec.options, "wanted": self._asked} if decision is self._life else {}
        later = {
            "persona": lambda facts: self._personas.tell(_Only(agent, person), agent, self._spec.persona),
            "traits": lambda facts: dict(self._personas.told(_Only(agent, person), agent, self._spec.persona)),
            "longest": lambda facts: LONGEST_BIO,
        }
        return Ask(self._seed, agent, 0, 0, 0, decision, Facts(given, later), decision.purpose)

    def _picked(self, agent: int, value: Mapping[str, Any]) -> dict[str, Any]:
        """One of the lives, by lot; a team that is none is no trait."""
        lives = value["options"]
        one = lives[Stream(self._seed, "life", "picked", agent).below(len(lives))]
        return {trait: said for trait, said in one.items() if not (trait == "sports_team" and said.lower() == _NONE)}


class _Only(Sequence[Mapping[str, Any]]):
    """One person, in its place among people who are not looked at."""

    def __init__(self, agent: int, person: Mapping[str, Any]) -> None:
        self._agent, self._person = agent, person

    def __len__(self) -> int:
        return self._agent + 1

    def __getitem__(self, agent: Any) -> Any:
        return self._person


def _said(agent: int, value: Mapping[str, Any]) -> dict[str, Any]:
    return {BIO: value[BIO]}


def _by_rule(ask: Ask) -> Reply:
    rule = ask.decision.rule
    assert rule is not None
    value = ask.decision.answer.check(rule.function(ask.facts, ask.stream()), ask.facts)
    return Answer(value=value, source="rule", by=rule.name)


# -- what an answer has to be -----------------------------------------------------------------------------------------

LONGEST_BIO = 140
"""Characters of a bio, as published."""


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _no_emoji(text: str) -> str:
    if found := _EMOJI.search(text):
        raise ValueError(f"a bio is without emoji (there is U+{ord(found[0]):04X})")
    return text


def _line(longest: int) -> Any:
    return Annotated[str, AfterValidator(_one_line), Field(min_length=1, max_length=longest)]


_Hobby: TypeAlias = Annotated[str, AfterValidator(_one_line), Field(min_length=1, max_length=60)]
_FIELDS: Mapping[str, Any] = {
    "occupation": _line(80),
    "hobbies": Annotated[list[_Hobby], Field(min_length=1, max_length=6)],
    "sports_team": _line(80),
    "personality": _line(200),
}


class _Answer(BaseModel):
    model_config = ConfigDict(extra="forbid", protected_namespaces=())


class _Bio(_Answer):
    bio: Annotated[
        str, AfterValidator(_one_line), AfterValidator(_no_emoji), Field(min_length=1, max_length=LONGEST_BIO)
    ]


def _lives(traits: Sequence[str], options: int) -> type[BaseModel]:
    fields: dict[str, Any] = {trait: (_FIELDS[trait], ...) for trait in traits}
    one = create_model("Life", __base__=_Answer, **fields)
    several: Any = Annotated[list[one], Field(min_length=options, max_length=options)]
    return create_model("Lives", __base__=_Answer, options=(several, ...))
