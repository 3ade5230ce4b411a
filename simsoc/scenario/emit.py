"""Writes values as YAML 1.2 that reads back as the same values.

Text that other readers would take for something else, such as `yes`, stands in quotes.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any

_WORD = re.compile(r"[^\W\d_][\w./+-]*(?: [\w/+(][\w./+()-]*)*")
_OTHER = {"null", "true", "false", "yes", "no", "on", "off", "nan", "inf"}
_ODD = re.compile(r"[^\t\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_WIDEST = 100  # characters of a list on one line


def scalar(value: Any) -> str:
    """A text, number, truth value or null. Raises TypeError for anything else."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return repr(value)
    if isinstance(value, float):
        if math.isfinite(value):
            return repr(value)
        return ".nan" if math.isnan(value) else ".inf" if value > 0 else "-.inf"
    if isinstance(value, str):
        return value if _is_plain(value) else _quoted(value)
    raise TypeError(f"{type(value).__name__} is no YAML scalar")


def _is_plain(text: str) -> bool:
    return _WORD.fullmatch(text) is not None and text.lower() not in _OTHER and text.isprintable()


def _quoted(text: str) -> str:
    # Not json's own escapes for everything beyond ASCII: those are pairs of halves, which YAML has not.
    return _ODD.sub(lambda m: f"\\u{ord(m[0]):04x}", json.dumps(text, ensure_ascii=False))


def inline(value: Any) -> str | None:
    """A value that fits on the line of its key, or None."""
    if isinstance(value, Mapping):
        return None if value else "{}"
    if isinstance(value, list | tuple):
        if any(isinstance(item, Mapping | list | tuple) for item in value):
            return None
        line = f"[{', '.join(map(scalar, value))}]"
        return line if len(line) <= _WIDEST else None
    return scalar(value)
