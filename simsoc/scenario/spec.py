"""The scenario as data: every key a YAML file may have, checked and filled in.

Parts that stand on a shelf (`world`, `network`, `rule`, ...) are written as a mapping with a `kind` and the part's own
keys, or as the bare name when nothing else is to be said. Which names and keys exist is read from the shelves, which
are handed in as validation context, ``Scenario.model_validate(data, context={"shelves": {...}})``.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PrivateAttr,
    SerializationInfo,
    SerializeAsAny,
    ValidationInfo,
    model_validator,
)
from pydantic_core import CoreSchema, InitErrorDetails, PydanticCustomError, ValidationError, core_schema

from simsoc.core.shelf import Shelf, Strict, nearest

from .origin import Origin
from .prompting import Prompting
from .questions import Moment, Question
from .short import Listed, Name, Short
from .study import Experiment, Published
from .telling import shown


class Part(BaseModel):
    """A named part of a scenario with its keys, checked: what `Named` fields hold."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    kind: str
    """Name on its shelf."""
    given: SerializeAsAny[Strict]
    """The part's own keys, filled in."""

    def parameters(self) -> dict[str, Any]:
        """Keyword arguments for the part; nested parts stay parts."""
        return {name: getattr(self.given, name) for name in type(self.given).model_fields}


class Named:
    """Annotation: a part from the shelf of this name.

    key: the YAML key that names the part. default: the name that is meant where a mapping does not say.
    """

    def __init__(self, shelf: str, key: str = "kind", default: str | None = None) -> None:
        self.shelf = shelf
        self.key = key
        self.default = default

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        dump = core_schema.plain_serializer_function_ser_schema(self._dump, info_arg=True)
        return core_schema.with_info_plain_validator_function(self._check, serialization=dump)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        # Which names exist is not known here: simsoc.scenario.schema puts the shelf in this place.
        return {"x-shelf": self.shelf, "x-key": self.key, "x-default": self.default}

    def opened(self, value: Any, shelf: Shelf) -> Any:
        """A bare name as the mapping it is short for; anything else as it is."""
        if value is None and "null" in shelf:
            value = "null"  # YAML's null where a part of that name exists
        if isinstance(value, str):
            return {self.key: value}
        if isinstance(value, Mapping):
            if value.get(self.key, "") is None and "null" in shelf:
                return {**value, self.key: "null"}
            if self.key not in value and self.default is not None:
                return {self.key: self.default, **value}
        return value

    def _dump(self, part: Part, info: SerializationInfo) -> dict[str, Any]:
        own = part.given.model_dump(
            mode=info.mode,
            by_alias=info.by_alias,
            exclude_unset=info.exclude_unset,
            exclude_defaults=info.exclude_defaults,
        )
        return {self.key: part.kind, **own}

    def _check(self, value: Any, info: ValidationInfo) -> Part:
        if isinstance(value, Part):
            return value
        shelf: Shelf = (info.context or {})["shelves"][self.shelf]
        value = self.opened(value, shelf)
        known = ", ".join(shelf.names())
        if not isinstance(value, Mapping):
            raise PydanticCustomError(
                "part",
                "should be a name or a mapping with a '{key}' (got {got}). Known: {known}.",
                {"key": self.key, "got": shown(value), "known": known},
            )
        if self.key not in value:
            raise PydanticCustomError("part", "needs a '{key}'. Known: {known}.", {"key": self.key, "known": known})
        name = value[self.key]
        if not isinstance(name, str) or (name not in shelf and not shelf.is_file(name)):
            guess = nearest(str(name), shelf.names())
            raise _at(self.key, "no {got}.{guess} Known: {known}.", got=shown(name), guess=guess, known=known)
        try:
            spec = shelf.spec(name)
        except LookupError as error:
            raise _at(self.key, "{why}", why=str(error)) from None
        except (ImportError, AttributeError) as error:
            raise _at(self.key, "{got} cannot be loaded: {why}", got=shown(name), why=str(error)) from error
        rest = {k: v for k, v in value.items() if k != self.key}
        return Part(kind=name, given=spec.model_validate(rest, context=info.context))


def _at(key: str, message: str, **context: Any) -> ValidationError:
    """A validation error that points at one key below the part."""
    error = PydanticCustomError("part", message, context)
    return ValidationError.from_exception_data(key, [InitErrorDetails(type=error, loc=(key,), input=None)])


