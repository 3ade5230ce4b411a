"""How values, key paths and messages are told to people: on one line, and never longer than can be read."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from simsoc.core.errors import Problem, ScenarioError

Path = tuple[str | int, ...]
"""Keys and list indices that lead to a value of a scenario."""

MOST_TOLD = 100  # problems; a file with more was not meant as a scenario
LONGEST = 60  # characters of a value or a key that are worth showing
_PLAIN = re.compile(r"[\w/@+-]{1,60}")
_SEGMENT = re.compile(r"""(?:"([^"]+)"|'([^']+)'|([^."']+))(?:\.(?=.)|$)""", re.DOTALL)


def told(problems: list[Problem], more: int = 0) -> ScenarioError:
    """The error with these problems, each once; of a flood only the beginning. more: how many were not even made."""
    kept = list(dict.fromkeys(problems))
    more += max(0, len(kept) - MOST_TOLD)
    return ScenarioError([*kept[:MOST_TOLD], *([Problem("", "", f"and {more} more")] if more else [])])


def one_line(text: str) -> str:
    """Text without line breaks, other control characters or halves of characters."""
    kept = text.encode("utf-8", "backslashreplace").decode()
    return "".join(c if c.isprintable() else " " if c.isspace() else f"\\x{ord(c):02x}" for c in kept)


def cut(text: str) -> str:
    """The beginning of a text that is too long to show whole."""
    return text if len(text) <= LONGEST else text[: LONGEST - 3] + "..."


def shown(value: Any) -> str:
    """A value as a message shows it: in YAML's words, cut when long."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return cut(repr(value[: LONGEST + 1]))
    if isinstance(value, float) and not math.isfinite(value):
        return ".nan" if math.isnan(value) else ".inf" if value > 0 else "-.inf"
    if isinstance(value, int) and value.bit_length() > 128:
        return "a huge number"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, Mapping):
        return "a mapping" if value else "an empty mapping"
    if isinstance(value, list | tuple):
        return "a list" if value else "an empty list"
    return cut(one_line(repr(value)))


def dotted(path: Sequence[str | int]) -> str:
    """A key path as the user would write it: `world.rule.beta`."""
    return ".".join(_segment(str(s)) for s in path)


def _segment(text: str) -> str:
    if _PLAIN.fullmatch(text):
        return text
    kept = cut(one_line(text))
    return f"'{kept}'" if "'" not in kept else f'"{kept}"'


def index(text: str) -> int | None:
    """The number of a list item, if that is what a part of a dotted key is."""
    return int(text) if text.isdecimal() and len(text) < 10 else None


def path_of(key: str) -> Path:
    """The key path of a dotted key. Raises ValueError when it is no such key."""
    return tuple(s if (number := index(s)) is None else number for s in segments(key))


def segments(key: str) -> tuple[str, ...]:
    """The parts of a dotted key; a part with dots in it stands in quotes. Raises ValueError when it is no such key."""
    found: list[str] = []
    at = 0
    key = key.strip()
    while at < len(key) or not found:
        match = _SEGMENT.match(key, at)
        if match is None:
            raise ValueError("a key looks like world.rule.beta")
        found.append(match[1] or match[2] or match[3].strip())
        at = match.end()
    return tuple(found)
