"""Forks: the past of a run up to a step, and another future.

A fork is the scenario of its parent and one or more interventions before the step after: keys that are set, another
seed (a universe), anything an intervention can do. So its log says all there is to say, and is resumed like any other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simsoc.core.errors import LogError, Problem, ScenarioError
from simsoc.loading import load
from simsoc.scenario.explain import as_data
from simsoc.scenario.overrides import Change, Overrides, changes
from simsoc.scenario.spec import Scenario
from simsoc.scenario.telling import segments
from simsoc.scenario.yaml12 import read_file

from .sitting import Parent, scenario_of

if TYPE_CHECKING:
    from simsoc.runlog.reader import Run

_TELLS = ("name", "question", "source", "expect", "steps", "measures", "surveys", "reuse", "budget", "on_failure")
_SERVER = ("base_url", "key_from", "transport", "slots", "per_minute", "timeout", "retries", "repairs")


def forked(
    run: str | Path | Run,
    at: int,
    overrides: Overrides = (),
    *,
    seed: int | None = None,
    interventions: Sequence[Mapping[str, Any]] = (),
) -> tuple[Scenario, Parent]:
    """The scenario of a fork, and where it comes from.

    run: the parent's log; at: last step of the shared past, 0 for a twin; overrides: keys that are set from the next
    step on, or from the start where they change nothing in the past (`steps`, where a server is, what is measured);
    seed: of the future; interventions: as in a scenario, later than `at`. Raises LogError when the parent has no such
    step, ScenarioError for what cannot be changed.
    """
    path = Path(run if isinstance(run, str | Path) else run.path)
    _has(path, at)
    parent = scenario_of(path, finished=True)
    wanted, wrong = changes(overrides)
    if wrong:
        raise ScenarioError(wrong)
    begun = tuple(as_data(parent).get("interventions", ()))
    new = _new(at, [change for change in wanted if not _changes_nothing(change.key)], seed, interventions)
    outright = [(change.key, change.value) for change in wanted if _changes_nothing(change.key)]
    if parent.experiment is not None:
        outright.append(("experiment", None))  # a fork is one run
    if new:
        outright.append(("interventions", [*begun, *new]))
    scenario = _loaded(parent, outright, len(begun))
    if scenario.steps is not None and scenario.steps <= at:
        told = f"{scenario.steps}, so that nothing comes after step {at}; fork earlier, or write e.g. steps={at + 10}"
        raise ScenarioError.at("steps", told)
    return scenario, Parent(path, at)


def read_interventions(file: Path) -> list[Mapping[str, Any]]:
    """Interventions from a YAML file: a list as under `interventions` in a scenario, or one. Raises ScenarioError."""
    found = read_file(file).data
    items = [found] if isinstance(found, Mapping) else found
    if not isinstance(items, list | tuple) or not all(isinstance(item, Mapping) for item in items):
        raise ScenarioError([Problem(str(file), "", "a list of interventions is expected, each {at: STEP, do: ...}")])
    return list(items)


def _has(path: Path, at: int) -> None:
    """Raises LogError unless this log has this step."""
    from simsoc.runlog.reader import open_run

    with open_run(path) as run:
        steps = run.info["steps"]
    if steps is None:
        raise LogError(f"{path}: not even its start is in the log; there is nothing to fork.")
    if not 0 <= at <= steps:
        raise LogError(f"{path}: there is no step {at} to fork after; the log has steps 0 to {steps}.")


def _new(
    at: int, keys: Sequence[Change], seed: int | None, interventions: Sequence[Mapping[str, Any]]
) -> list[Mapping[str, Any]]:
    """What is done after the fork, in this order: keys, seed, the rest."""
    made: list[Mapping[str, Any]] = []
    if keys:
        made.append({"at": at + 1, "do": {"kind": "set", "keys": dict(keys)}})
    if seed is not None:
        made.append({"at": at + 1, "do": {"kind": "seed", "to": int(seed)}})
    for number, one in enumerate(interventions):
        when = one.get("at")
        if isinstance(when, int) and when <= at:
            told = f"{when} belongs to the past, which ends with step {at}"
            raise ScenarioError([Problem("--intervention", f"{number}.at", told)])
        made.append(one)
    return made


def _changes_nothing(key: str) -> bool:
    """Whether a key may be changed outright, since no event and no answer of the past depends on it."""
    first, *rest = key.removeprefix("population.").split(".")
    return key.split(".")[0] in _TELLS or (first == "backend" and bool(rest) and rest[-1] in _SERVER)


def _loaded(parent: Scenario, outright: list[tuple[str, Any]], begun: int) -> Scenario:
    """The scenario of the fork; what is wrong is told at the key that was given, not where it ended up."""
    try:
        return load(parent, outright)
    except ScenarioError as error:
        raise ScenarioError([_at_key(problem, begun) for problem in error.problems]) from None


def _at_key(problem: Problem, begun: int) -> Problem:
    here = f"interventions.{begun}.do.keys."
    if not problem.path.startswith(here):
        return problem
    return Problem(f"--set {'.'.join(segments(problem.path.removeprefix(here)))}", "", problem.message)
