"""Many runs of one design through the code users run: Society, engine, measures."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from simsoc.loading import load
from simsoc.society import Society

SCENARIOS = Path(__file__).parents[2] / "scenarios"


def runs(name: str, seeds: Iterable[int], see: Callable[[Society], Any], **overrides: Any) -> list[Any]:
    """What `see` sees at the end of a run of a shipped scenario, for each seed."""
    scenario = load(SCENARIOS / f"{name}.yaml", overrides)
    seen = []
    for seed in seeds:
        society = Society(scenario, seed)
        society.run_model()
        seen.append(see(society))
    return seen


def mean(values: list[float]) -> float:
    return math.fsum(values) / len(values)


def standard_error(values: list[float]) -> float:
    centre = mean(values)
    return math.sqrt(math.fsum((x - centre) ** 2 for x in values) / (len(values) - 1) / len(values))


def measure(name: str) -> Callable[[Society], float]:
    return lambda society: society.measured[name]
