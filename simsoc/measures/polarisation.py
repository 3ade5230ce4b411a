"""Sides: how the extremes are amplified, what people are exposed to, and how they feel about each other."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from math import fsum, log, sqrt
from typing import NamedTuple


def correlation(x: Sequence[float], y: Sequence[float], weights: Sequence[float] | None = None) -> float | None:
    """Pearson's correlation, weighted where weights are given. None where one of the two does not vary.

    With x = |partisan| and y = followers, or reposts received, it is the amplification of partisans of Larooij and
    Törnberg 2025, arXiv 2508.03385.
    """
    import numpy as np

    w = np.ones(len(x)) if weights is None else np.asarray(weights, dtype=float)
    if not w.sum() > 0:
        return None
    a, b = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    a, b = a - np.average(a, weights=w), b - np.average(b, weights=w)
    xx, yy = float((w * a * a).sum()), float((w * b * b).sum())
    if not (xx > 1e-12 and yy > 1e-12):
        return None
    return float((w * a * b).sum()) / sqrt(xx * yy)


class Exposed(NamedTuple):
    """What people were shown of the sides."""

    across: float | None
    """Share of what somebody saw that came from another group than its own, averaged over people."""
    diversity: float | None
    """Entropy of the groups somebody saw over that of equal shares (0 one group only, 1 all alike), averaged."""
    viewers: int
    """People who saw anything by somebody of a group."""


def exposure_diversity(
    seen: Iterable[tuple[int, int]],
    groups: Sequence[Hashable] | Mapping[int, Hashable],
    weights: Mapping[int, float] | None = None,
) -> Exposed:
    """How mixed the feeds were. seen: (viewer, author) of every exposure; groups: by agent, None for no group.

    Every viewer counts alike, or by its weight, however much it saw. Authors of no group are left out, viewers of none
    only of `across`. weights: by agent (survey weights), where people carry these.
    Entropy as in Bakshy, Messing, Adamic 2015, Science 348, 1130, and later work on diverse exposure.
    """
    of: dict[int, Counter[Hashable]] = defaultdict(Counter)
    known = groups if isinstance(groups, Mapping) else dict(enumerate(groups))
    for viewer, author in seen:
        group = known.get(author)
        if group is not None:
            of[viewer][group] += 1
    kinds = len({group for group in known.values() if group is not None})
    counts = [(1.0 if weights is None else weights[viewer], viewer, count) for viewer, count in sorted(of.items())]
    across = [
        (weight, 1 - count[known[viewer]] / count.total())
        for weight, viewer, count in counts
        if known.get(viewer) is not None
    ]
    spread = [(weight, _entropy(count) / log(kinds)) for weight, _, count in counts] if kinds > 1 else []
    return Exposed(_mean(across), _mean(spread), len(of))


def _mean(values: Sequence[tuple[float, float]]) -> float | None:
    """Of pairs of a weight and a value."""
    whole = fsum(weight for weight, _ in values)
    return fsum(weight * value for weight, value in values) / whole if whole > 0 else None


def _entropy(count: Counter[Hashable]) -> float:
    whole = count.total()
    return -fsum(n / whole * log(n / whole) for n in sorted(count.values()))


def affective_polarisation(
    own: Sequence[float | None], other: Sequence[float | None], weights: Sequence[float] | None = None
) -> float | None:
    """Mean warmth towards one's own party minus that towards the other, in degrees; weighted where weights are given.

    own, other: thermometers from 0 to 100 of partisans; people who lack one of the two are left out.
    None where nobody is left. Source: Iyengar, Sood, Lelkes 2012, Public Opinion Quarterly 76, 405.
    """
    w = [1.0] * len(own) if weights is None else list(weights)
    kept = [(a - b, c) for a, b, c in zip(own, other, w, strict=True) if a is not None and b is not None]
    whole = fsum(c for _, c in kept)
    return fsum(d * c for d, c in kept) / whole if whole > 0 else None
