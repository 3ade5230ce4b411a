"""What an answer may be: declared once, used by the prompt, the parser, the rule, the null mind and the log.

The legal values of a closed form often differ from call to call (candidates, tossed labels), so a form is a
constant of the decision and reads what varies from the facts:

* ``facts["options"]``  canonical values, in canonical order (or fixed in the form)
* ``facts["labels"]``   how each is shown, parallel to the options (default: the options themselves)
* ``facts["shown"]``    places of the options in the order in which they are told (default: canonical)

No other fact of such a decision can have these names: a list that does not fit the options is refused when the question
is made. Values in Answer, log and rule are always canonical; labels exist only between prompt and parser.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from .stream import Stream

PLACEHOLDER = "[no text: null mind]"
"""What the null mind says where words are asked for; measures of texts skip it."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a closed set."""

    options: tuple[Any, ...] | None = None

    def of(self, facts: Mapping[str, Any]) -> Sequence[Any]:
        """The canonical options of this call."""
        return self.options if self.options is not None else facts["options"]

    def check(self, value: Any, facts: Mapping[str, Any]) -> Any:
        """The value, if legal; raises ValueError otherwise."""
        if value not in self.of(facts):
            raise ValueError(f"{value!r} is not one of {list(self.of(facts))!r}")
        return value

    def null(self, facts: Mapping[str, Any], stream: Stream) -> Any:
        """Uniform over the options."""
        return stream.choose(self.of(facts))


@dataclass(frozen=True, slots=True)
class Pick:
    """`count` different members of a closed set, first choice first (``facts["count"]`` when not fixed)."""

    count: int | None = None

    def size(self, facts: Mapping[str, Any]) -> int:
        """How many are asked for in this call."""
        return self.count if self.count is not None else int(facts["count"])

    def of(self, facts: Mapping[str, Any]) -> Sequence[Any]:
        """The canonical options of this call."""
        options: Sequence[Any] = facts["options"]
        return options

    def check(self, value: Any, facts: Mapping[str, Any]) -> Any:
        """The list of values, if legal; raises ValueError otherwise."""
        options = self.of(facts)
        if not isinstance(value, list) or len(value) != self.size(facts):
            raise ValueError(f"{self.size(facts)} different options are asked for, not {value!r}")
        if len(set(value)) != len(value) or any(v not in options for v in value):
            raise ValueError(f"{value!r} are not {self.size(facts)} different known options")
        return value

    def null(self, facts: Mapping[str, Any], stream: Stream) -> list[Any]:
        """A uniform set without replacement."""
        options = self.of(facts)
        return [options[i] for i in stream.sample(len(options), self.size(facts))]


@dataclass(frozen=True, slots=True)
class Number:
    """A number in [low, high]."""

    low: float
    high: float
    integer: bool = False

    def check(self, value: Any, facts: Mapping[str, Any]) -> float:
        """The number, if legal; raises ValueError otherwise."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError(f"{value!r} is not a number")
        if not self.low <= value <= self.high:
            nearest = min(max(value, self.low), self.high)
            if abs(value - nearest) > 1e-9 * (self.high - self.low):  # less is rounding
                raise ValueError(f"{value!r} is not between {self.low} and {self.high}")
            value = nearest
        if self.integer and value != int(value):
            raise ValueError(f"{value!r} is not a whole number")
        return int(value) if self.integer else float(value)

    def null(self, facts: Mapping[str, Any], stream: Stream) -> float:
        """Uniform over the range."""
        if self.integer:
            return int(self.low) + stream.below(int(self.high) - int(self.low) + 1)
        return stream.uniform(self.low, self.high)


@dataclass(frozen=True, slots=True)
class Words:
    """Free text of at most `longest` characters."""

    longest: int = 2000

    def check(self, value: Any, facts: Mapping[str, Any]) -> str:
        """The text, if legal; raises ValueError otherwise."""
        if not isinstance(value, str) or not value.strip():
            raise ValueError("words are asked for")
        if len(value) > self.longest:
            raise ValueError(f"{len(value)} characters where at most {self.longest} are allowed")
        return value

    def null(self, facts: Mapping[str, Any], stream: Stream) -> str:
        """A marked placeholder."""
        return PLACEHOLDER


@dataclass(frozen=True, slots=True)
class Record:
    """Several fields at once: any pydantic model. The value is the model's JSON-able dictionary."""

    model: type[BaseModel]

    def check(self, value: Any, facts: Mapping[str, Any]) -> dict[str, Any]:
        """The validated fields; raises ValueError (pydantic's) otherwise."""
        return self.model.model_validate(value, strict=True).model_dump(mode="json")

    def null(self, facts: Mapping[str, Any], stream: Stream) -> dict[str, Any]:
        """Each field uniform over its legal values, a list first over its lengths; text is a placeholder."""
        made = {n: _null_field(f, n, stream) for n, f in self.model.model_fields.items()}
        return self.check(made, facts)


Form = Choice | Pick | Number | Words | Record


def _null_field(field: Any, name: str, stream: Stream) -> Any:
    kind = field.annotation
    bounds = {type(m).__name__.lower(): m for m in field.metadata}
    if kind is bool:
        return bool(stream.below(2))
    if kind in (int, float):
        low = _bound(bounds, "ge", "gt")
        high = _bound(bounds, "le", "lt")
        if low is None or high is None:
            raise TypeError(f"the null mind cannot answer field {name!r}: it has no range (use ge and le)")
        return Number(low, high, kind is int).null({}, stream)
    if get_origin(kind) is list and "maxlen" in bounds:
        least = bounds["minlen"].min_length if "minlen" in bounds else 0
        member = FieldInfo.from_annotation(get_args(kind)[0])
        length = least + stream.below(bounds["maxlen"].max_length - least + 1)
        return [_null_field(member, name, stream) for _ in range(length)]
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return Record(kind).null({}, stream)
    if literals := get_args(kind):
        return stream.choose([v for v in literals if not isinstance(v, type)])
    if kind is str:
        return PLACEHOLDER
    if field.default is not PydanticUndefined:
        return field.default
    raise TypeError(f"the null mind cannot answer field {name!r} of type {kind!r}")


def _bound(bounds: Mapping[str, Any], *names: str) -> float | None:
    for name in names:
        if name in bounds:
            return float(getattr(bounds[name], name))
    return None
