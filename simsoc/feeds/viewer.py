"""Who looks, and what a scoring function gives back."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from math import isfinite
from typing import Any, NamedTuple

import numpy as np
from msgspec import Struct
from msgspec.structs import replace
from numpy.typing import NDArray

Array = NDArray[Any]


class Viewer(Struct, frozen=True, gc=False):
    """Somebody who is about to be shown items."""

    id: int
    step: int
    turn: int = 0
    follows: Sequence[int] = ()
    """Agents it follows."""
    skip: Collection[int] = frozenset()
    """Rows (of originals) it is not to be shown, such as what it has reposted. A set, or anything with a fast `in`."""
    party: int = -1
    """Code of its party, -1 for none."""
    partisan: float = 0.0
    """How partisan it is, from -1 to 1."""

    def without(self, rows: Collection[int]) -> Viewer:
        """The same viewer, who is not to be shown these either."""
        return replace(self, skip={*self.skip, *rows}) if rows else self


class Scored(NamedTuple):
    """Scores with the parts they were made of."""

    total: Array
    """One number for each item; higher is earlier."""
    parts: Mapping[str, Array]
    """Parts by name, for the exposure ledger."""


def scored(given: Any, n: int, who: str, viewers: int | None = None) -> Scored:
    """What a scoring function gave, checked. viewers: how many it was given, where these are scored for at once.

    Raises ValueError that names the function.
    """
    total, parts = given if isinstance(given, Scored) else (given, {})
    shape = (n,) if viewers is None else (viewers, n)
    try:
        total = np.asarray(total, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError(f"feed {who} gave scores that are no numbers, one for each of {n} items") from None
    if total.shape != shape:
        each = f"{n} items" if viewers is None else f"{viewers} viewers and, within, of {n} items"
        raise ValueError(f"feed {who} should give one score for each of {each}, not an array of shape {total.shape}")
    if not isfinite(np.add.reduce(total, axis=None)):
        raise ValueError(f"feed {who} gave a score that is no finite number")
    for name, part in parts.items():
        if getattr(part, "shape", None) not in (shape, (n,)) and np.shape(part) != (n,):
            raise ValueError(f"feed {who} should give a number for each of {n} items as its part {name!r} too")
    total = total * 1e9  # rounded to nine digits as `round` does it, at half its cost
    np.rint(total, total)
    total /= 1e9
    return Scored(total, {name: np.asarray(part, dtype=np.float64) for name, part in parts.items()})
