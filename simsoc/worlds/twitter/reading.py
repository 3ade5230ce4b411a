"""How a rule reads a text: which side it takes, and which party it names. Counting words, and nothing else.

Rules read texts as these functions do, so that they know no more of an item than somebody who is shown it. The words
are those that the grammar of `writing` uses and their commonest relatives; what a model writes is often read as taking
no side. This is no measure of stance.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

LEFT = frozenset(
    [
        "workers",
        "unions",
        "union",
        "equality",
        "healthcare",
        "climate",
        "welfare",
        "diversity",
        "progressive",
        "progressives",
        "liberals",
        "refugees",
        "inclusion",
        "billionaires",
        "corporations",
        "choice",
        "emissions",
        "teachers",
        "solidarity",
        "fairness",
        "dreamers",
        "democrats",
    ]
)
"""Words that tell of the left."""
RIGHT = frozenset(
    [
        "taxpayers",
        "border",
        "liberty",
        "freedom",
        "troops",
        "patriots",
        "conservative",
        "conservatives",
        "bureaucrats",
        "faith",
        "tradition",
        "deregulation",
        "socialism",
        "gunowners",
        "veterans",
        "sheriffs",
        "heritage",
        "farmers",
        "homeowners",
        "illegals",
        "republicans",
    ]
)
"""Words that tell of the right."""
CUES = 3
"""So many words of one side are as far as a text can lean."""

_WORD = re.compile(r"[a-z]+")


@lru_cache(maxsize=100_000)
def leaning(text: str) -> float:
    """Which side a text takes, from -1 (left) to 1 (right); 0 where it takes none, or both alike."""
    words = _WORD.findall(text.lower())
    left = sum(word in LEFT for word in words)
    right = sum(word in RIGHT for word in words)
    return max(-1.0, min(1.0, (right - left) / CUES))


@lru_cache(maxsize=100_000)
def party_named(text: str, parties: Sequence[str]) -> str | None:
    """The one of these parties that a text names (`Democrat` also as `Democrats`); None where it names none or more."""
    words = set(_WORD.findall(text.lower()))
    named = [party for party in parties if party.lower() in words or f"{party.lower()}s" in words]
    return named[0] if len(named) == 1 else None
