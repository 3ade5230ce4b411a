"""Looking at a scenario without running it: load, check, explain, schema. Nothing heavy is imported."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from simsoc.core.errors import Problem, ScenarioError
from simsoc.scenario.load import load as _load
from simsoc.scenario.overrides import Overrides
from simsoc.scenario.spec import Scenario

from .shelves import SHELVES

Source = str | Path | Mapping[str, Any] | Scenario


def load(scenario: Source, overrides: Overrides = (), **more: Any) -> Scenario:
    """Read and check a scenario: a YAML file, a mapping, or one that is loaded already.

    overrides: (dotted key, value) pairs, as ``--set``; also as keywords, ``world__rule__beta=2``.
    Raises ScenarioError with everything that is wrong, at once.
    """
    given = list(overrides.items()) if isinstance(overrides, Mapping) else list(overrides)
    return _load(scenario, SHELVES, overrides=[*given, *more.items()])


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
