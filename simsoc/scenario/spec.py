"""The scenario as data: every key a YAML file may have, checked and filled in.

Parts that stand on a shelf (`world`, `network`, `rule`, ...) are written as a mapping with a `kind` and the part's own
keys, or as the bare name when nothing else is to be said. Which names and keys exist is read from the shelves, which
are handed in as validation context, ``Scenario.model_validate(data, context={"shelves": {...}})``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    ValidationInfo,
)
from pydantic_core import CoreSchema, InitErrorDetails, PydanticCustomError, ValidationError, core_schema

from simsoc.core.shelf import Shelf, Strict, nearest


class Part(BaseModel):
    """A named part of a scenario with its keys, checked: what `Named` fields hold."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    kind: str
    """Name on its shelf."""
    given: Strict
    """The part's own keys, filled in."""

    def parameters(self) -> dict[str, Any]:
        """Keyword arguments for the part; nested parts stay parts."""
        return {name: getattr(self.given, name) for name in type(self.given).model_fields}


class Named:
    """Annotation: a part from the shelf of this name. `key` is the YAML key that names it."""

    def __init__(self, shelf: str, key: str = "kind") -> None:
        self.shelf = shelf
        self.key = key

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_info_plain_validator_function(
            self._check, serialization=core_schema.plain_serializer_function_ser_schema(self._dump)
        )

    def _dump(self, part: Part) -> dict[str, Any]:
        return {self.key: part.kind, **part.given.model_dump(mode="json")}

    def _check(self, value: Any, info: ValidationInfo) -> Part:
        if isinstance(value, Part):
            return value
        shelf: Shelf = (info.context or {})["shelves"][self.shelf]
        known = ", ".join(shelf.names())
        if value is None and "null" in shelf:
            value = "null"  # YAML's null where a part of that name exists
        if isinstance(value, str):
            value = {self.key: value}
        if not isinstance(value, Mapping):
            raise PydanticCustomError(
                "part",
                "should be a name or a mapping with a '{key}' (got {got}). Known: {known}.",
                {"key": self.key, "got": _short(value), "known": known},
            )
        if self.key not in value:
            raise PydanticCustomError("part", "needs a '{key}'. Known: {known}.", {"key": self.key, "known": known})
        name = value[self.key]
        name = "null" if name is None and "null" in shelf else name
        if not isinstance(name, str) or name not in shelf:
            guess = nearest(str(name), shelf.names())
            raise _at(self.key, "no {got}.{guess} Known: {known}.", got=_short(name), guess=guess, known=known)
        rest = {k: v for k, v in value.items() if k != self.key}
        given = shelf.spec(name).model_validate(rest, context=info.context)
        return Part(kind=name, given=given)


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _at(key: str, message: str, **context: Any) -> ValidationError:
    """A validation error that points at one key below the part."""
    error = PydanticCustomError("part", message, context)
    return ValidationError.from_exception_data(key, [InitErrorDetails(type=error, loc=(key,), input=None)])


class Who(Strict):
    """Which agents: by id, by share of the people, or by trait. Several keys must all hold."""

    ids: tuple[Annotated[int, Field(ge=0)], ...] | None = None
    """These agent ids."""
    share: Annotated[float, Field(ge=0, le=1)] | None = None
    """A random share of the people, one addressed draw each."""
    traits: dict[str, Any] = Field(default_factory=dict)
    """Trait values that must be equal, or lists of allowed values."""


