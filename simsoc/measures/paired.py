"""Statistics of paired runs: one difference for each replicate, and what can be said from so few numbers.

The run is the unit of inference. Every function takes the differences between an arm and the arm it is held against,
one for each replicate, in any order; none of them knows of runs, arms or files.

Sources: Student 1908 (interval); Fisher 1935 and Dwass 1957 (sign flips, drawn when there are too many to count);
Efron 1987 (BCa); Holm 1979; noncentral t for power, as in Cohen 1988.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, fsum, isfinite, pi, sqrt
from typing import NamedTuple

from simsoc.core.stream import Stream

LEVEL = 0.95
"""Of every interval."""
ENUMERATED = 16
"""Up to so many differences other than zero all sign patterns are counted; beyond, they are drawn."""
DRAWN = 2**16
"""Sign patterns drawn where they are not counted, the observed one included."""
BOOTSTRAP_FROM = 20
"""Fewer differences carry no bootstrap interval: there is too little to draw from."""
RESAMPLES = 4_999
_MOST = 1_000_000  # replicates nobody will run


class Interval(NamedTuple):
    """A mean and the interval around it; None where so few numbers give none."""

    mean: float
    low: float | None
    high: float | None
    sd: float | None
    """Sample standard deviation (n - 1)."""
    n: int


class Flips(NamedTuple):
    """A sign-flip test."""

    p: float
    """Two-sided: the share of sign patterns whose sum is at least as far from zero."""
    smallest: float
    """The smallest p that so many differences can give at all."""
    exact: bool
    """Whether every pattern was counted."""


class Shared(NamedTuple):
    """What running two arms on the same noise has brought."""

    correlation: float | None
    """Pearson, over replicates; None where an arm does not vary."""
    saved: float | None
    """1 - var(a - b) / (var a + var b): the share of variance that independent seeds would have had on top."""


def interval(values: Sequence[float], level: float = LEVEL) -> Interval:
    """The mean with Student's t interval. Raises ValueError when there is nothing, or something not finite."""
    n = len(_finite(values))
    if not n:
        raise ValueError("no values, no mean")
    mean = fsum(values) / n
    if abs(mean) < 1e-12 * max(map(abs, values)):
        mean = 0.0  # what is left of differences that cancel
    if n < 2:
        return Interval(mean, None, None, None, n)
    sd = sqrt(fsum((value - mean) ** 2 for value in values) / (n - 1))
    from scipy.special import stdtrit  # the quantile of Student's t, without the hundred milliseconds of scipy.stats

    half = float(stdtrit(n - 1, 0.5 + level / 2)) * sd / sqrt(n)
    return Interval(mean, mean - half, mean + half, sd, n)


def t_test(values: Sequence[float]) -> float | None:
    """Two-sided p of Student's paired t test; None below two values. Differences that are all the same give 0 or 1."""
    found = interval(values)
    if found.sd is None:
        return None
    if found.sd <= 1e-12 * abs(found.mean):
        return 0.0 if found.mean else 1.0
    from scipy.special import stdtr

    return float(2 * stdtr(found.n - 1, -abs(found.mean) / (found.sd / sqrt(found.n))))


def bootstrap(values: Sequence[float], stream: Stream, level: float = LEVEL) -> tuple[float, float] | None:
    """Bias-corrected and accelerated bootstrap interval of the mean; None below `BOOTSTRAP_FROM` values.

    stream: where the resamples are drawn: the same address, the same interval. Differences that are all the same give
    a point. Source: Efron 1987, J. Am. Stat. Assoc. 82, 171.
    """
    if len(_finite(values)) < BOOTSTRAP_FROM:
        return None
    if min(values) == max(values):
        return (float(values[0]), float(values[0]))
    import numpy as np
    from scipy.stats import bootstrap as resampled

    found = resampled(
        (np.asarray(values, dtype=float),),
        np.mean,
        n_resamples=RESAMPLES,
        confidence_level=level,
        method="BCa",
        rng=stream.generator(),
    ).confidence_interval
    return (float(found.low), float(found.high))


