"""Seven attributes of a text that bridging feeds rank by, told by counting words.

Named after the bridging attributes of the Perspective service, which Larooij and Törnberg 2025 (arXiv 2508.03385) rank
by; a remote service cannot be asked while a run goes on. These are stand-ins of simsoc from short lists of words, in
[0, 1]. They tell a text that takes no side and wants to know from one that shouts, and claim no more.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from .reading import leaning

_WORDS = {
    "affinity": "we us our together everybody agree agreed thank share same neighbours all",
    "compassion": "hope sorry care help good kind people hurt family friends neighbours",
    "curiosity": "why how what wonder know learn details question read thinking curious listen",
    "nuance": "but both sides more than however maybe sometimes every side though part",
    "personal_story": "i my me mine myself",
    "reasoning": "because since so therefore if reason evidence details thinking built",
    "respect": "please thank respect listen agree sit well fair",
}
_LISTS = {name: frozenset(words.split()) for name, words in _WORDS.items()}
_ENOUGH = 2
"""Different words of a list that make a text wholly so."""
_WORD = re.compile(r"[a-z]+")
Toxicity = Callable[[str], float | None]


@lru_cache(maxsize=100_000)
def _counted(text: str) -> dict[str, float]:
    words = set(_WORD.findall(text.lower()))
    mild = 1 - 0.5 * abs(leaning(text))
    return {name: mild * min(1.0, len(words & known) / _ENOUGH) for name, known in _LISTS.items()}


def attributes(text: str, toxicity: float) -> dict[str, float]:
    """The seven numbers. toxicity: of the text, in [0, 1]; it takes as much from each, and a side up to half."""
    return {name: round(value * (1 - toxicity), 9) for name, value in _counted(text).items()}
