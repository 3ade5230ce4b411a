"""Pydantic's findings in a good colleague's words: where, what was met, what is known, and the nearest guess."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from simsoc.core.errors import Problem
from simsoc.core.shelf import nearest

from .origin import Origin
from .places import ABSENT, Place
from .short import Short
from .telling import Path, dotted, one_line, shown

_WANTED: dict[str, str] = {
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "int_parsing_size": "a smaller whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a finite number",
    "decimal_type": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "string_type": "text",
    "string_sub_type": "text",
    "none_required": "null",
    "tuple_type": "a list",
    "list_type": "a list",
    "set_type": "a list",
    "frozen_set_type": "a list",
    "iterable_type": "a list",
    "dict_type": "a mapping",
    "mapping_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "dataclass_type": "a mapping",
    "greater_than_equal": "at least {ge}",
    "greater_than": "more than {gt}",
    "less_than_equal": "at most {le}",
    "less_than": "less than {lt}",
    "multiple_of": "a multiple of {multiple_of}",
    "string_too_short": "text of at least {min_length} characters",
    "string_too_long": "text of at most {max_length} characters",
    "string_pattern_mismatch": "text that fits the pattern {pattern}",
    "too_short": "a list of {min_length} or more",
    "too_long": "a list of {max_length} or fewer",
    "enum": "one of {expected}",
    "is_instance_of": "a {class}",
}
"""What should stand there, by pydantic's error type; its context fills in the gaps."""


LOOKED_AT = 1000  # errors of pydantic that are looked at; finding their places takes time


class Said(NamedTuple):
    """Something wrong, by the path that the user wrote."""

    path: Path
    message: str


class _Finding(NamedTuple):
    """One error, and where in the user's scenario it sits."""

    error: ErrorDetails
    path: Path
    place: Place
    """Where the error is; for a key that is missing or too much, the mapping it is about."""
    union: Path | None
    """Path of the first place on the way where one of several types may stand."""
    tag: str | int
    """Which of those types the error is about."""
    data: Any
    """What the user wrote there."""


def found(error: ValidationError, root: Place, data: Any) -> list[Said]:
    """What pydantic found wrong in `data`, by the path that the user wrote; of a flood only a part."""
    groups: dict[object, list[_Finding]] = {}
    errors = error.errors(include_url=False)[:LOOKED_AT]
    for number, details in enumerate(e for e in errors if not _is_echo(e, errors)):
        finding = _found(details, root, data)
        groups.setdefault(number if finding.union is None else finding.union, []).append(finding)
    return [said for group in groups.values() for said in _told(group)]


def endless(data: Any, path: Path = ()) -> Iterator[Said]:
    """Numbers that are not finite, wherever they stand: JSON, and so the run log, cannot say them."""
    if isinstance(data, float) and not math.isfinite(data):
        yield Said(path, f"should be a finite number (got {shown(data)})")
    elif isinstance(data, Mapping):
        for key, value in data.items():
            yield from endless(value, (*path, key))
    elif isinstance(data, tuple):
        for i, value in enumerate(data):
            yield from endless(value, (*path, i))


def in_order(said: Iterable[Said], origin: Origin) -> list[Problem]:
    """The problems, each with its place, in the order of the file, then of the overrides."""
    ordered = sorted(said, key=lambda s: origin.rank(s.path))
    return [Problem(origin.where(s.path), dotted(s.path), one_line(s.message)) for s in ordered]


def _is_echo(error: ErrorDetails, errors: list[ErrorDetails]) -> bool:
    """Whether a list is only called too short because its items are wrong and do not count."""
    if error["type"] != "too_short" or len(error["input"]) < error["ctx"]["min_length"]:
        return False
    loc = error["loc"]
    return any(len(e["loc"]) > len(loc) and e["loc"][: len(loc)] == loc for e in errors)


def written(loc: Path, root: Place, data: Any) -> Path:
    """A path as the user wrote it: without the index of a list that is not there, or the key of a bare name."""
    return _walk({}, loc, root, data, grow=True).path


def _found(error: ErrorDetails, root: Place, data: Any) -> _Finding:
    loc = tuple(step for step in error["loc"] if step != "[key]")
    if error["type"] in ("missing", "extra_forbidden"):
        above = _walk(error, loc[:-1], root, data, grow=False)
        return above._replace(path=(*above.path, loc[-1]))
    return _walk(error, loc, root, data, grow=True)