def sign_flips(values: Sequence[float], stream: Stream) -> Flips:
    """The sign-flip test of no effect: every difference was as likely to come out with the other sign.

    Exact up to `ENUMERATED` differences other than zero; beyond, `DRAWN` patterns of which the observed one is the
    first (Phipson and Smyth 2010), so that p is never 0. A zero stays zero whatever its sign. Exact tests make no
    assumption on the shape of the noise, but few replicates cannot give a small p: `smallest` says how small.
    """
    import numpy as np

    kept = np.asarray([value for value in _finite(values) if value], dtype=float)
    n = len(values)
    if not len(kept):
        return Flips(1.0, smallest_p(n), True)
    # The observed pattern counts, and so does one as far from zero, however their sums were rounded.
    edge = abs(float(kept.sum())) - 1e-12 * float(np.abs(kept).sum())
    if len(kept) <= ENUMERATED:
        sums = np.zeros(1)
        for value in kept:
            sums = np.concatenate([sums + value, sums - value])
        return Flips(float(np.mean(np.abs(sums) >= edge)), smallest_p(n), True)
    generator = stream.generator()
    reached = 1
    for start in range(1, DRAWN, 4096):
        signs = generator.integers(0, 2, size=(min(4096, DRAWN - start), len(kept)), dtype=np.int8) * 2 - 1
        reached += int(np.count_nonzero(np.abs(signs @ kept) >= edge))
    return Flips(reached / DRAWN, smallest_p(n), False)


def smallest_p(n: int) -> float:
    """The smallest p of a sign-flip test that n differences can give."""
    return min(1.0, 2.0 ** (1 - n)) if n <= ENUMERATED else max(2.0 ** (1 - n), 1 / DRAWN)


def least_replicates(tests: int = 1, alpha: float = 1 - LEVEL) -> int:
    """Replicates from which an exact sign-flip test can get below alpha, Holm's correction for so many tests included.

    The smallest p of n replicates is 2^(1 - n); Holm holds the smallest of k against alpha / k.
    """
    n = 1
    while tests * 2.0 ** (1 - n) >= alpha:
        n += 1
    return n


def holm(ps: Sequence[float | None]) -> list[float | None]:
    """Adjusted p values by Holm's step-down method, in the order given; None stays None and is no test.

    The i-th smallest of k is multiplied by k - i + 1; none is smaller than one before it, none above 1. Holds the
    chance of any false finding in the family below alpha whatever the dependence. Source: Holm 1979.
    """
    order = sorted((p, place) for place, p in enumerate(ps) if p is not None)
    adjusted: list[float | None] = [None] * len(ps)
    reached = 0.0
    for rank, (p, place) in enumerate(order):
        reached = max(reached, min(1.0, (len(order) - rank) * p))
        adjusted[place] = reached
    return adjusted


def power(effect: float, sd: float, n: int, level: float = LEVEL) -> float:
    """Chance that a two-sided t test of n differences finds a true mean difference of this size (noncentral t)."""
    if n < 2:
        return 0.0
    if sd <= 0:
        return 1.0 if effect else 1 - level
    from scipy.special import nctdtr, stdtrit

    edge = float(stdtrit(n - 1, 0.5 + level / 2))
    shift = abs(effect) / sd * sqrt(n)
    if shift > 37:
        return 1.0  # beyond what the noncentral t is computed for
    found = 1 - float(nctdtr(n - 1, shift, edge)) + float(nctdtr(n - 1, shift, -edge))
    return min(1.0, max(0.0, found)) if isfinite(found) else float(shift > edge)


def chance(effect: float, sd: float, n: int, tests: int = 1) -> float:
    """Chance that n differences show a true mean difference of this size, in a family of so many tests.

    Shown is what the table of effects calls found: the t interval leaves out 0, and the p of the sign-flip test, times
    the number of tests, is below .05 (the first step of Holm's correction, which asks most). The differences are taken
    to be normal; the sign-flip test then does as well as the t test at the level that it can reach, except where so
    few patterns of signs are rejected that these are counted.
    """
    if n < 2:
        return 0.0
    alpha = (1 - LEVEL) / tests
    if n > 40:
        return min(power(effect, sd, n), power(effect, sd, n, 1 - alpha))
    patterns = ceil(alpha * 2 ** (n - 1)) - 1  # and their mirrors: those whose p stays below alpha
    if patterns < 1:
        return 0.0
    if patterns > 3 or sd <= 0:
        return min(power(effect, sd, n), power(effect, sd, n, 1 - patterns / 2.0 ** (n - 1)))
    return min(power(effect, sd, n), _one_sided(abs(effect) / sd, n, patterns > 1))


