"""A codebook: which columns of a survey's file say what, in which codes, and what is missing. Data, in YAML.

The three of ANES are shipped (`anes/anes2016.yaml`, ...); a scenario can bring its own for any CSV file
(`population: {source: csv, file: ..., codebook: ...}`). docs/populations.md tells how one is written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, model_validator

from simsoc.core.errors import Problem, ScenarioError
from simsoc.core.shelf import Strict
from simsoc.scenario.short import Listed
from simsoc.scenario.telling import dotted
from simsoc.scenario.yaml12 import Document, read_file, read_text

from .phrases import Phrase, Phrases, phrased

Code = int | str
Codes = Annotated[tuple[Code, ...], Listed()]
"""A code, a range such as `1-8`, or a list of both."""
SILENT = object()
"""What a cell says that says nothing: it is missing by the codebook."""
_RANGE = re.compile(r"(-?\d+)-(-?\d+)")
_CODE = re.compile(r"([+-]?\d+)(?:\.0*)?(?:\.? .*)?", re.DOTALL)
"""A whole number, also as `7.0`, and as the label `7. Strong Republican` of a Stata file."""


class Unknown(Exception):
    """A code that the codebook does not know."""


class Span(Strict):
    """Codes that are the numbers they say."""

    min: int | float
    max: int | float


class Said(Strict):
    """What one column says."""

    column: str | None = None
    """Its name in the file."""
    levels: dict[str, Codes] = Field(default_factory=dict)
    """By level, the codes that mean it. Their order is the order of the levels."""
    number: Span | None = None
    """Codes from `min` to `max` are numbers, as they are."""
    kind: Literal["words", "number", "yes_no", "text"] = "words"
    """What levels are: words, numbers, `yes` and `no`; or `text` for a column that is taken as it stands."""
    silent: Codes = ()
    """Codes that are known and say nothing (here)."""

    @model_validator(mode="after")
    def _whole(self) -> Said:
        for level in self.levels if self.kind != "words" else ():
            if self.kind == "yes_no" and level not in ("yes", "no"):
                raise ValueError(f"levels of kind yes_no are 'yes' and 'no' (got {level!r})")
            if self.kind == "number":
                float(level)
        return self

    @cached_property
    def _known(self) -> tuple[dict[str, Any], list[tuple[int, int, Any]]]:
        """Levels by code as text, and by range."""
        single: dict[str, Any] = {}
        spans: list[tuple[int, int, Any]] = []
        for codes, value in [
            *((codes, self.value(level)) for level, codes in self.levels.items()),
            (self.silent, SILENT),
        ]:
            for code in codes:
                span = _RANGE.fullmatch(code) if isinstance(code, str) else None
                if span is not None:
                    spans.append((int(span[1]), int(span[2]), value))
                else:
                    single[str(code)] = value
        return single, spans

    def value(self, level: str) -> Any:
        """A level as the trait has it."""
        if self.kind == "yes_no":
            return level == "yes"
        if self.kind == "number":
            number = float(level)
            return int(number) if number.is_integer() else number
        return level

    def decoded(self, cell: str, missing_below: int | None) -> Any:
        """What a stripped cell says, or SILENT. Raises Unknown for a code that is not in the book."""
        single, spans = self._known
        if cell in single:
            return single[cell]
        found = _CODE.fullmatch(cell)
        code = int(found[1]) if found else None
        if code is not None and str(code) in single:
            return single[str(code)]
        if code is not None:
            for low, high, value in spans:
                if low <= code <= high:
                    return value
        if missing_below is not None and code is not None and code < missing_below:
            return SILENT
        if self.kind == "text":
            return cell
        if self.number is not None:
            number = _number(cell) if code is None or "." in cell else code
            if number is not None and self.number.min <= number <= self.number.max:
                return number
        raise Unknown(cell)

    def known(self) -> str:
        """The codes in words, for messages."""
        codes = [str(code) for codes in self.levels.values() for code in codes]
        told = [f"{self.number.min:g} to {self.number.max:g}"] if self.number is not None else []
        return ", ".join([*told, *codes, *map(str, self.silent)])


def _number(cell: str) -> float | None:
    try:
        return float(cell)
    except ValueError:
        return None


class TraitBook(Said):
    """Where a trait comes from: one column, several that name things, or one for each thing that may be named."""

    otherwise: tuple[Said, ...] = ()
    """Columns that are asked one after another where the ones before say nothing."""
    columns: Annotated[tuple[str, ...], Field(min_length=1)] | None = None
    """Several columns with the same codes: the trait is the list of what they say."""
    each: Annotated[dict[str, str], Field(min_length=1)] | None = None
    """By thing, its column of 1 (named) and 0 (not): the trait is the list of the things that are named."""
    wave: Literal["pre", "post"] = "pre"
    """The interview it was asked in; for ANES, where it decides which weight is right."""

    @model_validator(mode="after")
    def _one_way(self) -> TraitBook:
        if sum(way is not None for way in (self.column, self.columns, self.each)) != 1:
            raise ValueError("say one of 'column', 'columns' and 'each'")
        if any(one.column is None for one in self.otherwise):
            raise ValueError("everything under 'otherwise' needs its column")
        if self.each is None and not self.levels and self.number is None and self.kind != "text":
            raise ValueError("say what its codes mean: 'levels', 'number', or 'kind: text'")
        return self

    def needs(self) -> list[str]:
        """The columns without which it is not there at all."""
        return [self.column] if self.column is not None else list(self.columns or (self.each or {}).values())

    def asks(self) -> list[str]:
        """Every column it looks at."""
        return [*self.needs(), *(one.column for one in self.otherwise if one.column is not None)]


class Refused(Strict):
    """What tells a file that is not to be used."""

    column: str
    has: str | None = None
    """Some cell has these characters in it."""
    all: int | None = None
    """Every cell is this code."""
    says: str
    """What it is, then."""


class Codebook(Strict):
    """The whole book."""

    study: str = ""
    """What the survey is called."""
    title: str = ""
    """How it is cited."""
    get: str = ""
    """Where its file is to be had."""
    file: str = ""
    """What its file is called."""
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ","
    """What stands between the cells."""
    knows: tuple[str, ...] = ()
    """Columns by which its file is known."""
    case: str | None = None
    """The column that names a respondent."""
    weights: dict[str, str] = Field(default_factory=dict)
    """Columns of survey weights by name."""
    refuse: tuple[Refused, ...] = ()
    """Files that look like it and are not to be used."""
    missing_below: int | None = None
    """Codes below this number are missing everywhere, where they are not levels."""
    traits: Annotated[dict[str, TraitBook], Field(min_length=1)]
    """What comes from where, by trait, in this order."""
    words: dict[str, Phrase] = Field(default_factory=dict)
    """How traits are told in a persona, where not as they are called."""

    def order(self, trait: str) -> Sequence[Any]:
        """The levels of a trait, in order."""
        book = self.traits.get(trait)
        return [] if book is None else [book.value(level) for level in book.levels]

    def phrases(self, base: Phrases | None = None) -> Phrases:
        """How its traits are told, laid over others."""
        return phrased({trait: phrase.model_dump(exclude_unset=True) for trait, phrase in self.words.items()}, base)


def codebook(path: Path | None = None, *, text: str = "", name: str = "") -> Codebook:
    """A codebook from a file, or a text of this name. Raises ScenarioError with the line and key of each mistake."""
    document = read_file(path) if path is not None else read_text(text, name)
    try:
        return Codebook.model_validate(document.data if document.data is not None else {})
    except ValidationError as error:
        raise ScenarioError(list(_problems(error, document))) from None


def _problems(error: ValidationError, document: Document) -> Iterator[Problem]:
    for one in error.errors(include_url=False):
        path = tuple(step for step in one["loc"] if not (isinstance(step, str) and step not in _keys(document.data)))
        line = next((document.lines[path[:i]] for i in range(len(path), -1, -1) if path[:i] in document.lines), None)
        said = "unknown key" if one["type"] == "extra_forbidden" else one["msg"].removeprefix("Value error, ")
        yield Problem(f"{document.name}:{line}" if line else document.name, dotted(path), said)


def _keys(data: Any) -> set[str]:
    """Every key that is written somewhere."""
    if isinstance(data, Mapping):
        return {str(key) for key in data}.union(*map(_keys, data.values()))
    return set().union(*map(_keys, data)) if isinstance(data, list | tuple) else set()
