"""The layout of an experiment: every run, in file order, before anything is run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from simsoc.loading import Source, load, taken, variants
from simsoc.scenario.arms import seed_of
from simsoc.scenario.overrides import Overrides
from simsoc.scenario.spec import Experiment, Scenario


class Planned(NamedTuple):
    """One run of an experiment."""

    arm: str
    grid: Mapping[str, Any]
    """The keys that the grid varies, with their values here."""
    point: int
    """Number of the grid point, from 0."""
    replicate: int
    """From 0."""
    seed: int
    """That of the replicate: the same in every arm and at every grid point."""
    file: str
    """Name of its log in the folder of the experiment."""
    scenario: Scenario
    """As it is run, checked."""

    @property
    def told(self) -> str:
        """Which run this is, for people."""
        return self.file.removesuffix(".db")


class Plan(NamedTuple):
    """An experiment laid out."""

    scenario: Scenario
    """The scenario with its experiment."""
    runs: Sequence[Planned]
    """By grid point, then replicate, then arm, each in file order."""
    arms: Sequence[str]
    to: str
    """The arm the others are held against."""
    measures: Sequence[str]
    """What is compared."""


def lay_out(scenario: Source, overrides: Overrides = (), **more: Any) -> Plan:
    """Every run that a scenario stands for; one, where it has no experiment.

    overrides: as for `load`; they come before those of grid and arms. Raises ScenarioError with everything that is
    wrong in any arm.
    """
    whole = load(scenario, overrides, **more)
    if whole.experiment is None:
        whole = load(whole, {"experiment": {"arms": {"base": {}}}})
    experiment = whole.experiment
    assert experiment is not None
    made = list(variants(whole))
    several = len({variant.point for variant, _ in made}) > 1
    by_point: dict[int, list[tuple[int, Planned]]] = {}
    for variant, single in made:
        for replicate in range(experiment.replicates):
            seed = seed_of(whole.seed, replicate)
            prefix = f"p{variant.point}-" if several else ""
            run = Planned(
                arm=variant.arm,
                grid=dict(variant.grid),
                point=variant.point,
                replicate=replicate,
                seed=seed,
                file=f"{prefix}{variant.arm}-r{replicate:03}.db",
                scenario=_replicate(single, experiment, whole.seed, seed),
            )
            by_point.setdefault(variant.point, []).append((replicate, run))
    runs = [run for point in by_point.values() for _, run in sorted(point, key=lambda pair: pair[0])]
    arms = list(experiment.arms)
    measures = experiment.compare.measures or taken(made[0][1])
    return Plan(whole, runs, arms, experiment.compare.to or arms[0], tuple(measures))


def _replicate(single: Scenario, experiment: Experiment, held: int, seed: int) -> Scenario:
    """The scenario of one run: the replicate's seed, and the experiment's own for what is held."""
    changed: dict[str, Any] = {"seed": seed}
    if experiment.hold and seed != held:
        own: dict[str, int] = {n: held for n in experiment.hold if getattr(single.seeds, n) is None}
        if own:
            changed["seeds"] = single.seeds.model_copy(update=own)
    return single.model_copy(update=changed)
