"""What may stand at each place of a scenario: read from the spec's types, for messages, overrides and the schema."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from simsoc.core.shelf import Shelf

from .short import Listed, Short
from .spec import Named

Shelves = Mapping[str, Shelf]
ABSENT: Any = PydanticUndefined
"""What stands where nothing was written."""


@dataclass(frozen=True)
class Place:
    """A place in a scenario: the type of what may stand there, and its annotations."""

    shelves: Shelves
    type: Any = Any
    marks: tuple[Any, ...] = ()
    default: Any = ABSENT
    meaning: str = ""
    """The docstring of the key."""

    def at(self, annotation: Any, field: FieldInfo | None = None) -> Place:
        """The place of a type: Annotated, aliases and `| None` are taken off."""
        marks: list[Any] = list(field.metadata) if field is not None else []
        while True:
            if hasattr(annotation, "__value__"):  # `type X = ...`
                annotation = annotation.__value__
            elif get_origin(annotation) is Annotated:
                annotation, *more = get_args(annotation)
                marks += more
            elif len(members := _members(annotation)) == 1 and members[0] is not annotation:
                annotation = members[0]
            else:
                break
        if field is None:
            return Place(self.shelves, annotation, tuple(marks))
        return Place(self.shelves, annotation, tuple(marks), field.default, " ".join((field.description or "").split()))

    @property
    def named(self) -> Named | None:
        """The shelf annotation, where a part stands."""
        return next((m for m in self.marks if isinstance(m, Named)), None)

    @property
    def listed(self) -> bool:
        """Whether one item may stand here without its list."""
        return any(isinstance(m, Listed) for m in self.marks)

    @property
    def model(self) -> type[BaseModel] | None:
        """The model, where a mapping with fixed keys stands that is no part."""
        is_model = isinstance(self.type, type) and issubclass(self.type, BaseModel)
        return self.type if is_model and self.named is None else None

    @property
    def branches(self) -> list[Place]:
        """What may stand here, where it is one of several types; else empty."""
        if self.named is not None:
            return []
        members = _members(self.type)
        return [self.at(m) for m in members] if len(members) > 1 else []

    @property
    def choices(self) -> list[Any]:
        """The words that are allowed, where only certain words are."""
        found = list(get_args(self.type)) if get_origin(self.type) is Literal else []
        return found + [word for branch in self.branches for word in branch.choices]

    def opened(self, data: Any) -> Any:
        """What stands here, as a mapping where it is short for one."""
        data = self.default if data is ABSENT else data
        if isinstance(data, BaseModel):
            return data
        if self.named is not None:
            return self.named.opened(data, self.shelves[self.named.shelf]) if data is not ABSENT else ABSENT
        if self.model is not None and issubclass(self.model, Short):
            return self.model.opened(data) if data is not ABSENT else {}
        return data

    def keys(self, data: Any) -> dict[str, Place] | None:
        """The known keys of the mapping that stands here, or None where any key may be."""
        if self.named is not None:
            opened = self.opened(data)
            name = opened.get(self.named.key) if isinstance(opened, Mapping) else None
            return {self.named.key: self.at(str), **self._part_keys(name)}
        if self.model is not None:
            return self._fields(self.model)
        found = [keys for branch in self.branches if (keys := branch.keys(data)) is not None]
        return {k: v for keys in found for k, v in keys.items()} if found else None

    def _part_keys(self, name: Any) -> dict[str, Place]:
        assert self.named is not None
        try:
            return self._fields(self.shelves[self.named.shelf].spec(name))
        except (LookupError, TypeError, ImportError, AttributeError):
            return {}  # no such part: told by the spec

    def _fields(self, model: type[BaseModel]) -> dict[str, Place]:
        return {key_of(name, f): self.at(f.annotation, f) for name, f in model.model_fields.items()}

    def child(self, step: str | int, data: Any = ABSENT) -> Place:
        """The place one key or index further down; `data` is what stands here."""
        arguments = get_args(self.type)
        origin = get_origin(self.type)
        keys = self.keys(data)
        if keys is not None:
            if step in keys:
                return keys[str(step)]
        elif origin in (list, tuple) and isinstance(step, int) and arguments:
            fixed = origin is tuple and arguments[-1] is not Ellipsis
            return self.at(arguments[step if fixed and step < len(arguments) else 0])
        elif isinstance(origin, type) and issubclass(origin, Mapping) and len(arguments) == 2:
            return self.at(arguments[1])
        for branch in self.branches:
            if (found := branch.child(step, data)).type is not Any:
                return found
        return Place(self.shelves)

    def branch(self, tag: str | int) -> Place:
        """The branch of a union that pydantic calls by this tag."""
        for branch in self.branches:
            origin = get_origin(branch.type) or branch.type
            name = getattr(origin, "__name__", "").lower()
            begins = "function-plain" if branch.named is not None else name
            if begins and str(tag).lower().startswith(begins):
                return branch
        return Place(self.shelves)


def key_of(name: str, field: FieldInfo) -> str:
    """The YAML key of a field."""
    return field.alias or name


def _members(annotation: Any) -> list[Any]:
    """The types of a union other than None; a type that is no union is its own only member."""
    if get_origin(annotation) not in (Union, UnionType):
        return [annotation]
    return [m for m in get_args(annotation) if m is not NoneType]