def _walk(error: Any, loc: Path, place: Place, data: Any, *, grow: bool) -> _Finding:
    """Follow pydantic's location through what the user wrote. `grow`: name a key that is not written, too."""
    path: Path = ()
    union: Path | None = None
    tag: str | int = ""
    for step in loc:
        if place.branches:
            if union is None:
                union, tag = path, step
            place = place.branch(step)
        elif place.listed and step == 0 and not isinstance(data, list | tuple):
            place = place.child(0)
        else:
            if place.listed and isinstance(step, str) and isinstance(data, list | tuple) and len(data) == 1:
                place, data, path = place.child(0), data[0], (*path, 0)
            place, holder, data = place.child(step, data), data, _below(data, step)
            if data is not ABSENT or (grow and isinstance(holder, Mapping)):
                path = (*path, step)
    return _Finding(error, path, place, union, tag, data)


def _below(data: Any, step: str | int) -> Any:
    if isinstance(data, Mapping):
        return data.get(step, ABSENT)
    if isinstance(data, list | tuple) and isinstance(step, int) and step < len(data):
        return data[step]
    return ABSENT


def _told(group: list[_Finding]) -> list[Said]:
    """What is wrong, by path. Where one of several types may stand, only what concerns the one that was meant."""
    if group[0].union is None:
        return [Said(f.path, _message(f)) for f in group]
    branches: dict[str | int, list[_Finding]] = {}
    for finding in group:
        if finding.union is not None and len(finding.path) > len(finding.union):
            branches.setdefault(finding.tag, []).append(finding)
    meant = min(branches.values(), key=len) if branches else group
    by_path: dict[Path, list[_Finding]] = {}
    for finding in meant:
        by_path.setdefault(finding.path, []).append(finding)
    return [Said(path, message) for path, findings in by_path.items() for message in _merged(findings)]


def _merged(findings: list[_Finding]) -> list[str]:
    """Messages about one value: what would do is said in one sentence."""
    wanted = dict.fromkeys(phrase for f in findings if (phrase := _wanted(f)))
    if len(wanted) < 2:
        return [_message(f) for f in findings]
    return [f"should be {' or '.join(wanted)} (got {shown(findings[0].error['input'])})"]


def _wanted(finding: _Finding) -> str | None:
    """What should stand there, as a phrase; None where the message is of another form."""
    error = finding.error
    if error["type"] == "literal_error":
        choices = finding.place.choices
        return f"{'one of ' if len(choices) > 1 else ''}{', '.join(map(shown, choices))}"
    if error["type"] == "model_type" and finding.place.model is not None and issubclass(finding.place.model, Short):
        return "a name or a mapping"
    phrase = _WANTED.get(error["type"])
    return phrase.format_map({k: _number(v) for k, v in error.get("ctx", {}).items()}) if phrase else None


def _number(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _message(finding: _Finding) -> str:
    error = finding.error
    kind, got, context = error["type"], error["input"], error.get("ctx", {})
    if kind == "part":
        return error["msg"]
    if kind in ("value_error", "assertion_error"):
        return str(context.get("error", "")).strip() or "is not allowed here"
    known = finding.place.keys(finding.data) or {}
    if kind == "missing":
        place = known.get(str(finding.path[-1]), finding.place)
        return "required, but missing" + (f" ({_meaning(place)})" if place.meaning else "")
    if kind == "extra_forbidden":
        return f"unknown key.{_guess(str(finding.path[-1]), list(known))}"
    if kind == "literal_error" and isinstance(got, str):
        return f"no {shown(got)}.{_guess(got, finding.place.choices)}"
    phrase = _wanted(finding)
    if phrase is None:
        said = error["msg"].removeprefix("Input ").rstrip(".")
        return f"{said[:1].lower()}{said[1:]} (got {shown(got)})"
    size = f" (got {context['actual_length']})" if kind in ("too_short", "too_long") else f" (got {shown(got)})"
    return f"should be {phrase}{size}{_hint(finding)}"


def _guess(word: str, known: list[Any]) -> str:
    if not known:
        return " No keys are known here."
    texts = [k if isinstance(k, str) else shown(k) for k in known]
    return f"{nearest(word, texts)} Known: {', '.join(texts)}."


def _meaning(place: Place) -> str:
    """The first sentence of a key's docstring, in brackets after a message."""
    return place.meaning.split(". ")[0].rstrip(".")


def _hint(finding: _Finding) -> str:
    """What to write instead, where that can be told."""
    kind, got = finding.error["type"], finding.error["input"]
    if kind == "string_type" and isinstance(got, int | float | None):
        return "; put it in quotes"
    if kind == "bool_type" and isinstance(got, str) and got.lower() in ("yes", "no", "on", "off", "y", "n"):
        return "; YAML 1.2 knows only true and false"
    if kind == "string_pattern_mismatch" and finding.place.meaning:
        return f": {_meaning(finding.place)}"
    return ""
