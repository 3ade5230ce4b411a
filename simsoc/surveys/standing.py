"""Where somebody stands, as worlds tell it: JSON-able values by name.

A text is an opinion or the like, a list several of them, and a mapping ``{value, from, to}`` a place on a scale.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_PLACE = frozenset(("value", "from", "to"))
_LEFT_OUT = "_left_out"
_FEW = 5  # of a list of texts that a rule repeats


def share(held: Mapping[str, Any]) -> float | None:
    """How far up its scale the first place on a scale lies, from 0 to 1; None where there is none."""
    for value in held.values():
        if _is_place(value):
            low, high = value["from"], value["to"]
            return float(min(max((value["value"] - low) / (high - low), 0.0), 1.0))
    return None


def lines(held: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What a prompt shows: each name in words with its value; places on a scale are told in words."""
    return [
        {"name": _words(name), "value": _told(value) if _is_place(value) else value} for name, value in held.items()
    ]


def in_words(held: Mapping[str, Any]) -> str:
    """What somebody holds as sentences, such as ``My opinion is A.``; of a long list the last few.

    How much was left out is not told.
    """
    told = []
    for name, value in held.items():
        if isinstance(value, list | tuple):
            if value:
                listed = ", ".join(map(_told, value[-_FEW:]))
                told.append(f"My {_words(name)} are {f'{listed}, and others' if len(value) > _FEW else listed}.")
        elif not name.endswith(_LEFT_OUT):
            told.append(f"My {_words(name)} is {_told(value)}.")
    return " ".join(told)


def cut(text: str, longest: int) -> str:
    """A text of at most so many characters."""
    text = text.strip()
    return text if len(text) <= longest else text[: max(longest - 3, 0)].rstrip() + "..."[:longest]


def _is_place(value: Any) -> bool:
    return isinstance(value, Mapping) and value.keys() == _PLACE and value["from"] < value["to"]


def _words(name: str) -> str:
    """A name as it is spoken; underscores are read as spaces."""
    return name.replace("_", " ")


def _told(value: Any) -> str:
    if _is_place(value):
        return f"{value['value']:.6g} on a scale from {value['from']:g} to {value['to']:g}"
    return f"{value:.6g}" if isinstance(value, float) else str(value).strip().rstrip(".")
