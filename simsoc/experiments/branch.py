"""Universes of a run: the same past up to a step, and as many futures, each with a seed of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simsoc.core.errors import ScenarioError
from simsoc.loading import load, taken
from simsoc.runlog.reader import open_run
from simsoc.scenario.arms import seed_of
from simsoc.scenario.explain import as_data
from simsoc.scenario.overrides import Overrides
from simsoc.scenario.spec import Scenario
from simsoc.society.forking import forked
from simsoc.society.sitting import Parent

from .layout import Plan, Planned

if TYPE_CHECKING:
    from simsoc.runlog.reader import Run

ARM = "universe"


def branched(
    run: str | Path | Run,
    at: int,
    k: int,
    overrides: Overrides = (),
    interventions: Sequence[Mapping[str, Any]] = (),
) -> Plan:
    """K futures of a run from a step on. Universe 0 keeps the seed of the run, so that it is the run as it went on.

    overrides, interventions: as for a fork, the same in all universes. Raises as `forked`.
    """
    scenario, parent = forked(run, at, overrides, interventions=interventions)
    _goes_on(parent, scenario)
    return futures(load(scenario, {"experiment": {"arms": {ARM: None}, "replicates": k}}), parent)


def _goes_on(parent: Parent, scenario: Scenario) -> None:
    """Raises ScenarioError where a run has ended by itself at the step from which it is to go on."""
    with open_run(parent.path) as run:
        ended = run.info["status"] == "finished" and run.info["steps"] == parent.at
    if ended and scenario.steps is None:
        told = f"{parent.at}, but the run has ended by itself there, so that nothing comes after; part earlier"
        raise ScenarioError.at("at", told)


def futures(whole: Scenario, parent: Parent) -> Plan:
    """The plan of such an experiment: the scenario of universe 0, with how many there are under `experiment`."""
    assert whole.experiment is not None
    single, runs = whole.alone(), []
    begun = tuple(as_data(single).get("interventions", ()))
    for replicate in range(whole.experiment.replicates):
        seed = seed_of(whole.seed, replicate)
        other = {"at": parent.at + 1, "do": {"kind": "seed", "to": seed}}
        scenario = load(single, {"interventions": [*begun, other]}) if replicate else single
        runs.append(Planned(ARM, {}, 0, replicate, seed, f"{ARM}-r{replicate:03}.db", scenario, parent=parent))
    return Plan(whole, runs, [ARM], ARM, tuple(taken(single)), branch=parent)
