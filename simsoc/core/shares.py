"""Shares as whole numbers that add up."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor


def largest_remainder(n: int, shares: Sequence[float]) -> list[int]:
    """Whole numbers proportional to the shares that add up to n (largest remainder; ties to the first)."""
    total = sum(shares)
    exact = [round(n * share / total, 9) for share in shares]
    whole = [floor(x) for x in exact]
    order = sorted(range(len(shares)), key=lambda i: (whole[i] - exact[i], i))
    for i in order[: n - sum(whole)]:
        whole[i] += 1
    return whole
