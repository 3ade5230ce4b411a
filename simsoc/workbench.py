"""Looking at a scenario without running it: load, check, explain, schema. Nothing heavy is imported."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from simsoc.core.errors import Problem, ScenarioError
from simsoc.population.margins import lines
from simsoc.scenario import telling
from simsoc.scenario.overrides import Overrides
from simsoc.scenario.spec import Scenario

from .loading import Source, load, variants
from .shelves import SHELVES


def check(
    scenario: Source,
    overrides: Overrides = (),
    told: Callable[[str], None] | None = None,
    hinted: Callable[[str], None] | None = None,
) -> Scenario:
    """Load a scenario and build everything up to the first step, without running or asking anybody.

    Building compiles the prompt templates that the scenario brings and looks whether API keys are there. Of an
    experiment every arm is built at every grid point. told: is told how the people came about, line by line, once where
    arms have the same. hinted: what is allowed and hardly meant. Raises ScenarioError or MissingKey.
    """
    from .society import Society
    from .society.hints import hints

    loaded = load(scenario, overrides)
    wrong: list[Problem] = []
    seen: list[list[str]] = []
    for variant, single in variants(loaded):
        try:
            society = Society(single)
            society.close()
            if hinted is not None:
                for hint in hints(society):
                    hinted(f"{variant.told}: {hint}" if loaded.experiment is not None else hint)
            said = lines(society.peopled)
            if told is not None and said and said not in seen:
                seen.append(said)
                for line in said:
                    told(line)
        except ScenarioError as error:
            if loaded.experiment is None:
                raise
            wrong += [p._replace(message=f"{variant.told}: {p.message}") for p in error.problems]
    if wrong:
        raise telling.told(wrong)
    return loaded


def explain(scenario: Source, overrides: Overrides = (), *, docs: bool = False) -> str:
    """The filled-in scenario as text, defaults marked; with `docs`, what each key means."""
    from simsoc.scenario.explain import explain as lines

    return "\n".join(str(line) for line in lines(load(scenario, overrides), docs=docs))


def schema() -> dict[str, Any]:
    """JSON Schema of scenario files, for editors."""
    from simsoc.scenario.schema import json_schema

    return json_schema(SHELVES)