class Degree(Strict):
    """How connected somebody is: by ties, or by followers where ties have a direction."""

    min: Annotated[int, Field(ge=0)] | None = None
    """At least so many."""
    max: Annotated[int, Field(ge=0)] | None = None
    """At most so many."""
    top: Annotated[int, Field(ge=0)] | None = None
    """The so many most connected of those who fit the other keys; between equals an addressed draw decides."""

    @model_validator(mode="after")
    def _in_order(self) -> Degree:
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError(f"min must not be above max ({self.min} and {self.max})")
        return self


class Who(Strict):
    """Which agents. Every key that is given must hold; `{}` is everybody."""

    model_config = ConfigDict(populate_by_name=True)

    ids: tuple[Annotated[int, Field(ge=0)], ...] | None = None
    """These agent ids."""
    share: Annotated[float, Field(ge=0, le=1)] | None = None
    """A random share of the people, one addressed draw each."""
    traits: dict[str, Any] = Field(default_factory=dict)
    """By trait, a value, a list of allowed values, or a comparison such as `{min: 18, max: 65}` or `{not: x}`."""
    degree: Degree | None = None
    """By how many ties (followers where ties have a direction) they have."""
    any: Annotated[tuple[Who, ...], Field(min_length=1)] | None = None
    """At least one of these selections."""
    not_: Annotated[Who | None, Field(alias="not")] = None
    """None of this selection."""
    n: Annotated[int, Field(ge=0)] | None = None
    """Exactly so many of those who fit the other keys, by the same draws as `share`; in a running society, at most."""


class BackendSpec(Short):
    """Who answers: a mechanistic rule, the null mind, a script, or a model behind a server."""

    short: ClassVar[str] = "model"
    null_is: ClassVar[str | None] = "null"

    model: str = "mechanistic"
    """`mechanistic`, `null`, `scripted`, or `provider/model` such as `openai/gpt-4o-mini`, `litellm/groq/llama`."""
    base_url: str | None = None
    """Address of an OpenAI-compatible server (vLLM, Ollama, llama.cpp, LM Studio), e.g. `http://localhost:11434/v1`."""
    key_from: str | None = None
    """Environment variable that holds the API key; default OPENAI_API_KEY for `openai/...`. Never the key itself."""
    transport: Literal["sdk", "lean"] = "sdk"
    """`sdk` is the openai package; `lean` talks HTTP directly at a tenth of the CPU, for a server of one's own."""
    slots: Annotated[int, Field(ge=1, le=10_000)] = 16
    """Most calls in flight at once; fewer for as long as the server answers 429."""
    per_minute: Annotated[int, Field(ge=1)] | None = None
    """Most requests started in a minute."""
    timeout: Annotated[float, Field(gt=0, le=86_400)] = 120.0
    """Seconds one request may take."""
    retries: Annotated[int, Field(ge=0, le=50)] = 5
    """Further tries after a 5xx, time-out or lost connection; rate limits are waited out, unless this is 0."""
    repairs: Annotated[int, Field(ge=0, le=20)] = 1
    """Times a model is asked again, told what could not be read, before NoAnswer."""
    structured: Literal["auto", "schema", "prompt"] = "auto"
    """JSON schema sent to the server, or written into the prompt; `auto` tries the first and falls back for good."""
    temperature: Annotated[float, Field(ge=0, le=5)] | None = None
    """Sampling temperature; the provider's default when not given."""
    top_p: Annotated[float, Field(gt=0, le=1)] | None = None
    """Nucleus sampling."""
    max_tokens: Annotated[int, Field(ge=1)] | None = None
    """Longest answer in tokens."""
    top_logprobs: Annotated[int, Field(ge=1, le=100)] = 20
    """Tokens whose log-probability is asked for with `choice: logprobs`."""
    extra: dict[str, Any] = Field(default_factory=dict)
    """Further fields for the request body, as the server knows them."""
    script: tuple[Any, ...] | None = None
    """Replies of `scripted`, used in turn and repeated; each the text a model might have sent."""


class GroupBackend(BackendSpec):
    """A backend for some of the agents."""

    who: Who
    """The agents it answers for; the first group that fits counts."""


class Backends(BackendSpec):
    """The backend of a run, and others for groups of agents."""

    groups: tuple[GroupBackend, ...] = ()
    """Backends for some of the agents; everybody else is answered by the outer one."""


