"""A checked scenario as text: filled in, with defaults marked and keys explained, or as short as it was written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from pydantic import BaseModel

from .emit import inline, scalar
from .places import key_of
from .short import Listed, Short
from .spec import Part, Scenario
from .telling import Path


class Line(NamedTuple):
    """One line of YAML."""

    text: str
    path: Path
    default: bool = False
    """Whether the value was not given by the user."""
    doc: str = ""
    """What the key means; empty when not asked for."""

    def __str__(self) -> str:
        """The line with its comments."""
        mark = "  # default" if self.default else ""
        if not self.doc:
            return self.text + mark
        indent = " " * (len(self.text) - len(self.text.lstrip(" ")))
        return f"{indent}# {self.doc}\n{self.text}{mark}"


class _Node(NamedTuple):
    """A value on its way into lines: what is written, and the object that knows what it means."""

    written: Any
    made: Any
    default: bool = False
    doc: str = ""
    listed: bool = False


def explain(scenario: Scenario, *, docs: bool = False) -> list[Line]:
    """The whole scenario, filled in, as lines of YAML; joined, they read back as an equal scenario.

    docs: let each line carry what its key means.
    """
    node = _Node(as_data(scenario, full=True), scenario)
    lines = _mapping(node, (), 0)
    return list(lines) if docs else [line._replace(doc="") for line in lines]


def to_yaml(scenario: Scenario, *, full: bool = False) -> str:
    """The scenario as a YAML file that loads as an equal one. full: defaults are written, too."""
    node = _Node(as_data(scenario, full=full), scenario)
    return "".join(line.text + "\n" for line in _mapping(node, (), 0))


def as_data(scenario: Scenario, *, full: bool = False) -> dict[str, Any]:
    """The scenario as JSON-able data that `load` takes, with only what was given, or with every default (`full`)."""
    dumped = scenario.model_dump(mode="json", by_alias=True, exclude_unset=not full)
    folded: dict[str, Any] = _folded(dumped, scenario)
    return folded


def _folded(data: Any, made: Any) -> Any:
    """Bare names instead of mappings with only a name, and one item instead of a list of one, where that is allowed."""
    if isinstance(data, Mapping):
        data = {key: _folded_field(below) for key, below in _below(_Node(data, made))}
        short = made.short if isinstance(made, Short) else next(iter(data), "") if isinstance(made, Part) else None
        return data[short] if list(data) == [short] and isinstance(data[short], str) else data
    if isinstance(data, list):
        return [_folded(value, item) for value, item in zip(data, _items(made, len(data)), strict=True)]
    return data


def _folded_field(node: _Node) -> Any:
    folded = _folded(node.written, node.made)
    alone = node.listed and isinstance(folded, list) and len(folded) == 1 and not isinstance(folded[0], list)
    return folded[0] if alone else folded


def _items(made: Any, count: int) -> list[Any]:
    """The objects behind the items of a list, as far as they are known."""
    return list(made) if isinstance(made, list | tuple) and len(made) == count else [None] * count


def _below(node: _Node) -> Iterator[tuple[str, _Node]]:
    """The keys of a mapping, each with its value."""
    made = node.made
    model = made.given if isinstance(made, Part) else made
    fields = {key_of(n, f): (n, f) for n, f in type(model).model_fields.items()} if isinstance(model, BaseModel) else {}
    for key, value in node.written.items():
        if key in fields:
            name, field = fields[key]
            listed = any(isinstance(mark, Listed) for mark in field.metadata)
            doc = " ".join((field.description or "").split())
            unset = node.default or name not in model.model_fields_set
            yield key, _Node(value, getattr(model, name), unset, doc, listed)
        else:
            yield key, _Node(value, made.get(key) if isinstance(made, Mapping) else None, node.default)


def _mapping(node: _Node, path: Path, indent: int) -> Iterator[Line]:
    if isinstance(node.made, tuple) and len(node.made) == 1:
        node = node._replace(made=node.made[0])  # a list of one, written without the list
    for key, below in _below(node):
        start = f"{' ' * indent}{scalar(key)}:"
        here = (*path, key)
        text = inline(below.written)
        yield Line(start if text is None else f"{start} {text}", here, below.default, below.doc)
        if text is None:
            yield from _block(below, here, indent + 2)


def _block(node: _Node, path: Path, indent: int) -> Iterator[Line]:
    """A value that takes lines of its own."""
    if isinstance(node.written, Mapping):
        yield from _mapping(node, path, indent)
        return
    for i, (value, made) in enumerate(zip(node.written, _items(node.made, len(node.written)), strict=True)):
        dash = f"{' ' * indent}- "
        text = inline(value)
        if text is not None:
            yield Line(dash + text, (*path, i), node.default)
            continue
        first, *others = _block(_Node(value, made, node.default), (*path, i), indent + 2)
        yield first._replace(text=dash + first.text[indent + 2 :])
        yield from others
