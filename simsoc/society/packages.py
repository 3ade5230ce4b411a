"""Which packages a scenario takes beside those that every run does: of its scorers, models, embedders and others."""

from __future__ import annotations

from collections.abc import Iterator

from simsoc.backends import packages_of
from simsoc.scenario.parts import within
from simsoc.scenario.spec import BackendSpec, Scenario
from simsoc.shelves import SHELVES


def packages(scenario: Scenario) -> list[str]:
    """Names of distributions, sorted; nothing is imported for it that the run does not import.

    Known are those of the parts that the scenario names at its start, not of what an intervention sets later on.
    """
    return sorted({*_of_parts(scenario), *_of_measures(scenario)})


def _of_parts(scenario: Scenario) -> Iterator[str]:
    for shelf, one in within(scenario):
        if isinstance(one, BackendSpec):
            yield from packages_of(one)
        elif shelf in SHELVES and not SHELVES[shelf].is_file(one.kind):
            yield from SHELVES[shelf].packages(one.kind)


def _of_measures(scenario: Scenario) -> Iterator[str]:
    named = None if scenario.measures is None else {one.name for one in scenario.measures}
    for part in scenario.world:
        for name, measure in getattr(SHELVES["worlds"].get(part.kind), "MEASURES", {}).items():
            taken = measure.default if named is None else bool(named & {name, f"{part.kind}.{name}"})
            yield from measure.packages if taken else ()
