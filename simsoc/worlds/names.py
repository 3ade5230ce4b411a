"""Display names: short random strings, so that no name carries meaning or age.

Names, labels and list order are causal variables for language models (methods.md, section 9): they are drawn afresh for
each call by default and can be frozen for audits.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from simsoc.core.stream import Stream

_SIGNS = "0123456789abcdefghijklmnopqrstuvwxyz"


def spell(number: int, length: int) -> str:
    """A number below 36**length as `length` letters and digits."""
    signs = []
    for _ in range(length):
        number, sign = divmod(number, 36)
        signs.append(_SIGNS[sign])
    return "".join(signs)


def long_enough(n: int, length: int) -> int:
    """The length at which n names can differ, and at least this one."""
    while 36**length < n:
        length += 1
    return length


@lru_cache(maxsize=4)
def _all(length: int) -> list[str]:
    return [spell(i, length) for i in range(36**length)]


def fresh(stream: Stream, n: int, length: int) -> list[str]:
    """N different random names; longer ones where there are not enough of this length."""
    length = long_enough(n, length)
    numbers = stream.sample(36**length, n)
    if length <= 3:
        known = _all(length)
        return [known[i] for i in numbers]
    return [spell(i, length) for i in numbers]


class Fixed:
    """One name for each agent, drawn once; longer where short ones run out. A newcomer's changes nobody else's."""

    def __init__(self, seed: int, length: int) -> None:
        self.seed = seed
        self._length = length
        self._names: list[str] = []
        self._used: set[str] = set()

    def of(self, agents: Sequence[int]) -> list[str]:
        """The names of some agents."""
        if agents:
            self[max(agents)]
        return [self._names[agent] for agent in agents]

    def __getitem__(self, agent: int) -> str:
        while len(self._names) <= agent:
            length = long_enough(2 * len(self._names), self._length)
            stream = Stream(self.seed, "name", len(self._names))
            name = spell(stream.below(36**length), length)
            while name in self._used:
                name = spell(stream.below(36**length), length)
            self._used.add(name)
            self._names.append(name)
        return self._names[agent]
