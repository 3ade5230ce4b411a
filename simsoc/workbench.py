"""Looking at a scenario without running it: load, check, explain, schema. Nothing heavy is imported."""

from __future__ import annotations

from typing import Any

from simsoc.core.errors import Problem, ScenarioError
from simsoc.scenario.overrides import Overrides
from simsoc.scenario.spec import Scenario
from simsoc.scenario.telling import told

from .loading import Source, load, variants
from .shelves import SHELVES


def check(scenario: Source, overrides: Overrides = ()) -> Scenario:
    """Load a scenario and build everything up to the first step, without running or asking anybody.

    Building compiles the prompt templates that the scenario brings and looks whether API keys are there. Of an
    experiment every arm is built at every grid point. Raises ScenarioError or MissingKey.
    """
    from .society import Society

    loaded = load(scenario, overrides)
    wrong: list[Problem] = []
    for variant, single in variants(loaded):
        try:
            Society(single).close()
        except ScenarioError as error:
            if loaded.experiment is None:
                raise
            wrong += [p._replace(message=f"{variant.told}: {p.message}") for p in error.problems]
    if wrong:
        raise told(wrong)
    return loaded


def explain(scenario: Source, overrides: Overrides = (), *, docs: bool = False) -> str:
    """The filled-in scenario as text, defaults marked; with `docs`, what each key means."""
    from simsoc.scenario.explain import explain as lines

    return "\n".join(str(line) for line in lines(load(scenario, overrides), docs=docs))


def schema() -> dict[str, Any]:
    """JSON Schema of scenario files, for editors."""
    from simsoc.scenario.schema import json_schema

    return json_schema(SHELVES)
