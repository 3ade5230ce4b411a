"""Cascades: how far something was passed on, from who passed on what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping
from typing import NamedTuple


class Cascade(NamedTuple):
    """What became of one item."""

    root: Hashable
    size: int
    """Items in the cascade, the first one included."""
    depth: int
    """Most hand-ons from the first item to another; 0 where nobody passed it on."""
    breadth: int
    """Most items at one depth."""


def cascades(parents: Mapping[Hashable, Hashable]) -> list[Cascade]:
    """The cascades of items that name the item they were taken from, in order of their roots' first mention.

    parents: for each item that passes something on, the one it was taken from; roots are those that have no parent.
    Size, depth and breadth as in Vosoughi, Roy, Aral 2018, Science 359, 1146. Raises ValueError where items go round in
    a circle.
    """
    depths: dict[Hashable, int] = {}
    roots: dict[Hashable, Hashable] = {}
    for item in parents:
        path = []
        at: Hashable = item
        while at in parents and at not in depths:
            path.append(at)
            at = parents[at]
            if len(path) > len(parents):
                raise ValueError(f"{item!r} was taken from itself in the end")
        depth, root = depths.get(at, 0), roots.get(at, at)
        depths.setdefault(at, depth)
        roots.setdefault(at, root)
        for one in reversed(path):
            depth += 1
            depths[one], roots[one] = depth, root
    levels: dict[Hashable, Counter[int]] = {}
    for one, root in roots.items():
        levels.setdefault(root, Counter())[depths[one]] += 1
    return [Cascade(root, c.total(), max(c), max(c.values())) for root, c in levels.items()]
