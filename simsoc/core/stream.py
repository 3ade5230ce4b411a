"""Addressed randomness: same seed and address, same numbers, whatever else was drawn.

A number is a function of *where it is needed* (seed, purpose, agent, step, ...), not of how many were
drawn before. So one more agent, or an intervention that does nothing, moves nobody else, and turns may
be computed in any order. Method: Klein et al. 2024, arXiv 2409.02086, with a keyed hash (BLAKE2b in
counter mode) instead of one generator per decision.
"""

from __future__ import annotations

import math
from collections.abc import MutableSequence, Sequence
from hashlib import blake2b
from struct import Struct
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

T = TypeVar("T")
_WORDS = Struct("<8Q").unpack
_UNIT = 2.0**-53
_BULK = 48  # from this length on, a NumPy generator is cheaper than hashing word by word


def draw(seed: int, *path: str | int) -> float:
    """One number in [0, 1) at an address, e.g. ``draw(seed, "feed", agent, step)``."""
    digest = blake2b("\x1f".join(map(str, (seed, *path))).encode(), digest_size=8).digest()
    return (int.from_bytes(digest, "little") >> 11) * _UNIT


def uniforms(addresses: Sequence[str], n: int) -> NDArray[Any]:
    """The first n numbers in [0, 1) of several streams, a row each: those of `Stream.random` at each address."""
    import numpy as np

    blocks = range(-(-n // 8))
    digests = [blake2b(f"{address}\x1f{block}".encode()).digest() for address in addresses for block in blocks]
    words = np.frombuffer(b"".join(digests), "<u8").reshape(len(addresses), len(blocks), 8)
    inwards = words[:, :, ::-1].reshape(len(addresses), 8 * len(blocks))[:, :n]  # a block is used up from its end
    return (inwards >> np.uint64(11)) * _UNIT


class Stream:
    """Numbers at one address, drawn as needed. Cheap to make; nothing is hashed before the first draw."""

    __slots__ = ("_address", "_block", "_left")

    def __init__(self, seed: int, *path: str | int, address: str | None = None) -> None:
        """`address` is the whole path joined already, for callers in a hurry."""
        self._address = address or "\x1f".join(map(str, (seed, *path)))
        self._left: list[int] = []
        self._block = 0

    def word(self) -> int:
        """An integer in [0, 2**64)."""
        if not self._left:
            self._fill()
        return self._left.pop()

    def _fill(self) -> None:
        """The next eight words."""
        self._left.extend(_WORDS(blake2b(f"{self._address}\x1f{self._block}".encode()).digest()))
        self._block += 1

    def random(self) -> float:
        """A number in [0, 1)."""
        return (self.word() >> 11) * _UNIT

    def below(self, n: int) -> int:
        """An integer in [0, n); the bias is below n / 2**64."""
        return (self.word() * n) >> 64

    def uniform(self, low: float, high: float) -> float:
        """A number in [low, high)."""
        return low + (high - low) * self.random()

    def exponential(self) -> float:
        """A waiting time of mean 1."""
        return -math.log1p(-self.random())

    def normal(self) -> float:
        """A standard normal number (Box-Muller)."""
        return math.sqrt(2.0 * self.exponential()) * math.cos(2.0 * math.pi * self.random())

    def choose(self, items: Sequence[T]) -> T:
        """One item, each equally likely. Raises IndexError when there is none."""
        if not items:
            raise IndexError("nothing to choose from")
        return items[self.below(len(items))]

    def shuffle(self, items: MutableSequence[Any]) -> None:
        """Put items in random order, in place."""
        n = len(items)
        if n >= _BULK:
            before = list(items)
            items[:] = [before[i] for i in self.generator().permutation(n).tolist()]
            return
        left = self._left  # `below`, without its calls: names and lists of every prompt are drawn here
        for i in range(n - 1, 0, -1):
            if not left:
                self._fill()
            j = (left.pop() * (i + 1)) >> 64
            items[i], items[j] = items[j], items[i]

    def sample(self, n: int, k: int) -> list[int]:
        """Takes k different integers of range(n), in random order. Raises ValueError when k > n."""
        if k > n:
            raise ValueError(f"cannot take {k} of {n}")
        if k >= _BULK or (k > 4 and 2 * k > n and n >= _BULK):
            chosen = self.generator().choice(n, size=k, replace=False)
            return [int(i) for i in chosen]
        swapped: dict[int, int] = {}
        picked = []
        left = self._left
        for i in range(k):
            if not left:
                self._fill()
            j = i + ((left.pop() * (n - i)) >> 64)
            picked.append(swapped.get(j, j))
            swapped[j] = swapped.get(i, i)
        return picked

    def pick(self, weights: Sequence[float]) -> int:
        """An index drawn by inverse CDF in the given order; weights need not sum to one.

        Raises ValueError when no weight is positive.
        """
        total = math.fsum(weights)
        if not total > 0:
            raise ValueError("no positive weight to pick by")
        target = self.random() * total
        reached = 0.0
        last = 0
        for i, weight in enumerate(weights):
            if weight > 0:
                reached += weight
                last = i
                if target < reached:
                    return i
        return last

    def generator(self) -> np.random.Generator:
        """A NumPy generator at this address, for libraries that need one (some 10 microseconds)."""
        import numpy as np

        digest = blake2b(f"{self._address}\x1fnumpy\x1f{self._block}".encode(), digest_size=16).digest()
        self._block += 1
        self._left.clear()
        return np.random.Generator(np.random.Philox(key=int.from_bytes(digest, "little")))
