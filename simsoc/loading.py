"""One way to read a scenario: the file, the shelves, and whether its parts fit each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from simsoc.core.errors import Problem, ScenarioError
from simsoc.core.shelf import nearest
from simsoc.scenario import arms, published
from simsoc.scenario.load import load as _load
from simsoc.scenario.overrides import Overrides
from simsoc.scenario.spec import Scenario
from simsoc.scenario.telling import path_of
from simsoc.surveys import checks as surveys

from . import midway
from .shelves import SHELVES

Source = str | Path | Mapping[str, Any] | Scenario


def load(scenario: Source, overrides: Overrides = (), *, folder: str | Path | None = None, **more: Any) -> Scenario:
    """Read and check a scenario: a YAML file, a mapping, or one that is loaded already.

    overrides: ``a.b=c`` texts or (dotted key, value) pairs, as ``--set``; also as keywords, ``world__rule__beta=2``.
    folder: where relative paths start, instead of the file's folder (the working folder for a mapping).
    Raises ScenarioError with everything that is wrong, at once.
    """
    given = list(overrides.items()) if isinstance(overrides, Mapping) else list(overrides)
    checks = (_parts_fit, _minds_used, _measures_known, _interventions_fit, _surveys_fit, _arms_fit, _published_fit)
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
                of_world = f"world.{number}.{key}" if key else f"world.{number}"
                yield Problem("", key[1:] if key.startswith("/") else of_world, message)  # "/" is the top


def _minds_used(scenario: Scenario) -> Iterator[Problem]:
    """Minds are asked for only where a world can use them: it says which kinds in `MINDS`."""
    if scenario.minds is None or scenario.minds.kind == "none":
        return
    kind, worlds = scenario.minds.kind, [part.kind for part in scenario.world]
    if not any(kind in getattr(SHELVES["worlds"].get(world), "MINDS", ()) for world in worlds):
        can = [n for n in SHELVES["worlds"].names() if kind in getattr(SHELVES["worlds"].get(n), "MINDS", ())]
        told = (
            f"world {' and '.join(worlds)} has no use for minds '{kind}'. Worlds that have: {', '.join(can) or 'none'}."
        )
        yield Problem("", "minds", told)


def _measures_known(scenario: Scenario) -> Iterator[Problem]:
    """Every measure asked for belongs to one of the worlds."""
    kinds = [part.kind for part in scenario.world]
    known = [name for kind in kinds for name in SHELVES["worlds"].get(kind).MEASURES]
    known += [f"{kind}.{name}" for kind in kinds for name in SHELVES["worlds"].get(kind).MEASURES if len(kinds) > 1]
    for number, measure in enumerate(scenario.measures or ()):
        if measure.name not in known:
            told = f"no '{measure.name}'.{nearest(measure.name, known)} Known: {', '.join(dict.fromkeys(known))}."
            yield Problem("", f"measures.{number}", told)


def _interventions_fit(scenario: Scenario) -> Iterator[Problem]:
    """Every intervention changes what can be changed, to something that could have been loaded."""
    if scenario.interventions:
        sound = not [*_parts_fit(scenario), *_measures_known(scenario)]
        yield from midway.problems(scenario, load, sound=sound)


def _surveys_fit(scenario: Scenario) -> Iterator[Problem]:
    """What surveys ask can be answered, in these worlds."""
    return surveys.problems(scenario, {part.kind: SHELVES["worlds"].get(part.kind) for part in scenario.world})


def _published_fit(scenario: Scenario) -> Iterator[Problem]:
    """Published values belong to arms and measures that there are."""
    if scenario.published is not None and not [*_parts_fit(scenario), *_measures_known(scenario)]:
        yield from published.problems(scenario, taken(scenario))


def taken(scenario: Scenario) -> list[str]:
    """Names of the measures a run of this scenario logs."""
    if scenario.measures is not None:
        return [measure.name for measure in scenario.measures]
    found: list[str] = []
    for part in scenario.world:
        own = SHELVES["worlds"].get(part.kind).MEASURES.values()
        found += [m.name if m.name not in found else f"{part.kind}.{m.name}" for m in own if m.default]
    return found


# -- experiments ---------------------------------------------------------------------------------------------------


def variants(scenario: Scenario) -> Iterator[tuple[arms.Variant, Scenario]]:
    """Every arm at every grid point with its own scenario, in file order; one nameless arm without an experiment.

    Raises ScenarioError at the first that cannot be run; a scenario that was loaded has none.
    """
    single = scenario.alone()
    if scenario.experiment is None:
        yield arms.Variant(0, {}, "", [], {}), single
        return
    for variant in arms.variants(scenario.experiment):
        yield variant, load(single, variant.overrides) if variant.overrides else single


def _arms_fit(scenario: Scenario) -> Iterator[Problem]:
    """Every arm at every grid point is a scenario that can be run, and takes the measures that are compared."""
    if scenario.experiment is None:
        return
    yield from arms.itself(scenario)
    base = [
        *_parts_fit(scenario),
        *_minds_used(scenario),
        *_measures_known(scenario),
        *_surveys_fit(scenario),
    ]
    if base or arms.count(scenario.experiment) > arms.MOST:
        return  # each arm would say the same again
    single, measures = scenario.alone(), dict(enumerate(scenario.experiment.compare.measures or ()))
    for variant in arms.variants(scenario.experiment):
        try:
            arm = load(single, variant.overrides)
        except ScenarioError as error:
            yield from (_of_arm(problem, variant) for problem in error.problems)
            continue
        known = taken(arm)
        for number, name in list(measures.items()):
            if name not in known:
                del measures[number]  # told once
                told = f"arm {variant.arm} takes no '{name}'.{nearest(name, known)} It takes: {', '.join(known)}."
                yield Problem("", f"experiment.compare.measures.{number}", told)


def _of_arm(problem: Problem, variant: arms.Variant) -> Problem:
    """A problem of an arm, told where the override that brought it about is written."""
    path = variant.written.get(problem.where)
    if path is None:
        said = f"{problem.path}: {problem.message}" if problem.path else problem.message
        return Problem("", f"experiment.arms.{variant.arm}", f"{variant.told}: {said}")
    key = path_of(path)[-1] if path.startswith("experiment.arms") else path_of(path)[-2]
    return Problem("", path, problem.message if problem.path in ("", key) else f"{problem.path}: {problem.message}")


def placed(error: ScenarioError, scenario: Scenario) -> ScenarioError:
    """The same error with the file and line of each path, for what is only found while building."""
    return ScenarioError([p if p.where else Problem(_where(p, scenario), p.path, p.message) for p in error.problems])


def _where(problem: Problem, scenario: Scenario) -> str:
    try:
        return scenario.origin.where(problem.path) if problem.path else ""
    except ValueError:
        return ""
