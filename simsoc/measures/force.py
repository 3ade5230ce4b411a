"""The majority force of a model, and the group size up to which it makes agents agree.

An agent that sees mean opinion m answers A with probability P(m) = (1 + tanh(beta m)) / 2: heat-bath dynamics of the
Curie-Weiss model. Source: De Marzo, Castellano, Garcia 2024, arXiv 2409.02822; with a field h and a fit slack dP,
De Marzo et al. 2026, arXiv 2605.10721.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from itertools import pairwise
from math import atanh, exp, fsum, log, nan, sqrt, tanh
from typing import Any, Literal, NamedTuple


class Force(NamedTuple):
    """A fit of the majority force to measured adoption probabilities."""

    beta: float
    """Majority force."""
    beta_se: float
    """Its standard error; nan where the data do not tell (saturated, or no more points than parameters)."""
    h: float
    """Field towards A, in units of m; 0 when not fitted."""
    h_se: float
    """Its standard error; nan when not fitted."""
    shift: float
    """Fit slack dP; 0 when not fitted."""
    shift_se: float
    """Its standard error; nan when not fitted."""
    r_squared: float
    """Share of the variance of P that the curve explains; nan when P does not vary."""
    points: int
    """Points fitted."""


def curie_weiss(m: float, beta: float, h: float = 0.0, shift: float = 0.0) -> float:
    """P(m) = 1/2 + dP + tanh(beta (m + h)) / 2: the probability of answering A."""
    return 0.5 + shift + 0.5 * tanh(beta * (m + h))


def fit_curie_weiss(
    m: Sequence[float],
    p: Sequence[float],
    *,
    shift: bool = False,
    field: bool = False,
    weights: Sequence[float] | None = None,
) -> Force:
    """Least squares of P(m) to measured probabilities.

    m, p: mean opinions in -1..1 and measured probabilities of A, equally long. field: fit h too. shift: fit dP too,
    within 0.1 of 0. weights: measurements behind each point, when they differ. Standard errors come from the residuals.
    Raises ValueError for lists that do not match or hold fewer points than parameters.
    """
    import numpy as np

    x, y = np.asarray(m, float), np.asarray(p, float)
    names = ["beta", *(["h"] if field else []), *(["shift"] if shift else [])]
    if x.shape != y.shape or x.ndim != 1 or len(x) < len(names):
        raise ValueError(f"{len(names)} parameters need as many points, m and p in pairs (got {x.shape} and {y.shape})")
    sigma = None if weights is None else 1 / np.sqrt(np.asarray(weights, float))

    def curve(at: Any, *values: float) -> Any:
        told = dict(zip(names, values, strict=True))
        return 0.5 + told.get("shift", 0.0) + 0.5 * np.tanh(told["beta"] * (at + told.get("h", 0.0)))

    values, errors = _least_squares(curve, x, y, sigma, names)
    told = dict(zip(names, values, strict=True))
    error = dict(zip(names, errors, strict=True))
    w = np.ones_like(y) if weights is None else np.asarray(weights, float)
    total = float(w @ (y - np.average(y, weights=w)) ** 2)
    left = float(w @ (y - curve(x, *values)) ** 2)
    return Force(
        told["beta"], error["beta"], told.get("h", 0.0), error.get("h", nan), told.get("shift", 0.0),
        error.get("shift", nan), 1 - left / total if total > 0 else nan, len(x),
    )  # fmt: skip


def _least_squares(curve: Any, x: Any, y: Any, sigma: Any, names: Sequence[str]) -> tuple[list[float], list[float]]:
    """Best parameters and their standard errors; a few starts when there is more than one parameter."""
    import numpy as np
    from scipy.optimize import OptimizeWarning, curve_fit

    limits = ([-0.1 if n == "shift" else -np.inf for n in names], [0.1 if n == "shift" else np.inf for n in names])
    bounded = {"bounds": limits} if "shift" in names else {}
    starts = [[1.0]] if len(names) == 1 else [[b, *[0.0] * (len(names) - 1)] for b in (1.0, 3.0, -1.0)]
    if "h" in names:
        starts += [[b, h, *[0.0] * (len(names) - 2)] for b in (1.0, 3.0) for h in (-0.5, 0.5)]
    best: tuple[float, Any, Any] | None = None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", OptimizeWarning)
        warnings.simplefilter("ignore", RuntimeWarning)
        for start in starts:
            try:
                found, covariance = curve_fit(curve, x, y, p0=start, sigma=sigma, maxfev=20_000, **bounded)
            except RuntimeError:  # this start leads nowhere
                continue
            left = float(np.sum(((y - curve(x, *found)) / (1.0 if sigma is None else sigma)) ** 2))
            if best is None or left < best[0] - 1e-12:
                best = left, found, covariance
    if best is None:
        return [nan] * len(names), [nan] * len(names)
    errors = np.sqrt(np.diag(best[2]))
    known = np.isfinite(errors) & (errors < 100 * np.maximum(1.0, np.abs(best[1])))
    return [float(v) for v in best[1]], [float(e) if k else nan for e, k in zip(errors, known, strict=True)]


# -- what follows from it -----------------------------------------------------------------------------------------


def consensus_force(n: float) -> float:
    """beta_t = ln(N) / 2: from this force on a group of N agrees in practice. Raises ValueError unless n > 0."""
    return log(n) / 2


def consensus_size(beta: float) -> float:
    """exp(2 beta): up to this size a group agrees in practice, if beta did not depend on the size (it does)."""
    return exp(2 * beta)


class Crossing(NamedTuple):
    """Where beta(N) falls below ln(N) / 2."""

    size: float | None
    """The critical group size; None when there is no crossing between the sizes measured."""
    side: Literal["at", "below", "above"]
    """`below`: too weak already at the smallest size measured; `above`: strong enough still at the largest."""


def critical_size(sizes: Sequence[float], betas: Sequence[float]) -> Crossing:
    """Group size at which the measured beta(N) first crosses ln(N) / 2 downwards, linear in ln N between sizes.

    sizes, betas: group sizes and the force measured at each, in any order; the mean is taken where a size occurs twice.
    Raises ValueError when they do not pair up. Source: the N_c of arXiv 2409.02822 (read off there, computed here).
    """
    measured = {n: [b for m, b in zip(sizes, betas, strict=True) if m == n] for n in sorted(set(sizes))}
    if not measured:
        raise ValueError("no sizes")
    excess = [(log(n), fsum(found) / len(found) - consensus_force(n)) for n, found in measured.items()]
    if excess[0][1] < 0:
        return Crossing(None, "below")
    for (x, over), (x_next, under) in pairwise(excess):
        if over >= 0 > under:
            return Crossing(exp(x + (x_next - x) * over / (over - under)), "at")
    return Crossing(None, "above")


def field_width(beta: float) -> float:
    """h_s = m_s - atanh(m_s) / beta, m_s = sqrt(1 - 1/beta): both sides are stable while |h| < h_s.

    0 for beta <= 1, where there is one stable state only. 0.138, 0.266, 0.362, 0.434, 0.537 at beta 1.5, 2, 2.5, 3, 4.
    Source: De Marzo et al. 2026, arXiv 2605.10721.
    """
    if beta <= 1:
        return 0.0
    spinodal = _spinodal(beta)
    return spinodal - atanh(spinodal) / beta


def bistable(beta: float, h: float) -> bool:
    """Whether both sides are stable: beta > 1 and |h| < h_s(beta)."""
    return beta > 1 and abs(h) < field_width(beta)


def fixed_point(beta: float, h: float = 0.0) -> float:
    """The largest m* with m* = tanh(beta (m* + h)): where a large group ends on the side of A.

    0 for beta <= 1 without a field. .5029, .8468, .9575, .9932 at beta 1.1, 1.47, 2, 2.86.
    """
    from scipy.optimize import brentq

    def excess(m: float) -> float:
        return tanh(beta * (m + h)) - m

    if beta <= 1:
        return 0.0 if h == 0 else float(brentq(excess, -1.0, 1.0, xtol=1e-14))
    spinodal = _spinodal(beta)
    hill, valley = atanh(spinodal) / beta - h, -atanh(spinodal) / beta - h  # where the slope of the excess is zero
    if excess(hill) > 0:
        return float(brentq(excess, max(hill, -1.0), 1.0, xtol=1e-14))
    return float(brentq(excess, -1.0, valley, xtol=1e-14))


def _spinodal(beta: float) -> float:
    """m_s = sqrt(1 - 1/beta), where a side loses its stability; kept below 1."""
    return min(sqrt(1 - 1 / beta), 1 - 2.0**-53)
