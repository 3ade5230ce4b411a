"""Examples of `prompting` from a file of their own; everything wrong with it is told at once, by its lines."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError

from simsoc.core.errors import Problem, ScenarioError
from simsoc.core.shelf import nearest

from .findings import endless, found, in_order
from .origin import Origin
from .places import Place
from .prompting import Example
from .yaml12 import read_file

Examples = Mapping[str, tuple[Example, ...]]
"""By purpose of the decision."""
_FORM = dict[str, Annotated[tuple[Example, ...], Field(min_length=1)]]
_adapter: TypeAdapter[_FORM] = TypeAdapter(_FORM)


def read_examples(given: Examples | str, folder: Path) -> tuple[Examples, Origin | None]:
    """The examples of a scenario, and where they were written, where they are in a file of their own.

    Raises ScenarioError when the file is not there, or says something else.
    """
    if not isinstance(given, str):
        return given, None
    path = folder / given
    if not path.is_file():
        near = sorted(p.name for p in path.parent.iterdir()) if path.parent.is_dir() else []
        raise ScenarioError.at("prompting.examples", f"no file '{path}'.{nearest(path.name, near)}")
    document = read_file(path)
    origin = Origin(document.name, document.lines)
    if not isinstance(document.data, Mapping):
        told = "a mapping from the purpose of a decision to a list of examples is expected"
        raise ScenarioError([Problem(document.name, "", told)])
    try:
        examples = _adapter.validate_python(document.data)
    except ValidationError as error:
        said = [*found(error, Place({}).at(_FORM), document.data), *endless(document.data)]
        raise ScenarioError(in_order(said, origin)) from None
    if wrong := in_order(endless(document.data), origin):
        raise ScenarioError(wrong)
    return examples, origin
