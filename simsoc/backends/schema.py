"""JSON schemas of answers, as strict structured output takes them.

Strict means: every object lists all its properties as required and allows no others, and only keywords that servers are
known to accept are used. Schemas that do not vary with the call are made once and shared; never change one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from pydantic import BaseModel

from simsoc.core.answers import Number

Schema = dict[str, Any]

_DROPPED = {"title", "default", "examples", "discriminator", "format", "uniqueItems", "minLength", "maxLength"}


def one_key(name: str, value: Schema) -> Schema:
    """An object with this one property."""
    return {"type": "object", "properties": {name: value}, "required": [name], "additionalProperties": False}


def answer_of(value: Schema) -> Schema:
    """``{"answer": ...}``."""
    return one_key("answer", value)


def choice(labels: Sequence[str]) -> Schema:
    """One of these labels."""
    return answer_of({"type": "string", "enum": list(labels)})


def pick(labels: Sequence[str], count: int) -> Schema:
    """`count` of these labels. That they differ is checked by the parser: servers do not take uniqueItems."""
    items = {"type": "string", "enum": list(labels)}
    return answer_of({"type": "array", "items": items, "minItems": count, "maxItems": count})


def probabilities(labels: Iterable[str]) -> Schema:
    """A probability for each label."""
    each = {label: {"type": "number"} for label in labels}
    odds = {"type": "object", "properties": each, "required": list(each), "additionalProperties": False}
    return one_key("probabilities", odds)


@lru_cache(maxsize=256)
def number(form: Number) -> Schema:
    """A number in its range."""
    if form.integer:
        return answer_of({"type": "integer", "minimum": int(form.low), "maximum": int(form.high)})
    return answer_of({"type": "number", "minimum": form.low, "maximum": form.high})


@lru_cache(maxsize=1)
def words() -> Schema:
    """A text."""
    return answer_of({"type": "string"})


@lru_cache(maxsize=256)
def record(model: type[BaseModel]) -> Schema:
    """A pydantic model's own schema, made strict."""
    made: Schema = _strict(model.model_json_schema(by_alias=True, mode="validation"))
    return made


def _strict(node: Any) -> Any:
    if isinstance(node, list):
        return [_strict(item) for item in node]
    if not isinstance(node, dict):
        return node
    strict: Schema = {}
    for key, value in node.items():
        if key in ("properties", "$defs"):
            strict[key] = {name: _strict(item) for name, item in value.items()}
        elif key == "const":
            strict["enum"] = [value]
        elif key == "oneOf":
            strict["anyOf"] = _strict(value)
        elif key not in _DROPPED:
            strict[key] = _strict(value)
    if "properties" in strict:
        strict["required"] = list(strict["properties"])
        strict["additionalProperties"] = False
    return strict
