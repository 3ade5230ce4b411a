"""Texts from logs made safe to show: characters that would reorder or hide other text are written out."""

from __future__ import annotations

import re
from typing import Any

_HIDDEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]"
)


def shown(text: str) -> str:
    """The text with control and direction characters written as their numbers; tabs and line ends stay."""
    return _HIDDEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text.replace("\r\n", "\n"))


def all_shown(value: Any) -> Any:
    """The same for every text in JSON-able data."""
    if isinstance(value, str):
        return shown(value)
    if isinstance(value, dict):
        return {shown(str(key)): all_shown(own) for key, own in value.items()}
    return [all_shown(own) for own in value] if isinstance(value, list | tuple) else value


def number(value: Any) -> str:
    """A number or word as a cell: four significant digits, a dash where there is nothing."""
    if value is None or value != value:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4g}"
    return str(value)
