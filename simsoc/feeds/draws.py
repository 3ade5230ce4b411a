"""Weighted draws in which every (viewer, step, item) has a number of its own.

Efraimidis and Spirakis 2006 ("Weighted random sampling with a reservoir", Information Processing Letters 97): give item
i the waiting time -ln(u_i) / w_i and take the k shortest. That is a draw of k without replacement, each pick with a
chance in proportion to weight among what is left. As u_i depends on the item's id and the viewer's address alone, one
more item moves no other item's number.
"""

from __future__ import annotations

from hashlib import blake2b

import numpy as np

from .items import Items
from .viewer import Array, Viewer

_A, _B, _C = (np.uint64(k) for k in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9))
_M1, _M2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_S30, _S27, _S31, _S11 = (np.uint64(k) for k in (30, 27, 31, 11))


def mixed(x: Array) -> Array:
    """64-bit words scrambled (the finaliser of SplitMix64: Steele, Lea, Flood 2014, OOPSLA)."""
    x = x ^ (x >> _S30)
    x *= _M1
    x ^= x >> _S27
    x *= _M2
    x ^= x >> _S31
    return x


def lots(items: Items, rows: Array) -> Array:
    """A word for each of some items by its id. Each is worked out once and kept with the items."""
    kept = items.lots
    if len(kept) < len(items):
        new = (items.column(name)[len(kept) :].astype(np.int64).view(np.uint64) for name in ("author", "step", "n"))
        author, step, n = new
        kept = items.lots = np.concatenate((kept, mixed(mixed(author * _A + step * _B) + n * _C)))
    found: Array = kept[rows]
    return found


def by_agent(agents: Array) -> Array:
    """A word for each agent."""
    return mixed(agents.astype(np.int64).view(np.uint64) * _A)


def uniforms(words: Array, seed: int, viewer: Viewer, purpose: str = "feed") -> Array:
    """A number in (0, 1) for the lot of each item, at the address (seed, purpose, viewer, step, turn, item)."""
    address = f"{seed}\x1f{purpose}\x1f{viewer.id}\x1f{viewer.step}\x1f{viewer.turn}"
    word = np.frombuffer(blake2b(address.encode(), digest_size=8).digest(), np.uint64)
    return ((mixed(words + word) >> _S11) + 0.5) * 2.0**-53


def waiting(weights: Array, u: Array) -> Array:
    """The waiting time of each item, infinite where the weight is not positive."""
    times = -np.log(u)
    if weights.size and weights.min() > 0:
        times /= weights
    else:
        with np.errstate(divide="ignore", invalid="ignore"):
            times = np.where(weights > 0, times / weights, np.inf)
    return times.round(12)
