"""How unequal a distribution is, and how heavy its tail: followers, reposts, links."""

from __future__ import annotations

import io
import warnings
from collections.abc import Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from math import fsum, log, nan, sqrt
from typing import Any, NamedTuple


def gini(values: Sequence[float], weights: Sequence[float] | None = None) -> float | None:
    """Gini coefficient: sum_i (2i - n - 1) x_i / (n sum x), x ascending, i from 1. In 0..(n-1)/n.

    weights: how much each counts, as in a weighted survey; somebody of weight 2 is two people of weight 1.
    0 when all are equal, .75 for (0, 0, 0, 1). None when there is nothing to share out. Raises ValueError below zero.
    Source: Gini 1912; the sample form without small-sample correction.
    """
    if weights is not None:
        return _weighted_gini(values, weights)
    ordered = sorted(values)
    total = fsum(ordered)
    if ordered and ordered[0] < 0:
        raise ValueError(f"the Gini coefficient is for values of zero and more (got {ordered[0]:g})")
    if not total:
        return None
    n = len(ordered)
    return fsum((2 * i - n - 1) * x for i, x in enumerate(ordered, 1)) / (n * total)


def _weighted_gini(values: Sequence[float], weights: Sequence[float]) -> float | None:
    """One minus twice the area under the Lorenz curve."""
    pairs = sorted(zip(values, weights, strict=True))
    if any(x < 0 or w < 0 for x, w in pairs):
        raise ValueError("the Gini coefficient is for values and weights of zero and more")
    total, people = fsum(x * w for x, w in pairs), fsum(w for _, w in pairs)
    if not total > 0:
        return None
    reached = [0.0]
    for x, w in pairs:
        reached.append(reached[-1] + x * w)
    area = fsum(w * (reached[i] + reached[i + 1]) for i, (_, w) in enumerate(pairs))
    return 1 - area / (people * total)


def top_share(values: Sequence[float], top: int = 1) -> float | None:
    """Share of the sum held by the `top` largest, in 0..1; 1/n when all are equal. None when there is nothing."""
    total = fsum(values)
    return fsum(sorted(values, reverse=True)[:top]) / total if total else None


def gini_of_counts(counts: Mapping[int, int]) -> float | None:
    """`gini` of whole numbers, of which it is told how many there are of each: the same number to the last bit.

    In time that grows with the number of different values. Raises ValueError below zero.
    """
    below, ends, total = 0, 0, 0
    n = sum(counts.values())
    for value, many in sorted(counts.items()):
        if value < 0 and many:
            raise ValueError(f"the Gini coefficient is for values of zero and more (got {value:g})")
        ends += value * many * (2 * below + many - n)  # the sum of 2i - n - 1 over i from below + 1 to below + many
        total += value * many
        below += many
    return ends / (n * total) if total else None


class Tail(NamedTuple):
    """A power-law exponent."""

    exponent: float
    """gamma in P(k) ~ k^-gamma."""
    error: float
    """Its standard error, (gamma - 1) / sqrt(n)."""
    kmin: int
    """Smallest degree counted as tail."""
    n: int
    """Nodes in the tail."""


def tail_exponent(degrees: Sequence[int], kmin: int) -> Tail | None:
    """Exponent of the tail from a given kmin: 1 + n / sum ln(k_i / (kmin - 1/2)), the discrete approximation.

    None without two different degrees in the tail. Good from kmin = 6 or so; with kmin = 2 even the linear kernel gives
    2.1 and the random one 2.7, so that it cannot tell scale-free from random there.
    Source: Clauset, Shalizi, Newman 2009, SIAM Review 51, 661, eq. 3.7. Raises ValueError for kmin below 1.
    """
    if kmin < 1:
        raise ValueError(f"kmin must be 1 or more (got {kmin})")
    tail = [k for k in degrees if k >= kmin]
    if len(set(tail)) < 2:
        return None
    slope = len(tail) / fsum(log(k / (kmin - 0.5)) for k in sorted(tail))
    return Tail(1 + slope, slope / sqrt(len(tail)), kmin, len(tail))


class TailFit(NamedTuple):
    """A full power-law fit, compared with lighter tails. Ratios above 0 favour the power law."""

    exponent: float
    """gamma at the best kmin."""
    error: float
    """Its standard error."""
    kmin: int
    """Smallest degree of the tail, by the smallest Kolmogorov-Smirnov distance (or as given)."""
    distance: float
    """Kolmogorov-Smirnov distance between tail and fit."""
    n: int
    """Nodes in the tail."""
    exponential: float
    """Normalised log-likelihood ratio against an exponential tail; nan when it could not be fitted."""
    exponential_p: float
    """Its p value: large means undecided."""
    lognormal: float
    """Normalised log-likelihood ratio against a lognormal tail; nan when it could not be fitted."""
    lognormal_p: float
    """Its p value."""


def fit_tail(degrees: Sequence[int], kmin: int | None = None) -> TailFit | None:
    """Power-law fit of the positive degrees by maximum likelihood, kmin by KS distance, with likelihood ratios.

    None with fewer than ten positive degrees, fewer than three different ones, or no tail that can be fitted. Done by
    the package `powerlaw`.
    Source: Clauset, Shalizi, Newman 2009; Alstott, Bullmore, Plenz 2014, PLoS ONE 9, e85777.
    """
    positive = sorted(k for k in degrees if k > 0)
    if len(positive) < 10 or len(set(positive)) < 3:
        return None
    with warnings.catch_warnings(), redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        warnings.simplefilter("ignore")
        import numpy as np
        import powerlaw

        with np.errstate(all="ignore"):
            try:
                fit = powerlaw.Fit(positive, discrete=True, xmin=kmin, verbose=0)
                law = fit.power_law
            except (ValueError, RuntimeError):  # no tail is long enough
                return None
            exponential, lognormal = _ratio(fit, "exponential"), _ratio(fit, "lognormal")
            exponent, smallest, distance = float(law.alpha), int(fit.xmin), float(law.D)
    n = sum(k >= smallest for k in positive)
    return TailFit(exponent, (exponent - 1) / sqrt(n), smallest, distance, n, *exponential, *lognormal)


def _ratio(fit: Any, other: str) -> tuple[float, float]:
    """Normalised likelihood ratio of the power law against another tail, and its p value."""
    try:
        ratio, p = fit.distribution_compare("power_law", other, normalized_ratio=True)
    except Exception:  # the library gives up in many ways; a tail that cannot be fitted is not compared
        return nan, nan
    return float(ratio), float(p)
