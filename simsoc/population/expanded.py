"""People made up from a few seeds, one ask each (methods.md 2.2): what a scenario may say, and how one is asked for.

Source: persona expansion of social simulacra, Park et al. 2022, arXiv 2208.04024. There the model continues a list in
which those it has made up itself are examples again; here examples are seeds alone, so that all can be asked at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, create_model, field_validator, model_validator

from simsoc.core.answers import Record
from simsoc.core.errors import ScenarioError
from simsoc.core.facts import Facts
from simsoc.core.protocols import Gathered
from simsoc.core.shelf import Strict
from simsoc.core.stream import Stream
from simsoc.core.words import Ask, Decision, Rule
from simsoc.scenario.spec import BackendSpec

from .gathering import Gathering, gather
from .persona import COMPOSED, TEXT, VERBATIM
from .recombining import LONGEST_NAME, LONGEST_TEXT, recombined
from .records import read as json_people
from .tables import csv_file, wrong

PURPOSE = "persona"


class Range(Strict):
    """A trait that is a number."""

    min: int | float
    """The smallest it can be."""
    max: int | float
    """The largest; where both are whole numbers, so is the trait."""

    @model_validator(mode="after")
    def _in_order(self) -> Range:
        if self.min > self.max:
            raise ValueError(f"min must not be above max ({self.min} and {self.max})")
        return self


Values = Annotated[tuple[str | int | bool, ...], Field(min_length=1)]
TraitName = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,79}$")]


class ExpandedSpec(Strict):
    """Keys of the source `expanded`."""

    seeds: Annotated[tuple[str | dict[str, Any], ...], Field(min_length=1)] | str
    """People to go by: a text or a mapping of traits each; or a file of them (.csv, .json, .jsonl)."""
    n: Annotated[int, Field(ge=1)]
    """How many people there are to be."""
    examples: Annotated[int, Field(ge=1, le=50)] = 3
    """How many seeds are shown in each ask, drawn anew for each; all of them where there are fewer."""
    distinct: Annotated[float, Field(gt=0, le=1)] | None = 0.8
    """Likeness of texts (0 to 1) that makes somebody a near-duplicate of a seed or of those before; null for never."""
    redraws: Annotated[int, Field(ge=0, le=100)] = 5
    """How often a near-duplicate, or what was not answered, is asked for again; fewer people than `n` are an error."""
    about: str = ""
    """What brings these people together (the goal of a community, say), told in the prompt."""
    traits: dict[TraitName, Values | Range | Literal["words"]] = Field(default_factory=dict)
    """Traits beside name and text that everybody gets: a list of values, a range `{min: 18, max: 90}`, or `words`."""
    with_seeds: bool = False
    """Whether the seeds are people themselves, the first of the n."""
    backend: BackendSpec | None = None
    """Who makes them up; the run's own backend (without its groups) when not given."""

    @field_validator("traits")
    @classmethod
    def _can_be_asked_for(cls, traits: dict[str, Any]) -> dict[str, Any]:
        taken = [name for name in traits if name in ("name", TEXT) or hasattr(BaseModel, name)]
        if taken:
            raise ValueError(f"a trait cannot be called {' or '.join(map(repr, taken))} here")
        return traits


