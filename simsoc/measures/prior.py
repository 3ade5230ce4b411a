"""Token-prior audit: does a model prefer some names, labels or list positions for no reason?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import fsum, log
from typing import NamedTuple

from simsoc.core.stream import Stream

DRAWS = 9_999
"""Simulated audits behind a p value where counts are too small for the chi-square distribution."""


class Prior(NamedTuple):
    """How far choices among equals are from uniform."""

    skew: float
    """Largest share over 1/n: 1 when all are chosen alike, n when always the same."""
    divergence: float
    """Kullback-Leibler divergence of the shares from uniform in nats, 0..ln n; finite samples lie above 0."""
    statistic: float
    """Pearson's chi-square against uniform."""
    p_value: float
    """Probability of a statistic as large without any preference."""
    choices: int
    """Choices counted."""
    options: int
    """Options to choose from."""
    exact: bool
    """Whether p_value was simulated (expected counts below 5) instead of read off the chi-square distribution."""


def audit(counts: Mapping[str, int] | Sequence[int], seed: int = 0) -> Prior | None:
    """Skew, divergence and a test of uniformity for how often each option was chosen.

    counts: choices of every option offered, those never chosen with 0. The test is Pearson's, with n - 1 degrees of
    freedom; with fewer than five choices expected of each option the p value is simulated from `seed` (exact up to its
    resolution of 1/10000). None without choices. Raises ValueError for fewer than two options.
    Source: methods of arXiv 2312.06619 as restated for simsoc; position bias is audited the same way, by list position.
    """
    chosen = list(counts.values()) if isinstance(counts, Mapping) else list(counts)
    n, total = len(chosen), sum(chosen)
    if n < 2:
        raise ValueError("an audit needs at least two options")
    if not total:
        return None
    expected = total / n
    statistic = fsum((c - expected) ** 2 for c in chosen) / expected
    divergence = max(0.0, fsum(c / total * log(c / expected) for c in chosen if c))
    exact = expected < 5
    p_value = _simulated(statistic, n, total, seed) if exact else _chi_square(statistic, n)
    return Prior(max(chosen) / expected, divergence, statistic, p_value, total, n, exact)


def _chi_square(statistic: float, n: int) -> float:
    from scipy.stats import chi2

    return float(chi2.sf(statistic, n - 1))


def _simulated(statistic: float, n: int, total: int, seed: int) -> float:
    """Share of uniform audits at least as uneven, this one included."""
    import numpy as np

    expected = total / n
    generator = Stream(seed, "audit", n, total).generator()
    above = 0
    for start in range(0, DRAWS, 1000):
        counts = generator.multinomial(total, np.full(n, 1 / n), size=min(1000, DRAWS - start))
        above += int((((counts - expected) ** 2).sum(axis=1) / expected >= statistic - 1e-9).sum())
    return (1 + above) / (1 + DRAWS)