class Budget(Strict):
    """Caps on what a run, or all runs of an experiment together, may spend on models; resumed sittings included."""

    dollars: Annotated[float, Field(gt=0)] | None = None
    """US dollars, by the price map; refused for models whose price is not known."""
    tokens: Annotated[int, Field(ge=1)] | None = None
    """Tokens of prompts and answers together."""
    calls: Annotated[int, Field(ge=1)] | None = None
    """Model calls."""
    minutes: Annotated[float, Field(gt=0)] | None = None
    """Minutes of running."""


class MeasureSpec(Short):
    """A measure and the window its summary is taken over."""

    model_config = ConfigDict(populate_by_name=True)

    short: ClassVar[str] = "name"

    name: str
    """Name of one of the world's measures; `simsoc list measures` shows them."""
    from_: Annotated[int, Field(ge=0, alias="from")] = 0
    """First step of the window."""
    last: Annotated[int, Field(ge=1)] | None = None
    """Only the last so many steps."""


class Intervention(Strict):
    """Something done to the society from outside, before anybody's turn in a step."""

    at: Annotated[int, Field(ge=1, le=10_000_000)]
    """The step before whose turns it takes place."""
    every: Annotated[int, Field(ge=1)] | None = None
    """And again after every so many steps."""
    until: Annotated[int, Field(ge=1)] | None = None
    """With `every`: no later than before this step. Without, for `set`, `backend`, `suspend`: holds to its end."""
    who: Who | None = None
    """Whom it is about, among those who are there; picked anew each time it takes place."""
    do: Annotated[Part, Named("interventions")]
    """What is done: `simsoc list interventions`."""

    @model_validator(mode="after")
    def _in_time(self) -> Intervention:
        if self.until is not None and self.until < self.at:
            raise ValueError(f"until must not be before at ({self.until} and {self.at})")
        return self


class Survey(Strict):
    """Questions put to people between steps. Nothing that happens depends on them, unless they are remembered."""

    name: Name
    """Short name of letters, digits, dots and dashes; `run.survey(NAME)` gives the answers."""
    at: Annotated[tuple[Moment, ...], Field(min_length=1), Listed()]
    """The step after which it is held, 0 for the start, `end` for the last; or `{every: 5}`; or a list of these."""
    who: Who | None = None
    """Who is asked, among those who are there; everybody when not given."""
    sample: Literal["panel", "fresh"] = "panel"
    """Whether the random part of `who` stays the same from wave to wave, or is drawn anew each time."""
    questions: Annotated[tuple[Question, ...], Field(min_length=1)]
    """What is asked."""
    in_order: bool = False
    """Whether one question comes after another, with those before it and their answers in sight."""
    rule: Annotated[Part, Named("survey_rules")] = Field(default="standing", validate_default=True)
    """How it is answered when no model is asked: `simsoc list survey_rules`."""
    order: Literal["shuffled", "fixed"] = "shuffled"
    """Order in which the options of a choice are shown: drawn anew for each call, or as written."""
    letters: bool = False
    """Whether options are shown under letters, A for the first shown; with `choice: logprobs` they always are."""
    wording: Literal["survey", "interview"] = "survey"
    """Which shipped prompt is used. Wording changes results: compare two."""
    remembered: bool = False
    """Whether those who are asked remember it, in worlds whose people have a memory."""


class Seeds(Strict):
    """Seeds of their own for what is built before the first step."""

    population: Annotated[int, Field(ge=0, lt=2**63)] | None = None
    """Who the people are."""
    network: Annotated[int, Field(ge=0, lt=2**63)] | None = None
    """Who is tied to whom; a network that goes by traits depends on the people, too."""


