"""Looking at a scenario without running it: load, check, explain, schema. Nothing heavy is imported."""

from __future__ import annotations

from typing import Any

from simsoc.core.errors import Problem, ScenarioError
from simsoc.scenario.overrides import Overrides
from simsoc.scenario.spec import Scenario

from .loading import Source, load
from .shelves import SHELVES


def check(scenario: Source, overrides: Overrides = ()) -> Scenario:
    """Load a scenario and build everything up to the first step, without running or asking anybody.

    Also compiles the prompt templates and looks whether API keys are there. Raises ScenarioError or MissingKey.
    """
    from .society import Society

    loaded = load(scenario, overrides)
    problems = list(_prompt_problems(loaded))
    if problems:
        raise ScenarioError(problems)
    society = Society(loaded)
    society.close()
    return loaded


def _prompt_problems(scenario: Scenario) -> list[Problem]:
    """Templates that do not compile, and overrides of templates that do not exist."""
    from simsoc.backends.prompts import Prompts

    return Prompts(scenario.prompts, folder=scenario.folder).problems()


def explain(scenario: Source, overrides: Overrides = (), *, docs: bool = False) -> str:
    """The filled-in scenario as text, defaults marked; with `docs`, what each key means."""
    from simsoc.scenario.explain import explain as lines

    return "\n".join(str(line) for line in lines(load(scenario, overrides), docs=docs))


def schema() -> dict[str, Any]:
    """JSON Schema of scenario files, for editors."""
    from simsoc.scenario.schema import json_schema

    return json_schema(SHELVES)
