"""Overrides: `world.rule.beta=2` put into a scenario's data before it is checked, by the same code as the file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from keyword import iskeyword
from typing import Any, NamedTuple

from pydantic import BaseModel

from simsoc.core.errors import Problem, ScenarioError

from .origin import Origin
from .places import ABSENT, Place
from .plain import plain
from .spec import Part
from .telling import Path, cut, dotted, index, one_line, segments, shown
from .yaml12 import read_text

Overrides = Mapping[str, Any] | Sequence[str | tuple[str, Any]]
"""Dotted keys and values, in order. A text such as `a.b=c` has its value read as YAML; other values are taken as
they are. Double underscores mean dots, so that overrides may be keywords: `world__rule__beta=2`."""


class Change(NamedTuple):
    """One override."""

    key: str
    value: Any


class _Refused(Exception):
    """An override that leads nowhere."""


def changes(overrides: Overrides) -> tuple[list[Change], list[Problem]]:
    """The overrides one by one, and what is wrong with those that cannot be read."""
    found: list[Change] = []
    wrong: list[Problem] = []
    for item in overrides.items() if isinstance(overrides, Mapping) else overrides:
        try:
            found.append(parse(item) if isinstance(item, str) else Change(_with_dots(item[0]), plain(item[1])))
        except ScenarioError as error:
            label = label_of(item if isinstance(item, str) else _with_dots(item[0]))
            wrong += [p if p.where else Problem(label, p.path, p.message) for p in error.problems]
    return found, wrong


def parse(text: str) -> Change:
    """An override as the command line gives it, `a.b=c`. Raises ScenarioError when it cannot be read."""
    key, equals, value = text.partition("=")
    key = _with_dots(key.strip())
    if not equals:
        raise ScenarioError([Problem(label_of(key), "", "an override looks like world.rule.beta=2")])
    try:
        return Change(key, read_text(value).data)
    except ScenarioError as error:
        raise ScenarioError([Problem(label_of(key), p.path, p.message) for p in error.problems]) from None


def _with_dots(key: str) -> str:
    """`world__rule__beta` as `world.rule.beta`; `from_` is the key `from`, which Python keeps for itself."""
    if not key.isidentifier():
        return key
    return ".".join(s[:-1] if s.endswith("_") and iskeyword(s[:-1]) else s for s in key.split("__"))


def apply(data: Any, overrides: Iterable[Change], root: Place, origin: Origin) -> tuple[Any, list[Problem]]:
    """The data with every override put in, and what is wrong with those that lead nowhere.

    origin: is told where the new values come from.
    """
    wrong: list[Problem] = []
    for key, value in overrides:
        try:
            changed, path = _put(root, data, _steps(key), value)
        except _Refused as refused:
            wrong.append(Problem(label_of(key), "", one_line(str(refused))))
            continue
        renamed = path[:-1] if _names(root, changed, path) else None
        origin.override(label_of(key), path, _existing(data, path) + 1, also=renamed)
        data = changed
    return data, wrong


def label_of(key: str) -> str:
    """What messages call the place of an override."""
    return f"--set {cut(one_line(key))}"


def _steps(key: str) -> tuple[str, ...]:
    try:
        return segments(key)
    except ValueError as error:
        raise _Refused(str(error)) from None


def _put(place: Place, data: Any, steps: tuple[str, ...], value: Any) -> tuple[Any, Path]:
    """The data with the value put in, and the path it went to."""
    if not steps:
        return value, ()
    if place.listed and data is not ABSENT and not isinstance(data, tuple):
        return _put(place.child(0), data, steps[1:] if steps[0] == "0" else steps, value)
    if place.listed and data is ABSENT:
        return _put(place.child(0), data, steps, value)
    data = _opened(place, data)
    if isinstance(data, tuple):
        return _put_in_list(place, data, steps, value)
    if not isinstance(data, Mapping):
        raise _Refused(f"{shown(data)} stands before '.{dotted(steps)}', which is neither a mapping nor a list")
    key = steps[0]
    inner, path = _put(place.child(key, data), data.get(key, ABSENT), steps[1:], value)
    changed = {**data, key: inner}
    if place.named is not None and key == place.named.key and len(steps) == 1 and data.get(key) != value:
        changed = _without_strangers(place, changed)
    return changed, (key, *path)


def _put_in_list(place: Place, data: tuple[Any, ...], steps: tuple[str, ...], value: Any) -> tuple[Any, Path]:
    at = index(steps[0])
    rest = steps[1:]
    if at is None and len(data) == 1:
        at, rest = 0, steps  # the one item of a list needs no number
    if at is None or at >= len(data):
        raise _Refused(f"{shown(steps[0])} should be the number of an item: there are {len(data)}, counted from 0")
    inner, path = _put(place.child(at, data), data[at], rest, value)
    return (*data[:at], inner, *data[at + 1 :]), (at, *path)


def _opened(place: Place, data: Any) -> Any:
    """What stands here as a container: bare names become mappings, and what is not there an empty one."""
    opened = place.opened(data)
    if isinstance(opened, BaseModel):
        name = {place.named.key: opened.kind} if place.named is not None and isinstance(opened, Part) else {}
        given = opened.given if isinstance(opened, Part) else opened
        opened = plain({**name, **given.model_dump(mode="json", by_alias=True, exclude_unset=True)})
    return {} if opened is ABSENT or opened is None else opened


def _without_strangers(place: Place, data: dict[str, Any]) -> dict[str, Any]:
    """A part that got another name keeps only the keys that the new one knows."""
    known = place.keys(data) or {}
    assert place.named is not None
    name = data[place.named.key]
    if not isinstance(name, str) or name not in place.shelves[place.named.shelf]:
        return data  # told by the spec
    return {key: value for key, value in data.items() if key in known}


def _names(root: Place, data: Any, path: Path) -> bool:
    """Whether the last key of a path is the name of a part."""
    place = root
    for step in path[:-1]:
        if place.listed and not isinstance(data, tuple):
            place = place.child(0)
        place = place.child(step, data)
        data = data[step]
    if place.listed and not isinstance(data, tuple):
        place = place.child(0)
    return place.named is not None and path[-1] == place.named.key


def _existing(data: Any, path: Path) -> int:
    """How many steps of a path are there already."""
    for count, step in enumerate(path):
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            return count
    return len(path)
