"""Numbers taken from opinions, ties and choices: pure functions, each with its formula, source and limits.

A world lists what it measures with `Measure`, once; the DataCollector, the run log and the tables all read that list.
The functions stand in `opinion`, `force`, `inequality`, `kernel`, `ties`, `prior` and `summary`; what is said of paired
runs in `paired`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple


class Average(NamedTuple):
    """What a measure averages, so that one can say what decisions without an answer may have made of it."""

    missing: Callable[[Any, Sequence[int]], Sequence[float] | None]
    """Takes the log of a run and steps of it, ascending; gives for each step the largest share of what would have been
    averaged then that decisions without an answer may have kept out. None where no share bounds it."""
    low: float
    high: float
    """The range of one thing that is averaged."""
    kept: bool = False
    """Whether who gave no answer still counts, with what it held before; else what is missing is in no average."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A number that can be taken from a world at the end of a step."""

    name: str
    """Column name, such as `magnetisation`."""
    unit: str
    """Range or unit, such as `-1..1`, `share`, `sweeps`."""
    meaning: str
    """What it says, with the formula, in a sentence."""
    of: Callable[[Any], float | None]
    """The number, taken from the world; None where it is not defined."""
    default: bool = True
    """Whether it is taken when the scenario names no measures."""
    packages: tuple[str, ...] = ()
    """Distributions that it needs besides those that every run does."""
    average: Average | None = None
    """What it averages, or what the number is made from that is averaged; None for what is no average."""

    @property
    def bounds(self) -> tuple[float, float] | None:
        """The range that the unit declares (`-1..1`, `share`), or None."""
        if self.unit == "share":
            return (0.0, 1.0)
        found = re.fullmatch(rf"({_NUMBER})\.\.({_NUMBER})", self.unit)
        return (float(found[1]), float(found[2])) if found is not None else None


_NUMBER = r"-?\d+(?:\.\d+)?"
