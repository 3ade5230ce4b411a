"""Numbers taken from opinions, ties and choices: pure functions, each with its formula, source and limits.

A world lists what it measures with `Measure`, once; the DataCollector, the run log and the tables all read that list.
The functions stand in `opinion`, `force`, `inequality`, `kernel`, `ties`, `prior` and `summary`; what is said of paired
runs in `paired`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


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

    @property
    def bounds(self) -> tuple[float, float] | None:
        """The range that the unit declares (`-1..1`, `share`), or None."""
        if self.unit == "share":
            return (0.0, 1.0)
        found = re.fullmatch(rf"({_NUMBER})\.\.({_NUMBER})", self.unit)
        return (float(found[1]), float(found[2])) if found is not None else None


_NUMBER = r"-?\d+(?:\.\d+)?"
