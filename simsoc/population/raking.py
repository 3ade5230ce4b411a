"""Raking: weights that make a sample's margins what they are wanted to be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

from pydantic import Field

from simsoc.core.shelf import Strict

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Share = Annotated[float, Field(ge=0)]
Crossed = Share | dict[str, Share | dict[str, Share]]
"""A share; or, by value of a further trait, shares within it."""


class Raking(Strict):
    """What weights are raked to, and how hard."""

    margins: Annotated[dict[str, Annotated[dict[str, Crossed], Field(min_length=1)]], Field(min_length=1)]
    """By trait, the share of each value, in any unit; every value that somebody has is named. A margin of two traits
    or three is called `party x gender` and has shares within shares: `{democrat: {male: 20, female: 25}, ...}`."""
    trim: Annotated[float, Field(gt=1)] = 5.0
    """No weight is more than so many times the mean, nor less than the mean divided by it."""
    rounds: Annotated[int, Field(ge=1, le=10_000)] = 200
    """Most rounds over all margins."""
    tolerance: Annotated[float, Field(gt=0)] = 1e-5
    """Largest difference of a share from what is wanted at which it is settled; if it does not, that is an error."""


class Raked(NamedTuple):
    """Weights, and how it went."""

    weights: list[float]
    """Mean 1 among those that are positive."""
    rounds: int
    off: float
    """Largest difference of a share from what was wanted."""
    trimmed: int
    """Weights at a bound."""
    worst: tuple[int, int]
    """Margin and level at which it is furthest off."""
    has: float
    """The share there."""

    def told(self, margins: Sequence[str], tolerance: float) -> dict[str, Any]:
        """For the log; the difference in points of percent."""
        return {
            "margins": list(margins),
            "rounds": self.rounds,
            "settled": self.off <= tolerance,
            "off": round(100 * self.off, 9),
            "trimmed": self.trimmed,
        }


def rake(
    weights: Sequence[float],
    margins: Sequence[tuple[Sequence[int], Sequence[float]]],
    *,
    trim: float = 5.0,
    rounds: int = 200,
    tolerance: float = 1e-5,
) -> Raked:
    """Iterative proportional fitting (Deming and Stephan 1940) of weights to margins, trimmed in every round.

    weights: not negative, some positive. margins: for each, the level of every row (-1 where it has none: it keeps its
    weight then) and the share of every level, which is that among the rows with a level. trim: as in `Raking`; with
    tight bounds the margins are met as closely as these allow. Raises ValueError for a level that is wanted, but that
    no row has.
    """
    import numpy as np

    w: NDArray[np.float64] = np.array(weights, float)
    w *= (w > 0).sum() / w.sum()
    fits = [_Margin(levels, shares) for levels, shares in margins]
    done = 0
    while max(fit.off(w) for fit in fits) > tolerance and done < rounds:
        for fit in fits:
            fit.adjust(w)
        w[w > 0] = _bounded(w[w > 0], trim)
        done += 1
    bounds = int(((w >= trim * 0.999) | ((w > 0) & (w <= 1.001 / trim))).sum())
    margin = max(range(len(fits)), key=lambda number: fits[number].off(w))
    level, has = fits[margin].worst(w)
    return Raked(w.tolist(), done, fits[margin].off(w), bounds, (margin, level), has)


def _bounded(w: NDArray[np.float64], trim: float) -> NDArray[np.float64]:
    """Positive weights in proportion, cut where they are above `trim` times their mean or below a trim-th of it.

    The mean is 1: the factor is found by halving, since cutting changes the mean again.
    """
    import numpy as np

    low, high = 0.0, 1.0
    while np.clip(w * high, 1 / trim, trim).mean() < 1:
        high *= 2
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if np.clip(w * middle, 1 / trim, trim).mean() < 1 else (low, middle)
    found: NDArray[np.float64] = np.clip(w * high, 1 / trim, trim)
    return found


class _Margin:
    """One margin: who is in which level, and what their shares are to be."""

    def __init__(self, levels: Sequence[int], shares: Sequence[float]) -> None:
        import numpy as np

        self._level = np.array(levels)
        self._in = self._level >= 0
        self._shares = np.array(shares, float) / sum(shares)
        there = np.bincount(self._level[self._in], minlength=len(shares))
        if ((there == 0) & (self._shares > 0)).any():
            raise ValueError(f"no row has level {int(np.nonzero((there == 0) & (self._shares > 0))[0][0])}")

    def _have(self, w: NDArray[np.float64]) -> NDArray[np.float64]:
        import numpy as np

        return np.bincount(self._level[self._in], weights=w[self._in], minlength=len(self._shares)).astype(float)

    def off(self, w: NDArray[np.float64]) -> float:
        """Largest difference of a share from what is wanted."""
        have = self._have(w)
        return float(abs(have / have.sum() - self._shares).max())

    def worst(self, w: NDArray[np.float64]) -> tuple[int, float]:
        """The level that is furthest from what is wanted, and its share."""
        have = self._have(w)
        level = int(abs(have / have.sum() - self._shares).argmax())
        return level, float(have[level] / have.sum())

    def adjust(self, w: NDArray[np.float64]) -> None:
        """Make this margin right."""
        import numpy as np

        have = self._have(w)
        factor = np.divide(self._shares * have.sum(), have, out=np.ones_like(have), where=have > 0)
        w[self._in] *= factor[self._level[self._in]]