class Expanded:
    """People made up from a few seeds, one ask each, before step 1.

    Each is asked for with a few seeds as examples, drawn at an address of its own; an answer is a name, a short text
    and the traits asked for. Near-duplicates by words are asked for again; what that took is a note in the log. Asks
    are logged like any other (step 0, purpose `persona`), and answered once: a resumed or forked run, and the arms of
    an experiment that ask alike, have the same people. Rules put people together from parts of seeds, and mark the
    text. Where a server is asked, the people come with the first step. Personas drift to stereotypes of their seeds:
    look at them. Park et al. 2022, arXiv 2208.04024.
    """

    Spec = ExpandedSpec

    def __init__(
        self,
        seed: int,
        *,
        seeds: Sequence[str | Mapping[str, Any]] | str,
        n: int,
        examples: int = 3,
        distinct: float | None = 0.8,
        redraws: int = 5,
        about: str = "",
        traits: Mapping[str, Any] | None = None,
        with_seeds: bool = False,
        backend: BackendSpec | None = None,
    ) -> None:
        self._seed = seed
        self.backend = backend
        """Who makes them up; None for the run's own backend."""
        self.given: Sequence[Mapping[str, Any]] = [
            {TEXT: one} if isinstance(one, str) else dict(one) for one in _read(seeds)
        ]
        self.shown: Sequence[Mapping[str, Any]] = [_shown(person, number) for number, person in enumerate(self.given)]
        """The seeds as they are shown: name, text, traits."""
        self.first = len(self.given) if with_seeds else 0
        """Id of the first who is made up."""
        if n <= self.first:
            raise wrong("n", f"{n} people, with {self.first} seeds among them, leaves nobody to be made up")
        self.n = n
        self.distinct = distinct
        self.redraws = redraws
        self._examples = min(examples, len(self.given))
        self._about = about
        self._legal = {name: _plain(legal) for name, legal in (traits or {}).items()}
        self._form = Record(_form(self._legal))
        self._decision = Decision(PURPOSE, "population/persona", self._form, Rule("recombined", recombined, {}))

    def ask(self, agent: int, draw: int = 0, taken: Sequence[str] = ()) -> Ask:
        """The draw-th ask for a person. taken: texts of those whom earlier draws were too much like."""
        stream = Stream(self._seed, PURPOSE, "examples", agent, draw)
        given = {"examples": stream.sample(len(self.shown), self._examples)}
        later = {
            "people": lambda facts: [self.shown[i] for i in facts["examples"]],
            "traits": lambda facts: self._legal,
            "about": lambda facts: self._about,
            "taken": lambda facts: list(taken),
        }
        return Ask(self._seed, agent, 0, 0, draw, self._decision, Facts(given, later), PURPOSE)

    def stand_ins(self) -> Gathered:
        """People by rule in the place of those who have not been asked for: enough to see whether a scenario fits."""
        made: list[dict[str, Any]] = [dict(person) for person in self.given[: self.first]]
        for agent in range(self.first, self.n):
            ask = self.ask(agent)
            made.append(self._form.check(recombined(ask.facts, ask.stream()), ask.facts))
        return Gathered(made, {})

    def rounds(self, *, strict: bool = True) -> Gathering:
        """The generator that asks for them: yields rounds of asks, is sent the replies, returns the people.

        strict: whether fewer people than `n` are an error (a ScenarioError); else near-duplicates fill their places.
        """
        return gather(self, strict=strict)


def _read(seeds: Sequence[str | Mapping[str, Any]] | str) -> Sequence[str | Mapping[str, Any]]:
    """The seeds, from their file where they are in one."""
    if not isinstance(seeds, str):
        return seeds
    ending = Path(seeds).suffix.lower()
    if ending not in (".csv", ".json", ".jsonl"):
        raise wrong("seeds", f"a file of people ends in .csv, .json or .jsonl (got '{Path(seeds).name}')")
    try:
        return csv_file(0, file=seeds) if ending == ".csv" else json_people(Path(seeds))
    except ScenarioError as error:
        raise ScenarioError([problem._replace(path="population.seeds") for problem in error.problems]) from None


def _shown(person: Mapping[str, Any], number: int) -> dict[str, Any]:
    """A seed as it is shown: name, text and traits, as far as they are there."""
    texts = (person.get(trait) for trait in (*VERBATIM, TEXT))
    text = next((one.strip() for one in texts if isinstance(one, str) and one.strip()), None)
    traits = {k: v for k, v in person.items() if k not in (*VERBATIM, TEXT, "name") and v is not None}
    if text is None and not traits:
        raise wrong(f"seeds.{number}", "nothing is said of this person: give a text, or traits")
    name = {"name": person["name"]} if person.get("name") else {}
    return {**name, **({TEXT: text.removeprefix(COMPOSED).strip()} if text else {}), **traits}


def _plain(legal: Any) -> Any:
    """Legal values as facts can say them: a list, a mapping with min and max, or `words`."""
    if isinstance(legal, Range):
        return {"min": legal.min, "max": legal.max}
    return legal if legal == "words" else list(legal)


class _Person(BaseModel):
    """Somebody made up."""

    model_config = ConfigDict(extra="forbid", protected_namespaces=())

    name: Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]
    text: Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT)]


def _form(legal: Mapping[str, Any]) -> type[BaseModel]:
    """What an answer has to be: name, text and the traits."""
    fields: dict[str, Any] = {}
    for name, values in legal.items():
        kind: Any
        if values == "words":
            kind = Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT)]
        elif isinstance(values, Mapping):
            whole = isinstance(values["min"], int) and isinstance(values["max"], int)
            kind = Annotated[int if whole else float, Field(ge=values["min"], le=values["max"])]
        else:
            kind = Literal[tuple(values)]
        fields[name] = (kind, ...)
    return create_model("Person", __base__=_Person, **fields)