class Scenario(Strict):
    """One experiment as a file: a question, people, a network, one or more worlds, and who answers.

    Two scenarios are equal when they say the same, wherever they were read from.
    """

    name: Name
    """Short name of letters, digits, dots and dashes; names the run log."""
    question: str = ""
    """What this run is to find out."""
    source: str = ""
    """Paper and identifier the design comes from."""
    expect: str = ""
    """The pattern that is expected, with its published numbers."""
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 1
    """Seed of all randomness."""
    steps: Annotated[int, Field(ge=0, le=10_000_000)] | None = None
    """Steps to run; may be left out where the world ends by itself. 0: the start alone, and surveys held at it."""
    world: Annotated[tuple[Annotated[Part, Named("worlds")], ...], Field(min_length=1), Listed()]
    """The social process, or a list of processes on the same people, acting in this order within a step."""
    population: Annotated[Part, Named("populations", key="source", default="blank")] = Field(
        default="blank", validate_default=True
    )
    """Where the people come from."""
    network: Annotated[Part, Named("networks")] = Field(default="complete", validate_default=True)
    """Who is tied to whom at the start."""
    activation: Annotated[Part, Named("activations")] = Field(default="one_by_one", validate_default=True)
    """Who takes a turn when."""
    minds: Annotated[Part, Named("minds")] | None = None
    """What agents remember, reflect on and plan, in worlds that can use it; as the world has it when not given."""
    backend: Backends = Backends()
    """Who answers: `mechanistic`, `null`, `scripted` or `provider/model`, or a mapping with more settings."""
    choice: Literal["sample", "elicit", "logprobs"] = "sample"
    """How a closed choice is drawn from a model: let it pick, ask for probabilities, or read log-probabilities."""
    on_failure: Literal["stop", "skip"] = "stop"
    """What a call that failed on the wire does: stop the run resumably, or count as NoAnswer."""
    budget: Budget = Budget()
    """What may be spent on models; a run that reaches a cap stops resumably."""
    prompts: dict[str, str] = Field(default_factory=dict)
    """Template files to use instead of the shipped ones, e.g. `opinion/friends: my.j2`; paths relative to this file."""
    prompting: Prompting = Prompting()
    """How decisions are put to a model: with examples, with reasoning, and how an agent is told who it is."""
    reuse: Annotated[tuple[str, ...], Listed()] = ()
    """Run logs, or folders of them, whose answers serve where the very same is asked; paths relative to this file."""
    measures: tuple[MeasureSpec, ...] | None = None
    """What to measure each step; the world's own list when not given."""
    interventions: tuple[Intervention, ...] = ()
    """What is done to the society from outside, and when; those of one step in this order."""
    surveys: tuple[Survey, ...] = ()
    """What people are asked between steps, and when; nothing else depends on it."""
    seeds: Seeds = Seeds()
    """Seeds of their own for people and network; else they are drawn with `seed`, like everything."""
    rewired: bool = False
    """A control: ties at the start are swapped at random until only everybody's number of ties is left of them."""
    published: Published | None = None
    """What was measured elsewhere, printed beside what is simulated by `simsoc experiment` and `compare`."""
    experiment: Experiment | None = None
    """Arms, grid and replicates, for `simsoc experiment`; a single run takes no notice of it."""

    _folder: Path = PrivateAttr(default_factory=Path)
    _origin: Origin = PrivateAttr(default_factory=Origin)

    def model_post_init(self, context: Any) -> None:
        """Keeps where the scenario was read from, which is no part of what it says."""
        context = context or {}
        self._folder = context.get("folder", self._folder)
        self._origin = context.get("origin", self._origin)

    @model_validator(mode="after")
    def _as_the_worlds_have_it(self, info: ValidationInfo) -> Scenario:
        """A network that is not written is what the first world with a wish takes for granted."""
        shelves = (info.context or {}).get("shelves")
        if shelves is None or "network" in self.model_fields_set:
            return self
        for part in self.world:
            wish = getattr(shelves["worlds"].get(part.kind), "default_network", None)
            wanted = wish(part.given) if wish is not None else None
            if wanted is not None:
                kind, keys = wanted
                given = shelves["networks"].spec(kind).model_validate(keys, context=info.context)
                self.__dict__["network"] = Part(kind=kind, given=given)
                break
        return self

    def alone(self) -> Scenario:
        """The same without its experiment, and what belongs to its arms: what a single run is."""
        if self.experiment is None:
            return self
        single = self.model_copy(update={"experiment": None, "published": None})
        single.model_fields_set.difference_update(("experiment", "published"))
        return single

    @property
    def folder(self) -> Path:
        """The folder that relative paths of the scenario start from."""
        return self._folder

    @property
    def origin(self) -> Origin:
        """Where each value was written; `origin.where("world.rule.beta")` is a `file:line`."""
        return self._origin

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Scenario) and self.__dict__ == other.__dict__

    __hash__ = None  # type: ignore[assignment]
