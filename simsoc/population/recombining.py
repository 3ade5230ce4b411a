"""The mechanistic rule beside the prompt for new people: each trait and each part of the text is somebody else's."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from simsoc.core.stream import Stream

from .persona import COMPOSED

LONGEST_NAME = 100
"""Characters of a name."""
LONGEST_TEXT = 2000
"""Characters of a text about somebody."""
_PARTS = re.compile(r"(?<=[.!?;,])\s+")


def recombined(facts: Mapping[str, Any], stream: Stream) -> dict[str, Any]:
    """A person put together from those shown: `facts["people"]` (name, text, traits), `facts["traits"]` (legal values).

    Each trait is that of one of them who has a legal one, else uniform over its legal values. The text begins with a
    mark; its parts (sentences, or what stands between commas) are each the part of somebody at the same place.
    """
    people: Sequence[Mapping[str, Any]] = facts["people"]
    made = {trait: _trait(people, trait, legal, stream) for trait, legal in facts["traits"].items()}
    text = f"{COMPOSED} {_text(people, made, stream)}".strip()
    return {"name": _name(people, stream)[:LONGEST_NAME], "text": text[:LONGEST_TEXT], **made}


def _name(people: Sequence[Mapping[str, Any]], stream: Stream) -> str:
    """Somebody's first name, and somebody's other names."""
    names = [str(person["name"]).split() for person in people if str(person.get("name", "")).split()]
    if not names:
        return "Somebody"
    first, others = stream.choose(names), stream.choose(names)
    return " ".join([first[0], *others[1:]])


def _text(people: Sequence[Mapping[str, Any]], traits: Mapping[str, Any], stream: Stream) -> str:
    texts = [_PARTS.split(text) for person in people if (text := str(person.get("text", "")).strip())]
    if not texts:
        return "; ".join(f"{trait.replace('_', ' ')}: {value}" for trait, value in traits.items())
    parts = []
    for place in range(len(stream.choose(texts))):
        there = [text[place] for text in texts if place < len(text)]
        parts.append(stream.choose(there))
    told = " ".join(parts)
    return told if told.endswith((".", "!", "?")) else f"{told.rstrip(',;')}."


def _trait(people: Sequence[Mapping[str, Any]], trait: str, legal: Any, stream: Stream) -> Any:
    there = [person[trait] for person in people if trait in person and _is_legal(person[trait], legal)]
    if there:
        return stream.choose(there)
    if isinstance(legal, Mapping):
        low, high = legal["min"], legal["max"]
        whole = isinstance(low, int) and isinstance(high, int)
        return low + stream.below(high - low + 1) if whole else stream.uniform(low, high)
    return "unknown" if legal == "words" else stream.choose(legal)


def _is_legal(value: Any, legal: Any) -> bool:
    """Whether a trait may have this value: one of a list, within a range, or any words."""
    if isinstance(legal, Mapping):
        low, high = legal["min"], legal["max"]
        kinds = int if isinstance(low, int) and isinstance(high, int) else int | float
        return isinstance(value, kinds) and not isinstance(value, bool) and bool(low <= value <= high)
    if legal == "words":
        return isinstance(value, str) and bool(value.strip())
    return any(value == one and type(value) is type(one) for one in legal)
