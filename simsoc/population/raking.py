"""Raking: weights that make a sample's margins what they are wanted to be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

from pydantic import Field

from simsoc.core.errors import Problem, ScenarioError
from simsoc.core.protocols import People
from simsoc.core.shelf import Strict, nearest

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Share = Annotated[float, Field(ge=0)]


class Raking(Strict):
    """What weights are raked to, and how hard."""

    margins: Annotated[dict[str, Annotated[dict[str, Share], Field(min_length=1)]], Field(min_length=1)]
    """By trait, the share of each value, in any unit; every value that somebody has is named."""
    trim: Annotated[float, Field(gt=1)] = 5.0
    """No weight is more than so many times the mean, nor less than the mean divided by it."""
    rounds: Annotated[int, Field(ge=1, le=10_000)] = 200
    """Most rounds over all margins."""
    tolerance: Annotated[float, Field(gt=0)] = 1e-5
    """Largest difference of a share from what is wanted, at which it is settled."""


class Raked(NamedTuple):
    """Weights, and how it went."""

    weights: list[float]
    """Mean 1 among those that are positive."""
    rounds: int
    off: float
    """Largest difference of a share from what was wanted."""
    trimmed: int
    """Weights at a bound."""

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
    return Raked(w.tolist(), done, max(fit.off(w) for fit in fits), bounds)


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

    def adjust(self, w: NDArray[np.float64]) -> None:
        """Make this margin right."""
        import numpy as np

        have = self._have(w)
        factor = np.divide(self._shares * have.sum(), have, out=np.ones_like(have), where=have > 0)
        w[self._in] *= factor[self._level[self._in]]


def levels_of(people: People, margins: Mapping[str, Mapping[str, float]]) -> list[tuple[list[int], list[float]]]:
    """Margins of traits as `rake` takes them. Raises ScenarioError for traits and values that do not fit the people."""
    wrong: list[Problem] = []
    found = []
    for trait, shares in margins.items():
        values = [str(person[trait]) if trait in person else None for person in people]
        there = list(dict.fromkeys(value for value in values if value is not None))
        at = f"population.rake.margins.{trait}"
        if not there:
            have = sorted({name for person in people for name in person})
            wrong.append(Problem("", at, f"nobody has '{trait}'.{nearest(trait, have)} Known: {', '.join(have[:30])}."))
            continue
        for value in shares:
            if value not in there and shares[value] > 0:
                said = f"nobody has {trait} '{value}'.{nearest(value, there)} There are: {', '.join(there[:12])}."
                wrong.append(Problem("", at, said))
        for value in there:
            if value not in shares:
                count = values.count(value)
                wrong.append(Problem("", at, f"no share is said for '{value}', which {count} people have"))
        if not sum(shares.values()) > 0:
            wrong.append(Problem("", at, "no value has a positive share"))
        places = {value: number for number, value in enumerate(shares)}
        found.append(([-1 if value is None else places.get(value, -1) for value in values], list(shares.values())))
    if wrong:
        raise ScenarioError(wrong)
    return found
