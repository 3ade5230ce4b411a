"""Reading what a model said, strictly: a reply is exactly what was asked for, or it is unreadable and says why.

Surrounding white space and one markdown fence are forgiven, because they carry no meaning. Prose around the answer, a
label in other letters, a doubled key, NaN: all are refused, and the repair ask tells the model so.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any, NoReturn

_FENCED = re.compile(r"```[a-zA-Z]*[ \t]*\n(.*?)\n?[ \t]*```", re.DOTALL)
_GROUP = re.compile(r"\[([^\[\]]*)\]")
_BETWEEN = re.compile(r"[\s,]*")
_END = re.compile(r"\s*\.?\s*")
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?")


class Unreadable(ValueError):
    """The reply is not what was asked for. The message is fit to be shown to the model."""


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise Unreadable("a key appears twice")
    return made


def _constant(name: str) -> NoReturn:
    raise Unreadable(f"{name} is not a number in JSON")


def _float(digits: str) -> float:
    value = float(digits)
    if math.isinf(value):
        raise Unreadable(f"{short(digits)} is too large a number")
    return value


_decode = json.JSONDecoder(object_pairs_hook=_pairs, parse_constant=_constant, parse_float=_float).decode


def json_object(text: str) -> dict[str, Any]:
    """The one JSON object the text consists of. Raises Unreadable."""
    text = text.strip()
    if text.startswith("```") and (fenced := _FENCED.fullmatch(text)):
        text = fenced[1].strip()
    if not text:
        raise Unreadable("the reply is empty")
    try:
        found = _decode(text)
    except Unreadable:
        raise
    except RecursionError:
        raise Unreadable("the JSON is nested too deeply") from None
    except ValueError as error:
        raise Unreadable(_why(text, error)) from None
    if not isinstance(found, dict):
        raise Unreadable("the reply is not a JSON object")
    if "\\u" in text:
        _refuse_halves(found)
    return found


def _why(text: str, error: ValueError) -> str:
    if "{" not in text:
        return "the reply is not a JSON object"
    if text[0] != "{" or "Extra data" in str(error):
        return "there is text around the JSON object"
    return f"the JSON cannot be read ({error})"


def _refuse_halves(value: Any) -> None:
    """Half a surrogate pair cannot be written down again."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise Unreadable("a \\u escape is half of a surrogate pair") from None


def only_key(text: str, name: str) -> Any:
    """The value in ``{"<name>": value}``. Raises Unreadable."""
    found = json_object(text)
    if len(found) != 1 or name not in found:
        raise Unreadable(f'the JSON object must have exactly one key, "{name}"')
    return found[name]


def index_of(label: Any, labels: tuple[str, ...]) -> int:
    """Which label this is, letter by letter. Raises Unreadable."""
    if not isinstance(label, str):
        raise Unreadable(f"{short(label)} is not a string")
    try:
        return labels.index(label)
    except ValueError:
        raise Unreadable(f"{short(label)} is not one of the allowed answers") from None


def indices_of(found: Any, labels: tuple[str, ...]) -> list[int]:
    """Which labels these are, all different. Raises Unreadable."""
    if not isinstance(found, list):
        raise Unreadable("the answer must be a list")
    where = {label: i for i, label in enumerate(labels)}
    indices = []
    for label in found:
        at = where.get(label) if isinstance(label, str) else None
        if at is None:
            raise Unreadable(f"{short(label)} is not one of the allowed answers")
        indices.append(at)
    if len(set(indices)) != len(indices):
        raise Unreadable("an answer is named twice")
    return indices


def in_brackets(text: str, count: int) -> list[str]:
    """The contents of exactly `count` square brackets, with nothing but commas and a final dot around them.

    Raises Unreadable.
    """
    text = text.strip()
    found: list[str] = []
    at = 0
    while group := _GROUP.match(text, at):
        found.append(group[1].strip())
        at = group.end()
        between = _BETWEEN.match(text, at)
        if between is not None and text.startswith("[", between.end()):
            at = between.end()
    if not found or not _END.fullmatch(text, at):
        raise Unreadable("the answer must stand in square brackets with nothing else around it")
    if len(found) != count:
        raise Unreadable(f"{len(found)} answers in square brackets where {count} are asked for")
    return found


def number_in_brackets(text: str) -> float | int:
    """A plain decimal number in square brackets. Raises Unreadable."""
    (inside,) = in_brackets(text, 1)
    if not _NUMBER.fullmatch(inside):
        raise Unreadable(f"{short(inside)} is not a number")
    return int(inside) if re.fullmatch(r"[+-]?\d{1,300}", inside) else float(inside)


def words_in_brackets(text: str) -> str:
    """The text between the first and the last square bracket, which must be the ends. Raises Unreadable."""
    text = text.strip()
    if len(text) < 2 or text[0] != "[" or text[-1] != "]":
        raise Unreadable("the answer must stand in square brackets with nothing else around it")
    return text[1:-1].strip()


def short(value: Any) -> str:
    """A value as JSON, cut to a length fit for a message."""
    text = json.dumps(value, ensure_ascii=True, default=str)
    return text if len(text) <= 80 else text[:77] + "..."
