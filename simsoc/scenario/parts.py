"""The parts of a scenario and the parts within them, with the shelf that each stands on."""

from __future__ import annotations

import typing
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from .spec import BackendSpec, Named, Part


def shelf_of(field: FieldInfo) -> str:
    """The shelf that a key's part, or each of its parts, stands on; empty where it has none."""
    return next((mark.shelf for mark in _marks(field.metadata, field.annotation) if isinstance(mark, Named)), "")


def within(model: BaseModel) -> Iterator[tuple[str, Part | BackendSpec]]:
    """Every part below a model, however deep, with its shelf; and who answers, with none."""
    for name, field in type(model).model_fields.items():
        yield from _found(getattr(model, name), shelf_of(field))


def _found(value: Any, shelf: str) -> Iterator[tuple[str, Part | BackendSpec]]:
    if isinstance(value, Part):
        yield shelf, value
        yield from within(value.given)
    elif isinstance(value, BaseModel):
        if isinstance(value, BackendSpec):
            yield "", value
        yield from within(value)
    elif isinstance(value, list | tuple | Mapping):
        for one in value.values() if isinstance(value, Mapping) else value:
            yield from _found(one, shelf)


def _marks(metadata: Iterable[Any], annotation: Any) -> Iterator[Any]:
    """What a key and the types within it are annotated with."""
    yield from metadata
    for inner in typing.get_args(annotation):
        if typing.get_origin(inner) is not None:
            yield from _marks(getattr(inner, "__metadata__", ()), inner)