def _one_sided(shift: float, n: int, but_one: bool) -> float:
    """Chance that n normal numbers with this mean have one sign; but_one: or that all but the one nearest 0 have it."""
    import numpy as np
    from scipy.special import ndtr

    total = 0.0
    for mean in (shift, -shift):
        total += float(ndtr(mean)) ** n
        if but_one:
            x = np.linspace(0.0, 10.0, 1001)
            density = np.exp(-((x + mean) ** 2) / 2) / sqrt(2 * pi)
            total += n * float(np.trapezoid(density * ndtr(mean - x) ** (n - 1), x))
    return min(1.0, total)


def detectable(sd: float | None, n: int, tests: int = 1, wanted: float = 0.8) -> float | None:
    """The minimum detectable effect: the smallest true difference that n such replicates show with this chance.

    tests: in the family, see `chance`. None where there is none: below the replicates from which anything can be
    found (`least_replicates`), and where differences that do not vary say nothing of how large their noise may be.
    """
    if not sd or n < least_replicates(tests):
        return None
    low, high = 0.0, 4.0 / sqrt(n)
    while chance(high, 1.0, n, tests) < wanted:
        low, high = high, high * 2
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if chance(middle, 1.0, n, tests) < wanted else (low, middle)
    return sd * high


def further(effect: float, sd: float | None, n: int, tests: int = 1, wanted: float = 0.8) -> int | None:
    """How many more replicates would show an effect as large as the one observed, if it is the true one.

    tests: in the family, see `chance`. None where nothing was observed, where one replicate tells no spread, or where
    a million would not do. The observed effect is a noisy guess at the true one: plan for the smallest effect that
    would matter, with `detectable`.
    """
    if sd is None or not effect:
        return None
    n_least = max(n, least_replicates(tests))
    if chance(effect, sd, n_least, tests) >= wanted:
        return n_least - n
    low, high = n_least, max(4, 2 * n_least)
    while chance(effect, sd, high, tests) < wanted:
        low, high = high, high * 2
        if high > _MOST:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if chance(effect, sd, middle, tests) < wanted else (low, middle)
    return high - n


def shared(here: Sequence[float], there: Sequence[float]) -> Shared:
    """How closely two arms go together over replicates, and the variance that has saved against independent seeds."""
    n = len(here)
    if n < 2:
        return Shared(None, None)
    a, b = interval(here), interval(there)
    between = interval([x - y for x, y in zip(here, there, strict=True)])
    assert a.sd is not None
    assert b.sd is not None
    assert between.sd is not None
    apart = a.sd**2 + b.sd**2
    saved = 1 - between.sd**2 / apart if apart > 0 else None
    if not a.sd or not b.sd:
        return Shared(None, saved)
    together = fsum((x - a.mean) * (y - b.mean) for x, y in zip(here, there, strict=True)) / (n - 1)
    return Shared(max(-1.0, min(1.0, together / (a.sd * b.sd))), saved)


def if_missing(value: float, share: float, low: float, high: float) -> tuple[float, float]:
    """What an average would be if the missing share had all counted at the lowest value, or all at the highest.

    value: the average over those who answered. share: of decisions without an answer. low, high: the range of the
    average. Source: Manski 1990, American Economic Review 80, 319.
    """
    if not 0 <= share <= 1:
        raise ValueError(f"a share lies between 0 and 1 (got {share})")
    return (1 - share) * value + share * low, (1 - share) * value + share * high


def if_kept(value: float, share: float, low: float, high: float) -> tuple[float, float]:
    """The same where this share is in the average, with what it held before and what it held is not looked at.

    At worst all of it stands at one end and should have stood at the other. May lie beyond low and high.
    """
    if not 0 <= share <= 1:
        raise ValueError(f"a share lies between 0 and 1 (got {share})")
    return value - share * (high - low), value + share * (high - low)


def _finite(values: Sequence[float]) -> Sequence[float]:
    if not all(isfinite(value) for value in values):
        raise ValueError("every value is a finite number")
    return values
