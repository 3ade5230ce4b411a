"""Weighted draws in which every (viewer, step, item) has a number of its own.

Efraimidis and Spirakis 2006 ("Weighted random sampling with a reservoir", Information Processing Letters 97): give item
i the waiting time -ln(u_i) / w_i and take the k shortest. That is a draw of k without replacement, each pick with a
chance in proportion to weight among what is left. As u_i depends on the item's id and the viewer's address alone, one
more item moves no other item's number.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

import numpy as np

from .items import Items
from .viewer import Array, Viewer

_A, _B, _C = (np.uint64(k) for k in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9))
_M1, _M2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_S30, _S27, _S31, _S11 = (np.uint64(k) for k in (30, 27, 31, 11))

_NONE = 1e-200  # stands for a weight that is not positive
NEVER = 1e100
"""A waiting time that is never over."""
_SHORT = 200  # up to so many keys are sorted where the smallest few are wanted


def mixed(x: Array) -> Array:
    """64-bit words scrambled in place (the finaliser of SplitMix64: Steele, Lea, Flood 2014, OOPSLA)."""
    shifted = x >> _S30
    x ^= shifted
    x *= _M1
    x ^= np.right_shift(x, _S27, shifted)
    x *= _M2
    x ^= np.right_shift(x, _S31, shifted)
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
    found: Array = _uniforms(words, seed, (viewer,), purpose)[0]
    return found


def logarithms(words: Array, seed: int, viewers: Sequence[Viewer], purpose: str = "feed") -> Array:
    """Logarithms of the `uniforms` of each of several viewers, a row each."""
    numbers = _uniforms(words, seed, viewers, purpose)
    return np.log(numbers, numbers)


def _uniforms(words: Array, seed: int, viewers: Sequence[Viewer], purpose: str) -> Array:
    addresses = (f"{seed}\x1f{purpose}\x1f{viewer.id}\x1f{viewer.step}\x1f{viewer.turn}" for viewer in viewers)
    digests = b"".join([blake2b(address.encode(), digest_size=8).digest() for address in addresses])
    numbers = mixed(words + np.frombuffer(digests, np.uint64)[:, None])
    numbers >>= _S11
    found = numbers + 0.5
    found *= 2.0**-53
    return found


def waiting(weights: Array, logarithms: Array) -> Array:
    """The waiting time of each item in units of 10^-12, whole, to compare; more than can be without a weight."""
    times = logarithms / np.maximum(weights, _NONE)
    times *= -1e12
    return np.rint(times, times)


def soonest(times: Array, most: int) -> Array:
    """Where the so many shortest waiting times are, in ascending order, without those that never end."""
    picked = first(times, most)
    return picked if not len(picked) or times[picked[-1]] < NEVER else picked[times[picked] < NEVER]


def first(keys: Array, most: int) -> Array:
    """Where the so many smallest keys are, in ascending order; between equal ones the one further to the front."""
    if len(keys) > _SHORT and most < len(keys) // 4:
        near = (keys <= np.partition(keys, most)[most]).nonzero()[0]
        found: Array = near[keys[near].argsort(kind="stable")[:most]]
        return found
    return keys.argsort(kind="stable")[:most]


def least(keys: Array, most: int, below: float) -> tuple[Array, Array]:
    """Of keys by viewer and place, the so many smallest of each viewer that are below a bound.

    Viewers, ascending, and places, in ascending order of keys; between equal ones the one further to the front.
    """
    n = keys.shape[1]
    near = keys < below
    if most < n:
        near &= keys <= np.partition(keys, most - 1, axis=1)[:, most - 1 : most]
    who, at = near.nonzero()
    order = np.lexsort((keys[who, at], who))
    who, at = who[order], at[order]
    counts = np.bincount(who, minlength=len(keys))
    if counts.max(initial=0) > most:  # some are equal to the last
        begins = counts.cumsum() - counts
        kept = np.arange(len(who)) - begins[who] < most
        who, at = who[kept], at[kept]
    return who, at
