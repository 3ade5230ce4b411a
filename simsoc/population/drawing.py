"""Drawing people from rows with weights: exact quotas, systematic resampling, and what is left of a sample's size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate
from math import fsum
from typing import Annotated, Any

from pydantic import Field

from simsoc.core.errors import Problem, ScenarioError
from simsoc.core.protocols import People
from simsoc.core.shares import largest_remainder
from simsoc.core.shelf import Strict, nearest
from simsoc.core.stream import Stream, draw

from .who import fits

Share = Annotated[float, Field(ge=0)]


class Cell(Strict):
    """A part of the people that is to have a given share."""

    traits: Annotated[dict[str, Any], Field(min_length=1)]
    """Who belongs to it, as `traits` of a `who`: a value, a list of values, or a comparison."""
    share: Share
    """Its share, in any unit: shares are taken relative to their sum."""


Quotas = (
    Annotated[Mapping[str, Annotated[Mapping[str, Share], Field(min_length=1)]], Field(min_length=1)]
    | Annotated[Sequence[Cell], Field(min_length=1)]
)
"""One trait with the share of each value, or a list of cells."""


class Counted:
    """Cells with the exact number of people in each."""

    def __init__(self, quotas: Any, n: int) -> None:
        self.cells = _cells(quotas)
        if not fsum(cell.share for cell in self.cells) > 0:
            raise ScenarioError.at("population.quotas", "no cell has a positive share")
        self.counts = largest_remainder(n, [cell.share for cell in self.cells])
        """People in each cell, by largest remainder: they add up to n."""

    def of(self, person: Mapping[str, Any]) -> int | None:
        """The cell somebody belongs to, or None. Raises ScenarioError where there are two."""
        found = [number for number, cell in enumerate(self.cells) if fits(person, cell.traits)]
        if len(found) > 1:
            said = " and ".join(self.told(number) for number in found[:2])
            raise ScenarioError.at("population.quotas", f"cells overlap: somebody is in both {said}")
        return found[0] if found else None

    def told(self, number: int) -> str:
        """A cell in words."""
        return ", ".join(f"{trait}: {value}" for trait, value in self.cells[number].traits.items())

    def problems(self, people: People) -> list[Problem]:
        """Traits and values that nobody has, with the nearest guess, and cells that are to be filled with nobody."""
        wrong = []
        for number, cell in enumerate(self.cells):
            if self.counts[number] == 0 or any(fits(person, cell.traits) for person in people):
                continue
            for trait, value in cell.traits.items():
                known = list(dict.fromkeys(str(person[trait]) for person in people if trait in person))
                if not known:
                    have = sorted({name for person in people for name in person})
                    wrong.append(Problem("", "population.quotas", f"nobody has '{trait}'.{nearest(trait, have)}"))
                    break
                if not isinstance(value, list | tuple | Mapping) and str(value) not in known:
                    near = nearest(str(value), known)
                    said = f"nobody has {trait} '{value}'.{near} There are: {', '.join(known[:12])}."
                    wrong.append(Problem("", "population.quotas", said))
                    break
            else:
                wrong.append(Problem("", "population.quotas", f"nobody belongs to the cell {self.told(number)}"))
        return wrong


def _cells(quotas: Any) -> list[Cell]:
    """Cells, in the order written."""
    if not isinstance(quotas, Mapping):
        return [one if isinstance(one, Cell) else Cell.model_validate(one) for one in quotas]
    if len(quotas) > 1:
        told = f"shares of {' and of '.join(quotas)} leave open how many are in both: say cells, or rake to margins"
        raise ScenarioError.at("population.quotas", f"{told}: [{{traits: {{a: x, b: y}}, share: 3}}, ...]")
    ((trait, shares),) = quotas.items()
    return [Cell(traits={trait: value}, share=float(share)) for value, share in shares.items()]


def dealt(seed: int, counts: Sequence[int]) -> list[int]:
    """The cell of each of the people, so many of each as counted, in an order by lot."""
    n = sum(counts)
    ends = list(accumulate(counts))
    order = sorted(range(n), key=lambda agent: (draw(seed, "population", "cell", agent), agent))
    cells = [0] * n
    for place, agent in enumerate(order):
        cells[agent] = next(number for number, end in enumerate(ends) if place < end)
    return cells


def systematic(weights: Sequence[float], n: int, stream: Stream) -> list[int]:
    """How often each row is taken when n are drawn: the floor or the ceiling of n times its share, exactly.

    Rows are laid end to end, as long as their weights, and n points set at equal distances from one random start (Madow
    1949; "systematic resampling"). So a sorted list is stratified by what it is sorted by. weights: not negative, one
    of them positive. Worked out in whole numbers: no rounding adds or loses anybody.
    """
    grains = [int(weight * 2.0**60) for weight in weights]
    total, start = sum(grains), stream.word() >> 11
    if total <= 0:
        raise ValueError("no positive weight to draw by")
    before, taken = 0, []
    for reached in accumulate(grains):
        upto = max(
            0, -((start * total - (reached * n << 53)) // (total << 53))
        )  # points k with k + start below reached
        taken.append(upto - before)
        before = upto
    return taken


def placed(seed: int, rows: Sequence[int]) -> list[int]:
    """The rows in an order by lot: who is drawn next to whom says nothing."""
    order = sorted(range(len(rows)), key=lambda place: (draw(seed, "population", "place", place), place))
    return [rows[place] for place in order]


def effective(weights: Sequence[float]) -> float:
    """How many people without weights would say as much (Kish 1965): (sum w)^2 / sum w^2. 0 for nobody."""
    squares = fsum(weight * weight for weight in weights)
    return fsum(weights) ** 2 / squares if squares else 0.0
