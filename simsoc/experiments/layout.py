"""The layout of an experiment: every run, in file order, before anything is run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from simsoc.loading import Source, load, taken, variants
from simsoc.scenario.arms import Variant, seed_of
from simsoc.scenario.overrides import Overrides
from simsoc.scenario.spec import Scenario
from simsoc.scenario.study import Experiment
from simsoc.society.sitting import Parent

from .ladder import rungs


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
    of: str = ""
    """The arm whose ladder this is a rung of; empty for an arm as written."""
    rung: str = ""
    """Which rung."""
    parent: Parent | None = None
    """The run that it is forked from."""

    @property
    def told(self) -> str:
        """Which run this is, for people."""
        return self.file.removesuffix(".db")


class LeftOut(NamedTuple):
    """A rung that an arm cannot have."""

    point: int
    arm: str
    rung: str
    why: str


class Plan(NamedTuple):
    """An experiment laid out."""

    scenario: Scenario
    """The scenario with its experiment."""
    runs: Sequence[Planned]
    """By grid point, then replicate, then arm, each in file order; rungs of the ladder after the arms."""
    arms: Sequence[str]
    to: str
    """The arm the others are held against."""
    measures: Sequence[str]
    """What is compared."""
    left_out: Sequence[LeftOut] = ()
    """Rungs of the ladder that could not be made."""
    branch: Parent | None = None
    """The run of which all runs are other futures."""


def lay_out(scenario: Source, overrides: Overrides = (), *, ladder: bool = False, **more: Any) -> Plan:
    """Every run that a scenario stands for; one, where it has no experiment.

    overrides: as for `load`; they come before those of grid and arms. ladder: with all rungs of the null ladder, where
    the scenario does not say which. Raises ScenarioError with everything that is
    wrong in any arm.
    """
    whole = load(scenario, overrides, **more)
    if whole.experiment is None:
        whole = load(whole, {"experiment": {"arms": {"base": {}}}})
    if ladder and whole.experiment is not None and whole.experiment.ladder in (False, ()):
        whole = load(whole, {"experiment.ladder": True})
    experiment = whole.experiment
    assert experiment is not None
    made = list(variants(whole))
    several = len({variant.point for variant, _ in made}) > 1
    by_point: dict[int, list[tuple[int, Planned]]] = {}
    arms: dict[str, None] = dict.fromkeys(experiment.arms)
    left_out: list[LeftOut] = []
    for variant, single in made:
        prefix = f"p{variant.point}-" if several else ""
        for arm, of, rung, scenario_of in _with_rungs(variant, single, experiment, left_out):
            arms[arm] = None
            for replicate in range(experiment.replicates):
                seed = seed_of(whole.seed, replicate)
                file = f"{prefix}{arm}-r{replicate:03}.db"
                run = _replicate(scenario_of, experiment, whole.seed, seed)
                planned = Planned(arm, dict(variant.grid), variant.point, replicate, seed, file, run, of, rung)
                by_point.setdefault(variant.point, []).append((replicate, planned))
    order = [sorted(point, key=lambda pair: (pair[0], bool(pair[1].rung))) for point in by_point.values()]
    runs = [run for point in order for _, run in point]
    measures = experiment.compare.measures or taken(made[0][1])
    to = experiment.compare.to or next(iter(experiment.arms))
    named = [*experiment.arms, *(arm for arm in arms if arm not in experiment.arms)]
    return Plan(whole, runs, named, to, tuple(measures), left_out)


def _with_rungs(
    variant: Variant, single: Scenario, experiment: Experiment, left_out: list[LeftOut]
) -> Iterator[tuple[str, str, str, Scenario]]:
    """An arm and the rungs of its ladder: name, the arm it is a rung of, which rung, scenario."""
    yield variant.arm, "", "", single
    if experiment.ladder is False or variant.arm not in (experiment.ladder_of or experiment.arms):
        return
    for rung in rungs(single, experiment.ladder):
        if rung.scenario is None:
            left_out.append(LeftOut(variant.point, variant.arm, rung.name, rung.why))
        else:
            yield f"{variant.arm}.{rung.name}", variant.arm, rung.name, rung.scenario


def _replicate(single: Scenario, experiment: Experiment, held: int, seed: int) -> Scenario:
    """The scenario of one run: the replicate's seed, and the experiment's own for what is held."""
    changed: dict[str, Any] = {"seed": seed}
    if experiment.hold and seed != held:
        own: dict[str, int] = {n: held for n in experiment.hold if getattr(single.seeds, n) is None}
        if own:
            changed["seeds"] = single.seeds.model_copy(update=own)
    return single.model_copy(update=changed)
