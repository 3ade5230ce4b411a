"""Looking at a scenario without running it: load, check, explain, schema. Nothing heavy is imported."""

from __future__ import annotations

from typing import Any

from simsoc.scenario.overrides import Overrides
from simsoc.scenario.spec import Scenario

from .loading import Source, load
from .shelves import SHELVES


def check(scenario: Source, overrides: Overrides = ()) -> Scenario:
    """Load a scenario and build everything up to the first step, without running or asking anybody.

    Building compiles the prompt templates that the scenario brings and looks whether API keys are there.
    Raises ScenarioError or MissingKey.
    """
    from .society import Society

    loaded = load(scenario, overrides)
    Society(loaded).close()
    return loaded


def explain(scenario: Source, overrides: Overrides = (), *, docs: bool = False) -> str:
    """The filled-in scenario as text, defaults marked; with `docs`, what each key means."""
    from simsoc.scenario.explain import explain as lines

    return "\n".join(str(line) for line in lines(load(scenario, overrides), docs=docs))


def schema() -> dict[str, Any]:
    """JSON Schema of scenario files, for editors."""
    from simsoc.scenario.schema import json_schema

    return json_schema(SHELVES)
