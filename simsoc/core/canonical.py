"""Canonical JSON and the event digest.

Canonical JSON: UTF-8, keys sorted, no spaces, floats with 9 significant digits (so a last-bit difference
between two machines' libraries does not break a digest; decisions round before thresholds for the same reason).
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

import msgspec

from .words import Event

_encode = msgspec.json.Encoder(order="sorted").encode
_LONG = 200  # characters; longer texts enter the digest by hash


def dumps(value: Any) -> str:
    """Compact JSON with sorted keys and full float precision: what the log stores."""
    return _encode(value).decode()


def text_hash(text: str) -> str:
    """The name of a text in log and digest: BLAKE2b-128, hex."""
    return blake2b(text.encode(), digest_size=16).hexdigest()


def _plain(value: Any) -> bool:
    """Whether the value is already canonical: no float and no long text in it."""
    kind = type(value)
    if kind is int or kind is bool or value is None:
        return True
    if kind is str:
        return len(value) <= _LONG
    if kind is dict:
        return all(map(_plain, value.values()))
    if kind is list or kind is tuple:
        return all(map(_plain, value))
    return False


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return msgspec.Raw(f"{value:.9g}".encode() if value == value and abs(value) != float("inf") else b"null")
    if isinstance(value, str):
        return value if len(value) <= _LONG else {"text": text_hash(value)}
    if isinstance(value, dict):
        return {k: _rounded(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(v) for v in value]
    return value


def canonical(value: Any) -> str:
    """Canonical JSON of a JSON-able value."""
    return _encode(value if _plain(value) else _rounded(value)).decode()


COMPOSED = "synthetic"
"""Key of an event's content that says a rule composed its text: who answered is outside of the digest."""


class Digest:
    """BLAKE2b over the events of a run, in applied order. Who composed a text does not count, what it says does."""

    def __init__(self) -> None:
        self._hash = blake2b(digest_size=16)
        self._lines: list[str] = []

    def add(self, event: Event) -> str:
        """Take one event in; returns its content as JSON for the log (full float precision)."""
        content = event.content
        stored = line = _encode(content).decode()
        if COMPOSED in content:
            content = {key: value for key, value in content.items() if key != COMPOSED}
            line = _encode(content).decode()
        for value in content.values():
            kind = type(value)
            if not (kind is int or (kind is str and len(value) <= _LONG) or _plain(value)):
                line = _encode(_rounded(content)).decode()
                break
        self._lines.append(
            f'{{"agent":{event.agent},"content":{line},"kind":"{event.kind}","step":{event.step},"turn":{event.turn}}}\n'
        )
        if len(self._lines) >= 512:
            self._fold()
        return stored

    def _fold(self) -> None:
        self._hash.update("".join(self._lines).encode())
        self._lines.clear()

    def hex(self) -> str:
        """The digest so far, 32 hex characters."""
        self._fold()
        return self._hash.hexdigest()
