"""Display names: short random strings, so that no name carries meaning or age.

Names, labels and list order are causal variables for language models (methods.md, section 9): they are drawn afresh for
each call by default and can be frozen for audits.
"""

from __future__ import annotations

from simsoc.core.errors import ScenarioError
from simsoc.core.stream import Stream

_SIGNS = "0123456789abcdefghijklmnopqrstuvwxyz"


def spell(number: int, length: int) -> str:
    """A number below 36**length as `length` letters and digits."""
    signs = []
    for _ in range(length):
        number, sign = divmod(number, 36)
        signs.append(_SIGNS[sign])
    return "".join(signs)


def room(n: int, length: int) -> None:
    """Raises ScenarioError when n different names of this length do not exist."""
    if n > 36**length:
        raise ScenarioError(f"{n} people cannot have different names of {length} letters; use a larger name_length")


def fresh(stream: Stream, n: int, length: int) -> list[str]:
    """n different random names."""
    return [spell(i, length) for i in stream.sample(36**length, n)]


class Fixed:
    """One name for each agent, drawn once. A newcomer's name changes nobody else's."""

    def __init__(self, seed: int, length: int) -> None:
        self._seed = seed
        self._length = length
        self._names: list[str] = []
        self._used: set[str] = set()

    def __getitem__(self, agent: int) -> str:
        while len(self._names) <= agent:
            room(len(self._names) + 1, self._length)
            stream = Stream(self._seed, "name", len(self._names))
            name = spell(stream.below(36**self._length), self._length)
            while name in self._used:
                name = spell(stream.below(36**self._length), self._length)
            self._used.add(name)
            self._names.append(name)
        return self._names[agent]