class BackendSpec(Strict):
    """Who answers: a mechanistic rule, the null mind, a script, or a model behind a server."""

    model: str = "mechanistic"
    """`mechanistic`, `null`, `scripted`, or `provider/model` such as `openai/gpt-4o-mini`, `litellm/anthropic/claude-x`."""
    base_url: str | None = None
    """Address of an OpenAI-compatible server (vLLM, Ollama, llama.cpp, LM Studio), e.g. `http://localhost:11434/v1`."""
    key_from: str | None = None
    """Environment variable that holds the API key; default OPENAI_API_KEY for `openai/...`. Never the key itself."""
    transport: Literal["sdk", "lean"] = "sdk"
    """`sdk` is the openai package; `lean` talks HTTP directly at a tenth of the CPU, for a server of one's own."""
    slots: Annotated[int, Field(ge=1, le=10_000)] = 16
    """Most calls in flight at once."""
    per_minute: Annotated[int, Field(ge=1)] | None = None
    """Most calls started in a minute."""
    timeout: Annotated[float, Field(gt=0, le=86_400)] = 120.0
    """Seconds one request may take."""
    retries: Annotated[int, Field(ge=0, le=50)] = 5
    """Further tries after a rate limit, 5xx, time-out or lost connection."""
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


def _backend(value: Any) -> Any:
    if value is None:
        return {"model": "null"}
    if isinstance(value, str):
        return {"model": value}
    if isinstance(value, Mapping) and "model" in value and value["model"] is None:
        return {**value, "model": "null"}
    return value


class GroupBackend(BackendSpec):
    """A backend for some of the agents."""

    who: Who
    """The agents it answers for; the first group that fits counts."""


class Backends(BackendSpec):
    """The backend of a run, and others for groups of agents."""

    groups: tuple[Annotated[GroupBackend, BeforeValidator(_backend)], ...] = ()
    """Backends for some of the agents; everybody else is answered by the outer one."""


class MeasureSpec(Strict):
    """A measure and the window its summary is taken over."""

    name: str
    """Name of one of the world's measures; `simsoc list measures` shows them."""
    from_: Annotated[int, Field(ge=0, alias="from")] = 0
    """First step of the window."""
    last: Annotated[int, Field(ge=1)] | None = None
    """Only the last so many steps."""


def _measure(value: Any) -> Any:
    return {"name": value} if isinstance(value, str) else value


def _listed(value: Any) -> Any:
    """One world, or a list of worlds on the same people."""
    return value if isinstance(value, list | tuple) else [value]


class Scenario(Strict):
    """One experiment as a file: a question, people, a network, one or more worlds, and who answers."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$")]
    """Short name of letters, digits, dots and dashes; names the run log."""
    question: str = ""
    """What this run is to find out."""
    source: str = ""
    """Paper and identifier the design comes from."""
    expect: str = ""
    """The pattern that is expected, with its published numbers."""
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 1
    """Seed of all randomness."""
    steps: Annotated[int, Field(ge=1, le=10_000_000)] | None = None
    """Steps to run; may be left out where the world ends by itself."""
    world: Annotated[tuple[Annotated[Part, Named("worlds")], ...], BeforeValidator(_listed), Field(min_length=1)]
    """The social process, or a list of processes on the same people, acting in this order within a step."""
    population: Annotated[Part, Named("populations", key="source")] = Field(default="blank", validate_default=True)
    """Where the people come from."""
    network: Annotated[Part, Named("networks")] = Field(default="complete", validate_default=True)
    """Who is tied to whom at the start."""
    activation: Annotated[Part, Named("activations")] = Field(default="one_by_one", validate_default=True)
    """Who takes a turn when."""
    backend: Annotated[Backends, BeforeValidator(_backend)] = Backends()
    """Who answers: `mechanistic`, `null`, `scripted` or `provider/model`, or a mapping with more settings."""
    choice: Literal["sample", "elicit", "logprobs"] = "sample"
    """How a closed choice is drawn from a model: let it pick, ask for probabilities, or read log-probabilities."""
    on_failure: Literal["stop", "skip"] = "stop"
    """What a call that failed on the wire does: stop the run resumably, or count as NoAnswer."""
    prompts: dict[str, str] = Field(default_factory=dict)
    """Template files to use instead of the shipped ones, e.g. `opinion/choose: my.j2`; paths relative to this file."""
    measures: tuple[Annotated[MeasureSpec, BeforeValidator(_measure)], ...] | None = None
    """What to measure each step; the world's own list when not given."""
