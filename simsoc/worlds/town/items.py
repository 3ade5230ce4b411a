"""News: who knows what, since when and from whom."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from .spec import News, Occasion


class Source(Struct, frozen=True):
    """Where somebody has an item from."""

    step: int
    turn: int
    agent: int | None
    """Who told it; None for who knew it at the start, or was told from outside."""


def tells(item: News, words: str) -> bool:
    """Whether an utterance tells an item: its text word by word, or all of its marks."""
    said = " ".join(words.lower().split())
    if " ".join(item.text.lower().split()) in said:
        return True
    return bool(item.marks) and all(mark.lower() in said for mark in item.marks)


def told(items: Sequence[News], said: Sequence[tuple[int, str]]) -> list[tuple[str, int]]:
    """Which items were told by whom in a conversation, each by each once, in order."""
    found: dict[tuple[str, int], None] = {}
    for agent, words in said:
        for item in items:
            if tells(item, words):
                found[item.name, agent] = None
    return list(found)


class Held(Struct):
    """An occasion as it goes."""

    spec: Occasion
    host: int
    spot: str
    begins: float
    """Game minutes."""
    ends: float
    came: dict[int, None] = {}
    """Those who were told of it and were there, in the order of coming; the host is not counted."""

    def on(self, now: float) -> bool:
        """Whether it goes on now."""
        return self.begins <= now < self.ends

    def plain(self) -> dict[str, Any]:
        """What an event says of it."""
        return {"news": self.spec.news, "at": self.spot, "from": self.begins, "to": self.ends}
