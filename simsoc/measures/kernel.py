"""The attachment kernel of a growing network, estimated from recorded choices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import inf, nan, sqrt
from typing import Any, NamedTuple

Candidates = Mapping[int, int] | tuple[Sequence[int], Sequence[int]]
"""How many candidates had which in-degree: ``{degree: count}`` or (degrees, counts)."""


class Kernel(NamedTuple):
    """A kernel (k + 1)^alpha fitted to choices."""

    alpha: float
    """Exponent; nan when no choice was one (all candidates alike); inf or -inf when only the highest, or only the
    lowest, in-degree on offer was ever chosen."""
    error: float
    """Standard error from the observed information; nan where alpha is not finite."""
    log_likelihood: float
    """At alpha."""
    n: int
    """Choices, those without an alternative included."""


def kernel_exponent(choices: Iterable[tuple[int, Candidates]]) -> Kernel:
    """Maximum likelihood of alpha in P(choose c) = (k_c + 1)^alpha / sum_j (k_j + 1)^alpha.

    choices: the in-degree of the one chosen, and a histogram of the in-degrees of all candidates (the chosen one among
    them). A conditional logit in log(k + 1), solved by Newton's method; the log-likelihood is concave. Of several links
    made at once, each is a choice of its own among those left. Raises ValueError when a chosen degree is not among the
    candidates. Alpha 0 is random attachment, 1 linear; single-run errors are some .05 at N = 1000.
    Source: McFadden 1974; for growing networks Overgoor, Benson, Ugander 2019, WWW, 1409.
    """
    import numpy as np

    chosen, x, weight, starts = _packed(choices)
    n = len(chosen)
    if not n:
        return Kernel(nan, nan, 0.0, 0)
    lasts = [*(start - 1 for start in starts[1:]), len(x) - 1]
    for extreme, ends in ((inf, lasts), (-inf, starts)):
        if (chosen == x[ends]).all() and (x[starts] != x[lasts]).any():
            return Kernel(extreme, nan, float(-np.log(weight[ends]).sum()), n)
    owner = np.repeat(np.arange(n), np.diff([*starts, len(x)]))

    def at(alpha: float) -> tuple[float, float, float]:
        """Log-likelihood, its slope and its curvature (as information)."""
        scores = alpha * x
        top = np.maximum.reduceat(scores, starts)
        share = weight * np.exp(scores - top[owner])
        total = np.add.reduceat(share, starts)
        first = np.add.reduceat(share * x, starts) / total
        spread = np.add.reduceat(share * (x - first[owner]) ** 2, starts) / total
        value = alpha * chosen.sum() - (top + np.log(total)).sum()
        return float(value), float((chosen - first).sum()), float(spread.sum())

    return _newton(at, n)


def _newton(at: Any, n: int) -> Kernel:
    """Newton's method from 0 with halved steps where a full one does not climb."""
    alpha = 0.0
    value, slope, information = at(alpha)
    if information < 1e-12:
        return Kernel(nan, nan, value, n)
    for _ in range(200):
        step = max(-5.0, min(5.0, slope / information))
        if abs(step) < 1e-10:
            break
        while True:
            ahead = at(alpha + step)
            if ahead[0] >= value - 1e-12 * abs(value) or abs(step) < 1e-10:
                break
            step /= 2
        alpha += step
        value, slope, information = ahead
    return Kernel(alpha, 1 / sqrt(information), value, n)


def _packed(choices: Iterable[tuple[int, Candidates]]) -> tuple[Any, Any, Any, list[int]]:
    """Log(k + 1) of those chosen; log(k + 1) and count of all histogram bars in a row; where each histogram starts."""
    import numpy as np

    chosen: list[int] = []
    degrees: list[int] = []
    counts: list[int] = []
    starts: list[int] = []
    for k, candidates in choices:
        bars = candidates.items() if isinstance(candidates, Mapping) else zip(*candidates, strict=True)
        kept = sorted((degree, count) for degree, count in bars if count > 0)
        if k not in {degree for degree, _ in kept}:
            raise ValueError(f"nobody with in-degree {k} was among the candidates")
        chosen.append(k)
        starts.append(len(degrees))
        degrees += [degree for degree, _ in kept]
        counts += [count for _, count in kept]
    return np.log1p(np.array(chosen, float)), np.log1p(np.array(degrees, float)), np.array(counts, float), starts
