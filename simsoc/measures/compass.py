"""Places on political axes, from agreement with statements (methods.md 6A).

A response r is -2 (strongly disagree), -1, 1 or 2 (strongly agree). A statement belongs to an axis and has a direction
d: 1 where agreeing leads to the axis' positive end, -1 where it leads to the other. With as many statements of either
direction on an axis, whoever agrees with everything, and whoever answers at random, stands at 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import fsum
from typing import NamedTuple

from simsoc.core.stream import Stream

STRONG = 2
"""The largest response."""


class Response(NamedTuple):
    """What somebody said to a statement."""

    item: str
    """Which statement; several answers to one are averaged first."""
    axis: str
    direction: int
    """1 or -1."""
    r: int
    """-2, -1, 1 or 2."""


class Place(NamedTuple):
    """A place on one axis, -10..10, with a bootstrap interval over its statements."""

    score: float
    low: float | None
    """None below two statements."""
    high: float | None
    items: int


def score(responses: Sequence[Response], axis: str) -> float | None:
    """10 times the mean of d r / 2 over the statements of an axis, -10..10; None where there is no response.

    Every statement counts the same, however often it was answered.
    """
    values = list(_by_item(responses, axis).values())
    return 10 * fsum(values) / len(values) if values else None


def place(responses: Sequence[Response], axis: str, *, draws: int = 2000, seed: int = 0) -> Place | None:
    """The score with a 95% percentile interval: statements drawn with replacement (`seed` addresses the draws)."""
    import numpy as np

    by_item = _by_item(responses, axis)
    values = np.array([by_item[item] for item in sorted(by_item)])
    if not len(values):
        return None
    found, n = 10 * float(values.mean()), len(values)
    if n < 2:
        return Place(found, None, None, n)
    picked = Stream(seed, "compass", axis).generator().integers(0, n, (draws, n))
    low, high = np.quantile(10 * values[picked].mean(axis=1), (0.025, 0.975))
    return Place(found, float(low), float(high), n)


def acquiescence(responses: Sequence[Response]) -> float | None:
    """Mean of r / 2 whatever the direction, -1..1: whether somebody agrees for agreement's sake."""
    means = [fsum(rs) / len(rs) / STRONG for rs in _said(responses).values()]
    return fsum(means) / len(means) if means else None


def _said(responses: Sequence[Response]) -> dict[str, list[int]]:
    said: dict[str, list[int]] = {}
    for one in responses:
        said.setdefault(one.item, []).append(one.r)
    return said


def _by_item(responses: Sequence[Response], axis: str) -> dict[str, float]:
    """Mean of d r / 2 for each statement of an axis."""
    here = [one for one in responses if one.axis == axis]
    towards = {one.item: one.direction for one in here}
    return {item: towards[item] * fsum(rs) / len(rs) / STRONG for item, rs in _said(here).items()}
