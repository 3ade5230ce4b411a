"""An experiment's arms and grid as overrides of its scenario, and what is wrong with them by themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from math import prod
from typing import Any, NamedTuple, get_args

from simsoc.core.errors import Problem
from simsoc.core.shelf import nearest
from simsoc.core.stream import Stream

from .overrides import label_of
from .spec import Scenario
from .study import Experiment, Rung
from .telling import dotted, segments, shown

_WHOLE = ("experiment", "name", "seed")
"""Keys that are one and the same in all runs of an experiment; a replicate's seed is drawn."""
MOST = 10_000  # arms at grid points; more is a slip, and each is checked


class Variant(NamedTuple):
    """An arm at a point of the grid."""

    point: int
    """Number of the grid point, from 0, in file order: the last key of the grid changes fastest."""
    grid: Mapping[str, Any]
    """The grid's keys with their values here."""
    arm: str
    overrides: list[tuple[str, Any]]
    """Keys and values of both, the grid's first."""
    written: Mapping[str, str]
    """Where each override stands in the scenario, by what messages call it."""

    @property
    def told(self) -> str:
        """The arm and the grid's values, for people."""
        values = ", ".join(f"{key}={shown(value)}" for key, value in self.grid.items())
        return f"arm {self.arm}" + (f" at {values}" if values else "")


def variants(experiment: Experiment) -> Iterator[Variant]:
    """Every arm at every grid point, in file order, the arm changing fastest."""
    places = [[(key, n, value) for n, value in enumerate(values)] for key, values in experiment.grid.items()]
    for point, chosen in enumerate(product(*places)):
        grid = {key: value for key, _, value in chosen}
        written = {label_of(key): dotted(("experiment", "grid", key, n)) for key, n, _ in chosen}
        for arm, changed in experiment.arms.items():
            own = {label_of(key): dotted(("experiment", "arms", arm, key)) for key in changed or {}}
            yield Variant(point, grid, arm, [*grid.items(), *(changed or {}).items()], {**written, **own})


def count(experiment: Experiment) -> int:
    """How many variants there are."""
    return prod(map(len, experiment.grid.values())) * len(experiment.arms)


def seed_of(seed: int, replicate: int) -> int:
    """The seed that all arms of a replicate share; the first replicate keeps the scenario's own."""
    # 53 bits: whatever reads JSON reads these exactly
    return seed if replicate == 0 else Stream(seed, "replicate", replicate).word() >> 11


def itself(scenario: Scenario) -> Iterator[Problem]:
    """What is wrong with an experiment before any arm is looked at."""
    experiment = scenario.experiment
    if experiment is None:
        return
    if not experiment.arms:
        yield Problem("", "experiment.arms", "needs at least one arm, e.g. control: {}")
    many = count(experiment)
    if many > MOST:
        yield Problem("", "experiment", f"arms and grid make {many:,} designs; {MOST:,} are the most")
    yield from _alike(experiment)
    varied = set()
    for key, values in experiment.grid.items():
        path = dotted(("experiment", "grid", key))
        varied.add(_plain(key))
        yield from _may_vary(path, key)
        for n, value in enumerate(values):
            if any(value == other and type(value) is type(other) for other in values[:n]):
                yield Problem("", f"{path}.{n}", f"{shown(value)} is there twice")
    for arm, changed in experiment.arms.items():
        for key in changed or {}:
            path = dotted(("experiment", "arms", arm, key))
            yield from _may_vary(path, key)
            if _plain(key) in varied:
                yield Problem("", path, "the grid varies this key already")
    for number, arm in enumerate(experiment.ladder_of or ()):
        if arm not in experiment.arms:
            arms = list(experiment.arms)
            told = f"no arm '{arm}'.{nearest(arm, arms)} Known: {', '.join(arms)}."
            yield Problem("", f"experiment.ladder_of.{number}", told)
    if experiment.ladder is not False:
        rungs = {f"{arm}.{rung}".lower() for arm in experiment.arms for rung in get_args(get_args(Rung)[0])}
        for arm in experiment.arms:
            if arm.lower() in rungs:
                yield Problem("", dotted(("experiment", "arms", arm)), "the ladder has an arm of this name, too")
    to = experiment.compare.to
    if to is not None and to not in experiment.arms:
        arms = list(experiment.arms)
        yield Problem("", "experiment.compare.to", f"no arm '{to}'.{nearest(to, arms)} Known: {', '.join(arms)}.")


def _alike(experiment: Experiment) -> Iterator[Problem]:
    """Arms name files, and some file systems do not tell small letters from capitals."""
    seen: dict[str, str] = {}
    for arm in experiment.arms:
        other = seen.setdefault(arm.lower(), arm)
        if other != arm:
            yield Problem("", dotted(("experiment", "arms", arm)), f"differs from '{other}' in nothing but capitals")


def _may_vary(path: str, key: str) -> Iterator[Problem]:
    first = _plain(key)[0]
    if first in _WHOLE:
        more = "; replicates have seeds of their own" if first == "seed" else ""
        yield Problem("", path, f"'{first}' is the same in all runs of an experiment{more}")


def _plain(key: str) -> tuple[str, ...]:
    """A dotted key in its parts; `world.0.rule` and `world.rule` are the same."""
    try:
        return tuple(step for step in segments(key.replace("__", ".")) if step != "0")
    except ValueError:
        return (key,)  # told when the arm is loaded
