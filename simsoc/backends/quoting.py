"""Data in prompts: texts of personas, posts and names are quoted so that they cannot be taken for anything else."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

# Angle brackets (our delimiters), all control characters, line and paragraph separators, marks that reorder text or
# are not seen (direction, zero width, byte order, tags), and halves of surrogate pairs.
_UNSAFE = re.compile(
    "[<>\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)


def _escaped(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code > 0xFFFF:
        code -= 0x10000
        return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"
    return f"\\u{code:04x}"


def data(value: Any) -> str:
    """A value as JSON on one line, in which no delimiter and no invisible character stands for itself.

    Whatever a text holds, it stays between its own quotation marks: it can neither close ``</posts>`` nor begin a line.
    """
    if type(value) is str and value.isalnum():
        return f'"{value}"'
    text = json.dumps(value, ensure_ascii=False, default=_refused)
    return _UNSAFE.sub(_escaped, text)


def lines(values: Iterable[Any], mark: str = "- ") -> str:
    """Each value as data on a line of its own."""
    return "\n".join(mark + data(value) for value in values)


def pairs(values: Iterable[Mapping[str, Any]], first: str, second: str) -> str:
    """Two keys of each value as data, `"a": "b"`, on a line of its own."""
    return "\n".join([f"{data(value[first])}: {data(value[second])}" for value in values])


def _refused(value: Any) -> Any:
    str(value)  # an undefined fact says by itself that it is undefined
    raise TypeError(f"{type(value).__name__} is no data")
