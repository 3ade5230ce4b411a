"""One way to read a scenario: the file, the shelves, and whether its parts fit each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from simsoc.core.errors import Problem, ScenarioError
from simsoc.scenario.load import load as _load
from simsoc.scenario.overrides import Overrides
from simsoc.scenario.spec import Scenario

from .shelves import SHELVES

Source = str | Path | Mapping[str, Any] | Scenario


def load(scenario: Source, overrides: Overrides = (), *, folder: str | Path | None = None, **more: Any) -> Scenario:
    """Read and check a scenario: a YAML file, a mapping, or one that is loaded already.

    overrides: ``a.b=c`` texts or (dotted key, value) pairs, as ``--set``; also as keywords, ``world__rule__beta=2``.
    folder: where relative paths start, instead of the file's folder (the working folder for a mapping).
    Raises ScenarioError with everything that is wrong, at once.
    """
    given = list(overrides.items()) if isinstance(overrides, Mapping) else list(overrides)
    checks = (_parts_fit, _measures_known)
    return _load(scenario, SHELVES, overrides=[*given, *more.items()], folder=folder, checks=checks)


def _parts_fit(scenario: Scenario) -> Iterator[Problem]:
    """What each world says of the rest of the scenario."""
    kinds = [part.kind for part in scenario.world]
    for number, part in enumerate(scenario.world):
        if part.kind in kinds[:number]:
            yield Problem("", f"world.{number}.kind", f"there is a world '{part.kind}' already; one of each kind")
        check = getattr(SHELVES["worlds"].get(part.kind), "check", None)
        if check is not None:
            for key, message in check(part.given, scenario):
                yield Problem("", f"world.{number}.{key}" if key else f"world.{number}", message)


def _measures_known(scenario: Scenario) -> Iterator[Problem]:
    """Every measure asked for belongs to one of the worlds."""
    from simsoc.core.shelf import nearest

    kinds = [part.kind for part in scenario.world]
    known = [name for kind in kinds for name in SHELVES["worlds"].get(kind).MEASURES]
    known += [f"{kind}.{name}" for kind in kinds for name in SHELVES["worlds"].get(kind).MEASURES if len(kinds) > 1]
    for number, measure in enumerate(scenario.measures or ()):
        if measure.name not in known:
            told = f"no '{measure.name}'.{nearest(measure.name, known)} Known: {', '.join(dict.fromkeys(known))}."
            yield Problem("", f"measures.{number}", told)


def placed(error: ScenarioError, scenario: Scenario) -> ScenarioError:
    """The same error with the file and line of each path, for what is only found while building."""
    return ScenarioError([p if p.where else Problem(_where(p, scenario), p.path, p.message) for p in error.problems])


def _where(problem: Problem, scenario: Scenario) -> str:
    try:
        return scenario.origin.where(problem.path) if problem.path else ""
    except ValueError:
        return ""
